package console

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"unicode/utf8"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web/identity"
)

// The most characters of what an admin calls themself, or a factor.
const mostLabel = 60

// label reads a field of one line, within bounds.
func label(r *http.Request, field string) (string, error) {
	text := oneLine(r.PostForm.Get(field))
	if utf8.RuneCountInString(text) > mostLabel {
		return "", fmt.Errorf("%w: take at most %d characters", payroll.ErrInvalid, mostLabel)
	}
	return text, payroll.CheckText(field, text)
}

func displayNameAsk(value string) ask {
	return ask{
		Head: "Your display name", Trail: accountTrail, Action: "/account/name", Button: "Keep it", Cancel: "/account",
		Fields: []Field{{Name: "name", Label: "Display name", Optional: true, Max: mostLabel, Value: value, Auto: "name", Hint: "As colleagues know you. Your name here stays what it is."}},
	}
}

func (s *Server) displayNamePage(w http.ResponseWriter, r *http.Request, v *visit) error {
	account, err := s.Desk.Account(r.Context(), v.admin.Name)
	if err != nil {
		return err
	}
	return s.askPage(w, r, v, displayNameAsk(account.DisplayName))
}

func (s *Server) displayName(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := s.wantsStepUp(r, v); err != nil {
		return err
	}
	name, err := label(r, "name")
	if err != nil {
		page := displayNameAsk(r.PostForm.Get("name"))
		return s.askAgain(w, v, page, err, s.askStepUp(r, v, &page))
	}
	if err := s.useStepUp(r, v); err != nil {
		return err
	}
	if err := s.Desk.PutDisplayName(r.Context(), v.admin.Name, name); err != nil {
		return err
	}
	return redirect(w, r, "/account", "kept")
}

func passwordAsk(mistakes ...Mistake) ask {
	return ask{
		Head: "Change your password", Lead: "Your other visits end with it.", Trail: accountTrail, Action: "/account/password",
		Button: "Change it", Cancel: "/account", Mistakes: mistakes,
		Fields: []Field{{Name: "current", Label: "The password until now", Kind: "password", Auto: "current-password", Required: true}, newPasswordField()},
	}
}

func (s *Server) passwordPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.render(w, v, http.StatusOK, "ask", passwordAsk())
}

// password asks for the current one instead of a second factor, and counts the
// wrong ones.
func (s *Server) password(w http.ResponseWriter, r *http.Request, v *visit) error {
	name := string(v.admin.Name)
	right, err := s.tried(r, name, "current password", func() (bool, error) { return s.passwordFits(r.Context(), name, r.PostForm.Get("current")) })
	switch {
	case errors.Is(err, payroll.ErrTooMany):
		return s.render(w, v, http.StatusTooManyRequests, "ask", passwordAsk(Mistake{Text: tooMany(err)}))
	case err != nil:
		return err
	case !right:
		return s.render(w, v, http.StatusUnprocessableEntity, "ask", passwordAsk(Mistake{Field: "current", Text: "This is not your password."}))
	}
	hash, err := s.newPassword(r.PostForm.Get("password"), v.admin.Name)
	if err != nil {
		return s.askAgain(w, v, passwordAsk(), err, nil)
	}
	if err := s.Desk.PutPassword(r.Context(), v.admin.Name, hash, v.secret); err != nil {
		return err
	}
	return redirect(w, r, "/account", "password-changed")
}

// passkeyView is what account-passkey.html shows.
type passkeyView struct {
	ask
}

func passkeyAsk(mistakes ...Mistake) ask {
	return ask{
		Head: "Add a passkey", Lead: "A passkey lives in your device, your browser or a security key. It cannot be guessed, and is of no use to a page that only looks like this one.",
		Trail: accountTrail, Action: "/account/passkey", Button: "Make a passkey", Cancel: "/account", Mistakes: mistakes,
	}
}

func (s *Server) passkeyPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	page := passkeyView{passkeyAsk()}
	if err := s.askStepUp(r, v, &page.ask); err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "account-passkey", page)
}

func (s *Server) beginPasskeyAdd(w http.ResponseWriter, r *http.Request, v *visit) error {
	ring, err := s.Desk.Keyring(r.Context(), v.admin.Name)
	if err != nil {
		return err
	}
	options, state, err := s.registration(ring)
	if err != nil {
		return err
	}
	if err := s.put(w, r, v, ceremony{Kind: passkeyAdd, State: state}); err != nil {
		return err
	}
	return answerJSON(w, options)
}

