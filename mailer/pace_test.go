package mailer

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/payseal/payseal/payroll"
)

// memoryLeases does in memory what a row per key does in the database.
type memoryLeases struct {
	mu     sync.Mutex
	next   map[string]time.Time
	leases int
}

func (m *memoryLeases) Lease(_ context.Context, key string, n int, period time.Duration) (time.Duration, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.next == nil {
		m.next = make(map[string]time.Time)
	}
	m.leases++
	now := time.Now()
	start := m.next[key]
	if start.Before(now) {
		start = now
	}
	m.next[key] = start.Add(time.Duration(n) * period)
	return start.Sub(now), nil
}

// run lets workers send as fast as they may for a time, and returns the moments
// of all their mails and how many each sent.
func run(t *testing.T, workers int, length time.Duration, to payroll.Address, pace func() *Pace) (moments []time.Time, each []int) {
	t.Helper()
	var mu sync.Mutex
	var group sync.WaitGroup
	each = make([]int, workers)
	ctx, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	for i := range workers {
		p := pace()
		for range 4 { // goroutines of one worker
			group.Go(func() {
				for p.Wait(ctx, to) == nil {
					mu.Lock()
					moments = append(moments, time.Now())
					each[i]++
					mu.Unlock()
				}
			})
		}
	}
	group.Wait()
	return moments, each
}

// worstSecond is the largest number of moments within any second.
func worstSecond(moments []time.Time) int {
	worst, from := 0, 0
	for i, at := range moments {
		for at.Sub(moments[from]) >= time.Second {
			from++
		}
		worst = max(worst, i-from+1)
	}
	return worst
}

func TestPaceHoldsWorkersTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		leases := &memoryLeases{}
		moments, each := run(t, 4, 20*time.Second, "kiran@acme.example", func() *Pace {
			p, err := NewPace(leases, "relay.example", 200, nil)
			if err != nil {
				t.Fatal(err)
			}
			return p
		})
		if n := len(moments); n < 3900 || n > 4001 {
			t.Errorf("%d mails in 20 s at 200/s", n)
		}
		if worst := worstSecond(moments); worst > 203 {
			t.Errorf("%d mails in the worst second, want no more than 203", worst)
		}
		for i, n := range each {
			if n < 700 {
				t.Errorf("worker %d sent only %d", i, n)
			}
		}
		if leases.leases > len(moments)/5 {
			t.Errorf("%d leases for %d mails", leases.leases, len(moments))
		}
	})
}

func TestPaceOfADomain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		leases := &memoryLeases{}
		pace := func() *Pace {
			p, err := NewPace(leases, "Relay.example", 100, map[string]float64{"Slow.example": 2})
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		slow, _ := run(t, 2, 10*time.Second, "kiran@slow.example", pace)
		if n := len(slow); n < 19 || n > 21 {
			t.Errorf("%d mails in 10 s at 2/s", n)
		}
		fast, _ := run(t, 2, 10*time.Second, "kiran@other.example", pace)
		if n := len(fast); n < 970 || n > 1001 {
			t.Errorf("%d mails in 10 s at 100/s", n)
		}
	})
}

// A worker that was slow for a while does not make up for it in a burst.
func TestPaceForgetsUnusedPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, err := NewPace(&memoryLeases{}, "relay.example", 100, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Wait(t.Context(), "k@acme.example"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		start := time.Now()
		for range 100 {
			if err := p.Wait(t.Context(), "k@acme.example"); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took < 930*time.Millisecond {
			t.Errorf("100 mails in %s at 100/s", took)
		}
	})
}

type brokenLeases struct{ err error }

func (b brokenLeases) Lease(context.Context, string, int, time.Duration) (time.Duration, error) {
	return 0, b.err
}

func TestPaceErrors(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{0, -1} {
		if _, err := NewPace(&memoryLeases{}, "relay.example", rate, nil); !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("rate %v: %v", rate, err)
		}
	}
	broken := errors.New("no database")
	p, err := NewPace(brokenLeases{broken}, "relay.example", 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(t.Context(), "k@acme.example"); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	slow, err := NewPace(&memoryLeases{}, "relay.example", 0.001, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := slow.Wait(t.Context(), "k@acme.example"); err != nil {
		t.Fatal(err)
	}
	if err := slow.Wait(cancelled, "k@acme.example"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
