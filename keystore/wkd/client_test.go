package wkd

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// directory is a real web server on this machine with a certificate for its
// names, and a client for whom those names lead to it.
type directory struct {
	t      testing.TB
	server *httptest.Server
	client *Client
	hosts  map[string][]netip.Addr // what names resolve to
	mutex  sync.Mutex
	asked  []string // host and path of every request, in order
}

var here = netip.MustParseAddr("127.0.0.1")

// newDirectory serves with the handler; the names are in its TLS certificate and
// resolve to it.
func newDirectory(t testing.TB, handler http.HandlerFunc, names ...string) *directory {
	t.Helper()
	d := &directory{t: t, hosts: map[string][]netip.Addr{}}
	for _, name := range names {
		d.hosts[name] = []netip.Addr{here}
	}
	d.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.mutex.Lock()
		d.asked = append(d.asked, r.Host+r.URL.Path)
		d.mutex.Unlock()
		handler(w, r)
	}))
	certificate, roots := certificateFor(t, names)
	d.server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	d.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	d.server.StartTLS()
	t.Cleanup(d.server.Close)
	d.client = &Client{
		Timeout: 20 * time.Second, Roots: roots, Port: uint16(d.server.Listener.Addr().(*net.TCPAddr).Port),
		Allow: func(a netip.Addr) bool { return a == here },
		Resolve: func(_ context.Context, host string) ([]netip.Addr, error) {
			addresses, found := d.hosts[host]
			if !found {
				return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
			}
			return addresses, nil
		},
	}
	return d
}

func certificateFor(t testing.TB, names []string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: names, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

// wants looks joe up and holds the answer against a reason; "" for a body.
func (d *directory) wants(reason Reason) []byte {
	d.t.Helper()
	raw, err := d.client.Lookup(d.t.Context(), joe)
	var failed *Error
	switch {
	case reason == "" && err != nil:
		d.t.Errorf("looked up: %v", err)
	case reason != "" && (!errors.As(err, &failed) || failed.Reason != reason || raw != nil):
		d.t.Errorf("%d bytes, %v; want %s", len(raw), err, reason)
	}
	if err != nil && (strings.Contains(err.Error(), "joe") || strings.Contains(err.Error(), "example.org") || strings.Contains(err.Error(), joeHash)) {
		d.t.Errorf("the error names the person: %v", err)
	}
	return raw
}

func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) }
}

const (
	advancedName = "openpgpkey.example.org"
	directName   = "example.org"
	advancedPath = advancedName + "/.well-known/openpgpkey/example.org/hu/" + joeHash
	directPath   = directName + "/.well-known/openpgpkey/hu/" + joeHash
)

func (d *directory) wasAsked(want ...string) {
	d.t.Helper()
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if strings.Join(d.asked, " ") != strings.Join(want, " ") {
		d.t.Errorf("asked %v, want %v", d.asked, want)
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	d := newDirectory(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("l") != "joe.doe" || r.Header.Get("Cookie") != "" || r.Header.Get("Referer") != "" || !strings.HasPrefix(r.UserAgent(), "payseal") {
			t.Errorf("asked with %v %v", r.URL, r.Header)
		}
		io.WriteString(w, "a certificate")
	}, advancedName, directName)
	if raw := d.wants(""); string(raw) != "a certificate" {
		t.Errorf("got %q", raw)
	}
	d.wasAsked(advancedPath)

	delete(d.hosts, advancedName)
	d.wants("")
	d.wasAsked(advancedPath, directPath)
	delete(d.hosts, directName)
	d.wants(NotPublished)
	d.wasAsked(advancedPath, directPath)
}

// TestDirectOnlyWithoutHost holds to the draft: an openpgpkey host that is there
// is the one that answers, whatever it says.
func TestDirectOnlyWithoutHost(t *testing.T) {
	t.Parallel()
	d := newDirectory(t, http.NotFound, advancedName, directName)
	d.wants(NotPublished)
	d.wasAsked(advancedPath)

	d.hosts[advancedName] = nil // a name without addresses
	d.wants(NotPublished)
	d.wasAsked(advancedPath, directPath)

	other := newDirectory(t, says("x"), directName) // no TLS certificate for the advanced name
	other.hosts[advancedName] = []netip.Addr{here}
	other.wants(Untrusted)
	other.wasAsked()

	broken := other.client.Resolve
	other.client.Resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
		if host == advancedName {
			return nil, &net.DNSError{Err: "server misbehaving", Name: host, IsTemporary: true}
		}
		return broken(ctx, host)
	}
	other.wants(Unreachable)
	other.wasAsked()
}

