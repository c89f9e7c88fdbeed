package keystore

import (
	"bytes"
	"slices"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// certified writes the certificate with the company's certification behind the
// user ID that was checked at enrolment, the first one; a second user ID is kept
// only because it sets the expiry, and nobody has checked it. An earlier
// certification by the same key is left out. The owner's own signatures stay as
// they came.
func (m *material) certified(by *packet.PublicKey, certification *packet.Signature) ([]byte, error) {
	var sig, w bytes.Buffer
	if err := certification.Serialize(&sig); err != nil {
		return nil, err
	}
	frames, err := splitFrames(sig.Bytes())
	if err != nil {
		return nil, err
	}
	checked := m.users[0]
	others := slices.DeleteFunc(slices.Clone(checked.others), func(f frame) bool {
		facts, ok := readFacts(f.body)
		return ok && facts.claims(by)
	})
	copied := *m
	copied.users = slices.Clone(m.users)
	copied.users[0] = &user{id: checked.id, certifications: checked.certifications, revocations: checked.revocations, others: append(others, frames...)}
	copied.write(&w, func(any) []frame { return nil })
	return w.Bytes(), nil
}
