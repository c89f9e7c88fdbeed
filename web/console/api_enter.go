package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web/door"
)

// caller is the program that asks, and whose token it has.
type caller struct {
	*Server
	w     http.ResponseWriter
	r     *http.Request
	v     *visit // without a session: only who it is
	token payroll.Token
}

// by is who acts.
func (c *caller) by() payroll.AdminName { return c.v.admin.Name }

// origin is where the program's act comes from.
func (c *caller) origin() payroll.Origin {
	return payroll.Origin{Face: "api", Address: c.door.ClientAddress(c.r).String(), Proof: "token " + c.token.Label}
}

// sees reports whether the token lets amounts be seen.
func (c *caller) sees() bool { return c.token.Has(payroll.ScopeAmounts) && c.v.is(amounts...) }

type callerKey struct{}

func callerOf(ctx context.Context) *caller { return ctx.Value(callerKey{}).(*caller) }

// failedTokens is how many tokens that count for nothing a client may show. One
// that counts is taken all the same, so that nobody is locked out by a neighbour.
var failedTokens = door.Rate{Every: 2 * time.Second, Burst: 20}

// What a token may lack.
var (
	errNoToken = errors.New("no token")
	errToken   = errors.New("no token that counts")
)

// scopeError says which scope a token lacks.
type scopeError payroll.Scope

func (e scopeError) Error() string {
	return fmt.Sprintf("%s: the token lacks the scope %q", payroll.ErrNotAllowed, string(e))
}

func (e scopeError) Is(err error) bool { return err == payroll.ErrNotAllowed } // it is asked by errors.Is

// enterAPI is what every request passes before huma reads it.
func (s *Server) enterAPI(o operation, next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		line := door.LineOf(r)
		line.Route = apiPrefix + o.path
		w.Header().Set("Cache-Control", "no-store")
		c := &caller{Server: s, w: w, r: r, v: &visit{id: line.ID, path: r.URL.Path}}
		ctx, cancel := within(r.Context(), route{upload: o.file || o.slow})
		defer cancel()
		if err := c.enter(ctx, o); err != nil {
			c.answer(err)
			return
		}
		origin := c.origin()
		origin.Who, origin.Roles = c.by(), o.roles
		c.r = r.WithContext(context.WithValue(payroll.WithOrigin(ctx, origin), callerKey{}, c))
		c.r.Body = http.MaxBytesReader(w, r.Body, o.most()+1)
		next(w, c.r)
	})
}

// enter finds out whose token came, and whether they may, the cheapest first.
func (c *caller) enter(ctx context.Context, o operation) error {
	client := c.door.Client(c.r).String()
	if o.rate != "" && !c.rates[o.rate].Allow(client, c.Now()) {
		return payroll.ErrTooMany
	}
	if err := c.show(ctx); err != nil {
		if errors.Is(err, errToken) && !c.api.failed.Allow(client, c.Now()) {
			return payroll.ErrTooMany
		}
		return err
	}
	if o.roles != nil {
		if err := c.v.admin.May(o.roles...); err != nil {
			return err
		}
	}
	if o.scope != "" && !c.token.Has(o.scope) {
		return scopeError(o.scope)
	}
	if c.r.ContentLength > o.most() {
		c.w.Header().Set("Connection", "close")
		return door.ErrTooLarge
	}
	if o.file || o.slow {
		return c.takeTime()
	}
	return nil
}

// takeTime lifts the limits of the connection for a file.
func (c *caller) takeTime() error {
	control, deadline := http.NewResponseController(c.w), time.Now().Add(uploadTimeout)
	err := errors.Join(control.SetReadDeadline(deadline), control.SetWriteDeadline(deadline.Add(time.Minute)))
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}

// show looks whose token came. It is in the one header and nowhere else: not in
// the address, not in the body, and no cookie is looked at.
func (c *caller) show(ctx context.Context) error {
	sent := c.r.Header.Values("Authorization")
	if len(sent) == 0 {
		return errNoToken
	}
	scheme, text, _ := strings.Cut(sent[0], " ")
	if len(sent) > 1 || !strings.EqualFold(scheme, "Bearer") || len(text) > 100 || !strings.HasPrefix(text, tokenPrefix) {
		return errToken
	}
	var err error
	c.token, c.v.admin, err = c.Desk.TokenAdmin(ctx, payroll.HashToken(text))
	if errors.Is(err, payroll.ErrNotFound) {
		return errToken
	}
	return err
}

