package mailer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/internal/smtptest"
	"github.com/payseal/payseal/payroll"
)

// transactionFaults is what each fault at each command of a transaction means
// for the slip, whether the relay has pipelining or not.
var transactionFaults = []struct {
	fault smtptest.Fault
	want  payroll.Outcome // without Reply
	taken int             // messages at the relay
}{
	{answer(smtptest.Mail, "421 4.3.2 closing"), payroll.Outcome{Kind: payroll.Deferred, Phase: "mail", Code: 421}, 0},
	{answer(smtptest.Mail, "451 4.3.0 later"), payroll.Outcome{Kind: payroll.Deferred, Phase: "mail", Code: 451}, 0},
	{answer(smtptest.Mail, "550 5.1.7 sender unknown"), payroll.Outcome{Kind: payroll.Deferred, Phase: "mail", Code: 550}, 0},
	{answer(smtptest.Mail, "552 5.3.4 too big"), payroll.Outcome{Kind: payroll.Refused, Phase: "mail", Code: 552}, 0},
	{answer(smtptest.Mail, "354 what"), payroll.Outcome{Kind: payroll.Deferred, Phase: "mail", Code: 354}, 0},
	{fault(smtptest.Mail, smtptest.Drop), payroll.Outcome{Kind: payroll.Deferred, Phase: "mail"}, 0},
	{fault(smtptest.Mail, smtptest.Garbage), payroll.Outcome{Kind: payroll.Deferred, Phase: "mail"}, 0},
	{fault(smtptest.Mail, smtptest.Split), payroll.Outcome{Kind: payroll.Accepted, Phase: "dot", Code: 250}, 1},

	{answer(smtptest.Rcpt, "421 4.3.2 closing"), payroll.Outcome{Kind: payroll.Deferred, Phase: "rcpt", Code: 421}, 0},
	{answer(smtptest.Rcpt, "450 4.2.1 greylisted"), payroll.Outcome{Kind: payroll.Deferred, Phase: "rcpt", Code: 450}, 0},
	{answer(smtptest.Rcpt, "550 5.1.1 no such user"), payroll.Outcome{Kind: payroll.Refused, Phase: "rcpt", Code: 550}, 0},
	{answer(smtptest.Rcpt, "550 no such user"), payroll.Outcome{Kind: payroll.Refused, Phase: "rcpt", Code: 550}, 0},
	{answer(smtptest.Rcpt, "554 5.7.1 Relay access denied"), payroll.Outcome{Kind: payroll.Deferred, Phase: "rcpt", Code: 554}, 0},
	{answer(smtptest.Rcpt, "504 5.5.2 helo rejected"), payroll.Outcome{Kind: payroll.Deferred, Phase: "rcpt", Code: 504}, 0},
	{fault(smtptest.Rcpt, smtptest.Drop), payroll.Outcome{Kind: payroll.Deferred, Phase: "rcpt"}, 0},
	{fault(smtptest.Rcpt, smtptest.Garbage), payroll.Outcome{Kind: payroll.Deferred, Phase: "rcpt"}, 0},
	{fault(smtptest.Rcpt, smtptest.Split), payroll.Outcome{Kind: payroll.Accepted, Phase: "dot", Code: 250}, 1},

	{answer(smtptest.Data, "421 4.3.2 closing"), payroll.Outcome{Kind: payroll.Deferred, Phase: "data", Code: 421}, 0},
	{answer(smtptest.Data, "451 4.3.0 later"), payroll.Outcome{Kind: payroll.Deferred, Phase: "data", Code: 451}, 0},
	{answer(smtptest.Data, "554 5.6.0 no"), payroll.Outcome{Kind: payroll.Refused, Phase: "data", Code: 554}, 0},
	{answer(smtptest.Data, "503 5.5.1 sequence"), payroll.Outcome{Kind: payroll.Deferred, Phase: "data", Code: 503}, 0},
	{answer(smtptest.Data, "250 what"), payroll.Outcome{Kind: payroll.Deferred, Phase: "data", Code: 250}, 0},
	{fault(smtptest.Data, smtptest.Drop), payroll.Outcome{Kind: payroll.Deferred, Phase: "data"}, 0},
	{fault(smtptest.Data, smtptest.Garbage), payroll.Outcome{Kind: payroll.Deferred, Phase: "data"}, 0},
	{fault(smtptest.Data, smtptest.Split), payroll.Outcome{Kind: payroll.Accepted, Phase: "dot", Code: 250}, 1},

	{answer(smtptest.Dot, "421 4.3.2 closing"), payroll.Outcome{Kind: payroll.Deferred, Phase: "dot", Code: 421}, 0},
	{answer(smtptest.Dot, "452 4.3.1 disk full"), payroll.Outcome{Kind: payroll.Deferred, Phase: "dot", Code: 452}, 0},
	{answer(smtptest.Dot, "554 5.7.1 not wanted"), payroll.Outcome{Kind: payroll.Refused, Phase: "dot", Code: 554}, 0},
	{answer(smtptest.Dot, "354 go on"), payroll.Outcome{Kind: payroll.Unsure, Phase: "dot", Code: 354}, 0},
	{fault(smtptest.Dot, smtptest.Drop), payroll.Outcome{Kind: payroll.Unsure, Phase: "dot"}, 0},
	{smtptest.Fault{At: smtptest.Dot, Do: smtptest.Drop, Taken: true, Times: 1}, payroll.Outcome{Kind: payroll.Unsure, Phase: "dot"}, 1},
	{smtptest.Fault{At: smtptest.Dot, Do: smtptest.Garbage, Taken: true, Times: 1}, payroll.Outcome{Kind: payroll.Unsure, Phase: "dot"}, 1},
	{fault(smtptest.Dot, smtptest.Split), payroll.Outcome{Kind: payroll.Accepted, Phase: "dot", Code: 250}, 1},
}

