package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web/identity"
)

// halfPrefix begins the token of a one-time link that is one half: the other half
// is a code that somebody else has.
const halfPrefix = "half-"

// linkPath is where a one-time link leads.
const linkPath = "/enter/"

// EnterLink is the address of a one-time link at the console's origin.
func EnterLink(origin, token string) (string, error) {
	at, err := url.Parse(origin)
	if err != nil {
		return "", fmt.Errorf("read console.origin: %w", err)
	}
	return at.JoinPath(linkPath, token).String(), nil
}

// NewHalfToken makes the token of a one-time link that is one half, and its hash.
func NewHalfToken() (token string, hash payroll.SecretHash) {
	text, _ := payroll.NewToken()
	token = halfPrefix + text
	return token, payroll.HashToken(token)
}

func (s *Server) beginRoutes() []route {
	return []route{
		{method: "GET", path: "/enter/{token}", handle: s.enterPage, open: true},
		{method: "POST", path: "/enter/{token}", handle: s.openLink, open: true, rate: rateTry},
		{method: "GET", path: "/begin", handle: s.beginPage, open: true},
		{method: "POST", path: "/begin/password", handle: s.beginWithPassword, open: true, rate: rateTry},
		{method: "GET", path: "/begin/code", handle: s.beginCodePage, open: true},
		{method: "POST", path: "/begin/code", handle: s.beginWithCode, open: true, rate: rateTry},
		{method: "POST", path: "/begin/passkey/begin", handle: s.beginPasskey, open: true, rate: rateTry},
		{method: "POST", path: "/begin/passkey", handle: s.beginWithPasskey, open: true, rate: rateTry},
		{method: "POST", path: "/begin/sso", handle: s.beginSSOAccount, open: true, rate: rateTry},
		{method: "GET", path: "/begin/codes", handle: s.beginCodesPage, open: true},
		{method: "GET", path: "/begin/codes.txt", handle: s.beginCodesFile, open: true},
		{method: "POST", path: "/begin/codes", handle: s.finishBegin, open: true, rate: rateTry},
	}
}

// enterPage is what enter.html shows. Looking at it uses nothing up.
type enterPage struct {
	Token    string
	Half     bool
	Code     Field
	Mistakes []Mistake
}

func (enterPage) frame(f *Frame) { f.Narrow = true }

func newEnterPage(token, mistake string) enterPage {
	p := enterPage{Token: token, Half: strings.HasPrefix(token, halfPrefix)}
	p.Code = Field{
		Name: "half", Label: "The second half", Required: true, Short: true, Code: true, Max: 40,
		Hint: "Ten letters and digits that another person gives you: whoever proposed your account, not whoever gave you this link.",
	}
	if mistake != "" {
		p.Mistakes = []Mistake{{Text: mistake}}
	}
	return p
}

func (s *Server) enterPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.render(w, v, http.StatusOK, "enter", newEnterPage(r.PathValue("token"), ""))
}

// linkHash is what is kept of a one-time link; of one in two halves, of both.
func linkHash(token, half string) payroll.SecretHash {
	hash := payroll.HashToken(token)
	if strings.HasPrefix(token, halfPrefix) {
		return payroll.JoinHalves(hash, payroll.HashCode(half))
	}
	return hash
}

func (s *Server) openLink(w http.ResponseWriter, r *http.Request, v *visit) error {
	link := linkHash(r.PathValue("token"), r.PostForm.Get("half"))
	name, purpose, err := s.Desk.AdminLink(r.Context(), link)
	if errors.Is(err, payroll.ErrNotFound) {
		sentence := "This link cannot be used: it has been used, is older than a day, or was mistyped. Ask an operator for a new one."
		if strings.HasPrefix(r.PathValue("token"), halfPrefix) {
			sentence = "The link and the second half do not fit each other, or the link has been used or is older than a day."
		}
		return s.render(w, v, http.StatusNotFound, "enter", newEnterPage(r.PathValue("token"), sentence))
	}
	if err != nil {
		return err
	}
	if err := s.Desk.SignOutAdmin(r.Context(), v.secret); err != nil { // whoever sat here before
		return err
	}
	stranger := *v
	stranger.session = payroll.AdminSession{}
	begun := &beginning{Link: link, Admin: name, Again: purpose == "reset"}
	if err := s.put(w, r, &stranger, ceremony{Kind: beginAccount, Begin: begun}); err != nil {
		return err
	}
	return redirect(w, r, "/begin", "")
}

// beginView is what the pages of a new account show.
type beginView struct {
	Admin     payroll.AdminName
	Again     bool
	SSO       string
	Seed      *oneTime
	Secret    []string // the seed in groups of four
	Password  Field
	Codes     []string
	Mistakes  []Mistake
	Kept      bool
	CodesFile string
}

func (beginView) frame(f *Frame) { f.Narrow = true }

func (s *Server) beginView(c ceremony, mistakes ...Mistake) beginView {
	view := beginView{
		Admin: c.Begin.Admin, Again: c.Begin.Again, SSO: s.ssoName(), Seed: c.Seed, Codes: c.Begin.Codes, Mistakes: mistakes,
		Password: newPasswordField(), CodesFile: "/begin/codes.txt",
	}
	if c.Seed != nil {
		view.Secret = inGroups(c.Seed.Secret)
	}
	return view
}

