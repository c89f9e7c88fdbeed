package letter

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter/pdf"
	"github.com/payseal/payseal/payroll/letter/typeset"
)

// edition is what all documents for readers of one language and country have in
// common. It is made when the first of them is drawn, and kept.
type edition struct {
	locale   locale
	employer string // what the law wants to know of the company
	foot     footWords
	signs    map[string]bool // the signs of money that can be drawn
	stock    *pdf.Stock
}

// editionKey is a reader's language and country as the roster has them.
type editionKey struct{ tag, country string }

// edition finds what a reader's documents have in common.
func (h *Letterhead) edition(s *typeset.Setter, tag, country string) (*edition, error) {
	if tag == "" {
		tag = h.company.Language
	}
	key := editionKey{tag, country}
	h.mu.Lock()
	defer h.mu.Unlock()
	if e, ok := h.editions[key]; ok {
		return e, nil
	}
	e := &edition{locale: *h.localeOf(tag, country), signs: make(map[string]bool)}
	if !e.readable(s) {
		e.locale.words = h.ownWords(wordsOf("en"))
	}
	e.employer = h.employer(e.locale.words.language, country)
	w := e.locale.words
	e.foot = h.footWords(w.page, w.questions, w.fingerprint)
	for _, sign := range signs {
		e.signs[sign] = covers(s, e.locale.tag, sign)
	}
	var err error
	if e.stock, err = h.stock(s, e); err != nil {
		return nil, err
	}
	if len(h.editions) >= mostEditions {
		clear(h.editions)
		clear(h.stocks)
	}
	h.editions[key] = e
	return e, nil
}

// drawable reports whether a font has a sign of money.
func (e *edition) drawable(sign string) bool { return e.signs[sign] }

// readable reports whether the fonts have all letters of the labels.
func (e *edition) readable(s *typeset.Setter) bool {
	return e.locale.words.language == "en" || covers(s, e.locale.tag, e.locale.words.texts()...)
}

// covers reports whether the fonts have texts in both weights.
func covers(s *typeset.Setter, tag string, texts ...string) bool {
	missing, _ := uncovered(s, tag, texts)
	return len(missing) == 0
}

// localeOf is how somebody reads, with the words of this letterhead. It is kept,
// since a run has few languages.
func (h *Letterhead) localeOf(tag, country string) *locale {
	if tag == "" {
		tag = h.company.Language
	}
	key := editionKey{tag, country}
	h.reading.Lock()
	defer h.reading.Unlock()
	if l, ok := h.locales[key]; ok {
		return l
	}
	l := localeOf(tag, country)
	l.words = h.ownWords(l.words)
	if len(h.locales) >= mostEditions {
		clear(h.locales)
	}
	h.locales[key] = &l
	return &l
}

// footWords are what the letterhead says at the foot of every page.
func (h *Letterhead) footWords(page, questions, fingerprint string) footWords {
	words := footWords{page: page}
	if h.company.Contact != "" {
		words.lines = append(words.lines, fill(questions, "{contact}", h.company.Contact))
	}
	words.lines = append(words.lines, h.company.Footer...)
	if h.company.KeyFingerprint != "" {
		words.lines = append(words.lines, fingerprint+" "+h.company.KeyFingerprint.Grouped())
	}
	return words
}

// employer is what the law of a reader's country wants to know of the company, in
// one line; everything, where the country is not known.
func (h *Letterhead) employer(language, country string) string {
	var parts []string
	for _, id := range slices.Sorted(maps.Keys(h.company.Fields)) {
		if f, known := payroll.KnownField(id); known && (country == "" || payroll.ProfileOf(country).Asks(id)) {
			parts = append(parts, f.Label(language)+" "+h.company.Fields[id])
		}
	}
	return strings.Join(parts, " · ")
}

// stock is what is frozen for a language: its labels' glyphs, the letterhead's,
// and letters that nearly every slip needs. It depends on the words' language
// alone, and not on which reader came first. The letterhead is locked.
func (h *Letterhead) stock(s *typeset.Setter, e *edition) (*pdf.Stock, error) {
	w := e.locale.words
	if stock, ok := h.stocks[w.language]; ok {
		return stock, nil
	}
	light := slices.Concat(w.usual(false), h.company.small(), []string{h.employer(w.language, ""), figures, signsOfText})
	heavy := append(w.usual(true), h.company.Name, figures)
	if w.in(unicode.Latin) {
		light, heavy = append(light, letters, accents[w.language]), append(heavy, letters, accents[w.language])
	}
	fonts := []pdf.Font{{Name: "Regular"}, {Name: "Bold"}}
	for i, texts := range [...][]string{light, heavy} {
		for _, text := range texts {
			style := typeset.Style{Bold: i == 1, Language: w.language}
			fonts[i].Glyphs = append(fonts[i].Glyphs, s.Glyphs(text, style)...)
		}
	}
	var pictures []pdf.Picture
	if h.logo != nil {
		pictures = append(pictures, *h.logo)
	}
	stock, err := pdf.NewStock(fonts, pictures)
	if err == nil {
		h.stocks[w.language] = stock
	}
	return stock, err
}

// What names, components and amounts are written with, where that is known.
const (
	letters     = "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	figures     = "0123456789 .,-−'’\u00a0€"
	signsOfText = ":;–·•()/%&+×=@"
)

// in reports whether the words are in one of the scripts.
func (w *words) in(scripts ...*unicode.RangeTable) bool {
	for _, r := range w.title {
		return unicode.In(r, scripts...)
	}
	return false
}

// accents are the letters of a language besides those.
var accents = map[string]string{
	"de": "äöüßÄÖÜ„“§", "fr": "àâçéèêëîïôùûœÀÉÈÊ", "es": "áéíóúñüÁÉÍÓÚÑ¿", "it": "àèéìòùÀÈ", "nl": "ëïéö",
	"pl": "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ", "pt": "áâãàçéêíóôõúÁÂÃÇÉÍÓÚº",
}
