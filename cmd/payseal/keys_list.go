package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

func newKeysList(a *app) *cobra.Command {
	var waiting bool
	cmd := &cobra.Command{
		Use:   "list [--waiting]",
		Short: "List the certificates, or only those that wait to be verified",
		Args:  exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd.Context(), func(store *postgres.Store, _ config.Config) error {
				list, err := store.Certificates(cmd.Context())
				if err != nil {
					return err
				}
				if waiting {
					list = waitingOf(list)
				}
				return a.sayCertificates(cmd.OutOrStdout(), list)
			})
		},
	}
	cmd.Flags().BoolVar(&waiting, "waiting", false, "only candidates: they still have to climb the ladder")
	return cmd
}

func waitingOf(list []payroll.StoredCertificate) []payroll.StoredCertificate {
	candidates := []payroll.StoredCertificate{}
	for _, c := range list {
		if c.Standing == payroll.CertificateCandidate {
			candidates = append(candidates, c)
		}
	}
	return candidates
}

func (a *app) sayCertificates(w io.Writer, list []payroll.StoredCertificate) error {
	header := []string{"EMPLOYEE", "FINGERPRINT", "STEP", "STANDING", "EXPIRES"}
	return sayList(a, w, list, header, func(c payroll.StoredCertificate) []string {
		return []string{string(c.Employee), string(c.Fingerprint), string(c.Step), string(c.Standing), moment(c.ExpiresAt)}
	})
}

// keyDetails is one certificate of one employee, as keys show --json prints it.
type keyDetails struct {
	payroll.StoredCertificate
	UserIDs           []string                  `json:"user_ids"`
	EncryptionSubkeys []payroll.Fingerprint     `json:"encryption_subkeys"`
	Problem           payroll.HoldReason        `json:"problem"` // what the judge says now; "" if it is good
	Steps             []payroll.CertificateStep `json:"steps"`
}

func newKeysShow(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "show NUMBER",
		Short: "Show every certificate of one employee and its way up the ladder",
		Args:  exactly(1, "NUMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(cmd.Context(), func(store *postgres.Store, _ config.Config) error {
				number := payroll.EmployeeNumber(args[0])
				if _, err := store.Employee(cmd.Context(), number); err != nil {
					return err
				}
				details, err := detailsOf(cmd, store, number)
				if err != nil {
					return err
				}
				if a.json {
					return printLines(cmd.OutOrStdout(), details)
				}
				return sayDetails(cmd.OutOrStdout(), number, details)
			})
		},
	}
}

func detailsOf(cmd *cobra.Command, store *postgres.Store, number payroll.EmployeeNumber) ([]keyDetails, error) {
	stored, err := store.CertificatesOf(cmd.Context(), number)
	if err != nil {
		return nil, err
	}
	steps, err := store.CertificateSteps(cmd.Context(), number)
	if err != nil {
		return nil, err
	}
	now, err := store.Now(cmd.Context())
	if err != nil {
		return nil, err
	}
	details := make([]keyDetails, len(stored))
	for i, s := range stored {
		certificate, err := keystore.ReadCertificate(s.Content)
		if err != nil {
			return nil, err
		}
		details[i] = keyDetails{StoredCertificate: s, UserIDs: certificate.UserIDs(),
			EncryptionSubkeys: certificate.EncryptionSubkeys(now), Problem: certificate.Problem(now)}
		for _, step := range steps {
			if step.Fingerprint == s.Fingerprint {
				details[i].Steps = append(details[i].Steps, step)
			}
		}
	}
	return details, nil
}

func sayDetails(w io.Writer, number payroll.EmployeeNumber, details []keyDetails) error {
	var b strings.Builder
	if len(details) == 0 {
		fmt.Fprintf(&b, "employee %s has no certificate\n", number)
	}
	for _, d := range details {
		fmt.Fprintf(&b, "%s\n  %s, %s; expires %s\n", d.Fingerprint.Grouped(), d.Standing, d.Step, moment(d.ExpiresAt))
		for _, id := range d.UserIDs {
			fmt.Fprintf(&b, "  user ID %s\n", id)
		}
		for _, subkey := range d.EncryptionSubkeys {
			fmt.Fprintf(&b, "  encrypts to %s\n", subkey.Grouped())
		}
		if d.Problem != "" {
			fmt.Fprintf(&b, "  problem %s: %s\n", d.Problem, d.Problem.Sentence())
		}
		for _, s := range d.Steps {
			fmt.Fprintf(&b, "  %s  %s by %s  %s  %s\n", moment(&s.At), s.Step, s.By, dash(s.Method), dash(s.Note))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
