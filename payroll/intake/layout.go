package intake

import (
	"strings"

	"github.com/payseal/payseal/payroll"
)

// role is what a column of a payroll run means.
type role uint8

const (
	roleText role = iota // employee_id, name, email, period, currency
	roleGross
	roleDeductions
	roleNet
	roleEarning
	roleDeduction
	roleEmployer
	roleTax
	roleYTD
	roleHours
	roleRate
	roleBase
	roleLeave
	roleInfo
	roleNote
	roleFieldMoney
	roleFieldNumber
	roleFieldText
	roleFieldDate
)

var roles = map[string]role{
	"gross": roleGross, "deductions": roleDeductions, "net": roleNet,
	"earning": roleEarning, "deduction": roleDeduction, "employer": roleEmployer, "tax": roleTax, "ytd": roleYTD,
	"hours": roleHours, "rate": roleRate, "base": roleBase, "leave": roleLeave, "info": roleInfo, "note": roleNote,
}

// fieldRoles are the roles of a profile's fields, by their kind.
var fieldRoles = map[payroll.FieldKind]role{
	payroll.FieldText: roleFieldText, payroll.FieldMoney: roleFieldMoney,
	payroll.FieldNumber: roleFieldNumber, payroll.FieldDate: roleFieldDate,
}

func roleOf(kind, label string) role {
	if kind != "field" {
		return roles[kind]
	}
	field, _ := payroll.KnownField(payroll.FieldID(label))
	return fieldRoles[field.Kind]
}

// hoursDecimals is how many decimals a number that is no money may have.
const hoursDecimals = 4

// column is a column of a payroll run.
type column struct {
	boundColumn
	role  role
	label string // after the colon
	pair  int    // ytd, rate, base: the column it belongs to; hours: the earning it explains; -1 for none

	// The sum over all employees, and why there may be none.
	sum    int64
	unsure bool // a cell could not be read, so there is nothing to compare
	given  bool // a cell had a value
}

func (c *column) numeric() bool {
	switch c.role {
	case roleText, roleInfo, roleNote, roleFieldText, roleFieldDate:
		return false
	}
	return true
}

// plain reports a number that is no money: it has decimals of its own.
func (c *column) plain() bool {
	return c.role == roleHours || c.role == roleRate || c.role == roleLeave || c.role == roleFieldNumber
}

func (c *column) line() bool {
	return c.role >= roleEarning && c.role <= roleTax
}

// bindColumns finds the columns of the header and how they belong together.
func (r *runReader) bindColumns(header line) bool {
	r.binder = &binder{found: r.found, mapping: r.o.Mapping, known: runColumn, required: []string{"employee_id", "net"},
		unmapped: "payseal does not use this column; to bring it onto the slip name it in a mapping file (--map), or list it there under ignore"}
	bound, ok := r.binder.bind(header)
	if !ok {
		return false
	}
	r.columns = make([]column, len(bound))
	for i, b := range bound {
		kind, label, _ := strings.Cut(b.canonical, ":")
		r.columns[i] = column{boundColumn: b, role: roleOf(kind, label), label: label, pair: -1}
		c := &r.columns[i]
		switch b.canonical {
		case "employee_id":
			r.number = c
		case "name":
			r.name = c
		case "email":
			r.email = c
		case "period":
			r.periodColumn = c
		case "currency":
			r.currencyColumn = c
		}
	}
	r.cells = make([]amount, len(r.columns))
	r.who = newIdentity(r.found, r.o.Roster)
	r.header = header.row
	return r.pairColumns()
}

// RunColumn is the canonical name of a column of a payroll run, such as
// "earning:Basic salary"; false if there is none of that name.
func RunColumn(name string) (canonical string, known bool) { return runColumn(name) }

// pairColumns joins year-to-date columns and hours to what they belong to.
func (r *runReader) pairColumns() bool {
	ok := true
	for i := range r.columns {
		switch c := &r.columns[i]; c.role {
		case roleYTD:
			if c.pair = r.partner(c.label); c.pair < 0 {
				ok = false
				r.found.error("ytd_without_column", r.header, c.header, "there is no one column of this name to which the year-to-date amount belongs; write ytd: and the whole header, such as ytd:gross or ytd:earning:Basic salary")
			}
		case roleRate, roleBase:
			if c.pair = r.partner(c.label); c.pair < 0 || !r.columns[c.pair].line() {
				ok = false
				r.found.error("rate_without_column", r.header, c.header, "there is no one component of this name to which it belongs; write rate: or base: and the whole header, such as rate:earning:Overtime")
			}
		case roleHours:
			if c.pair = r.partner("earning:" + c.label); c.pair >= 0 && r.columns[c.pair].role != roleEarning {
				c.pair = -1
			}
		}
	}
	return ok
}

// partner finds an amount column by its canonical name, its header, or its label
// where only one has it.
func (r *runReader) partner(name string) int {
	byLabel, labels := -1, 0
	for i := range r.columns {
		c := &r.columns[i]
		if c.role < roleGross || c.role > roleTax {
			continue
		}
		if fold(c.canonical) == fold(name) || fold(c.header) == fold(name) {
			return i
		}
		if c.line() && fold(c.label) == fold(name) {
			byLabel = i
			labels++
		}
	}
	if labels == 1 {
		return byLabel
	}
	return -1
}

// lineKinds are the kinds of a slip's lines by the role of their column.
var lineKinds = map[role]payroll.LineKind{
	roleEarning: payroll.LineEarning, roleDeduction: payroll.LineDeduction, roleEmployer: payroll.LineEmployer, roleTax: payroll.LineTax,
}
