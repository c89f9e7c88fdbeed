package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/internal/config"
)

// TestDoctorFonts: the doctor says what the built-in faces cover, and what
// brings the other scripts.
func TestDoctorFonts(t *testing.T) {
	t.Parallel()
	alone := examineFonts(config.Company{})
	if alone.Grade != gradeWarn || alone.Mend == "" {
		t.Errorf("without fonts: %+v", alone)
	}
	var text, json strings.Builder
	if err := (&app{}).sayCheckup(&text, alone); err != nil {
		t.Fatal(err)
	}
	want := `warn  fonts          5 of 28 scripts can be drawn, by the built-in ones alone; name the folder of the fonts in company.fonts
                     built in                 Latin, Vietnamese, Greek, Cyrillic, Hebrew
                     install fonts-noto-core  Armenian, Georgian, Arabic, Devanagari, Bengali, Gurmukhi, Gujarati, Oriya
                                              Tamil, Telugu, Kannada, Malayalam, Sinhala, Thai, Lao, Khmer
                                              Myanmar, Ethiopic, signs of money
                     install fonts-noto-cjk   simplified Chinese, traditional Chinese, Japanese, Korean
`
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := (&app{json: true}).sayCheckup(&json, alone); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`{"script":"Greek","family":"Liberation Sans"}`, `{"script":"Korean","package":"fonts-noto-cjk"}`} {
		if !strings.Contains(json.String(), part) {
			t.Errorf("%s is not in %s", part, json.String())
		}
	}
	empty := examineFonts(config.Company{Fonts: []string{t.TempDir()}})
	if empty.Grade != gradeOK || !slices.Equal(empty.Scripts, alone.Scripts) {
		t.Errorf("with an empty folder: %+v", empty)
	}
}
