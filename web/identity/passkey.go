package identity

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/payseal/payseal/payroll"
)

// Passkey is what is kept of a passkey (a WebAuthn credential record), as JSON. Put
// back what a Finish returned, in the transaction that lets the person in.
type Passkey struct {
	ID             []byte   `json:"id"`         // by which it is found; made by the authenticator
	PublicKey      []byte   `json:"public_key"` // COSE (RFC 9052)
	SignCount      uint32   `json:"sign_count"` // 0 for ever where the authenticator does not count
	Transports     []string `json:"transports,omitempty"`
	AAGUID         []byte   `json:"aaguid,omitempty"` // the authenticator's model, or zeros
	BackupEligible bool     `json:"backup_eligible"`  // may be copied to other devices by its maker
	BackedUp       bool     `json:"backed_up"`
}

// Holder is an admin as passkeys know them.
type Holder struct {
	Handle   []byte // random and for ever theirs, 1 to 64 bytes; says nothing about them
	Name     string // what their device lists it under
	Passkeys []Passkey
}

// ErrCloned says that a passkey's counter did not go on: there may be a second copy
// of it. Let nobody in by it and tell the operators.
var ErrCloned = errors.New("the counter of the passkey went back; it may have been copied")

// Passkeys runs the ceremonies of WebAuthn level 3 for one origin. Each Begin gives the
// options for the browser (JSON, for PublicKeyCredential.parse...OptionsFromJSON, in its
// member "publicKey") and a state for the store, to be taken out once by the Finish that
// it is for, within five minutes. Every ceremony asks for user verification. An answer
// that does not fit is payroll.ErrNotAllowed.
type Passkeys struct{ party *webauthn.WebAuthn }

// ceremonyTime is how long a person has between begin and finish.
const ceremonyTime = 5 * time.Minute

// What a state is for.
const (
	ceremonyRegister = "register"
	ceremonySignIn   = "sign in"
	ceremonyStepUp   = "step up"
)

// ceremony is the state between a begin and its finish.
type ceremony struct {
	Kind    string               `json:"kind"`
	Until   time.Time            `json:"until"`
	Session webauthn.SessionData `json:"session"`
}

// NewPasskeys serves the console's origin ("https://console.example.com"); company is
// what devices show. An origin whose host is an IP address can have no passkeys, which
// is payroll.ErrInvalid.
func NewPasskeys(origin, company string) (*Passkeys, error) {
	at, err := url.Parse(origin)
	if err != nil || at.Hostname() == "" {
		return nil, fmt.Errorf("set up passkeys: %w: the console's origin is no origin", payroll.ErrInvalid)
	}
	limit := webauthn.TimeoutConfig{Timeout: ceremonyTime, TimeoutUVD: ceremonyTime}
	party, err := webauthn.New(&webauthn.Config{
		RPID: at.Hostname(), RPDisplayName: company, RPOrigins: []string{at.Scheme + "://" + at.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired,
		},
		Timeouts: webauthn.TimeoutsConfig{Login: limit, Registration: limit},
		// Password managers answer extensions that nobody asked for; none is used here.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil, fmt.Errorf("set up passkeys: %w: %w", payroll.ErrInvalid, err)
	}
	return &Passkeys{party}, nil
}

// algorithms are those of ASVS 5.0's approved list that authenticators speak.
var algorithms = []protocol.CredentialParameter{
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgES256},
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgEdDSA},
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgRS256},
}

// BeginRegistration asks the browser for a new passkey of the holder, on a device that
// has none of theirs yet.
func (p *Passkeys) BeginRegistration(h Holder, at time.Time) (options, state []byte, err error) {
	creation, session, err := p.party.BeginRegistration(member{h},
		webauthn.WithCredentialParameters(algorithms),
		webauthn.WithExclusions(webauthn.Credentials(member{h}.WebAuthnCredentials()).CredentialDescriptors()))
	if err != nil {
		return nil, nil, fmt.Errorf("begin registration of a passkey: %w", err)
	}
	return begun(creation, ceremonyRegister, session, at)
}

// FinishRegistration checks the browser's answer and gives the passkey to keep.
func (p *Passkeys) FinishRegistration(h Holder, state, response []byte, at time.Time) (Passkey, error) {
	session, err := openCeremony(state, ceremonyRegister, at)
	if err != nil {
		return Passkey{}, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return Passkey{}, refused(err)
	}
	made, err := p.party.CreateCredential(member{h}, session, parsed)
	if err != nil {
		return Passkey{}, refused(err)
	}
	return kept(made), nil
}

// BeginSignIn asks for a passkey of whoever sits there.
func (p *Passkeys) BeginSignIn(at time.Time) (options, state []byte, err error) {
	assertion, session, err := p.party.BeginDiscoverableLogin()
	if err != nil {
		return nil, nil, fmt.Errorf("begin sign-in by passkey: %w", err)
	}
	return begun(assertion, ceremonySignIn, session, at)
}

// FinishSignIn says whose passkey signed: find gives the holder of a handle, or
// payroll.ErrNotFound; its other errors come back as they are. The passkey is as it is to
// be kept from now on.
func (p *Passkeys) FinishSignIn(state, response []byte, at time.Time, find func(handle []byte) (Holder, error)) (Holder, Passkey, error) {
	session, err := openCeremony(state, ceremonySignIn, at)
	if err != nil {
		return Holder{}, Passkey{}, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return Holder{}, Passkey{}, refused(err)
	}
	var holder Holder
	var findErr error
	used, err := p.party.ValidateDiscoverableLogin(func(_, handle []byte) (webauthn.User, error) {
		if holder, findErr = find(handle); findErr != nil {
			return nil, findErr
		}
		return member{holder}, nil
	}, session, parsed)
	if findErr != nil && !errors.Is(findErr, payroll.ErrNotFound) {
		return Holder{}, Passkey{}, fmt.Errorf("find the holder of a passkey: %w", findErr)
	}
	passkey, err := accepted(used, err)
	if err != nil {
		return Holder{}, Passkey{}, err
	}
	return holder, passkey, nil
}

