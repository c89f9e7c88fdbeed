package identity

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

const (
	console   = "https://console.example:8444"
	consoleRP = "console.example"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func newPasskeys(t testing.TB) *Passkeys {
	t.Helper()
	p, err := NewPasskeys(console, "Kiran & Co")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// enrolled is maria with one passkey on a device.
func enrolled(t *testing.T, p *Passkeys, algorithm int) (Holder, *device) {
	t.Helper()
	maria := Holder{Handle: newHandle(), Name: "maria"}
	d := newDevice(t, consoleRP, console, algorithm)
	options, state, err := p.BeginRegistration(maria, noon)
	if err != nil {
		t.Fatal(err)
	}
	made, err := p.FinishRegistration(maria, state, d.register(t, options), noon)
	if err != nil {
		t.Fatal(err)
	}
	maria.Passkeys = []Passkey{made}
	return maria, d
}

// found is a store that knows only this holder.
func found(h Holder) func([]byte) (Holder, error) {
	return func(handle []byte) (Holder, error) {
		if !bytes.Equal(handle, h.Handle) {
			return Holder{}, payroll.ErrNotFound
		}
		return h, nil
	}
}

func TestPasskeys(t *testing.T) {
	t.Parallel()
	for name, algorithm := range map[string]int{"ES256": -7, "EdDSA": -8, "RS256": -257} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPasskeys(t)
			maria, d := enrolled(t, p, algorithm)
			text, err := json.Marshal(maria.Passkeys[0])
			if err != nil {
				t.Fatal(err)
			}
			maria.Passkeys[0] = Passkey{} // as the store gives it back
			if err := json.Unmarshal(text, &maria.Passkeys[0]); err != nil {
				t.Fatal(err)
			}
			options, state, err := p.BeginSignIn(noon)
			if err != nil {
				t.Fatal(err)
			}
			who, used, err := p.FinishSignIn(state, d.sign(t, options), noon.Add(time.Minute), found(maria))
			if err != nil || who.Name != "maria" || used.SignCount != 1 {
				t.Fatalf("sign-in: %q, count %d, %v", who.Name, used.SignCount, err)
			}
			maria.Passkeys[0] = used
			options, state, err = p.BeginStepUp(maria, "approve run 7", noon)
			if err != nil {
				t.Fatal(err)
			}
			used, err = p.FinishStepUp(maria, "approve run 7", state, d.sign(t, options), noon)
			if err != nil || used.SignCount != 2 {
				t.Fatalf("step-up: count %d, %v", used.SignCount, err)
			}
			want := maria.Passkeys[0]
			want.SignCount = 2
			if diff := cmp.Diff(want, used); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A passkey that its maker copies to other devices, as phones do, has flags that must come
// back as they were.
func TestPasskeyOfAPhone(t *testing.T) {
	t.Parallel()
	p := newPasskeys(t)
	maria := Holder{Handle: newHandle(), Name: "maria"}
	d := newDevice(t, consoleRP, console, -7)
	d.flags |= backupEligible
	options, state, err := p.BeginRegistration(maria, noon)
	if err != nil {
		t.Fatal(err)
	}
	made, err := p.FinishRegistration(maria, state, d.register(t, options), noon)
	if err != nil || !made.BackupEligible || made.BackedUp {
		t.Fatalf("%+v, %v", made, err)
	}
	maria.Passkeys = []Passkey{made}
	d.flags |= backedUp
	options, state, err = p.BeginSignIn(noon)
	if err != nil {
		t.Fatal(err)
	}
	_, used, err := p.FinishSignIn(state, d.sign(t, options), noon, found(maria))
	if err != nil || !used.BackupEligible || !used.BackedUp {
		t.Errorf("%+v, %v", used, err)
	}
}

func TestCeremonyIsOfOneKind(t *testing.T) {
	t.Parallel()
	p := newPasskeys(t)
	_, state, err := p.BeginSignIn(noon)
	if err != nil {
		t.Fatal(err)
	}
	for kind, good := range map[string]bool{ceremonySignIn: true, ceremonyStepUp: false, ceremonyRegister: false} {
		if _, err := openCeremony(state, kind, noon); (err == nil) != good {
			t.Errorf("a sign-in opened as %q: %v", kind, err)
		}
	}
}

func TestPasskeyOptions(t *testing.T) {
	t.Parallel()
	p := newPasskeys(t)
	maria, _ := enrolled(t, p, -7)
	options, _, err := p.BeginRegistration(maria, noon)
	if err != nil {
		t.Fatal(err)
	}
	a := read(t, options).PublicKey
	var algorithms []int
	for _, parameter := range a.Parameters {
		algorithms = append(algorithms, parameter.Algorithm)
	}
	if diff := cmp.Diff([]int{-7, -8, -257}, algorithms); diff != "" {
		t.Error(diff)
	}
	if a.Attestation != "none" || len(a.Excluded) != 1 || a.Excluded[0].ID != b64(maria.Passkeys[0].ID) {
		t.Errorf("registration: %+v", a)
	}
	options, _, err = p.BeginSignIn(noon)
	if err != nil {
		t.Fatal(err)
	}
	if a := read(t, options).PublicKey; a.Verification != "required" || len(a.Allowed) != 0 || a.RPID != consoleRP {
		t.Errorf("sign-in: %+v", a)
	}
	options, _, err = p.BeginStepUp(maria, "approve run 7", noon)
	if err != nil {
		t.Fatal(err)
	}
	if a := read(t, options).PublicKey; a.Verification != "required" || len(a.Allowed) != 1 || len(a.Challenge) != 86 {
		t.Errorf("step-up: %+v", a)
	}
	if _, _, err := p.BeginStepUp(Holder{Handle: newHandle(), Name: "olga"}, "x", noon); !errors.Is(err, payroll.ErrNotAllowed) {
		t.Errorf("step-up without a passkey: %v", err)
	}
}

func TestPasskeyRegistrationRefuses(t *testing.T) {
	t.Parallel()
	p := newPasskeys(t)
	for name, change := range map[string]func(*device){
		"fine":               func(*device) {},
		"another origin":     func(d *device) { d.origin = "https://console.example.evil.example" },
		"another port":       func(d *device) { d.origin = "https://console.example" },
		"plain http":         func(d *device) { d.origin = "http://console.example:8444" },
		"another party":      func(d *device) { d.rpID = "evil.example" },
		"nobody verified":    func(d *device) { d.flags = userPresent },
		"nobody present":     func(d *device) { d.flags = userVerified },
		"another type":       func(d *device) { d.kind = "webauthn.get" },
		"backed up in vain":  func(d *device) { d.flags |= backedUp },
		"an algorithm of us": func(d *device) { *d = *newDevice(t, consoleRP, console, -35) },
	} {
		maria := Holder{Handle: newHandle(), Name: "maria"}
		d := newDevice(t, consoleRP, console, -7)
		change(d)
		options, state, err := p.BeginRegistration(maria, noon)
		if err != nil {
			t.Fatal(err)
		}
		answer := d.register(t, options)
		if _, err := p.FinishRegistration(maria, state, answer, noon); errors.Is(err, payroll.ErrNotAllowed) != (name != "fine") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := p.FinishRegistration(maria, state, answer, noon.Add(6*time.Minute)); !errors.Is(err, payroll.ErrNotAllowed) {
			t.Errorf("%s, six minutes later: %v", name, err)
		}
		olga := Holder{Handle: newHandle(), Name: "olga"}
		if _, err := p.FinishRegistration(olga, state, answer, noon); !errors.Is(err, payroll.ErrNotAllowed) {
			t.Errorf("%s, for somebody else: %v", name, err)
		}
	}
}

func TestPasskeySignInRefuses(t *testing.T) {
	t.Parallel()
	p := newPasskeys(t)
	for name, change := range map[string]func(*device){
		"fine":               func(*device) {},
		"another origin":     func(d *device) { d.origin = "https://evil.example" },
		"another party":      func(d *device) { d.rpID = "evil.example" },
		"nobody verified":    func(d *device) { d.flags = userPresent },
		"nobody present":     func(d *device) { d.flags = userVerified },
		"another key":        func(d *device) { d.key = newDevice(t, consoleRP, console, -7).key },
		"another passkey":    func(d *device) { d.id = newHandle() },
		"another handle":     func(d *device) { d.handle = newHandle() },
		"no handle":          func(d *device) { d.handle = nil },
		"another type":       func(d *device) { d.kind = "webauthn.create" },
		"suddenly backed up": func(d *device) { d.flags |= backupEligible | backedUp },
	} {
		maria, d := enrolled(t, p, -7)
		change(d)
		options, state, err := p.BeginSignIn(noon)
		if err != nil {
			t.Fatal(err)
		}
		answer := d.sign(t, options)
		who, used, err := p.FinishSignIn(state, answer, noon, found(maria))
		if errors.Is(err, payroll.ErrNotAllowed) != (name != "fine") || err != nil && (who.Name != "" || used.ID != nil) {
			t.Errorf("%s: %q, %v", name, who.Name, err)
		}
		if _, _, err := p.FinishSignIn(state, answer, noon.Add(ceremonyTime+time.Second), found(maria)); !errors.Is(err, payroll.ErrNotAllowed) {
			t.Errorf("%s, too late: %v", name, err)
		}
		_, later, err := p.BeginSignIn(noon)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := p.FinishSignIn(later, answer, noon, found(maria)); !errors.Is(err, payroll.ErrNotAllowed) {
			t.Errorf("%s, played again for another challenge: %v", name, err)
		}
	}
}

func TestPasskeyStoreTrouble(t *testing.T) {
	t.Parallel()
	p := newPasskeys(t)
	_, d := enrolled(t, p, -7)
	options, state, err := p.BeginSignIn(noon)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = p.FinishSignIn(state, d.sign(t, options), noon, func([]byte) (Holder, error) {
		return Holder{}, payroll.ErrUnavailable
	})
	if !errors.Is(err, payroll.ErrUnavailable) || errors.Is(err, payroll.ErrNotAllowed) {
		t.Errorf("a database that is away: %v", err)
	}
}

func TestPasskeyCloned(t *testing.T) {
	t.Parallel()
	p := newPasskeys(t)
	maria, d := enrolled(t, p, -7)
	maria.Passkeys[0].SignCount = 9
	for count, wanted := range map[uint32]error{0: ErrCloned, 8: ErrCloned, 9: ErrCloned, 10: nil} {
		options, state, err := p.BeginStepUp(maria, "x", noon)
		if err != nil {
			t.Fatal(err)
		}
		d.count = count
		_, err = p.FinishStepUp(maria, "x", state, d.signAt(t, read(t, options).PublicKey.Challenge), noon)
		if !errors.Is(err, wanted) || (err == nil) != (wanted == nil) {
			t.Errorf("count %d after 9: %v", count, err)
		}
		options, state, err = p.BeginSignIn(noon)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = p.FinishSignIn(state, d.signAt(t, read(t, options).PublicKey.Challenge), noon, found(maria))
		if !errors.Is(err, wanted) || (err == nil) != (wanted == nil) {
			t.Errorf("sign-in with count %d after 9: %v", count, err)
		}
	}
	maria.Passkeys[0].SignCount, d.count = 0, 0 // one that does not count
	options, state, err := p.BeginStepUp(maria, "x", noon)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.FinishStepUp(maria, "x", state, d.signAt(t, read(t, options).PublicKey.Challenge), noon); err != nil {
		t.Errorf("a device that does not count: %v", err)
	}
}

// What was signed for one purpose is of no use for another, whatever is swapped.
func TestStepUpIsForOnePurpose(t *testing.T) {
	t.Parallel()
	p := newPasskeys(t)
	maria, d := enrolled(t, p, -7)
	begin := func(purpose string) (options, state []byte) {
		options, state, err := p.BeginStepUp(maria, purpose, noon)
		if err != nil {
			t.Fatal(err)
		}
		return options, state
	}
	options, state := begin("approve run 7, manifest a")
	answer := d.sign(t, options)
	_, other := begin("approve run 7, manifest b")
	signInOptions, signInState, err := p.BeginSignIn(noon)
	if err != nil {
		t.Fatal(err)
	}
	signedIn := d.sign(t, signInOptions)
	olga, _ := enrolled(t, p, -7)
	olga.Passkeys = maria.Passkeys
	for name, try := range map[string]func() error{
		"another purpose": func() error {
			_, err := p.FinishStepUp(maria, "approve run 7, manifest b", state, answer, noon)
			return err
		},
		"another purpose and its state": func() error {
			_, err := p.FinishStepUp(maria, "approve run 7, manifest b", other, answer, noon)
			return err
		},
		"no purpose":               func() error { _, err := p.FinishStepUp(maria, "", state, answer, noon); return err },
		"the state of a sign-in":   func() error { _, err := p.FinishStepUp(maria, "", signInState, signedIn, noon); return err },
		"a sign-in with its state": func() error { _, _, err := p.FinishSignIn(state, answer, noon, found(maria)); return err },
		"somebody else's step-up": func() error {
			_, err := p.FinishStepUp(olga, "approve run 7, manifest a", state, answer, noon)
			return err
		},
		"registered with its state": func() error { _, err := p.FinishRegistration(maria, state, answer, noon); return err },
		"no state": func() error {
			_, err := p.FinishStepUp(maria, "approve run 7, manifest a", nil, answer, noon)
			return err
		},
		"no answer": func() error {
			_, err := p.FinishStepUp(maria, "approve run 7, manifest a", state, nil, noon)
			return err
		},
		"six minutes later": func() error {
			_, err := p.FinishStepUp(maria, "approve run 7, manifest a", state, answer, noon.Add(6*time.Minute))
			return err
		},
		"an answer to a registration": func() error {
			_, err := p.FinishStepUp(maria, "approve run 7, manifest a", state, d.register(t, options), noon)
			return err
		},
	} {
		if err := try(); !errors.Is(err, payroll.ErrNotAllowed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := p.FinishStepUp(maria, "approve run 7, manifest a", state, answer, noon); err != nil {
		t.Errorf("the purpose itself: %v", err)
	}
}

func TestNewPasskeysWantsAName(t *testing.T) {
	t.Parallel()
	for origin, good := range map[string]bool{
		"https://console.example": true, "http://localhost:8080": true, "https://192.0.2.7": false, "console.example": false, "": false, "https://[::1]:80": false,
	} {
		if _, err := NewPasskeys(origin, "Kiran"); (err == nil) != good || err != nil && !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("%q: %v", origin, err)
		}
	}
}

func FuzzOpenCeremony(f *testing.F) {
	p := newPasskeys(f)
	_, state, err := p.BeginSignIn(noon)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(state, []byte(`{}`))
	f.Add([]byte(`{"kind":"sign in","until":"2030-01-01T00:00:00Z","session":{"userVerification":"required"}}`), []byte(`{"id":"AA","rawId":"AA","type":"public-key","response":{}}`))
	f.Fuzz(func(t *testing.T, state, response []byte) {
		holder := Holder{Handle: []byte("x"), Name: "x"}
		if _, _, err := p.FinishSignIn(state, response, noon, func([]byte) (Holder, error) { return holder, nil }); err == nil {
			t.Fatal("nobody's passkey signs in")
		}
		if _, err := p.FinishStepUp(holder, "x", state, response, noon); err == nil {
			t.Fatal("nobody's passkey steps up")
		}
		// A made-up state may well fit a made-up answer: the store keeps states. It must not panic.
		_, _ = p.FinishRegistration(holder, state, response, noon)
	})
}

// newHandle is a handle as the database makes one.
func newHandle() []byte {
	handle := make([]byte, 32)
	_, _ = rand.Read(handle) // never fails (crypto/rand)
	return handle
}
