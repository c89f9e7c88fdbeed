package letter

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter/pdf"
	"github.com/payseal/payseal/payroll/letter/typeset"
)

// layoutVersion is part of every letterhead's digest. It must grow with any
// change that makes the same slip look or read otherwise.
const layoutVersion = 3

// Company is what stands on the letterhead.
type Company struct {
	Name           string
	Address        []string // lines
	Color          string   // "#0b4f6c"; "" for the default
	Logo           []byte   // PNG, JPEG or SVG; nil for none
	Contact        string   // whom employees ask, such as "payroll@acme.example, +43 1 234567"
	Language       string   // BCP 47, for employees without a language of their own; "" is English
	KeyFingerprint payroll.Fingerprint

	PageSize string                       // one of PageSizes; "" for the first
	Footer   []string                     // lines at the foot of every page
	Fields   map[payroll.FieldID]string   // of payroll.SectionEmployer, such as "siret"
	Labels   map[string]map[string]string // by language and name (LabelNames): words of the company's own
}

// CompanyOf is the company as its settings have it, with its logo and key.
func CompanyOf(l payroll.Letterhead, logo []byte, key payroll.Fingerprint) Company {
	return Company{
		Name: l.Name, Address: l.Address, Color: l.Color, Logo: logo, Contact: l.Contact, Language: l.Language, KeyFingerprint: key,
		PageSize: l.PageSize, Footer: l.Footer, Fields: l.Fields, Labels: l.Labels,
	}
}

// normalize makes companies that look the same the same: what is empty is nil.
func (c *Company) normalize() {
	if len(c.Address) == 0 {
		c.Address = nil
	}
	if len(c.Footer) == 0 {
		c.Footer = nil
	}
	if len(c.Fields) == 0 {
		c.Fields = nil
	}
	if len(c.Labels) == 0 {
		c.Labels = nil
	}
	if c.PageSize == PageSizes[0] {
		c.PageSize = ""
	}
}

// texts are those that stand on every page.
func (c *Company) texts() []string { return append(c.small(), c.Name) }

// small are those besides the name, which is always in bold.
func (c *Company) small() []string {
	texts := append([]string{c.Contact, c.KeyFingerprint.Grouped()}, c.Address...)
	texts = append(texts, c.Footer...)
	for _, text := range c.Fields {
		texts = append(texts, text)
	}
	slices.Sort(texts) // a map has no order, and the same letterhead is the same bytes
	return texts
}

// Fonts are the faces to draw with: see typeset.Fonts.
type Fonts = typeset.Fonts

// LoadFonts indexes the fonts in directories: see typeset.LoadFonts.
func LoadFonts(dirs ...fs.FS) (*Fonts, error) { return typeset.LoadFonts(dirs...) }

// Letterhead draws slips. It holds everything that is the same for all of them
// and is safe for concurrent use.
type Letterhead struct {
	company Company
	paper   paper
	color   pdf.Color
	logo    *pdf.Picture
	fonts   *Fonts
	digest  string
	desks   chan *desk // one for each core; nil: still to be made

	reading sync.Mutex
	locales map[editionKey]*locale

	mu       sync.Mutex
	editions map[editionKey]*edition
	stocks   map[string]*pdf.Stock // by language
}

// NewLetterhead prepares a letterhead. fonts may be nil: then only Latin, Greek
// and Cyrillic can be drawn. The error wraps payroll.ErrInvalid if something of
// the company cannot stand on a page.
func NewLetterhead(c Company, fonts *Fonts) (*Letterhead, error) {
	var err error
	if fonts == nil {
		if fonts, err = LoadFonts(); err != nil {
			return nil, err
		}
	}
	if err := checkCompany(&c); err != nil {
		return nil, err
	}
	c.normalize()
	h := &Letterhead{
		company: c, paper: paperOf(c.PageSize), fonts: fonts, desks: make(chan *desk, runtime.GOMAXPROCS(0)),
		locales: make(map[editionKey]*locale), editions: make(map[editionKey]*edition), stocks: make(map[string]*pdf.Stock),
	}
	if h.color, err = parseColor(c.Color); err != nil {
		return nil, err
	}
	if h.logo, err = openLogo(c.Logo); err != nil {
		return nil, err
	}
	for range cap(h.desks) {
		h.desks <- nil
	}
	if h.digest, err = h.sum(); err != nil {
		return nil, err
	}
	if err := h.checkGlyphs(); err != nil {
		return nil, err
	}
	if err := h.checkRoom(); err != nil {
		return nil, err
	}
	return h, nil
}

