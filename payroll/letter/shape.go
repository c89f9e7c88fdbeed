package letter

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
	xbidi "golang.org/x/text/unicode/bidi"
)

// span is a part of a text that is drawn with one face: nil means the base
// face, or that no font has it.
type span struct {
	start, end int
	plain      bool
	face       *typeface
	script     language.Script
}

// shape sets a text that the base face alone cannot.
func (t *typesetter) shape(text string, bold bool, tag string) composed {
	var made composed
	runes := []rune(text)
	ends := t.graphemeEnds(runes)
	for _, run := range t.visualRuns(runes) {
		spans := t.itemize(runes, ends, run, bold, cjkRegion(tag, runes))
		if run.level%2 == 1 {
			slices.Reverse(spans)
		}
		for _, s := range spans {
			p, missing := t.shapeSpan(runes, s, run, bold, tag)
			made.missing = append(made.missing, missing...)
			made.line.pieces = append(made.line.pieces, p)
			made.line.width += p.width
		}
	}
	return made
}

// itemize cuts a run of one direction into spans of one face and one script.
func (t *typesetter) itemize(runes []rune, ends []int, run visualRun, bold bool, region string) []span {
	var spans []span
	for _, s := range t.scripts(runes, ends, run, bold) {
		if s.plain {
			spans = append(spans, s)
			continue
		}
		s.face = t.fonts.pick(strong(runes[s.start:s.end]), bold, region)
		if s.face != nil && s.face.coversAll(runes[s.start:s.end]) {
			spans = append(spans, s)
			continue
		}
		spans = append(spans, t.fallBack(runes, ends, s, bold, region)...)
	}
	return spans
}

// strong leaves out the spaces and punctuation that many fonts of one script
// lack, unless there is nothing else.
func strong(runes []rune) []rune {
	var letters []rune
	for _, r := range runes {
		if unicode.In(r, unicode.L, unicode.M) {
			letters = append(letters, r)
		}
	}
	if len(letters) == 0 {
		return runes
	}
	return letters
}

// scripts cuts a run where the script changes. Characters of the base face in
// left-to-right text are a script of their own; punctuation and digits inside
// right-to-left text belong to the script before them.
func (t *typesetter) scripts(runes []rune, ends []int, run visualRun, bold bool) []span {
	var spans []span
	start := run.start
	for _, end := range ends {
		if end <= run.start {
			continue
		}
		end = min(end, run.end)
		s := span{start: start, end: end, script: scriptOf(runes[start:end])}
		s.plain = run.level%2 == 0 && allPlain(t.weight(bold), string(runes[start:end]))
		last := len(spans) - 1
		switch {
		case last < 0 || spans[last].plain != s.plain:
			spans = append(spans, s)
		case s.plain || s.script == spans[last].script || !s.script.Strong():
			spans[last].end = end
		case !spans[last].script.Strong():
			spans[last].end, spans[last].script = end, s.script
		default:
			spans = append(spans, s)
		}
		if start = end; end == run.end {
			break
		}
	}
	return spans
}

func scriptOf(cluster []rune) language.Script {
	for _, r := range cluster {
		if s := language.LookupScript(r); s.Strong() {
			return s
		}
	}
	return language.Common
}

// fallBack finds a face for each user-perceived character of a span that no
// single face covers: the span's own where it can, then the base face.
func (t *typesetter) fallBack(runes []rune, ends []int, s span, bold bool, region string) []span {
	var spans []span
	start := s.start
	for _, end := range ends {
		if end <= s.start {
			continue
		}
		end = min(end, s.end)
		next := span{start: start, end: end, face: s.face, script: s.script}
		if s.face == nil || !s.face.coversAll(runes[start:end]) {
			next.plain = allPlain(t.weight(bold), string(runes[start:end]))
			next.face = t.fonts.pick(runes[start:end], bold, region)
		}
		if last := len(spans) - 1; last >= 0 && spans[last].face == next.face && spans[last].plain == next.plain {
			spans[last].end = end
		} else {
			spans = append(spans, next)
		}
		if start = end; end == s.end {
			break
		}
	}
	return spans
}

