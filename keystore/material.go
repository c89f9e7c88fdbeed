package keystore

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"hash"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// material is a certificate taken apart: its keys and user IDs, each with the
// signatures that claim to come from the primary key. Other people's signatures,
// pictures and unknown packets are left out and counted. While it is judged,
// signatures are verified as they are needed; after verifyAll it is never
// written to and may be shared between goroutines.
type material struct {
	primary     *packet.PublicKey
	frame       frame
	weak        Code
	direct      []*selfSignature
	revocations []*selfSignature
	foreign     []signatureFacts // revocations of the primary that others made
	users       []*user
	subkeys     []*subkey
	favoured    *string // the user ID to rely on wherever it is as good as another; nil for none
	stripped    int     // packets left out that are not signatures
	effort      int     // what may still be spent on verifying
}

// user is one user ID.
type user struct {
	id             string
	certifications []*selfSignature
	revocations    []*selfSignature
	others         []frame  // certifications by others, such as the company's, and their revocations
	proven         [][]byte // fingerprints of those whose were verified before
}

// subkey is one subkey; key is nil if the library does not know its algorithm.
type subkey struct {
	key         *packet.PublicKey
	frame       frame
	weak        Code
	sound       bool // also by the tests that cost milliseconds
	bindings    []*selfSignature
	revocations []*selfSignature
}

// readMaterial sorts the packets of one certificate. The code says what is wrong
// with them, "" if nothing.
func readMaterial(frames []frame) (*material, Code) {
	m := &material{effort: maxEffort}
	if code := m.readPrimary(frames[0]); code != "" {
		return m, code
	}
	if count(frames, tagUserID) > maxUserIDs || count(frames, tagPublicSubkey) > maxSubkeys {
		return m, CodeFlood
	}
	var under any = m // what the signatures that follow are about
	for _, f := range frames[1:] {
		switch f.tag {
		case tagSignature:
			m.addSignature(under, f)
		case tagUserID:
			under = m.userOf(f.body)
		case tagPublicSubkey:
			sub, code := m.subkeyOf(f)
			if code != "" {
				return m, code
			}
			under = sub
		case tagMarker, tagTrust, tagPadding:
		default:
			m.stripped++
			under = nil
		}
	}
	if len(m.foreign) > maxForeign {
		return m, CodeFlood
	}
	m.sort()
	return m, ""
}

func count(frames []frame, tag uint8) int {
	n := 0
	for _, f := range frames {
		if f.tag == tag {
			n++
		}
	}
	return n
}

// sort puts the newest signature of each kind first.
func (m *material) sort() {
	for _, sigs := range m.signatures() {
		slices.SortStableFunc(*sigs, func(a, b *selfSignature) int { return b.about.created.Compare(a.about.created) })
	}
}

// signatures are all lists of the certificate's own signatures.
func (m *material) signatures() []*[]*selfSignature {
	lists := []*[]*selfSignature{&m.direct, &m.revocations}
	for _, u := range m.users {
		lists = append(lists, &u.certifications, &u.revocations)
	}
	for _, s := range m.subkeys {
		lists = append(lists, &s.bindings, &s.revocations)
	}
	return lists
}

func (m *material) readPrimary(f frame) Code {
	m.frame = f
	key, code := readKey(f)
	if key == nil || code != "" {
		return cmp.Or(code, keyProblem(f.body))
	}
	m.primary = key
	m.weak = strengthOf(key, false)
	if !key.PubKeyAlgo.CanSign() {
		return CodeAlgorithm
	}
	return ""
}

// readKey reads a public key packet with the library. The key is nil where the
// library does not know it. Bytes behind the public key are what a secret key
// under a false packet type looks like, so they are treated as one.
func readKey(f frame) (*packet.PublicKey, Code) {
	p, err := packet.Read(bytes.NewReader(f.bytes()))
	key, ok := p.(*packet.PublicKey)
	if err != nil || !ok || key.Version != 4 && key.Version != 6 {
		return nil, ""
	}
	var again bytes.Buffer
	if err := key.Serialize(&again); err != nil {
		return nil, ""
	}
	written, err := splitFrames(again.Bytes())
	if err != nil || len(written) != 1 {
		return nil, ""
	}
	switch {
	case bytes.Equal(written[0].body, f.body):
		return key, ""
	case bytes.HasPrefix(f.body, written[0].body):
		return key, CodeSecretKey
	}
	return nil, CodeMalformed
}

