package web

import (
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/payseal/payseal/payroll"
)

// companyKey is what pages show of the company's key.
type companyKey struct {
	Fingerprint payroll.Fingerprint
	UserID      string
	Address     payroll.Address
	Expires     time.Time // zero: never
	WKD         bool      // found by its address
	Former      []payroll.Fingerprint
}

func (s *Server) companyKey() companyKey {
	key := companyKey{
		Fingerprint: s.Certificate.Fingerprint(),
		Address:     s.Certificate.Address(),
		Expires:     s.Certificate.Expires(),
		WKD:         s.Publish == PublishCompany || s.Publish == PublishEmployees,
	}
	if ids := s.Certificate.UserIDs(); len(ids) > 0 {
		key.UserID = ids[0]
	}
	for _, c := range s.Certifiers {
		if c.Fingerprint() != key.Fingerprint {
			key.Former = append(key.Former, c.Fingerprint())
		}
	}
	return key
}

// publicRoutes are the pages for everybody.
func (s *Server) publicRoutes() []route {
	return []route{
		{method: http.MethodGet, path: "/{$}", handle: s.welcome},
		{method: http.MethodGet, path: "/company-key", handle: s.showCompanyKey},
		{method: http.MethodGet, path: "/company-key.asc", handle: s.downloadCompanyKey, bare: true},
		{method: http.MethodGet, path: "/former-company-keys.asc", handle: s.formerKeys, bare: true},
		{method: http.MethodGet, path: "/really-hr", handle: s.reallyHR},
	}
}

func (s *Server) welcome(w http.ResponseWriter, _ *http.Request, v *visit) error {
	return s.render(w, v, http.StatusOK, "welcome", nil)
}

func (s *Server) showCompanyKey(w http.ResponseWriter, _ *http.Request, v *visit) error {
	return s.render(w, v, http.StatusOK, "company-key", s.companyKey())
}

// downloadCompanyKey gives the certificate out as a file (RFC 3156 §7).
func (s *Server) downloadCompanyKey(w http.ResponseWriter, _ *http.Request, _ *visit) error {
	armored, err := s.Certificate.Armored()
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "public, max-age=300")
	return sendKey(w, "company-key.asc", armored)
}

// formerKeys gives out the certificates before the current one that count still,
// one armor after the other; nothing if there are none. The script that checks
// mails asks for them: slips of years ago were signed with them.
func (s *Server) formerKeys(w http.ResponseWriter, _ *http.Request, _ *visit) error {
	var all strings.Builder
	for _, c := range s.Certifiers {
		if c.Fingerprint() == s.Certificate.Fingerprint() {
			continue
		}
		armored, err := c.Armored()
		if err != nil {
			return err
		}
		all.WriteString(armored)
	}
	w.Header().Set("Cache-Control", "public, max-age=300")
	return sendKey(w, "former-company-keys.asc", all.String())
}

// sendKey answers with an armored certificate as a file.
func sendKey(w http.ResponseWriter, name, armored string) error {
	h := w.Header()
	h.Set("Content-Type", "application/pgp-keys")
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Content-Length", strconv.Itoa(len(armored)))
	_, _ = w.Write([]byte(armored)) // nobody is left to tell
	return nil
}

// outcomes are what the script may find; really-hr.html has a text for each.
var outcomes = []string{
	"good", "good_part", "bad", "unsigned", "stranger", "other_from", "expired", "revoked", "encrypted", "locked", "not_for_you",
	"unreadable", "failed",
}

// tone is the look of an outcome's notice.
func tone(outcome string) string {
	switch outcome {
	case "good":
		return "success"
	case "bad", "stranger", "other_from", "revoked", "not_for_you":
		return "danger"
	case "encrypted":
		return "info"
	}
	return "warning"
}

// reallyHR tells how to tell, and lets the browser check a mail.
func (s *Server) reallyHR(w http.ResponseWriter, _ *http.Request, v *visit) error {
	type outcome struct{ Name, Tone string }
	page := struct {
		Key      companyKey
		Script   template.HTML
		Outcomes []outcome
	}{Key: s.companyKey(), Script: s.script(checkMailScript)}
	for _, name := range outcomes {
		page.Outcomes = append(page.Outcomes, outcome{name, tone(name)})
	}
	return s.render(w, v, http.StatusOK, "really-hr", page)
}
