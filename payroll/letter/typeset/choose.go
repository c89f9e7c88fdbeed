package typeset

import (
	"slices"
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
	first := text[max(0, slices.IndexFunc(text, func(r rune) bool { return !ignorable(r) }))]
	for _, face := range f.blocks[first>>blockBits] {
		if best != nil && face.rank > best.rank {
			break
		}
		if face.coversAll(text) && (best == nil || score(face) < score(best)) {
			best = face
		}
	}
	return best
}

// blockBits is how much of a character's number is left out in the index of
// which faces have it.
const blockBits = 7

// index sorts the faces by the blocks of characters that they have something of.
func (f *Fonts) index() {
	f.blocks = make(map[rune][]*typeface)
	for i, face := range f.faces {
		if i > 0 && slices.Equal(face.spans, f.faces[i-1].spans) {
			face.spans = f.faces[i-1].spans // as regular and bold do, mostly
		}
		for _, span := range face.spans {
			for block := span[0] >> blockBits; block <= span[1]>>blockBits; block++ {
				if faces := f.blocks[block]; len(faces) == 0 || faces[len(faces)-1] != face {
					f.blocks[block] = append(faces, face)
				}
			}
		}
	}
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
