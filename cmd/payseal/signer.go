package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

func newSigner(a *app) *cobra.Command {
	return group("signer", "Make, show and change the company's signing key",
		newSignerInit(a), newSignerShow(a), newSignerExport(a), newSignerRotate(a), newSignerImport(a))
}

// signerFlags say where the company's key and its passphrase are.
type signerFlags struct {
	file, passphraseFile string

	cmd *cobra.Command // that has the flags
}

func (f *signerFlags) add(cmd *cobra.Command) {
	f.addFile(cmd)
	f.addPassphrase(cmd, "file with the key's passphrase (default: PAYSEAL_SIGNER_PASSPHRASE, the systemd credential signer_passphrase, or the configuration)")
}

func (f *signerFlags) addPassphrase(cmd *cobra.Command, meaning string) {
	f.cmd = cmd
	cmd.Flags().StringVar(&f.passphraseFile, "passphrase-file", "", meaning)
}

func (f *signerFlags) addFile(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.file, "signer", "", "file of the signing key (default: the systemd credential signer, or as configured)")
}

// path is where the key is, or where a new one goes. The configuration is read
// only if the command line leaves it open.
func (f *signerFlags) path(a *app) (string, error) {
	if f.file != "" {
		return f.file, nil
	}
	c, err := a.config()
	return c.Signer.File, err
}

// key reads the locked key and says where it was: the file that the command line
// names, else what signerKey finds.
func (f *signerFlags) key(a *app) (content []byte, path string, err error) {
	if f.file != "" {
		content, err = keystore.ReadSecretFile(f.file)
		return content, f.file, err
	}
	c, err := a.config()
	if err != nil {
		return nil, "", err
	}
	return signerKey(c.Signer)
}

// passphrase is the key's: of the file that the command line names, or as
// configured.
func (f *signerFlags) passphrase(a *app) (config.Secret, error) {
	if f.passphraseFile != "" {
		return readPassphrase(f.cmd, f.passphraseFile, "")
	}
	c, err := a.config()
	if err != nil {
		return nil, err
	}
	return readPassphrase(f.cmd, "", c.Signer.PassphraseFile)
}

// open unlocks the company's key.
func (f *signerFlags) open(a *app) (*keystore.Signer, error) {
	content, _, err := f.key(a)
	if err != nil {
		return nil, fmt.Errorf("open signing key: %w", err)
	}
	passphrase, err := f.passphrase(a)
	if err != nil {
		return nil, err
	}
	return keystore.OpenSigner(bytes.NewReader(content), passphrase)
}

// readPassphrase reads the file that the command line names; only if it names
// none, the environment, the credential or the configured file are asked. A file
// that others may read is read all the same, with a warning.
func readPassphrase(cmd *cobra.Command, named, configured string) (config.Secret, error) {
	if named == "" {
		return config.ReadSecret("signer_passphrase", configured)
	}
	content, err := os.ReadFile(named)
	if err != nil {
		return nil, fmt.Errorf("read passphrase: %w", err)
	}
	passphrase := bytes.TrimSuffix(bytes.TrimSuffix(content, []byte("\n")), []byte("\r"))
	if len(passphrase) == 0 {
		return nil, fmt.Errorf("read passphrase: %w: %s is empty", payroll.ErrInvalid, named)
	}
	if info, err := os.Stat(named); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
		cmd.PrintErrf("payseal: warning: others may read the passphrase in %s (mode %04o); chmod 600 it\n",
			escaped(named, ""), info.Mode().Perm())
	}
	return passphrase, nil
}

// keyFlags describe a new key.
type keyFlags struct{ algorithm, stretch, expires string }

func (f *keyFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.algorithm, "algorithm", "ed25519", "ed25519, rsa3072 or rsa4096; RSA signs some hundred times slower")
	f.addStretch(cmd)
	cmd.Flags().StringVar(&f.expires, "expires", "3y", "how long the key is valid, such as 3y, 18m or 90d, or never")
}

func (f *keyFlags) addStretch(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.stretch, "s2k", "iterated", "how the passphrase is stretched: iterated (gpg reads it) or argon2")
}

func (f *keyFlags) options(userID string, now time.Time) (keystore.SignerOptions, error) {
	lifetime, err := parseLifetime(f.expires, now)
	if err != nil {
		return keystore.SignerOptions{}, usageError{err}
	}
	return keystore.SignerOptions{
		UserID: userID, Algorithm: keystore.Algorithm(f.algorithm), S2K: keystore.S2K(f.stretch),
		Lifetime: lifetime, At: now,
	}, nil
}

// parseLifetime reads 3y, 18m, 12w, 90d or never, in calendar units from now.
func parseLifetime(text string, now time.Time) (time.Duration, error) {
	wrong := fmt.Errorf("write --expires as 3y, 18m, 12w, 90d or never")
	if text == "never" {
		return 0, nil
	}
	if len(text) < 2 {
		return 0, wrong
	}
	n, err := strconv.Atoi(text[:len(text)-1])
	if err != nil || n <= 0 || n > 40000 {
		return 0, wrong
	}
	var until time.Time
	switch text[len(text)-1] {
	case 'y':
		until = now.AddDate(n, 0, 0)
	case 'm':
		until = now.AddDate(0, n, 0)
	case 'w':
		until = now.AddDate(0, 0, 7*n)
	case 'd':
		until = now.AddDate(0, 0, n)
	default:
		return 0, wrong
	}
	if until.After(now.AddDate(100, 0, 0)) {
		return 0, fmt.Errorf("a key lives for 100 years at most; use never")
	}
	return until.Sub(now), nil
}

// signerAnswer is what init, show, rotate and import print.
type signerAnswer struct {
	File string `json:"file"`
	keystore.SignerInfo
	Kept string `json:"kept,omitempty"` // where rotate put the old key
}

func (a *app) describe(cmd *cobra.Command, file, kept string, content []byte, next string) error {
	info, err := keystore.DescribeSigner(content, time.Now())
	if err != nil {
		return err
	}
	answer := signerAnswer{file, info, kept}
	if a.json {
		return printJSON(cmd.OutOrStdout(), answer)
	}
	return printText(cmd.OutOrStdout(), answer.text()+next)
}

func (s signerAnswer) text() string {
	var b strings.Builder
	line := func(label, text string) { fmt.Fprintf(&b, "%-13s %s\n", label, text) }
	line("file", s.File)
	if s.Kept != "" {
		line("old key", s.Kept)
	}
	line("user ID", s.UserID)
	line("fingerprint", s.Fingerprint.Grouped())
	if s.SigningKey == "" {
		line("signs with", "nothing: the key has expired or is revoked; make a new one (payseal signer rotate)")
	} else {
		line("signs with", fmt.Sprintf("%s (%s)", s.SigningKey.Grouped(), s.Algorithm))
	}
	for _, subkey := range s.EncryptionSubkeys {
		line("archive copy", subkey.Grouped())
	}
	for _, former := range s.Former {
		line("former key", former.Grouped()+", whose certifications still count")
	}
	line("created", s.Created.Format(time.DateOnly))
	if s.Expires.IsZero() {
		line("expires", "never")
	} else {
		line("expires", s.Expires.Format(time.DateOnly))
	}
	if !s.Locked {
		line("passphrase", "NONE; lock it (payseal signer import)")
	}
	return b.String()
}