// Redrawn is the letterhead of another company, or of this one as it was, with the
// same fonts.
func (h *Letterhead) Redrawn(c Company) (*Letterhead, error) { return NewLetterhead(c, h.fonts) }

// The most lines of an address and of a footer, and the most bytes of either.
const (
	mostFooter  = 4
	mostAddress = 600
)

func checkCompany(c *Company) error {
	switch {
	case c.Name == "":
		return fmt.Errorf("%w: the company has no name", payroll.ErrInvalid)
	case c.PageSize != "" && !slices.Contains(PageSizes, c.PageSize):
		return fmt.Errorf("%w: the page size is %s", payroll.ErrInvalid, strings.Join(PageSizes, " or "))
	case len(strings.Join(c.Address, "")) > mostAddress:
		return fmt.Errorf("%w: the company's address is longer than %d bytes", payroll.ErrInvalid, mostAddress)
	case len(c.Footer) > mostFooter || len(strings.Join(c.Footer, "")) > mostAddress:
		return fmt.Errorf("%w: the footer has more than %d lines or %d bytes", payroll.ErrInvalid, mostFooter, mostAddress)
	}
	for id := range c.Fields {
		if f, known := payroll.KnownField(id); !known || f.Section != payroll.SectionEmployer {
			return fmt.Errorf("%w: no country's profile has a field of the employer named %q", payroll.ErrInvalid, id)
		}
	}
	for _, text := range append(c.texts(), c.Language) {
		if err := payroll.CheckText("letterhead", text); err != nil {
			return fmt.Errorf("check letterhead: %w", err)
		}
	}
	return checkLabels(c.Labels)
}

// checkGlyphs refuses a letterhead that would put a hole on every page.
func (h *Letterhead) checkGlyphs() error {
	texts := h.company.texts()
	for _, labels := range h.company.Labels {
		for _, text := range labels {
			texts = append(texts, text)
		}
	}
	if missing, _ := h.uncovered(h.company.Language, texts); len(missing) > 0 {
		return fmt.Errorf("%w: letterhead: %s", payroll.ErrInvalid, typeset.MissingMessage(missing))
	}
	return nil
}

// defaultColor is a deep blue.
const defaultColor = "#0b4f6c"

func parseColor(text string) (pdf.Color, error) {
	if text == "" {
		text = defaultColor
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(text, "#"), 16, 32)
	if err != nil || len(text) != 7 || text[0] != '#' {
		return pdf.Color{}, fmt.Errorf("%w: a colour is written #0b4f6c", payroll.ErrInvalid)
	}
	return legible(pdf.Color{R: uint8(n >> 16), G: uint8(n >> 8), B: uint8(n)}), nil
}

// legible darkens a colour in which text on white could not be read (contrast
// under 4.5, WCAG 2 §1.4.3, with luminance taken as the plain square).
func legible(c pdf.Color) pdf.Color {
	part := func(v uint8) float64 { return float64(v) * float64(v) / (255 * 255) }
	luminance := func(c pdf.Color) float64 { return 0.2126*part(c.R) + 0.7152*part(c.G) + 0.0722*part(c.B) }
	darker := func(v uint8) uint8 { return uint8(int(v) * 9 / 10) }
	for 1.05/(luminance(c)+0.05) < 4.5 {
		c = pdf.Color{R: darker(c.R), G: darker(c.G), B: darker(c.B)}
	}
	return c
}

// Digest is the SHA-256, in hexadecimal, of everything that shapes the page
// besides the slip: the company, the layout and the fonts that were found.
// Approval pins it.
func (h *Letterhead) Digest() string { return h.digest }

func (h *Letterhead) sum() (string, error) {
	company, err := json.Marshal(h.company)
	if err != nil {
		return "", fmt.Errorf("digest letterhead: %w", err)
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "payseal letterhead %d\n%s\n%x\n", layoutVersion, company, h.fonts.Digest())
	return hex.EncodeToString(sum.Sum(nil)), nil
}
