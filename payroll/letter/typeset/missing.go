package typeset

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/go-text/typesetting/language"
)

// MissingMessage names characters that no font has and the mend, script by
// script: code points and packages, never the text.
func MissingMessage(missing []rune) string {
	runes := slices.Clone(missing)
	slices.Sort(runes)
	runes = slices.Compact(runes)
	more := ""
	if len(runes) > 12 {
		more = fmt.Sprintf(" and %d more", len(runes)-12)
		runes = runes[:12]
	}
	var points, mends []string
	for _, r := range runes {
		points = append(points, fmt.Sprintf("U+%04X (%s)", r, scriptName(r)))
		if m := mend(r); !slices.Contains(mends, m) {
			mends = append(mends, m)
		}
	}
	return fmt.Sprintf("no font has %s%s; %s", strings.Join(points, ", "), more, strings.Join(mends, " and "))
}

func scriptName(r rune) string {
	if language.LookupScript(r).Strong() {
		for name, table := range unicode.Scripts {
			if unicode.Is(table, r) {
				return name
			}
		}
	}
	return "symbol"
}

// Debian's packages of fonts.
const (
	corePackage = "fonts-noto-core"
	cjkPackage  = "fonts-noto-cjk"
)

// mend says what to do about a character. A package that is installed already
// cannot help again, and no package helps against emoji: they are pictures in
// colour, and a page is drawn in outlines.
func mend(r rune) string {
	const otherwise = "where that is installed, no font has the character: write it otherwise"
	switch {
	case !unicode.IsGraphic(r): // not assigned, or for private use
		return "leave it out, as it is not a character that can be read"
	case pictograph(r):
		return "take the sign out, as emoji cannot be drawn"
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo):
		return "install the font package " + cjkPackage + " (" + otherwise + ")"
	case unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r):
		return "install the font package " + corePackage + " (" + otherwise + ")"
	}
	return "install the font package " + corePackage + ", or write it without the symbol"
}

// pictograph reports an emoji, a part of one, or a sign from among them. Noto's
// fonts of symbols have some of these signs, but none that a payroll needs.
func pictograph(r rune) bool {
	among := r >= 0x2300 && r < 0x2c00 || r >= 0x1f000 && r < 0x1fc00
	return among && unicode.In(r, unicode.So, unicode.Sk)
}
