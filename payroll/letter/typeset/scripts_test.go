package typeset_test

import (
	"slices"
	"testing"

	"github.com/payseal/payseal/payroll/letter/typeset"
)

// TestScripts: the built-in faces cover five scripts, and Debian's packages
// bring every other one that is asked for, from the package that is named.
func TestScripts(t *testing.T) {
	t.Parallel()
	alone := map[string]typeset.Coverage{}
	for _, c := range builtIn(t).Scripts() {
		alone[c.Script] = c
		within := slices.Contains([]string{"Latin", "Vietnamese", "Greek", "Cyrillic", "Hebrew"}, c.Script)
		if within != (c.Family == "Liberation Sans") || within != (c.Package == "") {
			t.Errorf("built in: %+v", c)
		}
	}
	families := map[string]string{"Arabic": "Noto Sans Arabic", "Devanagari": "Noto Sans Devanagari", "simplified Chinese": "Noto Sans CJK SC",
		"traditional Chinese": "Noto Sans CJK TC", "Japanese": "Noto Sans CJK JP", "Korean": "Noto Sans CJK KR", "signs of money": "Noto Sans"}
	for _, c := range installed(t).Scripts() {
		if c.Family == "" || c.Package != alone[c.Script].Package {
			t.Errorf("installed: %+v, without %+v", c, alone[c.Script])
		}
		if want := families[c.Script]; want != "" && c.Family != want {
			t.Errorf("%s is drawn with %s, not %s", c.Script, c.Family, want)
		}
	}
}
