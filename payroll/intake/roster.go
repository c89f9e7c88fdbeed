package intake

import (
	"strings"

	"golang.org/x/net/idna"

	"github.com/payseal/payseal/payroll"
)

// Roster is the company's employees by their exact number.
type Roster struct {
	employees []payroll.Employee
	byNumber  map[payroll.EmployeeNumber]int32
}

// NewRoster makes a roster of employees, which it keeps; their numbers differ.
func NewRoster(employees []payroll.Employee) *Roster {
	r := &Roster{employees: employees, byNumber: make(map[payroll.EmployeeNumber]int32, len(employees))}
	for i := range employees {
		r.byNumber[employees[i].Number] = int32(i) // a company has fewer
	}
	return r
}

// Employee finds an employee by the exact number. A nil roster has none.
func (r *Roster) Employee(number payroll.EmployeeNumber) (payroll.Employee, bool) {
	if r == nil {
		return payroll.Employee{}, false
	}
	i, found := r.byNumber[number]
	if !found {
		return payroll.Employee{}, false
	}
	return r.employees[i], true
}

// looseForm is what a number becomes when a spreadsheet takes it for a quantity
// or a person types it carelessly. It serves messages only.
func looseForm(number payroll.EmployeeNumber) string {
	loose := strings.TrimLeft(strings.ToUpper(strings.Join(strings.Fields(string(number)), "")), "0")
	if loose == "" {
		return "0"
	}
	return loose
}

// sameName compares names as people write them: composed characters, single
// spaces. It is exact otherwise.
func sameName(a, b string) bool {
	return a == b || nfc(strings.Join(strings.Fields(a), " ")) == nfc(strings.Join(strings.Fields(b), " "))
}

// identity checks who a row is about.
type identity struct {
	found     *findings
	roster    *Roster                          // nil: there is none to check against
	seen      map[payroll.EmployeeNumber]int32 // row of each number
	addresses map[string]int32                 // row of each address in lower case
	loose     map[string]struct{}              // loose forms of the roster's numbers, made when first needed
}

func newIdentity(found *findings, roster *Roster) *identity {
	return &identity{found: found, roster: roster,
		seen: make(map[payroll.EmployeeNumber]int32), addresses: make(map[string]int32)}
}

// who reads the number of a row and finds the employee. The number alone
// decides; the row's name and address only have to agree.
func (d *identity) who(l line, number, name, email *column) (payroll.Employee, bool) {
	id, ok := d.number(l, number)
	if !ok {
		return payroll.Employee{}, false
	}
	given := payroll.Employee{Number: id}
	d.readName(l, name, &given)
	d.readEmail(l, email, &given)
	if d.roster == nil {
		return given, d.unshared(l.row, email, given.Email)
	}
	employee, known := d.roster.Employee(id)
	if !known {
		d.unknown(l.row, number, id)
		return given, false
	}
	d.warnEmpty(l, name, "name_missing", "the row has no name, so that only the employee number says whose it is; fill the name in, so that it can be compared with the roster")
	d.warnEmpty(l, email, "address_missing", "the row has no mail address, so that it cannot be compared with the roster's; fill it in, or leave the column out")
	if given.Name != "" && !sameName(given.Name, employee.Name) {
		d.found.error("name_differs", l.row, name.header, "the name is not the one that the roster has for this employee number; make sure that the number is right, then mend the file or the roster")
	}
	if given.Email != "" && !given.Email.Same(employee.Email) {
		d.found.error("address_differs", l.row, email.header, "the mail address is not the one that the roster has for this employee number; make sure that the number is right, then mend the file or the roster")
	}
	return employee, d.unshared(l.row, email, employee.Email)
}

// warnEmpty warns of an empty cell in a column that is there to be compared with
// the roster.
func (d *identity) warnEmpty(l line, c *column, code, message string) {
	if c == nil {
		return
	}
	if held := l.at(c.index); held.kind == cellText && strings.TrimSpace(held.text) == "" {
		d.found.warn(code, l.row, c.header, message)
	}
}

func (d *identity) number(l line, c *column) (payroll.EmployeeNumber, bool) {
	text, ok := textOf(d.found, l, c)
	if !ok {
		return "", false
	}
	if text == "" {
		d.found.error("missing_employee_id", l.row, c.header, "the row has no employee number; add it, or write Total there if the row holds the totals")
		return "", false
	}
	id, err := payroll.ParseEmployeeNumber(text)
	if err != nil {
		d.found.error("bad_employee_id", l.row, c.header, sentence(err))
		return "", false
	}
	if first, doubled := d.seen[id]; doubled {
		d.found.error("duplicate_employee", l.row, c.header, "row "+itoa(int(first))+" has the same employee number; an employee has one row in a file")
		return "", false
	}
	// A clone, because the text of the cell would keep that of its whole row.
	id = payroll.EmployeeNumber(strings.Clone(text))
	d.seen[id] = int32(l.row) // at most maxRows
	return id, true
}

func (d *identity) readName(l line, c *column, given *payroll.Employee) {
	if c == nil {
		return
	}
	text, ok := textOf(d.found, l, c)
	if !ok || strings.TrimSpace(text) == "" {
		return
	}
	name, err := payroll.ParseName(text)
	if err != nil {
		d.found.error("bad_name", l.row, c.header, sentence(err))
		return
	}
	given.Name = strings.Clone(name)
}

func (d *identity) readEmail(l line, c *column, given *payroll.Employee) {
	if c == nil {
		return
	}
	text, ok := textOf(d.found, l, c)
	if !ok || strings.TrimSpace(text) == "" {
		return
	}
	email, err := payroll.ParseAddress(strings.TrimSpace(text))
	if err == nil {
		err = checkALabels(email.Domain())
	}
	if err != nil {
		d.found.error("bad_address", l.row, c.header, sentence(err))
		return
	}
	given.Email = email // ParseAddress makes a new text
}

// checkALabels refuses a domain with a label that says it is internationalised
// and stands for no label that a registry could give (RFC 5890 §2.3.2.1).
func checkALabels(domain string) error {
	if !strings.Contains(domain, "xn--") {
		return nil
	}
	for label := range strings.SplitSeq(domain, ".") {
		if !strings.HasPrefix(label, "xn--") {
			continue
		}
		if _, err := idna.Lookup.ToUnicode(label); err != nil {
			return invalid("a part of the domain begins with xn-- but is no internationalised name; copy the address again from where it is known to work")
		}
	}
	return nil
}

// unshared refuses two employees with one address.
func (d *identity) unshared(row int, c *column, email payroll.Address) bool {
	if email == "" {
		return true
	}
	key := strings.ToLower(string(email))
	first, shared := d.addresses[key]
	if !shared {
		d.addresses[strings.Clone(key)] = int32(row) // at most maxRows
		return true
	}
	header := ""
	if c != nil {
		header = c.header
	}
	d.found.error("shared_address", row, header, "the employee of row "+itoa(int(first))+" has the same mail address; every employee needs one of their own")
	return false
}

func (d *identity) unknown(row int, c *column, id payroll.EmployeeNumber) {
	if d.loose == nil {
		d.loose = make(map[string]struct{}, len(d.roster.employees))
		for number := range d.roster.byNumber {
			d.loose[looseForm(number)] = struct{}{}
		}
	}
	if _, near := d.loose[looseForm(id)]; near {
		d.found.error("lost_leading_zeros", row, c.header, "the roster has this employee number only with other leading zeros, spaces or capitals; format the column as text and write the number exactly as in the roster")
		return
	}
	d.found.error("unknown_employee", row, c.header, "the roster has no employee with this number; mend the number, or import the employee first")
}