func TestLookupAnswers(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	zip := gzip.NewWriter(&bomb)
	_, _ = io.CopyN(zip, zeros{}, 64<<20)
	zip.Close()
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   Reason
	}{
		"not found":     {http.NotFound, NotPublished},
		"gone":          {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }, NotPublished},
		"empty":         {says(""), NotPublished},
		"forbidden":     {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, BadAnswer},
		"server error":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, BadAnswer},
		"partial":       {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusPartialContent) }, BadAnswer},
		"largest":       {says(strings.Repeat("x", keystore.MaxFile)), ""},
		"one too many":  {says(strings.Repeat("x", keystore.MaxFile+1)), TooLarge},
		"1 GB promised": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "1073741824") }, TooLarge},
		"endless": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 64<<10)); err != nil {
					return
				}
			}
		}, TooLarge},
		"gzip, though not asked for": {func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Accept-Encoding") != "" {
				t.Errorf("asked for %s", r.Header.Get("Accept-Encoding"))
			}
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(bomb.Bytes())
		}, BadAnswer},
		"a gzip bomb as the file": {func(w http.ResponseWriter, _ *http.Request) { w.Write(bomb.Bytes()) }, ""}, // judged as what it is
		"endless header": {func(w http.ResponseWriter, _ *http.Request) {
			for i := range 2000 {
				w.Header().Set(fmt.Sprintf("X-Filler-%d", i), strings.Repeat("x", 100))
			}
		}, Unreachable},
		"cut short": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			io.WriteString(w, "x")
		}, Unreachable},
		"hung up": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, Unreachable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw := newDirectory(t, test.answer, advancedName).wants(test.want)
			if len(raw) > keystore.MaxFile {
				t.Errorf("%d bytes", len(raw))
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestLookupTimes lets servers take their time; the client's own time is short.
func TestLookupTimes(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"says nothing": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"stops after a byte": func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "x")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		},
		"a byte now and then": func(w http.ResponseWriter, r *http.Request) {
			tick := time.NewTicker(time.Millisecond)
			defer tick.Stop()
			for r.Context().Err() == nil {
				io.WriteString(w, "x")
				w.(http.Flusher).Flush()
				<-tick.C
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDirectory(t, answer, advancedName)
			d.client.Timeout = 200 * time.Millisecond
			d.wants(Unreachable)
		})
	}
	t.Run("the caller gives up", func(t *testing.T) {
		t.Parallel()
		asked := make(chan struct{})
		d := newDirectory(t, func(_ http.ResponseWriter, r *http.Request) { close(asked); <-r.Context().Done() }, advancedName)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-asked; cancel() }()
		if _, err := d.client.Lookup(ctx, joe); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
}

// TestRedirects follows some, and none that leads out of the rules.
func TestRedirects(t *testing.T) {
	t.Parallel()
	const elsewhere = "keys.example.net"
	for target, want := range map[string]Reason{
		"https://" + elsewhere + "/key":                        "",
		"https://" + elsewhere + ":443/key":                    "",
		"https://" + advancedName + "/key":                     "",
		"/key":                                                 "",
		"http://" + elsewhere + "/key":                         NotAllowed,
		"http://" + advancedName + "/key":                      NotAllowed,
		"https://" + elsewhere + ":8443/key":                   NotAllowed,
		"https://" + elsewhere + ":22/key":                     NotAllowed,
		"https://user:secret@" + elsewhere + "/key":            NotAllowed,
		"https://127.0.0.1/key":                                NotAllowed,
		"https://127.1/key":                                    NotAllowed,
		"https://2130706433/key":                               NotAllowed,
		"https://0x7f000001/key":                               NotAllowed,
		"https://localhost/key":                                NotAllowed,
		"https://169.254.169.254/latest/meta-data/":            NotAllowed,
		"https://[::1]/key":                                    NotAllowed,
		"https://[::ffff:127.0.0.1]/key":                       NotAllowed,
		"https://10.0.0.1/key":                                 NotAllowed,
		"https://loopback.example.net/key":                     NotAllowed,
		"https://metadata.example.net/key":                     NotAllowed,
		"https://mapped.example.net/key":                       NotAllowed,
		"https://private.example.net/key":                      NotAllowed,
		"https://private6.example.net/key":                     NotAllowed,
		"https://nowhere.example.net/key":                      Unreachable,
		"file:///etc/passwd":                                   NotAllowed,
		"gopher://" + elsewhere + "/key":                       NotAllowed,
		"https://" + advancedName + "/again/and/again?to=loop": NotAllowed,
	} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			d := newDirectory(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.Header.Get("Referer") != "":
					t.Errorf("the redirect tells where it comes from: %s", r.Header.Get("Referer"))
				case r.URL.Path == "/key":
					io.WriteString(w, "a certificate")
					return
				}
				w.Header().Set("Set-Cookie", "a=b")
				w.Header().Set("Location", target)
				w.WriteHeader(http.StatusFound)
			}, advancedName, elsewhere)
			for name, address := range map[string]string{
				"loopback.example.net": "127.0.0.2", "metadata.example.net": "169.254.169.254", "mapped.example.net": "::ffff:127.0.0.2",
				"private.example.net": "10.0.0.1", "private6.example.net": "fd00::1", "localhost": "127.0.0.2",
			} {
				d.hosts[name] = []netip.Addr{netip.MustParseAddr(address)}
			}
			d.wants(want)
		})
	}
}

