package identity

import (
	"time"
)

// Failures are the times at which passwords or codes were wrong since somebody last
// signed in to the account (a client's: at all), in any order. A try that had to wait
// was not looked at and is no failure.
type Failures struct {
	Account []time.Time // of this account, from browsers that it does not know
	Browser []time.Time // of this account, from the one browser that tries now, if the account knows it
	Client  []time.Time // of the client's network address, whatever the account
}

// Failures that are free, and how the wait after them grows: a second, doubled for
// each further one, never more than a quarter of an hour. A day later none counts.
const (
	freeFailures       = 5  // of an account, or of one of its browsers
	freeClientFailures = 20 // of an address, which a whole office may share
	longestWait        = 15 * time.Minute
	failuresCount      = 24 * time.Hour
)

// Wait is how long from at the next password or code is not looked at; zero is now. A
// browser that the account knows (it has signed in there before, which a signed cookie
// says) waits for its own failures only: strangers, and neighbours behind the same
// address, never keep a person out of where they always sign in. Passkeys cannot be
// guessed and do not wait.
func (f Failures) Wait(known bool, at time.Time) time.Duration {
	if known {
		return waitAfter(f.Browser, freeFailures, at)
	}
	return max(waitAfter(f.Account, freeFailures, at), waitAfter(f.Client, freeClientFailures, at))
}

func waitAfter(failures []time.Time, free int, at time.Time) time.Duration {
	count, last := 0, time.Time{}
	for _, failure := range failures {
		if failure.After(at) {
			failure = at // another host's clock; it must not make anybody wait longer
		}
		if at.Sub(failure) >= failuresCount {
			continue
		}
		count++
		if failure.After(last) {
			last = failure
		}
	}
	if count < free {
		return 0
	}
	wait := longestWait
	if doublings := count - free; doublings < 10 { // 2^10 s is more than the longest
		wait = min(wait, time.Second<<doublings)
	}
	return max(0, last.Add(wait).Sub(at))
}