// BeginStepUp asks one admin, who has a passkey, to sign for a purpose: the challenge is
// 32 random bytes and the SHA-256 of the purpose, so that what is signed says what for.
func (p *Passkeys) BeginStepUp(h Holder, purpose string, at time.Time) (options, state []byte, err error) {
	assertion, session, err := p.party.BeginLogin(member{h}, webauthn.WithChallenge(challengeFor(purpose)))
	if err != nil {
		return nil, nil, fmt.Errorf("begin step-up by passkey: %w: %w", payroll.ErrNotAllowed, err)
	}
	return begun(assertion, ceremonyStepUp, session, at)
}

// FinishStepUp checks that the admin signed for this purpose and no other.
func (p *Passkeys) FinishStepUp(h Holder, purpose string, state, response []byte, at time.Time) (Passkey, error) {
	session, err := openCeremony(state, ceremonyStepUp, at)
	if err != nil {
		return Passkey{}, err
	}
	if !isFor(session.Challenge, purpose) {
		return Passkey{}, fmt.Errorf("check passkey: %w: it was asked for another purpose", payroll.ErrNotAllowed)
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return Passkey{}, refused(err)
	}
	return accepted(p.party.ValidateLogin(member{h}, session, parsed))
}

const challengeRandom = 32

func challengeFor(purpose string) []byte {
	random := make([]byte, challengeRandom)
	_, _ = rand.Read(random) // never fails (crypto/rand)
	sum := sha256.Sum256([]byte(purpose))
	return append(random, sum[:]...)
}

func isFor(challenge, purpose string) bool {
	raw, err := base64.RawURLEncoding.DecodeString(challenge)
	sum := sha256.Sum256([]byte(purpose))
	return err == nil && len(raw) == challengeRandom+len(sum) && bytes.Equal(raw[challengeRandom:], sum[:])
}

func begun(options any, kind string, session *webauthn.SessionData, at time.Time) (forBrowser, state []byte, err error) {
	if forBrowser, err = json.Marshal(options); err != nil {
		return nil, nil, fmt.Errorf("write the options of a passkey: %w", err)
	}
	if state, err = json.Marshal(ceremony{kind, at.Add(ceremonyTime), *session}); err != nil {
		return nil, nil, fmt.Errorf("write the state of a passkey: %w", err)
	}
	return forBrowser, state, nil
}

// openCeremony reads a state that came back from the store.
func openCeremony(state []byte, kind string, at time.Time) (webauthn.SessionData, error) {
	var c ceremony
	err := json.Unmarshal(state, &c)
	switch {
	case err != nil || c.Kind != kind || c.Session.UserVerification != protocol.VerificationRequired:
		return webauthn.SessionData{}, fmt.Errorf("check passkey: %w: it was begun for something else, or not at all", payroll.ErrNotAllowed)
	case at.After(c.Until):
		return webauthn.SessionData{}, fmt.Errorf("check passkey: %w: it took more than five minutes; try again", payroll.ErrNotAllowed)
	}
	return c.Session, nil
}

func accepted(used *webauthn.Credential, err error) (Passkey, error) {
	if err != nil {
		return Passkey{}, refused(err)
	}
	if used.Authenticator.CloneWarning {
		return Passkey{}, fmt.Errorf("check passkey: %w: %w", payroll.ErrNotAllowed, ErrCloned)
	}
	return kept(used), nil
}

// refused gives the library's short reason; what it knows beside that (origins, names)
// stays out of the log.
func refused(err error) error {
	return fmt.Errorf("check passkey: %w: %s", payroll.ErrNotAllowed, err.Error())
}

func kept(c *webauthn.Credential) Passkey {
	p := Passkey{
		ID: c.ID, PublicKey: c.PublicKey, SignCount: c.Authenticator.SignCount, AAGUID: c.Authenticator.AAGUID,
		BackupEligible: c.Flags.BackupEligible, BackedUp: c.Flags.BackupState,
	}
	for _, transport := range c.Transport {
		p.Transports = append(p.Transports, string(transport))
	}
	return p
}

// member is a holder as the library asks for one.
type member struct{ Holder }

func (m member) WebAuthnID() []byte          { return m.Handle }
func (m member) WebAuthnName() string        { return m.Name }
func (m member) WebAuthnDisplayName() string { return m.Name }

func (m member) WebAuthnCredentials() []webauthn.Credential {
	all := make([]webauthn.Credential, 0, len(m.Passkeys))
	for _, p := range m.Passkeys {
		c := webauthn.Credential{
			ID: p.ID, PublicKey: p.PublicKey,
			Authenticator: webauthn.Authenticator{AAGUID: p.AAGUID, SignCount: p.SignCount},
			Flags: webauthn.CredentialFlags{
				UserPresent: true, UserVerified: true, BackupEligible: p.BackupEligible, BackupState: p.BackedUp,
			},
		}
		for _, transport := range p.Transports {
			c.Transport = append(c.Transport, protocol.AuthenticatorTransport(transport))
		}
		all = append(all, c)
	}
	return all
}
