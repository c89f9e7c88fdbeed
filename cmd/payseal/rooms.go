package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"runtime"
	"time"

	"github.com/google/uuid"

	"github.com/payseal/payseal/dispatch"
	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/mailer"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter"
)

// This file opens each room with what the configuration says of it.

// withVault is withStore with the vault unlocked, by the key with which the
// database has been used.
func (a *app) withVault(ctx context.Context, f func(store *postgres.Store, c config.Config) error) error {
	return a.withStore(ctx, func(store *postgres.Store, c config.Config) error {
		vault, err := openVault(c.Vault)
		if err != nil {
			return err
		}
		store.Unlock(vault)
		if err := store.KnowVault(ctx); err != nil {
			return err
		}
		return f(store, c)
	})
}

func openVault(c config.Vault) (*keystore.MasterKey, error) {
	secret, err := config.ReadSecret("vault_master_key", c.MasterKeyFile)
	if err != nil {
		return nil, fmt.Errorf("open the vault: %w", err)
	}
	return keystore.OpenMasterKey(secret)
}

// openSigner unlocks the company's key.
func openSigner(c config.Signer) (*keystore.Signer, error) {
	passphrase, err := config.ReadSecret("signer_passphrase", c.PassphraseFile)
	if err != nil {
		return nil, fmt.Errorf("open the signing key: %w", err)
	}
	key, _, err := signerKey(c)
	if err != nil {
		return nil, fmt.Errorf("open the signing key: %w", err)
	}
	return keystore.OpenSigner(bytes.NewReader(key), passphrase)
}

// certifiersOf are the company's certificates that may vouch for employees'
// certificates; none where policy asks for no certification.
func certifiersOf(c config.Policy, signer *keystore.Signer) []keystore.Certificate {
	if payroll.Step(c.RequiredStep) != payroll.StepCertified {
		return nil
	}
	return signer.Certifiers()
}

// openLetterhead draws the company's letterhead. It needs the signing key's
// fingerprint, but not its passphrase; where two people confirmed one, that is it.
func openLetterhead(c inForce) (*letter.Letterhead, error) {
	key, _, err := signerKey(c.Signer)
	if err != nil {
		return nil, fmt.Errorf("open the signing key: %w", err)
	}
	certificate, err := keystore.SignerCertificate(key)
	if err != nil {
		return nil, err
	}
	fingerprint := certificate.Fingerprint()
	if c.sender.Fingerprint != "" {
		fingerprint = c.sender.Fingerprint
	}
	return letterheadOf(c.Company, letter.CompanyOf(letterheadSettings(c.Company), c.logo, fingerprint))
}

// openBlankLetterhead is enough to see whether there is a font for every letter
// of a slip; it needs no key and no company.
func openBlankLetterhead(c config.Company) (*letter.Letterhead, error) {
	blank := letterheadSettings(c)
	return letterheadOf(c, letter.CompanyOf(payroll.Letterhead{Name: "blank", Language: blank.Language, Fields: blank.Fields}, nil, ""))
}

func letterheadOf(c config.Company, company letter.Company) (*letter.Letterhead, error) {
	fonts, err := letter.LoadFonts(fontDirs(c.Fonts)...)
	if err != nil {
		return nil, fmt.Errorf("load fonts: %w", err)
	}
	return letter.NewLetterhead(company, fonts)
}

func fontDirs(paths []string) []fs.FS {
	var dirs []fs.FS
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			dirs = append(dirs, os.DirFS(path))
		}
	}
	return dirs
}

