package postgres

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestChoreOnce: however many workers ask, one gets it; it is given back if the
// worker dies, and once done it is never given again.
func TestChoreOnce(t *testing.T) {
	t.Parallel()
	s, ctx := newStore(t), t.Context()
	due := time.Now().Truncate(time.Hour)
	var got atomic.Int32
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			begun, err := s.BeginChore(ctx, "daily", due, time.Hour)
			if err != nil {
				t.Error(err)
			}
			if begun {
				got.Add(1)
			}
		})
	}
	workers.Wait()
	if got.Load() != 1 {
		t.Fatalf("%d workers got the chore", got.Load())
	}
	begin := func(name string, due time.Time, lease time.Duration) bool {
		t.Helper()
		begun, err := s.BeginChore(ctx, name, due, lease)
		if err != nil {
			t.Fatal(err)
		}
		return begun
	}
	if begin("daily", due, time.Hour) {
		t.Error("it was given again while its lease ran")
	}
	if !begin("daily", due, 0) {
		t.Error("it was not given back after its lease")
	}
	if !begin("daily", due.AddDate(0, 0, 1), time.Hour) || !begin("wkd", due, time.Hour) {
		t.Error("the next day's chore, or another's, was taken for this one")
	}
	if err := s.FinishChore(ctx, "daily", due); err != nil {
		t.Fatal(err)
	}
	if begin("daily", due, 0) {
		t.Error("it was given again after it was done")
	}
}