func (s *Server) passkeyAdd(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.take(r, v, passkeyAdd)
	if err != nil {
		return err
	}
	factor, err := s.registered(r, v.admin.Name, c.State)
	if err == nil {
		err = s.Desk.AddFactor(r.Context(), v.admin.Name, factor, "")
	}
	if errors.Is(err, payroll.ErrNotAllowed) || errors.Is(err, payroll.ErrWrongState) {
		page := passkeyView{passkeyAsk(Mistake{Text: noPasskey})}
		if err := s.askStepUp(r, v, &page.ask); err != nil {
			return err
		}
		return s.render(w, v, http.StatusUnprocessableEntity, "account-passkey", page)
	}
	if err != nil {
		return err
	}
	return redirect(w, r, "/account", "factor-added")
}

// codesView is what account-codes.html shows: first a password, then the seed.
type codesView struct {
	ask
	Password Field
	Seed     *oneTime
	Secret   []string
}

func (s *Server) codesView(r *http.Request, v *visit, seed *oneTime, mistakes ...Mistake) (codesView, error) {
	view := codesView{ask: ask{
		Head: "One-time codes", Trail: accountTrail, Action: "/account/codes", Button: "Add them", Cancel: "/account", Mistakes: mistakes,
		Lead: "Six digits of an authenticator program on your phone, beside a password.",
	}, Password: newPasswordField(), Seed: seed}
	if seed != nil {
		view.Secret = inGroups(seed.Secret)
	}
	return view, s.askStepUp(r, v, &view.ask)
}

func (s *Server) codesPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	var seed *oneTime
	c, err := s.look(r, v, totpAdd)
	switch {
	case err == nil:
		seed = c.Seed
	case !errors.Is(err, errBegun):
		return err
	}
	return s.showCodes(w, r, v, http.StatusOK, seed)
}

func (s *Server) showCodes(w http.ResponseWriter, r *http.Request, v *visit, status int, seed *oneTime, mistakes ...Mistake) error {
	view, err := s.codesView(r, v, seed, mistakes...)
	if err != nil {
		return err
	}
	return s.render(w, v, status, "account-codes", view)
}

// codesSeed takes the password that goes with one-time codes, and makes a seed,
// which does not count until a code of it was shown with a fresh second factor.
func (s *Server) codesSeed(w http.ResponseWriter, r *http.Request, v *visit) error {
	seed, err := s.newOneTime(r.PostForm.Get("password"), v.admin.Name)
	if errors.Is(err, payroll.ErrInvalid) {
		return s.showCodes(w, r, v, http.StatusUnprocessableEntity, nil, Mistake{Field: "password", Text: plainly(err)})
	}
	if err != nil {
		return err
	}
	if err := s.put(w, r, v, ceremony{Kind: totpAdd, Seed: &seed}); err != nil {
		return err
	}
	return redirect(w, r, "/account/codes", "")
}

func (s *Server) codesAdd(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := s.wantsStepUp(r, v); err != nil {
		return err
	}
	c, err := s.look(r, v, totpAdd)
	if err != nil {
		return err
	}
	factor, ok := c.Seed.factor(s, r.PostForm.Get("code"))
	if !ok {
		return s.showCodes(w, r, v, http.StatusUnprocessableEntity, c.Seed, Mistake{Field: "code", Text: wrongCode})
	}
	if err := s.useStepUp(r, v); err != nil {
		return err
	}
	if err := s.Desk.AddFactor(r.Context(), v.admin.Name, factor, c.Seed.Password); err != nil {
		return err
	}
	if _, err := s.take(r, v, totpAdd); err != nil {
		return err
	}
	account, err := s.Desk.Account(r.Context(), v.admin.Name)
	if err != nil {
		return err
	}
	if account.RecoveryCodes == 0 {
		return redirect(w, r, "/account/recovery", "factor-added")
	}
	return redirect(w, r, "/account", "factor-added")
}

func (s *Server) ssoPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	if s.Identity.SSO == nil {
		return errNoPage
	}
	return s.askPage(w, r, v, ask{
		Head: "Link " + s.ssoName(), Lead: "You are sent there to say who you are, and back here.", Trail: accountTrail,
		Action: "/account/sso", Button: "Go to " + s.ssoName(), Cancel: "/account",
	})
}

