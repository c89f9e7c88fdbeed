package keystore

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/payseal/payseal/payroll"
)

// The file of a signing key may hold, behind the key, the certificates of the
// keys that the company had before, each as an armored block of its own. They
// stand there and not in the database because whoever writes to that must not be
// able to add one. Successor puts them there; by hand,
//
//	payseal signer export --signer old.asc >> signer.asc
//
// does the same for a key that did not come about by rotation, and deleting a
// block takes it away again. Programs that read one secret key from the file see
// the first block only.

// Certifiers are the certificates by which the company may have certified an
// employee's: this key's own, and those of the earlier keys in its file, the
// latest first. Certificate.CertifiedBy asks about one.
func (s *Signer) Certifiers() []Certificate {
	return append([]Certificate{s.certificate}, s.formers...)
}

// readFormers reads the armored blocks behind the first one of a key's file.
func readFormers(content []byte) ([]Certificate, error) {
	blocks := slices.DeleteFunc(unarmor(content), func(b block) bool { return !strings.HasPrefix(b.label, "PGP ") })
	var formers []Certificate
	for _, b := range blocks[min(1, len(blocks)):] {
		former, err := ReadCertificate(b.data)
		if err != nil || b.code != "" || b.label != "PGP PUBLIC KEY BLOCK" {
			return nil, fmt.Errorf("%w: what stands behind the key in its file is not the certificate of an earlier key", payroll.ErrInvalid)
		}
		formers = append(formers, former)
	}
	return formers, nil
}

// withFormers writes the certificates behind the armored key.
func withFormers(armored []byte, formers []Certificate) ([]byte, error) {
	file := bytes.Clone(armored)
	for _, former := range formers {
		text, err := former.Armored()
		if err != nil {
			return nil, err
		}
		file = append(file, text...)
	}
	return file, nil
}
