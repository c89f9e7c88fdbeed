package typeset

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"weak"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"github.com/payseal/payseal/payroll/letter/pdf"
)

// Fonts is an index of the faces to draw with, best first. It keeps names and
// character coverage; a face is read when a text first needs it, and is then
// shared. It is safe for concurrent use.
type Fonts struct {
	faces    []*typeface
	blocks   map[rune][]*typeface
	outlines outlines
}

// LoadFonts indexes every TrueType and OpenType font (.ttf, .otf, .ttc, .otc)
// in the directories and below. Only upright faces of regular and bold weight
// count. A file that is not a readable font is passed over; a directory that
// cannot be read is an error.
//
// Liberation Sans is built in and comes before all others, so that Latin, Greek,
// Cyrillic and Hebrew look the same on every machine.
//
// The directories must stay readable as long as the Fonts are used.
func LoadFonts(dirs ...fs.FS) (*Fonts, error) {
	f := &Fonts{outlines: outlines{known: make(map[glyphKey]weak.Pointer[pdf.Outline])}}
	for _, dir := range dirs {
		err := fs.WalkDir(dir, ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !isFontFile(name) {
				return err
			}
			f.faces = append(f.faces, readFaces(&source{dir: dir, name: name})...)
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("read font directory: %w", err)
		}
	}
	slices.SortStableFunc(f.faces, compareFaces)
	f.faces = append(builtIn(), f.faces...)
	f.index()
	return f, nil
}

// builtIn are the base faces, regular and bold.
func builtIn() []*typeface {
	faces := append(readFaces(&source{content: liberationsansregular.TTF}), readFaces(&source{content: liberationsansbold.TTF})...)
	for _, face := range faces {
		face.rank = baseRank
	}
	return faces
}

// base is the built-in face of a weight.
func (f *Fonts) base(bold bool) *typeface {
	if bold {
		return f.faces[1]
	}
	return f.faces[0]
}

// Families are the names of the font families, best first; the first is the
// built-in one.
func (f *Fonts) Families() []string {
	var names []string
	for _, face := range f.faces {
		if !slices.Contains(names, face.family) {
			names = append(names, face.family)
		}
	}
	return names
}

// Digest is the SHA-256 over all that the choice and the look of glyphs depend
// on: the faces and their order. Where a font is stored does not count.
func (f *Fonts) Digest() [32]byte {
	sum := sha256.New()
	for _, face := range f.faces {
		sum.Write(face.digest[:])
	}
	return [32]byte(sum.Sum(nil))
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

// baseRank comes before every rank of [rankOf].
const baseRank = -1

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
