package dispatch_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter"
)

// thai is a name that the built-in faces cannot write.
const thai = "น้ำเพชร"

// TestBrokenFontHoldsItsSlip: a font that breaks its shaper holds the slip that
// needs it, in the middle of a bundle, and no other; with a sound font it leaves.
func TestBrokenFontHoldsItsSlip(t *testing.T) {
	t.Parallel()
	font, err := os.ReadFile("/usr/share/fonts/truetype/noto/NotoSansThai-Regular.ttf")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("this test needs the package fonts-noto-core")
		}
		t.Skip("this test needs the package fonts-noto-core")
	}
	o := openOffice(t, 3, func(s *payroll.Slip) {
		if s.Employee.Number == number(1) {
			s.Employee.Name = thai
		}
	}, nil)
	o.letterhead = o.breaking(font)
	o.exec(`update slips set pin_letterhead = $1`, o.letterhead.Digest())
	o.seal()
	o.carry(o.conveyor())
	for _, s := range o.statuses() {
		if held := s.Employee == number(1); held != (s.State == payroll.SlipHeld && s.Hold == payroll.HoldUnwritable) || held == (s.State == payroll.SlipAccepted) {
			t.Errorf("the slip of %s is %s %s", s.Employee, s.State, s.Hold)
		}
	}
	if strings.Contains(o.log.String(), thai) || !strings.Contains(o.log.String(), "slip cannot be written") {
		t.Errorf("the log says %s", o.log)
	}
	o.letterhead = o.head(font)
	if err := o.store.ReapproveSlips(t.Context(), o.run, []payroll.EmployeeNumber{number(1)}, "anton", o.letterhead.Digest()); err != nil {
		t.Fatal(err)
	}
	o.carry(o.conveyor())
	if n := o.counts()[payroll.SlipAccepted]; n != 3 {
		t.Errorf("%d slips left after the mend", n)
	}
	slip, err := o.store.Slip(t.Context(), o.run, number(1), "anton")
	if err != nil {
		t.Fatal(err)
	}
	preview, err := o.letterhead.Page(slip)
	if err != nil {
		t.Fatal(err)
	}
	if sent, found, err := o.store.PageSent(t.Context(), payroll.DigestPage(preview)); err != nil || !found || sent.Slip != slip.ID {
		t.Errorf("the ledger says %+v, %v of the preview: %v", sent, found, err)
	}
}

// head is the office's letterhead with one font more.
func (o *office) head(font []byte) *letter.Letterhead {
	o.t.Helper()
	fonts, err := letter.LoadFonts(fstest.MapFS{"thai.ttf": {Data: font}})
	if err != nil {
		o.t.Fatal(err)
	}
	h, err := letter.NewLetterhead(letter.Company{Name: "ACME", KeyFingerprint: signer(o.t).Certificate().Fingerprint()}, fonts)
	if err != nil {
		o.t.Fatal(err)
	}
	return h
}

// breaking is the letterhead with a font damaged so that its shaper breaks down:
// some byte of the table of substitutions does it.
func (o *office) breaking(font []byte) *letter.Letterhead {
	o.t.Helper()
	entry := font[bytes.Index(font[:1024], []byte("GSUB")):]
	table := int(binary.BigEndian.Uint32(entry[8:]))
	s := payroll.Slip{Employee: payroll.Employee{Number: "1", Name: thai}, Period: october, PayDate: payDate, Currency: "EUR"}
	for at := range 60 {
		damaged := bytes.Clone(font)
		damaged[table+at] ^= 0xa5
		h := o.head(damaged)
		if _, err := h.Page(s); err != nil && !errors.Is(err, payroll.ErrInvalid) {
			if found := h.Check(s); len(found) == 0 || found[0].Severity != payroll.SeverityError {
				o.t.Errorf("nobody is told before the approval: %v", found)
			}
			return h
		}
	}
	o.t.Fatal("no damage breaks the shaper: look for another")
	return nil
}
