package payroll

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// FieldID names a field that a country's law or custom wants on a slip, such as
// "tax_code". A payroll file gives it in a column of that name: "field:tax_code".
type FieldID string

// FieldKind is what the value of a field is.
type FieldKind string

// The kinds of field. A number is a plain decimal, such as "21.5"; a date is
// written 2026-10-30.
const (
	FieldText   FieldKind = "text"
	FieldMoney  FieldKind = "money"
	FieldNumber FieldKind = "number"
	FieldDate   FieldKind = "date"
)

// Section is the part of the page in which a field stands.
type Section string

// The sections of the page. What is the employer's stands in the letterhead and
// comes from the configuration; all else comes with the slip.
const (
	SectionEmployer   Section = "employer"
	SectionEmployee   Section = "employee"
	SectionAttendance Section = "attendance"
	SectionLeave      Section = "leave"
	SectionTax        Section = "tax"
	SectionSums       Section = "sums" // beneath the net pay
)

// ProfileField is one field of a country's profile.
type ProfileField struct {
	ID       FieldID
	Kind     FieldKind
	Section  Section
	Required bool
	Labels   map[string]string // by language: English and what is spoken there
}

// Label is the field's name in a language (its primary subtag, for Chinese in
// traditional characters zh-Hant), or in English.
func (f ProfileField) Label(language string) string {
	if label, ok := f.Labels[language]; ok {
		return label
	}
	return f.Labels["en"]
}

// FieldValue is a field as it stands on one slip. Money is given for amounts,
// Text for all else.
type FieldValue struct {
	ID    FieldID `json:"id"`
	Text  string  `json:"text,omitempty"`
	Money *Money  `json:"money,omitempty"`
}

// Need is a part of every slip that a country's law requires.
type Need string

// The needs that a profile can have.
const (
	NeedGross       Need = "gross"
	NeedItemised    Need = "itemised_deductions" // each deduction with its purpose
	NeedHours       Need = "hours"
	NeedRates       Need = "rates" // of pay, beside the hours
	NeedJoined      Need = "joined"
	NeedDesignation Need = "designation"
)

// column is what to add to a file for a need to be met.
var needColumns = map[Need]string{
	NeedGross: "gross", NeedItemised: "deduction:LABEL", NeedHours: "hours:LABEL", NeedRates: "rate:LABEL",
	NeedJoined: "joined (employees)", NeedDesignation: "designation (employees)",
}

// Profile is what the law of a country, or of a part of it, wants on a slip.
type Profile struct {
	Country   string // ISO 3166-1 or 3166-2, such as "GB" and "US-CA"; "" for all others
	Law       string // where it is written
	Needs     []Need
	Fields    []ProfileField // in the order of the page
	Forbidden []string       // beginnings of words that no component may have, in lower case
}

// countryForm is a country of ISO 3166-1, perhaps with a subdivision of 3166-2.
var countryForm = regexp.MustCompile(`^[A-Z]{2}(-[A-Z0-9]{1,3})?$`)

// ProfileOf finds the profile for a country code: its own, that of the whole
// country, or the generic one.
func ProfileOf(country string) *Profile {
	whole, _, _ := strings.Cut(country, "-")
	for _, wanted := range []string{country, whole} {
		if i := slices.IndexFunc(Profiles, func(p Profile) bool { return p.Country == wanted }); i >= 0 {
			return &Profiles[i]
		}
	}
	return &Profiles[0]
}

// CheckCountry refuses what is no code of ISO 3166-1 (GB) or 3166-2 (US-CA) in
// its form.
func CheckCountry(code string) error {
	if !countryForm.MatchString(code) {
		return fmt.Errorf("%w: a country is written as two capital letters, such as GB, or with its part, such as US-CA", ErrInvalid)
	}
	return nil
}

// KnownField finds a field in any profile.
func KnownField(id FieldID) (ProfileField, bool) {
	for i := range Profiles {
		if f, ok := Profiles[i].field(id); ok {
			return f, true
		}
	}
	return ProfileField{}, false
}

// Field finds a field in this profile, or else in another: whoever moved
// country keeps the number that the old one gave.
func (p *Profile) Field(id FieldID) (ProfileField, bool) {
	if f, ok := p.field(id); ok {
		return f, true
	}
	return KnownField(id)
}

// Asks reports whether a field is one of this very country.
func (p *Profile) Asks(id FieldID) bool {
	_, own := p.field(id)
	return own
}

func (p *Profile) field(id FieldID) (ProfileField, bool) {
	i := slices.IndexFunc(p.Fields, func(f ProfileField) bool { return f.ID == id })
	if i < 0 {
		return ProfileField{}, false
	}
	return p.Fields[i], true
}

// Missing are the columns that a slip lacks for its country's law, as a person
// would add them to the file: "field:tax_class", "gross".
func (p *Profile) Missing(s *Slip) []string {
	var columns []string
	for _, need := range p.Needs {
		if !s.meets(need) {
			columns = append(columns, needColumns[need])
		}
	}
	for _, f := range p.Fields {
		if f.Required && f.Section != SectionEmployer && !s.has(f.ID) {
			columns = append(columns, "field:"+string(f.ID))
		}
	}
	return columns
}

// MissingOf are the fields of the employer that a letterhead lacks.
func (p *Profile) MissingOf(employer map[FieldID]string) []FieldID {
	var missing []FieldID
	for _, f := range p.Fields {
		if f.Required && f.Section == SectionEmployer && employer[f.ID] == "" {
			missing = append(missing, f.ID)
		}
	}
	return missing
}

// Forbids reports whether a component's label says what the law wants kept off
// the slip.
func (p *Profile) Forbids(label string) bool {
	words := strings.Fields(strings.ToLower(label))
	return slices.ContainsFunc(p.Forbidden, func(beginning string) bool {
		return slices.ContainsFunc(words, func(word string) bool { return strings.HasPrefix(word, beginning) })
	})
}

func (s *Slip) has(id FieldID) bool {
	return slices.ContainsFunc(s.Fields, func(v FieldValue) bool { return v.ID == id })
}

func (s *Slip) meets(need Need) bool {
	switch need {
	case NeedGross:
		return s.Gross != nil
	case NeedItemised:
		return len(s.LinesOf(LineDeduction)) > 0 || (s.Gross != nil && s.Gross.Minor == s.Net.Minor)
	case NeedHours:
		return len(s.Hours) > 0 || slices.ContainsFunc(s.Lines, func(l Line) bool { return l.Quantity != "" })
	case NeedRates:
		return slices.ContainsFunc(s.Lines, func(l Line) bool { return l.Kind == LineEarning && l.Rate != "" })
	case NeedJoined:
		return !s.Employee.Joined.IsZero()
	case NeedDesignation:
		return s.Employee.Designation != ""
	}
	return true
}
