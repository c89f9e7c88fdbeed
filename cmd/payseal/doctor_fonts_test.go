package main

import (
	"strings"
	"testing"

	"github.com/payseal/payseal/internal/config"
)

// TestDoctorFonts: the doctor says what the built-in faces cover, and what
// brings the other scripts.
func TestDoctorFonts(t *testing.T) {
	t.Parallel()
	alone := examineFonts(config.Company{})
	for _, part := range []string{"Latin, Vietnamese, Greek, Cyrillic, Hebrew;", "Japanese, Korean install fonts-noto-cjk", "Arabic, Devanagari", "install fonts-noto-core"} {
		if !strings.Contains(alone.Found, part) {
			t.Errorf("%q is not in %q", part, alone.Found)
		}
	}
	if alone.Grade != gradeWarn || alone.Mend == "" {
		t.Errorf("without fonts: %+v", alone)
	}
	if empty := examineFonts(config.Company{Fonts: []string{t.TempDir()}}); empty.Grade != gradeOK || !strings.Contains(empty.Found, "install fonts-noto-core") {
		t.Errorf("with an empty folder: %+v", empty)
	}
}
