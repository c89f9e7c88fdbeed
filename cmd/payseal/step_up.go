package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web/identity"
)

// codeVariable holds the fresh one-time code of an act that wants one.
const codeVariable = "PAYSEAL_CODE"

// takesOut asks who takes something out of payseal for good, where names are
// proven: with a fresh one-time code. Elsewhere, and without --as, nobody is asked.
func takesOut(ctx context.Context, store *postgres.Store, c config.Config, as, purpose string, roles []payroll.Role) (payroll.AdminName, error) {
	if as == "" && !c.Proven() {
		return "", nil
	}
	by, err := actor(ctx, store, c, as, roles...)
	if err != nil {
		return "", err
	}
	return by, stepUp(ctx, store, c, by, purpose)
}

// stepUp uses up the one-time code in the environment for one act, where names
// are proven: a token alone cannot approve, release, export or decide. purpose is
// the page of the console on which the act is done.
func stepUp(ctx context.Context, store *postgres.Store, c config.Config, by payroll.AdminName, purpose string) error {
	if !c.Proven() {
		return nil
	}
	seeds, err := store.Seeds(ctx, by)
	if err != nil {
		return err
	}
	code, given := os.LookupEnv(codeVariable)
	switch {
	case len(seeds) == 0:
		return fmt.Errorf("%w: this takes a fresh second factor, and %s has no one-time codes; do it in the console (%s)", payroll.ErrNotAllowed, by, purpose)
	case !given:
		return fmt.Errorf("%w: this takes a fresh second factor; set %s to the six digits that %s's app shows", payroll.ErrNotAllowed, codeVariable, by)
	}
	// Who has the token is no stranger: others' failures do not keep them out.
	try := payroll.Try{Name: string(by), Client: "command", Browser: "command"}
	at, err := store.BeginTry(ctx, try, func(f payroll.SignInFailures, at time.Time) time.Duration {
		return identity.Failures(f).Wait(true, at)
	})
	if err != nil {
		return err
	}
	for _, seed := range seeds {
		if step, right := identity.VerifyTOTP(seed.Secret, code, at, seed.Last); right {
			e := payroll.Evidence{Admin: by, Proof: payroll.ProofPasswordTOTP, Factor: seed.Factor, Step: step}
			return store.StepUpAtOnce(ctx, purpose, e, try)
		}
	}
	if err := store.FailSignIn(ctx, string(by), "fresh second factor of a command", false); err != nil {
		return err
	}
	return fmt.Errorf("%w: the code in %s is wrong, or has counted already; wait for the next one", payroll.ErrNotAllowed, codeVariable)
}
