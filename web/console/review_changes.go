package console

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/payseal/payseal/payroll"
)

// holdOrder are the reasons to hold that are known before a run is sent, the most
// telling first.
var holdOrder = []payroll.HoldReason{
	payroll.HoldTwin, payroll.HoldLeft, payroll.HoldRevoked, payroll.HoldExpired, payroll.HoldChangeFreeze,
	payroll.HoldNotVerified, payroll.HoldNoCertificate, payroll.HoldOnPaper,
}

// holdWords are the reasons as they stand in a list.
func holdWords(reason payroll.HoldReason) string {
	words := map[payroll.HoldReason]string{
		payroll.HoldTwin: "Twins that nobody has acknowledged", payroll.HoldLeft: "Left before the month",
		payroll.HoldRevoked: "Certificate revoked", payroll.HoldExpired: "Certificate expired",
		payroll.HoldChangeFreeze: "Changed too close to the pay date", payroll.HoldNotVerified: "Certificate not verified",
		payroll.HoldNoCertificate: "No certificate", payroll.HoldOnPaper: "On paper, by choice",
	}
	if word, known := words[reason]; known {
		return word
	}
	return string(reason)
}

// changedRows are what is other than in the run before: a row for each thing.
func changedRows(ctx context.Context, s *Server, run payroll.Run, found payroll.Inspection, after cursor, limit int) ([]Row, *cursor, error) {
	number := func(c payroll.ChangedSince) payroll.EmployeeNumber { return c.Employee }
	changed, next := cut(goOn(found.Changed, number, after), limit, func(c payroll.ChangedSince) cursor { return cursor{first: string(c.Employee)} })
	numbers := make([]payroll.EmployeeNumber, len(changed))
	for i, c := range changed {
		numbers[i] = c.Employee
	}
	named, err := s.namedIn(ctx, run.ID, numbers)
	var rows []Row
	for _, c := range changed {
		p := named[c.Employee]
		person := personCell(run.ID, p, c.Employee)
		if c.Address {
			rows = append(rows, Row{Cells: []Cell{
				person, {Text: "Mail address"}, {Text: string(p.EmailBefore)}, {Text: string(p.Email)}, s.changedBy(p.EmailBy, p.EmailAt, ""),
			}})
		}
		if c.Certificate || c.First {
			rows = append(rows, Row{Cells: []Cell{
				person, {Text: certificateChange(c, p)}, keyCell(p.FingerprintBefore), keyCell(p.Fingerprint),
				s.changedBy(p.HandedInBy, p.Since, checkedWords(p)),
			}})
		}
	}
	return rows, next, err
}

func certificateChange(c payroll.ChangedSince, p payroll.Reviewed) string {
	switch {
	case c.First:
		return "First certificate"
	case p.Fingerprint == "":
		return "Certificate gone"
	}
	return "Another certificate"
}

func keyCell(f payroll.Fingerprint) Cell {
	if f == "" {
		return Cell{Missing: "none"}
	}
	return Cell{Text: f.Grouped(), Code: true}
}

// changedBy says who brought something, from where and when.
func (s *Server) changedBy(by payroll.AdminName, at *time.Time, more string) Cell {
	var cell Cell
	switch by {
	case payroll.Themself:
		cell.Text = "the employee, in the form"
	case payroll.Machine:
		cell.Text = "the HR database"
	case "":
		cell.Missing = "nobody knows"
	default:
		cell.Text = "HR: " + string(by)
	}
	var hints []string
	if at != nil {
		hints = append(hints, moment(at.In(s.Company.Zone)))
	}
	if more != "" {
		hints = append(hints, more)
	}
	cell.Hint = strings.Join(hints, "; ")
	return cell
}

// checkedWords say who compared the fingerprint of the certificate that is new.
func checkedWords(p payroll.Reviewed) string {
	switch {
	case p.Fingerprint == "":
		return ""
	case len(p.CheckedBy) > 0:
		return "fingerprint compared by " + joinNames(p.CheckedBy)
	case p.Step == payroll.StepCertified:
		return "its owner signed for it with the one before"
	}
	return "fingerprint not compared"
}

// letterheadCheck is whether slips will look as last month's did.
type letterheadCheck struct {
	Same       bool
	First      bool // there is no run before
	NowHref    string
	BeforeHref string // "" if what it was is not known any more
	Digest     string
}

// lookBack is how many letterheads of before are compared.
const lookBack = 24

func (s *Server) reviewLetterhead(ctx context.Context, _ *visit, _ payroll.Inspection, page *reviewPage) error {
	check := letterheadCheck{Digest: s.Letterhead().Digest(), NowHref: runPath(page.Run.ID, "review", "letterhead", "now.pdf")}
	before, err := s.letterheadBefore(ctx, page.Run)
	if err != nil {
		return err
	}
	check.First, check.Same = before == "", before == check.Digest
	if !check.First && !check.Same {
		past, err := s.Desk.SettingsHistory(ctx, 0, lookBack)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(past, func(p payroll.ConfirmedSettings) bool { return s.redrawn(p, before) != nil }) {
			check.BeforeHref = runPath(page.Run.ID, "review", "letterhead", "before.pdf")
		}
	}
	page.Letterhead = check
	return nil
}

// letterheadBefore is the digest of the letterhead of the run before; "" if there
// is none.
func (s *Server) letterheadBefore(ctx context.Context, run payroll.Run) (string, error) {
	if run.Compared == 0 {
		return "", nil
	}
	other, err := s.Desk.Run(ctx, run.Compared)
	return other.Letterhead, err
}
