package letter

import (
	"fmt"
	"strings"
	"time"

	"github.com/payseal/payseal/payroll"
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
	return entity(e, w.title+", "+h.company.Name, text, "Test-slip.pdf", page), nil
}

// SpecimenPage draws the page of a test slip as a PDF of that date. Where no font
// has the language's letters the page is in English.
func (h *Letterhead) SpecimenPage(language string, made time.Time) (pdf []byte, err error) {
	defer func() {
		if recover() != nil {
			pdf, err = nil, fmt.Errorf("draw test slip: a font cannot be used")
		}
	}()
	if made.Year() < 1900 || made.Year() > 9999 {
		return nil, fmt.Errorf("%w: draw test slip: a date out of range", payroll.ErrInvalid)
	}
	tag := h.specimenTag(language)
	w := specimenWordsOf(tag)
	if missing := h.uncovered(tag, w.pageTexts()); len(missing) > 0 {
		tag, w = "en", &specimenEnglish
	}
	h.set(func(t *typesetter) {
		s := newSpecimen(h, w, tag, t)
		s.draw()
		if len(t.missing) > 0 {
			err = fmt.Errorf("%w: draw test slip: %s", payroll.ErrInvalid, missingMessage(t.missing))
			return
		}
		pdf, err = h.write(s.layout, w.title, made.UTC())
	})
	return pdf, err
}

func (h *Letterhead) specimenTag(language string) string {
	if language == "" {
		language = h.company.Language
	}
	return language
}

// specimen is a test slip on its way to the page.
type specimen struct {
	*layout
	words *specimenWords
}

func newSpecimen(h *Letterhead, w *specimenWords, tag string, t *typesetter) specimen {
	labels := english
	labels.language, labels.questions, labels.fingerprint, labels.page = w.language, w.questions, w.fingerprint, w.page
	nobody := &payroll.Slip{Employee: payroll.Employee{Language: tag}}
	d := &layout{sheets: newSheets(t), letterhead: h, slip: nobody, locale: locale{tag: tag, words: &labels}}
	d.measureFoot()
	return specimen{d, w}
}

func (s specimen) draw() {
	s.add()
	s.watermark()
	s.top()
	s.band()
	for i, step := range s.words.steps {
		s.step(fmt.Sprint(i+1), fill(step, "{company}", s.letterhead.company.Name))
	}
	s.footers()
}

// watermark writes across the whole page that this is a test.
func (s specimen) watermark() {
	const size = 150.0
	word := s.text(s.words.watermark, true)
	scale := min(1, 620/(word.width*size))
	p := s.page()
	p.operator("q")
	p.numbers(0.766, 0.643, -0.643, 0.766, pageWidth/2, pageHeight/2-110) // 40 degrees
	p.operator("cm")
	s.line(-word.width*size*scale/2, pageHeight, size*scale, s.letterhead.color.mixed(0.9), word)
	p.operator("Q")
	p.font, p.inked = "", false // Q has taken both back
}

// top draws the letterhead, and where a slip has its month that it is a test.
func (s specimen) top() {
	h := s.letterhead
	title := s.text(s.words.title, true)
	s.lineRight(right, topMargin+30, 23, h.color, title)
	s.y = s.companyHead(full-title.width*23-24, topMargin+48)
}

// band says what this is, where a slip has its amount.
func (s specimen) band() {
	headline := s.lines(s.words.headline, true, 19, full-48)
	below := s.lines(s.words.nobodys, false, 11, full-48)
	height := 26 + 25*float64(len(headline)) + 16*float64(len(below))
	s.box(s.edge(0, 4), s.y, 4, height, s.letterhead.color)
	s.box(left, s.y, full, hairline, s.letterhead.color)
	s.box(left, s.y+height, full, hairline, s.letterhead.color)
	y := s.y + 30
	for _, l := range headline {
		s.start(20, y, 19, s.letterhead.color, l)
		y += 25
	}
	for _, l := range below {
		s.start(20, y, 11, ink, l)
		y += 16
	}
	s.y += height + 34
}

// step draws one numbered sentence.
func (s specimen) step(number, text string) {
	s.start(4, s.y+5, 22, s.letterhead.color, s.text(number, true))
	for _, l := range s.lines(text, false, 12, full-44) {
		s.start(40, s.y, 12, ink, l)
		s.y += 18
	}
	s.y += 18
}

// start draws a line that begins so far from the edge at which the language's
// lines begin.
func (s specimen) start(indent, y, size float64, c color, l line) {
	if s.words.rightToLeft {
		s.lineRight(right-indent, y, size, c, l)
		return
	}
	s.line(left+indent, y, size, c, l)
}

// edge is the left end of something of that width at that distance from the same
// edge.
func (s specimen) edge(indent, width float64) float64 {
	if s.words.rightToLeft {
		return right - indent - width
	}
	return left + indent
}

// message is the text beside the page.
func (w *specimenWords) message(c Company) string {
	sentences := []string{w.headline + " " + w.nobodys}
	sentences = append(sentences, w.steps[:]...)
	if c.KeyFingerprint != "" {
		sentences = append(sentences, w.fingerprint+":", c.KeyFingerprint.Grouped())
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
	return append([]string{w.title, w.watermark, w.headline, w.nobodys, w.questions, w.fingerprint, w.page}, w.steps[:]...)
}
