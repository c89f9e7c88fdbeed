package keystore

import (
	"bytes"
	"encoding/binary"
	"hash"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// selfSignature is a signature that claims to come from the certificate's own
// primary key. It is verified when somebody asks for it, once.
type selfSignature struct {
	frame   frame
	about   signatureFacts
	packet  *packet.Signature // nil until verified, and after that if it is not valid
	checked bool
	proven  bool // verified before: see MasterKey.ReadProven
}

// signatureFacts is what can be told about a signature without verifying it, and
// without understanding its algorithms.
type signatureFacts struct {
	version, kind, hash uint8
	created             time.Time
	issuer              []byte   // key ID or fingerprint; nil if it does not say
	revokers            [][]byte // fingerprints of designated revokers (RFC 9580 §5.2.3.23)
}

// sha1ID is SHA-1's number in signatures (RFC 9580 §9.5).
const sha1ID = 2

// readFacts looks at a version 4 or 6 signature; ok is false for anything else.
func readFacts(body []byte) (facts signatureFacts, ok bool) {
	if len(body) < 6 || body[0] != 4 && body[0] != 6 {
		return facts, false
	}
	facts = signatureFacts{version: body[0], kind: body[1], hash: body[3]}
	hashed, rest, ok := cutArea(body[4:], facts.version)
	if !ok || !facts.readArea(hashed, true) {
		return facts, false
	}
	unhashed, _, ok := cutArea(rest, facts.version)
	return facts, ok && facts.readArea(unhashed, false) && !facts.created.IsZero()
}

func cutArea(data []byte, version uint8) (area, rest []byte, ok bool) {
	width := 2
	if version == 6 {
		width = 4
	}
	if len(data) < width {
		return nil, nil, false
	}
	var length uint64
	for _, b := range data[:width] {
		length = length<<8 | uint64(b)
	}
	data = data[width:]
	if length > uint64(len(data)) {
		return nil, nil, false
	}
	return data[:length], data[length:], true
}

// readArea walks the subpackets of one area (RFC 9580 §5.2.3.7).
func (f *signatureFacts) readArea(area []byte, hashed bool) bool {
	for len(area) > 0 {
		content, rest, ok := cutSubpacket(area)
		if !ok {
			return false
		}
		f.readSubpacket(content[0]&0x7f, content[1:], hashed)
		area = rest
	}
	return true
}

func cutSubpacket(area []byte) (content, rest []byte, ok bool) {
	var length int
	switch first := int(area[0]); {
	case first < 192:
		length, area = first, area[1:]
	case first < 255:
		if len(area) < 2 {
			return nil, nil, false
		}
		length, area = (first-192)<<8+int(area[1])+192, area[2:]
	default:
		if len(area) < 5 {
			return nil, nil, false
		}
		length, area = int(binary.BigEndian.Uint32(area[1:])), area[5:]
	}
	if length == 0 || length > len(area) {
		return nil, nil, false
	}
	return area[:length], area[length:], true
}

func (f *signatureFacts) readSubpacket(kind uint8, data []byte, hashed bool) {
	switch {
	case kind == 2 && hashed && len(data) == 4:
		f.created = time.Unix(int64(binary.BigEndian.Uint32(data)), 0).UTC()
	case kind == 12 && hashed && len(data) >= 22:
		f.revokers = append(f.revokers, data[2:])
	case kind == 16 && len(data) == 8 && f.issuer == nil:
		f.issuer = data
	case kind == 33 && len(data) > 20:
		f.issuer = data[1:]
	}
}

// claims reports whether the signature says, or does not deny, that key made it.
func (f signatureFacts) claims(key *packet.PublicKey) bool {
	switch len(f.issuer) {
	case 0:
		return true
	case 8:
		return binary.BigEndian.Uint64(f.issuer) == key.KeyId
	}
	return bytes.Equal(f.issuer, key.Fingerprint)
}

func isCertification(kind uint8) bool { return kind >= 0x10 && kind <= 0x13 }

// verify checks the signature over what it is about, as often as the budget
// lasts: over writes what is hashed before the signature's own part.
func (s *selfSignature) verify(by *packet.PublicKey, effort *int, over func(hash.Hash) error) bool {
	if s.checked {
		return s.packet != nil
	}
	if *effort <= 0 {
		return false
	}
	*effort -= costOf(by)
	s.checked = true
	sig, err := s.parse()
	if err != nil || sig.Version != by.Version || sig.CreationTime.Before(by.CreationTime) {
		return false
	}
	if !s.proven && !verifies(sig, by, over) {
		return false
	}
	s.packet = sig
	return true
}

func verifies(sig *packet.Signature, by *packet.PublicKey, over func(hash.Hash) error) bool {
	h, err := sig.PrepareVerify()
	return err == nil && over(h) == nil && by.VerifySignature(h, sig) == nil
}

// parse reads the signature with the library, which refuses unknown critical
// subpackets, and refuses unknown critical notations itself.
func (s *selfSignature) parse() (*packet.Signature, error) {
	p, err := packet.Read(bytes.NewReader(s.frame.bytes()))
	if err != nil {
		return nil, err
	}
	sig, ok := p.(*packet.Signature)
	if !ok {
		return nil, errBadSignature
	}
	for _, notation := range sig.Notations {
		if notation.IsCritical {
			return nil, errBadSignature
		}
	}
	return sig, nil
}

// costOf is what one verification with the key costs, in units of about 100 us.
func costOf(key *packet.PublicKey) int {
	switch key.PubKeyAlgo {
	case packet.PubKeyAlgoRSA, packet.PubKeyAlgoRSASignOnly:
		bits, _ := key.BitLength()
		size := int(bits) / 4096
		return 1 + size*size
	case packet.PubKeyAlgoEdDSA, packet.PubKeyAlgoEd25519:
		return 1
	case packet.PubKeyAlgoECDSA:
		switch curve, _ := key.Curve(); curve {
		case packet.CurveNistP256:
			return 1
		case packet.CurveNistP384, packet.CurveNistP521:
			return 8
		}
		return 60
	}
	return 10
}

// lifetime adds seconds to a moment; nil or 0 seconds are for ever, the zero
// time.
func lifetime(from time.Time, seconds *uint32) time.Time {
	if seconds == nil || *seconds == 0 {
		return time.Time{}
	}
	return from.Add(time.Duration(*seconds) * time.Second).UTC()
}

// expired reports whether a limit, zero for none, is over at that moment.
func expired(limit, at time.Time) bool { return !limit.IsZero() && !at.Before(limit) }

// counts reports whether a verified signature stands at that moment: made, not
// lapsed, and not over a hash that was broken by then.
func (s *selfSignature) counts(at time.Time, weakHashes bool) bool {
	if s.about.hash == sha1ID && !weakHashes && !at.Before(sha1CutOff) {
		return false
	}
	return !s.about.created.After(at.Add(clockSkew)) && !expired(lifetime(s.packet.CreationTime, s.packet.SigLifetimeSecs), at)
}
