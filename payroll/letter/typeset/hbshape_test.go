package typeset

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-text/typesetting/language"
)

// strays are words that the shaper sets otherwise than HarfBuzz does. A pair of
// letters is not kerned, or a mark stands beside its place, by little.
var strays = []struct{ script, language, word string }{
	{"telugu", "te", "షోబ్ళో"},
	{"ethiopic", "am", "ዚጛ"},
	{"ethiopic", "am", "ዦዦኯ"},
	{"burmese", "my", "ပ္ဌၔၫက"},
}

// batch is what one call of hb-shape can shape.
type batch struct {
	face        *typeface
	script      language.Script
	rightToLeft bool
	language    string
}

// TestShapesAsHarfBuzz: every word comes out as from hb-shape, glyph for glyph
// and unit for unit, except for the strays.
func TestShapesAsHarfBuzz(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("hb-shape"); err != nil {
		Lacks(t, "the package libharfbuzz-bin")
	}
	fonts, err := LoadFonts(os.DirFS(SystemFonts))
	if err != nil {
		t.Fatal(err)
	}
	if len(fonts.blocks['王'>>blockBits]) == 0 || len(fonts.blocks['က'>>blockBits]) == 0 {
		Lacks(t, "the packages fonts-noto-core and fonts-noto-cjk")
	}
	s := fonts.NewSetter()
	ours, stray := map[batch]map[string]string{}, map[string]bool{}
	for _, bold := range []bool{false, true} {
		for _, c := range Corpus {
			for _, text := range c.Texts {
				s.shapeAll(ours, text, Style{bold, c.Language})
			}
		}
	}
	for _, w := range strays {
		s.shapeAll(ours, w.word, Style{Language: w.language})
		stray[w.word] = true
	}
	for b, words := range ours {
		t.Run(fmt.Sprintf("%s %s bold=%v", b.face.family, b.language, b.face.bold), func(t *testing.T) {
			t.Parallel()
			for word, theirs := range b.harfBuzz(t, words) {
				switch {
				case stray[word] && words[word] == theirs:
					t.Errorf("%q is no stray any more", word)
				case !stray[word] && words[word] != theirs:
					t.Errorf("%q\nours   %s\ntheirs %s", word, words[word], theirs)
				}
			}
		})
	}
}

// shapeAll shapes the spans of a text and writes them down as hb-shape does.
func (s *Setter) shapeAll(into map[batch]map[string]string, text string, st Style) {
	s.begin(text)
	ends := slices.Clone(s.graphemeEnds(s.runes))
	for _, r := range slices.Clone(s.runs(s.runes, direction(s.runes))) {
		for _, part := range slices.Clone(s.itemize(s.runes, ends, r, st)) {
			word := string(s.runes[part.start:part.end])
			if strings.TrimSpace(word) != word {
				continue // a line of hb-shape's input
			}
			s.shape(part, r.rightToLeft(), st)
			var glyphs []string
			for i, g := range s.buffer.Info {
				at, offset := s.buffer.Pos[i], ""
				if at.XOffset != 0 || at.YOffset != 0 {
					offset = fmt.Sprintf("@%d,%d", at.XOffset, at.YOffset)
				}
				glyphs = append(glyphs, fmt.Sprintf("%d=%d%s+%d", g.Glyph, g.Cluster-part.start, offset, at.XAdvance))
			}
			b := batch{part.face, part.script, r.rightToLeft(), st.Language}
			if into[b] == nil {
				into[b] = map[string]string{}
			}
			into[b][word] = "[" + strings.Join(glyphs, "|") + "]"
		}
	}
}

// harfBuzz has hb-shape shape the same words.
func (b batch) harfBuzz(t *testing.T, words map[string]string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	face, index := filepath.Join(SystemFonts, b.face.source.name), 0
	if b.face.source.content != nil {
		face = filepath.Join(dir, "face.ttf")
		write(t, face, string(b.face.source.content))
	} else if file, err := os.Open(face); err == nil {
		index = slices.Index(fontOffsets(file), b.face.offset)
		file.Close()
	}
	var asked []string
	for word := range words {
		asked = append(asked, word)
	}
	input := filepath.Join(dir, "words.txt")
	write(t, input, strings.Join(asked, "\n")+"\n")
	direction := "ltr"
	if b.rightToLeft {
		direction = "rtl"
	}
	out, err := exec.Command("hb-shape", face, fmt.Sprintf("--face-index=%d", index), "--no-glyph-names", "--direction="+direction,
		"--script="+b.script.String(), "--language="+b.language, "--text-file="+input).Output()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if err != nil || len(lines) != len(asked) {
		t.Fatalf("hb-shape: %v, %d lines for %d words", err, len(lines), len(asked))
	}
	shaped := map[string]string{}
	for i, word := range asked {
		shaped[word] = lines[i]
	}
	return shaped
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
