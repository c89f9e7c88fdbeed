package web

import (
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/payseal/payseal/payroll"
)

// reportPage takes an employee's words for HR.
type reportPage struct {
	Kinds   []payroll.ReportKind
	Kind    payroll.ReportKind // chosen; "" for none
	Words   string
	Mistake string // a word of the catalog "report"
	Field   string // the id of what the mistake is with
}

// reportKinds can be chosen here; a lost key has a page of its own.
var reportKinds = []payroll.ReportKind{payroll.ReportSuspicious, payroll.ReportStranger}

// report shows the form. A link may have chosen what it is about.
func (s *Server) report(w http.ResponseWriter, r *http.Request, v *visit) error {
	page := reportPage{Kinds: reportKinds, Kind: payroll.ReportKind(r.URL.Query().Get("about"))}
	return s.render(w, v, http.StatusOK, "report", page)
}

func (s *Server) sendReport(w http.ResponseWriter, r *http.Request, v *visit) error {
	words, mistake := ownWords(r)
	page := reportPage{Kinds: reportKinds, Kind: payroll.ReportKind(r.PostFormValue("kind")), Words: words}
	switch {
	case !slices.Contains(reportKinds, page.Kind):
		page.Mistake, page.Field = "kind_missing", "kind-0"
	case mistake != "":
		page.Mistake, page.Field = mistake, "words"
	case words == "":
		page.Mistake, page.Field = "words_missing", "words"
	}
	if page.Mistake != "" {
		return s.render(w, v, http.StatusUnprocessableEntity, "report", page)
	}
	if err := s.Desk.CreateReport(r.Context(), v.session.Employee, page.Kind, page.Words); err != nil {
		return err
	}
	return redirect(w, r, v, "/report/sent")
}

func (s *Server) reportSent(w http.ResponseWriter, _ *http.Request, v *visit) error {
	return s.render(w, v, http.StatusOK, "report-sent", nil)
}

// mostWords is how many characters an employee's words may have.
const mostWords = 2000

// ownWords reads an employee's own words, with line ends that count once, as the
// browser counts them, and says what is wrong with them as a word of the page's
// catalog; "" if nothing is. A secret key among them goes nowhere, not even back.
func ownWords(r *http.Request) (words, mistake string) {
	words = strings.ReplaceAll(trimmed(r.PostFormValue("words")), "\r\n", "\n")
	switch {
	case looksSecret(words):
		return "", "secret"
	case utf8.RuneCountInString(words) > mostWords || !utf8.ValidString(words) || strings.Contains(words, "\x00"):
		return words, "too_long"
	}
	return words, ""
}

// looksSecret reports whether somebody has pasted a secret key where words
// belong.
func looksSecret(text string) bool {
	return strings.Contains(text, "PRIVATE KEY")
}
