package intake

import (
	"strings"

	"github.com/payseal/payseal/payroll"
)

// Totals are the sums over a run's employees. A column without any value, or
// with one that cannot be read, has none.
type Totals struct {
	Currency   payroll.Currency `json:"currency,omitempty"`
	Gross      string           `json:"gross,omitempty"` // plain decimals, such as "1234.56"
	Deductions string           `json:"deductions,omitempty"`
	Net        string           `json:"net,omitempty"`
	Columns    []ColumnTotal    `json:"columns"` // every other amount, in the order of the file; never null
}

// ColumnTotal is the sum of one column.
type ColumnTotal struct {
	Column string `json:"column"` // canonical, such as "earning:Basic salary"
	Sum    string `json:"sum"`
}

func (r *runReader) totals() Totals {
	t := Totals{Currency: r.currency, Columns: []ColumnTotal{}}
	for i := range r.columns {
		c := &r.columns[i]
		if !c.numeric() || c.unsure || !c.given {
			continue
		}
		sum := fixedPoint(c.sum, r.scale(c))
		switch c.role {
		case roleGross:
			t.Gross = sum
		case roleDeductions:
			t.Deductions = sum
		case roleNet:
			t.Net = sum
		default:
			t.Columns = append(t.Columns, ColumnTotal{Column: c.canonical, Sum: sum})
		}
	}
	return t
}

// totalLabels are the words that begin a row of totals, folded.
var totalLabels = wordSet(`total|totals|grand total|sum|sums|sum total|overall|gesamt|gesamtsumme|summe|summen|insgesamt|
totaux|total général|somme|sommes|total general|suma|sumas|totale|totali|somma|totaal|som|eindtotaal|total geral|soma|
totalt|i alt|samtals|alls|yhteensä|summa|razem|suma końcowa|ogółem|celkem|součet|spolu|súčet|összesen|végösszeg|
toplam|genel toplam|total general|ukupno|skupaj|kokku|kopā|iš viso|tổng|tổng cộng|σύνολο|γενικό σύνολο|итого|всего|сумма|
разом|усього|общо|укупно|סך הכל|סה"כ|סה״כ|المجموع|الإجمالي|المجموع الكلي|कुल|योग|कुल योग|মোট|மொத்தம்|మొత్తం|รวม|รวมทั้งสิ้น|
合计|总计|总额|合計|総計|總計|합계|총계|jumlah`)

func wordSet(words string) map[string]bool {
	set := make(map[string]bool)
	for word := range strings.SplitSeq(words, "|") {
		set[fold(word)] = true
	}
	return set
}

func isTotalLabel(text string) bool {
	return totalLabels[fold(strings.TrimRight(strings.TrimSpace(text), ":： "))]
}

// isTotals recognises the row of totals: a word for it where the employee number
// stands, or no number and such a word elsewhere. An employee whose number is
// such a word stays an employee, if the roster says so.
func (r *runReader) isTotals(l line) bool {
	number := l.at(r.number.index)
	if number.kind != cellText {
		return false
	}
	if strings.TrimSpace(number.text) != "" {
		_, employee := r.o.Roster.Employee(payroll.EmployeeNumber(number.text))
		return !employee && isTotalLabel(number.text)
	}
	for _, c := range l.cells {
		if c.kind == cellText && isTotalLabel(c.text) {
			return true
		}
	}
	return false
}

// checkTotals uses the row of totals as a checksum over every column that it
// fills in.
func (r *runReader) checkTotals(l line) {
	for i := range r.columns {
		c := &r.columns[i]
		if held := l.at(c.index); !c.numeric() || held.kind == cellText && isTotalLabel(held.text) {
			continue
		}
		total := r.readAmount(l, c)
		if r.watch != nil && total.state == amountGiven {
			r.watch.total(r, c, total.units)
		}
		if total.state == amountGiven && !c.unsure && !r.incomplete && total.units != c.sum {
			r.found.error("totals_differ", l.row, c.header, "the total of this column is not the sum of its rows; a row may be missing, doubled or changed")
		}
	}
}
