package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

// revokedKey is the answer of keys revoke-use and keys revoke-certification, as
// --json prints it.
type revokedKey struct {
	payroll.StoredCertificate
	Certification string `json:"certification"` // revoked, none (there was none), or kept (the company's key is not here)
}

func newKeysRevokeUse(a *app) *cobra.Command {
	var as, reason, fingerprint string
	cmd := &cobra.Command{
		Use:   "revoke-use NUMBER --reason TEXT --as NAME",
		Short: "End the use of an employee's certificate, at once and for good",
		Long: "End the use of the employee's current certificate (or the candidate, if none is\n" +
			"current; --fingerprint chooses another). No slip is sealed to it any more. If the\n" +
			"company's key is here, its certification is revoked too, for others who rely on it.",
		Args: exactly(1, "NUMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if reason == "" {
				return usageError{errNoReason}
			}
			roles := []payroll.Role{payroll.RoleOperator, payroll.RoleApprover, payroll.RoleMaker}
			return a.acting(cmd.Context(), as, roles, func(store *postgres.Store, c config.Config, by payroll.AdminName) error {
				number := payroll.EmployeeNumber(args[0])
				chosen, err := chooseCertificate(cmd, store, number, fingerprint)
				if err != nil {
					return err
				}
				stored, err := store.RevokeCertificate(cmd.Context(), number, chosen, reason, by)
				if err != nil {
					return err
				}
				certification, err := revokeCertification(cmd, store, c.Signer, stored, by)
				if err != nil {
					return fmt.Errorf("the use has ended, but not the company's certification: %w", err)
				}
				return a.sayRevoked(cmd, revokedKey{stored, certification})
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why")
	cmd.Flags().StringVar(&fingerprint, "fingerprint", "", "the certificate, if not the current one")
	asFlag(cmd, &as)
	return cmd
}

func chooseCertificate(cmd *cobra.Command, store *postgres.Store, number payroll.EmployeeNumber, typed string) (payroll.Fingerprint, error) {
	if typed != "" {
		return payroll.ParseFingerprint(typed)
	}
	current, err := store.CurrentCertificates(cmd.Context(), []payroll.EmployeeNumber{number})
	if err != nil {
		return "", err
	}
	c, found := current[number]
	if !found {
		return "", fmt.Errorf("certificate in use by employee %s: %w", number, payroll.ErrNotFound)
	}
	return c.Fingerprint, nil
}

func newKeysRevokeCertification(a *app) *cobra.Command {
	var as, reason, fingerprint string
	cmd := &cobra.Command{
		Use:   "revoke-certification NUMBER --fingerprint F --reason TEXT --as NAME",
		Short: "Take the company's certification of a leaver's certificate back",
		Long: "Revoke the company's certification on a certificate of somebody who has left, or on\n" +
			"one that is not in use any more, so that others who rely on it see the end. A worker\n" +
			"does this by itself policy.leaver_days after somebody left. To end the use of a\n" +
			"certificate in use: payseal keys revoke-use.",
		Args: exactly(1, "NUMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if reason == "" {
				return usageError{errNoReason}
			}
			if fingerprint == "" {
				return usageError{errors.New("give the whole fingerprint with --fingerprint (see payseal keys show)")}
			}
			f, err := payroll.ParseFingerprint(fingerprint)
			if err != nil {
				return usageError{err}
			}
			roles := []payroll.Role{payroll.RoleOperator, payroll.RoleApprover}
			return a.acting(cmd.Context(), as, roles, func(store *postgres.Store, c config.Config, by payroll.AdminName) error {
				stored, err := ofLeaver(cmd, store, payroll.EmployeeNumber(args[0]), f)
				if err != nil {
					return err
				}
				certification, err := revokeCertification(cmd, store, c.Signer, stored, by)
				if err != nil {
					return err
				}
				return a.sayRevoked(cmd, revokedKey{stored, certification})
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why")
	cmd.Flags().StringVar(&fingerprint, "fingerprint", "", "the whole fingerprint of the certificate")
	asFlag(cmd, &as)
	return cmd
}

// ofLeaver finds the certificate, and refuses one that slips are still sealed to.
func ofLeaver(cmd *cobra.Command, store *postgres.Store, number payroll.EmployeeNumber, f payroll.Fingerprint) (payroll.StoredCertificate, error) {
	employee, err := store.Employee(cmd.Context(), number)
	if err != nil {
		return payroll.StoredCertificate{}, err
	}
	stored, err := findCertificate(cmd, store, number, f)
	if err != nil {
		return stored, err
	}
	gone := !employee.Left.IsZero() && employee.Left.Before(payroll.DateOf(time.Now()))
	inUse := stored.Standing == payroll.CertificateCurrent || stored.Standing == payroll.CertificateCandidate
	if inUse && !gone {
		return stored, fmt.Errorf("%w: the employee has not left and this certificate is %s; end its use with payseal keys revoke-use",
			payroll.ErrWrongState, stored.Standing)
	}
	return stored, nil
}

// findCertificate finds the employee's certificate with exactly the fingerprint
// that was typed. It never says what the right one would have been.
func findCertificate(cmd *cobra.Command, store *postgres.Store, number payroll.EmployeeNumber, f payroll.Fingerprint) (payroll.StoredCertificate, error) {
	stored, err := store.CertificatesOf(cmd.Context(), number)
	if err != nil {
		return payroll.StoredCertificate{}, err
	}
	for _, s := range stored {
		if s.Fingerprint == f {
			return s, nil
		}
	}
	return payroll.StoredCertificate{}, fmt.Errorf("%w: employee %s handed in no certificate with this fingerprint; do not go on before you know why",
		payroll.ErrNotFound, number)
}

// revokeCertification takes the company's certification back if its key is here.
func revokeCertification(cmd *cobra.Command, store *postgres.Store, c config.Signer, stored payroll.StoredCertificate, by payroll.AdminName) (string, error) {
	signer, err := openSigner(c)
	if errors.Is(err, fs.ErrNotExist) {
		return "kept", nil
	}
	if err != nil {
		return "", err
	}
	if withdrawn, err := signer.Withdraw(cmd.Context(), store, stored, by); err != nil || !withdrawn {
		return "none", err
	}
	return "revoked", nil
}

func (a *app) sayRevoked(cmd *cobra.Command, r revokedKey) error {
	if a.json {
		return printJSON(cmd.OutOrStdout(), r)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "employee %s, %s: %s, %s\n", r.Employee, r.Fingerprint.Grouped(), r.Step, r.Standing)
	switch r.Certification {
	case "revoked":
		b.WriteString("The company's certification is revoked.\n")
	case "kept":
		b.WriteString("The company's key is not here, so that its certification stays; run payseal keys revoke-certification where it is.\n")
	case "none":
		b.WriteString("The company had not certified it.\n")
	}
	return printText(cmd.OutOrStdout(), b.String())
}
