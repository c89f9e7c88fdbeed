package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/jobs"
	"github.com/payseal/payseal/internal/pglocal"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

// stopGrace is what the private Postgres gets to end what it is doing.
const stopGrace = 20 * time.Second

// withStore opens the database that the configuration names, runs f and closes
// it again.
func (a *app) withStore(ctx context.Context, f func(store *postgres.Store, c config.Config) error) error {
	c, err := a.config()
	if err != nil {
		return err
	}
	url, stop, err := databaseURL(ctx, c.Database)
	if err != nil {
		return err
	}
	defer stop()
	queue, err := jobs.NewQueue()
	if err != nil {
		return err
	}
	store, err := postgres.Open(ctx, url, queue)
	if err != nil {
		return err
	}
	defer store.Close()
	return f(store, c)
}

// databaseURL is the configured database's URL. Without one it starts the
// private Postgres in the configured directory; stop ends that again.
func databaseURL(ctx context.Context, c config.Database) (url string, stop func(), err error) {
	secret, err := config.ReadSecret("database_url", c.URLFile)
	if err == nil {
		return string(secret), func() {}, nil
	}
	if c.URLFile != "" {
		return "", nil, err
	}
	server, err := pglocal.Start(ctx, pglocal.Options{Directory: c.Directory})
	if err != nil {
		return "", nil, err
	}
	return server.URL(), func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
		defer cancel()
		_ = server.Stop(ctx) // it ends with this process at the latest
	}, nil
}

// actor is the person named by --as, if they have one of the roles. Where admins'
// names are proven, a token of theirs must prove it.
func actor(ctx context.Context, store *postgres.Store, c config.Config, name string, roles ...payroll.Role) (payroll.AdminName, error) {
	if name == "" {
		return "", usageError{errNoActor}
	}
	if err := proveName(ctx, store, c.Proven(), payroll.AdminName(name)); err != nil {
		return "", err
	}
	admin, err := store.Admin(ctx, payroll.AdminName(name))
	if err != nil {
		return "", err
	}
	store.ActFor(admin.Name, roles)
	return admin.Name, admin.May(roles...)
}

// tokenVariable holds the token that proves who acts.
const tokenVariable = "PAYSEAL_TOKEN"

// proveName looks at the token in the environment. One that is there counts also
// where none is needed.
func proveName(ctx context.Context, store *postgres.Store, needed bool, name payroll.AdminName) error {
	secret, given := os.LookupEnv(tokenVariable)
	switch {
	case !given && needed:
		return fmt.Errorf("%w: names are proven here (console.origin is set); make a token with the scope %q in the console and set %s to it", payroll.ErrNotAllowed, payroll.ScopeCommand, tokenVariable)
	case !given:
		return nil
	}
	token, admin, err := store.TokenAdmin(ctx, payroll.HashToken(secret))
	switch {
	case errors.Is(err, payroll.ErrNotFound):
		return fmt.Errorf("%w: the token in %s has ended, or its owner was disabled", payroll.ErrNotAllowed, tokenVariable)
	case err != nil:
		return err
	case admin.Name != name:
		return fmt.Errorf("%w: the token in %s is not %s's", payroll.ErrNotAllowed, tokenVariable, name)
	case !token.Has(payroll.ScopeCommand):
		return fmt.Errorf("%w: the token in %s lacks the scope %q", payroll.ErrNotAllowed, tokenVariable, payroll.ScopeCommand)
	}
	return nil
}

// fromCommand is a context in which acts come from a command. A token that is set
// is always looked at before anybody acts.
func fromCommand(ctx context.Context) context.Context {
	if _, given := os.LookupEnv(tokenVariable); !given {
		return ctx
	}
	return payroll.WithOrigin(ctx, payroll.Origin{Face: "command", Proof: "token"})
}
