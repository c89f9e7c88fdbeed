package dispatch

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/mailer"
	"github.com/payseal/payseal/payroll"
)

// write makes a notice's secret, if its kind has one, and the whole mail. What
// can never be written is errMoot; a surprise of a moment is another error.
func (p *Post) write(ctx context.Context, n payroll.Notice) (message mailer.Message, secret payroll.SecretHash, err error) {
	defer func() {
		if problem := recover(); problem != nil { // a library's panic must not take the worker along
			message, err = mailer.Message{}, fmt.Errorf("%w: a panic while it was written", errMoot)
		}
	}()
	envelope, err := p.envelope(n)
	if err != nil {
		return message, secret, fmt.Errorf("%w: %w", errMoot, err)
	}
	if n.Kind.Sealed() {
		return p.writeSealed(n, envelope)
	}
	notice, secret, err := p.text(ctx, n)
	if err == nil {
		message, err = mailer.ComposeNotice(envelope, notice)
	}
	if errors.Is(err, payroll.ErrInvalid) {
		err = fmt.Errorf("%w: %w", errMoot, err)
	}
	return message, secret, err
}

// envelope addresses a notice. The Message-ID of one without a secret is the same
// on every try, so that a mail that arrives twice can be told for what it is. One
// with a secret is another mail every time, of which only the last is any good: a
// mailbox that keeps the first of two with one Message-ID must not get the wrong
// one.
func (p *Post) envelope(n payroll.Notice) (payroll.Envelope, error) {
	token := "notice-" + string(n.ID)
	returnSender, err := mailer.VERP(p.Sender.BounceAddress, token)
	if err != nil {
		returnSender = p.Sender.BounceAddress // too long to hold the token
	}
	if p.valid(n.Kind) > 0 {
		var random [4]byte
		_, _ = rand.Read(random[:]) // never fails (crypto/rand)
		token += "-" + hex.EncodeToString(random[:])
	}
	e := payroll.Envelope{
		FromName: p.Signer.Name(), From: p.Signer.Address(), To: n.To, Subject: p.Sender.Subject,
		MessageID: token + "@" + p.Sender.MessageIDDomain, Date: p.Now().In(p.Sender.Zone), ReturnSender: returnSender,
	}
	return e, e.Check()
}

// text is a notice that leaves in the clear, and the hash of the secret in its
// link. Links say when they end by the company's clock.
func (p *Post) text(ctx context.Context, n payroll.Notice) (notice mailer.Notice, secret payroll.SecretHash, err error) {
	company := p.Sender.company()
	linked := func(write func(language, token string, until time.Time) (mailer.Notice, error)) {
		var token string
		token, secret = payroll.NewToken()
		notice, err = write(n.Language, token, p.Now().Add(p.LinkValid).In(p.Sender.Zone))
	}
	switch n.Kind {
	case payroll.NoticeInvitation:
		linked(company.Invitation)
	case payroll.NoticeLink:
		linked(company.FreshLink)
	case payroll.NoticeConfirmOld:
		linked(company.ConfirmOld)
	case payroll.NoticeConfirmNew:
		linked(company.ConfirmNew)
	case payroll.NoticeChange:
		notice, err = company.Change(n.Language, n.Topic)
	case payroll.NoticeReminder:
		var ends payroll.Date
		if ends, _, err = payroll.ParseDayTopic(n.Topic); err == nil {
			notice, err = company.Reminder(n.Language, ends)
		}
	case payroll.NoticeDigest:
		notice, err = p.digest(ctx, company, n)
	case payroll.NoticeReportAlert:
		notice, err = company.ReportAlert(n.Language)
	case payroll.NoticeAlarm:
		notice, err = company.Alarm(n.Language)
	default:
		err = fmt.Errorf("%w: there is no text for the kind", payroll.ErrInvalid)
	}
	return notice, secret, err
}

func (p *Post) digest(ctx context.Context, company mailer.Company, n payroll.Notice) (mailer.Notice, error) {
	payDate, _, err := payroll.ParseDayTopic(n.Topic)
	if err != nil {
		return mailer.Notice{}, err
	}
	counts, err := p.counts(ctx, payDate)
	if err != nil {
		return mailer.Notice{}, fmt.Errorf("count who is ready: %w", err)
	}
	return company.Digest(n.Language, counts)
}

// writeSealed seals a code or a test slip to the certificate that the notice is
// for, judged at this moment.
func (p *Post) writeSealed(n payroll.Notice, e payroll.Envelope) (message mailer.Message, secret payroll.SecretHash, err error) {
	certificate, readable := keystore.ReadStored(n.Certificate, n.Fingerprint)
	if !readable {
		return message, secret, fmt.Errorf("%w: its certificate cannot be read", errMoot)
	}
	if problem := certificate.Problem(e.Date); problem != "" {
		return message, secret, fmt.Errorf("%w: its certificate cannot be encrypted to (%s)", errMoot, problem)
	}
	form, file := p.Sender.form(n.Profile), slipFile
	var content []byte
	if n.Kind.SecretCode() {
		file = codeFile
		content, secret, err = p.code(n, e, form)
	} else {
		content, err = p.specimen(n, e, form)
	}
	if err != nil {
		return message, secret, fmt.Errorf("%w: %w", errMoot, err)
	}
	archive := p.Sender.Archive && !n.Kind.SecretCode() // a code is for nobody else
	sealed, err := p.Signer.Seal(certificate, content, keystore.SealOptions{At: e.Date, Structure: form.structure, Archive: archive})
	if err != nil {
		return message, secret, err
	}
	if message, err = p.Sender.compose(e, form, n.Language, file, sealed); err != nil {
		return message, secret, fmt.Errorf("%w: %w", errMoot, err)
	}
	return message, secret, nil
}

// code makes a code and the letter, or the file, that carries it.
func (p *Post) code(n payroll.Notice, e payroll.Envelope, f form) (content []byte, secret payroll.SecretHash, err error) {
	code, secret := payroll.NewCode()
	write := p.Sender.company().ProofCode
	if n.Kind == payroll.NoticeSignInCode {
		write = p.Sender.company().SignInCode
	}
	l, err := write(n.Language, code, codeValid)
	if err != nil {
		return nil, secret, err
	}
	if f.attached {
		return l.Text(), secret, nil
	}
	content, err = l.Entity(e)
	return content, secret, err
}

func (p *Post) specimen(n payroll.Notice, e payroll.Envelope, f form) ([]byte, error) {
	if f.attached {
		return p.Letterhead.SpecimenPage(n.Language, e.Date)
	}
	return p.Letterhead.Specimen(n.Language, e)
}
