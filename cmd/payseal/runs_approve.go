package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

// newRunsApprove approves a submitted run, or with employee numbers single
// slips of a run that has started.
func newRunsApprove(a *app) *cobra.Command {
	var as, manifest, notBefore string
	cmd := &cobra.Command{
		Use:   "approve RUN [NUMBER...] [--manifest HASH] [--not-before TIME] --as NAME",
		Short: "Approve a submitted run as a second person, or held slips of a started run again",
		Long: "Approve a submitted run as a second person, or held slips of a started run again.\n\n" +
			"With --manifest the run is approved only if everything in it is as `payseal runs\n" +
			"review` showed it. Where names are proven (console.origin) it must be given, and\n" +
			"every slip of the sample must have been opened (payseal runs preview --as NAME).\n" +
			"There it also takes a fresh one-time code in PAYSEAL_CODE.",
		Args: atLeastOne("RUN [NUMBER...]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseRunID(args[0])
			if err != nil {
				return err
			}
			if len(args) > 1 && (manifest != "" || notBefore != "") {
				return usageError{fmt.Errorf("--manifest and --not-before are for whole runs")}
			}
			approver := []payroll.Role{payroll.RoleApprover}
			return a.actingWithVault(cmd.Context(), as, approver, func(store *postgres.Store, c config.Config, by payroll.AdminName) error {
				letterhead, err := letterheadInForce(cmd.Context(), c, store)
				if err != nil {
					return err
				}
				if len(args) == 1 {
					err = approveRun(cmd, store, c, id, by, payroll.Approval{Letterhead: letterhead.Digest(), Manifest: manifest, Proven: c.Proven()}, notBefore)
				} else if err = stepUp(cmd.Context(), store, c, by, fmt.Sprintf("/runs/%d/slips", id)); err == nil {
					err = store.ReapproveSlips(cmd.Context(), id, parseNumbers(args[1:]), by, letterhead.Digest())
				}
				if err != nil {
					return err
				}
				return a.sayRun(cmd, store, id)
			})
		},
	}
	cmd.Flags().StringVar(&as, "as", "", "who approves (an admin's name)")
	cmd.Flags().StringVar(&manifest, "manifest", "", "hash of what was looked at, as runs review prints it")
	cmd.Flags().StringVar(&notBefore, "not-before", "", `no slip leaves earlier: "2026-11-27 08:00", in company.zone`)
	return cmd
}

func approveRun(cmd *cobra.Command, store *postgres.Store, c config.Config, id payroll.RunID, by payroll.AdminName, approval payroll.Approval, notBefore string) error {
	if notBefore != "" {
		freeze, err := freezeOf(c)
		if err != nil {
			return err
		}
		at, err := time.ParseInLocation("2006-01-02 15:04", notBefore, time.UTC)
		if err != nil {
			return usageError{fmt.Errorf(`write --not-before as "2026-11-27 08:00"`)}
		}
		approval.NotBefore = payroll.DateOf(at).At(at.Hour(), at.Minute(), freeze.Zone)
	}
	if err := stepUp(cmd.Context(), store, c, by, fmt.Sprintf("/runs/%d/approve", id)); err != nil {
		return err
	}
	if payroll.Step(c.Policy.RequiredStep) == payroll.StepCertified {
		company, err := companyOf(c)
		if err != nil {
			return err
		}
		store.Trust(company)
	}
	return store.ApproveRun(cmd.Context(), id, by, approval)
}

// reviewed is what runs review prints.
type reviewed struct {
	Run      payroll.RunID              `json:"run"`
	State    payroll.RunState           `json:"state"`
	Slips    int                        `json:"slips"`
	Held     map[payroll.HoldReason]int `json:"held"`    // who would be held, as far as the database knows
	Changed  int                        `json:"changed"` // whose address or certificate is not that of the run before
	Sample   []sampled                  `json:"sample"`
	Manifest string                     `json:"manifest"`
}

type sampled struct {
	Employee payroll.EmployeeNumber `json:"employee"`
	Opened   bool                   `json:"opened"`
}

// newRunsReview shows what approving a run would say yes to.
func newRunsReview(a *app) *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:   "review RUN --as NAME",
		Short: "Show what approving a run would fix: counts, the sample to open, and the manifest's hash",
		Args:  exactly(1, "RUN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.actingOnRun(cmd, args, as, []payroll.Role{payroll.RoleApprover}, func(store *postgres.Store, c config.Config, id payroll.RunID, by payroll.AdminName) error {
				answer, err := reviewRun(cmd, store, c, id, by)
				if err != nil {
					return err
				}
				if a.json {
					return printJSON(cmd.OutOrStdout(), answer)
				}
				return printReview(cmd.OutOrStdout(), answer)
			})
		},
	}
	cmd.Flags().StringVar(&as, "as", "", "who reviews (an admin's name)")
	return cmd
}

func reviewRun(cmd *cobra.Command, store *postgres.Store, c config.Config, id payroll.RunID, by payroll.AdminName) (reviewed, error) {
	letterhead, err := letterheadInForce(cmd.Context(), c, store)
	if err != nil {
		return reviewed{}, err
	}
	freeze, err := freezeOf(c)
	if err != nil {
		return reviewed{}, err
	}
	run, err := store.Run(cmd.Context(), id)
	if err != nil {
		return reviewed{}, err
	}
	found, err := store.FreshInspection(cmd.Context(), id, letterhead.Digest(), freeze)
	if err != nil {
		return reviewed{}, err
	}
	opened, err := store.Openings(cmd.Context(), id, by)
	answer := reviewed{
		Run: id, State: run.State, Slips: found.Slips, Held: found.HeldBy(), Changed: len(found.Changed),
		Sample: []sampled{}, Manifest: found.Manifest,
	}
	for _, n := range found.Sample {
		answer.Sample = append(answer.Sample, sampled{n, slices.Contains(opened, n)})
	}
	return answer, err
}

func printReview(w io.Writer, r reviewed) error {
	rows := [][]string{{"slips", strconv.Itoa(r.Slips)}, {"address or certificate changed", strconv.Itoa(r.Changed)}}
	reasons := make([]string, 0, len(r.Held))
	for reason := range r.Held {
		reasons = append(reasons, string(reason))
	}
	slices.Sort(reasons)
	for _, reason := range reasons {
		rows = append(rows, []string{"would be held: " + reason, strconv.Itoa(r.Held[payroll.HoldReason(reason)])})
	}
	for _, s := range r.Sample {
		word := "not opened"
		if s.Opened {
			word = "opened"
		}
		rows = append(rows, []string{"sample: " + string(s.Employee), word})
	}
	return printTable(w, []string{"RUN " + strconv.FormatInt(int64(r.Run), 10), string(r.State)}, append(rows, []string{"manifest", r.Manifest}))
}
