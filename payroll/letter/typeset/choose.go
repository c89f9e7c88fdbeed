package typeset

import (
	"strings"

	"github.com/go-text/typesetting/language"
)

// pick finds the best face that has every character of the text, or nil. Among
// the Chinese, Japanese and Korean forms of one design it takes those of the
// reader's region.
func (f *Fonts) pick(text []rune, bold bool, region string) *typeface {
	var best *typeface
	score := func(t *typeface) int {
		points := 4 * t.rank
		if t.bold != bold {
			points += 2
		}
		if name, ok := cutCJK(t.family); ok && name != region {
			points++
		}
		return points
	}
	for _, face := range f.faces {
		if best != nil && face.rank > best.rank {
			break
		}
		if face.coversAll(text) && (best == nil || score(face) < score(best)) {
			best = face
		}
	}
	return best
}

// cutCJK gives "JP" for "Noto Sans CJK JP".
func cutCJK(family string) (region string, ok bool) {
	_, region, ok = strings.Cut(family, " CJK ")
	return region, ok
}

// cjkRegion says which national forms of Chinese characters a reader expects:
// by language, and where that says nothing, by the other scripts in the text.
func cjkRegion(tag string, text []rune) string {
	tag = strings.ToLower(strings.ReplaceAll(tag, "_", "-"))
	primary, _, _ := strings.Cut(tag, "-")
	switch {
	case primary == "ja":
		return "JP"
	case primary == "ko":
		return "KR"
	case strings.HasPrefix(tag, "zh-hk"), strings.HasPrefix(tag, "zh-hant-hk"), primary == "yue":
		return "HK"
	case strings.HasPrefix(tag, "zh-tw"), strings.HasPrefix(tag, "zh-mo"), strings.HasPrefix(tag, "zh-hant"):
		return "TC"
	case primary == "zh":
		return "SC"
	}
	for _, r := range text {
		switch language.LookupScript(r) {
		case language.Hiragana, language.Katakana:
			return "JP"
		case language.Hangul:
			return "KR"
		case language.Bopomofo:
			return "TC"
		}
	}
	return "SC"
}
