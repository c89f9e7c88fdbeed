package identity

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/payseal/payseal/payroll"
)

// How long a password is, in characters (code points after NFC).
const (
	PasswordLeast = 12
	PasswordMost  = 128
)

// today's cost of a hashing: RFC 9106 §4, the second recommended option, which is
// three times the least that OWASP's cheat sheet asks for.
var today = phc{memory: 64 * 1024, passes: 3, lanes: 4}

const (
	saltSize = 16
	hashSize = 32

	// hashingsAtOnce times 64 MiB is what an attack on the sign-in may take of the
	// machine; hashingsWaiting is how many more may stand in line.
	hashingsAtOnce  = 2
	hashingsWaiting = 30
)

// hashings is the line of this process: what it spares is the process's memory.
var hashings = newLine(hashingsAtOnce, hashingsWaiting)

// CheckPassword says with payroll.ErrInvalid and a sentence for the person why text
// cannot be their password: too short or long, not text, made of what about names
// (the person's names, the company's), on a list of known passwords, or soon guessed.
// Any characters will do, and no mixture of them is asked for (ASVS 5.0 6.2). Another
// error means that the list could not be read.
func CheckPassword(text string, about []string, breached Breached) error {
	if !utf8.ValidString(text) {
		return fmt.Errorf("%w: the password is not text in UTF-8", payroll.ErrInvalid)
	}
	text = norm.NFC.String(text)
	switch length := utf8.RuneCountInString(text); {
	case length < PasswordLeast:
		return fmt.Errorf("%w: a password has at least %d characters; a few words in a row are easy to remember", payroll.ErrInvalid, PasswordLeast)
	case length > PasswordMost:
		return fmt.Errorf("%w: a password has at most %d characters", payroll.ErrInvalid, PasswordMost)
	case madeOf(text, about):
		return fmt.Errorf("%w: the password is little more than a name or a word of this workplace", payroll.ErrInvalid)
	}
	known, err := breached.Holds(text)
	soon := false
	if err == nil && !known {
		soon, err = guessable(text, about)
	}
	switch {
	case err != nil:
		return fmt.Errorf("check password: %w", err)
	case known:
		return fmt.Errorf("%w: this password is on a list of passwords that others have lost; take another", payroll.ErrInvalid)
	case soon:
		return fmt.Errorf("%w: this password is soon guessed; take more words, or less usual ones", payroll.ErrInvalid)
	}
	return nil
}

// workplace are words that anybody would try here; docs/security/asvs.md lists them
// for 6.2.11.
var workplace = []string{"payseal", "payroll", "payslip", "salary", "payday", "wages", "passkey", "openpgp"}

// madeOf says whether fewer than eight letters or digits are left of the text without
// the words.
func madeOf(text string, about []string) bool {
	rest := strings.ToLower(text)
	for _, word := range wordsOf(about) {
		rest = strings.ReplaceAll(rest, word, " ")
	}
	left := 0
	for _, r := range rest {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			left++
		}
	}
	return left < 8 && rest != strings.ToLower(text)
}

// wordsOf are the words with three or more characters in the names, and the words of
// the workplace.
func wordsOf(about []string) []string {
	words := strings.FieldsFunc(strings.ToLower(norm.NFC.String(strings.Join(about, " "))), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	kept := append([]string(nil), workplace...)
	for _, word := range words {
		if utf8.RuneCountInString(word) >= 3 {
			kept = append(kept, word)
		}
	}
	return kept
}

// HashPassword is what is kept of a password: Argon2id (RFC 9106) as a PHC string. It
// does not check the password. payroll.ErrTooMany means that too many wait already.
func HashPassword(text string) (string, error) {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails (crypto/rand)
	made := today
	made.salt = salt
	var err error
	if made.hash, err = made.of(text, hashSize); err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return made.String(), nil
}

// VerifyPassword says whether text is the password, and whether its hash should be
// made anew because its cost is not today's. An error is a hash that cannot be read
// (payroll.ErrInvalid) or a line that is too long (payroll.ErrTooMany).
func VerifyPassword(text, hash string) (ok, stale bool, err error) {
	kept, err := parsePHC(hash)
	if err != nil {
		return false, false, fmt.Errorf("verify password: %w", err)
	}
	got, err := kept.of(text, len(kept.hash))
	if err != nil {
		return false, false, fmt.Errorf("verify password: %w", err)
	}
	ok = subtle.ConstantTimeCompare(got, kept.hash) == 1
	return ok, ok && !kept.costs(today), nil
}

// VerifyNobody takes as long as VerifyPassword: for a name that does not exist, or has
// no password, so that the clock does not tell.
func VerifyNobody(text string) error {
	nobody := today
	nobody.salt = make([]byte, saltSize)
	if _, err := nobody.of(text, hashSize); err != nil {
		return fmt.Errorf("verify password: %w", err)
	}
	return nil
}

// of waits for its turn and hashes the text as composed characters (NFC), since
// keyboards differ in how they write one.
func (p phc) of(text string, size int) ([]byte, error) {
	leave, err := hashings.turn()
	if err != nil {
		return nil, err
	}
	defer leave()
	return argon2.IDKey([]byte(norm.NFC.String(text)), p.salt, p.passes, p.memory, p.lanes, uint32(size)), nil
}

// line lets some in at once, has some wait, and sends the rest away.
type line struct{ inside, present chan struct{} }

func newLine(atOnce, waiting int) line {
	return line{make(chan struct{}, atOnce), make(chan struct{}, atOnce+waiting)}
}

func (l line) turn() (leave func(), err error) {
	select {
	case l.present <- struct{}{}:
	default:
		return nil, fmt.Errorf("%w: many sign in just now", payroll.ErrTooMany)
	}
	l.inside <- struct{}{}
	return func() { <-l.inside; <-l.present }, nil
}
