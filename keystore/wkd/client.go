package wkd

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

const (
	defaultTimeout = 15 * time.Second
	maxHeader      = 16 << 10 // bytes of a response's header
	maxRedirects   = 3
	maxTried       = 4 // addresses of one host
	userAgent      = "payseal"
	accept         = "application/octet-stream, application/pgp-keys;q=0.9, */*;q=0.1"
)

// Client fetches certificates from Web Key Directories. It speaks https only,
// follows few redirects, and connects only to addresses that are allowed, which
// is checked on the address that is dialled, so that a name that changes between
// two questions gains nothing. It uses no proxy, sends no cookie, and reads at
// most keystore.MaxFile bytes. The zero value is ready for use, and safe for
// concurrent use.
type Client struct {
	Timeout time.Duration // of a whole look-up; 0: 15 s

	// What follows is for tests; nil or 0 is right for everybody else.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error) // as net.Resolver.LookupNetIP
	Allow   func(netip.Addr) bool                                        // may be connected to; nil: addresses of the public Internet
	Roots   *x509.CertPool                                               // nil: the system's
	Port    uint16                                                       // in the place of 443
}

// Lookup returns what the directory of the address's domain publishes for it,
// binary or armored, as it came: hand it to keystore.Receive. Where there is
// nothing to be had the error is an *Error with a Reason.
func (c *Client) Lookup(ctx context.Context, a payroll.Address) ([]byte, error) {
	advanced, direct, err := urls(a)
	if err != nil {
		return nil, err
	}
	timeout := c.Timeout
	if timeout == 0 {
		timeout = defaultTimeout
	}
	within, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	raw, err := c.lookup(within, a, advanced, direct)
	if ctx.Err() != nil {
		return nil, fmt.Errorf("look up certificate: %w", ctx.Err())
	}
	return raw, err
}

// lookup goes to the direct address only if the advanced one's host does not
// exist (§3.1 of the draft); whatever else is wrong with that host is final.
func (c *Client) lookup(ctx context.Context, a payroll.Address, advanced, direct string) ([]byte, error) {
	_, err := c.resolve(ctx, advancedHost(a))
	if err == nil {
		return c.fetch(ctx, advanced)
	}
	if !isNoSuchHost(err) {
		return nil, &Error{Unreachable}
	}
	if _, err = c.resolve(ctx, a.Domain()); isNoSuchHost(err) {
		return nil, &Error{NotPublished}
	}
	return c.fetch(ctx, direct)
}

var errNoSuchHost = errors.New("no such host")

func isNoSuchHost(err error) bool {
	var dns *net.DNSError
	return errors.Is(err, errNoSuchHost) || errors.As(err, &dns) && dns.IsNotFound
}

// resolve asks for exactly this name, and not for one below the machine's own
// domain.
func (c *Client) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	ask := c.Resolve
	if ask == nil {
		ask = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host+".")
		}
	}
	addresses, err := ask(ctx, host)
	if err == nil && len(addresses) == 0 {
		err = errNoSuchHost
	}
	return addresses, err
}

func (c *Client) fetch(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, &Error{BadAnswer}
	}
	request.Header.Set("User-Agent", userAgent)
	request.Header.Set("Accept", accept)
	transport := c.transport()
	defer transport.CloseIdleConnections()
	client := http.Client{Transport: transport, CheckRedirect: checkRedirect}
	response, err := client.Do(request)
	if err != nil {
		return nil, reasonOf(err)
	}
	defer response.Body.Close()
	return read(response)
}

// transport is made for one look-up, so that nothing of one is left for the
// next.
func (c *Client) transport() *http.Transport {
	return &http.Transport{
		Proxy:                  nil, // whatever the environment says: a proxy would resolve names itself
		DialContext:            c.dial,
		TLSClientConfig:        &tls.Config{RootCAs: c.Roots, MinVersion: tls.VersionTLS12},
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxHeader,
		TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{}, // HTTP/1.1 is enough
	}
}

// dial connects to one of the host's addresses that are allowed.
func (c *Client) dial(ctx context.Context, network, target string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(strings.ToLower(target))
	if err != nil || port != "443" || !isDomain(host) {
		return nil, &Error{NotAllowed}
	}
	addresses, err := c.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	dialer := net.Dialer{ControlContext: c.control}
	err = &Error{NotAllowed}
	for _, address := range addresses[:min(len(addresses), maxTried)] {
		if !c.allowed(address) {
			continue
		}
		connection, failed := dialer.DialContext(ctx, network, netip.AddrPortFrom(address, c.port()).String())
		if failed == nil {
			return connection, nil
		}
		err = failed
	}
	return nil, err
}

// control looks at the address of the socket, whoever chose it.
func (c *Client) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil || !c.allowed(target.Addr()) || target.Port() != c.port() {
		return &Error{NotAllowed}
	}
	return nil
}

func (c *Client) allowed(a netip.Addr) bool {
	if c.Allow != nil {
		return c.Allow(a)
	}
	return public(a)
}

func (c *Client) port() uint16 {
	if c.Port != 0 {
		return c.Port
	}
	return 443
}

// checkRedirect holds a redirect to what the first request was held to. Where the
// target leads is checked when it is dialled.
func checkRedirect(request *http.Request, before []*http.Request) error {
	request.Header.Del("Referer") // the first URL names the person
	u := request.URL
	if u.Scheme != "https" || u.User != nil || u.Port() != "" && u.Port() != "443" || len(before) > maxRedirects {
		return &Error{NotAllowed}
	}
	return nil
}

func reasonOf(err error) error {
	var reason *Error
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verification *tls.CertificateVerificationError
	switch {
	case errors.As(err, &reason):
		return reason
	case errors.As(err, &verification), errors.As(err, &unknown), errors.As(err, &name), errors.As(err, &invalid):
		return &Error{Untrusted}
	}
	return &Error{Unreachable}
}

// read takes the body of an answer, up to the size of a certificate.
func read(response *http.Response) ([]byte, error) {
	switch {
	case response.StatusCode == http.StatusNotFound, response.StatusCode == http.StatusGone:
		return nil, &Error{NotPublished}
	case response.StatusCode != http.StatusOK, response.Header.Get("Content-Encoding") != "":
		return nil, &Error{BadAnswer}
	case response.ContentLength > keystore.MaxFile:
		return nil, &Error{TooLarge}
	}
	raw, err := io.ReadAll(io.LimitReader(response.Body, keystore.MaxFile+1))
	switch {
	case err != nil:
		return nil, &Error{Unreachable}
	case len(raw) > keystore.MaxFile:
		return nil, &Error{TooLarge}
	case len(raw) == 0:
		return nil, &Error{NotPublished}
	}
	return raw, nil
}
