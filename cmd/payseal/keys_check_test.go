package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// aliceFiles writes a certificate and its secret key.
func aliceFiles(t *testing.T) (certificate, secret string) {
	t.Helper()
	dir := t.TempDir()
	entity, err := openpgp.NewEntity("Alice Example", "", "alice@acme.example", &packet.Config{
		Algorithm: packet.PubKeyAlgoEdDSA, Time: func() time.Time { return time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	var public, private bytes.Buffer
	if err := entity.Serialize(&public); err != nil {
		t.Fatal(err)
	}
	if err := entity.SerializePrivate(&private, nil); err != nil {
		t.Fatal(err)
	}
	certificate, secret = filepath.Join(dir, "alice.pgp"), filepath.Join(dir, "secret.pgp")
	for name, content := range map[string][]byte{certificate: public.Bytes(), secret: private.Bytes()} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certificate, secret
}

func TestKeysCheck(t *testing.T) {
	t.Parallel()
	certificate, secret := aliceFiles(t)
	missing := filepath.Join(t.TempDir(), "none")
	tests := []struct {
		name  string
		args  []string
		exit  int
		codes []string // of the lines of --json
	}{
		{"hers", []string{"--email", "alice@acme.example", certificate}, exitYes, []string{"good"}},
		{"nobody's in particular", []string{certificate}, exitYes, []string{"good"}},
		{"not his", []string{"--email", "bob@acme.example", certificate}, exitNo, []string{"address_not_in_certificate"}},
		{"the secret key", []string{certificate, secret}, exitNo, []string{"good", "secret_key"}},
		{"before it was made", []string{"--at", "2024-12-30", certificate}, exitNo, []string{"created_in_future"}},
		{"at a moment", []string{"--at", "2026-10-30T09:00:00+05:30", certificate}, exitYes, []string{"good"}},
		{"one cannot be read", []string{missing, secret, certificate}, exitBroken, []string{"unreadable", "secret_key", "good"}},
		{"a directory", []string{filepath.Dir(missing)}, exitBroken, []string{"unreadable"}},
		{"no file", nil, exitUsage, nil},
		{"no address", []string{"--email", "alice", certificate}, exitUsage, nil},
		{"no time", []string{"--at", "yesterday", certificate}, exitUsage, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			exit := run(context.Background(), append([]string{"keys", "check", "--json"}, test.args...), &stdout, &stderr)
			if exit != test.exit {
				t.Errorf("exit %d, want %d: %s", exit, test.exit, stderr.String())
			}
			var codes []string
			for line := range strings.Lines(stdout.String()) {
				var got struct{ File, Code string }
				if err := json.Unmarshal([]byte(line), &got); err != nil || got.File == "" {
					t.Fatalf("%q: %v", line, err)
				}
				codes = append(codes, got.Code)
			}
			if strings.Join(codes, " ") != strings.Join(test.codes, " ") {
				t.Errorf("codes %v, want %v", codes, test.codes)
			}
		})
	}
}

func TestKeysCheckForPeople(t *testing.T) {
	t.Parallel()
	certificate, _ := aliceFiles(t)
	var stdout, stderr bytes.Buffer
	if exit := run(context.Background(), []string{"keys", "check", certificate}, &stdout, &stderr); exit != exitYes {
		t.Fatalf("exit %d: %s", exit, stderr.String())
	}
	for _, want := range []string{": accept\n", "fingerprint", "user ID      Alice Example <alice@acme.example>", "Ed25519, ECDH Curve25519", "encrypts to", "expires      never"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("%q is not in:\n%s", want, stdout.String())
		}
	}
}

// A file's name may hold what a terminal obeys.
func TestKeysCheckEscapesNames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	evil := filepath.Join(dir, "a\x1b[2Jb\u202ec\nd\xff")
	if err := os.WriteFile(evil, nil, 0o600); err != nil {
		t.Skip("this file system has no such names:", err)
	}
	for _, args := range [][]string{{evil}, {evil + ".none"}, {evil + ".none", evil + ".none"}, {"--json", evil, evil + ".none"}} {
		var stdout, stderr bytes.Buffer
		run(context.Background(), append([]string{"keys", "check"}, args...), &stdout, &stderr)
		said := stdout.String() + strings.ReplaceAll(stderr.String(), "c\nd", "c\\nd")
		if strings.ContainsAny(said, "\x1b\u202e") && args[0] != "--json" || strings.Contains(said, "\x1b") || strings.Contains(said, "c\nd") {
			t.Errorf("%q prints %q", args, said)
		}
		if args[0] == evil && !strings.Contains(said, `a\x1b[2Jb\u202ec\nd\xff: refuse`) {
			t.Errorf("%q prints %q", args, said)
		}
	}
}
