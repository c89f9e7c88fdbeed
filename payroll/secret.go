package payroll

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"unicode"
)

// SecretHash is what is kept of a link's token, a code or a session's cookie:
// the SHA-256 of its text. The secret itself is in the mail or the browser only.
type SecretHash [sha256.Size]byte

// tokenBytes are the random bytes of a link's token and of a session: 160 bits.
const tokenBytes = 20

var tokenText = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewToken is a secret for a link or a session, 32 characters that may stand in a
// URL, and its hash.
func NewToken() (text string, hash SecretHash) {
	random := make([]byte, tokenBytes)
	_, _ = rand.Read(random) // never fails (crypto/rand)
	text = strings.ToLower(tokenText.EncodeToString(random))
	return text, HashToken(text)
}

// HashToken is the hash of a token as it came back.
func HashToken(text string) SecretHash { return sha256.Sum256([]byte("payseal token " + text)) }

// codeAlphabet has no letters that are taken for digits or for each other; its
// length divides 256, so that every letter is as likely as any other.
const codeAlphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

// NewCode is a secret that a person types: ten characters, 50 bits, in two
// groups ("K7QF2-9XMPT"), and its hash.
func NewCode() (text string, hash SecretHash) {
	random := make([]byte, 10)
	_, _ = rand.Read(random) // never fails (crypto/rand)
	for i, b := range random {
		random[i] = codeAlphabet[int(b)%len(codeAlphabet)]
	}
	text = string(random[:5]) + "-" + string(random[5:])
	return text, HashCode(text)
}

// HashCode is the hash of a code as a person typed it: in any case, with or
// without the hyphen and blanks, whatever a program made of them, and with the
// digits of any of the form's languages. Only letters and digits count.
func HashCode(text string) SecretHash {
	plain := strings.Map(func(r rune) rune {
		for _, zero := range "\u0660\u06f0\u0966\uff10" { // Arabic, Persian, Devanagari, full width
			if zero <= r && r <= zero+9 {
				return '0' + r - zero
			}
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return r
	}, text)
	return sha256.Sum256([]byte("payseal code " + strings.ToUpper(plain)))
}
