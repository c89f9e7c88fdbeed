package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// maxKeyFile is one byte above what the judge accepts, so that it sees a file
// that is too large.
const maxKeyFile = 1<<20 + 1

// addedKey is the answer of keys add, as --json prints it.
type addedKey struct {
	Employee payroll.EmployeeNumber `json:"employee"`
	keystore.Verdict
	Step     payroll.Step                `json:"step,omitempty"`
	Standing payroll.CertificateStanding `json:"standing,omitempty"`
	Revoked  []payroll.Fingerprint       `json:"revoked,omitempty"` // certificates of the employee that the file revokes
}

func newKeysAdd(a *app) *cobra.Command {
	var as, number string
	cmd := &cobra.Command{
		Use:   "add --employee NUMBER FILE --as NAME",
		Short: "Hand in an employee's certificate; it must still be verified",
		Long: "Judge a certificate as keys check does and store it, minimised, as the\n" +
			"employee's candidate. A fresh copy of one that is known refreshes it and keeps\n" +
			"what was proven. A file that revokes a known certificate ends its use at once.",
		Args: exactly(1, "FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if number == "" {
				return usageError{fmt.Errorf("say whose certificate it is with --employee NUMBER")}
			}
			raw, err := readKeyFile(args[0])
			if err != nil {
				return err
			}
			return a.acting(cmd.Context(), as, []payroll.Role{payroll.RoleMaker, payroll.RoleOperator}, func(store *postgres.Store, c config.Config, by payroll.AdminName) error {
				added, err := addKey(cmd, store, c, payroll.EmployeeNumber(number), raw, by)
				if err != nil {
					return err
				}
				return a.sayAddedKey(cmd.OutOrStdout(), added)
			})
		},
	}
	cmd.Flags().StringVar(&number, "employee", "", "the employee's exact number")
	asFlag(cmd, &as)
	return cmd
}

func readKeyFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read certificate: %w", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxKeyFile))
	if err != nil {
		return nil, fmt.Errorf("read certificate: %w", err)
	}
	return raw, nil
}

// addKey judges the file for the employee and stores what is good in it.
func addKey(cmd *cobra.Command, store *postgres.Store, c config.Config, number payroll.EmployeeNumber, raw []byte, by payroll.AdminName) (addedKey, error) {
	ctx := cmd.Context()
	employee, err := store.Employee(ctx, number)
	if err != nil {
		return addedKey{}, err
	}
	now, err := store.Now(ctx)
	if err != nil {
		return addedKey{}, err
	}
	known, err := store.CertificatesOf(ctx, number)
	if err != nil {
		return addedKey{}, err
	}
	added := addedKey{Employee: number}
	if added.Revoked, err = honourRevocations(cmd, store, known, raw, now, by); err != nil {
		return added, err
	}
	certificate, verdict := keystore.Judge(raw, employee.Email, now)
	added.Verdict = verdict
	if !verdict.Accepted() {
		return added, nil
	}
	submission, err := submissionOf(c, number, certificate, verdict, known, now)
	if err != nil {
		return added, err
	}
	stored, err := store.PutCertificate(ctx, submission, by)
	added.Step, added.Standing = stored.Step, stored.Standing
	return added, err
}

// honourRevocations ends the use of every certificate of the employee that the
// file revokes, whatever else is in it.
func honourRevocations(cmd *cobra.Command, store *postgres.Store, known []postgres.StoredCertificate, raw []byte, now time.Time, by payroll.AdminName) ([]payroll.Fingerprint, error) {
	var revoked []payroll.Fingerprint
	for _, k := range known {
		if k.Standing == payroll.CertificateRevoked {
			continue
		}
		certificate, err := keystore.ReadCertificate(k.Content)
		if err != nil {
			return revoked, err
		}
		after, found := certificate.WithRevocations(raw)
		if !found || !after.Revoked(now) {
			continue
		}
		if _, err := store.RevokeCertificate(cmd.Context(), k.Employee, k.Fingerprint, "revoked by its owner", by); err != nil {
			return revoked, err
		}
		revoked = append(revoked, k.Fingerprint)
	}
	return revoked, nil
}

// submissionOf is what is stored of an accepted certificate. A fresh copy of one
// that the company has certified, for the same address, is certified again. The
// database's word alone is not enough for that: without a certification that
// holds, the copy starts at the bottom of the ladder.
func submissionOf(c config.Config, number payroll.EmployeeNumber, certificate keystore.Certificate, verdict keystore.Verdict, known []postgres.StoredCertificate, now time.Time) (postgres.Submission, error) {
	submission := postgres.Submission{
		Employee: number, Fingerprint: certificate.Fingerprint(), Addresses: verdict.Addresses(), Expires: certificate.Expires(),
	}
	for _, k := range known {
		if k.Fingerprint != certificate.Fingerprint() || k.Step != payroll.StepCertified {
			continue
		}
		if k.Standing != payroll.CertificateCandidate && k.Standing != payroll.CertificateCurrent {
			continue
		}
		signer, err := openSigner(c.Signer)
		if err != nil {
			return submission, fmt.Errorf("certify the fresh copy again: %w", err)
		}
		if !vouched(k, certificate.Address(), signer, now) {
			submission.Restart = true
			break
		}
		if certificate, err = signer.Certify(certificate, now); err != nil {
			return submission, fmt.Errorf("certify the fresh copy again: %w", err)
		}
		submission.Certified = true
	}
	submission.Content = certificate.Bytes()
	return submission, nil
}

// vouched reports whether the company's key, or one before it, has certified a
// stored certificate for this address.
func vouched(k postgres.StoredCertificate, address payroll.Address, signer *keystore.Signer, now time.Time) bool {
	stored, err := keystore.ReadCertificate(k.Content)
	if err != nil || !stored.Address().Same(address) {
		return false
	}
	return slices.ContainsFunc(signer.Certifiers(), func(company keystore.Certificate) bool { return stored.CertifiedBy(company, now) })
}

// sayAddedKey prints the verdict; a refusal makes the answer no.
func (a *app) sayAddedKey(w io.Writer, added addedKey) error {
	switch {
	case a.json:
		if err := printJSON(w, added); err != nil {
			return err
		}
	case added.Accepted():
		fmt.Fprintf(w, "accepted for employee %s: %s\n", added.Employee, added.Fingerprint.Grouped())
		for _, warning := range added.Warnings {
			fmt.Fprintf(w, "  warning %s: %s\n", warning.Code, warning.Reason)
		}
		fmt.Fprintf(w, "  %s, %s\n", added.Standing, added.Step)
	default:
		fmt.Fprintf(w, "refused for employee %s: %s: %s\n", added.Employee, added.Code, added.Reason)
	}
	if !a.json {
		for _, f := range added.Revoked {
			fmt.Fprintf(w, "  the file revokes %s; its use has ended\n", f.Grouped())
		}
	}
	if !added.Accepted() {
		return errNo
	}
	return nil
}
