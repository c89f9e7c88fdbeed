package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

func newKeysVerify(a *app) *cobra.Command {
	var as, fingerprint, method, note string
	cmd := &cobra.Command{
		Use:   "verify NUMBER --fingerprint FPR --method phone|in-person --note TEXT --as NAME",
		Short: "Record that a person compared the fingerprint with the employee, and certify it",
		Long: "Record that you compared the fingerprint with the employee: by phone, with the\n" +
			"number from the HR file and not from a mail, or in person. Type the fingerprint\n" +
			"that the employee read to you, all of it. If the company's key is here, it\n" +
			"certifies the certificate. Once it has climbed as far as policy.required_step\n" +
			"asks, it becomes the employee's current one. Whoever handed the certificate in, or\n" +
			"brought the mail address, may not be the one to compare it, and a new key in the\n" +
			"place of another is compared by two different people if a pay date is nearer than\n" +
			"policy.freeze_days.",
		Args: exactly(1, "NUMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := checkVerify(fingerprint, method, note)
			if err != nil {
				return usageError{err}
			}
			return a.acting(cmd.Context(), as, []payroll.Role{payroll.RoleOperator, payroll.RoleApprover}, func(store *postgres.Store, c config.Config, by payroll.AdminName) error {
				freeze, err := freezeOf(c)
				if err != nil {
					return err
				}
				stored, keyHere, err := recordComparison(cmd, store, c, payroll.Climb{
					Employee: payroll.EmployeeNumber(args[0]), Fingerprint: f, Method: method, Note: note,
					Required: payroll.Step(c.Policy.RequiredStep), Freeze: freeze,
				}, by)
				if err != nil {
					return err
				}
				return a.sayClimbed(cmd, stored, keyHere)
			})
		},
	}
	cmd.Flags().StringVar(&fingerprint, "fingerprint", "", "the whole fingerprint as the employee gave it")
	cmd.Flags().StringVar(&method, "method", "", "how it was compared: phone or in-person")
	cmd.Flags().StringVar(&note, "note", "", "who called whom and when, or where you met")
	asFlag(cmd, &as)
	return cmd
}

func checkVerify(fingerprint, method, note string) (payroll.Fingerprint, error) {
	switch {
	case fingerprint == "":
		return "", errors.New("give the fingerprint with --fingerprint")
	case !slices.Contains(payroll.CheckMethods, method):
		return "", fmt.Errorf("say how it was compared with --method %s", strings.Join(payroll.CheckMethods, " or "))
	case strings.TrimSpace(note) == "":
		return "", errors.New("say who compared it with whom and when with --note TEXT")
	}
	return payroll.ParseFingerprint(fingerprint)
}

// recordComparison records one person's comparison and, if the company's key is here and
// nobody else must compare it, certifies. The key is opened first: if it is there
// but does not open, or is not the one that two people confirmed, nothing is recorded.
func recordComparison(cmd *cobra.Command, store *postgres.Store, c config.Config, climb payroll.Climb, by payroll.AdminName) (stored payroll.StoredCertificate, keyHere bool, err error) {
	stored, err = findCertificate(cmd, store, climb.Employee, climb.Fingerprint)
	if err != nil {
		return stored, false, err
	}
	signer, err := signerInForce(cmd.Context(), c, store)
	if err != nil {
		return stored, false, err
	}
	comparison := keystore.Comparison{Ladder: store, Signer: signer, Climb: climb, By: by}
	stored, err = comparison.Record(cmd.Context(), stored)
	return stored, signer != nil, err
}

// newKeysStep sets the lower steps of the ladder by hand.
func newKeysStep(a *app) *cobra.Command {
	var as, to, note string
	cmd := &cobra.Command{
		Use:   "step NUMBER --to address_proven|decryption_proven --note TEXT --as NAME",
		Short: "Set a lower step of the ladder for the employee's candidate by hand",
		Args:  exactly(1, "NUMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			step := payroll.Step(to)
			if step != payroll.StepAddressProven && step != payroll.StepDecryptionProven {
				return usageError{errors.New("--to is address_proven or decryption_proven; the higher steps are set by payseal keys verify")}
			}
			if strings.TrimSpace(note) == "" {
				return usageError{errors.New("say how it was proven with --note TEXT")}
			}
			return a.acting(cmd.Context(), as, []payroll.Role{payroll.RoleOperator}, func(store *postgres.Store, c config.Config, by payroll.AdminName) error {
				number := payroll.EmployeeNumber(args[0])
				candidate, err := candidateOf(cmd, store, number)
				if err != nil {
					return err
				}
				stored, err := store.ClimbCertificate(cmd.Context(), payroll.Climb{
					Employee: number, Fingerprint: candidate, To: step, Method: "by-hand", Note: note,
					Required: payroll.Step(c.Policy.RequiredStep),
				}, by)
				if err != nil {
					return err
				}
				return a.sayClimbed(cmd, stored, true)
			})
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "address_proven or decryption_proven")
	cmd.Flags().StringVar(&note, "note", "", "how it was proven")
	asFlag(cmd, &as)
	return cmd
}

func candidateOf(cmd *cobra.Command, store *postgres.Store, number payroll.EmployeeNumber) (payroll.Fingerprint, error) {
	stored, err := store.CertificatesOf(cmd.Context(), number)
	if err != nil {
		return "", err
	}
	for _, s := range stored {
		if s.Standing == payroll.CertificateCandidate {
			return s.Fingerprint, nil
		}
	}
	return "", fmt.Errorf("candidate of employee %s: %w", number, payroll.ErrNotFound)
}

// sayClimbed prints where a certificate now stands.
func (a *app) sayClimbed(cmd *cobra.Command, stored payroll.StoredCertificate, keyHere bool) error {
	w := cmd.OutOrStdout()
	if a.json {
		return printJSON(w, stored)
	}
	fmt.Fprintf(w, "employee %s, %s: %s, %s\n", stored.Employee, stored.Fingerprint.Grouped(), stored.Step, stored.Standing)
	switch {
	case stored.Awaits > 0:
		fmt.Fprintln(w, "So close to a pay date another person must compare the fingerprint with the employee too; until then nothing is sealed to it.")
	case !keyHere && stored.Step != payroll.StepCertified:
		fmt.Fprintln(w, "The company's key is not here; run this again where it is, to certify.")
	}
	return nil
}
