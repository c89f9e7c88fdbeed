package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/keystore"
)

func newSignerInit(a *app) *cobra.Command {
	var key keyFlags
	var userID string
	var files signerFlags
	cmd := &cobra.Command{
		Use:   "init --user-id \"NAME <ADDRESS>\" --passphrase-file F --out signer.asc",
		Short: "Make the company's signing key",
		Long: "Make the key that signs every slip: a primary key that only certifies, a subkey\n" +
			"that signs and a subkey for the archive copy. The address in the user ID is the\n" +
			"From of every mail. The file gets mode 0600 and is never replaced.",
		Args: exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if userID == "" {
				return usageError{fmt.Errorf("give the --user-id, such as \"ACME Payroll <payroll@acme.example>\"")}
			}
			path, err := files.path(a)
			if err != nil {
				return err
			}
			passphrase, err := files.passphrase(a)
			if err != nil {
				return err
			}
			options, err := key.options(userID, time.Now())
			if err != nil {
				return err
			}
			armored, err := keystore.NewSigner(options, passphrase)
			if err != nil {
				return err
			}
			if err := writeNewSecret(path, armored); err != nil {
				return err
			}
			return a.describe(cmd, path, "", armored, "\nGive everyone the certificate: payseal signer export --signer "+path+"\n"+
				"Keep a copy of the file and of its passphrase, apart from each other.\n")
		},
	}
	cmd.Flags().StringVar(&userID, "user-id", "", "name and mail address that every slip is sent from")
	cmd.Flags().StringVar(&files.file, "out", "", "file to write (default: as configured)")
	files.addPassphrase(cmd, "file with the passphrase that locks the key (default: as configured)")
	key.add(cmd)
	return cmd
}

// writeNewSecret also makes the folder, for its owner alone: on a fresh machine
// the configured one is not there yet.
func writeNewSecret(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make the folder of the key: %w", err)
	}
	return keystore.WriteSecretFile(path, content)
}

func newSignerShow(a *app) *cobra.Command {
	var files signerFlags
	cmd := &cobra.Command{
		Use:   "show [--signer F]",
		Short: "Show the signing key: user ID, fingerprint, subkeys, expiry",
		Args:  exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			content, path, err := files.key(a)
			if err != nil {
				return fmt.Errorf("read signing key: %w", err)
			}
			return a.describe(cmd, path, "", content, "")
		},
	}
	files.addFile(cmd)
	return cmd
}

func newSignerExport(a *app) *cobra.Command {
	var files signerFlags
	var former bool
	cmd := &cobra.Command{
		Use:   "export [--signer F] [--former]",
		Short: "Print the certificate that employees verify slips with",
		Args:  exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			content, _, err := files.key(a)
			if err != nil {
				return fmt.Errorf("read signing key: %w", err)
			}
			company, err := keystore.ReadCompany(content)
			if err != nil {
				return err
			}
			if !former {
				company = company[:1]
			}
			armored, err := keystore.WriteCompany(company)
			if err != nil {
				return err
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), map[string]any{"fingerprint": company[0].Fingerprint(), "certificate": armored})
			}
			return printText(cmd.OutOrStdout(), armored)
		},
	}
	files.addFile(cmd)
	cmd.Flags().BoolVar(&former, "former", false, "those of earlier keys too, as web.company_certificate_file wants them")
	return cmd
}

func newSignerRotate(a *app) *cobra.Command {
	var files signerFlags
	var key keyFlags
	var userID, newPassphraseFile string
	var compromised bool
	cmd := &cobra.Command{
		Use:   "rotate [--signer F]",
		Short: "Make a new signing key, certified by the old one, in its place",
		Long: "Make a new key for the same user ID (or another, with --user-id), certify it with\n" +
			"the old key so that whoever trusts that one can check it, and put it in the old\n" +
			"key's place. The old file stays beside it under its name with the date: it still\n" +
			"opens old archive copies. The old certificate also stands behind the new key in\n" +
			"its file, so that what the old key certified still counts. Tell the employees\n" +
			"before the next payday.\n\n" +
			"With --compromised, for a key that somebody else may have, the old key neither\n" +
			"certifies the new one nor vouches for anything: every employee's certificate is\n" +
			"added and compared again (keys add, keys verify).",
		Args: exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			// Only a file can be replaced, so a credential is not asked.
			var err error
			if files.file, err = files.path(a); err != nil {
				return err
			}
			old, err := files.open(a)
			if err != nil {
				return err
			}
			if newPassphraseFile != "" {
				files.passphraseFile = newPassphraseFile
			}
			passphrase, err := files.passphrase(a)
			if err != nil {
				return err
			}
			now := time.Now()
			options, err := key.options(userID, now)
			if err != nil {
				return err
			}
			options.Compromised = compromised
			armored, err := old.Successor(options, passphrase)
			if err != nil {
				return err
			}
			kept := datedName(files.file, now)
			if err := keystore.ReplaceSecretFile(files.file, kept, armored); err != nil {
				return err
			}
			return a.describe(cmd, files.file, kept, armored, "\nGive everyone the new certificate: payseal signer export --signer "+files.file+"\n")
		},
	}
	files.add(cmd)
	key.add(cmd)
	cmd.Flags().BoolVar(&compromised, "compromised", false, "the old key may be in wrong hands: nothing of it counts any more")
	cmd.Flags().StringVar(&userID, "user-id", "", "another user ID for the new key (default: the old one's)")
	cmd.Flags().StringVar(&newPassphraseFile, "new-passphrase-file", "", "file with another passphrase for the new key")
	return cmd
}

// datedName puts the time before the extension: signer-20261030T090000Z.asc.
func datedName(path string, at time.Time) string {
	extension := filepath.Ext(path)
	return strings.TrimSuffix(path, extension) + at.UTC().Format("-20060102T150405Z") + extension
}

func newSignerImport(a *app) *cobra.Command {
	var files signerFlags
	var key keyFlags
	cmd := &cobra.Command{
		Use:   "import SECRET-KEY --out signer.asc",
		Short: "Take over a key that gpg made, as the company's signing key",
		Long: "Check that a secret key (gpg --export-secret-keys) can be the company's: a\n" +
			"version 4 key that signs, with a user ID like \"ACME Payroll <payroll@acme.example>\".\n" +
			"Lock it anew with its passphrase, or with the given one if it has none, and write\n" +
			"it with mode 0600.",
		Args: exactly(1, "the file of one secret key"),
		RunE: func(cmd *cobra.Command, args []string) error {
			secret, err := os.ReadFile(args[0])
			if err != nil {
				return fmt.Errorf("read secret key: %w", err)
			}
			path, err := files.path(a)
			if err != nil {
				return err
			}
			passphrase, err := files.passphrase(a)
			if err != nil {
				return err
			}
			armored, err := keystore.Relock(secret, passphrase, keystore.S2K(key.stretch))
			if err != nil {
				return err
			}
			if err := writeNewSecret(path, armored); err != nil {
				return err
			}
			return a.describe(cmd, path, "", armored, "\nNow delete "+args[0]+" where it is not needed.\n")
		},
	}
	cmd.Flags().StringVar(&files.file, "out", "", "file to write (default: as configured)")
	files.addPassphrase(cmd, "file with the passphrase of the key (default: as configured)")
	key.addStretch(cmd)
	return cmd
}
