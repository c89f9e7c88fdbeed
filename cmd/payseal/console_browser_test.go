package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/payseal/payseal/internal/browsertest"
	"github.com/payseal/payseal/internal/pglocal/pgtest"
)

// TestFirstAdminComesIn goes from an empty folder to the console's first page: the
// commands of the runbook, the one-time link, a passkey, Home.
func TestFirstAdminComesIn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	free, err := net.Listen("tcp", "localhost:0")
	check(t, err)
	port := free.Addr().(*net.TCPAddr).Port
	check(t, free.Close())
	origin := fmt.Sprintf("http://localhost:%d", port)
	for name, content := range map[string]string{
		"database.url": pgtest.New(t, migrated), "passphrase": "a long passphrase of the company",
		"payseal.toml": fmt.Sprintf("[company]\nname = \"ACME\"\n[database]\nurl_file = \"database.url\"\n[signer]\npassphrase_file = \"passphrase\"\n"+
			"[console]\norigin = %q\nlisten = \"localhost:%d\"\n[worker]\nlisten = \"\"\n", origin, port),
	} {
		check(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	payseal := func(ctx context.Context, out io.Writer, args ...string) int {
		return run(ctx, append([]string{"--config", filepath.Join(dir, "payseal.toml")}, args...), out, t.Output())
	}
	var said bytes.Buffer
	for _, args := range [][]string{
		{"vault", "init"}, {"signer", "init", "--user-id", "ACME Payroll <payroll@acme.example>"}, {"migrate", "up"}, {"admins", "add", "cem", "--role", "operator"},
	} {
		if code := payseal(t.Context(), &said, args...); code != exitYes {
			t.Fatalf("payseal %v: exit %d\n%s", args, code, said.String())
		}
	}
	link := regexp.MustCompile(regexp.QuoteMeta(origin) + `/\S+`).FindString(said.String())
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	go func() { ended <- payseal(ctx, io.Discard, "console") }()
	t.Cleanup(func() {
		stop()
		if code := <-ended; code != exitYes {
			t.Errorf("payseal console ended with %d", code)
		}
	})
	awaitPage(t, origin+"/healthz")
	tab := browsertest.Start(t)
	tab.Authenticator()
	tab.Open(link)
	tab.Click("main button")
	tab.Click(".passkey button")
	tab.See("h1", "Your account")
	tab.Open(origin + "/")
	tab.See("header", "cem")
	tab.Axe()
	tab.Pictures("console-first-home")
	tab.Open(origin + "/settings")
	tab.See("main", "payroll@acme.example")
}

// awaitPage waits until a page answers.
func awaitPage(t *testing.T, address string) {
	t.Helper()
	deadline := time.After(time.Minute)
	for {
		answer, err := http.Get(address) //nolint:noctx // our own
		if err == nil {
			_ = answer.Body.Close()
			return
		}
		select {
		case <-deadline:
			t.Fatal(err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
