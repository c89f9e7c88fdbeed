package typeset

import (
	"encoding/binary"

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

// outline is that of one key, kept while it is used.
func (s *Setter) outline(face *opened, key glyphKey) *pdf.Outline {
	outline, ok := s.outlines.get(key)
	if !ok {
		outline = s.fonts.outlines.of(face.drawn, key)
		s.outlines.put(key, outline, 1)
	}
	return outline
}

// plan is a way to shape, which takes a while to find and is kept.
type plan struct {
	face *typeface
	how  harfbuzz.SegmentProperties
}

// shape appends the glyphs of a span in visual order.
func (s *Setter) shape(part span, rightToLeft bool, st Style) {
	how := harfbuzz.SegmentProperties{Direction: harfbuzz.LeftToRight, Script: part.script, Language: language.NewLanguage(st.Language)}
	if rightToLeft {
		how.Direction = harfbuzz.RightToLeft
	}
	if !s.plans[plan{part.face, how}] {
		if len(s.plans) >= planLimit || len(s.faces) >= openLimit {
			s.forgetFaces()
		}
		s.plans[plan{part.face, how}] = true
	}
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
	b.Props = how
	b.Shape(face.shaper, nil)
	s.collect(face, part, rightToLeft)
}

// collect takes the shaped glyphs from the buffer, cluster by cluster.
func (s *Setter) collect(face *opened, part span, rightToLeft bool) {
	info, last := s.buffer.Info, part.end
	for i := 0; i < len(info); {
		j := i + 1
		for j < len(info) && info[j].Cluster == info[i].Cluster {
			j++
		}
		start, end := info[i].Cluster, part.end
		if rightToLeft {
			end, last = last, start
		} else if j < len(info) {
			end = info[j].Cluster
		}
		s.cluster(face, i, j, start, end, rightToLeft)
		i = j
	}
}

// longestCluster is how many characters one glyph may stand for. People need
// less than half of it; readers of PDF fail on hundreds.
const longestCluster = 32

// cluster adds what the shaped glyphs [i, j) draw for the characters
// [start, end): always one glyph. So a letter and its marks, or the parts of a
// syllable, are copied, searched and read aloud as what they are, and no reader
// takes the steps of the pen between them for spaces.
func (s *Setter) cluster(face *opened, i, j, start, end int, rightToLeft bool) {
	shaped, at := s.buffer.Info[i:j], s.buffer.Pos[i:j]
	var advance int32
	for k := range shaped {
		if shaped[k].Glyph == 0 {
			s.lose(start, end)
			return
		}
		advance += at[k].XAdvance
	}
	if end-start > longestCluster {
		s.lose(start, end)
		return
	}
	g := pdf.Glyph{Text: s.text[s.offsets[start]:s.offsets[end]], Advance: float32(advance) / face.units}
	if len(shaped) == 1 {
		g.Outline = s.outline(face, glyphKey{face.drawn.Font, shaped[0].Glyph, ""})
		g.X, g.Y = float32(at[0].XOffset)/face.units, float32(at[0].YOffset)/face.units
	} else {
		g.Outline = s.outline(face, s.compound(face, shaped, at))
	}
	s.advances[start] = g.Advance
	if rightToLeft {
		// Readers turn right-to-left text by characters: those after the first
		// stand on nothing beside the glyph.
		for k := end - 1; k > start; k-- {
			s.glyphs = append(s.glyphs, pdf.Glyph{Outline: nothing, Text: s.text[s.offsets[k]:s.offsets[k+1]]})
		}
		g.Text = s.text[s.offsets[start]:s.offsets[start+1]]
	}
	s.glyphs = append(s.glyphs, g)
}

// compound names several glyphs that are drawn as one.
func (s *Setter) compound(face *opened, shaped []harfbuzz.GlyphInfo, at []harfbuzz.GlyphPosition) glyphKey {
	s.parts = s.parts[:0]
	for k := range shaped {
		for _, v := range [...]int32{int32(shaped[k].Glyph), at[k].XAdvance, at[k].XOffset, at[k].YOffset} {
			s.parts = binary.LittleEndian.AppendUint32(s.parts, uint32(v))
		}
	}
	return glyphKey{face.drawn.Font, 0, string(s.parts)}
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
