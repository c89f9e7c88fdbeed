package payroll

import (
	"errors"
	"testing"
	"time"
)

func TestHoldsThatRaiseAnAlarm(t *testing.T) {
	t.Parallel()
	for reason := range holdSentences {
		a, raised := reason.Alarm(7, "slip")
		var want Alarm
		switch reason {
		case HoldTampered:
			want = Alarm{Kind: AlarmTampered, Run: 7, Slip: "slip"}
		case HoldAddressChanged, HoldCertificateChanged, HoldContentChanged:
			want = Alarm{Kind: AlarmChanged, Run: 7, Slip: "slip", Words: string(reason)}
		case HoldLetterheadChanged: // of a hundred thousand slips at once
			want = Alarm{Kind: AlarmChanged, Run: 7, Words: string(reason)}
		}
		if a != want || raised != (want.Kind != "") {
			t.Errorf("%s: %+v, %t", reason, a, raised)
		}
	}
	for _, k := range []AlarmKind{AlarmTampered, AlarmChanged, AlarmLatePayday, AlarmAudit, AlarmCanary, AlarmSettings} {
		if k.Sentence() == "" {
			t.Errorf("%s has no sentence", k)
		}
	}
}

// chain is a log of n entries.
func chain(n int) []AuditEntry {
	log := make([]AuditEntry, n)
	var before AuditEntry
	for i := range log {
		log[i] = AuditEntry{Sequence: int64(i + 1), At: time.Unix(int64(i), 0), Act: Act{Who: "mia", What: "x"}, Previous: before.Hash}
		log[i].Hash = log[i].Seal()
		before = log[i]
	}
	return log
}

// rewritten is the log with another act at a place and every hash after it made
// to fit.
func rewritten(log []AuditEntry, at int64) []AuditEntry {
	changed := append([]AuditEntry(nil), log...)
	changed[at-1].Who = "eve"
	for i := at - 1; i < int64(len(changed)); i++ {
		if i > 0 {
			changed[i].Previous = changed[i-1].Hash
		}
		changed[i].Hash = changed[i].Seal()
	}
	return changed
}

func TestAuditWalk(t *testing.T) {
	t.Parallel()
	log := chain(9)
	head := func(n int) AuditHead { return AuditHead{int64(n), log[n-1].Hash} }
	changed := append([]AuditEntry(nil), log...)
	changed[2].Who = "eve"
	for name, c := range map[string]struct {
		log   []AuditEntry
		known []AuditHead
		whole bool
		good  bool
	}{
		"whole":                              {log, nil, true, true},
		"nothing known":                      {log, nil, false, true},
		"empty":                              {nil, nil, true, true},
		"from a head on":                     {log, []AuditHead{head(5)}, false, true},
		"from the last":                      {log, []AuditHead{head(9)}, false, true},
		"from the first":                     {log, []AuditHead{head(1)}, false, true},
		"from the beginning":                 {log, []AuditHead{{}}, false, true},
		"two heads":                          {log, []AuditHead{head(7), head(3)}, false, true},
		"whole with heads":                   {log, []AuditHead{head(7), head(3)}, true, true},
		"rewritten before the head":          {rewritten(log, 2), []AuditHead{head(5)}, false, false},
		"rewritten before, from elsewhere":   {rewritten(log, 2), []AuditHead{head(5)}, true, false},
		"rewritten at the head":              {rewritten(log, 5), []AuditHead{head(5)}, false, false},
		"rewritten after the earlier head":   {rewritten(log, 5), []AuditHead{head(3), head(7)}, false, false},
		"changed, hashes left, whole":        {changed, []AuditHead{head(5)}, true, false},
		"changed, hashes left, after":        {changed, []AuditHead{head(2)}, false, false},
		"cut off":                            {log[:4], []AuditHead{head(5)}, false, false},
		"cut off, whole":                     {log[:4], []AuditHead{head(5)}, true, false},
		"emptied":                            {nil, []AuditHead{head(5)}, true, false},
		"rewritten after every head: unseen": {rewritten(log, 6), []AuditHead{head(5)}, true, true},
		"from a head on, and none":           {log[3:], []AuditHead{head(5), {}}, false, true},
	} {
		walk := NewAuditWalk(c.whole, c.known...)
		var err error
		for _, e := range c.log {
			if e.Sequence >= walk.From() && err == nil {
				err = walk.Visit(e)
			}
		}
		end, endErr := walk.End()
		if err = errors.Join(err, endErr); (err == nil) != c.good || err != nil && !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
		if n := len(c.log); c.good && n > 0 && end != (AuditHead{c.log[n-1].Sequence, c.log[n-1].Hash}) {
			t.Errorf("%s: it ends at %+v", name, end)
		}
	}
}
