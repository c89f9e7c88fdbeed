package keystore

import (
	"slices"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/payseal/payseal/payroll"
)

// standing is how a certificate stands at one moment: what of it would be used,
// or the code that speaks against using it.
type standing struct {
	code    Code
	ruling  *selfSignature // sets the primary key's expiry and abilities
	ruler   *user          // the user ID that it belongs to; nil for a direct-key signature
	user    *user          // the user ID for the address that was asked for
	userSig *selfSignature
	keys    []usable // that may be encrypted to, best first; more than one is stored, one is used
	signing []usable // subkeys by which its owner signs, the newest first
	revoked []usable // subkeys that might be encrypted to or sign, had they not been revoked
	expires time.Time
}

// usable is a key that may be encrypted to: a subkey with its binding, or the
// primary key itself, where subkey is nil.
type usable struct {
	key     *packet.PublicKey
	subkey  *subkey
	binding *selfSignature
	expires time.Time
}

// assess answers for one moment. An address limits the user IDs that count to
// those that are for it; "" takes the primary one.
func (m *material) assess(email payroll.Address, at time.Time) standing {
	var s standing
	steps := []func(*standing) Code{
		func(*standing) Code { return m.primaryProblem(at) },
		func(s *standing) Code { return m.rule(s, at, false) },
		func(s *standing) Code { return m.chooseUser(s, email, at) },
		func(s *standing) Code { return m.primaryExpiry(s, at) },
		func(s *standing) Code { return m.chooseKeys(s, at) },
	}
	for _, step := range steps {
		if s.code = step(&s); s.code != "" {
			return s
		}
	}
	return s
}

func (m *material) primaryProblem(at time.Time) Code {
	switch {
	case m.weak != "":
		return m.weak
	case m.primary.CreationTime.After(at.Add(clockSkew)):
		return CodeFuture
	case m.revoked(m.revocations, at, m.overPrimary), m.revokedByOther():
		return CodeRevoked
	}
	return ""
}

// rule finds the self-signature that speaks for the primary key: the newest
// valid one, be it a direct-key signature or on any user ID. A key that was
// extended on one user ID only is extended. A direct-key signature of version 4
// that sets no expiry is passed over, since it names a revoker and nothing else.
// A key of version 6 has its properties in direct-key signatures (RFC 9580
// §10.1.1).
func (m *material) rule(s *standing, at time.Time, weakHashes bool) Code {
	if sig := m.newest(m.direct, at, weakHashes, m.overPrimary); sig != nil && (m.primary.Version == 6 || sig.packet.KeyLifetimeSecs != nil) {
		s.ruling = sig
	}
	if m.primary.Version != 6 {
		for _, u := range m.users {
			sig := m.newest(u.certifications, at, weakHashes, m.overUser(u))
			if sig != nil && (s.ruling == nil || sig.about.created.After(s.ruling.about.created)) {
				s.ruling, s.ruler = sig, u
			}
		}
	}
	switch {
	case s.ruling != nil:
		return ""
	case len(m.users) == 0:
		return CodeNoUserID
	case !weakHashes && m.rule(&standing{}, at, true) == "":
		return CodeSHA1
	}
	return CodeNoSelfSignature
}

// chooseUser finds the user ID to rely on: of those that are for the address the
// one marked as primary, or else the one signed last.
func (m *material) chooseUser(s *standing, email payroll.Address, at time.Time) Code {
	problem := m.wrongAddress(email)
	for _, u := range m.users {
		if !u.isFor(email) {
			continue
		}
		sig, code := m.userProblem(u, at)
		switch {
		case code != "":
			problem = code
		case s.userSig == nil || m.favours(u) || !m.favours(s.user) && preferred(sig.packet, s.userSig.packet):
			s.user, s.userSig = u, sig
		}
	}
	if s.user != nil {
		return ""
	}
	return problem
}

func (m *material) favours(u *user) bool { return m.favoured != nil && u.id == *m.favoured }

// userProblem is what speaks against a user ID, "" if nothing. A user ID that is
// signed again after a revocation is good again (RFC 9580 §5.2.1.13).
func (m *material) userProblem(u *user, at time.Time) (*selfSignature, Code) {
	sig := m.newest(u.certifications, at, false, m.overUser(u))
	if sig == nil {
		if m.newest(u.certifications, at, true, m.overUser(u)) != nil {
			return nil, CodeSHA1
		}
		return nil, CodeUserIDInvalid
	}
	revocation := m.newest(u.revocations, at, true, m.overUser(u))
	if revocation != nil && !revocation.about.created.Before(sig.about.created) {
		return nil, CodeUserIDRevoked
	}
	return sig, ""
}

// isFor reports whether the user ID names exactly this address; every one is for
// the empty address.
func (u *user) isFor(email payroll.Address) bool {
	if email == "" {
		return true
	}
	address, err := addressOf(u.id)
	return err == nil && address.Same(email)
}

