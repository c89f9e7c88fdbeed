package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/keystore"
)

// decryptedFile is the answer of file decrypt.
type decryptedFile struct {
	Out    string             `json:"out"`
	Signer keystore.Signature `json:"signer"`
	Bound  bool               `json:"bound"` // the signature names this recipient
}

func newFileDecrypt(a *app) *cobra.Command {
	var secret, passphraseFile, out string
	var from []string
	cmd := &cobra.Command{
		Use:   "decrypt --secret KEY --from CERTIFICATE IN -o OUT",
		Short: "Open an encrypted file and verify who signed it",
		Long: "Decrypt a file and verify that it was signed by one of the given certificates.\n" +
			"The signer's user ID and fingerprint are printed. Nothing is written unless the\n" +
			"whole message is undamaged and its signature is good.",
		Args: exactly(1, "one file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if secret == "" {
				return usageError{errors.New("say which key opens it with --secret KEY")}
			}
			senders, err := readSenders(from)
			if err != nil {
				return err
			}
			place, err := openedName(out, args[0], append(from, secret, passphraseFile)...)
			if err != nil {
				return err
			}
			in, err := readInput(cmd, args[0], largestFile)
			if err != nil {
				return err
			}
			key, err := openSecret(cmd, secret, passphraseFile)
			if err != nil {
				return err
			}
			opened, err := key.Open(in.content, senders)
			if err != nil {
				return err
			}
			if err := writeOutput(cmd, place, opened.Content, 0o600); err != nil {
				return err
			}
			answer := decryptedFile{place, opened.Signature, opened.Bound}
			return a.say(cmd, place, answer, answer.text())
		},
	}
	cmd.Flags().StringVar(&secret, "secret", "", "file of the secret key that opens it")
	cmd.Flags().StringVar(&passphraseFile, "passphrase-file", "", "file with the secret key's passphrase (default: PAYSEAL_SIGNER_PASSPHRASE)")
	cmd.Flags().StringArrayVar(&from, "from", nil, "file of the certificate that it must be signed by; may be given again")
	cmd.Flags().StringVarP(&out, "out", "o", "", "file to write (default: IN without .asc, .gpg or .pgp)")
	return cmd
}

func (d decryptedFile) text() string {
	text := goodSignature(d.Out, d.Signer)
	if !d.Bound {
		text += "\n  the signature does not say whom the message was meant for"
	}
	return text
}

// goodSignature says for people who signed.
func goodSignature(what string, s keystore.Signature) string {
	return fmt.Sprintf("%s: good signature by %s\n  fingerprint %s\n  made %s",
		what, s.UserID, s.Fingerprint.Grouped(), s.At.Format(time.RFC3339))
}

// openSecret reads and unlocks a secret key; one without a passphrase asks for
// none.
func openSecret(cmd *cobra.Command, file, passphraseFile string) (*keystore.SecretKey, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read secret key: %w", err)
	}
	locked, err := keystore.NeedsPassphrase(content)
	if err != nil {
		return nil, err
	}
	var passphrase []byte
	if locked {
		if passphrase, err = readPassphrase(cmd, passphraseFile, ""); err != nil {
			return nil, err
		}
	}
	return keystore.OpenSecretKey(bytes.NewReader(content), passphrase)
}
