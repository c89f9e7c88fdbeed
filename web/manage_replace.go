package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// replacePage extends or replaces a certificate. With a candidate on its way it
// asks for the old key's word for it.
type replacePage struct {
	Enrolee    payroll.Enrolee
	Current    *own // nil: there is none, so that nothing can be replaced
	Candidate  *own // nil: none is on its way
	Statement  string
	Quoted     string // the statement as a shell takes it
	Next       string // the page on which the candidate goes on
	Bundled    bool
	Answers    []string // of the script, each a word of the catalog "replace"
	Said       string   // what has just been done: a word of the catalog "replace"
	Mistake    string   // likewise
	VouchWrong bool     // the mistake is with the signed statement
}

func (s *Server) replace(w http.ResponseWriter, r *http.Request, v *visit) error {
	e, err := s.enrolee(r, v)
	if err != nil {
		return err
	}
	_, used := e.Standing(payroll.CertificateCurrent)
	if _, climbs := e.Standing(payroll.CertificateCandidate); climbs && !used {
		return redirect(w, r, v, nextPage(e))
	}
	return s.showReplace(w, v, http.StatusOK, e, replacePage{})
}

// showReplace fills what the visitor's certificates say into the page.
func (s *Server) showReplace(w http.ResponseWriter, v *visit, status int, e payroll.Enrolee, page replacePage) error {
	var err error
	page.Enrolee, page.Next, page.Bundled, page.Answers = e, nextPage(e), Bundle(), vouchAnswers
	if page.Current, err = s.ownIn(e, payroll.CertificateCurrent); err != nil {
		return err
	}
	if page.Candidate, err = s.ownIn(e, payroll.CertificateCandidate); err != nil {
		return err
	}
	if page.Current != nil && page.Candidate != nil && !page.Candidate.Vouched {
		page.Statement = s.statement(e, page.Current.Fingerprint, page.Candidate.Fingerprint)
		page.Quoted = shellQuoted(page.Statement)
	}
	return s.render(w, v, status, "replace", page)
}

func (s *Server) statement(e payroll.Enrolee, old, successor payroll.Fingerprint) string {
	return keystore.VouchStatement(old, successor, e.Number, s.Certificate.Fingerprint())
}

// vouchAnswers are what the script that signs may say.
var vouchAnswers = []string{
	"signed", "failed", "no-file", "no-key", "too-large", "several-keys", "public-key", "revocation", "other-key",
	"no-passphrase", "wrong-passphrase",
}

// shellQuoted is a text as one word for a shell: nothing in an employee number
// may end it.
func shellQuoted(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// submitReplacement takes the same certificate with news, which is merged, or
// another one, which climbs.
func (s *Server) submitReplacement(w http.ResponseWriter, r *http.Request, v *visit) error {
	e, raw, err := s.uploadOf(r, v)
	if err != nil {
		return err
	}
	if len(raw) == 0 {
		return s.showReplace(w, v, http.StatusUnprocessableEntity, e, replacePage{Mistake: "nothing"})
	}
	before, _ := e.Standing(payroll.CertificateCurrent)
	h, err := s.handIn(r.Context(), e, raw, nil)
	switch {
	case err != nil:
		return err
	case !h.Verdict.Accepted() && len(h.Revoked) == 0:
		return s.refuse(w, v, e, h)
	case len(h.Revoked) > 0:
		return redirect(w, r, v, "/revoke/done")
	case h.Certificate.Standing != payroll.CertificateCurrent:
		return redirect(w, r, v, "/replace")
	}
	said := "refreshed"
	if string(before.Content) == string(h.Certificate.Content) {
		said = "same"
	}
	if e, err = s.enrolee(r, v); err != nil {
		return err
	}
	return s.showReplace(w, v, http.StatusOK, e, replacePage{Said: said})
}

// vouch takes the statement, signed with the certificate that is used now, that
// the candidate takes its place. The worker verifies it once more before it
// certifies.
func (s *Server) vouch(w http.ResponseWriter, r *http.Request, v *visit) error {
	e, err := s.enrolee(r, v)
	if err != nil {
		return err
	}
	current, used := e.Standing(payroll.CertificateCurrent)
	candidate, climbs := e.Standing(payroll.CertificateCandidate)
	if !used || !climbs || candidate.Vouched {
		return redirect(w, r, v, "/replace") // sent twice, or decided meanwhile
	}
	signed := trimmed(r.PostFormValue("vouch"))
	if signed == "" {
		return s.showReplace(w, v, http.StatusUnprocessableEntity, e, replacePage{Mistake: "vouch_empty", VouchWrong: true})
	}
	if looksSecret(signed) {
		return s.showResult(w, r, v, []byte(signed)) // which refuses it, and says what to do about it
	}
	old, err := keystore.ReadCertificate(current.Content)
	if err != nil {
		return err
	}
	at, err := s.Desk.Now(r.Context())
	if err != nil {
		return err
	}
	_, err = keystore.VerifyVouch(s.statement(e, current.Fingerprint, candidate.Fingerprint), []byte(signed), old, at)
	if errors.Is(err, payroll.ErrInvalid) {
		return s.showReplace(w, v, http.StatusUnprocessableEntity, e, replacePage{Mistake: "vouch_wrong", VouchWrong: true})
	}
	if err != nil {
		return err
	}
	if _, err := s.handIn(r.Context(), e, candidate.Content, []byte(signed)); err != nil {
		return err
	}
	return redirect(w, r, v, "/replace")
}
