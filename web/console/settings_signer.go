package console

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"

	"github.com/payseal/payseal/payroll"
)

// signerWarning is how long before its end the signing key is worth a word.
const signerWarning = 90 * 24 * time.Hour

// signerView is what settings-signer.html shows.
type signerView struct {
	settled
	Here     payroll.SenderID
	Other    bool // the key here is not the one that counts
	Facts    []Fact
	Expiry   *Notice
	Subkeys  Table
	Mistakes []Mistake
}

func (p signerView) frame(f *Frame) { p.settled.frame(f) }

// Confirmed is the fingerprint that counts.
func (p signerView) Confirmed() payroll.Fingerprint { return p.Now.Settings.Sender.Fingerprint }

func (s *Server) signerPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.showSigner(w, r, v, http.StatusOK)
}

func (s *Server) showSigner(w http.ResponseWriter, r *http.Request, v *visit, status int, mistakes ...Mistake) error {
	base, err := s.settled(r.Context(), v)
	if err != nil {
		return err
	}
	certified, err := s.Desk.CertifiedEmployees(r.Context())
	if err != nil {
		return err
	}
	now := s.Now()
	view := signerView{
		settled: base, Here: s.senderHere(), Other: base.Now.Version != 0 && base.Now.Settings.Sender != s.senderHere(),
		Expiry: expiryNotice(s.Signer.Expires(), now), Subkeys: s.subkeyTable(now), Mistakes: mistakes,
	}
	if view.Other {
		view.Alarm = nil // the page says it itself
	}
	ends := Fact{Name: "Expires", At: s.Signer.Expires()}
	if s.Signer.Expires().IsZero() {
		ends = Fact{Name: "Expires", Text: "never"}
	}
	view.Facts = []Fact{
		{Name: "User ID", Text: s.Signer.UserID()}, {Name: "Algorithm", Text: s.SignerAlgorithm, Missing: missing(s.SignerAlgorithm, "not known")}, ends,
		{Name: "Certified", Text: plural(certified, "certificate") + " of employees", Hint: "That the company vouches for and slips are sealed to now"},
	}
	return s.render(w, v, status, "settings-signer", view)
}

func expiryNotice(ends, now time.Time) *Notice {
	switch {
	case ends.IsZero() || ends.Sub(now) > signerWarning:
		return nil
	case !ends.After(now):
		return &Notice{Kind: "danger", Title: "The signing key has expired.", Text: "Nothing can be signed with it. Rotate it now."}
	}
	days := int(ends.Sub(now) / (24 * time.Hour))
	return &Notice{Kind: "warning", Title: "The signing key expires in " + plural(days, "day") + ".", Text: "Rotate it in time: employees want to hear of the new fingerprint before the next payday."}
}

func (s *Server) subkeyTable(now time.Time) Table {
	table := Table{Caption: "Subkeys", Quiet: true, Columns: []Column{{Name: "For"}, {Name: "Fingerprint"}}, Empty: &Empty{Title: "No subkeys", Text: "The key signs by itself, and no archive copy can be made."}}
	for _, f := range s.Signer.Certificate().EncryptionSubkeys(now) {
		table.Rows = append(table.Rows, Row{Cells: []Cell{{Text: "Encryption, for archive copies"}, {Text: f.Grouped()}}})
	}
	return table
}

// proposeSigner proposes the key that lies on the console's machine.
func (s *Server) proposeSigner(w http.ResponseWriter, r *http.Request, v *visit) error {
	now, err := s.confirmedSettings(r.Context())
	if err != nil {
		return err
	}
	settings := now.Settings
	settings.Sender = s.senderHere()
	if r.PostForm.Get("fingerprint") != string(settings.Sender.Fingerprint) {
		return fmt.Errorf("%w: another key lies here than the one that you looked at", payroll.ErrWrongState)
	}
	p, err := s.Desk.ProposeSettings(r.Context(), settings, now.Logo, now.Version, v.admin.Name)
	if errors.Is(err, payroll.ErrInvalid) || errors.Is(err, payroll.ErrWrongState) {
		return s.showSigner(w, r, v, http.StatusUnprocessableEntity, Mistake{Text: plainly(err)})
	}
	if err != nil {
		return err
	}
	return redirect(w, r, proposalPath(p.ID), "settings-proposed")
}

// signerCertificate is the company's public certificate, for everybody to have.
func (s *Server) signerCertificate(w http.ResponseWriter, _ *http.Request, _ *visit) error {
	armored, err := s.Signer.Certificate().Armored()
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/pgp-keys")
	h.Set("Content-Disposition", `attachment; filename="company.asc"`)
	h.Set("Content-Length", strconv.Itoa(len(armored)))
	_, _ = w.Write([]byte(armored)) // nobody is left to tell
	return nil
}

// sheetView is what settings-sheet.html shows: a page for the notice board.
type sheetView struct {
	Company     string
	Sender      payroll.SenderID
	Contact     string
	Code        template.HTML
	Counts      bool // it is the key that two people confirmed
	Fingerprint payroll.Fingerprint
}

func (sheetView) frame(f *Frame) {
	f.Trail = append(settingsTrail[:1:1], Link{Name: "Signing key", Href: "/settings/signer"})
}

func (s *Server) signerSheet(w http.ResponseWriter, r *http.Request, v *visit) error {
	now, err := s.confirmedSettings(r.Context())
	if err != nil {
		return err
	}
	sender := s.senderHere()
	counts := now.Version == 0 || !now.Tampered && now.Settings.Sender == sender
	code, err := qrCode("OPENPGP4FPR:" + string(sender.Fingerprint))
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "settings-sheet", sheetView{
		Company: s.Company.Name, Sender: sender, Contact: now.Settings.Company.Contact, Code: code, Counts: counts, Fingerprint: sender.Fingerprint,
	})
}

// qrCode draws a text as a QR code, dark on light in every scheme.
func qrCode(text string) (template.HTML, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", fmt.Errorf("draw QR code: %w", err)
	}
	const quiet = 4 // modules of margin that readers want
	size := code.Bounds().Dx()
	var path strings.Builder
	for y := range size {
		for x := range size {
			if red, _, _, _ := code.At(x, y).RGBA(); red == 0 {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	all := size + 2*quiet
	return template.HTML(fmt.Sprintf(`<svg class="qr" viewBox="0 0 %[1]d %[1]d" role="img" aria-label="QR code of the fingerprint"><rect width="%[1]d" height="%[1]d" fill="#fff"/><path fill="#000" shape-rendering="crispEdges" d="%[2]s"/></svg>`, all, path.String())), nil //nolint:gosec // numbers
}
