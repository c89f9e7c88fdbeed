package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/intake"
)

// reading is how a file is to be read, as the maker said it. What they wrote is
// kept as it is, so that the page can show it again with what is wrong with it.
type reading struct {
	Source    string            `json:"source,omitempty"`
	Sheet     string            `json:"sheet,omitempty"`
	Encoding  string            `json:"encoding,omitempty"`
	Separator string            `json:"separator,omitempty"`
	Decimal   string            `json:"decimal,omitempty"`
	HeaderRow string            `json:"header_row,omitempty"`
	Currency  string            `json:"currency,omitempty"`
	Columns   map[string]string `json:"columns,omitempty"` // header -> canonical, or "" for one that is not used

	Period     string `json:"period,omitempty"`
	PayDate    string `json:"pay_date,omitempty"`
	Negative   bool   `json:"negative,omitempty"`   // the slips with negative pay are right
	Supplement bool   `json:"supplement,omitempty"` // a further payment

	Corrects   payroll.RunID `json:"corrects,omitempty"`   // whose slips its slips take the place of; 0 for none
	Correction string        `json:"correction,omitempty"` // why
}

// ofSource is what the next file of the source has in common with this one.
func (how reading) ofSource() reading {
	how.Source, how.Period, how.PayDate, how.Negative, how.Supplement = "", "", "", false, false
	how.Corrects, how.Correction = 0, ""
	return how
}

// correcting makes it how a file is read whose slips take the place of the run's:
// what they have in common is not asked again.
func (how *reading) correcting(run *payroll.Run, reason string) {
	how.Period, how.PayDate, how.Currency = run.Period.String(), run.PayDate.String(), string(run.Currency)
	how.Corrects, how.Correction = run.ID, reason
}

func (how reading) encode() []byte {
	encoded, err := json.Marshal(how)
	if err != nil { // texts always encode
		panic(err)
	}
	return encoded
}

func decodeReading(encoded []byte) (how reading, err error) {
	if len(encoded) > 0 && json.Unmarshal(encoded, &how) != nil {
		err = fmt.Errorf("%w: how this file is read was not stored by this version", payroll.ErrInvalid)
	}
	return how, err
}

// readingOf is how the files of a source are read; of a new one only its name.
func (s *Server) readingOf(ctx context.Context, source string) (reading, error) {
	stored, err := s.Desk.Mapping(ctx, source)
	if err != nil && !errors.Is(err, payroll.ErrNotFound) {
		return reading{}, err
	}
	how, err := decodeReading(stored)
	how.Source = source
	return how, err
}

// maxColumns bounds the columns of a form, as intake bounds those of a file.
const maxColumns = 1000

// readingForm takes the form of the page.
func readingForm(r *http.Request) reading {
	field := func(name string) string { return strings.TrimSpace(plainText(r.PostForm.Get(name))) }
	how := reading{
		Source: field("source"), Sheet: field("sheet"), Encoding: field("encoding"), Separator: field("separator"), Decimal: field("decimal"),
		HeaderRow: field("header_row"), Currency: strings.ToUpper(field("currency")), Columns: map[string]string{},
		Period: field("period"), PayDate: field("pay_date"), Negative: field("negative") != "", Supplement: field("supplement") != "",
	}
	for i := range maxColumns {
		id := strconv.Itoa(i)
		header := field("header-" + id)
		if header == "" {
			continue
		}
		kind, label := field("as-"+id), field("label-"+id)
		if labelled(kind) {
			if label == "" {
				label = header
			}
			kind += ":" + label
		}
		how.Columns[header] = kind
	}
	return how
}

// plainText is a text that Postgres can keep as JSON.
func plainText(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "")
}

