package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/payroll/letter"
)

// drawnScript is a script that people's names may be in, as --json prints it.
type drawnScript struct {
	Script  string `json:"script"`
	Family  string `json:"family,omitempty"`  // that draws it; "" for none
	Package string `json:"package,omitempty"` // Debian's that brings it; "" for what is built in
}

// from says where a script's letters come from, or would.
func (s drawnScript) from() string {
	switch {
	case s.Family == "":
		return "install " + s.Package
	case s.Package == "":
		return "built in"
	}
	return "company.fonts"
}

// examineFonts says which scripts people's names may be in, and what brings the
// rest.
func examineFonts(c config.Company) checkup {
	dirs := fontDirs(c.Fonts)
	fonts, err := letter.LoadFonts(dirs...)
	if err != nil {
		return fail("fonts", "check company.fonts", "%v", err)
	}
	var scripts []drawnScript
	drawn := 0
	for _, s := range fonts.Scripts() {
		scripts = append(scripts, drawnScript(s))
		if s.Family != "" {
			drawn++
		}
	}
	found := ok("fonts", "%d of %d scripts can be drawn", drawn, len(scripts))
	if len(dirs) == 0 {
		found = warn("fonts", "name the folder of the fonts in company.fonts", "%d of %d scripts can be drawn, by the built-in ones alone", drawn, len(scripts))
	}
	found.Scripts = scripts
	return found
}

// examineLetterhead makes the letterhead that counts, logo and all.
func examineLetterhead(c inForce) checkup {
	const mend = "mend [company] in the configuration, or the logo; docs/guide-operator.md shows the page's settings"
	if c.Company.Name == "" {
		return warn("letterhead", "set company.name", "the company has no name")
	}
	var err error
	if c.logo == nil {
		c.logo, err = readLogo(c.Company)
	}
	if err == nil {
		_, err = letterheadOf(c.Company, letter.CompanyOf(letterheadSettings(c.Company), c.logo, c.sender.Fingerprint))
	}
	switch {
	case err != nil:
		return fail("letterhead", mend, "%v", err)
	case c.logo == nil:
		return ok("letterhead", "can be drawn, without a logo")
	}
	return ok("letterhead", "can be drawn, with its logo")
}

// scriptRows are the scripts by where they come from, a few to a row.
func scriptRows(scripts []drawnScript) [][]string {
	const most = 8
	var order []string
	from := map[string][]string{}
	for _, s := range scripts {
		if from[s.from()] == nil {
			order = append(order, s.from())
		}
		from[s.from()] = append(from[s.from()], s.Script)
	}
	var rows [][]string
	for _, name := range order {
		for few := range slices.Chunk(from[name], most) {
			rows = append(rows, []string{fmt.Sprintf("%19s", ""), name, strings.Join(few, ", ")})
			name = ""
		}
	}
	return rows
}
