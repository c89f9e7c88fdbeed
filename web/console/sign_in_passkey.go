package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web/identity"
)

// answerJSON is for the scripts of our own pages.
func answerJSON(w http.ResponseWriter, content []byte) error {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(content) // nobody is left to tell
	return nil
}

// beginPasskeySignIn asks for a passkey of whoever sits there: no name is needed.
func (s *Server) beginPasskeySignIn(w http.ResponseWriter, r *http.Request, v *visit) error {
	options, state, err := s.Identity.Passkeys.BeginSignIn(s.Now())
	if err != nil {
		return err
	}
	if err := s.put(w, r, v, ceremony{Kind: passkeySignIn, State: state}); err != nil {
		return err
	}
	return answerJSON(w, options)
}

func (s *Server) passkeySignIn(w http.ResponseWriter, r *http.Request, v *visit) error {
	to := ownPath(r.PostForm.Get("to"))
	evidence, err := s.passkeyEvidence(r, v)
	ok := false
	if err == nil {
		ok, err = s.enterAs(w, r, v, evidence)
	}
	switch {
	case errors.Is(err, errBegun):
		return s.render(w, v, http.StatusConflict, "sign-in", s.newSignInPage(to, "This took too long. Try again."))
	case err != nil && !errors.Is(err, payroll.ErrNotAllowed):
		return err
	case !ok:
		what := "passkey"
		if errors.Is(err, identity.ErrCloned) {
			what = "passkey that may have been copied"
		}
		if err := s.Desk.FailSignIn(r.Context(), string(evidence.Admin), what, false); err != nil {
			return err
		}
		return s.render(w, v, http.StatusUnprocessableEntity, "sign-in", s.newSignInPage(to, "This passkey does not count here. Perhaps it was removed from your account, or the account cannot be used."))
	}
	return redirect(w, r, to, "")
}

// passkeyEvidence finds out whose passkey has answered.
func (s *Server) passkeyEvidence(r *http.Request, v *visit) (payroll.Evidence, error) {
	c, err := s.take(r, v, passkeySignIn)
	if err != nil {
		return payroll.Evidence{}, err
	}
	var ring payroll.Keyring
	_, used, err := s.Identity.Passkeys.FinishSignIn(c.State, []byte(r.PostForm.Get("response")), s.Now(), func(handle []byte) (identity.Holder, error) {
		var err error
		if ring, err = s.Desk.KeyringOf(r.Context(), handle); err != nil {
			return identity.Holder{}, err
		}
		return holderOf(ring)
	})
	if err != nil {
		return payroll.Evidence{Admin: ring.Admin}, err
	}
	return evidenceOfPasskey(ring, used)
}

// holderOf is a keyring as web/identity takes it.
func holderOf(ring payroll.Keyring) (identity.Holder, error) {
	holder := identity.Holder{Handle: ring.Handle, Name: string(ring.Admin)}
	for _, kept := range ring.Passkeys {
		var p identity.Passkey
		if err := json.Unmarshal(kept.Content, &p); err != nil {
			return holder, fmt.Errorf("read a passkey: %w", err)
		}
		holder.Passkeys = append(holder.Passkeys, p)
	}
	return holder, nil
}

// evidenceOfPasskey finds the factor whose passkey was used.
func evidenceOfPasskey(ring payroll.Keyring, used identity.Passkey) (payroll.Evidence, error) {
	content, err := json.Marshal(used)
	if err != nil {
		return payroll.Evidence{}, fmt.Errorf("write a passkey: %w", err)
	}
	for _, kept := range ring.Passkeys {
		var p identity.Passkey
		if err := json.Unmarshal(kept.Content, &p); err == nil && string(p.ID) == string(used.ID) {
			return payroll.Evidence{Admin: ring.Admin, Proof: payroll.ProofPasskey, Factor: kept.Factor, Content: content}, nil
		}
	}
	return payroll.Evidence{Admin: ring.Admin}, fmt.Errorf("%w: the passkey is not on the account", payroll.ErrNotAllowed)
}
