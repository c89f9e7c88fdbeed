package payroll

import "time"

// AlarmKind says what an alarm is about.
type AlarmKind string

// The kinds of alarms.
const (
	AlarmTampered   AlarmKind = "tampered"               // what is stored of a slip, or of who may act, is not what payseal wrote
	AlarmChanged    AlarmKind = "changed_after_approval" // seen as a slip was about to leave
	AlarmLatePayday AlarmKind = "late_payday"            // a schedule was due, and nothing left
	AlarmAudit      AlarmKind = "audit_broken"           // the audit log was changed
	AlarmCanary     AlarmKind = "canary"                 // the slip that is sent to see whether all is well was not
	AlarmSettings   AlarmKind = "settings_changed"       // what takes two people is not what two people confirmed
)

// alarmSentences tell people what an alarm means and what to do.
var alarmSentences = map[AlarmKind]string{
	AlarmTampered:   "somebody changed in the database what was approved, or who may act. A slip is held, an account or a visit does not count. Find out who can write there before you approve the slip again, or disable the account and let two people bring it back",
	AlarmChanged:    "something was changed after the approval, and the slip is held; look at who changed it, then approve the slip again or void it",
	AlarmLatePayday: "a schedule was due and its slips did not leave; send the run by hand once it is approved",
	AlarmAudit:      "the audit log is not what it was; entries were changed or removed in the database. Compare it with an export that you keep elsewhere",
	AlarmCanary:     "the slip that is sent to see whether all is well did not arrive as it should",
	AlarmSettings:   "settings that take two people are not those that two people confirmed",
}

// Sentence says what an alarm of this kind means and what to do.
func (k AlarmKind) Sentence() string { return alarmSentences[k] }

// Alarm is something that nobody should have to look for. It is open until a
// person has settled it.
type Alarm struct {
	ID        int64      `json:"id"`
	Kind      AlarmKind  `json:"kind"`
	Run       RunID      `json:"run,omitempty"`   // 0: about no run
	Slip      SlipID     `json:"slip,omitempty"`  // "": about more than one, or about none
	Words     string     `json:"words,omitempty"` // more, in fixed words; no names, no addresses, no amounts
	At        time.Time  `json:"at"`
	SettledBy AdminName  `json:"settled_by,omitempty"`
	SettledAt *time.Time `json:"settled_at,omitempty"`
	Note      string     `json:"note,omitempty"` // of whoever settled it
}

// Alarm is the alarm that a hold raises; false for reasons that raise none. A
// letterhead is the whole run's, and so is its alarm.
func (h HoldReason) Alarm(run RunID, slip SlipID) (Alarm, bool) {
	switch h {
	case HoldTampered:
		return Alarm{Kind: AlarmTampered, Run: run, Slip: slip}, true
	case HoldLetterheadChanged:
		return Alarm{Kind: AlarmChanged, Run: run, Words: string(h)}, true
	case HoldContentChanged, HoldAddressChanged, HoldCertificateChanged:
		return Alarm{Kind: AlarmChanged, Run: run, Slip: slip, Words: string(h)}, true
	}
	return Alarm{}, false
}
