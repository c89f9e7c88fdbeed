package keystore

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/binary"
	"io"
	"regexp"
	"slices"
	"strings"
)

// The bounds of the search for secrets inside other files.
const (
	maxNesting  = 3       // a key in base64 in a letter in an archive
	maxUnpacked = 4 << 20 // bytes, of everything in a file together
	maxEntries  = 200
	minKey      = 38 // bytes, of the body of the smallest key packet
)

// secretWords are how secret keys of other kinds, and of OpenPGP in other clothes,
// give themselves away: GnuPG's private-keys-v1.d, PuTTY, paperkey, age, and JSON
// Web Keys, in either order of their members.
var secretWords = []*regexp.Regexp{
	secretLabel,
	regexp.MustCompile(`\((?:[0-9]+:)?(?:openpgp-|protected-)?private-key[0-9 ()\r\n]`),
	regexp.MustCompile(`(?m)^PuTTY-User-Key-File-[0-9]+:`),
	regexp.MustCompile(`(?m)^# Secret portions of `),
	regexp.MustCompile(`AGE-SECRET-KEY-1`),
	regexp.MustCompile(`(?s)"kty"\s*:.*"d"\s*:\s*"|"d"\s*:\s*".*"kty"\s*:`),
}

// base64Text is a run of base64 as it stands in mails, in JSON, and where
// somebody left the lines around a block out.
var base64Text = regexp.MustCompile(`[A-Za-z0-9+/]{40,}(?:[ \t]*\r?\n[ \t]*[A-Za-z0-9+/]{40,})*(?:[ \t]*\r?\n[ \t]*[A-Za-z0-9+/]{1,})?`)

// searcher looks for secret keys inside files that are none themselves. What it
// finds it forgets: the only answer is whether there was one.
type searcher struct {
	unpacked int64 // bytes that may still be unpacked
	entries  int
}

// hidesSecret reports whether a file that was refused holds a secret key somewhere
// in it, so that whoever handed it in can be told.
func hidesSecret(raw []byte) bool {
	s := searcher{unpacked: maxUnpacked, entries: maxEntries}
	return s.search(raw, maxNesting)
}

func (s *searcher) search(raw []byte, nesting int) bool {
	if nesting == 0 || len(raw) == 0 {
		return false
	}
	text := bytes.ReplaceAll(raw, []byte{0}, nil) // UTF-16 and UTF-32, in any order of bytes
	for _, words := range secretWords {
		if words.Match(text) && !publicBlocksOnly(words, text) {
			return true
		}
	}
	return isSecretDER(raw) || s.inBase64(text, nesting) || s.inArchive(raw, nesting) || s.inPDF(raw, nesting)
}

// publicBlocksOnly excuses a certificate whose block somebody called a private
// key.
func publicBlocksOnly(words *regexp.Regexp, text []byte) bool {
	if words != secretLabel {
		return false
	}
	public := 0
	for _, b := range unarmor(text) {
		frames, err := splitFrames(b.data)
		if secretLabel.MatchString(blockBegin+b.label) && b.code == "" && err == nil && len(frames) > 0 && !hasSecret(frames) {
			public++
		}
	}
	return public > 0 && public == len(secretLabel.FindAll(text, -1))
}

// inBase64 decodes every run of base64 that is long enough for a key.
func (s *searcher) inBase64(text []byte, nesting int) bool {
	for _, run := range base64Text.FindAll(text, maxEntries) {
		decoded := fromBase64(run)
		if holdsSecret(decoded) {
			return true
		}
		s.unpacked -= int64(len(decoded))
		if s.unpacked > 0 && s.search(decoded, nesting-1) {
			return true
		}
	}
	return false
}

// holdsSecret reports whether data are the packets of a key, as far as they go,
// and one of them is secret. It is strict, since the bytes come from anywhere.
func holdsSecret(data []byte) bool {
	frames, _ := splitFrames(data)
	return len(frames) > 0 && frames[0].isKey() &&
		slices.ContainsFunc(frames, func(f frame) bool { return isSecret(f.tag) && f.isKey() })
}

// isKey reports whether a packet begins as a key does (RFC 9580 §5.5.2): a
// version, an algorithm, and a first number or curve of a size that fits it.
func (f frame) isKey() bool {
	if f.tag != tagPublicKey && f.tag != tagPublicSubkey && !isSecret(f.tag) || len(f.body) < minKey {
		return false
	}
	algorithm, numbers := f.body[5], f.body[6:]
	switch f.body[0] {
	case 3:
		algorithm, numbers = f.body[7], f.body[8:]
	case 5, 6:
		numbers = f.body[10:] // behind their length
	case 4:
	default:
		return false
	}
	switch algorithm {
	case 1, 2, 3, 16, 17: // RSA, ElGamal, DSA
		bits := binary.BigEndian.Uint16(numbers)
		return bits >= 512 && bits <= maxRSA && numbers[2] != 0
	case 18, 19, 22: // ECDH, ECDSA, EdDSA of old
		return numbers[0] >= 3 && numbers[0] <= 10
	case 25, 26, 27, 28: // X25519, X448, Ed25519, Ed448
		return true
	}
	return false
}

