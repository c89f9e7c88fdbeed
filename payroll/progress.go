package payroll

import "time"

// RunQuery chooses runs, the newest first.
type RunQuery struct {
	State  RunState // "" for every one
	Year   int      // of the period; 0 for every one
	Before RunID    // the last one that was read; 0 for the first page
	After  RunID    // instead of Before: those just newer than this one
	Limit  int
}

// RunLine is a run in a list.
type RunLine struct {
	Run
	Slips  int               `json:"slips"`
	Counts map[SlipState]int `json:"counts"` // never nil
}

// Progress is where a run stands at one moment.
type Progress struct {
	Run        RunID             `json:"run"`
	State      RunState          `json:"state"`
	Reason     string            `json:"reason,omitempty"`
	Counts     map[SlipState]int `json:"counts"` // never nil
	StartedAt  *time.Time        `json:"started_at"`
	FinishedAt *time.Time        `json:"finished_at"`
	At         time.Time         `json:"at"` // by the database's clock
}

// Started reports whether slips of the run may have left.
func (p Progress) Started() bool { return (&Run{State: p.State}).Started() }

// All is how many slips the run has.
func (p Progress) All() int { return sumOf(p.Counts, func(SlipState) bool { return true }) }

// Settled is how many of them nobody works on any more: they are final, or wait
// for a person.
func (p Progress) Settled() int {
	return sumOf(p.Counts, func(s SlipState) bool { return s.Final() || s == SlipHeld || s == SlipUnsure })
}

// Left is how many are still to go by themselves.
func (p Progress) Left() int { return p.All() - p.Settled() }

func sumOf(counts map[SlipState]int, of func(SlipState) bool) int {
	n := 0
	for state, count := range counts {
		if of(state) {
			n += count
		}
	}
	return n
}

// SlipQuery chooses slips of a run in the order of the employees' numbers.
type SlipQuery struct {
	State  SlipState      // "" for every one
	Prefix EmployeeNumber // how the number begins; "" for every one
	After  EmployeeNumber // the last one that was read; "" for the first page
	Before EmployeeNumber // instead of After: those just before this one
	Limit  int
}

// SlipLine is a slip in a list: never what it says.
type SlipLine struct {
	ID          SlipID         `json:"slip"`
	Employee    EmployeeNumber `json:"employee"`
	Name        string         `json:"name"` // as the roster has it
	State       SlipState      `json:"state"`
	Hold        HoldReason     `json:"hold,omitempty"`
	Fingerprint Fingerprint    `json:"fingerprint,omitempty"` // of the last attempt, else the pinned one
	Attempts    int            `json:"attempts"`
	Outcome     Kind           `json:"outcome,omitempty"` // of the last attempt
	Phase       string         `json:"phase,omitempty"`
	Code        int            `json:"code,omitempty"` // 0: there was no reply
	Reply       string         `json:"reply,omitempty"`
	FinishedAt  *time.Time     `json:"finished_at,omitempty"` // of the last attempt
	DueAt       *time.Time     `json:"due_at,omitempty"`      // of a slip that waits for another try
	ChangedAt   time.Time      `json:"changed_at"`
	Supersedes  SlipID         `json:"supersedes,omitempty"`
}

// Tried is one attempt as it stands in the ledger.
type Tried struct {
	ID          AttemptID   `json:"id"`
	Fingerprint Fingerprint `json:"fingerprint"`
	BegunAt     time.Time   `json:"begun_at"`
	FinishedAt  *time.Time  `json:"finished_at"` // nil: it is open
	Outcome     Kind        `json:"outcome,omitempty"`
	Phase       string      `json:"phase,omitempty"`
	Code        int         `json:"code,omitempty"`
	Reply       string      `json:"reply,omitempty"`
}

// Release is one person's word that a slip may go which the change freeze holds.
type Release struct {
	By     AdminName `json:"by"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
	Counts bool      `json:"counts"` // nothing has changed since
}

// SlipAccount is all that is known of one slip, but not what it says.
type SlipAccount struct {
	SlipLine
	Pin         Pin              `json:"pin"`
	Standing    Standing         `json:"-"`        // now; Subkeys and Problem are for the caller to find
	Certificate []byte           `json:"-"`        // that stands now, as keystore stores it; empty if there is none
	Shredded    bool             `json:"shredded"` // its pay data are gone, and nothing stands now to compare with
	Tried       []Tried          `json:"tried"`
	Releases    []Release        `json:"releases"`
	Twins       []EmployeeNumber `json:"twins"`     // taken for whom, and nobody has acknowledged it
	Original    RunID            `json:"original"`  // in which run the slip is whose place it takes; 0 for none
	Successor   RunID            `json:"successor"` // which run corrects it; 0 for none. Rejected and void ones do not count
	GiveUpAt    *time.Time       `json:"give_up_at"`
	NoticedAt   *time.Time       `json:"noticed_at"` // when the employee was told that it is held
}
