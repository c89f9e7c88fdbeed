package mailer

import (
	"context"
	"crypto/tls"
	"errors"
	"slices"
	"strings"
	"time"
)

// Report is what a probe of a relay found out.
type Report struct {
	Reachable          bool      `json:"reachable"`           // it answered EHLO, under TLS where TLS is wanted
	TLSVersion         string    `json:"tls_version"`         // such as "TLS 1.3"; "": none
	CertificateExpires time.Time `json:"certificate_expires"` // of the certificate in the chain that ends first; zero: no TLS
	Pipelining         bool      `json:"pipelining"`
	DSN                bool      `json:"dsn"`
	Size               bool      `json:"size"`
	SizeLimit          int64     `json:"size_limit"` // bytes; 0: not announced
	Mechanisms         []string  `json:"mechanisms"` // of AUTH
	LoggedIn           bool      `json:"logged_in"`  // false also where no login is configured
	Problem            string    `json:"problem"`    // what is wrong; "": nothing
	Mend               string    `json:"mend"`       // how to mend it
}

// Probe connects to the relay as the pool would, logs in, looks at what it
// offers and leaves. No mail is sent. The relay's own words are not repeated.
func Probe(ctx context.Context, r Relay) Report {
	var report Report
	r, err := r.withDefaults()
	if err != nil {
		report.Problem, report.Mend = err.Error(), "correct the [relay] section of the configuration"
		return report
	}
	d, err := r.dial(ctx)
	if err != nil {
		report.Problem, report.Mend = err.Error(), r.mendDial(err)
		return report
	}
	defer d.cut()
	c := r.newConn(d)
	report.Reachable = true
	report.Pipelining, report.DSN, report.Size, report.SizeLimit = c.pipelining, c.dsn, c.size, c.sizeLimit
	if state, err := d.smtp.GetTLSConnectionState(); err == nil {
		report.TLSVersion, report.CertificateExpires = tls.VersionName(state.Version), firstEnd(state)
	}
	_, offered := d.smtp.Extension("AUTH")
	report.Mechanisms = strings.Fields(strings.ToUpper(offered))
	slices.Sort(report.Mechanisms)
	if err := r.login(ctx, d); err != nil {
		report.Problem, report.Mend = err.Error(), "check relay.username and the relay's password with whoever runs the relay"
		if !errors.Is(err, ErrAuth) {
			report.Mend = "try again later; the login itself was not refused"
		}
		return report
	}
	report.LoggedIn = r.Username != ""
	c.quit()
	return report
}

// firstEnd is when the first certificate of the verified chain ends.
func firstEnd(state *tls.ConnectionState) time.Time {
	var first time.Time
	for _, chain := range state.VerifiedChains {
		for _, certificate := range chain {
			if first.IsZero() || certificate.NotAfter.Before(first) {
				first = certificate.NotAfter
			}
		}
	}
	return first
}

func (r Relay) mendDial(err error) string {
	var verification *tls.CertificateVerificationError
	var failed *dialError
	switch {
	case errors.As(err, &verification):
		return "the certificate must be valid for relay.host; for a private authority set relay.ca_file"
	case errors.As(err, &failed) && failed.code != 0:
		return "the relay turns us away; ask whoever runs it whether this machine may use it"
	case r.TLS == StartTLS:
		return "check relay.host and relay.port, and that the relay offers STARTTLS; a port that speaks TLS at once, such as 465, needs relay.tls = \"implicit\""
	}
	return "check relay.host, relay.port and relay.tls, and that this machine can reach the relay"
}
