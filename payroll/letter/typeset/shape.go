package typeset

import (
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/harfbuzz"
	"github.com/go-text/typesetting/language"
	"github.com/payseal/payseal/payroll/letter/pdf"
)

// opened is a face as one setter has it.
type opened struct {
	shaper *harfbuzz.Font
	drawn  *font.Face
	units  float32 // in an em
}

// open gives the face for this setter, or nil if it cannot be read.
func (s *Setter) open(t *typeface) *opened {
	if face, ok := s.faces[t]; ok {
		return face
	}
	if len(s.faces) >= openLimit {
		s.forgetFaces()
	}
	shaped, drawn, err := t.load()
	if err != nil {
		s.faces[t] = nil
		return nil
	}
	face := newFace(shaped)
	s.faces[t] = &opened{shaper: harfbuzz.NewFont(face), drawn: newFace(drawn), units: float32(face.Upem())}
	return s.faces[t]
}

// newFace is font.NewFace without its table of the extents of all glyphs, which
// nobody asks for and which takes more than a megabyte for a Chinese face.
func newFace(f *font.Font) *font.Face {
	face := font.NewFace(&font.Font{})
	face.Font = f
	return face
}

// outline is that of one glyph, kept while it is used.
func (s *Setter) outline(face *opened, glyph font.GID) *pdf.Outline {
	key := glyphKey{face.drawn.Font, glyph}
	outline, ok := s.outlines.get(key)
	if !ok {
		outline = s.fonts.outlines.of(face.drawn, glyph)
		s.outlines.put(key, outline, 1)
	}
	return outline
}

// shape appends the glyphs of a span in visual order.
func (s *Setter) shape(part span, rightToLeft bool, st Style) {
	var face *opened
	if part.face != nil {
		face = s.open(part.face)
	}
	if face == nil {
		s.lose(part.start, part.end)
		return
	}
	b := s.buffer
	b.Clear()
	b.AddRunes(s.runes, part.start, part.end-part.start)
	b.Props = harfbuzz.SegmentProperties{Direction: harfbuzz.LeftToRight, Script: part.script,
		Language: language.NewLanguage(st.Language)}
	if rightToLeft {
		b.Props.Direction = harfbuzz.RightToLeft
	}
	b.Shape(face.shaper, nil)
	s.collect(face, part, rightToLeft)
}

// collect takes the shaped glyphs from the buffer, cluster by cluster.
func (s *Setter) collect(face *opened, part span, rightToLeft bool) {
	info, last := s.buffer.Info, part.end
	for i, j := 0, 0; i < len(info); i = j {
		for j = i + 1; j < len(info) && info[j].Cluster == info[i].Cluster; j++ {
		}
		start, end := info[i].Cluster, part.end
		if rightToLeft {
			end, last = last, start
		} else if j < len(info) {
			end = info[j].Cluster
		}
		s.cluster(face, i, j, start, end, rightToLeft)
	}
}

// cluster adds the glyphs [i, j) of the buffer, which stand for the characters
// [start, end). One of them carries the text: the first, or right to left the
// last, which is the letter that the marks belong to.
func (s *Setter) cluster(face *opened, i, j, start, end int, rightToLeft bool) {
	first, text := len(s.glyphs), s.text[s.offsets[start]:s.offsets[end]]
	for k := i; k < j; k++ {
		glyph, at := s.buffer.Info[k].Glyph, s.buffer.Pos[k]
		if glyph == 0 {
			s.lose(start, end)
			continue
		}
		advance := float32(at.XAdvance) / face.units
		s.glyphs = append(s.glyphs, pdf.Glyph{Outline: s.outline(face, glyph), Advance: advance,
			X: float32(at.XOffset) / face.units, Y: float32(at.YOffset) / face.units})
		s.advances[start] += advance
	}
	after := len(s.glyphs)
	switch {
	case after == first:
	case rightToLeft:
		s.glyphs[after-1].Text = text
	default:
		s.glyphs[first].Text = text
		if after-first > 1 {
			s.actual = append(s.actual, pdf.Actual{First: first, After: after, Text: text})
		}
	}
}

// lose notes characters that have no glyph; where each has one but they have
// none together, all of them.
func (s *Setter) lose(start, end int) {
	before := len(s.lost)
	for _, r := range s.runes[start:end] {
		if !ignorable(r) && s.fonts.pick([]rune{r}, false, "") == nil {
			s.lost = append(s.lost, r)
		}
	}
	if len(s.lost) == before {
		s.lost = append(s.lost, s.runes[start:end]...)
	}
}
