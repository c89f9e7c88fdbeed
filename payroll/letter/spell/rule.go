package spell

import "strings"

// rule spells the numbers from its base on, up to the next rule. In its text
// << is the quotient by the divisor, >> the remainder, == the number itself,
// each by the same set of rules; <name<, >name> and =name= use another. What
// stands in brackets is left out where the remainder is 0; after a tilde inside
// the brackets stands what is said instead.
type rule struct {
	base, divisor uint64
	some, none    []part // the text where there is a remainder, and where there is none
}

// part is a stretch of a rule's text: words as they are, or a number.
type part struct {
	words string
	mark  byte   // '<', '>' or '='; 0 for words
	set   string // by which the number is spelled
}

// newRule takes as divisor the largest power of ten within the base, if none is
// given.
func newRule(set string, base, divisor uint64, text string) rule {
	if divisor == 0 {
		for divisor = 1; divisor*10 <= base; divisor *= 10 {
		}
	}
	before, rest, _ := strings.Cut(text, "[")
	choice, after, _ := strings.Cut(rest, "]")
	some, none, _ := strings.Cut(choice, "~")
	return rule{base, divisor, newParts(set, before+some+after), newParts(set, before+none+after)}
}

func newParts(set, text string) (parts []part) {
	for text != "" {
		at := strings.IndexAny(text, "<>=")
		if at < 0 {
			return append(parts, part{words: text})
		}
		name, rest, _ := strings.Cut(text[at+1:], text[at:at+1])
		if name == "" {
			name = set
		}
		parts = append(parts, part{words: text[:at]}, part{mark: text[at], set: name})
		text = rest
	}
	return parts
}

// spell appends a number in words, by a set of rules.
func (s *Speech) spell(b []byte, set string, n uint64) []byte {
	rules := s.sets[set]
	i := len(rules) - 1
	for i >= 0 && rules[i].base > n {
		i--
	}
	if i < 0 {
		return b
	}
	r := &rules[i]
	parts := r.some
	if n%r.divisor == 0 {
		parts = r.none
	}
	for _, p := range parts {
		switch p.mark {
		case '<':
			b = s.spell(b, p.set, n/r.divisor)
		case '>':
			b = s.spell(b, p.set, n%r.divisor)
		case '=':
			b = s.spell(b, p.set, n)
		default:
			b = append(b, p.words...)
		}
	}
	return b
}
