package main

import (
	"context"
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

// actor is the person named by --as, if they have one of the roles.
func actor(ctx context.Context, store *postgres.Store, name string, roles ...payroll.Role) (payroll.AdminName, error) {
	if name == "" {
		return "", usageError{errNoActor}
	}
	admin, err := store.Admin(ctx, payroll.AdminName(name))
	if err != nil {
		return "", err
	}
	return admin.Name, admin.May(roles...)
}
