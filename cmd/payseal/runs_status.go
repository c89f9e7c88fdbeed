package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

// runStatus is where a run stands, as --json prints it.
type runStatus struct {
	payroll.Run
	Slips  int                       `json:"slips"`
	Counts map[payroll.SlipState]int `json:"counts"`
}

func readRunStatus(cmd *cobra.Command, store *postgres.Store, id payroll.RunID) (runStatus, error) {
	run, err := store.Run(cmd.Context(), id)
	if err != nil {
		return runStatus{}, err
	}
	counts, err := store.Counts(cmd.Context(), id)
	status := runStatus{Run: run, Counts: counts}
	for _, n := range counts {
		status.Slips += n
	}
	return status, err
}

// line names every state that has slips: "22 accepted, 3 held".
func (s runStatus) line() string {
	var parts []string
	for _, state := range payroll.SlipStates {
		if n := s.Counts[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, state))
		}
	}
	return strings.Join(parts, ", ")
}

// settled counts the slips for which nobody works any more.
func (s runStatus) settled() int {
	n := s.Counts[payroll.SlipHeld] + s.Counts[payroll.SlipUnsure]
	for state, count := range s.Counts {
		if state.Final() {
			n += count
		}
	}
	return n
}

func newRunsList(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the runs, the newest first",
		Args:  exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd.Context(), func(store *postgres.Store, _ config.Config) error {
				runs, err := store.Runs(cmd.Context())
				if err != nil {
					return err
				}
				header := []string{"RUN", "PERIOD", "PAY DATE", "STATE", "IMPORTED BY", "APPROVED BY"}
				return sayList(a, cmd.OutOrStdout(), runs, header, func(r payroll.Run) []string {
					return []string{
						strconv.FormatInt(int64(r.ID), 10), r.Period.String(), r.PayDate.String(), string(r.State),
						string(r.ImportedBy), string(r.ApprovedBy),
					}
				})
			})
		},
	}
}

func newRunsStatus(a *app) *cobra.Command {
	var watch bool
	var until string
	cmd := &cobra.Command{
		Use:   "status RUN [--watch [--until complete]]",
		Short: "Say where a run stands, with the counts of its slips",
		Args:  exactly(1, "RUN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			moving, known := watchEnds[until]
			if !known {
				return usageError{fmt.Errorf("watch --until settled or --until complete")}
			}
			return a.onRun(cmd, args, func(store *postgres.Store, _ config.Config, id payroll.RunID) error {
				if watch {
					return a.watchRun(cmd, store, id, moving)
				}
				status, err := readRunStatus(cmd, store, id)
				if err != nil {
					return err
				}
				return a.printStatus(cmd, store, status)
			})
		},
	}
	cmd.Flags().BoolVar(&watch, "watch", false, "show the progress until nothing moves any more")
	cmd.Flags().StringVar(&until, "until", "settled", "what ends a watch: settled (held slips may be left) or complete")
	return cmd
}

// watchEnds are the states in which a watch goes on.
var watchEnds = map[string][]payroll.RunState{
	"settled":  {payroll.RunSending},
	"complete": {payroll.RunSending, payroll.RunPaused, payroll.RunIncomplete},
}

func (a *app) printStatus(cmd *cobra.Command, store *postgres.Store, s runStatus) error {
	if a.json {
		return printJSON(cmd.OutOrStdout(), s)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "Run %d (%s, paid %s) is %s: %s.\n", s.ID, s.Period, s.PayDate, s.State, s.line())
	if s.Reason != "" {
		fmt.Fprintf(cmd.OutOrStdout(), "Reason: %s\n", s.Reason)
	}
	twins, err := store.Twins(cmd.Context(), s.ID)
	if err != nil {
		return err
	}
	open := 0
	for _, t := range twins {
		if t.AcknowledgedBy == "" {
			open++
		}
	}
	if open > 0 {
		fmt.Fprintf(cmd.OutOrStdout(), "%d twin findings are not acknowledged; their slips will be held (payseal runs twins %d).\n", open, s.ID)
	}
	return nil
}

// watchRun shows a bar with the counts per state, the rate and the time left
// while it is in one of the states. To count takes the longer the more slips there
// are, and is done less often then.
func (a *app) watchRun(cmd *cobra.Command, store *postgres.Store, id payroll.RunID, moving []payroll.RunState) error {
	asked := time.Now()
	status, err := readRunStatus(cmd, store, id)
	if err != nil {
		return err
	}
	show := newProgress(cmd.ErrOrStderr(), status.Slips, "slips")
	for slices.Contains(moving, status.State) {
		show(status.settled(), status.line())
		pause := min(5*time.Second, max(500*time.Millisecond, 50*time.Since(asked)))
		if err := outwait(cmd.Context(), store, id, status.State, pause); err != nil {
			return err
		}
		asked = time.Now()
		if status, err = readRunStatus(cmd, store, id); err != nil {
			return err
		}
	}
	show(status.settled(), status.line())
	fmt.Fprintln(cmd.ErrOrStderr())
	return a.printStatus(cmd, store, status)
}

// outwait returns after a pause, or soon after the run has left a state: its state
// is one row to ask for, and its counts are all its slips.
func outwait(ctx context.Context, store *postgres.Store, id payroll.RunID, state payroll.RunState, pause time.Duration) error {
	for end := time.Now().Add(pause); time.Now().Before(end); {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(100*time.Millisecond, pause)):
		}
		if run, err := store.Run(ctx, id); err != nil || run.State != state {
			return err
		}
	}
	return nil
}

// newProgress draws a bar in a terminal, and elsewhere a line for every tenth
// of the way.
func newProgress(w io.Writer, total int, what string) func(done int, line string) {
	if !isTerminal(w) {
		last := -1
		return func(done int, line string) {
			if tenth := 10 * done / max(total, 1); tenth != last {
				fmt.Fprintln(w, line)
				last = tenth
			}
		}
	}
	bar := progressbar.NewOptions(total,
		progressbar.OptionSetWriter(w), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
		progressbar.OptionSetItsString(what), progressbar.OptionSetPredictTime(true),
		progressbar.OptionSetWidth(30), progressbar.OptionSetTheme(progressbar.ThemeDefault))
	return func(done int, line string) {
		bar.Describe(line)
		_ = bar.Set(done) // a bar that cannot be drawn stops nothing
	}
}

func newRunsTwins(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "twins RUN",
		Short: "List the run's employees who are easily taken for each other",
		Args:  exactly(1, "RUN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.onRun(cmd, args, func(store *postgres.Store, _ config.Config, id payroll.RunID) error {
				if _, err := store.Run(cmd.Context(), id); err != nil {
					return err
				}
				twins, err := store.Twins(cmd.Context(), id)
				if err != nil {
					return err
				}
				header := []string{"EMPLOYEE", "AND", "FINDING", "ACKNOWLEDGED BY", "NOTE"}
				return sayList(a, cmd.OutOrStdout(), twins, header, func(t postgres.TwinFinding) []string {
					return []string{string(t.First), string(t.Second), string(t.Kind), string(t.AcknowledgedBy), t.Note}
				})
			})
		},
	}
}
