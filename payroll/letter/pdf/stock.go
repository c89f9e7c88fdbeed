package pdf

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/zlib"
)

// Font is a font to be put in stock. Every pair of outline and text among its
// glyphs gets a character identifier; advances and offsets do not matter here.
type Font struct {
	Name   string // PostScript name: letters, digits and hyphens
	Glyphs []Glyph
}

// Picture is pixels to be put in stock: rows from the top, three bytes (sRGB)
// for each pixel, on a ground already.
type Picture struct {
	Width, Height int
	RGB           []byte
}

// Stock is what many documents have in common, frozen as the bytes with which
// each of them begins: fonts, pictures, colour profile. It is immutable and safe
// for concurrent use.
type Stock struct {
	prefix    file
	digest    [32]byte
	codes     map[*Outline]codes
	intent    int    // the number of the output intent
	fonts     string // entries of a resource dictionary
	fontCount int
	xobjects  string
	pictures  int
	packers   sync.Pool // of *packer, for structures: large, and seldom needed
}

// code is where a meaning stands in stock: an outline with this text.
type code struct {
	text string
	font int
	cid  uint16
}

// codes are those of one outline, nearly always one.
type codes []code

func (c codes) of(text string) (code, bool) {
	for i := range c {
		if c[i].text == text {
			return c[i], true
		}
	}
	return code{}, false
}

var postScriptName = regexp.MustCompile(`^[0-9A-Za-z-]{1,80}$`)

// NewStock freezes fonts and pictures. It fails if a font has no glyph, too many
// (65,534) or no proper name, or if a picture's pixels are not as many as it says.
func NewStock(fonts []Font, pictures []Picture) (*Stock, error) {
	z := newPacker(zlib.BestCompression)
	s := &Stock{codes: map[*Outline]codes{}, fontCount: len(fonts), pictures: len(pictures)}
	s.packers.New = func() any { return newPacker(5) }
	s.prefix.rows = append(s.prefix.rows, row{})
	// The comment says that the file is binary (ISO 19005-3, 6.1.2).
	s.prefix.out = append(s.prefix.out, "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"...)
	profile := s.prefix.stream("/N 3"+flate, z.pack(sRGB()))
	casts := make([]*cast, len(fonts))
	parts := make([]written, len(fonts))
	for i, f := range fonts {
		c, err := s.cast(i, f)
		if err != nil {
			return nil, err
		}
		casts[i] = c
		parts[i] = c.streams(func(entries string, data ...[]byte) int {
			return s.prefix.stream(entries+flate, z.pack(data...))
		})
	}
	for i, p := range pictures {
		if err := s.picture(z, i, p); err != nil {
			return nil, err
		}
	}
	var o objectStream
	o.reset(s.prefix.next() + 1)
	s.intent = o.add("<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB IEC61966-2.1)/Info(sRGB IEC61966-2.1)/DestOutputProfile ",
		reference(profile), ">>")
	for i := range casts {
		number := casts[i].dictionaries(&o, parts[i])
		s.fonts += "/F" + strconv.Itoa(i) + " " + reference(number)
	}
	s.prefix.objects(o.count, len(o.index), flate, z.pack(o.index, o.body))
	s.digest = sha256.Sum256(s.prefix.out)
	return s, nil
}

// cast gives every meaning of a font its code. A meaning that an earlier font
// has already is drawn from there.
func (s *Stock) cast(number int, f Font) (*cast, error) {
	if !postScriptName.MatchString(f.Name) {
		return nil, errors.New("put a font in stock: its name is no PostScript name")
	}
	c := newCast(f.Name)
	for _, m := range inOrder(f.Glyphs) {
		if _, known := s.codes[m.outline].of(m.text); known || m.outline == nil {
			continue
		}
		if len(c.meanings) == maxGlyphs {
			return nil, fmt.Errorf("put font %s in stock: more than %d glyphs", f.Name, maxGlyphs)
		}
		s.codes[m.outline] = append(s.codes[m.outline], code{m.text, number, c.add(m)})
	}
	if len(c.meanings) == 0 {
		return nil, fmt.Errorf("put font %s in stock: no glyphs of its own", f.Name)
	}
	return c, nil
}

// inOrder are the glyphs' meanings in the order of their texts, which makes the
// map to Unicode short.
func inOrder(glyphs []Glyph) []meaning {
	all := make([]meaning, len(glyphs))
	for i, g := range glyphs {
		all[i] = g.meaning()
	}
	slices.SortStableFunc(all, func(a, b meaning) int { return strings.Compare(a.text, b.text) })
	return all
}

// picture writes an image (ISO 32000-1, 8.9.5). Rows are predicted from those
// above (7.4.4.4), which flat colours and slopes both gain from.
func (s *Stock) picture(z *packer, n int, p Picture) error {
	const most = 1 << 14
	if p.Width < 1 || p.Height < 1 || p.Width > most || p.Height > most || len(p.RGB) != 3*p.Width*p.Height {
		return fmt.Errorf("put picture %d in stock: %d bytes for %d x %d pixels", n, len(p.RGB), p.Width, p.Height)
	}
	entries := fmt.Sprintf("/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8"+
		"/DecodeParms<</Predictor 15/Colors 3/Columns %[1]d>>"+flate, p.Width, p.Height)
	number := s.prefix.stream(entries, z.pack(predictUp(nil, p.RGB, 3*p.Width)))
	s.xobjects += "/I" + strconv.Itoa(n) + " " + reference(number)
	return nil
}

// predictUp appends rows as differences to the row above (PNG's filter Up).
func predictUp(b, data []byte, row int) []byte {
	for at := 0; at+row <= len(data); at += row {
		b = append(b, 2)
		for i, v := range data[at : at+row] {
			if at > 0 {
				v -= data[at-row+i]
			}
			b = append(b, v)
		}
	}
	return b
}

// Digest is the SHA-256 of the frozen bytes.
func (s *Stock) Digest() [32]byte { return s.digest }
