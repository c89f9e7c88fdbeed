package payroll

import (
	"fmt"
	"regexp"
	"time"
)

// ScheduleAction is what a schedule does when it is due.
type ScheduleAction string

// The actions.
const (
	ActionSend ScheduleAction = "send" // start the approved runs of the period
	ActionSync ScheduleAction = "sync" // read the roster from the customer's HR database
)

// ScheduleRule is a monthly rule with a name and an action.
type ScheduleRule struct {
	ID      int64
	Name    string
	Action  ScheduleAction
	Monthly MonthlyRule
	Since   time.Time // nothing that fell due before is ever caught up
}

var scheduleName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)

// Check refuses a rule with an unusable name or an unknown action.
func (r ScheduleRule) Check() error {
	switch {
	case !scheduleName.MatchString(r.Name):
		return fmt.Errorf("%w: a schedule's name is lower-case letters, digits or '-', starting with a letter", ErrInvalid)
	case r.Action != ActionSend && r.Action != ActionSync:
		return fmt.Errorf("%w: actions are send and sync", ErrInvalid)
	}
	return nil
}

// Due is one thing that a schedule asks for: an action, once per rule and period.
type Due struct {
	Rule   int64
	Name   string
	Action ScheduleAction
	Period Period
	At     time.Time
}

// DueState is what became of something due.
type DueState string

// The states. A late one was found only when its time had passed so long that
// policy asks for a person.
const (
	DuePending DueState = "pending"
	DueDone    DueState = "done"
	DueLate    DueState = "late"
	DueFailed  DueState = "failed"
)

// DueRecord is one thing that was due and what became of it.
type DueRecord struct {
	Name   string     `json:"name"`
	Period string     `json:"period"`
	At     time.Time  `json:"at"`
	State  DueState   `json:"state"`
	Note   string     `json:"note,omitempty"`
	DoneAt *time.Time `json:"done_at,omitempty"`
}