func (s *Server) beginSSOAdd(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.beginSSO(w, r, v, ceremony{Kind: ssoAdd}, true)
}

func (s *Server) addSSO(w http.ResponseWriter, r *http.Request, v *visit, handle []byte) error {
	if v.admin.Name == "" {
		return errNoSession
	}
	if err := s.Desk.AddFactor(r.Context(), v.admin.Name, s.ssoFactor(handle), ""); err != nil {
		return err
	}
	return redirect(w, r, "/account", "factor-added")
}

func (s *Server) recoveryPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.askPage(w, r, v, ask{
		Head: "New recovery codes", Lead: "Ten new ones take the place of all that you have. They are shown once.",
		Trail: accountTrail, Action: "/account/recovery", Button: "Make ten new codes", Cancel: "/account",
	})
}

func (s *Server) recovery(w http.ResponseWriter, r *http.Request, v *visit) error {
	codes, hashes := identity.NewRecoveryCodes()
	if err := s.Desk.PutRecoveryCodes(r.Context(), v.admin.Name, hashes); err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "shown", shown{
		Head: "Your recovery codes", Trail: accountTrail, List: codes, Back: "/account",
		Text:   "Each lets you in once, with your password, without your authenticator. This is the only time that they are shown.",
		Points: []string{"Print this page, or write them down.", "Keep them where only you can get at them, and not with your password."},
	})
}

// factorOf is the visitor's factor that the path names.
func (s *Server) factorOf(r *http.Request, v *visit) (payroll.Factor, error) {
	account, err := s.Desk.Account(r.Context(), v.admin.Name)
	if err != nil {
		return payroll.Factor{}, err
	}
	for _, f := range account.Factors {
		if strconv.FormatInt(f.ID, 10) == r.PathValue("id") {
			return f, nil
		}
	}
	return payroll.Factor{}, payroll.ErrNotFound
}

func factorAsk(f payroll.Factor) ask {
	return ask{
		Head: "Rename a factor", Trail: accountTrail, Action: "/account/factors/" + strconv.FormatInt(f.ID, 10), Button: "Rename it", Cancel: "/account",
		Fields: []Field{{Name: "label", Label: "Called", Required: true, Max: mostLabel, Value: f.Label}},
	}
}

func (s *Server) factorPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := s.factorOf(r, v)
	if err != nil {
		return err
	}
	return s.askPage(w, r, v, factorAsk(f))
}

func (s *Server) renameFactor(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := s.wantsStepUp(r, v); err != nil {
		return err
	}
	f, err := s.factorOf(r, v)
	if err != nil {
		return err
	}
	text, err := label(r, "label")
	if err == nil && text == "" {
		err = fmt.Errorf("%w: give it a name", payroll.ErrInvalid)
	}
	if err != nil {
		page := factorAsk(f)
		return s.askAgain(w, v, page, err, s.askStepUp(r, v, &page))
	}
	if err := s.useStepUp(r, v); err != nil {
		return err
	}
	if err := s.Desk.RenameFactor(r.Context(), v.admin.Name, f.ID, text); err != nil {
		return err
	}
	return redirect(w, r, "/account", "kept")
}

func removeFactorAsk(f payroll.Factor) ask {
	page := ask{
		Head: "Remove a factor", Lead: "It will not let you in any more.", Trail: accountTrail, Tone: ToneBad, Button: "Remove it", Cancel: "/account",
		Action: "/account/factors/" + strconv.FormatInt(f.ID, 10) + "/remove",
		Facts:  []Fact{{Name: "Called", Text: f.Label}, {Name: "Kind", Text: factorWords[f.Kind].Word}},
	}
	if f.Kind == payroll.FactorTOTP {
		page.Points = []string{"With the last one-time codes your password goes, too: it is nothing without them."}
	}
	return page
}

func (s *Server) removeFactorPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := s.factorOf(r, v)
	if err != nil {
		return err
	}
	return s.askPage(w, r, v, removeFactorAsk(f))
}

func (s *Server) removeFactor(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := s.factorOf(r, v)
	if err != nil {
		return err
	}
	if err := s.Desk.RemoveFactor(r.Context(), v.admin.Name, f.ID); err != nil {
		page := removeFactorAsk(f)
		return s.askAgain(w, v, page, err, s.askStepUp(r, v, &page))
	}
	return redirect(w, r, "/account", "factor-removed")
}
