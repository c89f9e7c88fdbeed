package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web/door"
)

// certificatePage is where a certificate is handed in.
type certificatePage struct {
	Climb   climb
	Enrolee payroll.Enrolee
	Lookup  bool // asking the Web Key Directory is offered
	Replace bool // there is a certificate that is used already
	Mistake string
}

func (s *Server) certificate(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.showCertificate(w, r, v, http.StatusOK, "")
}

func (s *Server) showCertificate(w http.ResponseWriter, r *http.Request, v *visit, status int, mistake string) error {
	e, err := s.enrolee(r, v)
	if err != nil {
		return err
	}
	_, replace := e.Standing(payroll.CertificateCurrent)
	return s.render(w, v, status, "certificate", certificatePage{
		Climb: s.climbAt(rungCertificate, payroll.EnrolledCertificate{}), Enrolee: e, Lookup: s.Lookup != nil, Replace: replace, Mistake: mistake,
	})
}

// submit takes a certificate that was pasted or uploaded.
func (s *Server) submit(w http.ResponseWriter, r *http.Request, v *visit) error {
	raw, err := uploaded(r)
	if err != nil {
		return err
	}
	if len(raw) == 0 {
		return s.showCertificate(w, r, v, http.StatusUnprocessableEntity, "nothing")
	}
	return s.showResult(w, r, v, raw)
}

// submitFound takes the certificate that was found by looking it up, as the
// visitor saw it. It is judged like any other: the page that brings it back is
// in the visitor's hands.
func (s *Server) submitFound(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.showResult(w, r, v, []byte(r.PostFormValue("text")))
}

// mostParts is more parts than a form of ours has.
const mostParts = 16

// uploaded reads the file of a form, or the text beside it if no file was chosen.
// Nothing of it touches a disk: it may be a secret key.
func uploaded(r *http.Request) ([]byte, error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", door.ErrNoForm, err)
	}
	fields := make(map[string][]byte)
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if n == mostParts {
			return nil, door.ErrNoForm
		}
		if err != nil {
			return nil, door.BodyError(err)
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return nil, door.BodyError(err)
		}
		if name := part.FormName(); name == "file" || name == "text" {
			fields[name] = content
		}
	}
	// Whoever has sent a secret key is told so, whatever they sent beside it.
	if len(fields["file"]) > 0 && !looksSecret(string(fields["text"])) {
		return fields["file"], nil
	}
	return []byte(trimmed(string(fields["text"]))), nil
}

// uploadOf reads who the visitor is and what they sent.
func (s *Server) uploadOf(r *http.Request, v *visit) (payroll.Enrolee, []byte, error) {
	e, err := s.enrolee(r, v)
	if err != nil {
		return e, nil, err
	}
	raw, err := uploaded(r)
	return e, raw, err
}

// resultPage is what was said of a certificate.
type resultPage struct {
	Climb   climb
	Enrolee payroll.Enrolee
	handed
	Next    string // the page to go on with; "" for the code's button
	Command string // what mends a refused one with gpg; "" for nothing
}

// refuse says why a certificate is not taken, and how to mend that.
func (s *Server) refuse(w http.ResponseWriter, v *visit, e payroll.Enrolee, h handed) error {
	return s.render(w, v, http.StatusUnprocessableEntity, "refused", resultPage{
		Climb: s.climbAt(rungCertificate, payroll.EnrolledCertificate{}), Enrolee: e, handed: h, Command: mend(h.Verdict, e.Email),
	})
}

// showResult hands a certificate in and says what became of it.
func (s *Server) showResult(w http.ResponseWriter, r *http.Request, v *visit, raw []byte) error {
	e, err := s.enrolee(r, v)
	if err != nil {
		return err
	}
	h, err := s.handIn(r.Context(), e, raw, nil)
	if err != nil {
		return err
	}
	if !h.Verdict.Accepted() {
		return s.refuse(w, v, e, h)
	}
	page := resultPage{Climb: s.climbAt(rungCertificate, h.Certificate), Enrolee: e, handed: h}
	if proven(h.Certificate) {
		page.Next = "/call"
	}
	if h.Certificate.Standing == payroll.CertificateCurrent {
		page.Next = "/me"
	}
	return s.render(w, v, http.StatusOK, "accepted", page)
}

// foundPage shows what a Web Key Directory gave, before it is handed in.
type foundPage struct {
	Climb   climb
	Enrolee payroll.Enrolee
	Verdict keystore.Verdict
	Armored string // for the form that hands it in
}

// lookup asks the Web Key Directory of the employee's own address, which is not
// theirs to choose here.
func (s *Server) lookup(w http.ResponseWriter, r *http.Request, v *visit) error {
	if s.Lookup == nil {
		return errNoPage
	}
	e, err := s.enrolee(r, v)
	if err != nil {
		return err
	}
	raw, err := s.Lookup(r.Context(), e.Email)
	if err != nil || len(raw) == 0 {
		// Why it was not found is the other server's affair, and mostly that it
		// has none; the visitor's next step is the same.
		return s.showCertificate(w, r, v, http.StatusOK, "not_found")
	}
	received, err := s.receive(r.Context(), e, raw)
	if err != nil {
		return err
	}
	if !received.Verdict.Accepted() {
		return s.refuse(w, v, e, handed{Verdict: received.Verdict})
	}
	page := foundPage{Climb: s.climbAt(rungCertificate, payroll.EnrolledCertificate{}), Enrolee: e, Verdict: received.Verdict}
	if page.Armored, err = armored(received.Submission.Content); err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "found", page)
}

func armored(stored []byte) (string, error) {
	c, err := keystore.ReadCertificate(stored)
	if err != nil {
		return "", err
	}
	return c.Armored()
}
