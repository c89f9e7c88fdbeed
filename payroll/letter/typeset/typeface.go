package typeset

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sync"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/font/opentype/tables"
)

// typeface is one indexed face. Its tables are loaded on first use.
type typeface struct {
	family string
	bold   bool
	rank   int
	spans  [][2]rune
	digest [32]byte // of the font's own checksum; independent of where it is stored

	source *source
	offset int64 // of its directory in the file
	design *design

	once sync.Once
	font *font.Font
	err  error
}

// design is a set of outlines. The Chinese, Japanese and Korean faces of one
// collection share theirs, which are nine tenths of their size.
type design struct {
	face   *typeface // to read it from
	table  uint32    // where the outlines begin in the file
	shared bool

	once sync.Once
	font *font.Font
	err  error
}

// source is a font file.
type source struct {
	dir     fs.FS
	name    string
	content []byte // of a built-in one
}

// Tables to shape with, and to draw with. The rest of a font is for vertical
// text, colour, variation and other programs.
var (
	indexTables  = []string{"cmap", "head", "name", "post", "OS/2", "hhea", "glyf", "CFF ", "CFF2"}
	layoutTables = []string{"cmap", "head", "maxp", "hhea", "hmtx", "OS/2", "GDEF", "GSUB", "GPOS", "kern"}
	drawTables   = []string{"cmap", "head", "maxp", "hhea", "hmtx", "fvar", "glyf", "loca", "CFF ", "CFF2"}
)

// readFaces reads the headers of all usable faces in one file. A font is
// foreign bytes: one that makes its parser panic has no usable faces.
func readFaces(s *source) (faces []*typeface) {
	defer func() {
		if recover() != nil {
			faces = nil
		}
	}()
	err := s.read(func(file io.ReaderAt, size int64) error {
		for _, offset := range fontOffsets(file) {
			version, records, ok := directory(file, offset, size)
			if !ok {
				return errDamaged
			}
			face := readFace(newExcerpt(file, version, records, indexTables))
			if face == nil {
				continue
			}
			face.source, face.offset = s, offset
			face.design = designOf(face, faces, records)
			faces = append(faces, face)
		}
		return nil
	})
	if err != nil {
		return nil
	}
	return faces
}

var errDamaged = errors.New("the file is damaged or has changed")

// read opens the file for as long as f takes.
func (s *source) read(f func(file io.ReaderAt, size int64) error) error {
	if s.content != nil {
		return f(bytes.NewReader(s.content), int64(len(s.content)))
	}
	file, err := s.dir.Open(s.name)
	if err != nil {
		return fmt.Errorf("open font: %w", err)
	}
	defer file.Close()
	about, err := file.Stat()
	if err != nil {
		return fmt.Errorf("open font: %w", err)
	}
	if r, ok := file.(io.ReaderAt); ok {
		return f(r, about.Size())
	}
	content, err := io.ReadAll(file)
	if err != nil {
		return fmt.Errorf("read font: %w", err)
	}
	return f(bytes.NewReader(content), int64(len(content)))
}

// readFace indexes one face, or returns nil for one that is of no use here:
// without outlines, slanted, of another weight or width, or made of placeholders.
func readFace(file excerpt) *typeface {
	loader, err := opentype.NewLoader(file)
	if err != nil || !hasOutlines(loader) {
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
	if err == nil && len(spans) == 0 {
		return nil
	}
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

// designOf finds the faces of the same file that have the same outlines.
func designOf(face *typeface, others []*typeface, records []record) *design {
	var table uint32
	for _, r := range records {
		if r.tag == "glyf" || r.tag == "CFF " || r.tag == "CFF2" {
			table = r.offset
		}
	}
	for _, other := range others {
		if other.design.table == table {
			other.design.shared = true
			return other.design
		}
	}
	return &design{face: face, table: table}
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
		spans := slices.Clip(ranger.RuneRanges(nil))
		// The end mark of a table of format 4 is no character.
		return slices.DeleteFunc(spans, func(s [2]rune) bool { return s[0] == 0xffff })
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

// covers reports whether the face has a glyph for r.
func (t *typeface) covers(r rune) bool {
	if first := t.spans[0]; first[0] <= r && r <= first[1] { // ASCII, in most
		return true
	}
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
	return r == '\u200c' || r == '\u200d' || r >= '\ufe00' && r <= '\ufe0f' || r >= '\U000e0100' && r <= '\U000e01ef'
}

// load reads the face once and keeps it: what it is shaped with, and what it is
// drawn with.
func (t *typeface) load() (shaped, drawn *font.Font, err error) {
	d := t.design
	t.once.Do(func() {
		kept := layoutTables
		if !d.shared {
			kept = slices.Concat(kept, drawTables)
		}
		t.font, t.err = t.read(kept)
	})
	if !d.shared || t.err != nil {
		return t.font, t.font, t.err
	}
	d.once.Do(func() { d.font, d.err = d.face.read(drawTables) })
	return t.font, d.font, d.err
}

// read loads some tables. A panic of the parser is an error.
func (t *typeface) read(kept []string) (loaded *font.Font, err error) {
	defer func() {
		if recover() != nil {
			loaded, err = nil, fmt.Errorf("read font %s: %w", t.family, errDamaged)
		}
	}()
	err = t.source.read(func(file io.ReaderAt, size int64) error {
		version, records, ok := directory(file, t.offset, size)
		if !ok {
			return errDamaged
		}
		loader, err := opentype.NewLoader(newExcerpt(file, version, records, kept))
		if err != nil {
			return err
		}
		loaded, err = font.NewFont(loader)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read font %s: %w", t.family, err)
	}
	return loaded, nil
}
