package web

import (
	"bytes"
	"encoding/base64"
	"net/http"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// revokePage ends the use of a certificate, or asks HR to.
type revokePage struct {
	Enrolee payroll.Enrolee
	Current *own   // what is used, else what climbs; nil: neither
	Climbs  bool   // it only climbs
	Words   string // what was typed, where something is wrong with it
	Mistake string // a word of the catalog "revoke"
	Asking  bool   // the mistake is with what HR is told
}

func (s *Server) revoke(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.showRevoke(w, r, v, http.StatusOK, revokePage{})
}

func (s *Server) showRevoke(w http.ResponseWriter, r *http.Request, v *visit, status int, page revokePage) error {
	e, err := s.enrolee(r, v)
	if err != nil {
		return err
	}
	page.Enrolee = e
	if page.Current, err = s.ownIn(e, payroll.CertificateCurrent); err != nil {
		return err
	}
	if page.Current == nil {
		page.Climbs = true
		if page.Current, err = s.ownIn(e, payroll.CertificateCandidate); err != nil {
			return err
		}
	}
	return s.render(w, v, status, "revoke", page)
}

// revokeConfirm shows what a revocation certificate ends before it does.
type revokeConfirm struct {
	Fingerprint payroll.Fingerprint
	Text        string // the certificate with its revocation, in base64
}

// readRevocation looks at a revocation certificate and asks once more. What comes
// back is not the file, which may hold anything, but our copy of the certificate
// with the revocation in it.
func (s *Server) readRevocation(w http.ResponseWriter, r *http.Request, v *visit) error {
	e, raw, err := s.uploadOf(r, v)
	if err != nil {
		return err
	}
	if len(raw) == 0 {
		return s.showRevoke(w, r, v, http.StatusUnprocessableEntity, revokePage{Mistake: "nothing"})
	}
	raw = bytes.ReplaceAll(raw, []byte("\n:-----BEGIN"), []byte("\n-----BEGIN")) // gpg's guard against accidents
	reception, err := s.receive(r.Context(), e, raw)
	if err != nil {
		return err
	}
	for _, c := range e.Certificates {
		if len(reception.Revoked) == 0 || c.Fingerprint != reception.Revoked[0] {
			continue
		}
		known, err := keystore.ReadCertificate(c.Content)
		if err != nil {
			return err
		}
		if revoked, found := known.WithRevocations(raw); found {
			text := base64.StdEncoding.EncodeToString(revoked.Bytes())
			return s.render(w, v, http.StatusOK, "revoke-confirm", revokeConfirm{Fingerprint: c.Fingerprint, Text: text})
		}
	}
	if reception.Verdict.Code == keystore.CodeSecretKey {
		return s.refuse(w, v, e, handed{Verdict: reception.Verdict})
	}
	return s.showRevoke(w, r, v, http.StatusUnprocessableEntity, revokePage{Mistake: "not_ours"})
}

// revokeNow ends the use of what the file revokes. It trusts nothing that was
// shown in between: the file is received as any other. Sent twice, it does
// nothing the second time.
func (s *Server) revokeNow(w http.ResponseWriter, r *http.Request, v *visit) error {
	e, err := s.enrolee(r, v)
	if err != nil {
		return err
	}
	raw, err := base64.StdEncoding.DecodeString(r.PostFormValue("text"))
	if err != nil || len(raw) == 0 {
		return s.showRevoke(w, r, v, http.StatusUnprocessableEntity, revokePage{Mistake: "nothing"})
	}
	reception, err := s.receive(r.Context(), e, raw)
	if err != nil {
		return err
	}
	for _, f := range reception.Revoked {
		if err := s.Desk.RevokeOwn(r.Context(), e.Number, f); err != nil {
			return err
		}
	}
	return redirect(w, r, v, "/revoke/done")
}

// askToRevoke tells HR, for those who have no revocation certificate.
func (s *Server) askToRevoke(w http.ResponseWriter, r *http.Request, v *visit) error {
	words, mistake := ownWords(r)
	if mistake != "" {
		return s.showRevoke(w, r, v, http.StatusUnprocessableEntity, revokePage{Words: words, Mistake: mistake, Asking: true})
	}
	if err := s.Desk.CreateReport(r.Context(), v.session.Employee, payroll.ReportLostKey, words); err != nil {
		return err
	}
	return redirect(w, r, v, "/revoke/asked")
}

func (s *Server) revoked(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.render(w, v, http.StatusOK, "revoke-done", "done")
}

func (s *Server) revocationAsked(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.render(w, v, http.StatusOK, "revoke-done", "asked")
}
