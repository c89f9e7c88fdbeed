package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// examineForm looks at what the form shows and how browsers reach it.
func examineForm(c config.Config) checkup {
	if c.Web.Origin == "" {
		return warn("form", "set web.origin if employees are to enrol by the form", "no origin: no form, no invitations, no links in mails")
	}
	company, err := companyOf(c)
	if err != nil {
		return fail("form", "write it with payseal signer export --former where the key is", "%v", err)
	}
	if problem := companyProblem(company[0], time.Now()); problem != "" {
		return fail("form", "rotate it with payseal signer rotate, and export it again", "the company's certificate %s", problem)
	}
	if c.Web.TLSCertificateFile != "" {
		return examineSiteTLS("form", "web", c.Web.Site)
	}
	if strings.HasPrefix(c.Web.Origin, "https:") && len(c.Web.TrustedProxies) == 0 {
		return warn("form", "name the network of the proxy in web.trusted_proxies, or set web.tls_certificate_file and web.tls_key_file",
			"%s, without TLS of its own and without a proxy that is trusted: all visitors share the rates of one", c.Web.Origin)
	}
	where := "TLS is the proxy's"
	if strings.HasPrefix(c.Web.Origin, "http:") {
		where = "without TLS, for browsers on this machine alone"
	}
	return ok("form", "%s, listens on %s; %s", c.Web.Origin, c.Web.Listen, where)
}

// examineShown looks whether the form shows the company as two people confirmed it.
func examineShown(ctx context.Context, store *postgres.Store, c config.Config) checkup {
	version, err := store.SettingsVersion(ctx)
	switch {
	case err != nil:
		return fail("settings", "apply deploy/form-role.sql again", "the form cannot read what two people confirmed: %v", err)
	case version > 0 && !c.Proven():
		return warn("settings", "set console.origin here as on the console's host; nothing listens there by that",
			"there is a console, and the form shows this machine's company.name, company.color and company.contact instead of what two people confirmed")
	case version == 0:
		return ok("settings", "the configuration file's")
	}
	return ok("settings", "version %d counts", version)
}

// companyProblem is what is wrong with the certificate that employees get; ""
// for nothing.
func companyProblem(company keystore.Certificate, at time.Time) string {
	switch {
	case company.Problem(at) == payroll.HoldRevoked:
		return "is revoked"
	case !company.Expires().IsZero() && !company.Expires().After(at):
		return "has expired"
	}
	return ""
}

// examineSiteTLS looks at the certificate of the form or of the console, which the
// configuration calls name.
func examineSiteTLS(part, name string, c config.Site) checkup {
	mend := "renew it; payseal " + name + " takes a renewed pair up by itself"
	pair, err := readKeyPair(name, c)
	if err != nil {
		return fail(part, "check "+name+".tls_certificate_file and "+name+".tls_key_file", "%v", err)
	}
	origin, err := url.Parse(c.Origin)
	if err != nil {
		return fail(part, "check "+name+".origin", "%v", err)
	}
	if err := pair.Leaf.VerifyHostname(origin.Hostname()); err != nil {
		return fail(part, "get one for the host of "+name+".origin", "the TLS certificate is for another host than %s", origin.Hostname())
	}
	ends := pair.Leaf.NotAfter.Format(time.DateOnly)
	switch left := time.Until(pair.Leaf.NotAfter); {
	case left <= 0:
		return fail(part, mend, "the TLS certificate ended on %s", ends)
	case left < relayCertificateWarn:
		return warn(part, mend, "the TLS certificate ends on %s", ends)
	}
	return ok(part, "%s, listens on %s; TLS certificate until %s", c.Origin, c.Listen, ends)
}

// examineDirectory says what the Web Key Directory is set to do.
func examineDirectory(c config.Config) checkup {
	var does []string
	switch {
	case c.WKD.Publish == config.PublishNone || c.Web.Origin == "":
		does = append(does, "publishes nothing")
	case c.WKD.Publish == config.PublishCompany:
		does = append(does, "the form's host publishes the company's certificate")
	default:
		does = append(does, "the form's host publishes the company's and the employees' certificates")
	}
	if c.Web.Origin != "" {
		does = append(does, map[bool]string{true: "the form looks certificates up", false: "the form looks nothing up"}[c.WKD.Lookup])
	}
	if c.WKD.Refresh != 0 {
		does = append(does, fmt.Sprintf("workers ask for fresh copies every %s", c.WKD.Refresh))
	}
	return ok("directory", "%s", strings.Join(does, "; "))
}

// A notice that has waited this long, and a refusal this recent, are worth a
// word.
const (
	noticeLate   = 10 * time.Minute
	noticeRecent = 7 * 24 * time.Hour
)

// examineNotices looks for mails that are no slips and do not get away.
func examineNotices(ctx context.Context, store *postgres.Store) checkup {
	box, err := store.Outbox(ctx, noticeLate, noticeRecent)
	switch {
	case err != nil:
		return fail("notices", "run payseal migrate up", "%v", err)
	case box.Late > 0:
		return warn("notices", "start a worker (payseal worker) and look at the relay", "%d have waited for more than %s", box.Late, noticeLate)
	case box.Refused > 0:
		return warn("notices", "mend the addresses in the roster and invite again; the worker's log has the relay's codes",
			"%d were refused by the relay within a week", box.Refused)
	}
	return ok("notices", "%d wait to be sent", box.Queued)
}
