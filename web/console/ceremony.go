package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web/identity"
)

// ceremony is what has been begun in a visit and waits for its other half, sealed
// in the database: a passkey, single sign-on, or the making of an account.
type ceremony struct {
	Kind  ceremonyKind
	For   string     // of a step-up, its purpose; of a sign-in, where to go
	State []byte     // of web/identity
	Seed  *oneTime   // of one-time codes that are being added
	Begin *beginning // of an account
}

type ceremonyKind string

// What is begun. An answer to one is none to another.
const (
	passkeySignIn ceremonyKind = "passkey sign-in"
	passkeyStepUp ceremonyKind = "passkey step-up"
	passkeyAdd    ceremonyKind = "passkey add"
	ssoSignIn     ceremonyKind = "sso sign-in"
	ssoStepUp     ceremonyKind = "sso step-up"
	ssoAdd        ceremonyKind = "sso add"
	totpAdd       ceremonyKind = "totp add"
	beginAccount  ceremonyKind = "begin account"
)

// oneTime is a seed of one-time codes that nobody uses yet, and the hash of the
// password that goes with it.
type oneTime struct {
	identity.TOTP
	Password string
}

// beginning is how far somebody has come in making an account their own.
type beginning struct {
	Link   payroll.SecretHash
	Admin  payroll.AdminName
	Again  bool // the account is an old one, whose factors were lost
	Proof  payroll.Proof
	Factor *payroll.NewFactor // the one that was chosen and shown
	Codes  []string           // the recovery codes, shown until they are kept
}

// How long what was begun may take.
const (
	ceremonyTime = 10 * time.Minute
	beginTime    = time.Hour
)

// errBegun says that nothing of the kind was begun in this visit, or too long ago.
var errBegun = fmt.Errorf("%w: this was begun too long ago, in another window, or not at all; begin again", payroll.ErrWrongState)

// put keeps what was begun. A stranger gets a visit of nobody's for it.
func (s *Server) put(w http.ResponseWriter, r *http.Request, v *visit, c ceremony) error {
	content, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("write down what was begun: %w", err)
	}
	if v.session.ID == "" {
		token, hash := payroll.NewToken()
		remember(w, token)
		v.secret = hash
	}
	return s.Desk.PutCeremony(r.Context(), v.secret, content, s.placeOf(r))
}

// take gets back what was begun, once.
func (s *Server) take(r *http.Request, v *visit, kinds ...ceremonyKind) (ceremony, error) {
	return openCeremony(kinds)(s.Desk.TakeCeremony(r.Context(), v.secret, beginTime))
}

// look is take, and it stays.
func (s *Server) look(r *http.Request, v *visit, kinds ...ceremonyKind) (ceremony, error) {
	return openCeremony(kinds)(s.Desk.Ceremony(r.Context(), v.secret, beginTime))
}

func openCeremony(kinds []ceremonyKind) func(content []byte, err error) (ceremony, error) {
	return func(content []byte, err error) (ceremony, error) {
		var c ceremony
		if errors.Is(err, payroll.ErrNotFound) {
			return c, errBegun
		}
		if err != nil {
			return c, err
		}
		if err := json.Unmarshal(content, &c); err != nil {
			return c, fmt.Errorf("read what was begun: %w", err)
		}
		for _, kind := range kinds {
			if c.Kind == kind {
				return c, nil
			}
		}
		return c, errBegun
	}
}
