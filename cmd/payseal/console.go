package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter"
	"github.com/payseal/payseal/web/console"
	"github.com/payseal/payseal/web/identity"
)

func newConsole(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "console",
		Short: "Serve the pages on which HR works, until a signal comes",
		Long: "console serves HR's pages on console.listen: upload, check, approve, watch, account\n" +
			"for every slip. It needs the database, the vault's master key and the signing key, so\n" +
			"keep it on a network of your own. It sends nothing: what is to be mailed it writes\n" +
			"down, and a worker sends it. On SIGTERM it takes no new connection and lets requests\n" +
			"under way finish, for delivery.shutdown_grace at most.",
		Args: exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withVault(cmd.Context(), func(store *postgres.Store, c config.Config) error {
				hr, err := openConsole(cmd.Context(), c, store, newLogger(cmd.ErrOrStderr(), c.Worker))
				if err != nil {
					return err
				}
				return hr.serve(cmd.Context())
			})
		},
	}
}

// errNoConsole ends a command that serves the console where there is none.
var errNoConsole = errors.New("there is no console: set console.origin to how browsers reach it, such as https://hr.acme.example")

// openConsole checks everything that the console needs, and listens.
func openConsole(ctx context.Context, c config.Config, store *postgres.Store, log *slog.Logger) (*livingSite, error) {
	if !c.Proven() {
		return nil, errNoConsole
	}
	if err := refuseOldSchema(ctx, store); err != nil {
		return nil, err
	}
	if err := compareFile(ctx, c, store, log); err != nil {
		return nil, err
	}
	l := &livingSite{config: c, store: store, log: log, files: true, open: func(counts inForce) (*http.Server, error) {
		room, err := consoleRoom(counts, store, log)
		if err != nil {
			return nil, err
		}
		return room.HTTP(), nil
	}}
	return l, l.listen(ctx, "console", c.Console.Site)
}

func consoleRoom(c inForce, store *postgres.Store, log *slog.Logger) (*console.Server, error) {
	signer, err := openSigner(c.Signer)
	if err != nil {
		return nil, err
	}
	store.Trust(certifiersOf(c.Policy, signer))
	letterhead, err := openLetterhead(c)
	if err != nil {
		return nil, err
	}
	freeze, err := freezeOf(c.Config)
	if err != nil {
		return nil, err
	}
	origin, err := url.Parse(c.Console.Origin)
	if err != nil {
		return nil, fmt.Errorf("console.origin: %w", err)
	}
	proxies, err := proxiesOf("console", c.Console.Site)
	if err != nil {
		return nil, err
	}
	vault, err := openVault(c.Vault)
	if err != nil {
		return nil, err
	}
	proofs, err := identityOf(c.Config, vault)
	if err != nil {
		return nil, err
	}
	return &console.Server{
		Desk:    store,
		Company: console.Company{Name: c.Company.Name, Color: c.Company.Color, Language: c.Company.Language, Zone: freeze.Zone},
		Policy: console.Policy{
			Required: payroll.Step(c.Policy.RequiredStep), Freeze: freeze, Variance: int64(c.Policy.Variance),
			GiveUp: time.Duration(c.Delivery.GiveUp), Bundle: c.Delivery.Bundle,
			Late: console.Late{After: time.Duration(c.Delivery.LateAfter), CatchUp: c.Delivery.LatePayday == "catch_up"},
		},
		Origin: origin, TrustedProxies: proxies, Letterhead: func() *letter.Letterhead { return letterhead },
		TestRelay: relayTester(c.Relay), Notices: noticesOf(c.Config), SignerAlgorithm: algorithmOf(c.Signer),
		Canary: payroll.EmployeeNumber(c.Canary.Employee), Disk: diskOf(c.Database),
		Signer: signer, Identity: proofs, MessageDomain: c.Mail.MessageIDDomain, Now: time.Now, Log: log,
	}, nil
}

// diskOf measures the disk of the private database; nil for one elsewhere, which
// watches its own.
func diskOf(c config.Database) func() (console.Disk, error) {
	if _, err := config.ReadSecret("database_url", c.URLFile); err == nil {
		return nil
	}
	return func() (console.Disk, error) {
		var fs syscall.Statfs_t
		if err := syscall.Statfs(c.Directory, &fs); err != nil {
			return console.Disk{}, fmt.Errorf("measure the disk: %w", err)
		}
		unit := uint64(fs.Bsize) // a size
		return console.Disk{Free: fs.Bavail * unit, All: fs.Blocks * unit}, nil
	}
}

// algorithmOf is what the signing key signs with, in words; "" if it cannot be told.
func algorithmOf(c config.Signer) string {
	key, _, err := signerKey(c)
	if err != nil {
		return ""
	}
	info, err := keystore.DescribeSigner(key, time.Now())
	if err != nil {
		return ""
	}
	return info.Algorithm
}

// identityOf is how admins prove who they are.
func identityOf(c config.Config, vault *keystore.MasterKey) (console.Identity, error) {
	passkeys, err := identity.NewPasskeys(c.Console.Origin, c.Company.Name)
	if err != nil {
		return console.Identity{}, fmt.Errorf("passkeys for console.origin: %w", err)
	}
	proofs := console.Identity{Passkeys: passkeys, Vault: vault, Breached: identity.Breached{HashFile: c.Console.BreachedPasswordsFile}}
	if c.Console.BreachedPasswordsFile != "" {
		if err := proofs.Breached.Check(); err != nil {
			return proofs, fmt.Errorf("console.breached_passwords_file: %w", err)
		}
	}
	proofs.SSO, err = singleSignOnOf(c.Console)
	proofs.SSOName, proofs.SSOTrusted = c.Console.SingleSignOn.Name, c.Console.SingleSignOn.TwoFactors
	return proofs, err
}

// singleSignOnOf is nil where no provider is configured.
func singleSignOnOf(c config.Console) (*identity.SingleSignOn, error) {
	if c.SingleSignOn.Issuer == "" {
		return nil, nil
	}
	provider := &identity.SingleSignOn{Issuer: c.SingleSignOn.Issuer, ClientID: c.SingleSignOn.ClientID, RedirectURL: c.Origin + console.SSOBack}
	secret, err := config.ReadSecret("console_sso_secret", c.SingleSignOn.ClientSecretFile)
	if err != nil && c.SingleSignOn.ClientSecretFile != "" {
		return nil, fmt.Errorf("console.single_sign_on: %w", err)
	}
	provider.ClientSecret = string(secret) // "" for a public client
	return provider, nil
}
