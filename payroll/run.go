package payroll

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// RunID numbers the runs of one installation from 1.
type RunID int64

// RunState is where a run stands.
type RunState string

// The states of a run.
const (
	RunDraft      RunState = "draft"
	RunSubmitted  RunState = "submitted"
	RunRejected   RunState = "rejected"
	RunApproved   RunState = "approved"
	RunSending    RunState = "sending"
	RunPaused     RunState = "paused"
	RunComplete   RunState = "complete"
	RunIncomplete RunState = "incomplete"
	RunVoid       RunState = "void"
)

// Run is one payroll file on its way.
type Run struct {
	ID          RunID      `json:"id"`
	State       RunState   `json:"state"`
	Period      Period     `json:"period"`
	PayDate     Date       `json:"pay_date"`
	Currency    Currency   `json:"currency"`
	FileSHA256  string     `json:"file_sha256"` // hexadecimal
	Letterhead  string     `json:"letterhead"`  // digest of the letterhead that was approved; "" before
	ImportedBy  AdminName  `json:"imported_by"`
	SubmittedBy AdminName  `json:"submitted_by,omitempty"`
	ApprovedBy  AdminName  `json:"approved_by,omitempty"`
	Manifest    string     `json:"manifest,omitempty"` // SHA-256 of what was approved, in hexadecimal; "" before
	SubmittedAt *time.Time `json:"submitted_at,omitempty"`
	ApprovedAt  *time.Time `json:"approved_at,omitempty"`
	NotBefore   *time.Time `json:"not_before,omitempty"` // nothing of it is sent earlier; in the zone of whoever chose it
	Reason      string     `json:"reason,omitempty"`     // of a rejection, a void or a pause
	Supplement  bool       `json:"supplement,omitempty"` // pays people again whom another run of the month pays
	Source      string     `json:"source,omitempty"`     // whose mapping its file was read with; "" if nobody said
	Compared    RunID      `json:"compared,omitempty"`   // with which run its remarks compare it; 0 for none
	Corrects    RunID      `json:"corrects,omitempty"`   // whose slips it takes the place of; 0 for none
	Correction  string     `json:"correction,omitempty"` // why
	CreatedAt   time.Time  `json:"created_at"`
	ShreddedAt  *time.Time `json:"shredded_at,omitempty"` // when its pay data were destroyed; nil: they are there

	Upload   string `json:"-"` // at import: the upload that it is made of, which goes; "" for none
	Variance int64  `json:"-"` // at import: percent of net pay beyond which a slip is remarked; 0 for DefaultVariance
}

// DefaultVariance is the percent of net pay beyond which a change is remarked, if
// nobody says otherwise.
const DefaultVariance = 20

// Submit hands a draft to the approver.
func (r *Run) Submit(by AdminName) error {
	if err := r.move(RunSubmitted, RunDraft); err != nil {
		return err
	}
	r.SubmittedBy = by
	return nil
}

// Approve is the second person's yes. Whoever imported or submitted the run
// may not give it, whatever their roles.
func (r *Run) Approve(by AdminName) error {
	if by == r.ImportedBy || by == r.SubmittedBy {
		return fmt.Errorf("%w: %s imported or submitted run %d; a second person must approve it", ErrNotAllowed, by, r.ID)
	}
	if err := r.move(RunApproved, RunSubmitted); err != nil {
		return err
	}
	r.ApprovedBy = by
	return nil
}

// Reapprove is the second person's yes to single slips of a run that has
// started, after something that was approved has changed.
func (r *Run) Reapprove(by AdminName) error {
	if by == r.ImportedBy || by == r.SubmittedBy {
		return fmt.Errorf("%w: %s imported or submitted run %d; a second person must approve its slips", ErrNotAllowed, by, r.ID)
	}
	if !r.Started() {
		return fmt.Errorf("%w: run %d is %s; approve the whole run", ErrWrongState, r.ID, r.State)
	}
	return nil
}

// NotTheirOwn refuses the yes of whoever changed what is to be approved again:
// own are the employees whose address they brought, or in whose certificate they
// had a hand, where neither is what was approved.
func NotTheirOwn(by AdminName, own []EmployeeNumber) error {
	if len(own) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s brought the new address of %s, or had a hand in the new certificate; a second person must approve the slip", ErrNotAllowed, by, own[0])
}

// Reject is the second person's no.
func (r *Run) Reject(by AdminName, reason string) error {
	if by == r.ImportedBy || by == r.SubmittedBy {
		return fmt.Errorf("%w: %s imported or submitted run %d; to take it back, void it", ErrNotAllowed, by, r.ID)
	}
	r.Reason = reason
	return r.move(RunRejected, RunSubmitted)
}

// Void ends a run of which nothing has been sent.
func (r *Run) Void(reason string) error {
	r.Reason = reason
	return r.move(RunVoid, RunDraft, RunSubmitted, RunApproved)
}

// Send starts an approved run, not before the time that its approver chose.
func (r *Run) Send(now time.Time) error {
	if r.State == RunApproved {
		if err := r.Wait(now); err != nil {
			return err
		}
	}
	return r.move(RunSending, RunApproved)
}

// Pause stops a run after the mails that are on the wire.
func (r *Run) Pause(reason string) error {
	r.Reason = reason
	return r.move(RunPaused, RunSending)
}

// Resume goes on with a paused run.
func (r *Run) Resume() error {
	r.Reason = ""
	return r.move(RunSending, RunPaused)
}

// Started reports whether slips of the run may have left.
func (r *Run) Started() bool {
	return slices.Contains([]RunState{RunSending, RunPaused, RunComplete, RunIncomplete}, r.State)
}

// oneOf names states as a sentence does: "sending or paused".
func oneOf(states []RunState) string {
	words := make([]string, len(states))
	for i, state := range states {
		words[i] = string(state)
	}
	return strings.Join(words, " or ")
}

func (r *Run) move(to RunState, from ...RunState) error {
	if !slices.Contains(from, r.State) {
		return fmt.Errorf("%w: run %d is %s, and only a run that is %s can become %s", ErrWrongState, r.ID, r.State, oneOf(from), to)
	}
	r.State = to
	return nil
}

// Settled is the state of a started run whose slips stand as counted: sending
// while any slip moves, complete when every slip is final, incomplete when all
// that is left waits for a person.
func Settled(slips map[SlipState]int) RunState {
	state := RunComplete
	for s, n := range slips {
		switch {
		case n == 0 || s.Final():
		case s.Moving():
			return RunSending
		default:
			state = RunIncomplete
		}
	}
	return state
}
