package payroll

import (
	"testing"
	"time"
)

func TestFate(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 10, 30, 9, 0, 0, 0, time.UTC)
	retry := Retry{First: 5 * time.Minute, Max: 2 * time.Hour, ResendUnsure: true, UnsureDelay: time.Minute}
	giveUp := now.Add(72 * time.Hour)
	in := now.Add
	for _, test := range []struct {
		name   string
		kind   Kind
		tries  int
		giveUp time.Time
		want   Fate
	}{
		{"accepted", Accepted, 1, giveUp, Fate{State: SlipAccepted}},
		{"refused", Refused, 1, giveUp, Fate{State: SlipRefused}},
		{"accepted after the end", Accepted, 9, now, Fate{State: SlipAccepted}},
		{"unsure", Unsure, 1, giveUp, Fate{State: SlipQueued, Due: in(time.Minute)}},
		{"first deferral", Deferred, 1, giveUp, Fate{State: SlipDeferred, Due: in(5 * time.Minute)}},
		{"second", Deferred, 2, giveUp, Fate{State: SlipDeferred, Due: in(10 * time.Minute)}},
		{"fifth", Deferred, 5, giveUp, Fate{State: SlipDeferred, Due: in(80 * time.Minute)}},
		{"sixth is the longest", Deferred, 6, giveUp, Fate{State: SlipDeferred, Due: in(2 * time.Hour)}},
		{"thousandth", Deferred, 1000, giveUp, Fate{State: SlipDeferred, Due: in(2 * time.Hour)}},
		{"a try that was never counted", Deferred, 0, giveUp, Fate{State: SlipDeferred, Due: in(5 * time.Minute)}},
		{"given up", Deferred, 1, in(4 * time.Minute), Fate{State: SlipRefused}},
		{"just in time", Deferred, 1, in(5 * time.Minute), Fate{State: SlipDeferred, Due: in(5 * time.Minute)}},
	} {
		if got := retry.Fate(Outcome{Kind: test.kind}, test.tries, now, test.giveUp); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
	retry.ResendUnsure = false
	if got := retry.Fate(Outcome{Kind: Unsure}, 1, now, giveUp); got != (Fate{State: SlipUnsure}) {
		t.Errorf("unsure, for a person to settle: %+v", got)
	}
}
