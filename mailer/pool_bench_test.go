package mailer

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/payseal/payseal/internal/smtptest"
	"github.com/payseal/payseal/payroll"
)

// benchSize is what a sealed slip of 60 kB comes to on the wire.
const benchSize = 90_000

// benchMail is a message of benchSize bytes of armor-like lines.
func benchMail(n int) Message {
	e := envelope(n)
	var data strings.Builder
	for _, f := range e.Fields() {
		data.WriteString(f.Name + ": " + f.Value + "\r\n")
	}
	data.WriteString("\r\n" + armorLines())
	return newMessage(e, []byte(data.String()))
}

func armorLines() string { return strings.Repeat(strings.Repeat("A", 64)+"\r\n", benchSize/66) }

type benchCase struct {
	roundTrip   time.Duration
	connections int
	tls         TLSMode
}

func (c benchCase) relay(b *testing.B, took *atomic.Int64) (*smtptest.Relay, Relay) {
	b.Helper()
	o := smtptest.Options{Sink: true, RoundTrip: c.roundTrip, Took: func(smtptest.Message) { took.Add(1) }}
	if c.tls == NoTLS {
		o.TLS = smtptest.Plain
	}
	relay := serve(b, o)
	target := to(relay)
	target.TLS, target.Connections, target.MessagesPerConnection = c.tls, c.connections, 1_000_000
	return relay, target
}

// payseal sends n messages over the pool and returns how long they took, with
// every connection open before the clock starts.
func (c benchCase) payseal(b *testing.B, n int) spent {
	b.Helper()
	var took atomic.Int64
	_, target := c.relay(b, &took)
	pool := newPool(b, target)
	lines := make([]*Line, c.connections)
	for i := range lines {
		l, err := pool.Line(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		lines[i] = l
	}
	m := benchMail(1)
	for _, l := range lines {
		l.Release()
	}
	took.Store(0)
	elapsed := c.spread(n, func(int) func() {
		return func() {
			l, err := pool.Line(b.Context())
			if err != nil {
				b.Error(err)
				return
			}
			defer l.Release()
			if got := l.Send(b.Context(), m); got.Kind != payroll.Accepted {
				b.Errorf("outcome %+v", got)
			}
		}
	})
	if took.Load() != int64(n) {
		b.Errorf("the relay took %d of %d", took.Load(), n)
	}
	return elapsed
}

// gomail sends n messages with go-mail's own Send over as many of its
// connections.
func (c benchCase) gomail(b *testing.B, n int) spent {
	b.Helper()
	var took atomic.Int64
	_, target := c.relay(b, &took)
	policy := mail.TLSMandatory
	if c.tls == NoTLS {
		policy = mail.NoTLS
	}
	body := armorLines()
	calls := make([]func(), c.connections)
	for i := range calls {
		client, err := mail.NewClient(target.Host, mail.WithPort(target.Port), mail.WithTLSPolicy(policy),
			mail.WithTLSConfig(tlsConfig(target)), mail.WithHELO(target.HelloName))
		if err != nil {
			b.Fatal(err)
		}
		connection, err := client.DialToSMTPClientWithContext(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = connection.Close() })
		m := mail.NewMsg(mail.WithEncoding(mail.NoEncoding))
		if err := m.From("payroll@acme.example"); err != nil {
			b.Fatal(err)
		}
		if err := m.To("kiran.a@acme.example"); err != nil {
			b.Fatal(err)
		}
		m.Subject("Encrypted message from ACME Payroll")
		m.SetBodyString(mail.TypeTextPlain, body)
		calls[i] = func() {
			if err := client.SendWithSMTPClient(connection, m); err != nil {
				b.Error(err)
			}
		}
	}
	elapsed := c.spread(n, func(i int) func() { return calls[i] })
	if took.Load() != int64(n) {
		b.Errorf("the relay took %d of %d", took.Load(), n)
	}
	return elapsed
}

// spent is what n messages cost: time, and CPU of the whole process, which
// tells more where other programs share the machine.
type spent struct {
	n            int
	elapsed, cpu time.Duration
}

func (s spent) perSecond() float64 { return float64(s.n) / s.elapsed.Seconds() }
func (s spent) cpuMicros() float64 { return float64(s.cpu.Microseconds()) / float64(s.n) }

func processCPU() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// spread makes n calls from as many goroutines as there are connections.
func (c benchCase) spread(n int, caller func(i int) func()) spent {
	var left atomic.Int64
	left.Store(int64(n))
	var group sync.WaitGroup
	runtime.GC()
	start, cpu := time.Now(), processCPU()
	for i := range c.connections {
		call := caller(i)
		group.Go(func() {
			for left.Add(-1) >= 0 {
				call()
			}
		})
	}
	group.Wait()
	return spent{n: n, elapsed: time.Since(start), cpu: processCPU() - cpu}
}

// BenchmarkPool compares the pool with go-mail's own Send in the same run: 90 kB
// messages to a relay in this process, so that both ends share the machine.
func BenchmarkPool(b *testing.B) {
	for _, c := range []benchCase{
		{0, 1, NoTLS}, {0, 16, NoTLS}, {0, 1, StartTLS}, {0, 16, StartTLS},
		{20 * time.Millisecond, 1, NoTLS}, {20 * time.Millisecond, 16, NoTLS}, {20 * time.Millisecond, 16, StartTLS},
	} {
		b.Run(fmt.Sprintf("rtt=%s/connections=%d/tls=%s", c.roundTrip, c.connections, c.tls), func(b *testing.B) {
			b.SetBytes(benchSize)
			ours := c.payseal(b, b.N)
			b.StopTimer()
			theirs := c.gomail(b, max(c.connections, b.N/6))
			b.ReportMetric(ours.perSecond(), "messages/s")
			b.ReportMetric(theirs.perSecond(), "go-mail/s")
			b.ReportMetric(ours.perSecond()/theirs.perSecond(), "ratio")
			b.ReportMetric(ours.cpuMicros(), "cpu-us/message")
			b.ReportMetric(theirs.cpuMicros(), "go-mail-cpu-us/message")
		})
	}
}

func BenchmarkCompose(b *testing.B) {
	sealed, err := theLetter()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Compose(envelope(1), sealed); err != nil {
			b.Fatal(err)
		}
	}
}
