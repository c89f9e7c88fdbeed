package console

import (
	"html/template"
	"regexp"
	"time"

	"github.com/payseal/payseal/payroll"
)

// partFunctions are what the parts add to the functions of every page:
//
//	{{icon "check"}}                        a drawing of icons
//	{{template "chip" (slipChip .State)}}   and runChip, standingChip, stepChip, severityChip, readyChip
//	{{stamp .At}}                           a moment for <time datetime>
//	{{if set .At}}                          a moment or a day was given
//	{{add .Row 1}}                          a sum
func partFunctions() template.FuncMap {
	return template.FuncMap{
		"icon":         icon,
		"stamp":        func(at time.Time) string { return at.UTC().Format(time.RFC3339) },
		"set":          set,
		"add":          func(a, b int) int { return a + b },
		"ticked":       func(ticked []bool, i int) bool { return i < len(ticked) && ticked[i] },
		"dialled":      dialled,
		"slipChip":     slipChip,
		"runChip":      runChip,
		"standingChip": standingChip,
		"stepChip":     stepChip,
		"severityChip": severityChip,
		"readyChip":    readyChip,
	}
}

// set reports whether a moment or a day was given; fields made with data may lack
// it.
func set(v any) bool {
	switch at := v.(type) {
	case time.Time:
		return !at.IsZero()
	case payroll.Date:
		return !at.IsZero()
	}
	return v != nil
}

// number is a telephone number as telephone makes a link of it.
var number = regexp.MustCompile(`^tel:[0-9+]{3,40}$`)

// dialled lets a link dial a number, which html/template would not; any other
// link is left to it.
func dialled(href string) any {
	if number.MatchString(href) {
		return template.URL(href) //nolint:gosec // tel: and digits
	}
	return href
}
