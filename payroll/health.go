package payroll

import "time"

// Health is how the machinery stands, as far as the database knows.
type Health struct {
	Now       time.Time // the database's clock
	Due       int       // slips of sending runs whose time has come
	Oldest    *time.Time
	Unsure    []UnsureRun
	Workers   []WorkerPulse
	Relay     RelayPulse
	Outbox    OutboxPulse
	Database  DatabasePulse
	Canary    CanaryPulse
	AuditSeen *time.Time // when a worker last found the audit log whole; nil: never
}

// UnsureRun is a run with slips of which nobody knows whether the relay took them.
type UnsureRun struct {
	Run   RunID
	Slips int
}

// WorkerSilence is how long a worker may be silent before it counts as dead.
const WorkerSilence = 15 * time.Second

// WorkerPulse is one worker process.
type WorkerPulse struct {
	ID    WorkerID
	Host  string
	Since time.Time
	Seen  time.Time
}

// Dead reports whether the worker has been silent for too long.
func (w WorkerPulse) Dead(now time.Time) bool { return now.Sub(w.Seen) > WorkerSilence }

// RelayPulse is how the relay answered in the last hour, and when it last took a
// slip or another mail.
type RelayPulse struct {
	Outcomes map[Kind]int
	LastGood *time.Time // nil: never
}

// OutboxPulse is how the mails stand that are no slips.
type OutboxPulse struct {
	Queued, Refused int // refused in the last week
	Oldest          *time.Time
}

// DatabasePulse is the database itself.
type DatabasePulse struct {
	Version                     string
	Bytes                       int64
	Connections, MaxConnections int
	MissingSteps                int // of the schema
}

// CanaryPulse is what became of the specimens that are sent to one employee every
// day, to see whether all is well.
type CanaryPulse struct {
	Employee EmployeeNumber // of the last one; "" if there was none
	Written  *time.Time
	State    NoticeState
	Code     int        // of the relay's last answer that was not a yes
	LastGood *time.Time // when the relay last took one
	First    *time.Time // since when they are sent
}

// CanaryPatience is how long after the last canary that the relay took, or the
// first one of all, its silence is an alarm.
const CanaryPatience = 26 * time.Hour

// The words of alarms about the canary.
const (
	CanarySilent  = "no answer for 26 hours"
	CanaryRefused = "the relay refused it"
	CanaryKeyless = "the employee has no certificate that counts"
)

// Alarm is what is wrong with the canary; false if nothing is.
func (c CanaryPulse) Alarm(now time.Time) (Alarm, bool) {
	since := c.LastGood
	if since == nil {
		since = c.First
	}
	switch {
	case c.State == NoticeRefused:
		return Alarm{Kind: AlarmCanary, Words: CanaryRefused}, true
	case c.State == NoticeDropped:
		return Alarm{Kind: AlarmCanary, Words: CanaryKeyless}, true
	case since != nil && now.Sub(*since) > CanaryPatience:
		return Alarm{Kind: AlarmCanary, Words: CanarySilent}, true
	}
	return Alarm{}, false
}

// TopicCanary marks the specimen that is the canary.
const TopicCanary = "canary"

// Waiting is what waits for people, counted for the navigation and the first
// page.
type Waiting struct {
	Submitted []Run // whose approver is awaited: only ID, ImportedBy and SubmittedBy
	Drafts    []Run // imported and not submitted: the same
	Proposals []Proposal
	Calls     int
	Frozen    int // slips that the change freeze holds
	Unsure    int
	Alarms    int
	Reports   int // of employees, that nobody has settled
	Unsent    int // runs that are approved and wait to be sent
}

// Started is what a new installation has by now.
type Started struct{ Employees, Certificates, Rules, Runs bool }
