package console

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web/identity"
)

// SSOBack is the path to which the single sign-on provider sends browsers back; it
// is registered there with the console's origin before it.
const SSOBack = "/sign-in/sso/back"

// What may go wrong there.
var (
	errProvider  = errors.New("the single sign-on provider does not answer as it should")
	errOneFactor = fmt.Errorf("%w: the provider asked you for one factor only, and two are needed here", payroll.ErrNotAllowed)
	errNoAccount = fmt.Errorf("%w: no account here belongs to whom the provider says you are; link it first, in your account", payroll.ErrNotAllowed)
)

func (s *Server) ssoName() string {
	switch {
	case s.Identity.SSO == nil:
		return ""
	case s.Identity.SSOName == "":
		return "single sign-on"
	}
	return s.Identity.SSOName
}

// onward is what onward.html shows: a page that leads on by itself. A redirect in
// the answer to a form may not leave the site (the policy's form-action), and one
// that another site began brings no strict cookie along.
type onward struct {
	Head, Text, Link, URL string
}

func (onward) frame(f *Frame) { f.Narrow = true }

// beginSSO sends the browser to the provider. fresh has the provider ask again.
func (s *Server) beginSSO(w http.ResponseWriter, r *http.Request, v *visit, c ceremony, fresh bool) error {
	if s.Identity.SSO == nil {
		return errNoPage
	}
	address, state, err := s.Identity.SSO.Begin(r.Context(), fresh, s.Now())
	if err != nil {
		return ssoError(err)
	}
	c.State = state
	if err := s.put(w, r, v, c); err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "onward", onward{
		Head: "On to " + s.ssoName(), Text: "You are sent to " + s.ssoName() + ", and back here afterwards.", Link: "Go there now", URL: address,
	})
}

// ssoError makes an error of the provider's one that visitors are told of.
func ssoError(err error) error {
	if errors.Is(err, identity.ErrProvider) {
		return errors.Join(errProvider, err)
	}
	return err
}

func (s *Server) beginSSOSignIn(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.beginSSO(w, r, v, ceremony{Kind: ssoSignIn, For: ownPath(r.PostForm.Get("to"))}, false)
}

// ssoBack is where the provider sends the browser, which brings no cookie along
// from there. The page asks the next one by itself, as a page of ours.
func (s *Server) ssoBack(w http.ResponseWriter, r *http.Request, v *visit) error {
	query := url.Values{}
	for _, name := range []string{"code", "state", "iss", "error"} {
		if values, found := r.URL.Query()[name]; found {
			query[name] = values
		}
	}
	return s.render(w, v, http.StatusOK, "onward", onward{
		Head: "Back from " + s.ssoName(), Text: "One moment.", Link: "Go on", URL: "/sign-in/sso/done?" + query.Encode(),
	})
}

// ssoDone takes what the provider said, for whatever it was asked.
func (s *Server) ssoDone(w http.ResponseWriter, r *http.Request, v *visit) error {
	if s.Identity.SSO == nil {
		return errNoPage
	}
	c, err := s.take(r, v, ssoSignIn, ssoStepUp, ssoAdd, beginAccount)
	if err != nil {
		return err
	}
	handle, err := s.ssoHandle(r, c)
	switch {
	case errors.Is(err, payroll.ErrNotAllowed) && c.Kind == ssoSignIn:
		return s.ssoRefused(w, r, v, c, "", err)
	case errors.Is(err, payroll.ErrNotAllowed):
		return s.ssoTurnedDown(w, r, v, c, err)
	}
	if err != nil {
		return ssoError(err)
	}
	switch c.Kind {
	case ssoStepUp:
		return s.stepUpBySSO(w, r, v, c, handle)
	case ssoAdd:
		return s.addSSO(w, r, v, handle)
	case beginAccount:
		return s.beginWithSSO(w, r, v, c, handle)
	default:
		return s.signInBySSO(w, r, v, c, handle)
	}
}

// ssoHandle is by which the account of whom the provider vouches for is found. One
// factor is not enough, unless the operator says that the provider sees to it.
func (s *Server) ssoHandle(r *http.Request, c ceremony) ([]byte, error) {
	who, err := s.Identity.SSO.Finish(r.Context(), c.State, r.URL.Query(), s.Now())
	if err != nil {
		return nil, err
	}
	if !who.MultiFactor && !s.Identity.SSOTrusted {
		return nil, errOneFactor
	}
	sum := sha256.Sum256([]byte(who.Issuer + "\x00" + who.Subject))
	return sum[:], nil
}

func (s *Server) signInBySSO(w http.ResponseWriter, r *http.Request, v *visit, c ceremony, handle []byte) error {
	name, factor, err := s.Desk.SSOFactor(r.Context(), handle)
	if errors.Is(err, payroll.ErrNotFound) {
		return s.ssoRefused(w, r, v, c, "", errNoAccount)
	}
	if err != nil {
		return err
	}
	ok, err := s.enterAs(w, r, v, payroll.Evidence{Admin: name, Proof: payroll.ProofSSO, Factor: factor})
	if err != nil {
		return err
	}
	if !ok {
		return s.ssoRefused(w, r, v, c, name, errNoAccount)
	}
	return redirect(w, r, ownPath(c.For), "")
}

func (s *Server) ssoRefused(w http.ResponseWriter, r *http.Request, v *visit, c ceremony, name payroll.AdminName, err error) error {
	if err := s.Desk.FailSignIn(r.Context(), string(name), "single sign-on", false); err != nil {
		return err
	}
	sentence := "The provider did not vouch for you in a way that counts here. Try again."
	if errors.Is(err, errOneFactor) || errors.Is(err, errNoAccount) {
		sentence = plainly(err)
	}
	return s.render(w, v, http.StatusUnprocessableEntity, "sign-in", s.newSignInPage(c.For, sentence))
}

// turnedDown is what sso-refused.html shows to somebody who was in the middle of
// something when their provider did not vouch for them.
type turnedDown struct {
	Provider, Why string
	Wanted        string // for what they went there
	Again, Else   Link   // where to try again, and what else there is; no name for nothing
}

func (turnedDown) frame(f *Frame) { f.Narrow = true }

// ssoTurnedDown answers a provider's word that does not count for a step-up, a link
// or a new account: nothing was done, and they can go on from where they were.
func (s *Server) ssoTurnedDown(w http.ResponseWriter, r *http.Request, v *visit, c ceremony, err error) error {
	page := turnedDown{Provider: s.ssoName(), Why: "You closed its page, it did not let you in, or it took too long."}
	if errors.Is(err, errOneFactor) {
		page.Why = plainly(err)
	}
	switch {
	case c.Kind == beginAccount:
		if err := s.put(w, r, v, c); err != nil {
			return err
		}
		page.Wanted, page.Again = "begin your account", Link{Name: "Choose how to sign in", Href: "/begin"}
	case v.admin.Name == "":
		return errNoSession
	case c.Kind == ssoStepUp:
		p, err := s.purpose(c.For)
		if err == nil {
			err = s.Desk.FailSignIn(r.Context(), string(v.admin.Name), "fresh single sign-on", false)
		}
		if err != nil {
			return err
		}
		page.Wanted, page.Again, page.Else = p.Act, Link{Name: "Confirm another way, or again", Href: stepUpPath(p.Text)}, Link{Name: "Back", Href: p.path}
	default:
		page.Wanted, page.Again, page.Else = "link your identity there", Link{Name: "Try again", Href: "/account/sso"}, Link{Name: "Your account", Href: "/account"}
	}
	return s.render(w, v, http.StatusUnprocessableEntity, "sso-refused", page)
}
