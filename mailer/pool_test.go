package mailer

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/payseal/payseal/internal/smtptest"
	"github.com/payseal/payseal/payroll"
)

// inBubble runs a test against a relay on an in-process pipe, with time that
// passes only when everyone waits.
func inBubble(t *testing.T, o smtptest.Options, test func(t *testing.T, relay *smtptest.Relay, target Relay)) {
	t.Helper()
	mailFor(t, 0) // what is made once must not be made inside a bubble
	synctest.Test(t, func(t *testing.T) {
		pipe := smtptest.NewPipe()
		o.Listener = pipe
		o.Expires = time.Now().Add(48 * time.Hour)
		relay := serve(t, o)
		test(t, relay, Relay{Host: "localhost", Port: 587, RootCAs: relay.CAs(), HelloName: "worker.acme.example",
			Dial: pipe.Dial, Jitter: func() float64 { return 0 }})
	})
}

func refusals(n int) []smtptest.Fault {
	return []smtptest.Fault{{At: smtptest.Connect, Do: smtptest.Answer, Reply: "421 4.3.2 too busy", Times: n}}
}

func TestBackOffDoublesUpToItsLimit(t *testing.T) {
	inBubble(t, smtptest.Options{Faults: refusals(12)}, func(t *testing.T, _ *smtptest.Relay, target Relay) {
		pool := newPool(t, target)
		start := time.Now()
		if got := sendOne(t.Context(), t, pool, mailFor(t, 1)); got.Kind != payroll.Accepted {
			t.Fatalf("outcome %+v", got)
		}
		// Without jitter a delay is half of 1, 2, 4 ... 256, then of 300 seconds.
		want := (511*time.Second + 3*300*time.Second) / 2
		if took := time.Since(start).Round(time.Millisecond); took != want {
			t.Errorf("got through after %s, want %s", took, want)
		}
		if h := pool.Health(); h.Failures != 0 || h.Trouble != nil {
			t.Errorf("health after success: %+v", h)
		}
	})
}

func TestJitterSpreadsTheUpperHalf(t *testing.T) {
	t.Parallel()
	h := health{first: time.Second, longest: time.Minute, jitter: func() float64 { return math.Nextafter(1, 0) }}
	if d := h.delay(1); d < 999*time.Millisecond || d > time.Second {
		t.Errorf("most: %s", d)
	}
	h.jitter = func() float64 { return 0 }
	if d := h.delay(100); d != 30*time.Second {
		t.Errorf("least of the longest: %s", d)
	}
}

func TestPauseAfter421(t *testing.T) {
	for _, f := range []smtptest.Fault{
		answer(smtptest.Mail, "421 4.3.2 closing"), answer(smtptest.Rcpt, "421 4.7.0 slow down"), answer(smtptest.Dot, "421 4.3.2 closing"),
		answer(smtptest.Mail, "451 4.7.1 rate"), answer(smtptest.Mail, "550 5.7.1 not from here"),
	} {
		t.Run(fmt.Sprintf("%+v", f), func(t *testing.T) {
			inBubble(t, smtptest.Options{Faults: []smtptest.Fault{f}}, func(t *testing.T, _ *smtptest.Relay, target Relay) {
				target.Connections = 8
				pool := newPool(t, target)
				if got := sendOne(t.Context(), t, pool, mailFor(t, 1)); got.Kind != payroll.Deferred {
					t.Fatalf("outcome %+v", got)
				}
				if h := pool.Health(); h.Limit != 4 || h.Failures != 1 || h.Resumes.IsZero() || h.Trouble == nil {
					t.Errorf("health %+v", h)
				}
				start := time.Now()
				if got := sendOne(t.Context(), t, pool, mailFor(t, 2)); got.Kind != payroll.Accepted {
					t.Fatalf("outcome %+v", got)
				}
				if took := time.Since(start).Round(time.Millisecond); took != 500*time.Millisecond {
					t.Errorf("the pause lasted %s, want 500ms", took)
				}
			})
		})
	}
}