// shapeSpan makes a piece of a span. Missing are the characters that have no
// glyph after all.
func (t *typesetter) shapeSpan(runes []rune, s span, run visualRun, bold bool, tag string) (piece, []rune) {
	if s.plain {
		plain := string(runes[s.start:s.end])
		if run.level%2 == 1 {
			plain = xbidi.ReverseString(plain) // as it is seen, brackets mirrored
		}
		return piece{plain: plain, bold: bold, width: t.weight(bold).width(plain)}, nil
	}
	face := t.face(s.face)
	if face == nil {
		return piece{}, t.uncovered(runes[s.start:s.end])
	}
	direction := di.DirectionLTR
	if run.level%2 == 1 {
		direction = di.DirectionRTL
	}
	output := t.shaper.ShapeNoExtents(shaping.Input{
		Text: runes, RunStart: s.start, RunEnd: s.end, Direction: direction, Face: face,
		Size: fixed.I(unitsPerEm), Script: s.script, Language: language.NewLanguage(tag),
	})
	return t.outline(face, output, runes[:s.end])
}

// unitsPerEm is the size at which text is shaped; positions come in 64ths of it.
const unitsPerEm = 1000

// ems turns a length of the shaper into ems.
func ems(length fixed.Int26_6) float64 { return float64(length) / (64 * unitsPerEm) }

// face opens a typeface for this typesetter, or nil if it cannot be read.
func (t *typesetter) face(tf *typeface) *font.Face {
	if tf == nil {
		return nil
	}
	if face, ok := t.faces[tf]; ok {
		return face
	}
	loaded, err := tf.load()
	if err != nil {
		return nil
	}
	t.faces[tf] = font.NewFace(loaded)
	return t.faces[tf]
}

// uncovered lists the characters that no font has; where each has one but not
// together, all of them.
func (t *typesetter) uncovered(runes []rune) []rune {
	var missing []rune
	for _, r := range runes {
		if !ignorable(r) && t.regular.slot(r).page == 0 && t.fonts.pick([]rune{r}, false, "") == nil {
			missing = append(missing, r)
		}
	}
	if len(missing) == 0 {
		return runes
	}
	return missing
}

// outline collects the glyphs of a shaped span and the invisible text for them.
func (t *typesetter) outline(face *font.Face, output shaping.Output, runes []rune) (piece, []rune) {
	var p piece
	var missing []rune
	scale := 1 / float64(face.Upem())
	cluster, clusterStart := -1, 0.0
	for _, g := range output.Glyphs {
		if g.TextIndex() != cluster {
			p.closeCluster(clusterStart)
			cluster, clusterStart = g.TextIndex(), p.width
			p.openCluster(clusterRunes(runes, g), output.Direction == di.DirectionRTL)
		}
		path, ok := t.path(face, g.GlyphID)
		if !ok || g.GlyphID == 0 {
			missing = append(missing, clusterRunes(runes, g)...)
		}
		if len(path) > 0 {
			p.glyphs = append(p.glyphs, glyph{path: path, x: p.width + ems(g.XOffset), y: ems(g.YOffset), scale: scale})
		}
		p.width += ems(g.Advance)
	}
	p.closeCluster(clusterStart)
	return p, missing
}

// clusterRunes is the text that a glyph stands for.
func clusterRunes(runes []rune, g shaping.Glyph) []rune {
	end := min(g.TextIndex()+g.RunesCount(), len(runes))
	return runes[g.TextIndex():end]
}

// openCluster adds a cluster's characters to the invisible text in visual
// order, which for right-to-left text is backwards with brackets mirrored.
func (p *piece) openCluster(text []rune, rightToLeft bool) {
	first := len(p.veil)
	for _, r := range text {
		if rightToLeft {
			r, _ = utf8.DecodeRuneInString(xbidi.ReverseString(string(r)))
		}
		p.veil = append(p.veil, veiled{r: r, width: -1})
	}
	if rightToLeft {
		slices.Reverse(p.veil[first:])
	}
}

// closeCluster spreads the width that a cluster took over its characters.
func (p *piece) closeCluster(start float64) {
	first := slices.IndexFunc(p.veil, func(v veiled) bool { return v.width < 0 })
	if first < 0 {
		return
	}
	share := (p.width - start) / float64(len(p.veil)-first)
	for i := range p.veil[first:] {
		p.veil[first+i].width = max(share, 0)
	}
}
