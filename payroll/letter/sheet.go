package letter

import (
	"fmt"
	"strconv"
	"unicode/utf16"
)

// A4 in points.
const (
	pageWidth  = 595.28
	pageHeight = 841.89
)

// color is an RGB colour.
type color struct{ r, g, b uint8 }

// mixed is the colour with so much white in it: 0 none, 1 all.
func (c color) mixed(white float64) color {
	mix := func(v uint8) uint8 { return uint8(float64(v) + (255-float64(v))*white + 0.5) }
	return color{mix(c.r), mix(c.g), mix(c.b)}
}

// sheets is a document as it is drawn: the content streams of its pages.
// Lengths are in points, from the upper left corner.
type sheets struct {
	setter  *typesetter
	pages   []*sheet
	current int                  // the page that is being drawn
	used    map[string]*codepage // by key
	veil    veil
}

// sheet is one page: its content, and the state that the content has reached.
type sheet struct {
	content []byte
	font    string
	size    float64
	ink     color
	inked   bool
}

// content of a page of usual length, so that it is allocated once.
const usualContent = 12 << 10

// veil numbers the characters of the invisible text: 224 to a font.
type veil struct {
	codes map[rune]int
	runes []rune
}

func newSheets(t *typesetter) *sheets {
	return &sheets{setter: t, used: make(map[string]*codepage), veil: veil{codes: make(map[rune]int)}}
}

// add begins a new page.
func (s *sheets) add() {
	s.pages = append(s.pages, &sheet{content: make([]byte, 0, usualContent)})
	s.current = len(s.pages) - 1
}

func (s *sheets) page() *sheet { return s.pages[s.current] }

// write adds operators that need no font.
func (p *sheet) write(operators ...byte) { p.content = append(p.content, operators...) }

// numbers writes numbers with two decimals, each followed by a space.
func (p *sheet) numbers(values ...float64) {
	for _, v := range values {
		p.content = append(strconv.AppendFloat(p.content, v, 'f', 2, 64), ' ')
	}
}

func (p *sheet) operator(name string) { p.content = append(append(p.content, name...), '\n') }

// fill chooses the colour of everything that follows.
func (p *sheet) fill(c color) {
	if p.inked && p.ink == c {
		return
	}
	p.ink, p.inked = c, true
	for _, v := range [3]uint8{c.r, c.g, c.b} {
		p.content = append(strconv.AppendFloat(p.content, float64(v)/255, 'f', 3, 64), ' ')
	}
	p.operator("rg")
}

// choose makes a font the current one.
func (p *sheet) choose(font string, size float64) {
	if p.font == font && p.size == size {
		return
	}
	p.font, p.size = font, size
	p.content = append(append(append(p.content, '/'), font...), ' ')
	p.numbers(size)
	p.operator("Tf")
}

// box fills a rectangle. A hairline is a low one.
func (s *sheets) box(x, y, width, height float64, c color) {
	p := s.page()
	p.fill(c)
	p.numbers(x, pageHeight-y-height, width, height)
	p.operator("re f")
}

// line draws a line of text with its left end and baseline at x, y.
func (s *sheets) line(x, y, size float64, c color, l line) {
	s.page().fill(c)
	for _, piece := range l.pieces {
		if piece.plain != "" {
			s.plain(x, y, size, piece)
		} else {
			s.outlines(x, y, size, piece)
		}
		x += piece.width * size
	}
}

// lineRight draws a line of text that ends at x.
func (s *sheets) lineRight(x, y, size float64, c color, l line) {
	s.line(x-l.width*size, y, size, c, l)
}

// plain draws characters of the base face, which may come from several of its
// code pages.
func (s *sheets) plain(x, y, size float64, pc piece) {
	w := s.setter.weight(pc.bold)
	p := s.page()
	current, width := uint8(0), 0
	for _, r := range pc.plain {
		at := w.slot(r)
		if at.page != current {
			if current != 0 {
				p.operator(") Tj ET")
			}
			current = at.page
			page := &w.pages[at.page-1]
			s.used[page.key] = page
			p.choose(page.key, size)
			p.write('B', 'T', ' ')
			p.numbers(x+float64(width)*size/1000, pageHeight-y)
			p.write('T', 'd', ' ', '(')
		}
		if at.code == '(' || at.code == ')' || at.code == '\\' {
			p.write('\\')
		}
		p.write(at.code)
		width += int(at.width)
	}
	if current != 0 {
		p.operator(") Tj ET")
	}
}

// outlines draws glyphs as filled paths, and over them the invisible text from
// which they can be searched and copied. Right-to-left text stands there as it
// is seen, since that is what readers of a PDF expect and turn round.
func (s *sheets) outlines(x, y, size float64, pc piece) {
	s.unseen(x, y, size, pc.veil)
	p := s.page()
	for _, g := range pc.glyphs {
		scale := strconv.FormatFloat(g.scale*size, 'f', 5, 64)
		p.content = append(p.content, "q "+scale+" 0 0 "+scale+" "...)
		p.numbers(x+g.x*size, pageHeight-y+g.y*size)
		p.operator("cm")
		p.write(g.path...)
		p.operator("f Q")
	}
}

// unseen writes the invisible text (rendering mode 3), each character stretched
// to the width that it takes.
func (s *sheets) unseen(x, y, size float64, text []veiled) {
	p := s.page()
	open := ""
	for _, v := range text {
		font, code := s.veil.code(v.r)
		if font != open {
			if open != "" {
				p.operator("ET Q")
			}
			open = font
			p.choose(font, size)
			p.operator("q BT 3 Tr")
			p.numbers(x, pageHeight-y)
			p.operator("Td")
		}
		p.numbers(max(100*v.width, 1)) // a reader drops a character of no width
		p.content = fmt.Appendf(p.content, "Tz <%02x> Tj\n", code)
		x += v.width * size
	}
	if open != "" {
		p.operator("ET Q")
	}
}

// code gives a character its font and its place in it.
func (v *veil) code(r rune) (font string, code int) {
	n, ok := v.codes[r]
	if !ok {
		n = len(v.runes)
		v.codes[r] = n
		v.runes = append(v.runes, r)
	}
	return veilKey(n / 224), 32 + n%224
}

func veilKey(n int) string { return fmt.Sprintf("veil%02d", n) }

// glyphName is the name by which a PDF reader knows a character (Adobe Glyph
// List specification §2): uniXXXX, or uXXXXX beyond the first plane.
func glyphName(r rune) string {
	if utf16.RuneLen(r) == 2 {
		return fmt.Sprintf("u%05X", r)
	}
	return fmt.Sprintf("uni%04X", r)
}
