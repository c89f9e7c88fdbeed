package letter

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"runtime"
	"strconv"
	"strings"

	"github.com/payseal/payseal/payroll"
)

// layoutVersion is part of every letterhead's digest. It must grow with any
// change that makes the same slip look or read otherwise.
const layoutVersion = 1

// Company is what stands on the letterhead.
type Company struct {
	Name           string
	Address        []string // lines
	Color          string   // "#0b4f6c"; "" for the default
	Logo           []byte   // PNG or JPEG; nil for none
	Contact        string   // whom employees ask, such as "payroll@acme.example, +43 1 234567"
	Language       string   // BCP 47, for employees without a language of their own; "" is English
	KeyFingerprint payroll.Fingerprint
}

// Letterhead draws slips. It holds everything that is the same for all of them
// and is safe for concurrent use.
type Letterhead struct {
	company       Company
	color         color
	logo          *logo
	fonts         *Fonts
	regular, bold *weight
	blank         codepage
	digest        string
	setters       chan *typesetter // one for each core; nil: still to be made
}

// NewLetterhead prepares a letterhead: it cuts the base face and decodes the
// logo. fonts may be nil: then only Latin, Greek and Cyrillic can be drawn. The
// error wraps payroll.ErrInvalid if something of the company cannot stand on a
// page.
func NewLetterhead(c Company, fonts *Fonts) (*Letterhead, error) {
	if fonts == nil {
		fonts = &Fonts{}
	}
	if err := checkCompany(c); err != nil {
		return nil, err
	}
	h := &Letterhead{company: c, fonts: fonts}
	var err error
	if h.color, err = parseColor(c.Color); err != nil {
		return nil, err
	}
	if h.logo, err = openLogo(c.Logo); err != nil {
		return nil, err
	}
	regular, bold, err := fonts.baseFaces()
	if err != nil {
		return nil, err
	}
	if h.regular, err = newWeight(regular, "Regular"); err != nil {
		return nil, err
	}
	if h.bold, err = newWeight(bold, "Bold"); err != nil {
		return nil, err
	}
	if h.blank, err = newBlank(regular); err != nil {
		return nil, err
	}
	h.setters = make(chan *typesetter, runtime.GOMAXPROCS(0))
	for range cap(h.setters) {
		h.setters <- nil
	}
	if h.digest, err = h.sum(); err != nil {
		return nil, err
	}
	return h, h.checkGlyphs()
}

// Redrawn is the letterhead of another company, or of this one as it was, with the
// same fonts.
func (h *Letterhead) Redrawn(c Company) (*Letterhead, error) { return NewLetterhead(c, h.fonts) }

// set runs f with a typesetter of its own. There are only as many as cores: each
// keeps the faces that it has drawn with, and those of a Chinese, Japanese or
// Korean font are large. One that f leaves by a panic is thrown away.
func (h *Letterhead) set(f func(t *typesetter)) {
	t := <-h.setters
	done := false
	defer func() {
		if !done {
			t = nil
		}
		h.setters <- t
	}()
	if t == nil {
		t = newTypesetter(h.fonts, h.regular, h.bold)
	}
	t.missing = t.missing[:0]
	f(t)
	done = true
}

func checkCompany(c Company) error {
	if c.Name == "" {
		return fmt.Errorf("%w: the company has no name", payroll.ErrInvalid)
	}
	texts := append([]string{c.Name, c.Contact, c.Language, string(c.KeyFingerprint)}, c.Address...)
	for _, text := range texts {
		if err := payroll.CheckText("letterhead", text); err != nil {
			return fmt.Errorf("check letterhead: %w", err)
		}
	}
	if len(joinAddress(c.Address)) > 600 {
		return fmt.Errorf("%w: the company's address is longer than 600 characters", payroll.ErrInvalid)
	}
	return nil
}

// newBlank is the font of the invisible text: one empty glyph.
func newBlank(content []byte) (codepage, error) {
	source, err := openGlyfFont(content)
	if err != nil {
		return codepage{}, err
	}
	return newCodepage(source, []rune{' '}, "Regular")
}

// checkGlyphs refuses a letterhead that would put a hole on every page.
func (h *Letterhead) checkGlyphs() error {
	texts := append([]string{h.company.Name, h.company.Contact}, h.company.Address...)
	if missing := h.uncovered(h.company.Language, texts); len(missing) > 0 {
		return fmt.Errorf("%w: letterhead: %s", payroll.ErrInvalid, missingMessage(missing))
	}
	return nil
}

// defaultColor is a deep blue.
const defaultColor = "#0b4f6c"

func parseColor(text string) (color, error) {
	if text == "" {
		text = defaultColor
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(text, "#"), 16, 32)
	if err != nil || len(text) != 7 || text[0] != '#' {
		return color{}, fmt.Errorf("%w: a colour is written #0b4f6c", payroll.ErrInvalid)
	}
	return legible(color{uint8(n >> 16), uint8(n >> 8), uint8(n)}), nil
}

// legible darkens a colour in which large text on white could not be read
// (contrast under 4.5, WCAG 2 §1.4.3, with luminance taken as the plain square).
func legible(c color) color {
	luminance := func(c color) float64 {
		part := func(v uint8) float64 { return float64(v) * float64(v) / (255 * 255) }
		return 0.2126*part(c.r) + 0.7152*part(c.g) + 0.0722*part(c.b)
	}
	for 1.05/(luminance(c)+0.05) < 4.5 {
		c = color{uint8(int(c.r) * 9 / 10), uint8(int(c.g) * 9 / 10), uint8(int(c.b) * 9 / 10)}
	}
	return c
}

// Digest is the SHA-256, in hexadecimal, of everything that shapes the page
// besides the slip: the company, the layout and the fonts that were found.
// Approval pins it.
func (h *Letterhead) Digest() string { return h.digest }

func (h *Letterhead) sum() (string, error) {
	sum := sha256.New()
	company, err := json.Marshal(h.company)
	if err != nil {
		return "", fmt.Errorf("digest letterhead: %w", err)
	}
	fmt.Fprintf(sum, "payseal letterhead %d\n%s\n", layoutVersion, company)
	for _, w := range []*weight{h.regular, h.bold} {
		for _, page := range w.pages {
			sum.Write([]byte(page.dictionary))
			sum.Write(page.program)
		}
	}
	for _, face := range h.fonts.faces {
		sum.Write(face.digest[:])
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// locale is how this employee reads.
func (h *Letterhead) locale(e payroll.Employee) locale {
	tag := e.Language
	if tag == "" {
		tag = h.company.Language
	}
	return localeOf(tag, e.Country)
}