func newPasswordField() Field {
	return Field{
		Name: "password", Label: "A new password", Kind: "password", Auto: "new-password", Required: true,
		Hint: fmt.Sprintf("At least %d characters; a few words in a row are easy to remember. Any characters will do.", identity.PasswordLeast),
	}
}

// inGroups writes a seed in groups of four, for those who type it.
func inGroups(secret string) (groups []string) {
	for ; len(secret) > 4; secret = secret[4:] {
		groups = append(groups, secret[:4])
	}
	return append(groups, secret)
}

// begun is what the visitor has begun; where nothing is, they are told so.
func (s *Server) begun(r *http.Request, v *visit) (ceremony, error) {
	return s.look(r, v, beginAccount)
}

func (s *Server) beginPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.begun(r, v)
	if err != nil {
		return err
	}
	if c.Begin.Factor != nil {
		return redirect(w, r, "/begin/codes", "")
	}
	return s.render(w, v, http.StatusOK, "begin", s.beginView(c))
}

// beginWithPassword takes a password; one-time codes go with it.
func (s *Server) beginWithPassword(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.begun(r, v)
	if err != nil {
		return err
	}
	seed, err := s.newOneTime(r.PostForm.Get("password"), c.Begin.Admin)
	if errors.Is(err, payroll.ErrInvalid) {
		return s.render(w, v, http.StatusUnprocessableEntity, "begin", s.beginView(c, Mistake{Field: "password", Text: plainly(err)}))
	}
	if err != nil {
		return err
	}
	c.Seed = &seed
	if err := s.put(w, r, v, c); err != nil {
		return err
	}
	return redirect(w, r, "/begin/code", "")
}

// newOneTime checks a new password, and makes the seed of the one-time codes that
// go with it. payroll.ErrInvalid says what is wrong with the password.
func (s *Server) newOneTime(password string, name payroll.AdminName) (oneTime, error) {
	hash, err := s.newPassword(password, name)
	if err != nil {
		return oneTime{}, err
	}
	seed, err := identity.NewTOTP(s.Company.Name, string(name))
	return oneTime{seed, hash}, err
}

func (s *Server) newPassword(password string, name payroll.AdminName) (hash string, err error) {
	if err := identity.CheckPassword(password, []string{string(name), s.Company.Name}, s.Identity.Breached); err != nil {
		return "", err
	}
	return identity.HashPassword(password)
}

func (s *Server) beginCodePage(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.begun(r, v)
	if err != nil {
		return err
	}
	if c.Seed == nil {
		return redirect(w, r, "/begin", "")
	}
	return s.render(w, v, http.StatusOK, "begin-code", s.beginView(c))
}

func (s *Server) beginWithCode(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.begun(r, v)
	if err != nil {
		return err
	}
	if c.Seed == nil {
		return redirect(w, r, "/begin", "")
	}
	factor, ok := c.Seed.factor(s, r.PostForm.Get("code"))
	if !ok {
		return s.render(w, v, http.StatusUnprocessableEntity, "begin-code", s.beginView(c, Mistake{Field: "code", Text: wrongCode}))
	}
	return s.chose(w, r, v, c, payroll.ProofPasswordTOTP, factor)
}

// factor is the one-time codes as they are kept, once a code of theirs was shown.
func (o oneTime) factor(s *Server, code string) (payroll.NewFactor, bool) {
	step, ok := identity.VerifyTOTP(o.Secret, code, s.Now(), 0)
	return payroll.NewFactor{Kind: payroll.FactorTOTP, Label: "Authenticator program", Content: []byte(o.Secret), Step: step}, ok
}

// chose keeps the factor that was shown. Recovery codes stand in for one-time
// codes, beside a password; where there is neither, the account begins at once.
func (s *Server) chose(w http.ResponseWriter, r *http.Request, v *visit, c ceremony, proof payroll.Proof, factor payroll.NewFactor) error {
	c.Begin.Proof, c.Begin.Factor, c.State = proof, &factor, nil
	if factor.Kind != payroll.FactorTOTP {
		return s.begins(w, r, v, c)
	}
	c.Begin.Codes, _ = identity.NewRecoveryCodes()
	if err := s.put(w, r, v, c); err != nil {
		return err
	}
	return redirect(w, r, "/begin/codes", "")
}

func (s *Server) beginPasskey(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.begun(r, v)
	if err != nil {
		return err
	}
	ring, err := s.Desk.Keyring(r.Context(), c.Begin.Admin)
	if err != nil {
		return err
	}
	options, state, err := s.registration(ring)
	if err != nil {
		return err
	}
	c.State = state
	if err := s.put(w, r, v, c); err != nil {
		return err
	}
	return answerJSON(w, options)
}

func (s *Server) registration(ring payroll.Keyring) (options, state []byte, err error) {
	holder, err := holderOf(ring)
	if err != nil {
		return nil, nil, err
	}
	return s.Identity.Passkeys.BeginRegistration(holder, s.Now())
}

