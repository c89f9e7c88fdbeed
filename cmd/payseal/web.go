package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/keystore/wkd"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web"
)

func newWeb(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "web",
		Short: "Serve the form in which employees enrol, until a signal comes",
		Long: "web serves the form and the company's Web Key Directory on web.listen. It needs the\n" +
			"database and the company's public certificate, and no other secret: what is to be\n" +
			"mailed it writes down, and a worker sends it. On SIGTERM it takes no new connection\n" +
			"and lets requests under way finish, for delivery.shutdown_grace at most.",
		Args: exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd.Context(), func(store *postgres.Store, c config.Config) error {
				form, err := openForm(cmd.Context(), c, store, newLogger(cmd.ErrOrStderr(), c.Worker))
				if err != nil {
					return err
				}
				return form.serve(cmd.Context())
			})
		},
	}
}

func newServe(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Serve the form and the console and send what is due, in one process, until a signal comes",
		Long: "serve is payseal web, payseal worker and, if console.origin is set, payseal console\n" +
			"in one process, for a small company or a look. If one of them fails, all end.",
		Args: exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withVault(cmd.Context(), func(store *postgres.Store, c config.Config) error {
				log := newLogger(cmd.ErrOrStderr(), c.Worker)
				form, err := openForm(cmd.Context(), c, store, log)
				if err != nil {
					return err
				}
				group, ctx := errgroup.WithContext(cmd.Context())
				if c.Proven() {
					hr, err := openConsole(ctx, c, store, log)
					if err != nil {
						return err
					}
					group.Go(func() error { return hr.serve(ctx) })
				}
				group.Go(func() error { return form.serve(ctx) })
				group.Go(func() error { return work(ctx, c, store, log) })
				return group.Wait()
			})
		},
	}
}

// openForm checks everything that the form needs, and listens. The company's name,
// colour and contact are those that count, as far as its database user may see them:
// it has no vault to tell whether somebody changed them there.
func openForm(ctx context.Context, c config.Config, store *postgres.Store, log *slog.Logger) (*livingSite, error) {
	if c.Web.Origin == "" {
		return nil, errNoOrigin
	}
	l := &livingSite{config: c, store: store, log: log, open: func(counts inForce) (*http.Server, error) {
		room, err := webRoom(counts.Config, store, log)
		if err != nil {
			return nil, err
		}
		return room.HTTP(), nil
	}}
	return l, l.listen(ctx, "web", c.Web.Site)
}

func webRoom(c config.Config, store *postgres.Store, log *slog.Logger) (*web.Server, error) {
	company, err := companyOf(c)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(c.Company.Zone)
	if err != nil {
		return nil, fmt.Errorf("company.zone: %w", err)
	}
	origin, err := url.Parse(c.Web.Origin)
	if err != nil {
		return nil, fmt.Errorf("web.origin: %w", err)
	}
	room := &web.Server{
		Desk: store,
		Company: web.Company{
			Name: c.Company.Name, Color: c.Company.Color, Contact: c.Company.Contact, Language: c.Company.Language, Zone: zone,
		},
		Certificate: company[0], Certifiers: company, Origin: origin,
		Required: payroll.Step(c.Policy.RequiredStep), Structure: c.Mail.Structure, Publish: web.Publish(c.WKD.Publish),
		Now: time.Now, Log: log,
	}
	if c.WKD.Lookup {
		room.Lookup = (&wkd.Client{}).Lookup
	}
	room.TrustedProxies, err = proxiesOf("web", c.Web.Site)
	return room, err
}