func fault(at smtptest.Command, do smtptest.Action) smtptest.Fault {
	return smtptest.Fault{At: at, Do: do, Times: 1}
}

func answer(at smtptest.Command, reply string) smtptest.Fault {
	return smtptest.Fault{At: at, Do: smtptest.Answer, Reply: reply, Times: 1}
}

// After each fault a second message must get through, on the same connection or
// on another, and once.
func TestFaultsOfATransaction(t *testing.T) {
	t.Parallel()
	for _, hide := range [][]string{nil, {"PIPELINING"}} {
		for _, c := range transactionFaults {
			t.Run(fmt.Sprintf("hide=%v/%+v", hide, c.fault), func(t *testing.T) {
				t.Parallel()
				relay := serve(t, smtptest.Options{Hide: hide, Faults: []smtptest.Fault{c.fault}})
				pool := newPool(t, to(relay))
				got := sendOne(t.Context(), t, pool, mailFor(t, 1))
				got.Reply = ""
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("outcome (-want +got):\n%s", diff)
				}
				if taken := len(relay.Messages()); taken != c.taken {
					t.Errorf("the relay took %d messages, want %d", taken, c.taken)
				}
				relay.Heal()
				if next := sendOne(t.Context(), t, pool, mailFor(t, 2)); next.Kind != payroll.Accepted {
					t.Errorf("the next message: %+v", next)
				}
				if taken := len(relay.Messages()); taken != c.taken+1 {
					t.Errorf("then the relay took %d messages, want %d", taken, c.taken+1)
				}
			})
		}
	}
}

