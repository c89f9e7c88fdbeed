package console

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web/door"
)

// handler answers one request. What it returns as an error is answered by the
// adapter, so that no handler chooses a status or a sentence for one. What acts
// in its context is audited with from where it comes.
type handler func(w http.ResponseWriter, r *http.Request, v *visit) error

// visit is what is known of a request when its handler is called.
type visit struct {
	id      string // of the request, for the log and for people who ask for help
	path    string
	session payroll.AdminSession // zero for a stranger
	admin   payroll.Admin        // the session's; zero for a stranger
	secret  payroll.SecretHash   // of the cookie that came; zero without one
	said    string               // what the last act came to: a word of said
	counts  map[string]string    // how many wait where, for the navigation; nil: not known
}

// is reports whether the visitor has one of the roles.
func (v *visit) is(roles ...payroll.Role) bool {
	return v.admin.Name != "" && v.admin.May(roles...) == nil
}

// maxForm is the most bytes of a form without a file.
const maxForm = 64 << 10

// adapt makes a route's handler one of net/http's.
func (s *Server) adapt(route route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		line := door.LineOf(r)
		line.Route = route.path
		v := &visit{id: line.ID, path: r.URL.Path, said: r.URL.Query().Get("said")}
		v.secret, _ = sessionSecret(r)
		w.Header().Set("Cache-Control", "no-store")
		if err := s.serve(w, r, v, route); err != nil {
			line.Err = s.answer(w, r, v, err)
		}
	})
}

// serve does what comes before the handler, the cheapest first.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, v *visit, route route) error {
	if route.rate != "" && !s.rates[route.rate].Allow(s.door.Client(r).String(), s.Now()) {
		return payroll.ErrTooMany
	}
	ctx, cancel := within(r.Context(), route)
	defer cancel()
	r = r.WithContext(ctx)
	if err := s.enter(r, v, route); err != nil {
		return err
	}
	s.count(ctx, v, route)
	if r.Method == http.MethodPost {
		if err := door.ReadForm(w, r, bodyOf(route), route.upload); err != nil {
			return err
		}
	}
	if route.stepUp && !route.takes {
		if err := s.Desk.TakeStepUp(ctx, v.secret, purposeOf(r), payroll.StepUpFresh); err != nil {
			return s.stepUpError(err)
		}
	}
	origin := s.originOf(r, v)
	if !route.open {
		origin.Who, origin.Roles = v.admin.Name, route.roles
	}
	return route.handle(w, r.WithContext(payroll.WithOrigin(ctx, origin)), v)
}

// originOf is where a visitor's act comes from.
func (s *Server) originOf(r *http.Request, v *visit) payroll.Origin {
	return payroll.Origin{Face: "console", Address: s.door.ClientAddress(r).String(), Proof: string(v.session.Proof)}
}

// count says what waits where for whoever is signed in. A page is shown without it
// rather than not at all.
func (s *Server) count(ctx context.Context, v *visit, route route) {
	if v.admin.Name == "" || route.open {
		return
	}
	w, err := s.waiting.of(ctx, s.Desk, s.Now())
	if err != nil {
		s.Log.Warn("what waits could not be counted", "error", err)
		return
	}
	v.counts = navCounts(w, v)
}

// within bounds how long an answer may take.
func within(ctx context.Context, route route) (context.Context, context.CancelFunc) {
	switch {
	case route.stream:
		return context.WithCancel(ctx)
	case route.upload:
		return context.WithTimeout(ctx, uploadTimeout)
	}
	return context.WithTimeout(ctx, door.AnswerTimeout)
}

// uploadTimeout is how long a file may take to come in.
const uploadTimeout = 15 * time.Minute

func bodyOf(route route) int64 {
	if route.body > 0 {
		return route.body
	}
	return maxForm
}

// enter finds out who comes, and whether they may.
func (s *Server) enter(r *http.Request, v *visit, route route) error {
	err := s.openSession(r, v)
	if err != nil && (!route.open || !errors.Is(err, errNoSession)) {
		return err
	}
	if route.open || route.roles == nil {
		return nil
	}
	return v.admin.May(route.roles...)
}

// openSession finds the admin whose visit this is. Somebody between two factors
// is nobody yet.
func (s *Server) openSession(r *http.Request, v *visit) error {
	if v.secret == (payroll.SecretHash{}) {
		return errNoSession
	}
	session, err := s.Desk.AdminSession(r.Context(), v.secret, payroll.AdminSessionLimits)
	switch {
	case errors.Is(err, payroll.ErrNotFound):
		return errNoSession
	case err != nil:
		return err
	case session.Admin.Name == "":
		v.session = session
		return errNoSession
	}
	v.session, v.admin = session, session.Admin
	return nil
}

// purposeOf is what a fresh second factor was asked for: the path that the form
// is sent to and, of an approval, the manifest that was shown.
func purposeOf(r *http.Request) string {
	purpose := r.URL.EscapedPath()
	if manifest := r.PostForm.Get("manifest"); manifest != "" {
		purpose += "#" + manifest
	}
	return purpose
}

func (s *Server) stepUpError(err error) error {
	if errors.Is(err, payroll.ErrNotFound) {
		return errStepUp
	}
	return err
}

// Errors that only this room has.
var (
	errNoSession = errors.New("no session")
	errStepUp    = errors.New("a fresh second factor is needed")
	errNoPage    = errors.New("no such page")
	errMethod    = errors.New("method not allowed")
)

func notFound(http.ResponseWriter, *http.Request, *visit) error { return errNoPage }

func notAllowed(w http.ResponseWriter, r *http.Request, _ *visit) error {
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return errMethod
}

// redirect leads on after a form, so that a reload does not send it again. said
// is a word of the table said, which the next page shows; "" for none.
func redirect(w http.ResponseWriter, r *http.Request, path, said string) error {
	if said != "" {
		path += "?said=" + said
	}
	http.Redirect(w, r, path, http.StatusSeeOther) //nolint:gosec // a path of our own
	return nil
}
