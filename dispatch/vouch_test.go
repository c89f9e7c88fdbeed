package dispatch_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/dispatch"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// usher is the usher of a new worker.
func (o *office) usher() *dispatch.Usher {
	c := o.conveyor()
	return &dispatch.Usher{Ladder: rungs{o.store}, Signer: c.Signer, Certifiers: c.Signer.Certifiers(), Now: time.Now, Log: c.Log}
}

// rungs climbs as the program does.
type rungs struct{ *postgres.Store }

func (r rungs) ClimbVouched(ctx context.Context, number payroll.EmployeeNumber, f payroll.Fingerprint, certified []byte) error {
	climb := payroll.Climb{Employee: number, Fingerprint: f, Content: certified, Required: payroll.StepCertified}
	_, err := r.CertifyVouched(ctx, climb, "payseal")
	return err
}

// successor is an employee with a certified current certificate, whose secret key
// gpg holds, and a candidate that was shown to open.
type successor struct {
	*office
	gpg      gpg
	old, new payroll.Fingerprint
}

func newSuccessor(t *testing.T) successor {
	t.Helper()
	o := newOffice(t, 1)
	g, old := o.candidate()
	stored, err := o.store.CertificatesOf(t.Context(), number(0))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stored {
		if s.Fingerprint != old {
			continue
		}
		certificate, err := keystore.ReadCertificate(s.Content)
		if err == nil {
			certificate, err = signer(t).Certify(certificate, time.Now())
		}
		if err != nil {
			t.Fatal(err)
		}
		o.exec(`update certificates set standing = 'replaced' where standing = 'current'`)
		o.exec(`update certificates set standing = 'current', step = 'certified', content = $1 where fingerprint = $2`, certificate.Bytes(), old)
	}
	_, next := o.candidate()
	o.exec(`update certificates set step = 'decryption_proven' where fingerprint = $1`, next)
	return successor{o, g, old, next}
}

// vouch writes the statement down as the form does.
func (s successor) vouch(statement string) {
	s.t.Helper()
	s.exec(`update certificates set vouch = $1 where fingerprint = $2`, []byte(s.gpg.run([]byte(statement+"\n"), "--local-user", string(s.old), "--clear-sign")), s.new)
}

func (s successor) statement() string {
	return keystore.VouchStatement(s.old, s.new, number(0), signer(s.t).Certificate().Fingerprint())
}

func (s successor) stands() (payroll.Step, payroll.CertificateStanding) {
	s.t.Helper()
	stored, err := s.store.CertificatesOf(s.t.Context(), number(0))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, c := range stored {
		if c.Fingerprint == s.new {
			return c.Step, c.Standing
		}
	}
	s.t.Fatal("no candidate")
	return "", ""
}

// An employee who signs for the new certificate with the one before needs no call:
// the new one is certified by the company, and slips are sealed to it.
func TestUsherCertifiesWhatWasVouchedFor(t *testing.T) {
	t.Parallel()
	s := newSuccessor(t)
	s.vouch(s.statement())
	if err := s.usher().Usher(t.Context()); err != nil {
		t.Fatal(err)
	}
	if step, standing := s.stands(); step != payroll.StepCertified || standing != payroll.CertificateCurrent {
		t.Fatalf("%s, %s\n%s", step, standing, s.log)
	}
	stored, err := s.store.CertificatesOf(t.Context(), number(0))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range stored {
		certificate, err := keystore.ReadCertificate(c.Content)
		if c.Fingerprint == s.new && (err != nil || !certificate.CertifiedBy(signer(t).Certificate(), time.Now())) {
			t.Errorf("the company's certification is not on it: %v", err)
		}
	}
}

// The database's word is not believed: every forgery of it stays where it is, and
// is told of once.
func TestUsherBelievesNothing(t *testing.T) {
	t.Parallel()
	for name, forge := range map[string]func(s successor){
		"not signed":           func(s successor) { s.exec(`update certificates set vouch = $1`, []byte(s.statement())) },
		"signed by a stranger": signedByAStranger,
		"for somebody else":    func(s successor) { s.vouch(strings.Replace(s.statement(), "employee 0000", "employee 0001", 1)) },
		"for another company":  func(s successor) { s.vouch(keystore.VouchStatement(s.old, s.new, number(0), s.old)) },
		"for another key":      func(s successor) { s.vouch(keystore.VouchStatement(s.old, s.old, number(0), s.new)) },
		"current not certified": func(s successor) {
			s.vouch(s.statement())
			s.exec(`update certificates set content = $1 where fingerprint = $2`, []byte(s.gpg.run(nil, "--export", string(s.old))), s.old)
		},
		"current damaged": func(s successor) {
			s.vouch(s.statement())
			s.exec(`update certificates set content = '\x99' where standing = 'current'`)
		},
		"signed before the current one became that": func(s successor) {
			s.vouch(s.statement())
			s.exec(`update certificates set current_since = clock_timestamp() + interval '1 hour' where standing = 'current'`)
		},
		"candidate damaged": func(s successor) {
			s.vouch(s.statement())
			s.exec(`update certificates set content = '\x99' where standing = 'candidate'`)
		},
		"candidate for another address": func(s successor) {
			s.vouch(s.statement())
			s.exec(`update employees set email = 'else@acme.example'`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSuccessor(t)
			forge(s)
			u := s.usher()
			for range 3 {
				if err := u.Usher(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if step, standing := s.stands(); step != payroll.StepDecryptionProven || standing != payroll.CertificateCandidate {
				t.Errorf("%s, %s", step, standing)
			}
			if n := strings.Count(s.log.String(), "left for a person"); n != 1 || strings.Contains(s.log.String(), string(address(0))) {
				t.Errorf("told %d times: %s", n, s.log)
			}
		})
	}
}

// signedByAStranger signs the statement with a key of the same name.
func signedByAStranger(s successor) {
	g := newGpg(s.t)
	g.run(nil, "--quick-generate-key", "Somebody <"+string(address(0))+">", "ed25519", "cert,sign", "1y")
	s.exec(`update certificates set vouch = $1 where fingerprint = $2`, []byte(g.run([]byte(s.statement()+"\n"), "--clear-sign")), s.new)
}