func (s *Server) beginWithPasskey(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.begun(r, v)
	if err != nil {
		return err
	}
	factor, err := s.registered(r, c.Begin.Admin, c.State)
	if errors.Is(err, payroll.ErrNotAllowed) {
		return s.render(w, v, http.StatusUnprocessableEntity, "begin", s.beginView(c, Mistake{Text: noPasskey}))
	}
	if err != nil {
		return err
	}
	c.Seed = nil
	return s.chose(w, r, v, c, payroll.ProofPasskey, factor)
}

const noPasskey = "The passkey was not made, or its answer cannot be used. Try again."

// registered is the passkey that the browser has just made.
func (s *Server) registered(r *http.Request, name payroll.AdminName, state []byte) (payroll.NewFactor, error) {
	ring, err := s.Desk.Keyring(r.Context(), name)
	if err != nil {
		return payroll.NewFactor{}, err
	}
	holder, err := holderOf(ring)
	if err != nil {
		return payroll.NewFactor{}, err
	}
	made, err := s.Identity.Passkeys.FinishRegistration(holder, state, []byte(r.PostForm.Get("response")), s.Now())
	if err != nil {
		return payroll.NewFactor{}, err
	}
	content, err := json.Marshal(made)
	if err != nil {
		return payroll.NewFactor{}, fmt.Errorf("write a passkey: %w", err)
	}
	return payroll.NewFactor{
		Kind: payroll.FactorPasskey, Label: "Passkey, " + browserWords(r.UserAgent()), Handle: made.ID, Content: content,
	}, nil
}

func (s *Server) beginSSOAccount(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.begun(r, v)
	if err != nil {
		return err
	}
	return s.beginSSO(w, r, v, c, true)
}

func (s *Server) beginWithSSO(w http.ResponseWriter, r *http.Request, v *visit, c ceremony, handle []byte) error {
	c.Seed = nil
	return s.chose(w, r, v, c, payroll.ProofSSO, s.ssoFactor(handle))
}

func (s *Server) ssoFactor(handle []byte) payroll.NewFactor {
	name := s.ssoName()
	return payroll.NewFactor{Kind: payroll.FactorSSO, Label: strings.ToUpper(name[:1]) + name[1:], Handle: handle}
}

func (s *Server) beginCodesPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.begun(r, v)
	if err != nil {
		return err
	}
	if c.Begin.Factor == nil {
		return redirect(w, r, "/begin", "")
	}
	return s.render(w, v, http.StatusOK, "begin-codes", s.beginView(c))
}

func (s *Server) beginCodesFile(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.begun(r, v)
	if err != nil {
		return err
	}
	if len(c.Begin.Codes) == 0 {
		return errNoPage
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="payseal-recovery-codes.txt"`)
	_, _ = fmt.Fprintf(w, "Recovery codes of %s at %s\r\nEach lets you in once, with your password, without your authenticator.\r\nKeep them where only you can get at them.\r\n\r\n%s\r\n",
		c.Begin.Admin, s.Origin.Host, strings.Join(c.Begin.Codes, "\r\n"))
	return nil
}

// finishBegin asks whether the recovery codes are kept.
func (s *Server) finishBegin(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.begun(r, v)
	if err != nil {
		return err
	}
	if c.Begin.Factor == nil {
		return redirect(w, r, "/begin", "")
	}
	if r.PostForm.Get("kept") != "yes" {
		return s.render(w, v, http.StatusUnprocessableEntity, "begin-codes", s.beginView(c, Mistake{Field: "kept", Text: "Keep the codes, and say so."}))
	}
	return s.begins(w, r, v, c)
}

// begins makes the account its owner's, and begins their first visit.
func (s *Server) begins(w http.ResponseWriter, r *http.Request, v *visit, c ceremony) error {
	b := payroll.Beginning{Link: c.Begin.Link, Admin: c.Begin.Admin, Proof: c.Begin.Proof, Factor: *c.Begin.Factor, Recovery: recoveryHashes(c.Begin.Codes)}
	if c.Seed != nil {
		b.Password = c.Seed.Password
	}
	token, hash := payroll.NewToken()
	if err := s.Desk.BeginAccount(r.Context(), b, v.secret, hash, s.placeOf(r)); err != nil {
		return err
	}
	remember(w, token)
	if err := s.knowBrowser(w, r, b.Admin); err != nil {
		return err
	}
	return redirect(w, r, "/account", "welcome")
}

func recoveryHashes(codes []string) (hashes []payroll.SecretHash) {
	for _, code := range codes {
		hashes = append(hashes, identity.HashRecoveryCode(code))
	}
	return hashes
}

// plainly is what an error tells people, without the kind of error before it.
func plainly(err error) string {
	text := err.Error()
	for _, kind := range []error{payroll.ErrInvalid, payroll.ErrNotAllowed, payroll.ErrWrongState} {
		if _, after, found := strings.Cut(text, kind.Error()+": "); found {
			text = after
		}
	}
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
