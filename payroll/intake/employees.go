package intake

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"github.com/payseal/payseal/payroll"
)

// EmployeeOptions say how to read a file of employees.
type EmployeeOptions struct {
	Mapping Mapping
	Reading Reading
}

// EmployeeResult is what became of a file of employees.
type EmployeeResult struct {
	Employees []payroll.Employee // only of an accepted file; bank accounts are masked
	Lacks     []string           // columns of the roster that the file does not have: see payroll.Employee.Keeping
	Count     int                // rows of employees in the file
	Findings  []payroll.Finding  // never nil
}

// Verdict is the answer for the whole file.
func (r EmployeeResult) Verdict() payroll.Verdict { return payroll.VerdictOf(r.Findings) }

// maxEmployees bounds the roster, which is kept in memory whole.
const maxEmployees = 250_000

// employeeColumns are the columns of a file of employees.
var employeeColumns = []string{"employee_id", "name", "email", "phone", "language", "department", "designation",
	"joined", "left", "country", "bank_account", "paper", "paper_reason"}

// employeeAliases are other words for some of them.
var employeeAliases = map[string]string{"number": "employee_id", "join_date": "joined", "leave_date": "left"}

func employeeColumn(header string) (string, bool) {
	name := fold(header)
	if canonical, alias := employeeAliases[name]; alias {
		name = canonical
	}
	return name, slices.Contains(employeeColumns, name)
}

// ParseEmployees reads a whole file of employees. It gives employees only if the
// verdict is accept: an import is all or nothing. The full bank account never
// leaves it.
func ParseEmployees(file File, o EmployeeOptions) EmployeeResult {
	r := newEmployeeReader(o)
	err := r.found.fault(r.readFile(file))
	if err != nil {
		r.found.error("unreadable_file", 0, "", "the file cannot be read; copy it to this machine and try again")
	}
	return r.result()
}

// EmployeesFromRows reads employees from the rows of a query, with the names of
// its columns as the header. Rows are numbered from 2, as if the header were row 1.
func EmployeesFromRows(header []string, rows [][]string) EmployeeResult {
	r := newEmployeeReader(EmployeeOptions{})
	t := &rowsTable{rows: append([][]string{header}, rows...)}
	if err := r.found.fault(r.readTable(t)); err != nil {
		r.found.error("unreadable_file", 0, "", "the rows cannot be read; run the query again")
	}
	return r.result()
}

// employeeReader reads one file of employees.
type employeeReader struct {
	o         EmployeeOptions
	found     *findings
	who       *identity
	columns   map[string]*column
	loose     map[string]int // row by the loose form of a number
	employees []payroll.Employee
	count     int
}

func newEmployeeReader(o EmployeeOptions) *employeeReader {
	found := newFindings()
	return &employeeReader{o: o, found: found, who: newIdentity(found, nil),
		columns: make(map[string]*column), loose: make(map[string]int)}
}

func (r *employeeReader) result() EmployeeResult {
	result := EmployeeResult{Count: r.count, Findings: r.found.all()}
	if result.Verdict() == payroll.VerdictAccept {
		result.Employees = r.employees
		for _, column := range employeeColumns {
			if r.columns[column] == nil {
				result.Lacks = append(result.Lacks, column)
			}
		}
	}
	return result
}

func (r *employeeReader) readFile(file File) error {
	source, err := openSource(file, r.o.Reading.or(r.o.Mapping.Reading), r.found)
	if err != nil {
		return err
	}
	t, err := source.open()
	if err != nil {
		return err
	}
	return r.readTable(t)
}

func (r *employeeReader) readTable(t table) error {
	header, err := t.next()
	if errors.Is(err, io.EOF) {
		return refuse("empty_file", "the file has no rows")
	} else if err != nil {
		return err
	}
	b := &binder{found: r.found, mapping: r.o.Mapping, known: employeeColumn, required: []string{"employee_id", "name", "email"},
		unmapped: "the roster has no column of this name, so its values are not kept; if it stands for a column that the roster has, say so in a mapping file (--map), otherwise list it there under ignore"}
	bound, ok := b.bind(header)
	if !ok {
		return nil
	}
	for _, c := range bound {
		r.columns[c.canonical] = &column{boundColumn: c}
	}
	for {
		l, err := t.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if r.count++; r.count > maxEmployees {
			return refuse("too_many_rows", fmt.Sprintf("the file has more than %d employees; keep each legal entity in an installation of its own", maxEmployees))
		}
		if b.checkWidth(l) {
			r.row(l)
		}
	}
	t.closing(r.found)
	if r.count == 0 {
		r.found.error("no_employees", 0, "", "the file has a header but no employees; add their rows")
	}
	return nil
}

func (r *employeeReader) row(l line) {
	e, ok := r.who.who(l, r.columns["employee_id"], r.columns["name"], r.columns["email"])
	if !ok {
		return
	}
	before := r.found.errors
	r.require(l, "name", e.Name, "missing_name", "the employee has no name, or one that cannot be used; fill it in")
	r.require(l, "email", string(e.Email), "missing_address", "the employee has no mail address, or one that cannot be used; fill it in")
	r.noteSimilar(l, e.Number)
	e.Phone = r.phone(l)
	e.Department = r.text(l, "department")
	e.Designation = r.text(l, "designation")
	e.Language = r.language(l)
	e.Country = r.country(l)
	e.Joined, e.Left = r.date(l, "joined"), r.date(l, "left")
	if !e.Left.IsZero() && !e.Joined.IsZero() && e.Left.Before(e.Joined) {
		r.found.error("left_before_joined", l.row, r.columns["left"].header, "the employee left before joining; mend one of the two dates")
	}
	e.BankAccount = r.account(l)
	r.paper(l, &e)
	if r.found.errors == before {
		r.employees = append(r.employees, e)
	}
}

