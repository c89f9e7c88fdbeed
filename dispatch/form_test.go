package dispatch_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/payseal/payseal/dispatch"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// A slip leaves in the form that the employee's mail profile asks for, and in the
// company's where it asks for none. As an attachment it is the page itself.
func TestSlipsLeaveInTheFormOfTheProfile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		profile string
		sender  func(*dispatch.Sender)
		inside  string // of what opens
		outside string
	}{
		"nothing asked for":           {"''", nil, "Content-Disposition: attachment; filename=\"Payslip", "multipart/encrypted"},
		"nested":                      {"'', mail_structure = 'nested'", nil, "multipart/signed", "multipart/encrypted"},
		"attachment":                  {"'attachment'", nil, "%PDF-1.", "multipart/mixed"},
		"the company's way":           {"''", func(s *dispatch.Sender) { s.Structure = keystore.Nested }, "multipart/signed", "multipart/encrypted"},
		"combined where they are not": {"'inline', mail_structure = 'combined'", func(s *dispatch.Sender) { s.Structure = keystore.Nested }, "Content-Disposition: attachment; filename=\"Payslip", "multipart/encrypted"},
		"attachment is never nested":  {"'attachment', mail_structure = 'nested'", nil, "%PDF-1.", "multipart/mixed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, 1)
			g, f := o.candidate()
			o.exec(`update certificates set standing = 'replaced' where standing = 'current'`)
			o.exec(`update certificates set standing = 'current', step = 'phone_checked' where fingerprint = $1`, f)
			o.exec(`update employees set mail_presentation = ` + c.profile)
			o.exec(`update slips set pin_fingerprint = '', pin_subkeys = '{}'`)
			o.seal()
			o.carry(o.conveyor(func(v *dispatch.Conveyor) {
				v.Certifiers, v.Sender.Company = nil, "ACME"
				if c.sender != nil {
					c.sender(&v.Sender)
				}
			}))
			header, text, parts := o.lastMail()
			if !strings.HasPrefix(header.Get("Content-Type"), c.outside) || header.Get("Subject") != "Encrypted message from ACME" {
				t.Errorf("outside %v", header)
			}
			if attached := c.outside == "multipart/mixed"; attached != strings.Contains(text, "document.pdf.pgp") {
				t.Errorf("text %q", text)
			}
			opened := g.open(parts["application/octet-stream"], c.inside != "multipart/signed")
			if !strings.Contains(opened, c.inside) {
				t.Errorf("inside %.400q", opened)
			}
			if !strings.Contains(outerType(opened), "multipart/signed") {
				o.knowsPage(opened)
			}
		})
	}
}

func outerType(opened string) string {
	head, _, _ := strings.Cut(opened, "\r\n\r\n")
	return head
}

// knowsPage holds what the employee opened against the preview and the ledger:
// the three are the same bytes.
func (o *office) knowsPage(opened string) {
	o.t.Helper()
	page := []byte(opened)
	if !bytes.HasPrefix(page, []byte("%PDF-")) {
		_, _, parts := takeApart(o.t, page)
		page = parts["application/pdf"]
	}
	slip, err := o.store.Slip(o.t.Context(), o.run, number(0), "anton")
	if err != nil {
		o.t.Fatal(err)
	}
	preview, err := o.letterhead.Page(slip)
	if err != nil || !bytes.Equal(page, preview) {
		o.t.Errorf("the preview has %d bytes and the page %d: %v", len(preview), len(page), err)
	}
	sent, found, err := o.store.PageSent(o.t.Context(), payroll.DigestPage(page))
	if err != nil || !found || sent.Slip != slip.ID || sent.Judge() != payroll.PageGenuine {
		o.t.Errorf("the ledger says %+v, %v of the page that was sent: %v", sent, found, err)
	}
}
