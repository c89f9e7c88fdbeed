package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// Secret is a value that must not be seen: however it is printed, logged or
// encoded, it shows as dots. Only a conversion to []byte gives it away, and fmt
// where it prints another struct's unexported field: keep it out of those.
type Secret []byte

const dots = "••••••"

// String is always dots.
func (Secret) String() string { return dots }

// GoString is always dots.
func (Secret) GoString() string { return dots }

// Format prints dots for every verb, also for %d and %x.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, dots) }

// MarshalText is always dots; encoders of JSON, TOML and XML call it.
func (Secret) MarshalText() ([]byte, error) { return []byte(dots), nil }

// MarshalBinary refuses, so that no binary encoder carries the bytes.
func (Secret) MarshalBinary() ([]byte, error) { return nil, errors.New("a secret is not encoded") }

// LogValue is always dots.
func (Secret) LogValue() slog.Value { return slog.StringValue(dots) }

// largestSecret bounds a secret's file: a key file of a vault is far below it.
const largestSecret = 1 << 20

// ReadSecret finds the secret called name, such as "relay_password": in the
// environment as PAYSEAL_RELAY_PASSWORD, else in the systemd credential of that
// name, else in file. One line end at its end is dropped. No secret at all, or
// an empty one, is an error that names the three places.
func ReadSecret(name, file string) (Secret, error) {
	variable := "PAYSEAL_" + strings.ToUpper(name)
	if value, set := os.LookupEnv(variable); set {
		return nonEmpty(name, variable, []byte(value))
	}
	content, path, err := Credential(name)
	if err != nil {
		return nil, err
	}
	if path != "" {
		return nonEmpty(name, "its systemd credential", content)
	}
	if file == "" {
		return nil, fmt.Errorf("no %s: set %s, a systemd credential called %s, or its file in the configuration", name, variable, name)
	}
	if content, err = readSecretFile(file); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return nonEmpty(name, file, content)
}

// Credential reads the systemd credential called name, as it is, and says where
// it is. Without one the path is "" and there is no error.
func Credential(name string) (content Secret, path string, err error) {
	dir := os.Getenv("CREDENTIALS_DIRECTORY")
	if dir == "" {
		return nil, "", nil
	}
	path = filepath.Join(dir, name)
	content, err = readSecretFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("read the systemd credential %s: %w", name, err)
	}
	return content, path, nil
}

func readSecretFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err // the caller says which secret
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, largestSecret+1))
	if err != nil {
		return nil, err // the caller says which secret
	}
	if len(content) > largestSecret {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, largestSecret)
	}
	return content, nil
}

func nonEmpty(name, place string, content []byte) (Secret, error) {
	content = bytes.TrimSuffix(content, []byte("\n"))
	content = bytes.TrimSuffix(content, []byte("\r"))
	if len(content) == 0 {
		return nil, fmt.Errorf("the %s in %s is empty", name, place)
	}
	return content, nil
}
