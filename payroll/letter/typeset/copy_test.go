package typeset_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/payseal/payseal/payroll/letter/typeset"
	"golang.org/x/text/unicode/norm"
)

// TestCopiesOut: every name and label is copied out of a page as it was typed.
func TestCopiesOut(t *testing.T) {
	t.Parallel()
	fonts := installed(t)
	for _, c := range typeset.Corpus {
		t.Run(c.Script, func(t *testing.T) {
			t.Parallel()
			s, stock := newSetter(t, fonts)
			var rows []row
			var want []string
			for _, text := range c.Texts {
				for _, bold := range []bool{false, true} {
					rows = append(rows, row{text, typeset.Style{Bold: bold, Language: c.Language}})
					want = append(want, norm.NFC.String(text))
				}
			}
			got := textLines(t, sheet(t, s, stock, rows))
			if missing := s.Missing(); len(missing) > 0 || s.Err() != nil {
				t.Fatalf("%v, %s", s.Err(), typeset.MissingMessage(missing))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("copied out (-as typed +copied):\n%s", diff)
			}
		})
	}
}

// TestDirections: in text of both directions every part stands where a reader
// looks for it. Poppler gives words as seen, turns right-to-left words, and moves
// the spaces beside them, which are left out here.
func TestDirections(t *testing.T) {
	t.Parallel()
	s, stock := newSetter(t, installed(t))
	for text, want := range map[string]string{
		"John יוסף Smith":    "JohnיוסףSmith",
		"Joe יוסף 12 Smith":  "Joe12יוסףSmith",
		"Joe יוסף 12% Smith": "Joe12%יוסףSmith",
		"José محمد 12":       "José12محمد",
	} {
		got := textLines(t, sheet(t, s, stock, []row{{text, typeset.Style{}}}))
		for i := range got {
			got[i] = strings.ReplaceAll(got[i], " ", "")
		}
		if diff := cmp.Diff([]string{want}, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}