// chooseAPI picks the operation of a path by the request's method.
func (s *Server) chooseAPI(path string, methods map[string]http.Handler) http.Handler {
	allow := strings.Join(slices.Sorted(maps.Keys(methods)), ", ")
	other := s.failAPI(apiPrefix+path, errMethod)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h, found := methods[r.Method]; found {
			h.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Allow", allow)
		other.ServeHTTP(w, r)
	})
}

// failAPI answers every request with an error.
func (s *Server) failAPI(route string, err error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		door.LineOf(r).Route = route
		w.Header().Set("Cache-Control", "no-store")
		(&caller{Server: s, w: w, r: r, v: &visit{id: door.LineOf(r).ID}}).answer(err)
	})
}

// problem is an error as RFC 9457 wants it, from the table that the pages have.
// What belongs into the log is put there.
func (c *caller) problem(err error) *huma.ErrorModel {
	status, shown := problemOf(err)
	if shown.Told != "" {
		shown.Sentence = plainly(err)
	}
	challenge := `Bearer realm="payseal"`
	switch scope := scopeError(""); {
	case errors.Is(err, errNoToken):
		status, shown = http.StatusUnauthorized, problem{Title: "No token", Sentence: "Send a token of an admin: Authorization: Bearer TOKEN."}
		c.w.Header().Set("WWW-Authenticate", challenge)
	case errors.Is(err, errToken):
		status, shown = http.StatusUnauthorized, problem{Title: "This token does not count", Sentence: "It has ended, never was, or its owner was disabled."}
		c.w.Header().Set("WWW-Authenticate", challenge+`, error="invalid_token"`)
	case errors.As(err, &scope):
		c.w.Header().Set("WWW-Authenticate", fmt.Sprintf(`%s, error="insufficient_scope", scope="%s"`, challenge, string(scope)))
	case status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable:
		c.w.Header().Set("Retry-After", "60")
	}
	model := &huma.ErrorModel{Type: problemType(shown.Title), Title: shown.Title, Status: status, Detail: shown.Sentence}
	if err := c.noteRefusal(c.r, c.by(), c.origin(), err); err != nil {
		door.LineOf(c.r).Err = err
	}
	if status >= http.StatusInternalServerError {
		door.LineOf(c.r).Err = err
		model.Instance = "urn:payseal:request:" + c.v.id
	}
	return model
}

// problemType names a kind of problem for programs: "urn:payseal:not-allowed".
func problemType(title string) string {
	return "urn:payseal:" + strings.ReplaceAll(strings.ToLower(title), " ", "-")
}

// answer writes an error that came before huma.
func (c *caller) answer(err error) {
	model := c.problem(err)
	c.w.Header().Set("Content-Type", "application/problem+json")
	c.w.WriteHeader(model.Status)
	_ = json.NewEncoder(c.w).Encode(model) // nobody is left to tell
}

// plainProblem makes what huma says of a request one of the table's problems. It
// never gives back what was sent.
func plainProblem(ctx huma.Context, _ string, v any) (any, error) {
	model, ok := v.(*huma.ErrorModel)
	if !ok || model.Type != "" {
		return v, nil
	}
	title := http.StatusText(model.Status)
	switch model.Status {
	case http.StatusUnprocessableEntity, http.StatusBadRequest:
		title = "This cannot be taken"
	case http.StatusRequestEntityTooLarge:
		title, model.Detail = "Too large", "What was sent is larger than this operation takes."
	}
	model.Type, model.Title = problemType(title), title
	for _, e := range model.Errors {
		e.Value = nil
		if e.Location == "body" && strings.HasPrefix(e.Message, "json: ") {
			e.Message = "not of the shape that the document says"
		}
	}
	if model.Status >= http.StatusInternalServerError {
		model.Detail, model.Errors = "It was written to the log. Nothing was half done.", nil
		c := callerOf(ctx.Context())
		door.LineOf(c.r).Err = errors.New("read the body of a request")
	}
	return model, nil
}
