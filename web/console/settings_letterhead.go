package console

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter"
	"github.com/payseal/payseal/web/door"
)

// maxLogo is the most bytes of a logo.
const maxLogo = 1 << 20

var colorText = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// letterheadView is what settings-letterhead.html shows.
type letterheadView struct {
	settled
	Fields   []Field
	Drop     Drop
	Logo     bool // there is one, which can be taken away
	Remove   bool // as it was ticked in a form that came back
	Base     string
	Runs     []Link
	Mistakes []Mistake
}

func (p letterheadView) frame(f *Frame) { p.settled.frame(f) }

func (s *Server) letterheadForm(w http.ResponseWriter, r *http.Request, v *visit) error {
	base, err := s.settled(r.Context(), v)
	if err != nil {
		return err
	}
	return s.showLetterhead(w, r, v, http.StatusOK, base, base.Now.Settings.Company)
}

func (s *Server) showLetterhead(w http.ResponseWriter, r *http.Request, v *visit, status int, base settled, l payroll.Letterhead, mistakes ...Mistake) error {
	view := letterheadView{
		settled: base, Fields: letterheadFields(l), Logo: base.Now.Settings.Company.LogoSHA != "", Base: strconv.FormatInt(base.Now.Version, 10),
		Drop:     Drop{Name: "logo", Label: "Another logo", Hint: "PNG, JPEG or SVG, up to 1 MB. It is drawn at most 132 by 40 points large.", Accept: "image/png,image/jpeg,image/svg+xml"},
		Mistakes: mistakes, Remove: base.Now.Settings.Company.LogoSHA != "" && l.LogoSHA == "" && len(mistakes) > 0,
	}
	var err error
	if view.Runs, err = s.heldBy(r.Context()); err != nil {
		return err
	}
	return s.render(w, v, status, "settings-letterhead", view)
}

func letterheadFields(l payroll.Letterhead) []Field {
	return []Field{
		{Name: "name", Label: "Company", Value: l.Name, Required: true, Max: 200, Auto: "organization"},
		{Name: "address", Label: "Address", Kind: "textarea", Value: strings.Join(l.Address, "\n"), Hint: "One line for each line on the page, up to eight.", Optional: true},
		{Name: "contact", Label: "Contact", Value: l.Contact, Hint: "Whom employees ask, as printed on every slip and named in every notice.", Max: 200, Optional: true},
		{Name: "color", Label: "Colour", Kind: "color", Value: l.Color, Short: true},
		{Name: "language", Label: "Language", Value: l.Language, Hint: "Of slips for employees who have none of their own, such as en, de or pt-BR.", Required: true, Max: 35, Short: true},
		{Name: "page_size", Label: "Page size", Short: true, Options: pageSizes(l.PageSize)},
		{Name: "footer", Label: "Footer", Kind: "textarea", Value: strings.Join(l.Footer, "\n"), Hint: "Up to four lines at the foot of every page.", Optional: true},
	}
}

// pageSizes are the sizes of a page, with the one that counts; the first where
// nothing was said.
func pageSizes(now string) []Option {
	options := make([]Option, 0, len(letter.PageSizes))
	for i, size := range letter.PageSizes {
		options = append(options, Option{Value: size, Name: size, Chosen: size == now || now == "" && i == 0})
	}
	return options
}

// sentLetterhead is a form as it came.
type sentLetterhead struct {
	settings payroll.Settings
	logo     []byte
	base     int64
}

// readLetterhead reads the form over what counts.
func readLetterhead(r *http.Request, now payroll.ConfirmedSettings) (sentLetterhead, error) {
	if err := r.ParseMultipartForm(maxLogo + maxForm); err != nil { //nolint:gosec // the door has bounded the body
		return sentLetterhead{}, door.BodyError(err)
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }() // nothing was put on a disk
	form := r.MultipartForm.Value
	field := func(name string) string {
		if values := form[name]; len(values) > 0 {
			return strings.TrimSpace(values[0])
		}
		return ""
	}
	sent := sentLetterhead{settings: now.Settings, logo: now.Logo}
	sent.base, _ = strconv.ParseInt(field("base"), 10, 64) // 0 is never a version
	company := &sent.settings.Company
	company.Name, company.Contact = field("name"), field("contact")
	company.Color, company.Language, company.Address = strings.ToLower(field("color")), field("language"), lines(field("address"))
	company.PageSize, company.Footer = field("page_size"), lines(field("footer"))
	if company.PageSize == letter.PageSizes[0] {
		company.PageSize = ""
	}
	if field("remove") != "" {
		sent.logo = nil
	}
	if err := sent.takeLogo(r); err != nil {
		return sent, err
	}
	company.LogoSHA = ""
	if len(sent.logo) > 0 {
		company.LogoSHA = payroll.Digest(sent.logo)
	}
	return sent, nil
}

func (f *sentLetterhead) takeLogo(r *http.Request) error {
	file, header, err := r.FormFile("logo")
	if errors.Is(err, http.ErrMissingFile) || err == nil && header.Size == 0 {
		return nil
	}
	if err != nil {
		return door.BodyError(err)
	}
	defer file.Close() // only read
	if header.Size > maxLogo {
		return fmt.Errorf("%w: the logo is larger than 1 MB", payroll.ErrInvalid)
	}
	f.logo, err = io.ReadAll(file)
	return door.BodyError(err)
}

