package console

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/payseal/payseal/payroll"
)

const (
	// verifyWithin is how long a walk over the whole log may take.
	verifyWithin = 15 * time.Minute
	// painted is how often a walk says how far it is.
	painted = 40
)

var auditTrail = []Link{{Name: "Audit", Href: "/audit"}}

// rememberedHead is the head that a worker last remembered; broken says in words
// what was done to it.
func (s *Server) rememberedHead(r *http.Request) (head payroll.AuditHead, broken string, err error) {
	head, err = s.Desk.AuditHead(r.Context())
	if errors.Is(err, payroll.ErrInvalid) {
		return payroll.AuditHead{}, brokenWords(err.Error()), nil
	}
	return head, "", err
}

func brokenWords(text string) string {
	return strings.TrimPrefix(text, payroll.ErrInvalid.Error()+": ")
}

func verifyAsk(known string) ask {
	return ask{
		Head: "Verify the audit log", Lead: "Every entry is compared with the one before it, from the first to the last.", Trail: auditTrail, Action: "/audit/verify",
		Points: []string{"An entry that was changed, removed or put in breaks the chain from there on.", "The head that a worker remembered, under a key that the database does not have, must be in it.", "A long log takes a while; how far it is stands on the page."},
		Fields: []Field{{Name: "known", Label: "A head that you kept", Optional: true, Value: known, Code: true, Max: 64, Hint: "From an earlier visit or an export. It shows whether entries were cut off the end, or the whole log was replaced."}},
		Button: "Verify it", Cancel: "/audit",
	}
}

func (s *Server) verifyForm(w http.ResponseWriter, _ *http.Request, v *visit) error {
	return s.render(w, v, http.StatusOK, "ask", verifyAsk(""))
}

// walkData is what audit_walk.html shows; the walk is painted where Here stands.
type walkData struct{ Here template.HTML }

func (walkData) frame(f *Frame) { f.Trail = auditTrail }

// walkHere is where a page that is sent in pieces is cut.
const walkHere = template.HTML("<!-- the walk -->")

// verify walks the log and paints how far it is. The page ends with the verdict.
func (s *Server) verify(w http.ResponseWriter, r *http.Request, v *visit) error {
	known := strings.ToLower(oneLine(r.PostForm.Get("known")))
	if known != "" && !manifestText.MatchString(known) {
		return s.askAgain(w, v, verifyAsk(known), fmt.Errorf("%w: a head is 64 hexadecimal digits", payroll.ErrInvalid), nil)
	}
	head, broken, err := s.rememberedHead(r)
	if err != nil {
		return err
	}
	last, err := s.Desk.LastAuditEntry(r.Context())
	if err != nil {
		return err
	}
	if !s.walking.TryLock() {
		return payroll.ErrTooMany
	}
	defer s.walking.Unlock()
	ctx, cancel := context.WithTimeout(r.Context(), verifyWithin)
	defer cancel()
	p, err := s.paint(w, v, "audit_walk", walkData{Here: walkHere})
	if err != nil {
		return err
	}
	verdict, err := payroll.VerifyAudit(ctx, s.Desk, known, head, p.far(last.Sequence))
	if err == nil && verdict.Broken == 0 && broken != "" {
		verdict.Broken, verdict.Reason = 1, broken
	}
	if err == nil {
		err = s.noteVerdict(ctx, v, verdict)
	}
	return p.end(s.verdictWords(verdict, err), err)
}

// noteVerdict writes down who verified the log, and raises the alarm that a worker
// would.
func (s *Server) noteVerdict(ctx context.Context, v *visit, verdict payroll.AuditVerdict) error {
	found := "whole"
	if verdict.Broken != 0 {
		found = "broken"
		if err := s.Desk.RaiseAlarm(ctx, payroll.Alarm{Kind: payroll.AlarmAudit, Words: brokenWords(verdict.Reason)}); err != nil {
			return err
		}
		s.waiting.forget()
	}
	return s.Desk.RecordAudit(ctx, "audit.verify", v.admin.Name, map[string]string{"entries": fmt.Sprint(verdict.Entries), "head": verdict.Head, "found": found})
}

func (s *Server) verdictWords(v payroll.AuditVerdict, err error) string {
	switch {
	case err != nil:
		return `<div class="notice danger"><p><strong>The walk did not come to its end.</strong></p><p>Nothing is said about the log. Try again in a minute.</p></div>`
	case v.Broken != 0:
		return fmt.Sprintf(`<div class="notice danger"><p><strong>The log is broken at entry %s.</strong></p><p>%s An alarm is raised. Compare the log with an export that you keep elsewhere.</p></div>`,
			count(v.Broken), esc(sentence(brokenWords(v.Reason))))
	}
	return fmt.Sprintf(`<div class="notice success"><p><strong>%s entries, the chain is whole.</strong></p><p>Its head, to keep elsewhere: <code class="hash" translate="no">%s</code></p></div>`,
		count(v.Entries), esc(v.Head))
}

