package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

// errNoOrigin ends what would write links that lead nowhere.
var errNoOrigin = errors.New("set web.origin in the configuration first: how browsers reach the form, such as https://payroll.acme.example; it stands in every link")

// invitation is the answer of employees invite, as --json prints it.
type invitation struct {
	Invited    []payroll.EmployeeNumber `json:"invited"`
	NotInvited []uninvited              `json:"not_invited"`
}

// uninvited are those who were not invited for one reason.
type uninvited struct {
	Why       string                   `json:"why"` // on_paper, left, certificate, waiting
	Employees []payroll.EmployeeNumber `json:"employees"`
}

// underWay are all those meant who have an invitation on its way.
func (i invitation) underWay() []payroll.EmployeeNumber {
	numbers := slices.Clone(i.Invited)
	for _, reason := range i.NotInvited {
		if reason.Why == "waiting" {
			numbers = append(numbers, reason.Employees...)
		}
	}
	return numbers
}

// uninvitedWords are the reasons in the order in which they are told.
var uninvitedWords = []struct{ why, words string }{
	{"certificate", "who have a current certificate (name them by number to invite them all the same)"},
	{"on_paper", "who are on paper by choice"},
	{"left", "who have left"},
	{"waiting", "who have an invitation that still waits to be sent"},
}

func newEmployeesInvite(a *app) *cobra.Command {
	var as string
	var all, wait bool
	cmd := &cobra.Command{
		Use:   "invite --all | NUMBER... --as NAME",
		Short: "Mail employees a link to the form in which they hand in their certificate",
		Long: "Write an invitation for everyone who has no current certificate, is not on paper\n" +
			"and has not left (--all), or for the employees named by number. A worker mails them:\n" +
			"a fixed text in the employee's language with one link, which works once and for\n" +
			"web.link_valid. A new invitation ends the links of earlier ones.",
		Args: func(_ *cobra.Command, given []string) error {
			if all == (len(given) > 0) {
				return usageError{errors.New("expected NUMBER... or --all")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			roles := []payroll.Role{payroll.RoleMaker, payroll.RoleOperator}
			return a.acting(cmd.Context(), as, roles, func(store *postgres.Store, c config.Config, by payroll.AdminName) error {
				if c.Web.Origin == "" {
					return errNoOrigin
				}
				answer, err := invite(cmd, store, args, by)
				if err != nil {
					return err
				}
				if err := a.sayInvitation(cmd.OutOrStdout(), answer); err != nil || !wait {
					return err
				}
				return waitForInvitations(cmd, store, answer.underWay())
			})
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "everyone who has no current certificate, is not on paper and has not left")
	cmd.Flags().BoolVar(&wait, "wait", false, "show the progress until a worker has sent them all")
	asFlag(cmd, &as)
	return cmd
}

func invite(cmd *cobra.Command, store *postgres.Store, args []string, by payroll.AdminName) (invitation, error) {
	var numbers []payroll.EmployeeNumber // nil for all
	if len(args) > 0 {
		numbers = parseNumbers(args)
	}
	invited, err := store.InviteEmployees(cmd.Context(), numbers, by)
	if err != nil {
		return invitation{}, err
	}
	lines, err := employeeLines(cmd, store)
	if err != nil {
		return invitation{}, err
	}
	return invitation{Invited: append([]payroll.EmployeeNumber{}, invited...), NotInvited: uninvitedOf(lines, numbers, invited, time.Now())}, nil
}

// uninvitedOf says of everyone who was meant and not invited why.
func uninvitedOf(lines []employeeLine, numbers, invited []payroll.EmployeeNumber, now time.Time) []uninvited {
	got := make(map[payroll.EmployeeNumber]bool, len(invited))
	for _, number := range invited {
		got[number] = true
	}
	byReason := make(map[string][]payroll.EmployeeNumber)
	for _, l := range lines {
		if got[l.Number] || numbers != nil && !slices.Contains(numbers, l.Number) {
			continue
		}
		why := "waiting"
		switch {
		case !l.Left.IsZero() && l.Left.Before(payroll.DateOf(now)):
			why = "left"
		case numbers == nil && l.OnPaper:
			why = "on_paper"
		case numbers == nil && l.Standing == payroll.CertificateCurrent:
			why = "certificate"
		}
		byReason[why] = append(byReason[why], l.Number)
	}
	reasons := []uninvited{}
	for _, reason := range uninvitedWords {
		if list := byReason[reason.why]; len(list) > 0 {
			reasons = append(reasons, uninvited{reason.why, list})
		}
	}
	return reasons
}

func (a *app) sayInvitation(w io.Writer, i invitation) error {
	if a.json {
		return printJSON(w, i)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "invited: %d%s\n", len(i.Invited), someOf(i.Invited))
	for _, reason := range i.NotInvited {
		for _, known := range uninvitedWords {
			if known.why == reason.Why {
				fmt.Fprintf(&b, "not invited: %d %s%s\n", len(reason.Employees), known.words, someOf(reason.Employees))
			}
		}
	}
	if len(i.Invited) > 0 {
		b.WriteString("A worker mails them; payseal doctor says if they stay behind.\n")
	}
	return printText(w, b.String())
}

// someOf lists the first numbers behind a colon.
func someOf(numbers []payroll.EmployeeNumber) string {
	const most = 12
	if len(numbers) == 0 {
		return ""
	}
	shown := make([]string, 0, most)
	for _, number := range numbers[:min(len(numbers), most)] {
		shown = append(shown, escaped(string(number), ""))
	}
	text := ": " + strings.Join(shown, ", ")
	if len(numbers) > most {
		text += ", ..."
	}
	return text
}

// waitForInvitations shows the progress until none waits any more, and says no
// if the relay refused one.
func waitForInvitations(cmd *cobra.Command, store *postgres.Store, invited []payroll.EmployeeNumber) error {
	show := newProgress(cmd.ErrOrStderr(), len(invited), "mails")
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	for {
		states, err := store.InvitationStates(cmd.Context(), invited)
		if err != nil {
			return err
		}
		line := fmt.Sprintf("%d sent, %d waiting", states[payroll.NoticeSent], states[payroll.NoticeQueued])
		if lost := states[payroll.NoticeRefused] + states[payroll.NoticeDropped]; lost > 0 {
			line += fmt.Sprintf(", %d refused", lost)
		}
		show(len(invited)-states[payroll.NoticeQueued], line)
		if states[payroll.NoticeQueued] == 0 {
			fmt.Fprintln(cmd.ErrOrStderr())
			if states[payroll.NoticeSent] < len(invited) {
				return errNo
			}
			return nil
		}
		select {
		case <-cmd.Context().Done():
			return cmd.Context().Err()
		case <-ticker.C:
		}
	}
}
