package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/payseal/payseal/internal/config"
)

// keyPair is the TLS certificate of the form or of the console, and its key. The
// systemd credentials NAME_tls_certificate and NAME_tls_key come before the
// files. A renewed one is taken up with the next
// handshake; if it cannot be read, the one before goes on.
type keyPair struct {
	name    string // "web" or "console", as in the configuration
	site    config.Site
	log     *slog.Logger
	mutex   sync.Mutex
	changed [2]time.Time // when the files were written that were read last
	current *tls.Certificate
}

// openKeyPair reads the pair for the first time; there must be a good one.
func openKeyPair(name string, c config.Site, log *slog.Logger) (*keyPair, error) {
	pair := &keyPair{name: name, site: c, log: log, changed: writtenAt(c)}
	var err error
	pair.current, err = readKeyPair(name, c)
	return pair, err
}

// configuration is TLS 1.2 or newer, with the pair of the moment.
func (k *keyPair) configuration() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: k.certificate, NextProtos: []string{"h2", "http/1.1"}}
}

// certificate looks at the files' times with each handshake. Of a renewal that is
// half written the other half changes later, and then both are read again.
func (k *keyPair) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	changed := writtenAt(k.site)
	if changed == k.changed {
		return k.current, nil
	}
	k.changed = changed
	renewed, err := readKeyPair(k.name, k.site)
	if err != nil {
		k.log.Warn("the renewed TLS certificate cannot be used; the one before goes on", "error", err)
		return k.current, nil
	}
	k.current = renewed
	k.log.Info("TLS certificate renewed", "until", renewed.Leaf.NotAfter)
	return k.current, nil
}

// writtenAt are the times of the two files; zero for one that is not there.
func writtenAt(c config.Site) (changed [2]time.Time) {
	for i, path := range []string{c.TLSCertificateFile, c.TLSKeyFile} {
		if info, err := os.Stat(path); err == nil {
			changed[i] = info.ModTime()
		}
	}
	return changed
}

// readKeyPair reads the systemd credentials, else the configured files.
func readKeyPair(name string, c config.Site) (*tls.Certificate, error) {
	certificate, path, err := config.Credential(name + "_tls_certificate")
	if err != nil {
		return nil, err
	}
	if path == "" {
		if certificate, err = os.ReadFile(c.TLSCertificateFile); err != nil {
			return nil, fmt.Errorf("read %s.tls_certificate_file: %w", name, err)
		}
	}
	key, err := config.ReadSecret(name+"_tls_key", c.TLSKeyFile)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, fmt.Errorf("read the TLS certificate and its key: %w", err)
	}
	return &pair, nil
}
