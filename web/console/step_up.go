package console

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/payseal/payseal/payroll"
)

// stepUpActs say what a fresh second factor is for, by the path of the route that
// wants it; {x} is replaced by what stands there. A route without a line here is
// called by its path.
var stepUpActs = map[string]string{
	"/account/name":                       "change your display name",
	"/account/passkey":                    "add a passkey to your account",
	"/account/codes":                      "add a password with one-time codes to your account",
	"/account/sso":                        "link your single sign-on identity",
	"/account/recovery":                   "make new recovery codes",
	"/account/factors/{id}":               "rename one of your factors",
	"/account/factors/{id}/remove":        "remove one of your factors",
	"/account/tokens/new":                 "make a token",
	"/admins/new":                         "add an admin",
	"/admins/{name}/roles":                "change the roles of {name}",
	"/admins/{name}/disable":              "disable {name}",
	"/admins/{name}/enable":               "enable {name} again",
	"/admins/{name}/reset":                "reset the factors of {name}",
	"/admins/{name}/employee":             "say which employee {name} is",
	"/proposals/{id}/confirm":             "confirm proposal {id}",
	"/runs/{id}/approve":                  "approve run {id}",
	"/runs/{id}/report":                   "take the report of run {id}",
	"/runs/{id}/slips/{number}/reapprove": "approve the slip of {number} in run {id}",
	"/runs/{id}/slips/{number}/release":   "release the slip of {number} in run {id}",
	"/audit/export":                       "export the audit log",
}

// purpose is what a fresh second factor is asked for.
type purpose struct {
	Text     string // the path, and "#" with the manifest of an approval
	Act      string // in words
	Manifest string
	path     string
}

var manifestText = regexp.MustCompile(`^[0-9a-f]{64}$`)

// purpose checks that a purpose is the path of a route that wants a fresh second
// factor, and nothing else.
func (s *Server) purpose(text string) (purpose, error) {
	path, manifest, found := strings.Cut(text, "#")
	if found && !manifestText.MatchString(manifest) || ownPath(path) != path {
		return purpose{}, errNoPage
	}
	for _, r := range s.table {
		if !r.stepUp {
			continue
		}
		if values, fits := match(r.path, path); fits {
			return purpose{Text: text, Act: actOf(r.path, path, values), Manifest: manifest, path: path}, nil
		}
	}
	return purpose{}, errNoPage
}

func actOf(pattern, path string, values map[string]string) string {
	act, found := stepUpActs[pattern]
	if !found {
		return "do what you asked for at " + path
	}
	for name, value := range values {
		act = strings.ReplaceAll(act, "{"+name+"}", value)
	}
	return act
}

// match compares an escaped path with a route's pattern, and gives what stands at
// its wildcards. A path that stands as such in the table is no wildcard's.
func match(pattern, path string) (map[string]string, bool) {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return nil, false
	}
	values := map[string]string{}
	for i, part := range want {
		if strings.HasPrefix(part, "{") && got[i] != "" {
			value, err := url.PathUnescape(got[i])
			if err != nil {
				return nil, false
			}
			values[strings.Trim(part, "{}")] = value
		} else if part != got[i] {
			return nil, false
		}
	}
	return values, true
}

// stepUpView is what step-up.html shows.
type stepUpView struct {
	purpose
	Passkey, Codes bool   // what the account has
	SSO            string // what the provider is called, if the account has its identity
	Mistakes       []Mistake
	Cancel         string
}

func (stepUpView) frame(f *Frame) { f.Narrow = true }

func (s *Server) stepUpView(r *http.Request, v *visit, p purpose, mistake string) (stepUpView, error) {
	account, err := s.Desk.Account(r.Context(), v.admin.Name)
	if err != nil {
		return stepUpView{}, err
	}
	has := func(kind payroll.FactorKind) bool {
		return slices.ContainsFunc(account.Factors, func(f payroll.Factor) bool { return f.Kind == kind })
	}
	view := stepUpView{purpose: p, Passkey: has(payroll.FactorPasskey), Codes: has(payroll.FactorTOTP), Cancel: p.path}
	if has(payroll.FactorSSO) {
		view.SSO = s.ssoName()
	}
	if mistake != "" {
		view.Mistakes = []Mistake{{Text: mistake}}
	}
	return view, nil
}

func (s *Server) stepUpPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.purpose(r.URL.Query().Get("for"))
	if err != nil {
		return err
	}
	return s.showStepUp(w, r, v, p, http.StatusOK, "")
}

func (s *Server) showStepUp(w http.ResponseWriter, r *http.Request, v *visit, p purpose, status int, mistake string) error {
	view, err := s.stepUpView(r, v, p, mistake)
	if err != nil {
		return err
	}
	return s.render(w, v, status, "step-up", view)
}

