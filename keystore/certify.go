package keystore

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// maxCertifying bounds, in the units of maxEffort, what is spent on finding the
// company's certification.
const maxCertifying = 100

// CertifiedBy reports whether the company's primary key states, at that moment,
// that the user ID that was checked at enrolment belongs to the certificate: the
// newest statement of that key on it is a valid certification, and no
// revocation. Whoever can write to the database cannot make one.
//
// The company's key may have expired since: what it certified in its time stays
// certified. If it was revoked as superseded or retired, what it certified
// before that stays too; after a revocation for any other reason nothing does.
// It verifies one signature, and is safe for concurrent use.
func (c Certificate) CertifiedBy(company Certificate, at time.Time) (certified bool) {
	if c.m == nil || company.m == nil || len(c.m.users) == 0 {
		return false
	}
	defer func() {
		if recover() != nil { // the library met bytes that its authors had not thought of
			certified = false
		}
	}()
	sig := c.lastStatement(company, at)
	return sig != nil && !sig.revokes() && company.m.couldCertify(sig.about.created)
}

// lastStatement is the newest valid statement of the company's primary key, a
// certification or the revocation of one, on the user ID that was checked; nil
// if there is none.
func (c Certificate) lastStatement(company Certificate, at time.Time) *selfSignature {
	effort, over := maxCertifying, c.m.overUser(c.m.users[0])
	for _, sig := range c.m.users[0].statementsBy(company.m.primary) {
		if sig.verify(company.m.primary, &effort, over) && sig.counts(at, sig.revokes()) {
			return sig
		}
	}
	return nil
}

// revokes reports whether the statement takes a certification back.
func (s *selfSignature) revokes() bool {
	return s.about.kind == byte(packet.SigTypeCertificationRevocation)
}

// holds reports whether the signature is the one by which the company certifies.
func (c Certificate) holds(sig frame, company Certificate, at time.Time) bool {
	if !c.CertifiedBy(company, at) {
		return false
	}
	return bytes.Equal(c.lastStatement(company, at).frame.body, sig.body)
}

// statementsBy are the certifications (RFC 9580 §5.2.1.10: generic or positive)
// and revocations that claim to come from the key, the newest first.
func (u *user) statementsBy(key *packet.PublicKey) []*selfSignature {
	var statements []*selfSignature
	proven := slices.ContainsFunc(u.proven, func(by []byte) bool { return bytes.Equal(by, key.Fingerprint) })
	for _, f := range u.others {
		facts, ok := readFacts(f.body)
		if !ok || !facts.claims(key) {
			continue
		}
		switch packet.SignatureType(facts.kind) {
		case packet.SigTypeGenericCert, packet.SigTypePositiveCert, packet.SigTypeCertificationRevocation:
			statements = append(statements, &selfSignature{frame: f, about: facts, proven: proven})
		}
	}
	slices.SortStableFunc(statements, func(a, b *selfSignature) int {
		return cmp.Or(b.about.created.Compare(a.about.created), cmp.Compare(b.about.kind, a.about.kind))
	})
	return statements
}

// couldCertify reports whether what the primary key certified at that moment
// counts: it was there, and neither revoked nor expired.
func (m *material) couldCertify(then time.Time) bool {
	var s standing
	return m.primaryProblem(then) == "" && m.rule(&s, m.latest(), true) == "" && !expired(m.rulingExpiry(s.ruling), then)
}

// certified writes the certificate with the company's certification behind the
// user ID that was checked at enrolment, the first one; a second user ID is kept
// only because it sets the expiry, and nobody has checked it. An earlier
// certification by the same key is left out. The owner's own signatures stay as
// they came.
func (m *material) certified(by *packet.PublicKey, certification *packet.Signature) ([]byte, error) {
	sig, err := frameOf(certification)
	if err != nil {
		return nil, err
	}
	others := slices.DeleteFunc(slices.Clone(m.users[0].others), func(f frame) bool {
		facts, ok := readFacts(f.body)
		return ok && facts.claims(by)
	})
	return m.withOthers(append(others, sig)), nil
}

// frameOf is a signature that was made here, as a packet.
func frameOf(sig *packet.Signature) (frame, error) {
	var w bytes.Buffer
	if err := sig.Serialize(&w); err != nil {
		return frame{}, err
	}
	frames, err := splitFrames(w.Bytes())
	if err != nil || len(frames) != 1 {
		return frame{}, errNotPackets
	}
	return frames[0], nil
}

// withOthers writes the certificate with these signatures of others on the user
// ID that was checked, in the place of those that it has.
func (m *material) withOthers(others []frame) []byte {
	checked := m.users[0]
	copied := *m
	copied.users = slices.Clone(m.users)
	copied.users[0] = &user{id: checked.id, certifications: checked.certifications, revocations: checked.revocations, others: others}
	var w bytes.Buffer
	copied.write(&w, func(any) []frame { return nil })
	return w.Bytes()
}
