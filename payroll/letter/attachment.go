package letter

import (
	"maps"
	"slices"

	"github.com/payseal/payseal/payroll"
)

// attachmentName is the file inside the PDF that says the same for programs.
const attachmentName = "payslip.json"

// attachmentSchema names the form of the file; docs/payslip.schema.json has it.
const attachmentSchema = "urn:payseal:payslip:1"

// attachment is the slip as JSON, appended to b. It says what the page says and
// no more: neither where the slip is sent nor the salt of its digest. Amounts
// are plain decimals in quotation marks, so that no reader rounds them.
func (h *Letterhead) attachment(b []byte, s *payroll.Slip) []byte {
	j := jsonText{b: append(b, '{')}
	j.text("schema", attachmentSchema)
	j.text("slip", string(s.ID))
	j.employer(h.company)
	j.employee(&s.Employee)
	j.text("period", s.Period.String())
	j.text("pay_date", s.PayDate.String())
	j.text("currency", string(s.Currency))
	j.sums("gross", "deductions", "net", s.Gross, s.Deductions, &s.Net)
	j.open("year_to_date", '{')
	j.sums("gross", "deductions", "net", s.GrossYearToDate, s.DeductionsYearToDate, s.NetYearToDate)
	j.close('}')
	j.lines(s.Lines)
	j.facts("hours", s.Hours)
	j.facts("leave", s.Leave)
	j.facts("info", s.Info)
	j.fields(s.Fields)
	j.text("note", s.Note)
	if c := s.Corrects; c != nil {
		j.open("corrects", '{')
		j.text("slip", string(c.Slip))
		j.text("pay_date", c.PayDate.String())
		j.text("reason", c.Reason)
		j.close('}')
	}
	j.close('}')
	return j.b
}

// jsonText appends JSON. The texts of a slip are valid UTF-8 without control
// characters (payroll.CheckText) but for the line breaks of a note, so that only
// three characters need an escape.
type jsonText struct{ b []byte }

// key begins a member of an object, or with "" an element of an array.
func (j *jsonText) key(name string) {
	if last := j.b[len(j.b)-1]; last != '{' && last != '[' {
		j.b = append(j.b, ',')
	}
	if name != "" {
		j.quote(name)
		j.b = append(j.b, ':')
	}
}

func (j *jsonText) quote(text string) {
	j.b = append(j.b, '"')
	from := 0
	for i := range len(text) {
		c := text[i]
		if c != '"' && c != '\\' && c != '\n' {
			continue
		}
		if c == '\n' {
			c = 'n'
		}
		j.b = append(append(j.b, text[from:i]...), '\\', c)
		from = i + 1
	}
	j.b = append(append(j.b, text[from:]...), '"')
}

// text adds a member, unless it is empty.
func (j *jsonText) text(name, value string) {
	if value != "" {
		j.key(name)
		j.quote(value)
	}
}

func (j *jsonText) open(name string, bracket byte) {
	j.key(name)
	j.b = append(j.b, bracket)
}

func (j *jsonText) close(bracket byte) { j.b = append(j.b, bracket) }

func (j *jsonText) money(name string, m *payroll.Money) {
	if m != nil {
		j.key(name)
		j.b = append(j.b, '"')
		j.b = m.AppendDecimal(j.b)
		j.b = append(j.b, '"')
	}
}

func (j *jsonText) sums(gross, deductions, net string, g, d, n *payroll.Money) {
	j.money(gross, g)
	j.money(deductions, d)
	j.money(net, n)
}

func (j *jsonText) employer(c Company) {
	j.open("employer", '{')
	j.text("name", c.Name)
	if slices.ContainsFunc(c.Address, func(line string) bool { return line != "" }) {
		j.open("address", '[')
		for _, line := range c.Address {
			j.text("", line)
		}
		j.close(']')
	}
	j.text("key_fingerprint", string(c.KeyFingerprint))
	if len(c.Fields) > 0 {
		j.open("fields", '{')
		for _, id := range slices.Sorted(maps.Keys(c.Fields)) {
			j.text(string(id), c.Fields[id])
		}
		j.close('}')
	}
	j.close('}')
}

func (j *jsonText) employee(e *payroll.Employee) {
	j.open("employee", '{')
	j.text("number", string(e.Number))
	j.text("name", e.Name)
	j.text("department", e.Department)
	j.text("designation", e.Designation)
	if !e.Joined.IsZero() {
		j.text("joined", e.Joined.String())
	}
	j.text("country", e.Country)
	j.text("bank_account", e.BankAccount)
	j.close('}')
}

func (j *jsonText) lines(lines []payroll.Line) {
	j.open("lines", '[')
	for i := range lines {
		l := &lines[i]
		j.open("", '{')
		j.text("kind", string(l.Kind))
		j.text("label", l.Label)
		j.money("amount", &l.Amount)
		j.text("quantity", l.Quantity)
		j.text("rate", l.Rate)
		j.money("base", l.Base)
		j.money("year_to_date", l.YearToDate)
		j.close('}')
	}
	j.close(']')
}

func (j *jsonText) facts(name string, facts []payroll.Fact) {
	if len(facts) == 0 {
		return
	}
	j.open(name, '[')
	for _, f := range facts {
		j.open("", '{')
		j.text("label", f.Label)
		j.text("value", f.Value)
		j.close('}')
	}
	j.close(']')
}

func (j *jsonText) fields(fields []payroll.FieldValue) {
	if len(fields) == 0 {
		return
	}
	j.open("fields", '{')
	for i := range fields {
		if f := &fields[i]; f.Money != nil {
			j.money(string(f.ID), f.Money)
		} else {
			j.text(string(f.ID), f.Text)
		}
	}
	j.close('}')
}
