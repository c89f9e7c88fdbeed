package dispatch

import (
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/mailer"
	"github.com/payseal/payseal/payroll"
)

// The names of attached files. They are the same for everybody and tell nothing.
const (
	slipFile = "document.pdf.pgp"
	codeFile = "code.txt.pgp"
)

// form is how one mail is sealed and put together.
type form struct {
	structure keystore.Structure
	attached  bool // an encrypted file in an ordinary mail
}

// form is what an employee's mail profile asks for, and the company's way where
// it asks for nothing. A file is always combined: nested is a way to build mails.
func (s Sender) form(p payroll.MailProfile) form {
	f := form{structure: s.Structure}
	if p.Structure != "" {
		f.structure = keystore.Structure(p.Structure)
	}
	if p.Presentation == payroll.PresentationAttachment {
		f = form{keystore.Combined, true}
	}
	return f
}

// compose puts what was sealed into its envelope. file is its name, language that
// of the text beside it, where it is attached.
func (s Sender) compose(e payroll.Envelope, f form, language, file string, sealed keystore.Sealed) (mailer.Message, error) {
	if !f.attached {
		return mailer.Compose(e, sealed)
	}
	cover, err := s.company().Cover(language, file)
	if err != nil {
		return mailer.Message{}, err
	}
	return mailer.ComposeFile(e, cover, sealed)
}
