package keystore

import (
	"bytes"
	"hash"
	"slices"
)

// minimise writes what payseal keeps of a certificate that was accepted: the
// primary key with its direct-key signature, the chosen user ID with its newest
// self-signature, the encryption subkeys and the newest signing subkey (which
// may sign for the certificate's successor) with their bindings, and every valid
// revocation, also those of subkeys that are out of use, so that an older copy
// does not bring these back. If another signature sets the expiry (the key was extended on
// another user ID), that one is kept too, behind the chosen user ID. Packets are
// copied as they came, never made anew.
func (m *material) minimise(s standing) []byte {
	var w bytes.Buffer
	m.frame.write(&w)
	writeValid(&w, m.revocations)
	if s.ruling != nil && s.ruler == nil {
		s.ruling.frame.write(&w)
	}
	if s.user != nil {
		s.user.write(&w, s.userSig)
	}
	if s.ruler != nil && s.ruler != s.user && !m.sameRule(s.ruling, s.userSig) {
		s.ruler.write(&w, s.ruling)
	}
	for _, use := range slices.Concat(s.keys, s.signing, s.revoked) {
		if use.subkey != nil {
			use.subkey.frame.write(&w)
			writeValid(&w, use.subkey.revocations)
			use.binding.frame.write(&w)
		}
	}
	return w.Bytes()
}

// sameRule reports whether two self-signatures say the same of the primary key.
func (m *material) sameRule(a, b *selfSignature) bool {
	return m.rulingExpiry(a).Equal(m.rulingExpiry(b)) &&
		mayEncrypt(m.primary, a.packet, false) == mayEncrypt(m.primary, b.packet, false)
}

func (u *user) write(w *bytes.Buffer, self *selfSignature) {
	frame{tagUserID, []byte(u.id)}.write(w)
	writeValid(w, u.revocations)
	self.frame.write(w)
}

// writeValid writes the signatures that were verified: revocations that are not
// yet in force, or that a newer signature took back.
func writeValid(w *bytes.Buffer, sigs []*selfSignature) {
	for _, sig := range sigs {
		if sig.packet != nil {
			sig.frame.write(w)
		}
	}
}

// WithRevocations takes over the revocations that raw holds for this
// certificate: another export of it, or the revocation certificate that its
// owner kept for the day it is needed. Everything else in raw is ignored. found
// is false if there is none that c does not have already.
func (c Certificate) WithRevocations(raw []byte) (revoked Certificate, found bool) {
	if c.m == nil {
		return c, false
	}
	defer func() {
		if recover() != nil {
			revoked, found = c, false
		}
	}()
	var fresh []frame
	for _, f := range packetsIn(raw) {
		if f.tag == tagSignature && !bytes.Contains(c.stored, f.body) {
			fresh = append(fresh, f)
		}
	}
	taken := c.m.takeRevocations(fresh)
	if taken == nil {
		return c, false
	}
	revoked, err := ReadCertificate(taken)
	return revoked, err == nil
}

// packetsIn reads all packets of a file without judging it.
func packetsIn(raw []byte) []frame {
	if len(raw) > MaxFile {
		return nil
	}
	var frames []frame
	if bytes.Contains(raw, []byte(blockBegin)) {
		for _, b := range unarmor(raw) {
			more, _ := splitFrames(b.data)
			frames = append(frames, more...)
		}
		return frames
	}
	frames, _ = splitFrames(raw)
	return frames
}

// takeRevocations writes the certificate again with those of the signatures that
// revoke a part of it; nil if none does.
func (m *material) takeRevocations(sigs []frame) []byte {
	effort, taken := maxEffort, 0
	choose := func(kind uint8, over func(hash.Hash) error) []frame {
		var valid []frame
		for _, f := range sigs {
			facts, ok := readFacts(f.body)
			sig := &selfSignature{frame: f, about: facts}
			if ok && facts.kind == kind && facts.claims(m.primary) && sig.verify(m.primary, &effort, over) {
				valid = append(valid, f)
				taken++
			}
		}
		return valid
	}
	kept := *m
	if len(m.users) > 1 && len(choose(0x30, m.overUser(m.users[0]))) > 0 {
		kept.users = m.users[:1] // the second was kept for its expiry, and must not stand in for the one that was checked
	}
	var w bytes.Buffer
	kept.write(&w, func(under any) []frame {
		switch under := under.(type) {
		case *user:
			return choose(0x30, m.overUser(under))
		case *subkey:
			if under.key == nil {
				return nil
			}
			return choose(0x28, m.overSubkey(under))
		}
		return choose(0x20, m.overPrimary)
	})
	if taken == 0 {
		return nil
	}
	return w.Bytes()
}

// write writes the whole certificate, packets as they came. more gives further
// signatures for the key (nil), for a *user or for a *subkey.
func (m *material) write(w *bytes.Buffer, more func(under any) []frame) {
	m.frame.write(w)
	writeFrames(w, more(nil))
	writeSigs(w, m.revocations, m.direct)
	for _, u := range m.users {
		frame{tagUserID, []byte(u.id)}.write(w)
		writeFrames(w, more(u))
		writeSigs(w, u.revocations, u.certifications)
		writeFrames(w, u.others)
	}
	for _, sub := range m.subkeys {
		sub.frame.write(w)
		writeFrames(w, more(sub))
		writeSigs(w, sub.revocations, sub.bindings)
	}
}

func writeFrames(w *bytes.Buffer, frames []frame) {
	for _, f := range frames {
		f.write(w)
	}
}

func writeSigs(w *bytes.Buffer, lists ...[]*selfSignature) {
	for _, sig := range slices.Concat(lists...) {
		sig.frame.write(w)
	}
}
