package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
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
	var to recipients
	var armored, archive bool
	var out string
	cmd := &cobra.Command{
		Use:   "encrypt --to CERTIFICATE | --employee NUMBER IN -o OUT",
		Short: "Sign a file with the company's key and encrypt it",
		Long: "Sign a file with the company's key and encrypt it to one certificate or more.\n" +
			"Each is judged as keys check does, without an address. --employee takes the\n" +
			"verified certificate of an employee from the database, as a slip would; without\n" +
			"it no database is needed.",
		Args: exactly(1, "one file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			recipients, err := to.read(cmd.Context(), a, time.Now())
			if err != nil {
				return err
			}
			in, err := readInput(cmd, args[0], largestFile)
			if err != nil {
				return err
			}
			place, err := outputName(out, args[0], map[bool]string{true: ".asc", false: ".gpg"}[armored], append(to.files, files.file, files.passphraseFile)...)
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
	cmd.Flags().StringArrayVar(&to.files, "to", nil, "file of the certificate to encrypt to; may be given again")
	cmd.Flags().StringArrayVar(&to.employees, "employee", nil, "number of an employee to encrypt to; may be given again")
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

// recipients are whom a file is encrypted to.
type recipients struct {
	files     []string // of certificates
	employees []string // by number
}

func (r recipients) read(ctx context.Context, a *app, at time.Time) ([]keystore.Certificate, error) {
	if len(r.files)+len(r.employees) == 0 {
		return nil, usageError{errors.New("say whom to encrypt to with --to CERTIFICATE or --employee NUMBER")}
	}
	certificates, err := r.readFiles(at)
	if err != nil || len(r.employees) == 0 {
		return certificates, err
	}
	err = a.withStore(ctx, func(store *postgres.Store, c config.Config) error {
		stored, err := r.readEmployees(ctx, store, payroll.Step(c.Policy.RequiredStep))
		certificates = append(certificates, stored...)
		return err
	})
	return certificates, err
}

// readFiles reads and judges certificates.
func (r recipients) readFiles(at time.Time) ([]keystore.Certificate, error) {
	var certificates []keystore.Certificate
	for _, file := range r.files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read certificate: %w", err)
		}
		certificate, verdict := keystore.Judge(raw, "", at)
		if !verdict.Accepted() {
			return nil, fmt.Errorf("%w: %s: %s (%s)", payroll.ErrInvalid, file, verdict.Reason, verdict.Code)
		}
		certificates = append(certificates, certificate)
	}
	return certificates, nil
}

// readEmployees takes the verified certificates of employees from the store.
func (r recipients) readEmployees(ctx context.Context, store *postgres.Store, required payroll.Step) ([]keystore.Certificate, error) {
	var numbers []payroll.EmployeeNumber
	for _, number := range r.employees {
		numbers = append(numbers, payroll.EmployeeNumber(number))
	}
	current, err := store.CurrentCertificates(ctx, numbers)
	if err != nil {
		return nil, err
	}
	var certificates []keystore.Certificate
	for _, number := range numbers {
		stored, found := current[number]
		if !found || !stored.Verified || !stored.Step.Reached(required) {
			return nil, fmt.Errorf("%w: employee %s has no verified certificate (payseal keys verify)", payroll.ErrNotFound, number)
		}
		certificate, err := keystore.ReadCertificate(stored.Content)
		if err != nil {
			return nil, err
		}
		certificates = append(certificates, certificate)
	}
	return certificates, nil
}