// What goes wrong before a connection can carry mail is no slip's fault: the
// pool tries again.
func TestFaultsOfAConnection(t *testing.T) {
	t.Parallel()
	for _, at := range []smtptest.Command{smtptest.Connect, smtptest.Hello, smtptest.Secure, smtptest.Auth} {
		for _, f := range []smtptest.Fault{
			fault(at, smtptest.Drop), fault(at, smtptest.Garbage), fault(at, smtptest.Split),
			answer(at, "421 4.3.2 too many connections"), answer(at, "454 4.7.0 not now"), answer(at, "554 5.3.2 no service"),
		} {
			t.Run(fmt.Sprintf("%+v", f), func(t *testing.T) {
				t.Parallel()
				relay := serve(t, smtptest.Options{Username: "payseal", Password: "secret", Faults: []smtptest.Fault{f}})
				target := to(relay)
				target.Username, target.Password = "payseal", "secret"
				pool := newPool(t, target)
				l, err := pool.Line(t.Context())
				if at == smtptest.Auth && strings.HasPrefix(f.Reply, "554") {
					if !errors.Is(err, ErrAuth) {
						t.Fatalf("got %v, want ErrAuth", err)
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
}

// A fault at RSET or QUIT costs no message: RSET stands before a message, and
// QUIT after the last.
func TestFaultsBetweenMessages(t *testing.T) {
	t.Parallel()
	for _, at := range []smtptest.Command{smtptest.Reset, smtptest.Quit} {
		for _, f := range []smtptest.Fault{
			fault(at, smtptest.Drop), fault(at, smtptest.Garbage), fault(at, smtptest.Split),
			answer(at, "421 4.3.2 closing"), answer(at, "451 4.3.0 later"), answer(at, "500 5.5.1 what"),
		} {
			t.Run(fmt.Sprintf("%+v", f), func(t *testing.T) {
				t.Parallel()
				relay := serve(t, smtptest.Options{Transcript: true, Faults: []smtptest.Fault{f, answer(smtptest.Rcpt, "550 5.1.1 no")}})
				target := to(relay)
				target.MessagesPerConnection = 3
				pool := newPool(t, target)
				want := []payroll.Kind{payroll.Refused, payroll.Accepted, payroll.Accepted, payroll.Accepted}
				for i, kind := range want {
					if got := sendOne(t.Context(), t, pool, mailFor(t, i)); got.Kind != kind {
						t.Errorf("message %d: %+v, want %s", i, got, kind)
					}
				}
				pool.Close()
				if n := len(relay.Messages()); n != 3 {
					t.Errorf("the relay took %d messages, want 3", n)
				}
				said := strings.Join(relay.Commands(), "\n")
				if !strings.Contains(said, "RSET") || !strings.Contains(said, "QUIT") {
					t.Errorf("no RSET or no QUIT among\n%s", said)
				}
			})
		}
	}
}

// A relay that refuses the recipient and waits for the message all the same
// gets a lone dot, and the connection goes on.
func TestLoneDot(t *testing.T) {
	t.Parallel()
	relay := serve(t, smtptest.Options{Faults: []smtptest.Fault{
		answer(smtptest.Rcpt, "550 5.1.1 no such user"), answer(smtptest.Data, "354 go on")}})
	pool := newPool(t, to(relay))
	first := sendOne(t.Context(), t, pool, mailFor(t, 1))
	if first.Kind != payroll.Refused || first.Phase != "rcpt" {
		t.Errorf("outcome %+v", first)
	}
	if next := sendOne(t.Context(), t, pool, mailFor(t, 2)); next.Kind != payroll.Accepted {
		t.Errorf("the next: %+v", next)
	}
	if ever, _ := relay.Connections(); ever != 1 || len(relay.Messages()) != 1 {
		t.Errorf("%d connections, %d messages; want one of each", ever, len(relay.Messages()))
	}
}

// A relay that refuses the sender and waits for a message might mail the
// nothing of a lone dot.
func TestNoLoneDotWithoutSender(t *testing.T) {
	t.Parallel()
	relay := serve(t, smtptest.Options{Faults: []smtptest.Fault{
		answer(smtptest.Mail, "451 4.3.0 later"), answer(smtptest.Data, "354 go on")}})
	pool := newPool(t, to(relay))
	if got := sendOne(t.Context(), t, pool, mailFor(t, 1)); got.Kind != payroll.Deferred || got.Phase != "mail" {
		t.Errorf("outcome %+v", got)
	}
	if got := sendOne(t.Context(), t, pool, mailFor(t, 2)); got.Kind != payroll.Accepted {
		t.Errorf("the next: %+v", got)
	}
	if ever, _ := relay.Connections(); ever != 2 {
		t.Errorf("%d connections, want 2", ever)
	}
}

func TestStaleConnectionIsReplacedOnce(t *testing.T) {
	t.Parallel()
	relay := serve(t, smtptest.Options{})
	pool := newPool(t, to(relay))
	for i := range 3 {
		if got := sendOne(t.Context(), t, pool, mailFor(t, i)); got.Kind != payroll.Accepted {
			t.Fatalf("message %d: %+v", i, got)
		}
		relay.Hangup()
	}
	if ever, _ := relay.Connections(); ever != 3 || len(relay.Messages()) != 3 {
		t.Errorf("%d connections, %d messages; want 3 of each", ever, len(relay.Messages()))
	}
	if h := pool.Health(); h.Failures != 0 {
		t.Errorf("a connection that went stale counts as a failure: %+v", h)
	}
}

// A cancelled context stops a message until its first byte is out, at whatever
// command the relay makes us wait.
func TestCancelBeforeTheMessage(t *testing.T) {
	t.Parallel()
	for _, at := range []smtptest.Command{smtptest.Connect, smtptest.Hello, smtptest.Secure, smtptest.Auth, smtptest.Mail, smtptest.Rcpt, smtptest.Data} {
		t.Run(string(at), func(t *testing.T) {
			t.Parallel()
			relay := serve(t, smtptest.Options{Username: "payseal", Password: "secret", Faults: []smtptest.Fault{fault(at, smtptest.Stall)}})
			target := to(relay)
			target.Username, target.Password = "payseal", "secret"
			pool := newPool(t, target)
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				<-relay.Stalled()
				cancel()
			}()
			l, err := pool.Line(ctx)
			if err == nil {
				defer l.Release()
				got := l.Send(ctx, mailFor(t, 1))
				if got.Kind != payroll.Deferred || got.Code != 0 {
					t.Errorf("outcome %+v", got)
				}
			} else if !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
			if len(relay.Messages()) != 0 {
				t.Error("the message went out all the same")
			}
		})
	}
}

// Once the message is out, its answer is waited for in spite of the cancelled
// context: to the end of the grace, and no longer.
func TestCancelAfterTheMessage(t *testing.T) {
	t.Parallel()
	for _, grace := range []time.Duration{time.Minute, time.Millisecond} {
		t.Run(grace.String(), func(t *testing.T) {
			t.Parallel()
			relay := serve(t, smtptest.Options{Faults: []smtptest.Fault{{At: smtptest.Dot, Do: smtptest.Stall, Taken: true, Times: 1}}})
			target := to(relay)
			target.Grace = grace
			pool := newPool(t, target)
			l, err := pool.Line(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer l.Release()
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				<-relay.Stalled()
				cancel()
				if grace == time.Minute {
					relay.Release()
				}
			}()
			want := payroll.Accepted
			if grace == time.Millisecond {
				want = payroll.Unsure
			}
			if got := l.Send(ctx, mailFor(t, 1)); got.Kind != want {
				t.Errorf("outcome %+v, want %s", got, want)
			}
			if got := l.Send(ctx, mailFor(t, 2)); got.Kind != payroll.Deferred || len(relay.Messages()) != 1 {
				t.Errorf("a new message after the signal: %+v", got)
			}
		})
	}
}

func TestBytesArriveAsTheyWere(t *testing.T) {
	t.Parallel()
	long := strings.Repeat(strings.Repeat("x", 990)+"\r\n", 700)
	odd := []byte(".first\r\n..second\r\n\r\n.\r\n.\r\nend\r\n" + long + ".last\r\n")
	for _, mode := range []struct {
		ours   TLSMode
		theirs smtptest.TLS
	}{{StartTLS, smtptest.StartTLS}, {ImplicitTLS, smtptest.Implicit}, {NoTLS, smtptest.Plain}} {
		t.Run(string(mode.ours), func(t *testing.T) {
			t.Parallel()
			relay := serve(t, smtptest.Options{TLS: mode.theirs, MaxSize: 10 << 20, Transcript: true})
			target := to(relay)
			target.TLS = mode.ours
			pool := newPool(t, target)
			sent := []Message{mailFor(t, 1), newMessage(envelope(2), odd), mailFor(t, 3)}
			for _, m := range sent {
				if got := sendOne(t.Context(), t, pool, m); got.Kind != payroll.Accepted {
					t.Fatalf("outcome %+v", got)
				}
			}
			for i, got := range relay.Messages() {
				want := sent[i]
				if !bytes.Equal(got.Data, want.Bytes()) {
					t.Errorf("message %d changed on the way", i)
				}
				if got.From != string(want.From()) || len(got.To) != 1 || got.To[0] != string(want.To()) || got.Return != "HDRS" ||
					got.EnvelopeID != want.ID() || got.SizeGiven != int64(want.Size()) || got.Secure != (mode.ours != NoTLS) {
					t.Errorf("message %d: from %s to %v, RET %s, ENVID %s, SIZE %d, TLS %v", i, got.From, got.To, got.Return, got.EnvelopeID, got.SizeGiven, got.Secure)
				}
			}
			if ever, _ := relay.Connections(); ever != 1 {
				t.Errorf("%d connections for three messages", ever)
			}
		})
	}
}

func TestExtensionsAreUsedOnlyWhereOffered(t *testing.T) {
	t.Parallel()
	relay := serve(t, smtptest.Options{Transcript: true, Hide: []string{"PIPELINING", "DSN", "SIZE", "8BITMIME"}})
	if got := sendOne(t.Context(), t, newPool(t, to(relay)), mailFor(t, 1)); got.Kind != payroll.Accepted {
		t.Fatalf("outcome %+v", got)
	}
	m := mailFor(t, 1)
	want := []string{"MAIL FROM:<" + string(m.From()) + ">", "RCPT TO:<" + string(m.To()) + ">", "DATA"}
	said := relay.Commands()
	if diff := cmp.Diff(want, said[len(said)-3:]); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}