// isBareCertificate reports whether the text holds a certificate in base64 without
// the lines around it.
func isBareCertificate(text []byte) bool {
	frames, _ := splitFrames(fromBase64(base64Text.Find(text)))
	return len(frames) > 0 && frames[0].tag == tagPublicKey && frames[0].isKey()
}

// fromBase64 decodes a run of base64 as far as it can be.
func fromBase64(run []byte) []byte {
	run = bytes.Join(bytes.Fields(run), nil)
	decoded, _ := base64.RawStdEncoding.DecodeString(string(run[:len(run)/4*4]))
	return decoded
}

// inArchive looks into archives, and into the office documents that are some.
func (s *searcher) inArchive(raw []byte, nesting int) bool {
	if archive, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw))); err == nil {
		for _, file := range archive.File {
			if content, err := file.Open(); err == nil && s.inEntry(content, nesting) {
				return true
			}
		}
		return false
	}
	if bytes.HasPrefix(raw, []byte("\x1f\x8b")) {
		content, err := gzip.NewReader(bytes.NewReader(raw))
		return err == nil && s.inEntry(content, nesting)
	}
	archive := tar.NewReader(bytes.NewReader(raw))
	for range maxEntries {
		if _, err := archive.Next(); err != nil {
			return false
		}
		if s.inEntry(archive, nesting) {
			return true
		}
	}
	return false
}

// inEntry unpacks a file out of another, and looks at it as if it were handed in
// by itself.
func (s *searcher) inEntry(content io.Reader, nesting int) bool {
	if s.entries--; s.entries < 0 || s.unpacked <= 0 {
		return false
	}
	raw, _ := io.ReadAll(io.LimitReader(content, min(s.unpacked, MaxFile)))
	s.unpacked -= int64(len(raw))
	return holdsSecret(raw) || s.search(raw, nesting-1)
}

// inPDF looks into the compressed streams of a PDF, where its attachments are.
func (s *searcher) inPDF(raw []byte, nesting int) bool {
	if !bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("%PDF-")) {
		return false
	}
	for rest := raw; s.entries > 0; {
		_, stream, found := bytes.Cut(rest, []byte("stream"))
		if !found {
			return false
		}
		rest = stream
		stream = bytes.TrimLeft(stream, "\r\n")
		if holdsSecret(stream) {
			return true
		}
		if content, err := zlib.NewReader(bytes.NewReader(stream)); err == nil && s.inEntry(content, nesting) {
			return true
		}
	}
	return false
}

// The object identifiers by which the containers of other programs' secret keys
// are known.
const (
	oidPKCS5  = "1.2.840.113549.1.5."  // password-based encryption, of a PKCS #8 key
	oidPKCS12 = "1.2.840.113549.1.12." // the same, of old
	oidData   = "1.2.840.113549.1.7."  // the content of a PKCS #12 file
)

// isSecretDER recognises secret keys in DER: PKCS #1, PKCS #8, encrypted or not,
// SEC 1, and PKCS #12.
func isSecretDER(raw []byte) bool {
	if len(raw) < 20 || raw[0] != 0x30 {
		return false
	}
	if _, err := x509.ParsePKCS8PrivateKey(raw); err == nil {
		return true
	}
	if _, err := x509.ParsePKCS1PrivateKey(raw); err == nil {
		return true
	}
	if _, err := x509.ParseECPrivateKey(raw); err == nil {
		return true
	}
	var encrypted struct {
		Algorithm struct {
			ID         asn1.ObjectIdentifier
			Parameters asn1.RawValue `asn1:"optional"`
		}
		Data []byte
	}
	if _, err := asn1.Unmarshal(raw, &encrypted); err == nil {
		id := encrypted.Algorithm.ID.String()
		return strings.HasPrefix(id, oidPKCS5) || strings.HasPrefix(id, oidPKCS12)
	}
	var container struct {
		Version int
		Content struct {
			ID   asn1.ObjectIdentifier
			Data asn1.RawValue `asn1:"optional"`
		}
		MAC asn1.RawValue `asn1:"optional"`
	}
	_, err := asn1.Unmarshal(raw, &container)
	return err == nil && container.Version == 3 && strings.HasPrefix(container.Content.ID.String(), oidData)
}
