package mailer

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/payseal/payseal/internal/smtptest"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

const passphrase = "correct horse battery"

// post is a company's key and an employee's, made once for all tests.
type post struct {
	company  *keystore.Signer
	secret   []byte // of the employee, locked with passphrase
	employee keystore.Certificate
}

var newPost = sync.OnceValues(func() (post, error) {
	company, _, err := newKey("ACME Payroll <payroll@acme.example>")
	if err != nil {
		return post{}, err
	}
	employee, secret, err := newKey("Kiran A <kiran.a@acme.example>")
	if err != nil {
		return post{}, err
	}
	return post{company, secret, employee.Certificate()}, nil
})

func newKey(userID string) (*keystore.Signer, []byte, error) {
	armored, err := keystore.NewSigner(keystore.SignerOptions{UserID: userID, At: time.Now().Add(-time.Hour)}, []byte(passphrase))
	if err != nil {
		return nil, nil, err
	}
	signer, err := keystore.OpenSigner(bytes.NewReader(armored), []byte(passphrase))
	return signer, armored, err
}

// entity is a MIME entity of about so many bytes.
func entity(size int) []byte {
	var b bytes.Buffer
	b.WriteString("Content-Type: text/plain; charset=utf-8\r\n\r\n")
	for line := 0; b.Len() < size; line++ {
		fmt.Fprintf(&b, "line %06d of a letter to one employee\r\n", line)
	}
	return b.Bytes()
}

func (p post) seal(t testing.TB, size int, structure keystore.Structure) keystore.Sealed {
	t.Helper()
	sealed, err := p.company.Seal(p.employee, entity(size), keystore.SealOptions{At: time.Now(), Structure: structure})
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func thePost(t testing.TB) post {
	t.Helper()
	p, err := newPost()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func envelope(n int) payroll.Envelope {
	return payroll.Envelope{
		FromName: "ACME Payroll", From: "payroll@acme.example", To: "kiran.a@acme.example",
		Subject: "Encrypted message from ACME Payroll", MessageID: fmt.Sprintf("5d0c7d8e-0000-4000-8000-%012d@acme.example", n),
		Date:         time.Date(2026, 10, 30, 9, 0, 0, 0, time.FixedZone("", 3600)),
		ReturnSender: payroll.Address(fmt.Sprintf("bounce+5d0c7d8e-%012d@acme.example", n)),
	}
}

// theLetter is sealed once: what the pool carries is the same for all its tests.
var theLetter = sync.OnceValues(func() (keystore.Sealed, error) {
	p, err := newPost()
	if err != nil {
		return keystore.Sealed{}, err
	}
	return p.company.Seal(p.employee, entity(60_000), keystore.SealOptions{At: time.Now()})
})

// mailFor is the n-th message.
func mailFor(t testing.TB, n int) Message {
	t.Helper()
	sealed, err := theLetter()
	if err != nil {
		t.Fatal(err)
	}
	m, err := Compose(envelope(n), sealed)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

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

// to is how to reach a relay of smtptest.
func to(r *smtptest.Relay) Relay {
	return Relay{Host: r.Host(), Port: r.Port(), RootCAs: r.CAs(), HelloName: "worker.acme.example",
		FirstDelay: time.Millisecond, MaxDelay: 4 * time.Millisecond}
}

func newPool(t testing.TB, r Relay) *Pool {
	t.Helper()
	p, err := NewPool(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// sendOne takes a line, sends and gives the line back.
func sendOne(ctx context.Context, t testing.TB, p *Pool, m Message) payroll.Outcome {
	t.Helper()
	l, err := p.Line(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Release()
	return l.Send(ctx, m)
}
