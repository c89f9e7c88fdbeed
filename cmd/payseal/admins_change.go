package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web/console"
)

// adminAnswer is what a change of an admin came to: done at once, with a one-time
// link where one is made, or proposed, with the proposer's half of one.
type adminAnswer struct {
	payroll.Admin
	Link     string             `json:"link,omitempty"`     // shown once
	Proposal payroll.ProposalID `json:"proposal,omitempty"` // that a second person must confirm
	Half     string             `json:"half,omitempty"`     // the proposer's half of the link, shown once
}

func (a *app) sayAdmin(cmd *cobra.Command, answer adminAnswer) error {
	if a.json {
		return printJSON(cmd.OutOrStdout(), answer)
	}
	w := cmd.OutOrStdout()
	if answer.Proposal != 0 {
		_, err := fmt.Fprintf(w, "proposal %d waits for a second person: payseal admins confirm %[1]d --as NAME\n", answer.Proposal)
		if err == nil && answer.Half != "" {
			_, err = fmt.Fprintf(w, "the second half of %s's link, shown this once: %s\ngive it to %[1]s yourself, and never to whoever confirms\n", answer.Name, answer.Half)
		}
		return err
	}
	if err := a.sayAdmins(cmd, []payroll.Admin{answer.Admin}); err != nil || answer.Link == "" {
		return err
	}
	return sayLink(w, answer.Name, answer.Link)
}

func sayLink(w io.Writer, name payroll.AdminName, link string) error {
	_, err := fmt.Fprintf(w, "\n%s's one-time link into the console, shown this once, good for a day:\n%s\n", name, link)
	return err
}

// adminPage is where the console does what a proposal of this kind is for.
func adminPage(kind payroll.ProposalKind, subject payroll.AdminName) string {
	switch kind {
	case payroll.ProposeRoles:
		return "/admins/" + string(subject) + "/roles"
	case payroll.ProposeEnable:
		return "/admins/" + string(subject) + "/enable"
	case payroll.ProposeReset:
		return "/admins/" + string(subject) + "/reset"
	}
	return "/admins/new"
}

// changeAdmin proposes a change of an admin, which counts once a second person has
// confirmed it with a code; while nobody else has an account of their own it is done
// at once, and takes a code itself.
func (a *app) changeAdmin(ctx context.Context, store *postgres.Store, c config.Config, kind payroll.ProposalKind, subject payroll.AdminName, roles []payroll.Role, by payroll.AdminName) (adminAnswer, error) {
	answer := adminAnswer{Admin: payroll.Admin{Name: subject, Roles: roles}}
	if kind.MakesLink() && !c.Proven() {
		return answer, errNoLinks
	}
	founders, err := store.Founders(ctx)
	if err != nil {
		return answer, err
	}
	if !payroll.Alone(founders) {
		code, half := payroll.NewCode()
		p, err := store.Propose(ctx, payroll.NewAdminProposal(kind, subject, roles, half, by))
		if answer.Proposal = p.ID; kind.MakesLink() {
			answer.Half = code
		}
		return answer, err
	}
	if err := stepUp(ctx, store, c, by, adminPage(kind, subject)); err != nil {
		return answer, err
	}
	token, hash := payroll.NewToken()
	if err := store.ChangeAlone(ctx, payroll.NewAdminProposal(kind, subject, roles, payroll.SecretHash{}, by), hash); err != nil {
		return answer, err
	}
	if kind.MakesLink() {
		if answer.Link, err = console.EnterLink(c.Console.Origin, token); err != nil {
			return answer, err
		}
	}
	answer.Admin, err = store.Admin(ctx, subject)
	return answer, err
}

// errNoLinks says that there is nothing to get into.
var errNoLinks = fmt.Errorf("%w: one-time links lead into the console; set console.origin", payroll.ErrWrongState)

// foundLink makes the one-time link of whoever gets in first.
func (a *app) foundLink(ctx context.Context, store *postgres.Store, c config.Config, admin payroll.Admin) (adminAnswer, error) {
	token, hash := payroll.NewToken()
	if err := store.FoundLink(ctx, admin.Name, hash); err != nil {
		return adminAnswer{}, err
	}
	link, err := console.EnterLink(c.Console.Origin, token)
	return adminAnswer{Admin: admin, Link: link}, err
}

func newAdminsRoles(a *app) *cobra.Command {
	var as string
	var roles []string
	cmd := &cobra.Command{
		Use:   "roles NAME --role ROLE... --as NAME",
		Short: "Change what a person may do; takes two people once there are two",
		Args:  exactly(1, "NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			admin, err := parseAdmin(args[0], roles)
			if err != nil {
				return usageError{err}
			}
			return a.actingOnAdmin(cmd, as, payroll.ProposeRoles, admin)
		},
	}
	cmd.Flags().StringSliceVar(&roles, "role", nil, "maker, approver, operator or auditor; may be repeated")
	asFlag(cmd, &as)
	return cmd
}

// actingOnAdmin is changeAdmin as an operator.
func (a *app) actingOnAdmin(cmd *cobra.Command, as string, kind payroll.ProposalKind, admin payroll.Admin) error {
	return a.acting(cmd.Context(), as, []payroll.Role{payroll.RoleOperator}, func(store *postgres.Store, c config.Config, by payroll.AdminName) error {
		answer, err := a.changeAdmin(cmd.Context(), store, c, kind, admin.Name, admin.Roles, by)
		if err != nil {
			return err
		}
		return a.sayAdmin(cmd, answer)
	})
}

