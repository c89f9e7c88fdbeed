package payroll

import "time"

// AttemptID is a random UUID in its usual text form.
type AttemptID string

// WorkerID is the random UUID of one worker process.
type WorkerID string

// Parcel is one slip that a worker has claimed, with all that it needs to carry
// it down the corridor.
type Parcel struct {
	ID          SlipID
	Run         RunID
	Slip        Slip
	Pin         Pin
	Seal        []byte   // of the pin, as it is stored; Standing.Tampered says if it is not good
	Standing    Standing // Problem is set only for a certificate whose use was revoked
	Certificate []byte   // as keystore stores it; empty if there is none
	Proof       []byte   // the vault's word on its signatures; empty if there is none
	Profile     MailProfile
	Hold        HoldReason // of a held slip
	Tries       int        // attempts that were begun before
	GiveUpAt    time.Time
}

// Attempt is one try at handing a slip to the relay. It is written down before
// the first byte goes out.
type Attempt struct {
	ID          AttemptID
	Slip        SlipID
	Worker      WorkerID
	Email       Address     // where it is about to go
	Fingerprint Fingerprint // to which certificate it was sealed
	Page        PageDigest  // of the PDF inside the mail
	Supersedes  SlipID      // whose place the slip takes; "" of one that corrects nothing
}

// Fate is what becomes of a slip after an attempt.
type Fate struct {
	State SlipState
	Due   time.Time // of a slip that will be tried again; zero otherwise
}

// Retry is the policy about trying again.
type Retry struct {
	First        time.Duration // the delay after the first deferral; it doubles with each one
	Max          time.Duration // the longest delay
	ResendUnsure bool          // send an unsure slip again; otherwise a person settles it
	UnsureDelay  time.Duration // how long to wait before that
}

// Fate decides what becomes of a slip. tries counts this attempt; giveUp is the
// moment from which a deferral counts as a refusal, and from which an unsure
// slip waits for a person.
func (r Retry) Fate(o Outcome, tries int, now, giveUp time.Time) Fate {
	switch o.Kind {
	case Accepted:
		return Fate{State: SlipAccepted}
	case Refused:
		return Fate{State: SlipRefused}
	case Unsure:
		if due := now.Add(r.UnsureDelay); r.ResendUnsure && !due.After(giveUp) {
			return Fate{State: SlipQueued, Due: due}
		}
		return Fate{State: SlipUnsure}
	}
	due := now.Add(r.delay(tries))
	if due.After(giveUp) {
		return Fate{State: SlipRefused}
	}
	return Fate{State: SlipDeferred, Due: due}
}

// delay doubles from First with every try until it reaches Max.
func (r Retry) delay(tries int) time.Duration {
	delay := r.First
	for range tries - 1 {
		if delay >= r.Max {
			return r.Max
		}
		delay *= 2
	}
	return min(delay, r.Max)
}