// columnKinds are what a column can be, as the page offers it.
var columnKinds = []Option{
	{Value: "", Name: "Not used"},
	{Value: "employee_id", Name: "Employee number"},
	{Value: "name", Name: "Name, to compare"},
	{Value: "email", Name: "Mail address, to compare"},
	{Value: "net", Name: "Net pay"},
	{Value: "gross", Name: "Gross pay"},
	{Value: "deductions", Name: "Deductions, all together"},
	{Value: "earning", Name: "Earning …"},
	{Value: "deduction", Name: "Deduction …"},
	{Value: "employer", Name: "Employer's contribution …"},
	{Value: "tax", Name: "Step of the tax calculation …"},
	{Value: "ytd", Name: "Year to date of …"},
	{Value: "hours", Name: "Hours of …"},
	{Value: "rate", Name: "Rate of …"},
	{Value: "base", Name: "Base of the rate of …"},
	{Value: "field", Name: "Field of a country's profile …"},
	{Value: "leave", Name: "Leave …"},
	{Value: "info", Name: "Text on the slip …"},
	{Value: "note", Name: "Note to the employee"},
	{Value: "period", Name: "Month paid for"},
	{Value: "currency", Name: "Currency"},
}

// labelled reports whether a kind of column has a label of its own.
func labelled(kind string) bool {
	i := slices.IndexFunc(columnKinds, func(o Option) bool { return o.Value == kind })
	return i >= 0 && strings.HasSuffix(columnKinds[i].Name, "…")
}

// options is the reading as intake takes it, and what is wrong with it.
func (how reading) options() (o intake.Options, mistakes []Mistake) {
	wrong := func(field string, err error) {
		if err != nil {
			mistakes = append(mistakes, Mistake{Field: field, Text: sentenceOf(err)})
		}
	}
	o.AllowNegative, o.ForImport = how.Negative, true
	o.Reading = intake.Reading{Sheet: how.Sheet, Encoding: how.Encoding, Separator: how.Separator, Decimal: intake.Decimal(how.Decimal)}
	var err error
	if how.HeaderRow != "" {
		if o.Reading.HeaderRow, err = strconv.Atoi(how.HeaderRow); err != nil || o.Reading.HeaderRow < 1 {
			o.Reading.HeaderRow = 0
			wrong("header_row", errors.New("the header row is a number, counted from 1"))
		}
	}
	if err := o.Reading.Check(); err != nil {
		wrong("header_row", err)
		o.Reading = intake.Reading{}
	}
	if how.Period != "" {
		o.Period, err = payroll.ParsePeriod(how.Period)
		wrong("period", err)
	}
	if how.PayDate != "" {
		o.PayDate, err = payroll.ParseDate(how.PayDate)
		wrong("pay_date", err)
	}
	if how.Currency != "" {
		o.Currency, err = payroll.ParseCurrency(how.Currency)
		wrong("currency", err)
	}
	if how.Source != "" {
		wrong("source", payroll.CheckSource(how.Source))
	}
	o.Mapping, err = how.mapping()
	wrong("columns", err)
	return o, mistakes
}

// mapping is what the columns stand for.
func (how reading) mapping() (intake.Mapping, error) {
	m := intake.Mapping{Columns: map[string]string{}}
	for _, header := range slices.Sorted(maps.Keys(how.Columns)) {
		as := how.Columns[header]
		if as == "" {
			m.Ignore = append(m.Ignore, header)
			continue
		}
		canonical, known := intake.RunColumn(as)
		if !known && strings.HasPrefix(as, "field:") {
			return m, fmt.Errorf("the column %q cannot stand for that: no country has a field of this name; choose one from the list", header)
		}
		if !known {
			return m, fmt.Errorf("the column %q cannot stand for that; choose again, with a shorter label", header)
		}
		if other, doubled := m.Columns[canonical]; doubled {
			return m, fmt.Errorf("the columns %q and %q stand for the same; give them different labels, or leave one out", other, header)
		}
		m.Columns[canonical] = header
	}
	return m, nil
}

// sentenceOf is an error of payroll as a sentence, without what callers tell it
// apart by.
func sentenceOf(err error) string {
	text := strings.TrimPrefix(err.Error(), payroll.ErrInvalid.Error()+": ")
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// bytesWords is a size as people say it.
func bytesWords(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%d.%d MB", n>>20, (n&(1<<20-1))*10>>20)
	case n >= 1<<10:
		return fmt.Sprintf("%d kB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}
