package dispatch

import (
	"fmt"
	"time"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/mailer"
	"github.com/payseal/payseal/payroll"
)

// Sender is what every envelope of the company has in common.
type Sender struct {
	Subject         string             // the outer one: generic, for everybody the same
	BounceAddress   payroll.Address    // VERP puts the slip's token into it
	MessageIDDomain string             // after the @ of every Message-ID
	Zone            *time.Location     // of the Date field
	Structure       keystore.Structure // combined or nested
	Archive         bool               // also encrypt to the company
	Company         string             // the name in notices
	Contact         string             // whom a notice says to ask
	Origin          string             // of the form; "": there is none
	Language        string             // of whoever has none of their own; "" is English
	SilentHolds     bool               // do not tell employees that a slip waits
}

// company is what notices say of the company.
func (s Sender) company() mailer.Company {
	return mailer.Company{Name: s.Company, Contact: s.Contact, Origin: s.Origin, Language: s.Language}
}

// envelope addresses a slip. Its Message-ID is the slip's own, the same on every
// attempt, so that a slip that arrives twice can be told for what it is.
func (c *Conveyor) envelope(p payroll.Parcel, now time.Time) (payroll.Envelope, error) {
	returnSender, err := mailer.VERP(c.Sender.BounceAddress, string(p.ID))
	if err != nil {
		return payroll.Envelope{}, fmt.Errorf("address envelope: %w", err)
	}
	return payroll.Envelope{
		FromName:     c.Signer.Name(),
		From:         c.Signer.Address(),
		To:           p.Pin.Email,
		Subject:      c.Sender.Subject,
		MessageID:    payroll.MessageID(p.ID, c.Sender.MessageIDDomain),
		Date:         now.In(c.Sender.Zone),
		ReturnSender: returnSender,
	}, nil
}

// written is a slip that is ready to be sent: the mail, and what the ledger keeps
// of the page inside it.
type written struct {
	message mailer.Message
	page    payroll.PageDigest
}

// write renders, seals and composes one slip. A slip that cannot be written
// must not be tried for ever: it is held, and the log says at which step.
func (c *Conveyor) write(p payroll.Parcel, to keystore.Certificate) (w written, reason payroll.HoldReason) {
	step := "render"
	defer func() {
		if problem := recover(); problem != nil { // a library's panic must not take the other slips along
			c.Log.Error("slip cannot be written", "slip", p.ID, "step", step, "error", "panic")
			w, reason = written{}, payroll.HoldUnwritable
		}
	}()
	now := c.Now()
	p.Slip.Employee.Email = p.Pin.Email // the roster's word of the approval, which may be newer than the import's
	form := c.Sender.form(p.Profile)
	envelope, err := c.envelope(p, now)
	on := c.sheet()
	defer c.sheets.Put(on)
	var content []byte
	if err == nil {
		content, w.page, err = c.content(on, p.Slip, envelope, form)
	}
	c.Metrics.step.WithLabelValues(step).Observe(c.Now().Sub(now).Seconds())
	if err != nil {
		c.Log.Error("slip cannot be written", "slip", p.ID, "step", step, "error", err)
		return written{}, payroll.HoldUnwritable
	}
	step, sealing := "seal", c.Now()
	sealed, err := c.Signer.Seal(to, content, keystore.SealOptions{At: now, Structure: form.structure, Archive: c.Sender.Archive})
	if err == nil {
		w.message, err = c.Sender.compose(envelope, form, p.Slip.Employee.Language, slipFile, sealed)
	}
	c.Metrics.step.WithLabelValues(step).Observe(c.Now().Sub(sealing).Seconds())
	if err != nil {
		c.Log.Error("slip cannot be written", "slip", p.ID, "step", step, "error", err)
		return written{}, payroll.HoldUnwritable
	}
	return w, ""
}

// sheet is the memory in which a slip is drawn and enclosed, used again once it is
// sealed: else it would be a third of all that a slip takes.
type sheet struct{ page, letter []byte }

func (c *Conveyor) sheet() *sheet {
	if on, ok := c.sheets.Get().(*sheet); ok {
		return on
	}
	return &sheet{}
}

// content is what is sealed: the whole letter, or the page alone, as a file. The
// digest is the page's in either.
func (c *Conveyor) content(on *sheet, s payroll.Slip, e payroll.Envelope, f form) ([]byte, payroll.PageDigest, error) {
	var err error
	if on.page, err = c.Letterhead.AppendPage(on.page[:0], s); err != nil {
		return nil, payroll.PageDigest{}, err
	}
	digest := payroll.DigestPage(on.page)
	if f.attached {
		return on.page, digest, nil
	}
	on.letter, err = c.Letterhead.Enclose(on.letter[:0], s, e, on.page)
	return on.letter, digest, err
}
