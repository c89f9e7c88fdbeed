package letter

import (
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/language"
)

// typeface is one indexed face. Its outlines are loaded on first use.
type typeface struct {
	family string
	bold   bool
	rank   int
	spans  [][2]rune
	digest [32]byte // of the font's own checksum; independent of where it is stored

	dir   fs.FS
	name  string
	index int // in a collection

	once sync.Once
	font *font.Font
	err  error
}

// covers reports whether the face has a glyph for r.
func (t *typeface) covers(r rune) bool {
	_, found := slices.BinarySearchFunc(t.spans, r, func(span [2]rune, r rune) int {
		switch {
		case span[1] < r:
			return -1
		case span[0] > r:
			return 1
		}
		return 0
	})
	return found
}

// coversAll leaves out the characters that need no glyph of their own.
func (t *typeface) coversAll(text []rune) bool {
	for _, r := range text {
		if !ignorable(r) && !t.covers(r) {
			return false
		}
	}
	return true
}

// ignorable are the joiners and variation selectors, which only steer shaping.
func ignorable(r rune) bool {
	return r == '\u200c' || r == '\u200d' || r >= '\ufe00' && r <= '\ufe0f'
}

// load reads the outlines and shaping tables once and keeps them. Most faces
// take well under a megabyte; one of Noto Sans CJK takes about twenty.
func (t *typeface) load() (*font.Font, error) {
	t.once.Do(func() { t.font, t.err = t.read() })
	return t.font, t.err
}

func (t *typeface) read() (*font.Font, error) {
	file, err := t.dir.Open(t.name)
	if err != nil {
		return nil, fmt.Errorf("open font %s: %w", t.family, err)
	}
	defer file.Close()
	source, err := resourceOf(file)
	if err != nil {
		return nil, fmt.Errorf("read font %s: %w", t.family, err)
	}
	loaders, err := opentype.NewLoaders(source)
	if err != nil {
		return nil, fmt.Errorf("read font %s: %w", t.family, err)
	}
	if t.index >= len(loaders) {
		return nil, fmt.Errorf("read font %s: the file has changed", t.family)
	}
	loaded, err := font.NewFont(loaders[t.index])
	if err != nil {
		return nil, fmt.Errorf("read font %s: %w", t.family, err)
	}
	return loaded, nil
}

// content is the font file's bytes.
func (t *typeface) content() ([]byte, error) {
	file, err := t.dir.Open(t.name)
	if err != nil {
		return nil, fmt.Errorf("open font %s: %w", t.family, err)
	}
	defer file.Close()
	content, err := io.ReadAll(file)
	if err != nil {
		return nil, fmt.Errorf("read font %s: %w", t.family, err)
	}
	return content, nil
}

// pick finds the best face that has every character of the text, or nil. Among
// the Chinese, Japanese and Korean forms of one design it takes the one of the
// employee's language.
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
	case strings.HasPrefix(tag, "zh-hk"), strings.HasPrefix(tag, "zh-hant-hk"):
		return "HK"
	case strings.HasPrefix(tag, "zh-tw"), strings.HasPrefix(tag, "zh-hant"):
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
		}
	}
	return "SC"
}
