package config

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// shortestRefresh is how often a foreign directory may be asked at most.
const shortestRefresh = time.Hour

func (c *Config) checkWeb() error {
	wrong := []error{c.Web.check("web"), c.Console.check("console"), c.Console.SingleSignOn.check()}
	if refresh := time.Duration(c.WKD.Refresh); refresh != 0 && (refresh < shortestRefresh || refresh > 31*24*time.Hour) {
		wrong = append(wrong, fmt.Errorf("wkd.refresh: %v is neither 0s (never) nor between %v and 744h", refresh, shortestRefresh))
	}
	if c.Console.Origin != "" && c.Console.Origin == c.Web.Origin {
		wrong = append(wrong, errors.New("console.origin: the console needs a name of its own, not the form's"))
	}
	return errors.Join(wrong...)
}

// check looks at a site; name is its table in the file.
func (s Site) check(name string) error {
	var wrong []error
	if s.Origin != "" {
		if err := checkOrigin(s.Origin); err != nil {
			wrong = append(wrong, fmt.Errorf("%s.origin: %w", name, err))
		}
	}
	if (s.TLSCertificateFile == "") != (s.TLSKeyFile == "") {
		wrong = append(wrong, fmt.Errorf("%s: set both tls_certificate_file and tls_key_file, or neither", name))
	}
	for _, network := range s.TrustedProxies {
		if prefix, err := netip.ParsePrefix(network); err != nil || prefix.Bits() == 0 || prefix.Masked() != prefix {
			wrong = append(wrong, fmt.Errorf("%s.trusted_proxies: %q is no network; write 10.0.0.0/8, or one address as 192.0.2.1/32", name, network))
		}
	}
	return errors.Join(wrong...)
}

func (s SingleSignOn) check() error {
	if s.Issuer == "" {
		return nil
	}
	var wrong []error
	if err := checkIssuer(s.Issuer); err != nil {
		wrong = append(wrong, err)
	}
	if s.ClientID == "" {
		wrong = append(wrong, errors.New("console.single_sign_on.client_id: the provider gives one; write it here"))
	}
	if len(s.Name) > longestText || s.Name == "" {
		wrong = append(wrong, fmt.Errorf("console.single_sign_on.name: write what stands on the button, at most %d bytes", longestText))
	}
	return errors.Join(wrong...)
}

// checkIssuer takes an issuer's URL (OpenID Connect Discovery 1.0 §3): https, no
// query and no fragment; http for this machine only.
func checkIssuer(issuer string) error {
	u, err := url.Parse(issuer)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
		u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())) {
		return errors.New("console.single_sign_on.issuer: write the provider's issuer, such as https://login.acme.example")
	}
	return nil
}

// checkOrigin takes what a browser calls an origin: scheme, host and perhaps a
// port. Without TLS a link's token, and the session behind it, would cross the
// network in the clear, so http is for this machine only.
func checkOrigin(origin string) error {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return errors.New("write it as https://payroll.acme.example")
	}
	plain := u.Scheme + "://" + u.Host
	host := u.Hostname()
	switch {
	case !isHost(host) || host != strings.ToLower(host):
		return errors.New("write the host in lower-case ASCII, such as https://payroll.acme.example; an internationalised one by its A-label (xn--...)")
	case origin == plain+"/":
		return errors.New("leave out the slash at the end")
	case origin != plain:
		return errors.New("write scheme, host and perhaps a port only, without a user, a path or a query")
	case u.Port() == "" && strings.HasSuffix(u.Host, ":"), u.Port() == "0":
		return errors.New("the port is missing behind the colon")
	case u.Scheme == "https" && u.Port() == "443", u.Scheme == "http" && u.Port() == "80":
		return errors.New("leave out the scheme's usual port; browsers do")
	case u.Scheme == "http" && !isLoopback(host):
		return errors.New("http is for localhost only; links to everybody else must be https")
	}
	return nil
}

// clock is a time of day.
var clock = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)

// The digest goes out on a few days before a pay date at most.
const (
	mostDigests     = 10
	farthestDigest  = 60
	longestAddress  = 254
	readinessAdvice = "write days before a pay date, each once, such as [7, 1]"
)

func (c *Config) checkReadiness() error {
	r := c.Readiness
	var wrong []error
	if r.DigestTo != "" && (len(r.DigestTo) > longestAddress || !plainAddress.MatchString(r.DigestTo)) {
		wrong = append(wrong, errors.New("readiness.digest_to: write a plain ASCII address, such as hr@acme.example"))
	}
	days := slices.Sorted(slices.Values(r.DigestDays))
	if len(days) > mostDigests || len(slices.Compact(days)) != len(r.DigestDays) {
		wrong = append(wrong, fmt.Errorf("readiness.digest_days: %s; at most %d of them", readinessAdvice, mostDigests))
	}
	if len(days) > 0 && (days[0] < 0 || slices.Max(r.DigestDays) > farthestDigest) {
		wrong = append(wrong, fmt.Errorf("readiness.digest_days: %s, 0 to %d", readinessAdvice, farthestDigest))
	}
	if !clock.MatchString(r.At) {
		wrong = append(wrong, errors.New("readiness.at: write a time of day, such as 07:00"))
	}
	if !clock.MatchString(c.Canary.At) {
		wrong = append(wrong, errors.New("canary.at: write a time of day, such as 06:00"))
	}
	if e := c.Canary.Employee; len(e) > longestText || strings.ContainsFunc(e, unicode.IsControl) {
		wrong = append(wrong, errors.New("canary.employee: write an employee number, or nothing"))
	}
	return errors.Join(wrong...)
}
