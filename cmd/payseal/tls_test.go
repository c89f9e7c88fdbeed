package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/payseal/payseal/internal/config"
)

// writePair puts a self-signed certificate with the serial number where the
// configuration says, as written at that minute.
func writePair(t *testing.T, c config.Site, serial int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writeAt(t, c.TLSCertificateFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}), serial)
	writeAt(t, c.TLSKeyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), serial)
}

func writeAt(t *testing.T, path string, content []byte, minute int64) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 1, 0, int(minute), 0, 0, time.UTC)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

func TestKeyPairIsRenewed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := config.Site{TLSCertificateFile: filepath.Join(dir, "chain.pem"), TLSKeyFile: filepath.Join(dir, "key.pem")}
	if _, err := openKeyPair("web", c, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a pair that is not there was opened")
	}
	writePair(t, c, 1)
	pair, err := openKeyPair("web", c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	shown := func(want int64) {
		t.Helper()
		client, server := net.Pipe()
		defer client.Close()
		defer server.Close()
		answered := make(chan error, 1)
		go func() { answered <- tls.Server(server, pair.configuration()).HandshakeContext(t.Context()) }()
		visit := tls.Client(client, &tls.Config{InsecureSkipVerify: true}) // the test looks at the certificate itself
		if err := visit.HandshakeContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := <-answered; err != nil {
			t.Fatal(err)
		}
		if got := visit.ConnectionState().PeerCertificates[0].SerialNumber.Int64(); got != want {
			t.Errorf("certificate %d is shown, want %d", got, want)
		}
	}
	shown(1)
	writePair(t, c, 2)
	shown(2)
	whole, err := os.ReadFile(c.TLSCertificateFile)
	if err != nil {
		t.Fatal(err)
	}
	writeAt(t, c.TLSCertificateFile, whole[:len(whole)/2], 3)
	shown(2) // half a renewal
	writePair(t, c, 4)
	shown(4)
	if err := os.Remove(c.TLSKeyFile); err != nil {
		t.Fatal(err)
	}
	shown(4)
}
