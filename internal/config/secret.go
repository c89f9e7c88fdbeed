package config

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// Secret is a value that must not be seen: it prints as dots.
type Secret []byte

// String is always dots.
func (Secret) String() string { return "••••••" }

// GoString is always dots.
func (Secret) GoString() string { return "••••••" }

// MarshalText is always dots.
func (Secret) MarshalText() ([]byte, error) { return []byte("••••••"), nil }

// ReadSecret finds the secret called name, such as "relay_password": in the
// environment as PAYSEAL_RELAY_PASSWORD, else in the systemd credential of that
// name, else in file. One line end at its end is dropped. No secret at all is
// an error that names the three places.
func ReadSecret(name, file string) (Secret, error) {
	variable := "PAYSEAL_" + string(bytes.ToUpper([]byte(name)))
	if value, set := os.LookupEnv(variable); set {
		return Secret(value), nil
	}
	if dir := os.Getenv("CREDENTIALS_DIRECTORY"); dir != "" {
		if content, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
			return trimLine(content), nil
		}
	}
	if file == "" {
		return nil, fmt.Errorf("no %s: set %s, a systemd credential called %s, or its file in the configuration", name, variable, name)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return trimLine(content), nil
}

func trimLine(content []byte) Secret {
	content = bytes.TrimSuffix(content, []byte("\n"))
	return bytes.TrimSuffix(content, []byte("\r"))
}
