package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web/door"
)

// handler answers one request. What it returns as an error is answered by the
// adapter, so that no handler chooses a status or a sentence for one.
type handler func(w http.ResponseWriter, r *http.Request, v *visit) error

// visit is what is known of a request when its handler is called.
type visit struct {
	id      string // of the request, for the log and for people who ask for help
	lang    string // one of Languages
	words   func(key string, pairs ...any) string
	session payroll.Session    // of an employee on routes that need one; zero elsewhere
	secret  payroll.SecretHash // of the cookie that came; zero without one
	page    string             // path of this page without its language, for the links to the other ones
}

// path is a path in the visit's language.
func (v *visit) path(p string) string { return "/" + v.lang + p }

// maxForm is the most bytes of a form without a file.
const maxForm = 16 << 10

// adapt makes a route's handler one of net/http's: it finds out language and
// session, bounds and parses the body, and answers errors. What was said about
// the request goes into the log's line with the route's pattern only.
func (s *Server) adapt(route route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		line := door.LineOf(r)
		line.Route = route.pattern()
		v := s.newVisit(r, route, line.ID)
		w.Header().Set("Cache-Control", "no-store")
		if err := s.serve(w, r, v, route); err != nil {
			line.Err = s.answer(w, r, v, err)
		}
	})
}

func (s *Server) newVisit(r *http.Request, route route, id string) *visit {
	lang, page := languageOf(r.URL.Path)
	if lang == "" {
		lang = s.preferred(r)
	}
	if !route.shown {
		page = "/"
	}
	v := &visit{id: id, lang: lang, words: s.words(lang), page: page}
	v.secret, _ = sessionSecret(r)
	return v
}

// serve does what comes before the handler, the cheapest first. If the database
// hangs, the visitor gets a page that says so before the connection is cut.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, v *visit, route route) error {
	if !s.allow(route.rate, r) {
		return payroll.ErrTooMany
	}
	patience := s.patience
	if route.upload {
		patience += door.ReadTimeout // the handler reads the body
	}
	if route.session {
		within, cancel := context.WithTimeout(r.Context(), s.patience)
		defer cancel()
		if err := s.openSession(r.WithContext(within), v); err != nil {
			return err
		}
	}
	if r.Method == http.MethodPost {
		if err := door.ReadForm(w, r, cmp.Or(route.body, maxForm), route.upload); err != nil {
			return err
		}
	}
	within, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	return route.handle(w, r.WithContext(within), v)
}

// Errors that only this room has.
var (
	errNoSession    = errors.New("no session")
	errSessionEnded = errors.New("the session has ended")
	errNoPage       = errors.New("no such page")
	errMethod       = errors.New("method not allowed")
)

func notFound(http.ResponseWriter, *http.Request, *visit) error { return errNoPage }

func notAllowed(w http.ResponseWriter, r *http.Request, _ *visit) error {
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return errMethod
}