// stepUpByCode takes a one-time code. A recovery code does not count here.
func (s *Server) stepUpByCode(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.purpose(r.PostForm.Get("for"))
	if err != nil {
		return err
	}
	right, err := s.tried(r, string(v.admin.Name), "fresh second factor", func() (bool, error) {
		e, err := s.evidenceOf(r.Context(), v.admin.Name, r.PostForm.Get("code"))
		if err != nil || e.Proof != payroll.ProofPasswordTOTP {
			return false, err
		}
		return s.steppedUp(r, v, p, e)
	})
	switch {
	case errors.Is(err, payroll.ErrTooMany):
		return s.showStepUp(w, r, v, p, http.StatusTooManyRequests, tooMany(err))
	case err != nil:
		return err
	case !right:
		return s.showStepUp(w, r, v, p, http.StatusUnprocessableEntity, wrongCode+" Recovery codes do not count here.")
	}
	return redirect(w, r, p.path, "")
}

// steppedUp writes a fresh second factor down; false where it does not count.
func (s *Server) steppedUp(r *http.Request, v *visit, p purpose, e payroll.Evidence) (bool, error) {
	err := s.Desk.PutStepUp(r.Context(), v.secret, p.Text, e, s.tryOf(r, string(e.Admin)))
	if errors.Is(err, payroll.ErrNotAllowed) {
		return false, nil
	}
	return err == nil, err
}

func (s *Server) beginPasskeyStepUp(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.purpose(r.PostForm.Get("for"))
	if err != nil {
		return err
	}
	ring, err := s.Desk.Keyring(r.Context(), v.admin.Name)
	if err != nil {
		return err
	}
	holder, err := holderOf(ring)
	if err != nil {
		return err
	}
	options, state, err := s.Identity.Passkeys.BeginStepUp(holder, p.Text, s.Now())
	if err != nil {
		return err
	}
	if err := s.put(w, r, v, ceremony{Kind: passkeyStepUp, For: p.Text, State: state}); err != nil {
		return err
	}
	return answerJSON(w, options)
}

func (s *Server) stepUpByPasskey(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.take(r, v, passkeyStepUp)
	if err != nil {
		return err
	}
	p, err := s.purpose(c.For)
	if err != nil {
		return err
	}
	ring, err := s.Desk.Keyring(r.Context(), v.admin.Name)
	if err != nil {
		return err
	}
	holder, err := holderOf(ring)
	if err != nil {
		return err
	}
	used, err := s.Identity.Passkeys.FinishStepUp(holder, p.Text, c.State, []byte(r.PostForm.Get("response")), s.Now())
	ok := false
	if err == nil {
		var e payroll.Evidence
		if e, err = evidenceOfPasskey(ring, used); err == nil {
			ok, err = s.steppedUp(r, v, p, e)
		}
	}
	return s.stepUpEnds(w, r, v, p, "passkey", ok, err)
}

// stepUpEnds leads back to the page of the act, or says that the factor did not
// count.
func (s *Server) stepUpEnds(w http.ResponseWriter, r *http.Request, v *visit, p purpose, what string, ok bool, err error) error {
	if err != nil && !errors.Is(err, payroll.ErrNotAllowed) {
		return err
	}
	if ok {
		return redirect(w, r, p.path, "")
	}
	if err := s.Desk.FailSignIn(r.Context(), string(v.admin.Name), "fresh "+what, false); err != nil {
		return err
	}
	return s.showStepUp(w, r, v, p, http.StatusUnprocessableEntity, "This does not count for what you asked. Try again.")
}

func (s *Server) beginSSOStepUp(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.purpose(r.PostForm.Get("for"))
	if err != nil {
		return err
	}
	return s.beginSSO(w, r, v, ceremony{Kind: ssoStepUp, For: p.Text}, true)
}

// stepUpBySSO takes the word of the provider, which has asked again. It must be
// the visitor's own identity there.
func (s *Server) stepUpBySSO(w http.ResponseWriter, r *http.Request, v *visit, c ceremony, handle []byte) error {
	p, err := s.purpose(c.For)
	if err != nil {
		return err
	}
	if v.admin.Name == "" {
		return errNoSession
	}
	name, factor, err := s.Desk.SSOFactor(r.Context(), handle)
	if err != nil && !errors.Is(err, payroll.ErrNotFound) {
		return err
	}
	ok := false
	if err == nil && name == v.admin.Name {
		ok, err = s.steppedUp(r, v, p, payroll.Evidence{Admin: name, Proof: payroll.ProofSSO, Factor: factor})
	} else {
		err = nil
	}
	return s.stepUpEnds(w, r, v, p, "single sign-on", ok, err)
}
