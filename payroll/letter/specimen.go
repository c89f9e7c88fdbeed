package letter

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter/pdf"
)

// Specimen makes a test slip: the MIME entity of a letter that is built like a
// slip's and says that it is none. It holds no pay data and nobody's name.
// language is a BCP 47 tag, "" for the company's. The same language, letterhead
// and envelope give the same bytes.
func (h *Letterhead) Specimen(language string, e payroll.Envelope) ([]byte, error) {
	if err := checkEnvelope(e); err != nil {
		return nil, err
	}
	page, err := h.SpecimenPage(language, e.Date)
	if err != nil {
		return nil, err
	}
	w := specimenWordsOf(h.specimenTag(language))
	text, err := quoted(w.message(h.company))
	if err != nil {
		return nil, err
	}
	return entity(nil, e, w.title+", "+h.company.Name, text, "Test-slip.pdf", page), nil
}

// SpecimenPage draws the page of a test slip as a PDF of that date. Where no font
// has the language's letters the page is in English.
func (h *Letterhead) SpecimenPage(language string, made time.Time) ([]byte, error) {
	const what = "draw test slip"
	if made.Year() < 1900 || made.Year() > 9999 {
		return nil, fmt.Errorf("%w: %s: a date out of range", payroll.ErrInvalid, what)
	}
	tag := h.specimenTag(language)
	w := specimenWordsOf(tag)
	if missing, _ := h.uncovered(tag, w.pageTexts()); len(missing) > 0 {
		tag, w = "en", &specimenEnglish
	}
	return h.compose(nil, what, tag, "", func(d *desk) pdf.Info {
		s := specimen{d, w}
		s.mirrored = w.rightToLeft
		s.begin(w.language)
		f := w.foot()
		words := h.footWords(f.page, f.questions, f.fingerprint)
		foot := s.footOf(&words)
		s.reserve(&foot)
		s.again = func() {}
		s.out.Page(s.width, s.height)
		s.draw()
		s.feet(&foot)
		return pdf.Info{Title: w.title, Author: h.company.Name, Created: made.UTC()}
	})
}

func (h *Letterhead) specimenTag(language string) string {
	if language == "" {
		language = h.company.Language
	}
	return language
}

// specimen is a test slip on its way to paper.
type specimen struct {
	*desk
	words *specimenWords
}

func (s specimen) draw() {
	s.watermark()
	head{letterhead: s.letterhead, title: s.words.title}.draw(s.canvas)
	s.band()
	list := s.out.Add(s.out.Root(), pdf.L)
	for i, step := range s.words.steps {
		s.step(list, strconv.Itoa(i+1), fill(step, "{company}", s.letterhead.company.Name))
	}
}

// watermark writes behind everything that this is a test.
func (s specimen) watermark() {
	word := s.line(s.words.watermark, true)
	size := min(190, s.full/word.Width)
	x := (s.full - word.Width*size) / 2
	s.start(pdf.Artifact, x, s.height*0.80, size, tint(s.brand, 0.92), word)
}

// band says what this is, where a slip has its amount.
func (s specimen) band() {
	headline := s.lines(s.words.headline, true, 19, s.full-48)
	below := s.lines(s.words.nobodys, false, 11, s.full-48)
	height := 26 + 25*float64(len(headline)) + 16*float64(len(below))
	s.box(0, s.y, s.full, height, tint(s.brand, 0.93))
	s.box(0, s.y, 4, height, s.brand)
	s.stack(s.out.Add(s.out.Root(), pdf.H2), 20, s.y+31, 19, 25, s.brand, headline)
	s.stack(s.out.Add(s.out.Root(), pdf.P), 20, s.y+31+25*float64(len(headline)), 11, 16, ink, below)
	s.y += height + 36
}

// step draws one numbered sentence.
func (s specimen) step(list pdf.Element, number, text string) {
	item := s.out.Add(list, pdf.LI)
	s.start(s.out.Add(item, pdf.Lbl), 4, s.y+5, 22, s.brand, s.line(number, true))
	lines := s.lines(text, false, 12, s.full-44)
	s.stack(s.out.Add(item, pdf.LBody), 40, s.y, 12, 18, ink, lines)
	s.y += 18*float64(len(lines)) + 18
}

// message is the text beside the page.
func (w *specimenWords) message(c Company) string {
	sentences := []string{w.headline + " " + w.nobodys}
	sentences = append(sentences, w.steps[:]...)
	if c.KeyFingerprint != "" {
		sentences = append(sentences, w.foot().fingerprint+":", c.KeyFingerprint.Grouped())
	}
	for i, sentence := range sentences {
		if w.rightToLeft && sentence != c.KeyFingerprint.Grouped() {
			// A mark for programs that look at the letters, an isolate for those that do
			// not (UAX #9).
			sentences[i] = "\u200f\u2067" + sentence + "\u2069"
		}
	}
	return fill(strings.Join(sentences, "\n\n"), "{company}", c.Name) + "\n\n-- \n" + c.Name + "\n"
}

// pageTexts are all texts that must have a font.
func (w *specimenWords) pageTexts() []string {
	return append([]string{w.title, w.watermark, w.headline, w.nobodys, w.foot().questions, w.foot().fingerprint, w.foot().page}, w.steps[:]...)
}
