package smtptest_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/payseal/payseal/internal/smtptest"
)

// serve starts a relay that ends with the test.
func serve(t testing.TB, o smtptest.Options) *smtptest.Relay {
	t.Helper()
	r, err := smtptest.Serve(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func dial(t testing.TB, r *smtptest.Relay) *smtp.Client {
	t.Helper()
	c, err := smtp.Dial(net.JoinHostPort(r.Host(), fmt.Sprint(r.Port())))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func send(c *smtp.Client, to, body string) error {
	if err := c.Mail("bounce@acme.example"); err != nil {
		return err
	}
	if err := c.Rcpt(to); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, body); err != nil {
		return err
	}
	return w.Close()
}

// The standard library's client is the stranger here.
func TestTakesMailFromAStranger(t *testing.T) {
	t.Parallel()
	for _, sink := range []bool{false, true} {
		t.Run(fmt.Sprintf("sink=%v", sink), func(t *testing.T) {
			t.Parallel()
			r := serve(t, smtptest.Options{Username: "payseal", Password: "secret", Sink: sink})
			c := dial(t, r)
			if ok, _ := c.Extension("AUTH"); ok {
				t.Error("AUTH is offered before TLS")
			}
			if err := c.Mail("x@acme.example"); err == nil {
				t.Fatal("took mail without TLS")
			}
			if err := c.StartTLS(&tls.Config{ServerName: "localhost", RootCAs: r.CAs()}); err != nil {
				t.Fatal(err)
			}
			if err := c.Mail("x@acme.example"); err == nil {
				t.Fatal("took mail without a login")
			}
			if err := c.Auth(smtp.PlainAuth("", "payseal", "secret", "127.0.0.1")); err != nil {
				t.Fatal(err)
			}
			body := "Subject: x\r\n\r\n.\r\n..\r\n.dot\r\n" + strings.Repeat("a", 900) + "\r\n"
			for range 2 {
				if err := send(c, "kiran@acme.example", body); err != nil {
					t.Fatal(err)
				}
			}
			got := r.Messages()
			if len(got) != 2 || !got[1].Secure || got[1].From != "bounce@acme.example" || got[1].To[0] != "kiran@acme.example" || got[1].Connection != 1 {
				t.Fatalf("messages: %+v", got)
			}
			if string(got[0].Data) != body || !bytes.Equal(got[0].Data, got[1].Data) {
				t.Errorf("data changed: %q", got[0].Data)
			}
		})
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fault smtptest.Fault
		code  int // of the error; 0: no SMTP answer
		took  int
	}{
		{smtptest.Fault{At: smtptest.Mail, Do: smtptest.Answer, Reply: "451 4.3.0 later"}, 451, 0},
		{smtptest.Fault{At: smtptest.Rcpt, Do: smtptest.Answer, Reply: "550 5.1.1 no"}, 550, 0},
		{smtptest.Fault{At: smtptest.Rcpt, Do: smtptest.Drop}, 0, 0},
		{smtptest.Fault{At: smtptest.Data, Do: smtptest.Answer, Reply: "421 4.3.2 closing"}, 421, 0},
		{smtptest.Fault{At: smtptest.Dot, Do: smtptest.Drop}, 0, 0},
		{smtptest.Fault{At: smtptest.Dot, Do: smtptest.Drop, Taken: true}, 0, 1},
		{smtptest.Fault{At: smtptest.Dot, Do: smtptest.Answer, Reply: "452 4.2.2 full"}, 452, 0},
		{smtptest.Fault{At: smtptest.Rcpt, Do: smtptest.Drop, Recipient: "other@acme.example"}, 250, 1},
		{smtptest.Fault{At: smtptest.Rcpt, Do: smtptest.Drop, Nth: 2}, 250, 1},
		{smtptest.Fault{At: smtptest.Dot, Do: smtptest.Split}, 250, 1},
	} {
		t.Run(fmt.Sprintf("%+v", c.fault), func(t *testing.T) {
			t.Parallel()
			r := serve(t, smtptest.Options{TLS: smtptest.Plain, Faults: []smtptest.Fault{c.fault}})
			err := send(dial(t, r), "kiran@acme.example", "Subject: x\r\n\r\nhello\r\n")
			code := 250
			if err != nil {
				code = 0
				var answer *textproto.Error
				if errors.As(err, &answer) {
					code = answer.Code
				}
			}
			if code != c.code || len(r.Messages()) != c.took {
				t.Errorf("code %d, taken %d, error %v; want %d and %d", code, len(r.Messages()), err, c.code, c.took)
			}
		})
	}
}

func TestChanceIsSeeded(t *testing.T) {
	t.Parallel()
	outcomes := func(seed uint64) string {
		var s strings.Builder
		r := serve(t, smtptest.Options{TLS: smtptest.Plain, Seed: seed, Faults: []smtptest.Fault{
			{At: smtptest.Rcpt, Do: smtptest.Answer, Reply: "450 4.2.0 later", Chance: 0.3}}})
		c := dial(t, r)
		for range 40 {
			err := send(c, "kiran@acme.example", "x\r\n")
			fmt.Fprint(&s, err == nil, " ")
			if err != nil && c.Reset() != nil {
				t.Fatal("RSET")
			}
		}
		return s.String()
	}
	seven, again, eight := outcomes(7), outcomes(7), outcomes(8)
	if seven != again || seven == eight {
		t.Error("faults by chance do not follow the seed")
	}
	if n := strings.Count(seven, "false"); n < 4 || n > 24 {
		t.Errorf("30%% of 40 came out as %d", n)
	}
}

// BenchmarkRelay writes pipelined transactions as fast as they are taken, to
// see that the relay is not what a benchmark of the pool measures.
func BenchmarkRelay(b *testing.B) {
	body := []byte("Subject: x\r\n\r\n" + strings.Repeat(strings.Repeat("A", 64)+"\r\n", 90_000/66) + ".\r\n")
	for _, sink := range []bool{false, true} {
		b.Run(fmt.Sprintf("sink=%v", sink), func(b *testing.B) {
			var taken atomic.Int64
			r := serve(b, smtptest.Options{TLS: smtptest.Plain, Sink: sink, Took: func(smtptest.Message) { taken.Add(1) }})
			b.SetBytes(int64(len(body)))
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				c := dial(b, r)
				if err := c.Hello("bench"); err != nil {
					b.Error(err)
				}
				for pb.Next() {
					_ = c.Text.PrintfLine("MAIL FROM:<b@acme.example>\r\nRCPT TO:<k@acme.example>\r\nDATA")
					for _, code := range []int{250, 250, 354} {
						if _, _, err := c.Text.ReadResponse(code); err != nil {
							b.Error(err)
						}
					}
					_, _ = c.Text.W.Write(body)
					_ = c.Text.W.Flush()
					if _, _, err := c.Text.ReadResponse(250); err != nil {
						b.Error(err)
					}
				}
			})
			b.ReportMetric(float64(taken.Load())/b.Elapsed().Seconds(), "messages/s")
		})
	}
}
