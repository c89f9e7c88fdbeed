package main

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

func newKeysExport(a *app) *cobra.Command {
	var ring, armored bool
	var out, fingerprint string
	cmd := &cobra.Command{
		Use:   "export NUMBER [--fingerprint F] | --ring [--out FILE]",
		Short: "Write one employee's current certificate, or everyone's as one keyring",
		Long: "Write an employee's current certificate with the company's certification, or with\n" +
			"--ring, for a bank or another system, those of everyone that are current and carry a\n" +
			"certification by the company that holds, as one keyring that gpg --import reads.\n" +
			"--fingerprint writes another certificate of the employee, also one that is not in use\n" +
			"any more, with the revocation of the company's certification.",
		Args: atMost(1, "NUMBER or --ring"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if ring == (len(args) == 1) {
				return usageError{fmt.Errorf("expected NUMBER or --ring")}
			}
			if ring && fingerprint != "" {
				return usageError{fmt.Errorf("--fingerprint chooses one employee's certificate; a ring has everybody's current one")}
			}
			return a.withStore(cmd.Context(), func(store *postgres.Store, c config.Config) error {
				content, err := exported(cmd, store, c, args, fingerprint)
				if err == nil && armored {
					content, err = armorRing(content)
				}
				if err != nil {
					return err
				}
				if out != "" {
					return writeNew(out, content, 0o644)
				}
				_, err = cmd.OutOrStdout().Write(content)
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&ring, "ring", false, "everyone's current certificate, as far as the company has certified it")
	cmd.Flags().BoolVar(&armored, "armor", true, "write ASCII armor; --armor=false writes binary")
	cmd.Flags().StringVar(&fingerprint, "fingerprint", "", "another certificate of the employee than the current one")
	cmd.Flags().StringVarP(&out, "out", "o", "", "file to write instead of the standard output")
	return cmd
}

// exported is what was asked for, binary.
func exported(cmd *cobra.Command, store *postgres.Store, c config.Config, args []string, fingerprint string) ([]byte, error) {
	if len(args) == 0 {
		return ringOf(cmd, store, c)
	}
	number := payroll.EmployeeNumber(args[0])
	if fingerprint != "" {
		f, err := payroll.ParseFingerprint(fingerprint)
		if err != nil {
			return nil, usageError{err}
		}
		stored, err := findCertificate(cmd, store, number, f)
		return stored.Content, err
	}
	certificates, err := store.CurrentCertificates(cmd.Context(), []payroll.EmployeeNumber{number})
	if err != nil {
		return nil, err
	}
	if c := certificates[number]; c.Verified {
		return c.Content, nil
	}
	return nil, fmt.Errorf("current certificate: %w", payroll.ErrNotFound)
}

// ringOf is everybody's current certificate, one behind the other. That the
// company has certified it is looked at in the certificate: whoever gets the ring
// relies on it, and the database's word alone is not enough.
func ringOf(cmd *cobra.Command, store *postgres.Store, c config.Config) ([]byte, error) {
	company, err := companyOf(c)
	if err != nil {
		return nil, err
	}
	now, err := store.Now(cmd.Context())
	if err != nil {
		return nil, err
	}
	employees, err := store.Employees(cmd.Context())
	if err != nil {
		return nil, err
	}
	numbers := make([]payroll.EmployeeNumber, len(employees))
	for i, e := range employees {
		numbers[i] = e.Number
	}
	certificates, err := store.CurrentCertificates(cmd.Context(), numbers)
	if err != nil {
		return nil, err
	}
	var ring []byte
	for _, number := range numbers {
		stored := certificates[number]
		if !stored.Verified {
			continue
		}
		certificate, err := keystore.ReadCertificate(stored.Content)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(company, func(by keystore.Certificate) bool { return certificate.CertifiedBy(by, now) }) {
			ring = append(ring, stored.Content...)
		}
	}
	if len(ring) == 0 {
		return nil, fmt.Errorf("current certificates that the company has certified: %w", payroll.ErrNotFound)
	}
	return ring, nil
}

// armorRing writes the packets of one certificate or more as one armored block.
func armorRing(packets []byte) ([]byte, error) {
	var ring bytes.Buffer
	w, err := armor.EncodeWithChecksumOption(&ring, openpgp.PublicKeyType, nil, true)
	if err == nil {
		_, err = w.Write(packets)
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