// Three connections are let in and further ones turned away: the pool makes do
// with three, and every message gets through.
func TestConnectionsShrinkAndGrow(t *testing.T) {
	faults := make([]smtptest.Fault, 0, 3)
	for n := 4; n <= 6; n++ {
		faults = append(faults, smtptest.Fault{At: smtptest.Connect, Do: smtptest.Drop, Nth: n})
	}
	inBubble(t, smtptest.Options{Faults: faults}, func(t *testing.T, relay *smtptest.Relay, target Relay) {
		target.Connections = 6
		pool := newPool(t, target)
		var lines []*Line
		for range 3 {
			l, err := pool.Line(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, l)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if l, err := pool.Line(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("a fourth line: %v, %v", l, err)
		}
		if h := pool.Health(); h.Limit != 3 || h.Open != 3 {
			t.Errorf("health %+v, want three of three", h)
		}
		for i := range 60 {
			if got := lines[i%3].Send(t.Context(), mailFor(t, i)); got.Kind != payroll.Accepted {
				t.Fatalf("outcome %+v", got)
			}
		}
		for _, l := range lines {
			l.Release()
		}
		if h := pool.Health(); h.Limit != 6 || h.Idle != 3 {
			t.Errorf("health %+v, want a limit of six again", h)
		}
		if n := len(relay.Messages()); n != 60 {
			t.Errorf("the relay took %d of 60", n)
		}
	})
}

// Many connections that feel one failure count it once.
func TestOneFailureFeltByMany(t *testing.T) {
	inBubble(t, smtptest.Options{}, func(t *testing.T, relay *smtptest.Relay, target Relay) {
		target.Connections = 8
		pool := newPool(t, target)
		var lines []*Line
		for range 8 {
			l, err := pool.Line(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, l)
		}
		relay.Hangup()
		for _, l := range lines {
			if got := l.Send(t.Context(), mailFor(t, 1)); got.Kind != payroll.Deferred {
				t.Errorf("outcome %+v", got)
			}
		}
		if h := pool.Health(); h.Failures != 1 || h.Limit != 1 {
			t.Errorf("health %+v", h)
		}
		// All dial again, but no more at once than are allowed now.
		var mu sync.Mutex
		most := 0
		var group sync.WaitGroup
		for i, l := range lines {
			group.Go(func() {
				defer l.Release()
				if got := l.Send(t.Context(), mailFor(t, i)); got.Kind != payroll.Accepted {
					t.Errorf("outcome %+v", got)
				}
				_, now := relay.Connections()
				mu.Lock()
				defer mu.Unlock()
				most = max(most, now)
			})
		}
		group.Wait()
		if h := pool.Health(); h.Failures != 0 || most > 5 {
			t.Errorf("health %+v, %d connections at once", h, most)
		}
	})
}

func TestPatienceForTheFinalDot(t *testing.T) {
	for after, want := range map[time.Duration]payroll.Kind{9 * time.Minute: payroll.Accepted, 11 * time.Minute: payroll.Unsure} {
		t.Run(after.String(), func(t *testing.T) {
			stall := smtptest.Fault{At: smtptest.Dot, Do: smtptest.Stall, Taken: true}
			inBubble(t, smtptest.Options{Faults: []smtptest.Fault{stall}}, func(t *testing.T, relay *smtptest.Relay, target Relay) {
				defer time.AfterFunc(after, relay.Release).Stop()
				if got := sendOne(t.Context(), t, newPool(t, target), mailFor(t, 1)); got.Kind != want {
					t.Errorf("outcome %+v, want %s", got, want)
				}
				if n := len(relay.Messages()); n != 1 {
					t.Errorf("the relay took %d messages", n)
				}
			})
		})
	}
}

// A relay that says nothing is left after the patience of RFC 5321 §4.5.3.2.
func TestPatienceForCommands(t *testing.T) {
	for at, patience := range map[smtptest.Command]time.Duration{smtptest.Mail: 5 * time.Minute, smtptest.Rcpt: 5 * time.Minute, smtptest.Data: 2 * time.Minute} {
		t.Run(string(at), func(t *testing.T) {
			inBubble(t, smtptest.Options{Faults: []smtptest.Fault{fault(at, smtptest.Stall)}}, func(t *testing.T, relay *smtptest.Relay, target Relay) {
				start := time.Now()
				got := sendOne(t.Context(), t, newPool(t, target), mailFor(t, 1))
				if got.Kind != payroll.Deferred || got.Code != 0 || got.Phase != strings.ToLower(string(at)) || time.Since(start) != patience {
					t.Errorf("outcome %+v after %s", got, time.Since(start))
				}
				relay.Release()
			})
		})
	}
}

func TestIdleConnectionsSayGoodbye(t *testing.T) {
	inBubble(t, smtptest.Options{Transcript: true}, func(t *testing.T, relay *smtptest.Relay, target Relay) {
		pool := newPool(t, target)
		sendOne(t.Context(), t, pool, mailFor(t, 1))
		time.Sleep(idleLimit - time.Second)
		sendOne(t.Context(), t, pool, mailFor(t, 2))
		if ever, _ := relay.Connections(); ever != 1 {
			t.Errorf("%d connections, want one", ever)
		}
		time.Sleep(2*idleLimit + time.Second)
		synctest.Wait()
		if _, now := relay.Connections(); now != 0 || !strings.Contains(strings.Join(relay.Commands(), " "), "QUIT") {
			t.Errorf("%d connections still open", now)
		}
	})
}

// A refused login ends Line at once, for five minutes without another try.
func TestRefusedLogin(t *testing.T) {
	inBubble(t, smtptest.Options{Username: "payseal", Password: "secret"}, func(t *testing.T, relay *smtptest.Relay, target Relay) {
		target.Username, target.Password = "payseal", "wrong"
		pool := newPool(t, target)
		for range 3 {
			if _, err := pool.Line(t.Context()); !errors.Is(err, ErrAuth) {
				t.Fatalf("got %v, want ErrAuth", err)
			}
		}
		if ever, now := relay.Connections(); ever != 1 || now != 0 {
			t.Errorf("%d tries, %d open; want one and none", ever, now)
		}
		if h := pool.Health(); !h.Denied {
			t.Errorf("health %+v", h)
		}
		time.Sleep(deniedFor)
		_, err := pool.Line(t.Context())
		if ever, _ := relay.Connections(); ever != 2 || !errors.Is(err, ErrAuth) {
			t.Errorf("%d tries after five minutes, error %v", ever, err)
		}
		if strings.Contains(err.Error(), "wrong") || strings.Contains(fmt.Sprintf("%v %+v %#v", target, target, target), "wrong") {
			t.Error("the password is printed")
		}
	})
}

func TestLoginWantedAtMail(t *testing.T) {
	t.Parallel()
	relay := serve(t, smtptest.Options{Username: "payseal", Password: "secret"})
	pool := newPool(t, to(relay)) // has no login configured
	got := sendOne(t.Context(), t, pool, mailFor(t, 1))
	if got.Kind != payroll.Deferred || got.Code != 530 {
		t.Errorf("outcome %+v", got)
	}
	if _, err := pool.Line(t.Context()); !errors.Is(err, ErrAuth) {
		t.Errorf("got %v, want ErrAuth", err)
	}
}

func TestLoginByEveryMechanism(t *testing.T) {
	t.Parallel()
	for _, mechanism := range []string{"PLAIN", "LOGIN", "CRAM-MD5"} {
		t.Run(mechanism, func(t *testing.T) {
			t.Parallel()
			relay := serve(t, smtptest.Options{Username: "payseal", Password: "secret", Mechanisms: []string{mechanism}})
			target := to(relay)
			target.Username, target.Password = "payseal", "secret"
			l, err := newPool(t, target).Line(t.Context())
			if mechanism == "CRAM-MD5" {
				if !errors.Is(err, ErrAuth) {
					t.Errorf("got %v, want ErrAuth", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer l.Release()
			if got := l.Send(t.Context(), mailFor(t, 1)); got.Kind != payroll.Accepted {
				t.Errorf("outcome %+v", got)
			}
		})
	}
}

// Without STARTTLS, or with a certificate that is not the relay's, nothing but
// EHLO is said.
func TestNeverWithoutVerifiedTLS(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options smtptest.Options
		foreign bool
	}{
		"stripped":          {smtptest.Options{Hide: []string{"STARTTLS"}}, false},
		"other name":        {smtptest.Options{Names: []string{"mail.other.example"}}, false},
		"expired":           {smtptest.Options{Expires: time.Now().Add(-time.Hour)}, false},
		"unknown authority": {smtptest.Options{}, true},
		"implicit, name":    {smtptest.Options{TLS: smtptest.Implicit, Names: []string{"mail.other.example"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.options.Transcript = true
			relay := serve(t, c.options)
			target := to(relay)
			if c.options.TLS == smtptest.Implicit {
				target.TLS = ImplicitTLS
			}
			if c.foreign {
				target.RootCAs = nil
			}
			ctx, cancel := context.WithCancel(t.Context())
			target.Jitter = func() float64 { cancel(); return 0 } // the first back-off
			pool := newPool(t, target)
			if l, err := pool.Line(ctx); err == nil {
				l.Release()
				t.Fatal("got a line")
			}
			for _, line := range relay.Commands() {
				if !strings.HasPrefix(line, "EHLO") && line != "STARTTLS" {
					t.Errorf("said %q", line)
				}
			}
			if h := pool.Health(); h.Trouble == nil {
				t.Error("health does not tell the trouble")
			}
		})
	}
}

func TestNewPoolRefuses(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]Relay{
		"no host":       {Port: 25},
		"no port":       {Host: "relay.example"},
		"odd TLS":       {Host: "relay.example", Port: 25, TLS: "maybe"},
		"negative":      {Host: "relay.example", Port: 25, Connections: -1},
		"bare password": {Host: "relay.example", Port: 25, TLS: NoTLS, Username: "payseal"},
		"port beyond":   {Host: "relay.example", Port: 70000},
	} {
		if _, err := NewPool(r); !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A relay that refuses everyone refuses us, not them.
func TestRefusalsInARowAreTrouble(t *testing.T) {
	inBubble(t, smtptest.Options{Faults: []smtptest.Fault{{At: smtptest.Rcpt, Do: smtptest.Answer, Reply: "550 relay not permitted"}}},
		func(t *testing.T, relay *smtptest.Relay, target Relay) {
			target.RefusalsInARow = 3
			pool := newPool(t, target)
			var kinds []payroll.Kind
			for i := range 6 {
				kinds = append(kinds, sendOne(t.Context(), t, pool, mailFor(t, i)).Kind)
			}
			want := []payroll.Kind{payroll.Refused, payroll.Refused, payroll.Refused, payroll.Deferred, payroll.Deferred, payroll.Deferred}
			if diff := cmp.Diff(want, kinds); diff != "" {
				t.Errorf("kinds (-want +got):\n%s", diff)
			}
			relay.Heal()
			if got := sendOne(t.Context(), t, pool, mailFor(t, 7)); got.Kind != payroll.Accepted {
				t.Errorf("after mending: %+v", got)
			}
			relay.Inject(answer(smtptest.Rcpt, "550 5.1.1 no such user"))
			if got := sendOne(t.Context(), t, pool, mailFor(t, 8)); got.Kind != payroll.Refused {
				t.Errorf("and then: %+v", got)
			}
		})
}

// The relay never sees more connections than configured, however many ask, and
// each carries so many messages and says QUIT.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	relay := serve(t, smtptest.Options{Transcript: true, Seed: 3, Faults: []smtptest.Fault{
		{At: smtptest.Rcpt, Do: smtptest.Drop, Chance: 0.03}, {At: smtptest.Dot, Do: smtptest.Drop, Taken: true, Chance: 0.03},
		{At: smtptest.Data, Do: smtptest.Answer, Reply: "451 4.3.0 later", Chance: 0.03},
	}})
	target := to(relay)
	target.Connections, target.MessagesPerConnection = 4, 5
	var mu sync.Mutex
	open, most := 0, 0
	target.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		mu.Lock()
		defer mu.Unlock()
		open++
		most = max(most, open)
		return &counted{Conn: conn, closed: func() { mu.Lock(); open--; mu.Unlock() }}, err
	}
	pool := newPool(t, target)
	var group errgroup.Group
	group.SetLimit(16)
	kinds := make([]payroll.Kind, 200)
	for i := range kinds {
		m := mailFor(t, i)
		group.Go(func() error {
			l, err := pool.Line(t.Context())
			if err != nil {
				return err
			}
			defer l.Release()
			kinds[i] = l.Send(t.Context(), m).Kind
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	pool.Close()
	if most > 4 {
		t.Errorf("%d connections at once, want at most 4", most)
	}
	checkLedger(t, relay, kinds)
	if _, now := relay.Connections(); now > 0 && pool.Health().Open != 0 {
		t.Errorf("%d connections left after Close", now)
	}
}

// checkLedger compares what the pool says with what the relay took.
func checkLedger(t *testing.T, relay *smtptest.Relay, kinds []payroll.Kind) {
	t.Helper()
	taken := make(map[string]int)
	perConnection := make(map[int]int)
	for _, m := range relay.Messages() {
		taken[m.EnvelopeID]++
		perConnection[m.Connection]++
	}
	for connection, n := range perConnection {
		if n > 5 {
			t.Errorf("connection %d carried %d messages", connection, n)
		}
	}
	seen := make(map[payroll.Kind]int)
	for i, kind := range kinds {
		seen[kind]++
		n := taken[envelope(i).MessageID]
		if kind == payroll.Accepted && n != 1 || kind == payroll.Deferred && n != 0 || kind == payroll.Refused || n > 1 {
			t.Errorf("message %d is %s, the relay took it %d times", i, kind, n)
		}
	}
	if seen[payroll.Accepted] == 0 || seen[payroll.Deferred] == 0 || seen[payroll.Unsure] == 0 {
		t.Errorf("not every kind came up: %v", seen)
	}
}

type counted struct {
	net.Conn
	once   sync.Once
	closed func()
}

func (c *counted) Close() error {
	c.once.Do(c.closed)
	return c.Conn.Close()
}

func TestCloseEndsWaiting(t *testing.T) {
	t.Parallel()
	relay := serve(t, smtptest.Options{})
	pool := newPool(t, to(relay))
	l, err := pool.Line(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	waited := make(chan error)
	go func() {
		_, err := pool.Line(t.Context())
		waited <- err
	}()
	pool.Close()
	if err := <-waited; !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
	if got := l.Send(t.Context(), mailFor(t, 1)); got.Kind != payroll.Accepted {
		t.Errorf("the line that was out: %+v", got)
	}
	l.Release()
	pool.Close()
	if h := pool.Health(); h.Open != 0 {
		t.Errorf("health after Close: %+v", h)
	}
}

// A relay that goes away in the middle of a message cannot have taken it.
func TestRelayGoesAwayInTheMiddle(t *testing.T) {
	inBubble(t, smtptest.Options{Faults: []smtptest.Fault{fault(smtptest.Body, smtptest.Drop)}}, func(t *testing.T, relay *smtptest.Relay, target Relay) {
		pool := newPool(t, target)
		got := sendOne(t.Context(), t, pool, mailFor(t, 1))
		if diff := cmp.Diff(payroll.Outcome{Kind: payroll.Deferred, Phase: "data"}, got); diff != "" {
			t.Errorf("outcome (-want +got):\n%s", diff)
		}
		if got := sendOne(t.Context(), t, pool, mailFor(t, 1)); got.Kind != payroll.Accepted || len(relay.Messages()) != 1 {
			t.Errorf("again: %+v, %d messages", got, len(relay.Messages()))
		}
	})
}

// One that stops reading is left after three minutes.
func TestRelayStopsReading(t *testing.T) {
	inBubble(t, smtptest.Options{Faults: []smtptest.Fault{fault(smtptest.Body, smtptest.Stall)}}, func(t *testing.T, relay *smtptest.Relay, target Relay) {
		start := time.Now()
		got := sendOne(t.Context(), t, newPool(t, target), mailFor(t, 1))
		if took := time.Since(start); got.Kind != payroll.Deferred || got.Phase != "data" || took < blockPatience || took > blockPatience+lastWords {
			t.Errorf("outcome %+v after %s", got, took)
		}
		relay.Release()
		synctest.Wait()
		if n := len(relay.Messages()); n != 0 {
			t.Errorf("the relay took %d messages", n)
		}
	})
}

func TestMessageTooBigForTheRelay(t *testing.T) {
	t.Parallel()
	relay := serve(t, smtptest.Options{MaxSize: 1000})
	pool := newPool(t, to(relay))
	if got := sendOne(t.Context(), t, pool, mailFor(t, 1)); got.Kind != payroll.Refused || got.Phase != "mail" || got.Code != 552 {
		t.Errorf("outcome %+v", got)
	}
	if h := pool.Health(); h.Failures != 0 {
		t.Errorf("a message too big is taken for trouble: %+v", h)
	}
}

// Whatever a relay says of the recipient, at whatever moment, nobody is told.
func TestNothingTellsThePerson(t *testing.T) {
	t.Parallel()
	const gossip = " <kiran.a@acme.example> Kiran A (kiran.a), user KIRAN at payroll@acme.example"
	for _, at := range []smtptest.Command{smtptest.Connect, smtptest.Hello, smtptest.Secure, smtptest.Auth, smtptest.Mail, smtptest.Rcpt, smtptest.Data, smtptest.Dot} {
		for _, code := range []string{"421 4.7.0", "450 4.2.0", "550 5.1.1", "552", "354", "250"} {
			t.Run(string(at)+" "+code, func(t *testing.T) {
				t.Parallel()
				relay := serve(t, smtptest.Options{Username: "payseal", Password: "secret", Faults: []smtptest.Fault{
					{At: at, Do: smtptest.Answer, Reply: code + gossip}}})
				target := to(relay)
				target.Username, target.Password, target.Connections = "payseal", "secret", 1
				ctx, cancel := context.WithCancel(t.Context())
				target.Jitter = func() float64 { cancel(); return 0 } // the first back-off ends it
				target.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
					c, err := (&net.Dialer{}).DialContext(ctx, network, address)
					return &impatient{c}, err
				}
				pool := newPool(t, target)
				told := ""
				l, err := pool.Line(ctx)
				if err == nil {
					told = fmt.Sprintf("%+v", l.Send(ctx, mailFor(t, 1)))
					l.Release()
				}
				told = strings.ToLower(fmt.Sprint(told, err, pool.Health().Trouble, fmt.Sprintf("%+v", Probe(t.Context(), target))))
				for _, mark := range []string{"kiran", "payroll@", "secret"} {
					if strings.Contains(told, mark) {
						t.Errorf("%q in %s", mark, told)
					}
				}
			})
		}
	}
}

// impatient cuts every deadline to a moment: what a lying relay makes us wait
// for is not what the test is about.
type impatient struct{ net.Conn }

func (i *impatient) SetDeadline(at time.Time) error {
	return i.Conn.SetDeadline(time.Now().Add(min(time.Until(at), 200*time.Millisecond)))
}
