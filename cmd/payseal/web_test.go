package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/pglocal/pgtest"
	"github.com/payseal/payseal/internal/postgres"
)

const formHost = "pay.acme.example"

// webConfig is a company with a key of its own, whose form speaks TLS on a free
// port.
func webConfig(t *testing.T) config.Config {
	t.Helper()
	dir := t.TempDir()
	passphrase := filepath.Join(dir, "passphrase")
	if err := os.WriteFile(passphrase, []byte("correct horse battery\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	signer := filepath.Join(dir, "signer.asc")
	exitsWith(t, exitYes, "signer", "init", "--user-id", "ACME Payroll <payroll@acme.example>", "--passphrase-file", passphrase, "--out", signer)
	c := config.Default()
	c.Company.Name = "ACME"
	c.Signer.File = signer
	c.Web.Origin, c.Web.Listen = "https://"+formHost, "localhost:0"
	c.Web.TLSCertificateFile, c.Web.TLSKeyFile = filepath.Join(dir, "chain.pem"), filepath.Join(dir, "key.pem")
	writePair(t, c.Web.Site, 1)
	return c
}

// TestWebServes visits the form over TLS as the command serves it, and stops it
// while a request is under way.
func TestWebServes(t *testing.T) {
	t.Parallel()
	c := webConfig(t)
	store, err := postgres.Open(t.Context(), pgtest.New(t, migrated), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	f, err := openForm(t.Context(), c, store, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	served := make(chan error, 1)
	go func() { served <- f.serve(ctx) }()

	visit := func(path string) int {
		t.Helper()
		line := dialForm(t, f, c)
		fmt.Fprintf(line, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", path, formHost)
		return answerOf(t, bufio.NewReader(line))
	}
	for path, status := range map[string]int{"/healthz": http.StatusOK, "/en/": http.StatusOK, "/de/": http.StatusOK, "/en/nothing": http.StatusNotFound} {
		if got := visit(path); got != status {
			t.Errorf("%s: %d, want %d", path, got, status)
		}
	}

	// Half of a request is there when the signal comes; the other half is still
	// taken, and then nobody answers any more.
	form := "email=ada%40acme.example"
	slow := dialForm(t, f, c)
	fmt.Fprintf(slow, "POST /en/link HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n", formHost, len(form))
	fmt.Fprintf(slow, "Expect: 100-continue\r\n\r\n")
	answers := bufio.NewReader(slow)
	if got := answerOf(t, answers); got != http.StatusContinue {
		t.Fatalf("the handler does not wait for the body: %d", got)
	}
	stop()
	for {
		line, err := net.Dial("tcp", f.listener.Addr().String())
		if err != nil {
			break
		}
		line.Close()
	}
	fmt.Fprint(slow, form)
	if got := answerOf(t, answers); got >= http.StatusBadRequest {
		t.Errorf("a request that was under way: %d", got)
	}
	if err := <-served; err != nil {
		t.Errorf("after the signal: %v", err)
	}
}

func dialForm(t *testing.T, f *livingSite, c config.Config) *tls.Conn {
	t.Helper()
	roots := x509.NewCertPool()
	chain, err := os.ReadFile(c.Web.TLSCertificateFile)
	if err != nil || !roots.AppendCertsFromPEM(chain) {
		t.Fatal("the test's certificate cannot be read")
	}
	line, err := tls.Dial("tcp", f.listener.Addr().String(), &tls.Config{RootCAs: roots, ServerName: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { line.Close() })
	return line
}

// answerOf reads one answer to its end and says its status.
func answerOf(t *testing.T, line *bufio.Reader) int {
	t.Helper()
	answer, err := http.ReadResponse(line, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode
}

func TestWebRefusesToStart(t *testing.T) {
	t.Parallel()
	good := webConfig(t)
	taken, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for name, test := range map[string]struct {
		spoil func(c *config.Config)
		want  string
	}{
		"without an origin":        {func(c *config.Config) { c.Web.Origin = "" }, "set web.origin in the configuration"},
		"without a certificate":    {func(c *config.Config) { c.Signer.File = "nowhere.asc" }, "web.company_certificate_file"},
		"with a wrong certificate": {func(c *config.Config) { c.Web.CompanyCertificateFile = c.Web.TLSKeyFile }, "company certificate"},
		"without its TLS key":      {func(c *config.Config) { c.Web.TLSKeyFile = "nowhere.pem" }, "web_tls_key"},
		"where somebody listens":   {func(c *config.Config) { c.Web.Listen = taken.Addr().String() }, "web.listen"},
	} {
		c := good
		test.spoil(&c)
		f, err := openForm(t.Context(), c, nil, slog.New(slog.DiscardHandler))
		if err == nil {
			f.listener.Close()
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}
