package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web/door"
)

// problems is the one table from an error to a status and a sentence. Where told
// is set the error's own sentence, which payroll wrote for people, is shown too.
var problems = []struct {
	err             error
	status          int
	title, sentence string
	told            bool
}{
	{errNoPage, http.StatusNotFound, "There is no such page", "Perhaps the address was mistyped.", false},
	{errMethod, http.StatusMethodNotAllowed, "Not like this", "This address takes no such request.", false},
	{door.ErrNoFile, http.StatusNotFound, "There is no such file", "Load the page again.", false},
	{door.ErrTooLarge, http.StatusRequestEntityTooLarge, "Too large", "What was sent is larger than this page takes.", false},
	{door.ErrNoForm, http.StatusBadRequest, "Not understood", "The form came in damaged. Go back and send it again.", false},
	{door.ErrOtherPlace, http.StatusForbidden, "Sent from another place", "This was sent from a page that is not the console's, so nothing was done.", false},
	{door.ErrOtherHost, http.StatusMisdirectedRequest, "Another host", "The console does not answer under this name.", false},
	{payroll.ErrTooMany, http.StatusTooManyRequests, "Too often", "Wait a minute and try again.", false},
	{payroll.ErrNotFound, http.StatusNotFound, "Not found", "What was asked for does not exist, or no longer.", false},
	{payroll.ErrNotAllowed, http.StatusForbidden, "Not allowed", "The rules do not let you do this.", true},
	{payroll.ErrWrongState, http.StatusConflict, "Not possible now", "Somebody may have been faster. Load the page again and look.", true},
	{payroll.ErrInvalid, http.StatusUnprocessableEntity, "This cannot be taken", "Go back and mend it.", true},
	{payroll.ErrUnavailable, http.StatusServiceUnavailable, "The database does not answer", "Nothing was done, or it is not known whether it was. Try again in a minute.", false},
	{errProvider, http.StatusServiceUnavailable, "The single sign-on provider does not answer", "It is not your fault. Try again in a minute, or sign in another way.", false},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "This took too long", "Try again in a minute.", false},
}

// problem is what problem.html shows.
type problem struct {
	Title, Sentence, Told string
	Reference             string // the request's id, where somebody may be asked about it
}

// answer shows the visitor what an error means to them, and returns the error if
// it belongs into the log.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, v *visit, err error) error {
	switch {
	case errors.Is(err, errNoSession):
		return s.leadIn(w, r)
	case errors.Is(err, errStepUp):
		http.Redirect(w, r, stepUpPath(purposeOf(r)), http.StatusSeeOther) //nolint:gosec // a path of our own; the purpose is escaped
		return nil
	case errors.As(err, &said{}):
		return err // the page was begun, and says so
	case r.Context().Err() != nil && errors.Is(err, context.Canceled):
		return nil // nobody waits for the answer
	}
	status, shown := problemOf(err)
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "60")
	}
	known := err
	if status < http.StatusInternalServerError {
		known = nil
	} else {
		shown.Reference = v.id
	}
	return errors.Join(known, s.noteRefusal(r, v.admin.Name, s.originOf(r, v), err), s.render(w, v, status, "problem", shown))
}

// problemOf finds an error in the table.
func problemOf(err error) (status int, shown problem) {
	for _, p := range problems {
		if errors.Is(err, p.err) {
			shown = problem{Title: p.title, Sentence: p.sentence}
			if p.told {
				shown.Told = err.Error()
			}
			return p.status, shown
		}
	}
	return http.StatusInternalServerError, problem{Title: "Something went wrong", Sentence: "It was written to the log. Nothing was half done."}
}

// leadIn leads a stranger to the sign-in, and from there to where they wanted.
func (s *Server) leadIn(w http.ResponseWriter, r *http.Request) error {
	path := "/sign-in"
	if r.Method == http.MethodGet && r.URL.Path != "/" {
		path += "?to=" + url.QueryEscape(r.URL.EscapedPath())
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// stepUpPath is where a fresh second factor is asked for.
func stepUpPath(purpose string) string { return "/step-up?for=" + url.QueryEscape(purpose) }

// answerBare is for what the door refuses by itself.
func (s *Server) answerBare(w http.ResponseWriter, r *http.Request, err error) error {
	if strings.HasPrefix(r.URL.Path, apiPrefix+"/") {
		s.failAPI(door.LineOf(r).Route, err).ServeHTTP(w, r)
		return door.LineOf(r).Err
	}
	return s.answer(w, r, &visit{id: door.LineOf(r).ID, path: "/"}, err)
}
