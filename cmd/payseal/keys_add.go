package main

import (
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// maxKeyFile is one byte above what the judge accepts, so that it sees a file
// that is too large.
const maxKeyFile = keystore.MaxFile + 1

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
	stored, err := store.CertificatesOf(ctx, number)
	if err != nil {
		return addedKey{}, err
	}
	known := knownOf(stored)
	certifiers, err := certifiersFor(c, known)
	if err != nil {
		return addedKey{}, err
	}
	reception := keystore.Receive(raw, employee.Email, known, certifiers, now)
	added := addedKey{Employee: number, Verdict: reception.Verdict}
	for _, f := range reception.Revoked {
		if _, err := store.RevokeCertificate(ctx, number, f, "revoked by its owner", by); err != nil {
			return added, err
		}
		added.Revoked = append(added.Revoked, f)
	}
	if !reception.Verdict.Accepted() {
		return added, nil
	}
	reception.Submission.Employee = number
	put, err := store.PutCertificate(ctx, reception.Submission, by)
	added.Step, added.Standing = put.Step, put.Standing
	return added, err
}

// knownOf are an employee's stored certificates as keystore asks for them.
func knownOf(stored []payroll.StoredCertificate) []keystore.Known {
	var known []keystore.Known
	for _, s := range stored {
		known = append(known, keystore.Known{Content: s.Content, Step: s.Step, Standing: s.Standing})
	}
	return known
}

// certifiersFor reads the company's certificates, without its passphrase, where
// one of those known is certified: without them a fresh copy of it would start at
// the bottom of the ladder.
func certifiersFor(c config.Config, known []keystore.Known) ([]keystore.Certificate, error) {
	if !slices.ContainsFunc(known, func(k keystore.Known) bool { return k.Step == payroll.StepCertified }) {
		return nil, nil
	}
	return companyOf(c)
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