func newAdminsEnable(a *app) *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:   "enable NAME --as NAME",
		Short: "Let a disabled person act again; takes two people once there are two",
		Args:  exactly(1, "NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.actingOnAdmin(cmd, as, payroll.ProposeEnable, payroll.Admin{Name: payroll.AdminName(args[0])})
		},
	}
	asFlag(cmd, &as)
	return cmd
}

func newAdminsReset(a *app) *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:   "reset NAME --as NAME",
		Short: "Make a one-time link for a person who has lost their factors",
		Long: "Take a person's factors, visits and tokens away and make a one-time link by which\n" +
			"they set up new ones. It takes two people: the proposer gets one half of the link,\n" +
			"whoever confirms the other. While nobody has an account in the console yet, an\n" +
			"operator's first link is made without --as.",
		Args: exactly(1, "NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := payroll.AdminName(args[0])
			if as != "" {
				return a.actingOnAdmin(cmd, as, payroll.ProposeReset, payroll.Admin{Name: name})
			}
			return a.withActors(cmd.Context(), func(store *postgres.Store, c config.Config) error {
				if !c.Proven() {
					return errNoLinks
				}
				admin, err := store.Admin(cmd.Context(), name)
				if err != nil {
					return err
				}
				answer, err := a.foundLink(cmd.Context(), store, c, admin)
				if err != nil {
					return err
				}
				return a.sayAdmin(cmd, answer)
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}

func newAdminsProposals(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "proposals",
		Short: "List what waits for a second person",
		Args:  exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd.Context(), func(store *postgres.Store, _ config.Config) error {
				open, err := store.OpenProposals(cmd.Context())
				if err != nil {
					return err
				}
				return a.sayProposals(cmd, open)
			})
		},
	}
}

func (a *app) sayProposals(cmd *cobra.Command, all []payroll.Proposal) error {
	return sayList(a, cmd.OutOrStdout(), all, []string{"ID", "WHAT", "ABOUT", "BY", "AT", "STATE"}, func(p payroll.Proposal) []string {
		return []string{
			strconv.FormatInt(int64(p.ID), 10), strings.ReplaceAll(string(p.Kind), "_", " "), dash(string(p.Subject)), string(p.ProposedBy), moment(&p.ProposedAt), string(p.State),
		}
	})
}

// deciders may decide proposals; which of them, the kind of the proposal says.
var deciders = []payroll.Role{payroll.RoleOperator, payroll.RoleApprover, payroll.RoleAuditor}

// proposalID reads the argument of confirm and decline.
func proposalID(text string) (payroll.ProposalID, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 {
		return 0, usageError{fmt.Errorf("a proposal is named by its number; payseal admins proposals lists them")}
	}
	return payroll.ProposalID(id), nil
}

func newAdminsConfirm(a *app) *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:   "confirm ID --as NAME",
		Short: "Say the second yes to a proposal, which carries it out",
		Args:  exactly(1, "ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := proposalID(args[0])
			if err != nil {
				return err
			}
			return a.acting(cmd.Context(), as, deciders, func(store *postgres.Store, c config.Config, by payroll.AdminName) error {
				if err := stepUp(cmd.Context(), store, c, by, fmt.Sprintf("/proposals/%d", id)); err != nil {
					return err
				}
				token, hash := console.NewHalfToken()
				p, err := store.ConfirmProposal(cmd.Context(), id, by, hash)
				if err != nil {
					return err
				}
				return a.sayConfirmed(cmd, c, p, token)
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}

func (a *app) sayConfirmed(cmd *cobra.Command, c config.Config, p payroll.Proposal, token string) error {
	link := ""
	if p.State == payroll.ProposalConfirmed && p.Kind.MakesLink() {
		var err error
		if link, err = console.EnterLink(c.Console.Origin, token); err != nil {
			return err
		}
	}
	if a.json {
		return printJSON(cmd.OutOrStdout(), struct {
			payroll.Proposal
			Link string `json:"link,omitempty"`
		}{p, link})
	}
	if err := a.sayProposals(cmd, []payroll.Proposal{p}); err != nil || link == "" {
		return err
	}
	if err := sayLink(cmd.OutOrStdout(), p.Subject, link); err != nil {
		return err
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "it asks for a second half, which %s has\n", p.ProposedBy)
	return err
}

func newAdminsDecline(a *app) *cobra.Command {
	var as, reason string
	cmd := &cobra.Command{
		Use:   "decline ID --reason TEXT --as NAME",
		Short: "Say no to a proposal",
		Args:  exactly(1, "ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := proposalID(args[0])
			if err != nil {
				return err
			}
			if strings.TrimSpace(reason) == "" {
				return usageError{fmt.Errorf("say why with --reason")}
			}
			return a.acting(cmd.Context(), as, deciders, func(store *postgres.Store, _ config.Config, by payroll.AdminName) error {
				p, err := store.DeclineProposal(cmd.Context(), id, by, reason)
				if err != nil {
					return err
				}
				return a.sayProposals(cmd, []payroll.Proposal{p})
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why; it is kept with the proposal")
	asFlag(cmd, &as)
	return cmd
}