// lines are the lines of a text that are not empty.
func lines(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// drawn is the letterhead that the form describes; an error that wraps ErrInvalid
// says why it cannot be drawn.
func (s *Server) drawn(settings payroll.Settings, logo []byte) (*letter.Letterhead, error) {
	if err := settings.Check(); err != nil {
		return nil, err
	}
	c := settings.Company
	if len(c.Address) > 8 {
		return nil, fmt.Errorf("%w: the address has more than eight lines", payroll.ErrInvalid)
	}
	return s.Letterhead().Redrawn(letter.CompanyOf(c, logo, settings.Sender.Fingerprint))
}

func (s *Server) proposeLetterhead(w http.ResponseWriter, r *http.Request, v *visit) error {
	base, err := s.settled(r.Context(), v)
	if err != nil {
		return err
	}
	sent, err := readLetterhead(r, base.Now)
	if err == nil {
		_, err = s.drawn(sent.settings, sent.logo)
	}
	if err == nil {
		var p payroll.Proposal
		if p, err = s.Desk.ProposeSettings(r.Context(), sent.settings, sent.logo, sent.base, v.admin.Name); err == nil {
			return redirect(w, r, proposalPath(p.ID), "settings-proposed")
		}
	}
	if errors.Is(err, payroll.ErrInvalid) || errors.Is(err, payroll.ErrWrongState) {
		return s.showLetterhead(w, r, v, http.StatusUnprocessableEntity, base, sent.settings.Company, Mistake{Text: plainly(err)})
	}
	return err
}

// previewLetterhead draws a made-up slip on what the form describes, into the
// frame of the page.
func (s *Server) previewLetterhead(w http.ResponseWriter, r *http.Request, _ *visit) error {
	now, err := s.confirmedSettings(r.Context())
	if err != nil {
		return err
	}
	sent, err := readLetterhead(r, now)
	if err != nil {
		return framedProblem(w, err)
	}
	return s.drawInto(w, sent.settings, sent.logo)
}

func (s *Server) letterheadNow(w http.ResponseWriter, r *http.Request, _ *visit) error {
	pdf, err := s.Letterhead().Page(madeUpSlip(s.Now()))
	if err != nil {
		return fmt.Errorf("draw letterhead: %w", err)
	}
	writePDF(w, pdf)
	return nil
}

// proposedLetterhead draws the letterhead that a proposal would bring.
func (s *Server) proposedLetterhead(w http.ResponseWriter, r *http.Request, _ *visit) error {
	p, err := s.proposalOf(r)
	if err != nil {
		return err
	}
	if p.Kind != payroll.ProposeSettings {
		return errNoPage
	}
	settings, err := p.Settings()
	if err != nil {
		return err
	}
	logo, err := s.Desk.ProposedLogo(r.Context(), p.ID)
	if err != nil {
		return err
	}
	return s.drawInto(w, settings, logo)
}

func (s *Server) drawInto(w http.ResponseWriter, settings payroll.Settings, logo []byte) error {
	paper, err := s.drawn(settings, logo)
	if err != nil {
		return framedProblem(w, err)
	}
	pdf, err := paper.Page(madeUpSlip(s.Now()))
	if err != nil {
		return framedProblem(w, err)
	}
	writePDF(w, pdf)
	return nil
}

// framedProblem says in the frame why nothing can be drawn there.
func framedProblem(w http.ResponseWriter, err error) error {
	if !errors.Is(err, payroll.ErrInvalid) {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("Content-Security-Policy", "frame-ancestors 'self'")
	w.WriteHeader(http.StatusUnprocessableEntity)
	_, _ = io.WriteString(w, "This cannot be drawn: "+plainly(err)+".\n") //nolint:gosec // plain text, named as such; nobody is left to tell
	return nil
}

// madeUpSlip is of nobody: the page says so where the name stands.
func madeUpSlip(at time.Time) payroll.Slip {
	eur := payroll.Currency("EUR")
	amount := func(minor int64) payroll.Money { return payroll.Money{Minor: minor, Currency: eur} }
	pointer := func(minor int64) *payroll.Money { m := amount(minor); return &m }
	day := payroll.DateOf(at)
	return payroll.Slip{
		Employee: payroll.Employee{Number: "0000", Name: "A Made-up Person", Department: "Nowhere", Designation: "Example"},
		Period:   payroll.Period{Year: day.Year, Month: day.Month}, PayDate: day, Currency: eur,
		Gross: pointer(345000), Deductions: pointer(98234), Net: amount(246766),
		Lines: []payroll.Line{
			{Kind: payroll.LineEarning, Label: "Basic salary", Amount: amount(320000)},
			{Kind: payroll.LineEarning, Label: "Overtime", Amount: amount(18000), Quantity: "6.00"},
			{Kind: payroll.LineEarning, Label: "Travel allowance", Amount: amount(7000)},
			{Kind: payroll.LineDeduction, Label: "Income tax", Amount: amount(41120)},
			{Kind: payroll.LineDeduction, Label: "Social insurance", Amount: amount(57114)},
			{Kind: payroll.LineEmployer, Label: "Social insurance, employer's part", Amount: amount(69900)},
		},
		Note: "This slip is made up.",
	}
}