// TestRedirectsAreFew counts them.
func TestRedirectsAreFew(t *testing.T) {
	t.Parallel()
	for hops, want := range map[int]Reason{maxRedirects: "", maxRedirects + 1: NotAllowed} {
		n := 0
		d := newDirectory(t, func(w http.ResponseWriter, r *http.Request) {
			if n == hops {
				io.WriteString(w, "a certificate")
				return
			}
			n++
			http.Redirect(w, r, fmt.Sprintf("/%d", n), http.StatusFound)
		}, advancedName)
		d.wants(want)
	}
}

// TestPrivateNames resolves the directory's own name to places that are not
// public, with the rule that everybody has.
func TestPrivateNames(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"127.0.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "169.254.169.254", "10.0.0.1", "0.0.0.0", "::", "100.64.0.1", "fd00::1", "fe80::1",
	} {
		d := newDirectory(t, says("a certificate"), advancedName)
		d.client.Allow = nil
		d.hosts[advancedName] = []netip.Addr{netip.MustParseAddr(address)}
		d.wants(NotAllowed)
		d.wasAsked()
	}
}

// TestRebinding lets a name change what it resolves to after it was looked at.
func TestRebinding(t *testing.T) {
	t.Parallel()
	d := newDirectory(t, says("a certificate"), advancedName)
	asked := 0
	d.client.Allow = public
	d.client.Resolve = func(context.Context, string) ([]netip.Addr, error) {
		asked++
		if asked == 1 {
			return []netip.Addr{netip.MustParseAddr("1.1.1.1")}, nil
		}
		return []netip.Addr{here}, nil
	}
	d.wants(NotAllowed)
	d.wasAsked()
}

// TestControl is the last word, on the address of the socket.
func TestControl(t *testing.T) {
	t.Parallel()
	c := &Client{}
	for address, want := range map[string]bool{
		"1.1.1.1:443": true, "[2606:4700::1]:443": true, "1.1.1.1:80": false, "127.0.0.1:443": false, "[::1]:443": false,
		"[::ffff:127.0.0.1]:443": false, "[fe80::1%eth0]:443": false, "example.org:443": false, "": false,
	} {
		if err := c.control(t.Context(), "tcp", address, nil); (err == nil) != want {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// TestTriesTheNextAddress skips addresses where nobody is, and those that are not
// allowed.
func TestTriesTheNextAddress(t *testing.T) {
	t.Parallel()
	d := newDirectory(t, says("a certificate"), advancedName)
	silent := netip.MustParseAddr("127.0.0.3") // nobody listens there
	d.client.Allow = func(a netip.Addr) bool { return a == here || a == silent }
	d.hosts[advancedName] = []netip.Addr{netip.MustParseAddr("10.0.0.1"), silent, here}
	d.wants("")
	d.hosts[advancedName] = []netip.Addr{silent}
	d.wants(Unreachable)
}

// TestProxyIsIgnored: a proxy would resolve names where nobody looks.
func TestProxyIsIgnored(t *testing.T) {
	proxy := newDirectory(t, says("from the proxy"))
	t.Setenv("HTTPS_PROXY", proxy.server.URL)
	t.Setenv("https_proxy", proxy.server.URL)
	d := newDirectory(t, says("a certificate"), advancedName)
	if raw := d.wants(""); string(raw) != "a certificate" {
		t.Errorf("got %q", raw)
	}
	proxy.wasAsked()
}

func TestLookupRefusesAddresses(t *testing.T) {
	t.Parallel()
	d := newDirectory(t, says("x"), advancedName)
	for _, address := range []payroll.Address{"", "joe", "joe@localhost", "joe@127.0.0.1"} {
		if _, err := d.client.Lookup(t.Context(), address); !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("%s: %v", address, err)
		}
	}
	d.wasAsked()
}

func TestEveryReasonHasASentence(t *testing.T) {
	t.Parallel()
	for _, reason := range []Reason{NotPublished, Unreachable, Untrusted, NotAllowed, TooLarge, BadAnswer} {
		if reason.Sentence() == "" {
			t.Errorf("%s has no sentence", reason)
		}
	}
}

// BenchmarkLookup asks a directory on this machine, with a TLS handshake each
// time, as no connection is kept.
func BenchmarkLookup(b *testing.B) {
	d := newDirectory(b, says("a certificate"), advancedName)
	for b.Loop() {
		if _, err := d.client.Lookup(b.Context(), joe); err != nil {
			b.Fatal(err)
		}
	}
}
