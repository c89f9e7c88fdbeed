package typeset

import (
	"slices"
	"testing"

	"github.com/go-text/typesetting/bidi"
)

// TestRuns: characters stand where the Unicode bidirectional algorithm has them.
// In the cases, as in its documents, capitals are right-to-left letters, and
// < and > Arabic ones; what is wanted is as seen from left to right.
func TestRuns(t *testing.T) {
	t.Parallel()
	fonts, err := LoadFonts()
	if err != nil {
		t.Fatal(err)
	}
	s := fonts.NewSetter()
	for _, c := range []struct {
		text string
		base bidi.Direction
		want string
	}{
		{"abc 12", bidi.Neutral, "abc 12"},
		{"ABC", bidi.Neutral, "CBA"},
		{"ABC 12", bidi.Neutral, "12 CBA"},
		{"ABC 12.5", bidi.Neutral, "12.5 CBA"},
		{"ABC (joe) 12", bidi.Neutral, "12 )joe( CBA"}, // brackets are mirrored later
		{"abc DEF ghi", bidi.Neutral, "abc FED ghi"},
		{"abc DEF 12 ghi", bidi.Neutral, "abc 12 FED ghi"},
		{"abc DEF 12, ghi", bidi.Neutral, "abc 12 FED, ghi"},
		{"abc DEF 12% ghi", bidi.Neutral, "abc 12% FED ghi"},
		{"abc DEF $1,250 ghi", bidi.Neutral, "abc $1,250 FED ghi"},
		{"abc <> 12% ghi", bidi.Neutral, "abc 12 ><% ghi"}, // after Arabic a sign is no part of a number
		{"abc 12 DEF", bidi.Neutral, "abc 12 FED"},
		{"(A) 1*2", bidi.LeftToRight, "(A) 2*1"},
		{"12 - 34", bidi.RightToLeft, "34 - 12"},
		{"abc", bidi.RightToLeft, "abc"},
		{"abc DEF", bidi.RightToLeft, "FED abc"},
		{"abc!", bidi.RightToLeft, "!abc"},
		{"ABC!", bidi.LeftToRight, "CBA!"},
		{"12 ABC", bidi.Neutral, "CBA 12"},
		{"", bidi.Neutral, ""},
	} {
		if got := s.seen(c.text, c.base); got != c.want {
			t.Errorf("%q in direction %d: %q, want %q", c.text, c.base, got, c.want)
		}
	}
}

// seen orders a text, whose capitals stand for right-to-left letters.
func (s *Setter) seen(text string, base bidi.Direction) string {
	typed, shown := []rune(text), []rune(nil)
	runes := slices.Clone(typed)
	for i, r := range runes {
		switch {
		case 'A' <= r && r <= 'Z':
			runes[i] = 'א' + r - 'A'
		case r == '<' || r == '>':
			runes[i] = 'ا'
		}
	}
	if base == bidi.Neutral {
		base = direction(runes)
	}
	for _, r := range s.runs(runes, base) {
		part := slices.Clone(typed[r.start:r.end])
		if r.rightToLeft() {
			slices.Reverse(part)
		}
		shown = append(shown, part...)
	}
	return string(shown)
}
