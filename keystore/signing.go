package keystore

import (
	"slices"
	"time"

	"github.com/payseal/payseal/payroll"
)

// maxSigning is how many signing subkeys are stored.
const maxSigning = 2

// chooseSigning finds the subkeys by which the certificate's owner signs, and
// those that are revoked, of either kind.
func (m *material) chooseSigning(s *standing, at time.Time) {
	for _, sub := range m.subkeys {
		if slices.ContainsFunc(s.keys, func(u usable) bool { return u.subkey == sub }) {
			continue
		}
		use, code := m.signingProblem(sub, at)
		switch code {
		case "":
			s.signing = append(s.signing, use)
		case CodeSubkeyRevoked:
			s.revoked = append(s.revoked, use)
		}
	}
	newest := func(a, b usable) int { return b.key.CreationTime.Compare(a.key.CreationTime) }
	slices.SortStableFunc(s.signing, newest)
	slices.SortStableFunc(s.revoked, newest)
	s.signing = s.signing[:min(len(s.signing), maxSigning)]
	s.revoked = s.revoked[:min(len(s.revoked), maxKept)]
}

// signingProblem is what speaks against a signature by a subkey. A subkey that is
// for something else has CodeNoSubkey. Whether the subkey has signed back is
// for whoever verifies its signature.
func (m *material) signingProblem(sub *subkey, at time.Time) (usable, Code) {
	if sub.key == nil || !sub.key.PubKeyAlgo.CanSign() || sub.weak != "" {
		return usable{}, CodeNoSubkey
	}
	over := m.overSubkey(sub)
	binding := m.newest(sub.bindings, at, false, over)
	if binding == nil || !binding.packet.FlagsValid || !binding.packet.FlagSign {
		return usable{}, CodeNoSubkey
	}
	use := usable{key: sub.key, subkey: sub, binding: binding, expires: lifetime(sub.key.CreationTime, binding.packet.KeyLifetimeSecs)}
	use.expires = earlier(use.expires, lifetime(binding.packet.CreationTime, binding.packet.SigLifetimeSecs))
	switch {
	case m.revoked(sub.revocations, at, over):
		return use, CodeSubkeyRevoked
	case expired(use.expires, at):
		return use, CodeSubkeyExpired
	}
	return use, ""
}

// mayStillSign reports whether a signature of that moment by the primary key or
// the subkey counts: neither is weak, revoked or has expired.
func (c Certificate) mayStillSign(key payroll.Fingerprint, at time.Time) bool {
	var s standing
	if c.m.primaryProblem(at) != "" || c.m.rule(&s, at, false) != "" || expired(c.m.rulingExpiry(s.ruling), at) {
		return false
	}
	if key == c.fingerprint {
		return true
	}
	return slices.ContainsFunc(c.m.subkeys, func(sub *subkey) bool {
		_, code := c.m.signingProblem(sub, at)
		return code == "" && fingerprintOf(sub.key) == key
	})
}
