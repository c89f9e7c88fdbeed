// Package spell writes whole numbers and amounts of money in words: "four
// thousand five hundred eighty-one euros and sixty-four cents".
//
// The words of each language are data: a file of rules in the notation of
// CLDR's rule-based number formats (Unicode TR 35 part 3 §6), cut to what is
// needed here. It knows languages and nothing of payroll or of pages.
//
// Read [Speech] first.
package spell

import (
	"embed"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

//go:embed words/*.txt
var files embed.FS

// Limit is the first number that is not spelled.
const Limit = 1_000_000_000_000

// Speech is what is known of one language. It is safe for concurrent use.
type Speech struct {
	tag     language.Tag
	sets    map[string][]rule
	phrases map[string]string
	coins   map[string]coin
}

// Of reads the words of a language, one of Languages; nil if there are none.
// It takes some time, so that callers keep what they get.
func Of(lang string) *Speech {
	content, err := files.ReadFile("words/" + lang + ".txt")
	if err != nil {
		return nil
	}
	return parse(lang, string(content))
}

// Number spells a whole number, as one counts. It is false from Limit on.
func (s *Speech) Number(n uint64) (string, bool) {
	if n >= Limit {
		return "", false
	}
	return string(s.spell(nil, "main", n)), true
}

// Amount spells money: minor units of a currency (ISO 4217) with so many
// decimals. A currency that the language has no names for keeps its code and its
// decimals in figures: "four thousand five hundred eighty-one 64/100 THB". It is
// false from Limit of the whole unit on.
func (s *Speech) Amount(currency string, minor int64, decimals int) (string, bool) {
	magnitude, unit := uint64(minor), uint64(1)
	if minor < 0 {
		magnitude = -magnitude
	}
	for range decimals {
		unit *= 10
	}
	if magnitude/unit >= Limit {
		return "", false
	}
	text := make([]byte, 0, 160)
	if minor < 0 {
		text = append(text, s.phrases["minus"]...)
	}
	return string(s.amount(text, currency, magnitude/unit, magnitude%unit, decimals)), true
}

// coin is a currency's names, of the whole and of its part.
type coin struct{ whole, part name }

// name is how a thing is counted: the set of rules for its gender, and its forms
// by CLDR's plural categories. One with an empty set is not counted in words.
type name struct {
	set   string
	forms map[plural.Form]string
}

// forms are CLDR's plural categories.
var forms = map[string]plural.Form{"zero": plural.Zero, "one": plural.One, "two": plural.Two, "few": plural.Few, "many": plural.Many, "other": plural.Other}

// amount appends an amount that is not negative.
func (s *Speech) amount(b []byte, currency string, whole, part uint64, decimals int) []byte {
	c, known := s.coins[currency]
	if !known {
		b = s.spell(b, "main", whole)
		if decimals > 0 {
			b = fmt.Appendf(b, " %0*d/1%s", decimals, part, strings.Repeat("0", decimals))
		}
		return append(append(b, ' '), currency...)
	}
	switch {
	case part == 0 || len(c.part.forms) == 0:
		before, after, _ := strings.Cut(s.phrases["exact"], "{}")
		return append(s.count(append(b, before...), c.whole, whole), after...)
	case whole == 0:
		return s.count(b, c.part, part)
	}
	b = s.count(b, c.whole, whole)
	return s.count(append(b, s.phrases["and"]...), c.part, part)
}

// count appends so many of a thing.
func (s *Speech) count(b []byte, n name, count uint64) []byte {
	thing, ok := n.forms[plural.Cardinal.MatchPlural(s.tag, int(count%10_000_000), 0, 0, 0, 0)]
	if !ok {
		thing = n.forms[plural.Other]
	}
	if whole, alone := strings.CutPrefix(thing, "="); alone {
		return append(b, whole...)
	}
	return append(append(s.spell(b, n.set, count), s.between(count, thing)...), thing...)
}

// between stands between a number and what it counts: a space, or "de" after
// whole millions where the language wants it.
func (s *Speech) between(count uint64, thing string) string {
	of := s.phrases["of"]
	if of == "" || count == 0 || count%1_000_000 != 0 {
		return s.phrases["space"]
	}
	if elided := s.phrases["elided"]; elided != "" && strings.ContainsRune("aeiouéh", []rune(thing)[0]) {
		return elided
	}
	return of
}

// parse reads a file of words. A line is a phrase in quotation marks ("and: ' and '"), a
// currency ("EUR main one euro other euros / main one cent other cents"), the
// name of a set of rules ("%main"), or a rule ("20 twenty[->>]"). The files are
// part of the program, and the tests hold them to this form.
func parse(lang, content string) *Speech {
	s := &Speech{tag: language.Make(lang), sets: make(map[string][]rule), phrases: make(map[string]string), coins: make(map[string]coin)}
	set := ""
	for line := range strings.SplitSeq(content, "\n") {
		first, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '%':
			set = line[1:]
		case strings.HasSuffix(first, ":"):
			s.phrases[strings.TrimSuffix(first, ":")] = strings.Trim(rest, "'")
		case first[0] >= 'A' && first[0] <= 'Z':
			whole, part, _ := strings.Cut(rest, " / ")
			s.coins[first] = coin{parseName(whole), parseName(part)}
		default:
			s.addRules(set, first, rest)
		}
	}
	return s
}

// parseName reads "main one euro other euros"; an underscore is a space within a
// form, or alone no form at all, and what begins with = is said without a number.
func parseName(text string) name {
	set, rest, _ := strings.Cut(text, " ")
	n := name{set: set, forms: make(map[plural.Form]string)}
	for pair := range slices.Chunk(strings.Fields(rest), 2) {
		n.forms[forms[pair[0]]] = strings.TrimSuffix(strings.ReplaceAll(pair[1], "_", " "), " ")
	}
	return n
}

// addRules adds one rule ("100 << hundred[ >>]"), with its divisor where that is
// no power of ten ("60/20 soixante[->ten>]"), or, where its text has bars, those
// of successive numbers ("1 one|two|three").
func (s *Speech) addRules(set, base, text string) {
	number, by, _ := strings.Cut(base, "/")
	n, _ := strconv.ParseUint(number, 10, 64)
	divisor, _ := strconv.ParseUint(by, 10, 64)
	for one := range strings.SplitSeq(text, "|") {
		s.sets[set] = append(s.sets[set], newRule(set, n, divisor, one))
		n++
	}
}
