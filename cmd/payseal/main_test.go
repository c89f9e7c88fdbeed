package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/payseal/payseal/internal/browsertest"
	"github.com/payseal/payseal/internal/pglocal/pgtest"
)

// TestMain lets the scripts run this program under its name.
func TestMain(m *testing.M) {
	testscript.Main(withPostgres{m}, map[string]func(){"payseal": main})
}

// withPostgres ends the tests' Postgres and Chromium, if there were any, after
// the tests.
type withPostgres struct{ m *testing.M }

// Run runs the tests.
func (w withPostgres) Run() int { return pgtest.Run(browsertest.Around(w.m)) }

// TestScripts runs one operator's story for each file in testdata/script. They
// use the real gpg in a home of their own.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:   "testdata/script",
		Setup: setUpStory,
		Cmds:  map[string]func(*testscript.TestScript, bool, []string){"damage": damage, "exits": exits, "mode": mode},
	})
}

// setUpStory gives gpg a home with a short path: its agent's socket allows 107
// bytes.
func setUpStory(env *testscript.Env) error {
	home, err := os.MkdirTemp("", "pg")
	if err != nil {
		return err
	}
	env.Defer(func() {
		kill := exec.Command("gpgconf", "--kill", "all")
		kill.Env = append(os.Environ(), "GNUPGHOME="+home)
		_ = kill.Run() // no agent was started, or it ends with its home
		os.RemoveAll(home)
	})
	// The agent would measure for a second how slow a passphrase may be.
	if err := os.WriteFile(filepath.Join(home, "gpg-agent.conf"), []byte("s2k-count 65536\n"), 0o600); err != nil {
		return err
	}
	env.Setenv("GNUPGHOME", home)
	env.Setenv("LC_ALL", "C.UTF-8")
	return nil
}

// damage changes one letter in the middle of a file's copy: damage IN OUT.
func damage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: damage IN OUT")
	}
	content := bytes.ReplaceAll([]byte(ts.ReadFile(args[0])), []byte("\r"), nil)
	middle := &content[len(content)/2]
	if *middle == '\n' {
		middle = &content[len(content)/2+1]
	}
	if *middle == 'A' {
		*middle = 'B'
	} else {
		*middle = 'A'
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), content, 0o600))
}

// mode checks a file's permissions: mode 600 FILE.
func mode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode OCTAL FILE")
	}
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := info.Mode().Perm().String(); got != permissions(args[0]) {
		ts.Fatalf("%s has the mode %s", args[1], got)
	}
}

func permissions(octal string) string {
	var bits os.FileMode
	for _, digit := range octal {
		bits = bits<<3 | os.FileMode(digit-'0')
	}
	return bits.String()
}
