package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

func newAdmins(a *app) *cobra.Command {
	return group("admins", "The people who run payseal, and what each may do",
		newAdminsAdd(a), newAdminsList(a), newAdminsRoles(a), newAdminsDisable(a), newAdminsEnable(a), newAdminsReset(a),
		newAdminsProposals(a), newAdminsConfirm(a), newAdminsDecline(a))
}

func newAdminsAdd(a *app) *cobra.Command {
	var as string
	var roles []string
	cmd := &cobra.Command{
		Use:   "add NAME --role ROLE... --as NAME",
		Short: "Add a person; the very first one, an operator, needs no --as",
		Long: "Add a person with one or more roles: maker, approver, operator, auditor.\n" +
			"The first person of all adds themself, must be an operator and needs no --as;\n" +
			"every later one is added by an operator. Where names are proven (console.origin) it\n" +
			"prints the first one's one-time link into the console, and from the second account\n" +
			"on it takes two people: this makes a proposal that another one confirms.",
		Args: exactly(1, "NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			admin, err := parseAdmin(args[0], roles)
			if err != nil {
				return usageError{err}
			}
			if as == "" {
				return a.withActors(cmd.Context(), func(store *postgres.Store, c config.Config) error { return a.addAdmin(cmd, store, c, admin, "") })
			}
			return a.acting(cmd.Context(), as, []payroll.Role{payroll.RoleOperator}, func(store *postgres.Store, c config.Config, by payroll.AdminName) error {
				return a.addAdmin(cmd, store, c, admin, by)
			})
		},
	}
	cmd.Flags().StringSliceVar(&roles, "role", nil, "maker, approver, operator or auditor; may be repeated")
	asFlag(cmd, &as)
	return cmd
}

// addAdmin adds a person, or proposes to. by is "" for the very first one.
func (a *app) addAdmin(cmd *cobra.Command, store *postgres.Store, c config.Config, admin payroll.Admin, by payroll.AdminName) error {
	answer := adminAnswer{Admin: admin}
	var err error
	switch {
	case c.Proven() && by != "":
		answer, err = a.changeAdmin(cmd.Context(), store, c, payroll.ProposeAdmin, admin.Name, admin.Roles, by)
	case c.Proven():
		if err = store.CreateAdmin(cmd.Context(), admin, ""); err == nil {
			answer, err = a.foundLink(cmd.Context(), store, c, admin)
		}
	default:
		err = store.CreateAdmin(cmd.Context(), admin, by)
	}
	if err != nil {
		return err
	}
	return a.sayAdmin(cmd, answer)
}

func parseAdmin(name string, roles []string) (payroll.Admin, error) {
	parsed, err := payroll.ParseAdminName(name)
	if err != nil {
		return payroll.Admin{}, err
	}
	if len(roles) == 0 {
		return payroll.Admin{}, fmt.Errorf("say what %s may do with --role maker, approver, operator or auditor", parsed)
	}
	admin := payroll.Admin{Name: parsed}
	for _, text := range roles {
		role, err := payroll.ParseRole(text)
		if err != nil {
			return admin, err
		}
		admin.Roles = append(admin.Roles, role)
	}
	return admin, nil
}

func newAdminsList(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List everyone and their roles",
		Args:  exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd.Context(), func(store *postgres.Store, _ config.Config) error {
				admins, err := store.Admins(cmd.Context())
				if err != nil {
					return err
				}
				return a.sayAdmins(cmd, admins)
			})
		},
	}
}

func newAdminsDisable(a *app) *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:   "disable NAME --as NAME",
		Short: "End what a person may do; what they did stays in the records",
		Args:  exactly(1, "NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.acting(cmd.Context(), as, []payroll.Role{payroll.RoleOperator}, func(store *postgres.Store, c config.Config, by payroll.AdminName) error {
				if err := stepUp(cmd.Context(), store, c, by, "/admins/"+args[0]+"/disable"); err != nil {
					return err
				}
				if err := store.DisableAdmin(cmd.Context(), payroll.AdminName(args[0]), by); err != nil {
					return err
				}
				admin, err := store.Admin(cmd.Context(), payroll.AdminName(args[0]))
				if err != nil {
					return err
				}
				return a.sayAdmins(cmd, []payroll.Admin{admin})
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}

// sayAdmins prints people; as JSON one object a line.
func (a *app) sayAdmins(cmd *cobra.Command, admins []payroll.Admin) error {
	return sayList(a, cmd.OutOrStdout(), admins, []string{"NAME", "ROLES", "STATE"}, func(admin payroll.Admin) []string {
		roles := make([]string, len(admin.Roles))
		for j, role := range admin.Roles {
			roles[j] = string(role)
		}
		state := "active"
		if admin.Disabled {
			state = "disabled"
		}
		return []string{string(admin.Name), strings.Join(roles, ", "), state}
	})
}
