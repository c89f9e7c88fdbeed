package keystore

import (
	"bytes"
	"slices"
	"time"

	"github.com/payseal/payseal/payroll"
)

// Known is one certificate that an employee handed in before.
type Known struct {
	Content  []byte // as stored
	Step     payroll.Step
	Standing payroll.CertificateStanding
}

// Reception is what a handed-in file does.
type Reception struct {
	Verdict    Verdict
	Submission payroll.Submission    // what to store if the verdict accepts; Employee and Vouch are the caller's to fill
	Revoked    []payroll.Fingerprint // known certificates whose use the file ends, whatever the verdict
	Refresh    bool                  // a fresh copy of a known one, and what was proven about that stays
	Changed    bool                  // Submission.Content is not what is stored already
}

// Receive decides what a file does that was handed in for the employee with that
// address: the one place for `keys add`, the form and what a Web Key Directory
// answers. It takes any bytes, as Judge does, and accepts nothing that Judge
// refuses; known are all certificates of the employee.
//
// A fresh copy of a known certificate is merged with what is stored: of two
// self-signatures the newer counts, and a revocation that is stored stays,
// whatever the copy lacks. If the company, by one of the certifiers, had
// certified the known one, its certification is carried over: it is about the
// primary key and the user ID, and both are as they were. The database's word
// alone is not enough for that. If no certification holds, or another user ID
// would have to be relied on, the ladder begins anew (Submission.Restart).
func Receive(raw []byte, email payroll.Address, known []Known, certifiers []Certificate, at time.Time) Reception {
	certificate, verdict := Judge(raw, email, at)
	r := Reception{Verdict: verdict}
	before := Known{}
	if verdict.Accepted() {
		if k, found := findKnown(known, certificate.Fingerprint()); found {
			before = k
			certificate, r.Verdict = mergeKnown(raw, email, k, certifiers, at)
		}
	}
	r.Revoked = revokedBy(raw, known, r.Verdict, at)
	if !r.Verdict.Accepted() {
		return r
	}
	r.submit(certificate, before, certifiers, at)
	return r
}

func findKnown(known []Known, f payroll.Fingerprint) (Known, bool) {
	for _, k := range known {
		if c, err := ReadCertificate(k.Content); err == nil && c.Fingerprint() == f {
			return k, true
		}
	}
	return Known{}, false
}

// submit says what is stored of an accepted certificate; before is the known
// copy of it, or empty.
func (r *Reception) submit(c Certificate, before Known, certifiers []Certificate, at time.Time) {
	s := payroll.Submission{Fingerprint: c.Fingerprint(), Addresses: r.Verdict.Addresses(), WKD: WKDHash(c.Address()), Expires: c.Expires()}
	if before.certified() {
		carried, found := c.withCertificationsOf(before.Content, certifiers, at)
		s.Certified, s.Restart = found, !found
		if found {
			c = carried
		}
	}
	s.Content = c.Bytes()
	r.Submission = s
	r.Refresh = before.Content != nil && !s.Restart && before.Standing != payroll.CertificateReplaced
	r.Changed = !bytes.Equal(s.Content, before.Content)
}

// certified reports whether the database says that the company has certified it,
// and that it counts.
func (k Known) certified() bool {
	return k.Step == payroll.StepCertified &&
		(k.Standing == payroll.CertificateCandidate || k.Standing == payroll.CertificateCurrent)
}

// revokedBy lists the known certificates that the file revokes. One of which it
// brings a copy that is accepted is not among them: its owner has replaced a
// subkey or a user ID.
func revokedBy(raw []byte, known []Known, v Verdict, at time.Time) []payroll.Fingerprint {
	var revoked []payroll.Fingerprint
	for _, k := range known {
		c, err := ReadCertificate(k.Content)
		if err != nil || k.Standing == payroll.CertificateRevoked || v.Accepted() && v.Fingerprint == c.Fingerprint() {
			continue
		}
		if after, found := c.WithRevocations(raw); found && after.Revoked(at) {
			revoked = append(revoked, c.Fingerprint())
		}
	}
	return revoked
}

// mergeKnown judges an accepted file once more, together with the copy of the
// same certificate that is stored.
func mergeKnown(raw []byte, email payroll.Address, k Known, certifiers []Certificate, at time.Time) (c Certificate, v Verdict) {
	defer func() {
		if recover() != nil {
			c, v = Certificate{}, refuse(CodeMalformed, nil)
		}
	}()
	fresh, code := readFile(raw)
	if code != "" {
		return Certificate{}, refuse(code, nil)
	}
	stored, err := splitFrames(k.Content)
	if err != nil {
		return Certificate{}, refuse(CodeMalformed, nil)
	}
	m, code := readMaterial(mergeFrames(fresh, stored))
	if code != "" {
		return Certificate{}, refuse(code, m)
	}
	if k.Standing == payroll.CertificateRevoked {
		return Certificate{}, refuse(CodeUseEnded, m)
	}
	m.dropTwice()
	m.favoured = certifiedUserID(k, certifiers, at)
	return m.decide(email, at)
}

// mergeFrames puts the packets of two copies of one certificate together; what
// stands in both is sorted out when they are read.
func mergeFrames(fresh, stored []frame) []frame {
	cut := slices.IndexFunc(stored, func(f frame) bool { return f.tag == tagUserID || f.tag == tagPublicSubkey })
	if cut < 0 {
		cut = len(stored)
	}
	return slices.Concat(fresh[:1], stored[1:cut], fresh[1:], stored[cut:])
}

// dropTwice leaves one of signatures that are the same, where they stand behind
// the same key or user ID.
func (m *material) dropTwice() {
	for _, list := range m.signatures() {
		seen := make(map[string]bool, len(*list))
		*list = slices.DeleteFunc(*list, func(s *selfSignature) bool {
			twice := seen[string(s.frame.body)]
			seen[string(s.frame.body)] = true
			return twice
		})
	}
}

// certifiedUserID is the user ID of the stored copy that the company has
// certified; nil if there is none.
func certifiedUserID(k Known, certifiers []Certificate, at time.Time) *string {
	c, err := ReadCertificate(k.Content)
	if err != nil || !k.certified() || !slices.ContainsFunc(certifiers, func(company Certificate) bool { return c.CertifiedBy(company, at) }) {
		return nil
	}
	return &c.m.users[0].id
}

// withCertificationsOf takes over the certifications that hold from a stored copy
// of the same certificate. found is false if none does, or if the copy's first
// user ID is another.
func (c Certificate) withCertificationsOf(stored []byte, certifiers []Certificate, at time.Time) (carried Certificate, found bool) {
	before, err := ReadCertificate(stored)
	if err != nil || before.Fingerprint() != c.Fingerprint() || len(before.m.users) == 0 || len(c.m.users) == 0 ||
		before.m.users[0].id != c.m.users[0].id {
		return c, false
	}
	var sigs []frame
	for _, f := range before.m.users[0].others {
		if slices.ContainsFunc(certifiers, func(company Certificate) bool { return before.holds(f, company, at) }) {
			sigs = append(sigs, f)
		}
	}
	if len(sigs) == 0 {
		return c, false
	}
	carried, err = ReadCertificate(c.m.withOthers(sigs))
	if err != nil || !slices.ContainsFunc(certifiers, func(company Certificate) bool { return carried.CertifiedBy(company, at) }) {
		return c, false
	}
	return carried, true
}
