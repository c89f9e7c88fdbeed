package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/web/identity"
)

// examineConsole looks at how HR's browsers reach the console.
func examineConsole(c config.Console) checkup {
	switch {
	case c.Origin == "":
		return ok("console", "no origin: no console, and admins' names are taken as given")
	case c.TLSCertificateFile != "":
		return examineSiteTLS("console", "console", c.Site)
	case strings.HasPrefix(c.Origin, "https:") && len(c.TrustedProxies) == 0:
		return warn("console", "name the network of the proxy in console.trusted_proxies, or set console.tls_certificate_file and console.tls_key_file",
			"%s, without TLS of its own and without a proxy that is trusted: all visitors share the rates of one", c.Origin)
	}
	where := "TLS is the proxy's"
	if strings.HasPrefix(c.Origin, "http:") {
		where = "without TLS, for browsers on this machine alone"
	}
	return ok("console", "%s, listens on %s; %s", c.Origin, c.Listen, where)
}

// examineSignIn looks at what admins prove themselves with.
func examineSignIn(ctx context.Context, c config.Console) []checkup {
	if c.Origin == "" {
		return nil
	}
	return []checkup{examineBreached(c), examineProvider(ctx, c)}
}

func examineBreached(c config.Console) checkup {
	if c.BreachedPasswordsFile == "" {
		return ok("passwords", "the built-in list of breached ones")
	}
	if err := (identity.Breached{HashFile: c.BreachedPasswordsFile}).Check(); err != nil {
		return fail("passwords", "check console.breached_passwords_file: SHA-1 hashes, sorted, one in a line", "%v", err)
	}
	return ok("passwords", "the built-in list of breached ones, and %s", c.BreachedPasswordsFile)
}

func examineProvider(ctx context.Context, c config.Console) checkup {
	provider, err := singleSignOnOf(c)
	if err != nil {
		return fail("sign-on", "check [console.single_sign_on]", "%v", err)
	}
	if provider == nil {
		return ok("sign-on", "no single sign-on; passkeys and passwords with codes")
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	if _, _, err := provider.Begin(ctx, false, time.Now()); err != nil {
		return warn("sign-on", "look at it from this machine; meanwhile passkeys and passwords work", "%s does not answer as it should", c.SingleSignOn.Issuer)
	}
	return ok("sign-on", "%s answers", c.SingleSignOn.Issuer)
}

// examineSettings looks whether what two people confirmed is what this machine
// says, and gives what counts.
func examineSettings(ctx context.Context, store *postgres.Store, c config.Config) (inForce, checkup) {
	if vault, err := openVault(c.Vault); err == nil {
		store.Unlock(vault) // to see whether somebody changed them in the database
	}
	counts, err := settle(ctx, c, store)
	switch {
	case errors.Is(err, errTampered):
		return inForce{Config: c}, fail("settings", "find out who can write to the database; payseal settings history shows every version", "they were changed in the database, and nothing is sent")
	case err != nil:
		return inForce{Config: c}, fail("settings", "run payseal migrate up", "%v", err)
	case !c.Proven():
		return counts, ok("settings", "the configuration file's: names are not proven")
	case counts.version == 0:
		return counts, ok("settings", "the configuration file's will be adopted by the first worker or console that starts")
	}
	return counts, examineHere(c, counts)
}

func examineHere(c config.Config, counts inForce) checkup {
	here, err := fileSettings(c)
	if err != nil {
		return fail("settings", "check company.logo and signer.file", "%v", err)
	}
	if here.Settings.Sender != counts.sender {
		return fail("settings", "have two people confirm it in the console, or bring the confirmed key back", "the signing key here is not the confirmed one; a worker here sends nothing")
	}
	if counts.Company.Name != here.Settings.Company.Name || counts.Relay.Host != here.Settings.Relay.Host || counts.Relay.Port != here.Settings.Relay.Port ||
		counts.Relay.TLS != here.Settings.Relay.TLS || counts.Relay.Username != here.Settings.Relay.Username {
		return warn("settings", "payseal settings show compares them", "version %d counts, and this machine's file says something else", counts.version)
	}
	return ok("settings", "version %d counts", counts.version)
}
