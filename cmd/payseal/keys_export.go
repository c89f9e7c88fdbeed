package main

import (
	"bytes"
	"fmt"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

func newKeysExport(a *app) *cobra.Command {
	var all bool
	var out string
	cmd := &cobra.Command{
		Use:   "export NUMBER | --all [--out FILE]",
		Short: "Write one employee's current certificate, or everyone's as one ring, armored",
		Args:  atMost(1, "NUMBER or --all"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if all == (len(args) == 1) {
				return usageError{fmt.Errorf("expected NUMBER or --all")}
			}
			return a.withStore(cmd.Context(), func(store *postgres.Store, _ config.Config) error {
				ring, err := ringOf(cmd, store, args)
				if err != nil {
					return err
				}
				if out != "" {
					return writeNew(out, ring, 0o644)
				}
				_, err = cmd.OutOrStdout().Write(ring)
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "every employee's current certificate")
	cmd.Flags().StringVarP(&out, "out", "o", "", "file to write instead of the standard output")
	return cmd
}

// ringOf is the current certificates of the named employee, or of everyone, as
// one armored block, with the company's certification where there is one.
func ringOf(cmd *cobra.Command, store *postgres.Store, numbers []string) ([]byte, error) {
	var wanted []payroll.EmployeeNumber
	if len(numbers) == 1 {
		wanted = []payroll.EmployeeNumber{payroll.EmployeeNumber(numbers[0])}
	} else {
		employees, err := store.Employees(cmd.Context())
		if err != nil {
			return nil, err
		}
		for _, e := range employees {
			wanted = append(wanted, e.Number)
		}
	}
	certificates, err := store.CurrentCertificates(cmd.Context(), wanted)
	if err != nil {
		return nil, err
	}
	var packets [][]byte
	for _, number := range wanted {
		if c := certificates[number]; c.Verified {
			packets = append(packets, c.Content)
		}
	}
	if len(packets) == 0 {
		return nil, fmt.Errorf("current certificate: %w", payroll.ErrNotFound)
	}
	return armorRing(packets)
}

func armorRing(packets [][]byte) ([]byte, error) {
	var ring bytes.Buffer
	w, err := armor.EncodeWithChecksumOption(&ring, openpgp.PublicKeyType, nil, true)
	for _, p := range packets {
		if err == nil {
			_, err = w.Write(p)
		}
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("armor the ring: %w", err)
	}
	ring.WriteByte('\n')
	return ring.Bytes(), nil
}

func newKeysRevokeUse(a *app) *cobra.Command {
	var as, reason, fingerprint string
	cmd := &cobra.Command{
		Use:   "revoke-use NUMBER --reason TEXT --as NAME",
		Short: "End the use of an employee's certificate, at once and for good",
		Long: "End the use of the employee's current certificate (or the candidate, if none is\n" +
			"current; --fingerprint chooses another). No slip is sealed to it any more.",
		Args: exactly(1, "NUMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if reason == "" {
				return usageError{fmt.Errorf("say why with --reason TEXT")}
			}
			roles := []payroll.Role{payroll.RoleOperator, payroll.RoleApprover, payroll.RoleMaker}
			return a.acting(cmd.Context(), as, roles, func(store *postgres.Store, _ config.Config, by payroll.AdminName) error {
				number := payroll.EmployeeNumber(args[0])
				chosen, err := chooseCertificate(cmd, store, number, fingerprint)
				if err != nil {
					return err
				}
				revoked, err := store.RevokeCertificate(cmd.Context(), number, chosen, reason, by)
				if err != nil {
					return err
				}
				return a.sayClimbed(cmd, revoked, true)
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
