package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/smtptest"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web/console"
)

// TestEveryNoticeIsShown: every kind, in every language, filled in.
func TestEveryNoticeIsShown(t *testing.T) {
	t.Parallel()
	c := config.Default()
	c.Company.Name, c.Company.Contact = "ACME", "payroll@acme.example"
	show := noticesOf(c)
	english, err := show("en")
	check(t, err)
	if len(english) < 20 {
		t.Errorf("only %d kinds are shown", len(english))
	}
	for _, l := range console.NoticeLanguages {
		texts, err := show(l.Tag)
		if err != nil || len(texts) != len(english) {
			t.Fatalf("%s: %d kinds, %v", l.Tag, len(texts), err)
		}
		for i, n := range texts {
			if n.Subject == "" || n.Text == "" || strings.ContainsAny(n.Subject+n.Text, "{}") || n.Kind != english[i].Kind {
				t.Errorf("%s, %s: %q\n%s", l.Tag, n.Kind, n.Subject, n.Text)
			}
			if l.Tag != "en" && n.Text == english[i].Text {
				t.Errorf("%s, %s: is in English", l.Tag, n.Kind)
			}
		}
	}
}

// TestRelayTestKeepsThePassword: only a confirmed place is given it.
func TestRelayTestKeepsThePassword(t *testing.T) {
	t.Parallel()
	relay, err := smtptest.Serve(smtptest.Options{Username: "payroll", Password: "secret", Transcript: true})
	check(t, err)
	defer relay.Close()
	dir := t.TempDir()
	c := config.Default().Relay
	c.CAFile, c.PasswordFile = filepath.Join(dir, "ca.pem"), filepath.Join(dir, "password")
	check(t, os.WriteFile(c.CAFile, relay.CAPEM(), 0o600))
	check(t, os.WriteFile(c.PasswordFile, []byte("secret"), 0o600))
	place := payroll.RelayPlace{Host: "localhost", Port: relay.Port(), TLS: "starttls", Username: "payroll"}
	test := relayTester(c)
	found, err := test(t.Context(), place, false)
	if err != nil || strings.Contains(found, "login") {
		t.Errorf("%q, %v", found, err)
	}
	if slices.ContainsFunc(relay.Commands(), func(line string) bool { return strings.HasPrefix(strings.ToUpper(line), "AUTH") }) {
		t.Errorf("the password was given away: %q", relay.Commands())
	}
	if found, err = test(t.Context(), place, true); err != nil || !strings.Contains(found, "takes the login") {
		t.Errorf("%q, %v", found, err)
	}
	check(t, relay.Close())
	if _, err := test(t.Context(), place, true); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("a relay that is gone: %v", err)
	}
}