// relayOf is the relay as the configuration describes it, with its secrets read.
func relayOf(c config.Relay) (mailer.Relay, error) {
	relay := mailer.Relay{
		Host: c.Host, Port: c.Port, TLS: mailer.TLSMode(c.TLS), HelloName: c.HelloName, Username: c.Username,
		Connections: c.Connections, MessagesPerConnection: c.MessagesPerConnection,
	}
	if c.CAFile != "" {
		authorities, err := os.ReadFile(c.CAFile)
		if err != nil {
			return relay, fmt.Errorf("read relay.ca_file: %w", err)
		}
		relay.RootCAs = x509.NewCertPool()
		if !relay.RootCAs.AppendCertsFromPEM(authorities) {
			return relay, errors.New("relay.ca_file holds no PEM certificate")
		}
	}
	if c.Username != "" {
		password, err := config.ReadSecret("relay_password", c.PasswordFile)
		if err != nil {
			return relay, fmt.Errorf("open the relay: %w", err)
		}
		relay.Password = string(password)
	}
	return relay, nil
}

// openConveyor brings the rooms into one line.
func openConveyor(c inForce, store *postgres.Store, ledger *postgres.Ledger, log *slog.Logger, metrics *dispatch.Metrics) (*dispatch.Conveyor, error) {
	signer, err := openSigner(c.Signer)
	if err != nil {
		return nil, err
	}
	if err := c.mayUse(signer); err != nil {
		return nil, err
	}
	vault, err := openVault(c.Vault)
	if err != nil {
		return nil, err
	}
	letterhead, err := openLetterhead(c)
	if err != nil {
		return nil, err
	}
	sender, err := senderOf(c.Config, signer)
	if err != nil {
		return nil, err
	}
	freeze, err := freezeOf(c.Config)
	if err != nil {
		return nil, err
	}
	grace := time.Duration(c.Delivery.ShutdownGrace)
	relay, err := relayOf(c.Relay)
	if err != nil {
		return nil, err
	}
	relay.Grace = grace
	pool, err := mailer.NewPool(relay)
	if err != nil {
		return nil, err
	}
	pace, err := mailer.NewPace(store, c.Relay.Host, c.Relay.RatePerSecond, c.Relay.DomainRates)
	if err != nil {
		return nil, err
	}
	return &dispatch.Conveyor{
		Worker: payroll.WorkerID(uuid.NewString()), Book: store, Ledger: ledger, Letterhead: letterhead, Signer: signer,
		Vault: vault, Certifiers: certifiersOf(c.Policy, signer),
		Relay: pool, Pace: pace, Sender: sender, Retry: retryOf(c.Delivery),
		Freeze: freeze, Bundle: c.Delivery.Bundle,
		Lanes: 2*c.Relay.Connections + runtime.GOMAXPROCS(0), Grace: grace,
		Now: time.Now, Metrics: metrics, Log: log,
	}, nil
}

func retryOf(c config.Delivery) payroll.Retry {
	return payroll.Retry{
		First: time.Duration(c.FirstDelay), Max: time.Duration(c.MaxDelay),
		ResendUnsure: c.Unsure == "resend", UnsureDelay: time.Duration(c.UnsureDelay),
	}
}

// senderOf fills what the configuration leaves open from the signing key: its
// user ID is the From address.
func senderOf(c config.Config, signer *keystore.Signer) (dispatch.Sender, error) {
	zone, err := time.LoadLocation(c.Company.Zone)
	if err != nil {
		return dispatch.Sender{}, fmt.Errorf("company.zone: %w", err)
	}
	sender := dispatch.Sender{
		Subject: c.Mail.Subject, BounceAddress: payroll.Address(c.Mail.BounceAddress),
		MessageIDDomain: c.Mail.MessageIDDomain, Zone: zone, Structure: keystore.Structure(c.Mail.Structure),
		Archive: c.Signer.Archive, Company: c.Company.Name, Contact: c.Company.Contact, Origin: c.Web.Origin,
		Language: c.Company.Language, SilentHolds: !c.Mail.HoldNotices,
	}
	if sender.Subject == "" {
		sender.Subject = "Encrypted message from " + signer.Name()
	}
	if sender.BounceAddress == "" {
		sender.BounceAddress = signer.Address()
	}
	if sender.MessageIDDomain == "" {
		sender.MessageIDDomain = signer.Address().Domain()
	}
	if signer.Name() == "" {
		return sender, errors.New("the signing key's user ID has no name; it must be like \"ACME Payroll <payroll@acme.example>\"")
	}
	return sender, nil
}