// keyProblem says why the library could not read a key packet.
func keyProblem(body []byte) Code {
	switch {
	case len(body) < 6:
		return CodeMalformed
	case body[0] != 4 && body[0] != 6:
		return CodeOldVersion
	case bytes.IndexByte([]byte{1, 2, 3, 16, 17}, body[5]) >= 0:
		return CodeMalformed
	}
	return CodeAlgorithm
}

// userOf finds or adds a user ID. One that stands twice in the file is one, so
// that a revocation of either copy counts for both.
func (m *material) userOf(body []byte) *user {
	for _, u := range m.users {
		if u.id == string(body) {
			return u
		}
	}
	u := &user{id: string(body)}
	if len(body) > maxUserID {
		m.stripped++
		return u
	}
	m.users = append(m.users, u)
	return u
}

func (m *material) subkeyOf(f frame) (*subkey, Code) {
	for _, s := range m.subkeys {
		if bytes.Equal(s.frame.body, f.body) {
			return s, ""
		}
	}
	s := &subkey{frame: f}
	key, code := readKey(f)
	if code == CodeSecretKey {
		return s, code
	}
	if s.key = key; key != nil {
		s.weak = subkeyStrength(key, false)
	}
	m.subkeys = append(m.subkeys, s)
	return s, ""
}

// addSignature files a signature under what it stands behind. A revocation of
// the primary key counts wherever it stands.
func (m *material) addSignature(under any, f frame) {
	facts, ok := readFacts(f.body)
	if !ok {
		return
	}
	own := facts.claims(m.primary)
	sig := &selfSignature{frame: f, about: facts}
	if facts.kind == byte(packet.SigTypeKeyRevocation) {
		if own {
			m.revocations = append(m.revocations, sig)
		} else {
			m.foreign = append(m.foreign, facts)
		}
		return
	}
	switch under := under.(type) {
	case *material:
		if own && facts.kind == byte(packet.SigTypeDirectSignature) {
			m.direct = append(m.direct, sig)
		}
	case *user:
		under.add(sig, own)
	case *subkey:
		under.add(sig, own)
	}
}

func (u *user) add(sig *selfSignature, own bool) {
	switch {
	case !own && (isCertification(sig.about.kind) || sig.about.kind == byte(packet.SigTypeCertificationRevocation)):
		u.others = append(u.others, sig.frame)
	case own && isCertification(sig.about.kind):
		u.certifications = append(u.certifications, sig)
	case own && sig.about.kind == byte(packet.SigTypeCertificationRevocation):
		u.revocations = append(u.revocations, sig)
	}
}

func (s *subkey) add(sig *selfSignature, own bool) {
	switch {
	case own && sig.about.kind == byte(packet.SigTypeSubkeyBinding):
		s.bindings = append(s.bindings, sig)
	case own && sig.about.kind == byte(packet.SigTypeSubkeyRevocation):
		s.revocations = append(s.revocations, sig)
	}
}

// overPrimary hashes what direct-key signatures and revocations are about.
func (m *material) overPrimary(h hash.Hash) error { return m.primary.SerializeForHash(h) }

// overUser hashes what a certification of the user ID is about (RFC 9580 §5.2.4).
func (m *material) overUser(u *user) func(hash.Hash) error {
	return func(h hash.Hash) error {
		if err := m.primary.SerializeForHash(h); err != nil {
			return err
		}
		h.Write(binary.BigEndian.AppendUint32([]byte{0xb4}, uint32(len(u.id))))
		h.Write([]byte(u.id))
		return nil
	}
}

