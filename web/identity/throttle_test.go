package identity

import (
	"slices"
	"testing"
	"time"
)

// ago are times before noon, in seconds.
func ago(seconds ...int) []time.Time {
	times := make([]time.Time, len(seconds))
	for i, s := range seconds {
		times[i] = noon.Add(-time.Duration(s) * time.Second)
	}
	return times
}

// many are failures a second apart, the last of them so many seconds before noon.
func many(count, last int) []time.Time {
	var seconds []int
	for i := range count {
		seconds = append(seconds, last+i)
	}
	return ago(seconds...)
}

func TestWait(t *testing.T) {
	t.Parallel()
	day := int(failuresCount / time.Second)
	for name, test := range map[string]struct {
		failures Failures
		known    bool
		want     time.Duration
	}{
		"nothing yet":                        {},
		"four":                               {failures: Failures{Account: many(4, 0)}},
		"the fifth":                          {failures: Failures{Account: many(5, 0)}, want: time.Second},
		"the sixth":                          {failures: Failures{Account: many(6, 0)}, want: 2 * time.Second},
		"the sixth, a second ago":            {failures: Failures{Account: many(6, 1)}, want: time.Second},
		"the sixth, long enough ago":         {failures: Failures{Account: many(6, 2)}},
		"in any order":                       {failures: Failures{Account: ago(9, 1, 7, 5, 3, 8)}, want: time.Second},
		"the ninth":                          {failures: Failures{Account: many(9, 0)}, want: 16 * time.Second},
		"the fourteenth":                     {failures: Failures{Account: many(14, 0)}, want: 512 * time.Second},
		"the fifteenth":                      {failures: Failures{Account: many(15, 0)}, want: 15 * time.Minute},
		"ten thousand":                       {failures: Failures{Account: many(10_000, 0)}, want: 15 * time.Minute},
		"ten thousand, a quarter later":      {failures: Failures{Account: many(10_000, 900)}},
		"yesterday's":                        {failures: Failures{Account: many(10_000, day)}},
		"yesterday's and four":               {failures: Failures{Account: append(many(4, 0), many(9, day)...)}},
		"a clock ahead of ours":              {failures: Failures{Account: many(6, -3600)}, want: 2 * time.Second},
		"neighbours":                         {failures: Failures{Client: many(19, 0)}},
		"too many neighbours":                {failures: Failures{Client: many(21, 0)}, want: 2 * time.Second},
		"both, the longer":                   {failures: Failures{Account: many(7, 0), Client: many(21, 0)}, want: 4 * time.Second},
		"strangers and the known browser":    {failures: Failures{Account: many(10_000, 0), Client: many(10_000, 0)}, known: true},
		"the known browser's own":            {failures: Failures{Browser: many(6, 0)}, known: true, want: 2 * time.Second},
		"a known browser's, elsewhere":       {failures: Failures{Browser: many(10_000, 0)}},
		"the known browser's, for ever":      {failures: Failures{Browser: many(10_000, 0)}, known: true, want: 15 * time.Minute},
		"the known browser's, a quarter ago": {failures: Failures{Browser: many(10_000, 900)}, known: true},
	} {
		if got := test.failures.Wait(test.known, noon); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

// Whatever an attacker does, there is a moment within a quarter of an hour at which the
// next try is looked at; and they get few tries a day.
func TestWaitEnds(t *testing.T) {
	t.Parallel()
	var failures []time.Time
	at, tries := noon, 0
	for at.Before(noon.Add(24 * time.Hour)) {
		wait := Failures{Account: failures}.Wait(false, at)
		if wait > longestWait || wait < 0 {
			t.Fatalf("waits %s", wait)
		}
		at = at.Add(wait)
		failures = append(failures, at)
		tries++
	}
	if tries < 15 || tries > 120 {
		t.Errorf("%d tries in a day", tries)
	}
	slices.Reverse(failures)
	if wait := (Failures{Account: failures}).Wait(true, at); wait != 0 {
		t.Errorf("the known browser waits %s", wait)
	}
}