// painter sends a page in pieces.
type painter struct {
	w    http.ResponseWriter
	rest []byte
	said int64
}

// paint begins a page, as far as walkHere.
func (s *Server) paint(w http.ResponseWriter, v *visit, name string, data any) (*painter, error) {
	var buffer bytes.Buffer
	if err := s.pages[name]().ExecuteTemplate(&buffer, "layout", s.frame(v, data)); err != nil {
		return nil, fmt.Errorf("render page %s: %w", name, err)
	}
	before, rest, _ := bytes.Cut(buffer.Bytes(), []byte(walkHere))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", "en")
	p := &painter{w: w, rest: rest}
	p.write(before)
	return p, nil
}

// write sends a piece at once. Who has gone away is found out by the context.
func (p *painter) write(piece []byte) {
	control := http.NewResponseController(p.w)
	_ = control.SetWriteDeadline(time.Now().Add(writeWithin))
	_, _ = p.w.Write(piece)
	_ = control.Flush()
}

// far says after every part of the entries how far the walk is; the last one said
// is the one that is shown.
func (p *painter) far(all int64) func(entry int64) {
	step := max(all/painted, 5000)
	return func(entry int64) {
		if entry-p.said < step {
			return
		}
		p.said = entry
		p.write(fmt.Appendf(nil, `<p class="far"><progress max="%d" value="%d">%d</progress> %s of %s entries</p>`, max(all, entry), entry, entry, count(entry), count(max(all, entry))))
	}
}

// end sends what is left. An error belongs into the log, and was said.
func (p *painter) end(words string, err error) error {
	p.write([]byte(words))
	p.write(p.rest)
	if err != nil {
		return said{err}
	}
	return nil
}

// said is an error of which the visitor has been told on the page.
type said struct{ error }

func (s said) Unwrap() error { return s.error }

func (s *Server) exportAsk(from string) ask {
	return ask{
		Head: "Export the audit log", Lead: "One entry a line, with the company's signature beside it.", Trail: auditTrail, Action: "/audit/export",
		Points: []string{"A ZIP with audit.jsonl and audit.jsonl.asc, which gpg --verify checks.", "The chain is verified first; a broken log is not signed.", "That you took it stands in the log."},
		Fields: []Field{{Name: "from", Label: "From", Optional: true, Kind: "date", Value: from, Short: true, Hint: "The first day, in " + s.Company.Zone.String() + ". Nothing for the whole log."}},
		Button: "Export it", Cancel: "/audit",
	}
}

func (s *Server) exportForm(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.askPage(w, r, v, s.exportAsk(""))
}

func (s *Server) export(w http.ResponseWriter, r *http.Request, v *visit) error {
	from := oneLine(r.PostForm.Get("from"))
	var since time.Time
	if from != "" {
		day, err := payroll.ParseDate(from)
		if err != nil {
			return err
		}
		since = day.At(0, 0, s.Company.Zone)
	}
	if !s.walking.TryLock() {
		return payroll.ErrTooMany
	}
	defer s.walking.Unlock()
	head, broken, err := s.rememberedHead(r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), verifyWithin)
	defer cancel()
	if err := s.Desk.RecordAudit(ctx, "audit.export", v.admin.Name, map[string]string{"since": from}); err != nil {
		return err
	}
	content, signature, verdict, err := payroll.SignAudit(ctx, s.Desk, since, head, s.Signer.SignDetached)
	if err != nil {
		return err
	}
	if broken != "" {
		verdict.Broken, verdict.Reason = 1, broken
	}
	if verdict.Broken != 0 {
		return errors.Join(fmt.Errorf("%w: the log is broken (%s), and the company signs no broken log", payroll.ErrWrongState, brokenWords(verdict.Reason)), s.noteVerdict(ctx, v, verdict))
	}
	if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(reportWithin)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return writeZip(&lateHeader{w: w, kind: "application/zip", name: "audit.zip"}, s.Now(), []zipped{{"audit.jsonl", content}, {"audit.jsonl.asc", signature}})
}

// zipped is one file of an archive.
type zipped struct {
	name    string
	content []byte
}

func writeZip(w io.Writer, at time.Time, files []zipped) error {
	archive := zip.NewWriter(w)
	for _, f := range files {
		into, err := archive.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: at})
		if err == nil {
			_, err = into.Write(f.content)
		}
		if err != nil {
			return fmt.Errorf("write the export: %w", err)
		}
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("write the export: %w", err)
	}
	return nil
}