// overSubkey hashes what a subkey's binding or revocation is about. Whether a
// subkey that also signs has signed back does not matter to encryption.
func (m *material) overSubkey(s *subkey) func(hash.Hash) error {
	return func(h hash.Hash) error {
		if err := m.primary.SerializeForHash(h); err != nil {
			return err
		}
		return s.key.SerializeForHash(h)
	}
}

// newest is the newest signature that is valid and counts at that moment, nil if
// none does. Those older than it are not looked at.
func (m *material) newest(sigs []*selfSignature, at time.Time, weakHashes bool, over func(hash.Hash) error) *selfSignature {
	for _, sig := range sigs {
		if sig.verify(m.primary, &m.effort, over) && sig.counts(at, weakHashes) {
			return sig
		}
	}
	return nil
}

// revoked reports whether one of the revocations is valid and in force: from its
// date on, or from the beginning if its reason is a compromise or not given
// (RFC 9580 §5.2.3.31). A revocation is final, as in gpg: a later signature
// over a key does not take it back.
func (m *material) revoked(sigs []*selfSignature, at time.Time, over func(hash.Hash) error) bool {
	for _, sig := range sigs {
		if sig.verify(m.primary, &m.effort, over) && (isHard(sig.packet) || !sig.about.created.After(at.Add(clockSkew))) {
			return true
		}
	}
	return false
}

func isHard(revocation *packet.Signature) bool {
	reason := revocation.RevocationReason
	return reason == nil || *reason != packet.KeySuperseded && *reason != packet.KeyRetired
}

// revokedByOther reports whether somebody whom the key has named as its revoker
// has made a revocation. It cannot be verified without that person's key, and
// it is not our place to doubt it.
func (m *material) revokedByOther() bool {
	for _, sig := range m.direct {
		for _, revoker := range sig.about.revokers {
			if slices.ContainsFunc(m.foreign, func(f signatureFacts) bool {
				return len(f.issuer) > 0 && (bytes.Equal(f.issuer, revoker) || bytes.HasSuffix(revoker, f.issuer))
			}) {
				return true
			}
		}
	}
	return false
}

// latest is the moment of the newest self-signature.
func (m *material) latest() time.Time {
	latest := m.primary.CreationTime
	lists := [][]*selfSignature{m.direct}
	for _, u := range m.users {
		lists = append(lists, u.certifications)
	}
	for _, s := range m.subkeys {
		lists = append(lists, s.bindings)
	}
	for _, sig := range slices.Concat(lists...) {
		if sig.packet != nil && sig.about.created.After(latest) {
			latest = sig.about.created
		}
	}
	return latest
}

// verifyAll verifies every signature that is left, so that later questions only
// read.
func (m *material) verifyAll() {
	all := func(over func(hash.Hash) error, lists ...[]*selfSignature) {
		for _, sigs := range lists {
			for _, sig := range sigs {
				sig.verify(m.primary, &m.effort, over)
			}
		}
	}
	all(m.overPrimary, m.direct, m.revocations)
	for _, u := range m.users {
		all(m.overUser(u), u.certifications, u.revocations)
	}
	for _, s := range m.subkeys {
		if s.key != nil {
			all(m.overSubkey(s), s.bindings, s.revocations)
		}
	}
	m.effort = 0
}

// printable is the user ID for people: valid UTF-8, and nothing in it that
// steers a terminal, turns the direction of the text or cannot be seen. What means
// something to a web page or a shell stays: that is for whoever writes one.
func (u *user) printable() string {
	return strings.Map(func(r rune) rune {
		if unseen(r) {
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(u.id, string(utf8.RuneError)))
}

// unseen reports whether a character has no shape of its own. The two that join
// letters or keep them apart belong to names in Persian and in Indian scripts.
func unseen(r rune) bool {
	const nonJoiner, joiner, lineSeparator, paragraphSeparator = 0x200c, 0x200d, 0x2028, 0x2029
	switch r {
	case nonJoiner, joiner:
		return false
	case lineSeparator, paragraphSeparator:
		return true
	}
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Co)
}
