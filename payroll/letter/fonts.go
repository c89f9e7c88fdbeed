package letter

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/font/opentype/tables"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
)

// Fonts is an index of the faces that a letterhead may draw with, best first.
// It keeps names and character coverage; outlines are read when a text first
// needs them and are then shared. It is safe for concurrent use.
type Fonts struct {
	faces []*typeface
}

// LoadFonts indexes every TrueType and OpenType font (.ttf, .otf, .ttc, .otc)
// in the directories and below. Only upright faces of regular and bold weight
// count. A file that is not a readable font is passed over; a directory that
// cannot be read is an error. Without directories only the built-in face is
// there, which has Latin, Greek and Cyrillic.
//
// The directories must stay readable as long as the Fonts are used.
func LoadFonts(dirs ...fs.FS) (*Fonts, error) {
	f := &Fonts{}
	for _, dir := range dirs {
		err := fs.WalkDir(dir, ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !isFontFile(name) {
				return err
			}
			f.faces = append(f.faces, readFaces(dir, name)...)
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("read font directory: %w", err)
		}
	}
	slices.SortStableFunc(f.faces, compareFaces)
	return f, nil
}

// Families are the names of the font families that were found, best first.
func (f *Fonts) Families() []string {
	var names []string
	for _, face := range f.faces {
		if !slices.Contains(names, face.family) {
			names = append(names, face.family)
		}
	}
	return names
}

func isFontFile(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".ttf", ".otf", ".ttc", ".otc":
		return true
	}
	return false
}

// compareFaces orders by rank, then by things that do not depend on where a
// font is stored, so that two machines with the same fonts agree.
func compareFaces(a, b *typeface) int {
	return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.family, b.family),
		bytes.Compare(a.digest[:], b.digest[:]))
}

// readFaces reads the headers of all usable faces in one file. A font is
// foreign bytes: one that makes its parser panic has no usable faces.
func readFaces(dir fs.FS, name string) (faces []*typeface) {
	defer func() {
		if recover() != nil {
			faces = nil
		}
	}()
	file, err := dir.Open(name)
	if err != nil {
		return nil
	}
	defer file.Close()
	source, err := resourceOf(file)
	about, statErr := file.Stat()
	if errors.Join(err, statErr) != nil || !intact(source, about.Size()) {
		return nil
	}
	loaders, err := opentype.NewLoaders(source)
	if err != nil {
		return nil
	}
	for i, loader := range loaders {
		if face := readFace(loader); face != nil {
			face.dir, face.name, face.index = dir, name, i
			faces = append(faces, face)
		}
	}
	return faces
}

func resourceOf(file fs.File) (font.Resource, error) {
	if r, ok := file.(font.Resource); ok {
		return r, nil
	}
	content, err := io.ReadAll(file)
	return bytes.NewReader(content), err
}

// readFace indexes one face, or returns nil for one that is of no use here:
// without outlines, slanted, of another weight or width, or made of placeholders.
func readFace(loader *opentype.Loader) *typeface {
	if !hasOutlines(loader) {
		return nil
	}
	about, _ := font.Describe(loader, nil)
	rank, usable := rankOf(about.Family)
	weight := about.Aspect.Weight
	if !usable || about.Aspect.Style == font.StyleItalic || about.Aspect.Stretch != font.StretchNormal ||
		weight != font.WeightNormal && weight != font.WeightBold {
		return nil
	}
	spans, err := coverage(loader)
	head, headErr := loader.RawTable(opentype.MustNewTag("head"))
	if errors.Join(err, headErr) != nil {
		return nil
	}
	// The head table holds a checksum over the whole font.
	sum := sha256.Sum256(append([]byte(about.Family+"\x00"), head...))
	return &typeface{family: about.Family, bold: weight == font.WeightBold, rank: rank, spans: spans, digest: sum}
}

func hasOutlines(loader *opentype.Loader) bool {
	return slices.ContainsFunc([]string{"glyf", "CFF ", "CFF2"}, func(tag string) bool {
		return loader.HasTable(opentype.MustNewTag(tag))
	})
}

// coverage reads which characters a face has, as sorted ranges.
func coverage(loader *opentype.Loader) ([][2]rune, error) {
	raw, err := loader.RawTable(opentype.MustNewTag("cmap"))
	if err != nil {
		return nil, fmt.Errorf("read font coverage: %w", err)
	}
	parsed, _, err := tables.ParseCmap(raw)
	if err != nil {
		return nil, fmt.Errorf("read font coverage: %w", err)
	}
	mapping, _, err := font.ProcessCmap(parsed, tables.FPNone)
	if err != nil {
		return nil, fmt.Errorf("read font coverage: %w", err)
	}
	return runeRanges(mapping), nil
}

func runeRanges(mapping font.Cmap) [][2]rune {
	if ranger, ok := mapping.(font.CmapRuneRanger); ok {
		return slices.Clip(ranger.RuneRanges(nil))
	}
	var runes []rune
	for it := mapping.Iter(); it.Next(); {
		r, _ := it.Char()
		runes = append(runes, r)
	}
	slices.Sort(runes)
	var spans [][2]rune
	for _, r := range runes {
		if n := len(spans); n > 0 && spans[n-1][1]+1 == r {
			spans[n-1][1] = r
		} else {
			spans = append(spans, [2]rune{r, r})
		}
	}
	return spans
}

// rankOf orders families, smaller first: the plain sans of a script before its
// variants, Noto before others, and symbol fonts last. Fonts that answer for
// every character with a placeholder are not usable.
func rankOf(family string) (rank int, usable bool) {
	name := strings.ToLower(family)
	for _, placeholder := range []string{"lastresort", "last resort", "adobe blank", "adobe notdef", "fallback", "unifont"} {
		if strings.Contains(name, placeholder) {
			return 0, false
		}
	}
	families := []string{"noto sans", "noto naskh", "noto serif", "noto", "dejavu sans", ""}
	rank = 10 * slices.IndexFunc(families, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
	for _, variant := range []string{" ui", "display", "mono", "looped", "condensed", "serif", "unjoined"} {
		if strings.Contains(name, variant) {
			rank++
		}
	}
	if strings.Contains(name, "symbol") || strings.Contains(name, "math") || strings.Contains(name, "music") {
		rank += 100
	}
	return rank, true
}

// baseFaces are the two weights that Latin, Greek and Cyrillic are set in: Noto
// Sans where it is installed (it also has Vietnamese and all signs of money),
// otherwise the built-in Go fonts.
func (f *Fonts) baseFaces() (regular, bold []byte, err error) {
	for _, face := range f.faces {
		if strings.EqualFold(face.family, "Noto Sans") && !face.bold && regular == nil {
			regular, err = face.content()
		}
		if strings.EqualFold(face.family, "Noto Sans") && face.bold && bold == nil && err == nil {
			bold, err = face.content()
		}
		if err != nil {
			return nil, nil, err
		}
	}
	if regular == nil || bold == nil {
		return goregular.TTF, gobold.TTF, nil
	}
	return regular, bold, nil
}
