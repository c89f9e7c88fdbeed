package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web/door"
)

// problems is the one table from what went wrong to what the visitor is told:
// the status, and the word in the catalog "problem". Anything that is not here is
// a surprise, of which the visitor hears no detail.
var problems = []struct {
	err    error
	status int
	word   string
}{
	{errNoPage, http.StatusNotFound, "no_page"},
	{door.ErrNoFile, http.StatusNotFound, "no_page"},
	{errMethod, http.StatusMethodNotAllowed, "method"},
	{door.ErrTooLarge, http.StatusRequestEntityTooLarge, "too_large"},
	{door.ErrNoForm, http.StatusBadRequest, "no_form"},
	{door.ErrOtherPlace, http.StatusForbidden, "other_place"},
	{door.ErrOtherHost, http.StatusMisdirectedRequest, "other_host"},
	{payroll.ErrTooMany, http.StatusTooManyRequests, "too_many"},
	{payroll.ErrNotFound, http.StatusNotFound, "not_found"},
	{payroll.ErrNotAllowed, http.StatusForbidden, "not_allowed"},
	{payroll.ErrWrongState, http.StatusConflict, "wrong_state"},
	{payroll.ErrInvalid, http.StatusUnprocessableEntity, "invalid"},
	{payroll.ErrUnavailable, http.StatusServiceUnavailable, "surprise"},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "surprise"},
}

// problem is what problem.html shows.
type problem struct {
	Title, Sentence string
	Reference       string // the request's id, where somebody may be asked about it
	Home            string
}

// answer shows the visitor what an error means to them, and returns the error if
// it belongs into the log.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, v *visit, err error) error {
	// A request without the cookie says nothing of the visit that the browser may
	// have: it leaves it out when a link in a mail or on another site is followed.
	if errors.Is(err, errSessionEnded) {
		s.forget(w)
	}
	if errors.Is(err, errSessionEnded) || errors.Is(err, errNoSession) {
		return redirect(w, r, v, "/sign-in")
	}
	if gone := r.Context().Err() != nil; gone && errors.Is(err, context.Canceled) {
		return nil // nobody waits for the answer
	}
	status, word := http.StatusInternalServerError, "surprise"
	for _, p := range problems {
		if errors.Is(err, p.err) {
			status, word = p.status, p.word
			break
		}
	}
	shown := problem{Title: v.words("problem." + word + "_title"), Sentence: v.words("problem." + word), Home: v.path("/")}
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "60")
	}
	known := err
	if status < http.StatusInternalServerError {
		known = nil
	} else {
		shown.Reference = v.id
	}
	return errors.Join(known, s.render(w, v, status, "problem", shown))
}