// require refuses an empty value, unless it is empty because it was refused before.
func (r *employeeReader) require(l line, name, value, code, message string) {
	if c := r.columns[name]; value == "" && strings.TrimSpace(l.at(c.index).text) == "" {
		r.found.error(code, l.row, c.header, message)
	}
}

// noteSimilar warns of two numbers that a spreadsheet would make one of.
func (r *employeeReader) noteSimilar(l line, number payroll.EmployeeNumber) {
	loose := looseForm(number)
	if first, similar := r.loose[loose]; similar {
		r.found.warn("similar_numbers", l.row, r.columns["employee_id"].header, "row "+itoa(first)+" has the same employee number but for leading zeros, spaces or capitals; make sure that these are two people")
		return
	}
	r.loose[loose] = l.row
}

// text reads an optional column as plain text.
func (r *employeeReader) text(l line, name string) string {
	c := r.columns[name]
	if c == nil {
		return ""
	}
	text, ok := textOf(r.found, l, c)
	if !ok {
		return ""
	}
	text = strings.TrimSpace(text)
	if payroll.CheckText(name, text) != nil {
		r.found.error("control_character", l.row, c.header, troubles["control_character"])
		return ""
	}
	return strings.Clone(text)
}

var phoneNumber = regexp.MustCompile(`^\+?[0-9][0-9 ()/.-]{2,30}( ?(x|ext\.?) ?[0-9]{1,6})?$`)

func (r *employeeReader) phone(l line) string {
	phone := r.text(l, "phone")
	if phone != "" && !phoneNumber.MatchString(strings.TrimPrefix(phone, "(")) {
		r.found.error("bad_phone", l.row, r.columns["phone"].header, "the telephone number has other signs than digits, spaces, +, -, /, . and brackets; write it such as +44 20 7946 0000")
	}
	return phone
}

func (r *employeeReader) language(l line) string {
	text := r.text(l, "language")
	if text == "" {
		return ""
	}
	tag, err := language.Parse(text)
	if err != nil {
		r.found.error("bad_language", l.row, r.columns["language"].header, "this is no language tag; write it as en, de, pt-BR or zh-Hant")
		return ""
	}
	return tag.String()
}

func (r *employeeReader) country(l line) string {
	text := r.text(l, "country")
	if text == "" {
		return ""
	}
	country, part, _ := strings.Cut(strings.ToUpper(text), "-")
	region, err := language.ParseRegion(country)
	if err != nil || payroll.CheckCountry(strings.ToUpper(text)) != nil || !region.IsCountry() {
		r.found.error("bad_country", l.row, r.columns["country"].header, "this is no country code of ISO 3166; write it as two letters, such as GB, DE or IN, or with its part, such as US-CA")
		return ""
	}
	country = region.Canonicalize().String()
	if part != "" {
		country += "-" + part
	}
	return country
}

func (r *employeeReader) date(l line, name string) payroll.Date {
	text := r.text(l, name)
	if text == "" {
		return payroll.Date{}
	}
	date, err := payroll.ParseDate(text)
	if err != nil || date.Year < 1900 || date.Year > 2200 {
		r.found.error("bad_date", l.row, r.columns[name].header, "this is no date; write it as 2026-10-30")
		return payroll.Date{}
	}
	return date
}

// account masks the bank account at once; nothing else sees the whole of it. A
// spreadsheet's number keeps 15 digits only, so a longer account is lost already.
func (r *employeeReader) account(l line) string {
	text := r.text(l, "bank_account")
	if c := r.columns["bank_account"]; c != nil && l.at(c.index).kind == cellNumber && (len(text) > 15 || !allDigits(text)) {
		r.found.error("account_as_number", l.row, c.header, "the account is stored as a number, and its last digits are lost; format the column as text and enter it again")
		return ""
	}
	return payroll.MaskAccount(text)
}

// paperWords are what people write for yes and no.
var paperWords = map[string]bool{"yes": true, "true": true, "y": true, "1": true, "no": false, "false": false, "n": false, "0": false, "": false}

func (r *employeeReader) paper(l line, e *payroll.Employee) {
	e.PaperReason = r.text(l, "paper_reason")
	c := r.columns["paper"]
	if c == nil {
		return
	}
	text := l.at(c.index).text
	if l.at(c.index).kind != cellBoolean {
		text = r.text(l, "paper")
	}
	yes, known := paperWords[strings.ToLower(text)]
	e.OnPaper = yes
	switch {
	case !known:
		r.found.error("bad_paper", l.row, c.header, "write yes if the employee gets the slip on paper, otherwise no")
	case yes && e.PaperReason == "":
		r.found.error("paper_without_reason", l.row, c.header, "the employee gets the slip on paper, but paper_reason does not say why; fill it in")
	case !yes && e.PaperReason != "":
		r.found.warn("reason_without_paper", l.row, c.header, "there is a reason for paper, but the employee does not get the slip on paper")
	}
}
