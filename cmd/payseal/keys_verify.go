package main

import (
	"errors"
	"fmt"
	"io/fs"
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
			"asks, it becomes the employee's current one.",
		Args: exactly(1, "NUMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := checkVerify(fingerprint, method, note)
			if err != nil {
				return usageError{err}
			}
			return a.acting(cmd.Context(), as, []payroll.Role{payroll.RoleOperator, payroll.RoleApprover}, func(store *postgres.Store, c config.Config, by payroll.AdminName) error {
				v := verification{store: store, by: by, climb: postgres.Climb{
					Employee: payroll.EmployeeNumber(args[0]), Fingerprint: f, Method: method, Note: note,
					Required: payroll.Step(c.Policy.RequiredStep),
				}}
				stored, certified, err := v.run(cmd, c.Signer)
				if err != nil {
					return err
				}
				return a.sayClimbed(cmd, stored, certified)
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

// verification is one person's comparison of one fingerprint.
type verification struct {
	store *postgres.Store
	climb postgres.Climb
	by    payroll.AdminName
}

// run records the comparison and, if the company's key is here, certifies. The
// key is opened first: if it is there but does not open, nothing is recorded.
func (v verification) run(cmd *cobra.Command, c config.Signer) (stored postgres.StoredCertificate, certified bool, err error) {
	stored, err = v.match(cmd)
	if err != nil {
		return stored, false, err
	}
	signer, err := openSigner(c)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return stored, false, err
	}
	if !stored.Step.Reached(payroll.StepPhoneChecked) || signer == nil {
		v.climb.To = payroll.StepPhoneChecked
		if stored, err = v.store.ClimbCertificate(cmd.Context(), v.climb, v.by); err != nil || signer == nil {
			return stored, false, err
		}
	}
	stored, err = v.certify(cmd, signer, stored)
	return stored, true, err
}

// match finds the employee's certificate with exactly the fingerprint that was
// typed. It never says what the right one would have been.
func (v verification) match(cmd *cobra.Command) (postgres.StoredCertificate, error) {
	stored, err := v.store.CertificatesOf(cmd.Context(), v.climb.Employee)
	if err != nil {
		return postgres.StoredCertificate{}, err
	}
	for _, s := range stored {
		if s.Fingerprint == v.climb.Fingerprint {
			return s, nil
		}
	}
	return postgres.StoredCertificate{}, fmt.Errorf("%w: employee %s handed in no certificate with this fingerprint; do not go on before you know why",
		payroll.ErrNotFound, v.climb.Employee)
}

func (v verification) certify(cmd *cobra.Command, signer *keystore.Signer, stored postgres.StoredCertificate) (postgres.StoredCertificate, error) {
	now, err := v.store.Now(cmd.Context())
	if err != nil {
		return stored, err
	}
	certificate, err := keystore.ReadCertificate(stored.Content)
	if err != nil {
		return stored, err
	}
	certificate, err = signer.Certify(certificate, now)
	if err != nil {
		return stored, err
	}
	v.climb.To, v.climb.Content = payroll.StepCertified, certificate.Bytes()
	return v.store.ClimbCertificate(cmd.Context(), v.climb, v.by)
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
				stored, err := store.ClimbCertificate(cmd.Context(), postgres.Climb{
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
func (a *app) sayClimbed(cmd *cobra.Command, stored postgres.StoredCertificate, certified bool) error {
	w := cmd.OutOrStdout()
	if a.json {
		return printJSON(w, stored)
	}
	fmt.Fprintf(w, "employee %s, %s: %s, %s\n", stored.Employee, stored.Fingerprint.Grouped(), stored.Step, stored.Standing)
	if !certified {
		fmt.Fprintln(w, "The company's key is not here; run this again where it is, to certify.")
	}
	return nil
}
