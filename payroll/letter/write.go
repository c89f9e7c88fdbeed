package letter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
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

// write assembles the PDF.
func (h *Letterhead) write(d *layout, made time.Time) ([]byte, error) {
	pdf := fpdf.New("P", "pt", "A4", "")
	pdf.SetCatalogSort(true)
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetMargins(0, 0, 0)
	pdf.SetCreationDate(made)
	pdf.SetModificationDate(made)
	pdf.SetProducer("payseal", false)
	pdf.SetTitle(d.locale.words.title+", "+d.locale.month(d.slip.Period), true)
	pdf.SetAuthor(h.company.Name, true)
	pdf.SetLang(d.locale.words.language)
	if err := h.addFonts(pdf, d.sheets); err != nil {
		return nil, err
	}
	for i, page := range d.pages {
		pdf.AddPage()
		if i == 0 {
			h.drawLogo(pdf)
		}
		for n, s := range page.strokes {
			end := len(page.content)
			if n+1 < len(page.strokes) {
				end = page.strokes[n+1].start
			}
			if s.font != "" {
				pdf.SetFont(s.font, "", s.size)
			}
			pdf.RawWriteStr(string(page.content[s.start:end]))
		}
	}
	var out bytes.Buffer
	out.Grow(48 << 10)
	if err := pdf.Output(&out); err != nil {
		return nil, fmt.Errorf("write page: %w", err)
	}
	return out.Bytes(), nil
}

// addFonts declares the code pages that were used and the invisible fonts.
func (h *Letterhead) addFonts(pdf *fpdf.Fpdf, s *sheets) error {
	keys := make([]string, 0, len(s.used))
	for key := range s.used {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		pdf.AddFontFromBytes(key, "", s.used[key].definition, s.used[key].program)
	}
	for i := 0; i*224 < len(s.veil.runes); i++ {
		definition, err := h.veilDefinition(i, s.veil.runes[i*224:min((i+1)*224, len(s.veil.runes))])
		if err != nil {
			return err
		}
		pdf.AddFontFromBytes(veilKey(i), "", definition, h.blank.program)
	}
	return nil
}

// veilDefinition describes a font without outlines, every character one em
// wide, that gives the invisible text its characters.
func (h *Letterhead) veilDefinition(number int, runes []rune) ([]byte, error) {
	widths := make([]int, 256)
	var names strings.Builder
	names.WriteString("32")
	for i, r := range runes {
		widths[32+i] = 1000
		names.WriteString(" /" + glyphName(r))
	}
	definition, err := json.Marshal(fontDefinition{
		Tp: "TrueType", Name: fmt.Sprintf("VEILAA+Veil%02d", number), Desc: h.blank.about, Cw: widths, Diff: names.String(),
		File: "veil.z", OriginalSize: h.blank.size,
	})
	if err != nil {
		return nil, fmt.Errorf("describe invisible font: %w", err)
	}
	return definition, nil
}

// blankFont is a font with one empty glyph.
type blankFont struct {
	program []byte // deflated
	size    int
	about   fpdf.FontDescType
}

func newBlankFont(content []byte) (blankFont, error) {
	source, err := openGlyfFont(content)
	if err != nil {
		return blankFont{}, err
	}
	cut := source.cut([]rune{' '})
	program, err := deflate(cut)
	return blankFont{program: program, size: len(cut), about: describe(source, "Regular")}, err
}

// drawLogo puts the company's picture into the upper left corner of a page.
func (h *Letterhead) drawLogo(pdf *fpdf.Fpdf) {
	if h.logo == nil {
		return
	}
	options := fpdf.ImageOptions{ImageType: "PNG"}
	pdf.RegisterImageOptionsReader("logo", options, bytes.NewReader(h.logo.png))
	scale := min(120/float64(h.logo.width), logoBox/float64(h.logo.height))
	pdf.ImageOptions("logo", left, topMargin, float64(h.logo.width)*scale, float64(h.logo.height)*scale, false, options, 0, "")
}
