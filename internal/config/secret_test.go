package config

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
)

func TestSecretNeverShows(t *testing.T) {
	t.Parallel()
	type holder struct {
		Password Secret
		Pointer  *Secret
	}
	secret := Secret("open-sesame")
	h := holder{Password: secret, Pointer: &secret}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%o", "%b", "%c", "%U", "%T!"} {
		fmt.Fprintf(&out, verb+"\n", secret)
		fmt.Fprintf(&out, verb+"\n", &secret)
		fmt.Fprintf(&out, verb+"\n", h)
		fmt.Fprintf(&out, verb+"\n", []Secret{secret})
		fmt.Fprintf(&out, verb+"\n", map[string]Secret{"k": secret})
	}
	fmt.Fprintln(&out, fmt.Errorf("wrapped %v", secret))
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("said", "secret", secret, "pointer", &secret, "holder", h)
	}
	for name, marshal := range map[string]func(any) ([]byte, error){"json": json.Marshal, "xml": xml.Marshal, "toml": toml.Marshal} {
		encoded, err := marshal(h)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		out.Write(encoded)
	}
	if gob.NewEncoder(&out).Encode(holder{Password: secret}) == nil {
		t.Error("gob encodes a secret")
	}
	text := strings.ToLower(out.String())
	for _, form := range []string{"open-sesame", "sesame", "6f70656e", "111 112 101 110", "b3blbi1z" /* base64 */, "0157 0160", "u+006f"} {
		if strings.Contains(text, form) {
			t.Errorf("the secret shows as %q in:\n%s", form, out.String())
		}
	}
	if !strings.Contains(text, dots) {
		t.Error("no dots were printed, so this test looked at nothing")
	}
}

func TestReadSecret(t *testing.T) {
	credentials := t.TempDir()
	file := filepath.Join(t.TempDir(), "relay.password")
	write := func(path, content string) {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	read := func(want string) {
		t.Helper()
		got, err := ReadSecret("relay_password", file)
		if err != nil || string(got) != want {
			t.Errorf("read %q, %v, want %q", []byte(got), err, want)
		}
	}
	write(file, "from the file \r\n")
	read("from the file ")
	t.Setenv("CREDENTIALS_DIRECTORY", credentials)
	read("from the file ") // the credential is not there
	if content, path, err := Credential("relay_password"); content != nil || path != "" || err != nil {
		t.Errorf("no credential is %q at %q, %v", []byte(content), path, err)
	}
	write(filepath.Join(credentials, "relay_password"), "from the credential\n\n")
	read("from the credential\n") // one line end is not part of it
	content, path, err := Credential("relay_password")
	if string(content) != "from the credential\n\n" || path != filepath.Join(credentials, "relay_password") || err != nil {
		t.Errorf("the credential is %q at %q, %v", []byte(content), path, err)
	}
	if err := os.Mkdir(filepath.Join(credentials, "unreadable"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, path, err := Credential("unreadable"); path != "" || err == nil {
		t.Errorf("a credential that cannot be read is at %q, %v", path, err)
	}
	t.Setenv("PAYSEAL_RELAY_PASSWORD", "from the environment")
	read("from the environment")
}

func TestReadSecretRefuses(t *testing.T) {
	dir := t.TempDir()
	empty, huge := filepath.Join(dir, "empty"), filepath.Join(dir, "huge")
	if err := os.WriteFile(empty, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(huge, bytes.Repeat([]byte("x"), largestSecret+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"":                           "PAYSEAL_SOME_SECRET",
		empty:                        "is empty",
		huge:                         "larger than",
		filepath.Join(dir, "absent"): "no such file",
		dir:                          "is a directory",
	} {
		if got, err := ReadSecret("some_secret", path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gave %v, %v, want an error with %q", path, got, err, want)
		}
	}
	t.Setenv("PAYSEAL_SOME_SECRET", "")
	if _, err := ReadSecret("some_secret", ""); err == nil || !strings.Contains(err.Error(), "is empty") {
		t.Errorf("an empty variable gave %v", err)
	}
}
