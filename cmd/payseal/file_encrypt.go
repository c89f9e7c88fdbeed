package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// encryptedFile is the answer of file encrypt.
type encryptedFile struct {
	Out        string                `json:"out"`
	SignedBy   string                `json:"signed_by"`
	Recipients []payroll.Fingerprint `json:"recipients"` // keys that can open it, as read back from it
}

func newFileEncrypt(a *app) *cobra.Command {
	var files signerFlags
	var to []string
	var armored, archive bool
	var out string
	cmd := &cobra.Command{
		Use:   "encrypt --to CERTIFICATE IN -o OUT",
		Short: "Sign a file with the company's key and encrypt it",
		Long: "Sign a file with the company's key and encrypt it to one certificate or more.\n" +
			"Each is judged as keys check does, without an address.",
		Args: exactly(1, "one file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			recipients, err := readRecipients(to, time.Now())
			if err != nil {
				return err
			}
			in, err := readInput(cmd, args[0])
			if err != nil {
				return err
			}
			place, err := outputName(out, args[0], map[bool]string{true: ".asc", false: ".gpg"}[armored])
			if err != nil {
				return err
			}
			signer, err := files.open(a)
			if err != nil {
				return err
			}
			sealed, err := signer.SealTo(recipients, in.content, keystore.SealOptions{At: time.Now(), Archive: archive})
			if err != nil {
				return err
			}
			content := sealed.Armored()
			if !armored {
				if content, err = sealed.Binary(); err != nil {
					return err
				}
			}
			if err := writeOutput(cmd, place, content, in.mode); err != nil {
				return err
			}
			answer := encryptedFile{place, signer.UserID(), sealed.Recipients()}
			return a.say(cmd, place, answer, answer.text())
		},
	}
	files.add(cmd)
	cmd.Flags().StringArrayVar(&to, "to", nil, "file of the certificate to encrypt to; may be given again")
	cmd.Flags().BoolVar(&armored, "armor", true, "write ASCII armor; --armor=false writes binary")
	cmd.Flags().BoolVar(&archive, "archive", false, "encrypt to the company's own key too")
	cmd.Flags().StringVarP(&out, "out", "o", "", "file to write (default: IN with .asc or .gpg)")
	return cmd
}

func (e encryptedFile) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: signed by %s, and opens with", e.Out, e.SignedBy)
	for _, key := range e.Recipients {
		fmt.Fprintf(&b, "\n  %s", key.Grouped())
	}
	return b.String()
}

// readRecipients reads and judges the certificates to encrypt to.
func readRecipients(files []string, at time.Time) ([]keystore.Certificate, error) {
	if len(files) == 0 {
		return nil, usageError{errors.New("say whom to encrypt to with --to CERTIFICATE")}
	}
	var recipients []keystore.Certificate
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read certificate: %w", err)
		}
		certificate, verdict := keystore.Judge(raw, "", at)
		if !verdict.Accepted() {
			return nil, fmt.Errorf("%w: %s: %s (%s)", payroll.ErrInvalid, file, verdict.Reason, verdict.Code)
		}
		recipients = append(recipients, certificate)
	}
	return recipients, nil
}
