package console

import (
	"fmt"
	"html/template"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/payseal/payseal/payroll"
)

// functions are what templates can call:
//
//	{{asset "console.css"}} {{script "run.js"}}   a file that pages load, by its contents
//	{{date .At}} {{clock .At}} {{moment .At}}     a time in the company's zone; moment names the zone
//	{{day .PayDate}}                              a payroll.Date
//	{{groups .Fingerprint}}                       its groups of four, as a list
//	{{count 98213}}                               98,213
//	{{data "Title" "…" "Text" "…"}}               a map, for a part that wants few fields
//
// and those of partFunctions.
func (s *Server) functions() template.FuncMap {
	all := template.FuncMap{
		"asset":  s.shelf.Path,
		"script": s.script,
		"date":   func(at time.Time) string { return at.In(s.Company.Zone).Format("2 January 2006") },
		"clock":  func(at time.Time) string { return at.In(s.Company.Zone).Format("15:04") },
		"moment": func(at time.Time) string { return moment(at.In(s.Company.Zone)) },
		"day":    dayWords,
		"groups": func(f payroll.Fingerprint) []string { return strings.Fields(f.Grouped()) },
		"count":  count[int],
		"data":   data,
	}
	maps.Copy(all, partFunctions())
	return all
}

// moment is a day and a time with its zone.
func moment(at time.Time) string {
	zone := at.Format("MST")
	if zone[0] == '+' || zone[0] == '-' { // a zone that has no short name
		zone = at.Format("UTC-07:00")
	}
	return at.Format("2 January 2006, 15:04 ") + zone
}

func dayWords(d payroll.Date) string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%d %s %d", d.Day, d.Month, d.Year)
}

// periodWords is a month as HR says it: "November 2026".
func periodWords(p payroll.Period) string { return fmt.Sprintf("%s %d", p.Month, p.Year) }

// count is a whole number with its thousands apart.
func count[N int | int64](n N) string { return grouped(strconv.FormatInt(int64(n), 10)) }

// money is an amount in minor units as people read it: "1,234.50". The currency
// stands in the column's head.
func money(minor int64, c payroll.Currency) string {
	whole, fraction, found := strings.Cut(payroll.Money{Minor: minor, Currency: c}.String(), ".")
	if found {
		return grouped(whole) + "." + fraction
	}
	return grouped(whole)
}

// grouped puts commas between the thousands of plain digits.
func grouped(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "−", digits[1:]
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// data is a map of pairs, for templates.
func data(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("data wants pairs")
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		m[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return m, nil
}

// roleWords are the roles in words.
func roleWords(roles []payroll.Role) []string {
	words := make([]string, len(roles))
	for i, r := range roles {
		words[i] = string(r)
	}
	return words
}
