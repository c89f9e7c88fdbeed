// Package payroll holds the nouns and the rules of payseal: what an employee, a
// salary slip and a payroll run are, which states they pass through, what holds
// a slip back and what may happen to it on its way.
//
// It knows nothing of SQL, HTTP, OpenPGP or SMTP and imports nothing of ours;
// every other room imports it. Read [Slip] and [Run] first.
//
// # Glossary
//
//   - employee: a person in the company's roster, known by an exact employee
//     number and by nothing else.
//   - slip: what one employee earned in one period; the thing that is sent.
//   - run: all slips of one payroll file; imported, submitted and approved as one.
//   - period: the calendar month that is paid for; pay date: the day the money moves.
//   - pin: what approval fixed for a slip (number, address, certificate, contents).
//   - hold: a reason for which a slip is not sent, and who can remove it.
//   - attempt: one try at handing a sealed slip to the relay; outcome: its result.
//   - finding: one remark about one place in a file that was read.
//   - twin: two employees who are easily taken for each other.
//   - maker, approver, operator, auditor: the roles of the people who run payseal.
//   - letterhead: the company's name, address, colour and logo on the page.
package payroll
