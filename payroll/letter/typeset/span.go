package typeset

import (
	"slices"

	"github.com/go-text/typesetting/language"
)

// span is a part of a run that is shaped with one face. No face means that no
// font has it.
type span struct {
	start, end int
	face       *typeface
	script     language.Script
}

// itemize cuts a run into spans, in the order of the text. What the base face
// has is set in the base face, so that figures, brackets and Latin words look
// the same beside every script; the rest is set in the face of its script.
func (s *Setter) itemize(runes []rune, ends []int, r run, st Style) []span {
	base, region := s.fonts.base(st.Bold), ""
	s.spans = s.spans[:0]
	for start, end := range clusters(ends, r.start, r.end) {
		next := span{start: start, end: end, script: scriptOf(runes[start:end])}
		if base.coversAll(runes[start:end]) {
			next.face = base
		}
		last := len(s.spans) - 1
		switch {
		case last < 0 || s.spans[last].face != next.face || !joins(s.spans[last].script, next.script):
			s.spans = append(s.spans, next)
		default:
			s.spans[last].end = end
			if !s.spans[last].script.Strong() {
				s.spans[last].script = next.script
			}
		}
	}
	for i := 0; i < len(s.spans); i++ {
		if part := s.spans[i]; part.face == nil {
			if region == "" {
				region = cjkRegion(st.Language, runes)
			}
			found := s.cover(runes, ends, part, st.Bold, region)
			s.spans = slices.Replace(s.spans, i, i+1, found...)
			i += len(found) - 1
		}
	}
	return s.spans
}

// joins reports whether two characters may be shaped as one text: of the same
// script, or one of them of none.
func joins(a, b language.Script) bool {
	return a == b || !a.Strong() || !b.Strong()
}

// scriptOf is the script of a user-perceived character.
func scriptOf(cluster []rune) language.Script {
	for _, r := range cluster {
		if s := language.LookupScript(r); s.Strong() {
			return s
		}
	}
	return language.Common
}

// cover finds the face for a span: one for the whole where there is one, else
// the best for each user-perceived character.
func (s *Setter) cover(runes []rune, ends []int, whole span, bold bool, region string) []span {
	text := runes[whole.start:whole.end]
	if whole.face = s.fonts.pick(text, bold, region); whole.face != nil {
		return []span{whole}
	}
	var spans []span
	for start, end := range clusters(ends, whole.start, whole.end) {
		next := span{start, end, s.fonts.pick(runes[start:end], bold, region), whole.script}
		if last := len(spans) - 1; last >= 0 && spans[last].face == next.face {
			spans[last].end = end
		} else {
			spans = append(spans, next)
		}
	}
	return spans
}

// clusters ranges over the user-perceived characters of a part of a text, or
// over all characters if nobody has looked for the ends of those. A part may cut
// one in two.
func clusters(ends []int, from, to int) func(yield func(start, end int) bool) {
	return func(yield func(start, end int) bool) {
		for ends == nil && from < to && yield(from, from+1) {
			from++
		}
		first, _ := slices.BinarySearch(ends, from+1)
		for _, end := range ends[first:] {
			end = min(end, to)
			if !yield(from, end) || end == to {
				return
			}
			from = end
		}
	}
}

// graphemeEnds are the ends of the user-perceived characters (UAX #29).
func (s *Setter) graphemeEnds(runes []rune) []int {
	s.ends = s.ends[:0]
	s.segments.Init(runes)
	for it := s.segments.GraphemeIterator(); it.Next(); {
		g := it.Grapheme()
		s.ends = append(s.ends, g.Offset+len(g.Text))
	}
	return s.ends
}
