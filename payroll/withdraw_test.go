package payroll

import (
	"errors"
	"testing"
)

func TestMayWithdraw(t *testing.T) {
	t.Parallel()
	waits := map[SlipState]bool{SlipReady: true, SlipQueued: true, SlipDeferred: true, SlipHeld: true}
	for _, state := range SlipStates {
		for run, open := range map[RunState]bool{
			RunDraft: false, RunSubmitted: false, RunRejected: false, RunVoid: false,
			RunApproved: true, RunSending: true, RunPaused: true, RunComplete: true, RunIncomplete: true,
		} {
			r := Run{ID: 7, State: run}
			err := r.MayWithdraw(Correctable{Employee: "1", State: state}, false)
			if want := open && waits[state]; (err == nil) != want || err != nil && !errors.Is(err, ErrWrongState) {
				t.Errorf("a slip that is %s in a run that is %s: %v", state, run, err)
			}
		}
		r := Run{ID: 7, State: RunSending}
		if err := r.MayWithdraw(Correctable{State: state}, true); !errors.Is(err, ErrWrongState) {
			t.Errorf("a slip that is %s and may have left: %v", state, err)
		}
		if err := r.MayWithdraw(Correctable{State: state, Successor: 8}, false); !errors.Is(err, ErrWrongState) {
			t.Errorf("a slip that is %s and is corrected: %v", state, err)
		}
	}
	for outcome, want := range map[Kind]bool{"": true, Accepted: true, Unsure: true, Deferred: false, Refused: false} {
		if got := MayHaveLeft([]Tried{{Outcome: Deferred}, {Outcome: outcome}}); got != want {
			t.Errorf("after an outcome %q: %v", outcome, got)
		}
	}
}
