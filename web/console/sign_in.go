package console

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web/identity"
)

// Identity is how admins prove who they are.
type Identity struct {
	Passkeys *identity.Passkeys
	Breached identity.Breached
	Vault    *keystore.MasterKey // seals the cookie by which a browser is known again

	SSO        *identity.SingleSignOn // nil: none; its RedirectURL is the console's origin and SSOBack
	SSOName    string                 // what the provider is called on the button; "" for "single sign-on"
	SSOTrusted bool                   // the provider asks for two factors by itself, whether its tokens say so or not
}

// SignInDesk is what getting in asks of the database.
type SignInDesk interface {
	BeginTry(ctx context.Context, t payroll.Try, wait func(payroll.SignInFailures, time.Time) time.Duration) (time.Time, error)
	ForgiveTry(ctx context.Context, t payroll.Try, at time.Time) error
	FailSignIn(ctx context.Context, name, what string, throttled bool) error

	AdminPassword(ctx context.Context, name string) (hash string, err error)
	RehashPassword(ctx context.Context, name payroll.AdminName, old, hash string) error
	Seeds(ctx context.Context, name payroll.AdminName) ([]payroll.Seed, error)
	Keyring(ctx context.Context, name payroll.AdminName) (payroll.Keyring, error)
	KeyringOf(ctx context.Context, handle []byte) (payroll.Keyring, error)
	SSOFactor(ctx context.Context, handle []byte) (payroll.AdminName, int64, error)

	PendAdmin(ctx context.Context, old, session payroll.SecretHash, name payroll.AdminName, from payroll.Place) error
	SignInAdmin(ctx context.Context, e payroll.Evidence, t payroll.Try, old, session payroll.SecretHash, from payroll.Place) error
	SignOutAdmin(ctx context.Context, session payroll.SecretHash) error

	PutCeremony(ctx context.Context, session payroll.SecretHash, content []byte, from payroll.Place) error
	Ceremony(ctx context.Context, session payroll.SecretHash, fresh time.Duration) ([]byte, error)
	TakeCeremony(ctx context.Context, session payroll.SecretHash, fresh time.Duration) ([]byte, error)

	HasStepUp(ctx context.Context, session payroll.SecretHash, purpose string, fresh time.Duration) (bool, error)
	PutStepUp(ctx context.Context, session payroll.SecretHash, purpose string, e payroll.Evidence, t payroll.Try) error

	AdminLink(ctx context.Context, link payroll.SecretHash) (payroll.AdminName, string, error)
	BeginAccount(ctx context.Context, b payroll.Beginning, old, session payroll.SecretHash, from payroll.Place) error
}

func (s *Server) signInRoutes() []route {
	return append([]route{
		{method: "GET", path: "/sign-in", handle: s.signInPage, open: true},
		{method: "POST", path: "/sign-in", handle: s.signIn, open: true, rate: rateTry},
		{method: "GET", path: "/sign-in/code", handle: s.codePage, open: true},
		{method: "POST", path: "/sign-in/code", handle: s.code, open: true, rate: rateTry},
		{method: "POST", path: "/sign-in/passkey/begin", handle: s.beginPasskeySignIn, open: true, rate: rateTry},
		{method: "POST", path: "/sign-in/passkey", handle: s.passkeySignIn, open: true, rate: rateTry},
		{method: "POST", path: "/sign-in/sso", handle: s.beginSSOSignIn, open: true, rate: rateTry},
		{method: "GET", path: SSOBack, handle: s.ssoBack, open: true},
		{method: "GET", path: "/sign-in/sso/done", handle: s.ssoDone, open: true, rate: rateTry},
		{method: "POST", path: "/sign-out", handle: s.signOut, open: true},

		{method: "GET", path: "/step-up", handle: s.stepUpPage},
		{method: "POST", path: "/step-up", handle: s.stepUpByCode, rate: rateTry},
		{method: "POST", path: "/step-up/passkey/begin", handle: s.beginPasskeyStepUp, rate: rateTry},
		{method: "POST", path: "/step-up/passkey", handle: s.stepUpByPasskey, rate: rateTry},
		{method: "POST", path: "/step-up/sso", handle: s.beginSSOStepUp, rate: rateTry},
	}, s.beginRoutes()...)
}

// signInPage is what sign-in.html shows.
type signInPage struct {
	To       string // where they wanted to go
	Name     Field
	Mistakes []Mistake
	SSO      string // what the provider is called; "" without one
}

func (signInPage) frame(f *Frame) { f.Narrow = true }

func (s *Server) newSignInPage(to, mistake string) signInPage {
	p := signInPage{
		To: ownPath(to), SSO: s.ssoName(),
		Name: Field{Name: "name", Label: "Your name here", Hint: "Lower-case, as your colleagues know it: ada", Auto: "username", Max: 63, Required: true},
	}
	if mistake != "" {
		p.Mistakes = []Mistake{{Text: mistake}}
	}
	return p
}

func (s *Server) signInPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	if v.admin.Name != "" {
		return redirect(w, r, "/", "")
	}
	return s.render(w, v, http.StatusOK, "sign-in", s.newSignInPage(r.URL.Query().Get("to"), ""))
}

// What is said to whoever does not get in. It is the same whatever was wrong.
const (
	wrongPassword = "The name and the password do not fit each other, or the account cannot be used."
	wrongCode     = "This code does not count. A one-time code counts once, and for about a minute; wait for the next one."
)

