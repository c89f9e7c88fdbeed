package payroll_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/payseal/payseal/payroll"
)

// lawful is a slip on which the law of a country finds all that it wants.
func lawful(p *payroll.Profile) payroll.Slip {
	money := func(minor int64) *payroll.Money { return &payroll.Money{Minor: minor, Currency: "EUR"} }
	s := payroll.Slip{
		Employee: payroll.Employee{Number: "7", Name: "Kiran Rao", Designation: "Engineer", Country: p.Country,
			Joined: payroll.Date{Year: 2019, Month: 3, Day: 1}},
		PayDate: payroll.Date{Year: 2026, Month: 10, Day: 30}, Currency: "EUR", Gross: money(300000), Net: *money(200000),
		Lines: []payroll.Line{
			{Kind: payroll.LineEarning, Label: "Salary", Amount: *money(300000), Quantity: "160", Rate: "18.75"},
			{Kind: payroll.LineDeduction, Label: "Tax", Amount: *money(100000)},
		},
	}
	for _, f := range p.Fields {
		if f.Required && f.Section != payroll.SectionEmployer {
			s.Fields = append(s.Fields, payroll.FieldValue{ID: f.ID, Text: "1"})
		}
	}
	return s
}

// TestProfileMissing takes away from a lawful slip one thing after the other.
func TestProfileMissing(t *testing.T) {
	t.Parallel()
	take := map[string]func(*payroll.Slip){
		"gross":                   func(s *payroll.Slip) { s.Gross = nil },
		"deduction:LABEL":         func(s *payroll.Slip) { s.Lines = s.Lines[:1] },
		"hours:LABEL":             func(s *payroll.Slip) { s.Lines[0].Quantity = "" },
		"rate:LABEL":              func(s *payroll.Slip) { s.Lines[0].Rate = "" },
		"joined (employees)":      func(s *payroll.Slip) { s.Employee.Joined = payroll.Date{} },
		"designation (employees)": func(s *payroll.Slip) { s.Employee.Designation = "" },
	}
	wanted := map[string]int{"": 0, "GB": 2, "DE": 13, "IN": 5, "FR": 8, "US-CA": 5}
	for i := range payroll.Profiles {
		p := &payroll.Profiles[i]
		whole := lawful(p)
		if missing := p.Missing(&whole); len(missing) != 0 {
			t.Errorf("%s: a lawful slip lacks %v", p.Country, missing)
		}
		found := 0
		for column, without := range take {
			s := lawful(p)
			s.Lines = slices.Clone(s.Lines)
			without(&s)
			if missing := p.Missing(&s); len(missing) > 0 {
				found++
				if missing[0] != column {
					t.Errorf("%s without %s: %v", p.Country, column, missing)
				}
			}
		}
		for j, value := range whole.Fields {
			s := lawful(p)
			s.Fields = slices.Delete(slices.Clone(s.Fields), j, j+1)
			if missing := p.Missing(&s); !slices.Equal(missing, []string{"field:" + string(value.ID)}) {
				t.Errorf("%s without %s: %v", p.Country, value.ID, missing)
			}
			found++
		}
		if found != wanted[p.Country] {
			t.Errorf("%s wants %d things on a slip, not %d", p.Country, found, wanted[p.Country])
		}
	}
}

// TestProfileOf finds a country's part, the country, and the generic profile.
func TestProfileOf(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{"": "", "AT": "", "GB": "GB", "US-CA": "US-CA", "US": "", "DE-BY": "DE", "FR": "FR"} {
		if got := payroll.ProfileOf(code).Country; got != want {
			t.Errorf("%q has the profile %q, want %q", code, got, want)
		}
	}
	for code, good := range map[string]bool{"GB": true, "US-CA": true, "gb": false, "GBR": false, "US-": false, "": false} {
		if err := payroll.CheckCountry(code); (err == nil) != good {
			t.Errorf("%q: %v", code, err)
		}
	}
}

// TestProfileTable holds the table to its own form.
func TestProfileTable(t *testing.T) {
	t.Parallel()
	kinds := map[payroll.FieldID]payroll.FieldKind{}
	for i := range payroll.Profiles {
		p := &payroll.Profiles[i]
		if p.Law == "" {
			t.Errorf("%s names no law", p.Country)
		}
		for _, f := range p.Fields {
			if f.Label("en") == "" || f.Label("xx") != f.Label("en") || strings.ToLower(string(f.ID)) != string(f.ID) {
				t.Errorf("%s: field %s has no English label, or an ID in capitals", p.Country, f.ID)
			}
			if kind, known := kinds[f.ID]; known && kind != f.Kind {
				t.Errorf("field %s is %s here and %s there", f.ID, f.Kind, kind)
			}
			kinds[f.ID] = f.Kind
			if got, ok := p.Field(f.ID); !ok || got.Label("en") != f.Label("en") {
				t.Errorf("%s does not find its own field %s", p.Country, f.ID)
			}
		}
	}
	for _, f := range payroll.ProfileOf("").Fields {
		for _, language := range []string{"ar", "de", "en", "es", "fr", "hi", "it", "ja", "nl", "pl", "pt", "zh", "zh-Hant"} {
			if f.Labels[language] == "" {
				t.Errorf("field %s, which every country has, has no label in %s", f.ID, language)
			}
		}
	}
	if missing := payroll.ProfileOf("FR").MissingOf(map[payroll.FieldID]string{"siret": "1", "ape": "6201Z"}); !slices.Equal(missing, []payroll.FieldID{"collective_agreement"}) {
		t.Errorf("a French employer lacks %v", missing)
	}
	if fr := payroll.ProfileOf("FR"); !fr.Forbids("Absence Grève du 3 mai") || fr.Forbids("Congés payés") {
		t.Error("what French law keeps off a slip")
	}
}
