package letter

import (
	"compress/zlib"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/payseal/payseal/payroll"
)

// logoBox is the height that the logo may take on the page, in points.
const logoBox = 40.0

// documentDate is the date that the PDF gives as its own: the pay date, or the
// end of the period. It comes from the slip, so that the same slip stays the
// same bytes.
func documentDate(s *payroll.Slip) (time.Time, error) {
	day := s.PayDate
	if day.IsZero() {
		day = s.Period.Last()
	}
	if s.Period.Month < time.January || s.Period.Month > time.December || day.Year < 1900 || day.Year > 9999 {
		return time.Time{}, fmt.Errorf("%w: draw page: the slip has no period or no pay date", payroll.ErrInvalid)
	}
	return day.At(0, 0, time.UTC), nil
}

// write assembles the PDF of that title.
func (h *Letterhead) write(d *layout, title string, made time.Time) ([]byte, error) {
	w := newDocument(40 << 10)
	catalog, info, tree, resources := w.reserve(1), w.reserve(1), w.reserve(1), w.reserve(1)
	pages := w.reserve(2 * len(d.pages))
	var kids strings.Builder
	for i, page := range d.pages {
		number := pages + 2*i
		kids.WriteString(reference(number) + " ")
		w.object(number, "<</Type/Page/Parent ", reference(tree), "/Resources ", reference(resources),
			"/Contents ", reference(number+1), ">>")
		deflated, err := d.setter.deflate(page.content)
		if err != nil {
			return nil, err
		}
		w.stream(number+1, "", deflated)
	}
	fonts := h.writeFonts(w, d.sheets)
	w.object(resources, "<</Font<<", fonts, ">>", h.writeLogo(w), ">>")
	w.object(tree, fmt.Sprintf("<</Type/Pages/MediaBox[0 0 %.2f %.2f]/Count %d/Kids[%s]>>", pageWidth, pageHeight, len(d.pages), kids.String()))
	w.object(catalog, "<</Type/Catalog/Pages ", reference(tree), "/Lang(", d.locale.words.language, ")/ViewerPreferences<</DisplayDocTitle true>>>>")
	date := made.Format("(D:20060102150405Z)")
	w.object(info, "<</Title", textString(title), "/Author", textString(h.company.Name),
		"/Producer(payseal)/CreationDate", date, "/ModDate", date, ">>")
	return w.finish(catalog, info), nil
}

// deflate compresses a page's content with a compressor that is kept.
func (t *typesetter) deflate(content []byte) ([]byte, error) {
	t.deflated.Reset()
	if t.deflater == nil {
		var err error
		if t.deflater, err = zlib.NewWriterLevel(&t.deflated, zlib.BestSpeed); err != nil {
			return nil, fmt.Errorf("deflate page: %w", err)
		}
	}
	t.deflater.Reset(&t.deflated)
	if _, err := t.deflater.Write(content); err != nil {
		return nil, fmt.Errorf("deflate page: %w", err)
	}
	if err := t.deflater.Close(); err != nil {
		return nil, fmt.Errorf("deflate page: %w", err)
	}
	return t.deflated.Bytes(), nil
}

// writeFonts writes the code pages that were used and the invisible fonts, and
// returns their entries in the resources.
func (h *Letterhead) writeFonts(w *document, s *sheets) string {
	keys := make([]string, 0, len(s.used))
	for key := range s.used {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	var entries strings.Builder
	for _, key := range keys {
		fmt.Fprintf(&entries, "/%s %s", key, reference(s.used[key].write(w)))
	}
	for i := 0; i*224 < len(s.veil.runes); i++ {
		page := h.blank
		page.describe(fmt.Sprintf("Veil%02d", i), s.veil.runes[i*224:min((i+1)*224, len(s.veil.runes))], func(rune) int { return 1000 })
		fmt.Fprintf(&entries, "/%s %s", veilKey(i), reference(page.write(w)))
	}
	return entries.String()
}

// write writes a font and all that belongs to it, and returns its number.
func (c *codepage) write(w *document) int {
	font := w.reserve(3)
	w.object(font, c.dictionary, "/FontDescriptor ", reference(font+1), ">>")
	w.object(font+1, c.descriptor, "/FontFile2 ", reference(font+2), ">>")
	w.stream(font+2, c.length, c.program)
	return font
}

// writeLogo writes the company's picture and returns its entry in the resources.
func (h *Letterhead) writeLogo(w *document) string {
	if h.logo == nil {
		return ""
	}
	number := w.reserve(1)
	w.stream(number, fmt.Sprintf("/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8",
		h.logo.width, h.logo.height), h.logo.pixels)
	return "/XObject<</logo " + reference(number) + ">>"
}

// drawLogo puts the company's picture into the upper left corner of a page.
func (d *layout) drawLogo() {
	logo := d.letterhead.logo
	if logo == nil {
		return
	}
	scale := min(120/float64(logo.width), logoBox/float64(logo.height))
	width, height := float64(logo.width)*scale, float64(logo.height)*scale
	p := d.page()
	p.operator("q")
	p.numbers(width, 0, 0, height, left, pageHeight-topMargin-height)
	p.operator("cm /logo Do Q")
}