// wrongAddress says why no user ID is for the address: it is nowhere, or only in
// a name, a comment or a text that can be read in two ways.
func (m *material) wrongAddress(email payroll.Address) Code {
	hidden := func(u *user) bool { return strings.Contains(strings.ToLower(u.id), strings.ToLower(string(email))) }
	switch {
	case len(m.users) == 0:
		return CodeNoUserID
	case email != "" && slices.ContainsFunc(m.users, hidden):
		return CodeHiddenAddress
	}
	return CodeWrongAddress
}

func (m *material) primaryExpiry(s *standing, at time.Time) Code {
	s.expires = m.rulingExpiry(s.ruling)
	if s.userSig != nil {
		s.expires = earlier(s.expires, lifetime(s.userSig.packet.CreationTime, s.userSig.packet.SigLifetimeSecs))
	}
	if expired(s.expires, at) {
		return CodeExpired
	}
	return ""
}

func (m *material) rulingExpiry(ruling *selfSignature) time.Time {
	return lifetime(m.primary.CreationTime, ruling.packet.KeyLifetimeSecs)
}

// chooseKeys finds what may be encrypted to: subkeys, those for messages before
// those for stored files only, the newest first, as gpg has it. Without any
// encryption subkey it is the primary key where that says that it may be. gpg
// and sq go back to such a primary also when the subkey has expired or does not
// count; here the subkey is what its owner chose, and its end is the end.
func (m *material) chooseKeys(s *standing, at time.Time) Code {
	problem, youngest, ended := CodeNoSubkey, time.Time{}, time.Time{}
	for _, sub := range m.subkeys {
		use, code := m.subkeyProblem(sub, at)
		switch {
		case code == "":
			s.keys = append(s.keys, use)
		case code != CodeNoSubkey && !sub.key.CreationTime.Before(youngest):
			problem, youngest = code, sub.key.CreationTime
			ended = use.expires
		}
		if code == CodeSubkeyRevoked {
			s.revoked = append(s.revoked, use)
		}
	}
	slices.SortStableFunc(s.keys, compareUsable)
	if len(s.keys) == 0 && problem == CodeNoSubkey && mayEncrypt(m.primary, s.ruling.packet, false) {
		s.keys = []usable{{key: m.primary, binding: s.ruling}}
	}
	if len(s.keys) == 0 {
		s.expires = earlier(s.expires, ended)
		return problem
	}
	s.expires = earlier(s.expires, s.keys[0].expires)
	return ""
}

func compareUsable(a, b usable) int {
	if forMessages(a.binding.packet) != forMessages(b.binding.packet) {
		if forMessages(a.binding.packet) {
			return -1
		}
		return 1
	}
	return b.key.CreationTime.Compare(a.key.CreationTime)
}

// forMessages reports whether the flags do not keep the key to stored files.
func forMessages(sig *packet.Signature) bool { return !sig.FlagsValid || sig.FlagEncryptCommunications }

// mayEncrypt reports whether the key's flags and algorithm allow encrypting to
// it. A subkey without flags is judged by its algorithm, as very old keys are.
func mayEncrypt(key *packet.PublicKey, sig *packet.Signature, withoutFlags bool) bool {
	if !key.PubKeyAlgo.CanEncrypt() {
		return false
	}
	if !sig.FlagsValid {
		return withoutFlags
	}
	return sig.FlagEncryptCommunications || sig.FlagEncryptStorage
}

// subkeyProblem is what speaks against encrypting to a subkey. A subkey that is
// for something else, such as signing, has CodeNoSubkey.
func (m *material) subkeyProblem(sub *subkey, at time.Time) (usable, Code) {
	if sub.key == nil || !sub.key.PubKeyAlgo.CanEncrypt() {
		return usable{}, CodeNoSubkey
	}
	over := m.overSubkey(sub)
	binding := m.newest(sub.bindings, at, false, over)
	if binding == nil {
		return usable{}, m.unboundProblem(sub, at)
	}
	use := usable{key: sub.key, subkey: sub, binding: binding, expires: lifetime(sub.key.CreationTime, binding.packet.KeyLifetimeSecs)}
	use.expires = earlier(use.expires, lifetime(binding.packet.CreationTime, binding.packet.SigLifetimeSecs))
	switch {
	case !mayEncrypt(sub.key, binding.packet, true):
		return use, CodeNoSubkey
	case m.revoked(sub.revocations, at, over):
		return use, CodeSubkeyRevoked
	case sub.key.CreationTime.After(at.Add(clockSkew)):
		return use, CodeSubkeyFuture
	case expired(use.expires, at):
		return use, CodeSubkeyExpired
	case sub.weak != "":
		return use, sub.weak
	}
	return use, ""
}

// unboundProblem says why a subkey has no binding that counts.
func (m *material) unboundProblem(sub *subkey, at time.Time) Code {
	over := m.overSubkey(sub)
	if sig := m.newest(sub.bindings, at, true, over); sig != nil {
		if mayEncrypt(sub.key, sig.packet, true) {
			return CodeSubkeySHA1
		}
		return CodeNoSubkey
	}
	for _, sig := range sub.bindings {
		if sig.packet != nil {
			if sig.about.created.After(at) {
				return CodeSubkeyFuture
			}
			return CodeSubkeyExpired
		}
	}
	return CodeSubkeyUnbound
}