// signIn takes a name and a password. A name that there is not costs the same
// work, and gets the same answer.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request, v *visit) error {
	name := strings.ToLower(strings.TrimSpace(r.PostForm.Get("name")))
	to := ownPath(r.PostForm.Get("to"))
	right, err := s.tried(r, name, "password", func() (bool, error) { return s.passwordFits(r.Context(), name, r.PostForm.Get("password")) })
	if errors.Is(err, payroll.ErrTooMany) {
		return s.render(w, v, http.StatusTooManyRequests, "sign-in", s.newSignInPage(to, tooMany(err)))
	}
	if err != nil {
		return err
	}
	if !right {
		return s.render(w, v, http.StatusUnprocessableEntity, "sign-in", s.newSignInPage(to, wrongPassword))
	}
	token, hash := payroll.NewToken()
	if err := s.Desk.PendAdmin(r.Context(), v.secret, hash, payroll.AdminName(name), s.placeOf(r)); err != nil {
		return err
	}
	remember(w, token)
	return redirect(w, r, withTo("/sign-in/code", to), "")
}

// passwordFits makes the hash anew where its cost is yesterday's.
func (s *Server) passwordFits(ctx context.Context, name, password string) (bool, error) {
	hash, err := s.Desk.AdminPassword(ctx, name)
	if errors.Is(err, payroll.ErrNotFound) {
		return false, identity.VerifyNobody(password)
	}
	if err != nil {
		return false, err
	}
	ok, stale, err := identity.VerifyPassword(password, hash)
	if err != nil || !stale {
		return ok, err
	}
	again, err := identity.HashPassword(password)
	if err != nil {
		return ok, err
	}
	return ok, s.Desk.RehashPassword(ctx, payroll.AdminName(name), hash, again)
}

// codePage is what sign-in-code.html shows.
type codePage struct {
	To       string
	Mistakes []Mistake
}

func (codePage) frame(f *Frame) { f.Narrow = true }

// pendingTime is how long the second factor may take.
const pendingTime = 10 * time.Minute

// pending says who waits for their second factor; "" for nobody.
func (s *Server) pending(v *visit) payroll.AdminName {
	if s.Now().Sub(v.session.Began) > pendingTime {
		return ""
	}
	return v.session.Pending
}

func (s *Server) codePage(w http.ResponseWriter, r *http.Request, v *visit) error {
	if s.pending(v) == "" {
		return redirect(w, r, "/sign-in", "")
	}
	return s.render(w, v, http.StatusOK, "sign-in-code", codePage{To: ownPath(r.URL.Query().Get("to"))})
}

// code takes the second factor after a password: a one-time code, or a recovery
// code.
func (s *Server) code(w http.ResponseWriter, r *http.Request, v *visit) error {
	name, to := s.pending(v), ownPath(r.PostForm.Get("to"))
	if name == "" {
		return redirect(w, r, "/sign-in", "")
	}
	var proof payroll.Proof
	right, err := s.tried(r, string(name), "second factor", func() (bool, error) {
		e, err := s.evidenceOf(r.Context(), name, r.PostForm.Get("code"))
		if err != nil {
			return false, err
		}
		proof = e.Proof
		return s.enterAs(w, r, v, e)
	})
	switch {
	case errors.Is(err, payroll.ErrTooMany):
		return s.render(w, v, http.StatusTooManyRequests, "sign-in-code", codePage{To: to, Mistakes: []Mistake{{Field: "code", Text: tooMany(err)}}})
	case err != nil:
		return err
	case !right:
		return s.render(w, v, http.StatusUnprocessableEntity, "sign-in-code", codePage{To: to, Mistakes: []Mistake{{Field: "code", Text: wrongCode}}})
	case proof == payroll.ProofPasswordRecovery:
		return redirect(w, r, "/account", "recovery-used")
	}
	return redirect(w, r, to, "")
}

// evidenceOf reads a typed code. One that fits nothing is still evidence, of a
// recovery code that there is not, which the store refuses.
func (s *Server) evidenceOf(ctx context.Context, name payroll.AdminName, code string) (payroll.Evidence, error) {
	seeds, err := s.Desk.Seeds(ctx, name)
	if err != nil {
		return payroll.Evidence{}, err
	}
	for _, seed := range seeds {
		if step, ok := identity.VerifyTOTP(seed.Secret, code, s.Now(), seed.Last); ok {
			return payroll.Evidence{Admin: name, Proof: payroll.ProofPasswordTOTP, Factor: seed.Factor, Step: step}, nil
		}
	}
	return payroll.Evidence{Admin: name, Proof: payroll.ProofPasswordRecovery, Recovery: identity.HashRecoveryCode(code)}, nil
}

// enterAs begins the visit of an admin under a new token. It is false where the
// evidence does not count.
func (s *Server) enterAs(w http.ResponseWriter, r *http.Request, v *visit, e payroll.Evidence) (bool, error) {
	token, hash := payroll.NewToken()
	err := s.Desk.SignInAdmin(r.Context(), e, s.tryOf(r, string(e.Admin)), v.secret, hash, s.placeOf(r))
	if errors.Is(err, payroll.ErrNotAllowed) || errors.Is(err, payroll.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	remember(w, token)
	return true, s.knowBrowser(w, r, e.Admin)
}

func (s *Server) signOut(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := s.Desk.SignOutAdmin(r.Context(), v.secret); err != nil {
		return err
	}
	forget(w)
	w.Header().Set("Clear-Site-Data", `"cache"`)
	return redirect(w, r, "/sign-in", "signed-out")
}
