package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

// profileWords are what --structure and --presentation take, and what of the
// profile each sets; default is the company's.
var (
	structureWords = map[string]string{
		"combined": payroll.StructureCombined, "nested": payroll.StructureNested, "default": "",
	}
	presentationWords = map[string]string{
		"inline": payroll.PresentationInline, "attachment": payroll.PresentationAttachment, "default": "",
	}
)

func newEmployeesProfile(a *app) *cobra.Command {
	var as, structure, presentation string
	cmd := &cobra.Command{
		Use:   "profile NUMBER [--structure S] [--presentation P] --as NAME",
		Short: "Set by hand how an employee's mail program wants the slips",
		Long: "Set an employee's mail profile, which the test slip in the form sets otherwise.\n" +
			"--presentation attachment sends an ordinary mail with one encrypted file, for\n" +
			"programs that show attachments only. What is not given stays as it is.",
		Args: exactly(1, "NUMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if structure == "" && presentation == "" {
				return usageError{errors.New("give --structure, --presentation or both")}
			}
			if _, known := structureWords[structure]; !known && structure != "" {
				return usageError{errors.New("--structure is combined, nested or default")}
			}
			if _, known := presentationWords[presentation]; !known && presentation != "" {
				return usageError{errors.New("--presentation is inline, attachment or default")}
			}
			roles := []payroll.Role{payroll.RoleMaker, payroll.RoleOperator}
			return a.acting(cmd.Context(), as, roles, func(store *postgres.Store, _ config.Config, by payroll.AdminName) error {
				return a.setProfile(cmd, store, payroll.EmployeeNumber(args[0]), structure, presentation, by)
			})
		},
	}
	cmd.Flags().StringVar(&structure, "structure", "", "combined, nested or default (the company's)")
	cmd.Flags().StringVar(&presentation, "presentation", "", "inline, attachment or default (inline)")
	asFlag(cmd, &as)
	return cmd
}

func (a *app) setProfile(cmd *cobra.Command, store *postgres.Store, number payroll.EmployeeNumber, structure, presentation string, by payroll.AdminName) error {
	enrolee, err := store.Enrolee(cmd.Context(), number)
	if err != nil {
		return err
	}
	profile := enrolee.Profile
	if structure != "" {
		profile.Structure = structureWords[structure]
	}
	if presentation != "" {
		profile.Presentation = presentationWords[presentation]
	}
	if err := store.PutProfile(cmd.Context(), number, profile, by); err != nil {
		return err
	}
	return a.showEmployee(cmd, store, number)
}
