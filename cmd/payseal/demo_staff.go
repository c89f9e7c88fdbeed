package main

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/demo"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// enrol makes every employee's key pair and takes their certificates through
// the same judgement and the same ladder as `keys add` and `keys verify`.
func (d *demonstration) enrol(ctx context.Context) error {
	d.say("\nThe employees make key pairs; HR compares each fingerprint, and the company certifies it.")
	a := &app{configPath: d.path("payseal.toml")}
	return a.withStore(ctx, func(store *postgres.Store, c config.Config) error {
		signer, err := openSigner(c.Signer)
		if err != nil {
			return err
		}
		employees, err := store.Employees(ctx)
		if err != nil {
			return err
		}
		d.members = make([]demo.Member, len(employees))
		show := newProgress(d.progress, len(employees), "employees")
		var hands errgroup.Group
		hands.SetLimit(2 * runtime.GOMAXPROCS(0))
		finished := make(chan struct{}, len(employees))
		for i, e := range employees {
			hands.Go(func() error {
				defer func() { finished <- struct{}{} }()
				var err error
				if d.members[i], err = demo.NewMember(e, i, d.now); err != nil {
					return err
				}
				return d.handIn(ctx, store, signer, &d.members[i])
			})
		}
		for n := range employees {
			<-finished
			if done := n + 1; done == len(employees) || isTerminal(d.progress) {
				show(done, fmt.Sprintf("%d employees", done))
			}
		}
		fmt.Fprintln(d.progress)
		return hands.Wait()
	})
}

// handIn is one member's enrolment. One who has expired enrolled last year; one
// who has revoked did so after enrolling.
func (d *demonstration) handIn(ctx context.Context, store *postgres.Store, signer *keystore.Signer, m *demo.Member) error {
	if m.Role == demo.Without {
		return nil
	}
	if err := d.submit(ctx, store, signer, m); err != nil {
		return err
	}
	if m.Role != demo.Revoked {
		return nil
	}
	fingerprint := payroll.Fingerprint(fmt.Sprintf("%X", m.Secret.PrimaryKey.Fingerprint))
	_, err := store.RevokeCertificate(ctx, m.Number, fingerprint, "the laptop was stolen", "olga")
	return err
}

func (d *demonstration) submit(ctx context.Context, store *postgres.Store, signer *keystore.Signer, m *demo.Member) error {
	armored, err := m.Certificate()
	if err != nil {
		return err
	}
	at := m.EnrolledAt(d.now)
	certificate, verdict := keystore.Judge(armored, m.Email, at)
	if !verdict.Accepted() {
		return fmt.Errorf("judge a certificate of the demo: refused as %s", verdict.Code)
	}
	certified, err := signer.Certify(certificate, time.Now())
	if err != nil {
		return err
	}
	_, err = store.PutCertificate(ctx, payroll.Submission{
		Employee: m.Number, Fingerprint: certificate.Fingerprint(), Content: certificate.Bytes(),
		Addresses: certificate.Addresses(), Expires: certificate.Expires(),
	}, "maria") // who brings a certificate does not verify it
	if err != nil {
		return err
	}
	climb := payroll.Climb{
		Employee: m.Number, Fingerprint: certificate.Fingerprint(), To: payroll.StepPhoneChecked,
		Method: payroll.CheckMethods[0], Note: "demo", Required: payroll.StepCertified,
	}
	if _, err = store.ClimbCertificate(ctx, climb, "olga"); err != nil {
		return err
	}
	climb.To, climb.Content = payroll.StepCertified, certified.Bytes()
	_, err = store.ClimbCertificate(ctx, climb, "olga")
	return err
}
