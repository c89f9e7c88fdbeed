package identity

import (
	"crypto/rand"
	"strings"

	"github.com/payseal/payseal/payroll"
)

// recoveryAlphabet has no letters that are taken for digits or for each other; its 32
// letters are five bits each.
const recoveryAlphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

const (
	recoveryCodes  = 10
	recoveryGroups = 5 // of five letters: 125 bits, more than the 112 of ASVS 5.0 6.5.2
)

// NewRecoveryCodes makes the ten codes that stand in for a lost second factor, each to
// be used once, and what is kept of them. A code reads "K7QF2-9XMPT-...", five groups.
func NewRecoveryCodes() (texts []string, hashes []payroll.SecretHash) {
	for range recoveryCodes {
		text := newRecoveryCode()
		texts, hashes = append(texts, text), append(hashes, HashRecoveryCode(text))
	}
	return texts, hashes
}

func newRecoveryCode() string {
	groups := make([]string, recoveryGroups)
	for i := range groups {
		group := make([]byte, 5)
		_, _ = rand.Read(group) // never fails (crypto/rand)
		for j, b := range group {
			group[j] = recoveryAlphabet[int(b)%len(recoveryAlphabet)]
		}
		groups[i] = string(group)
	}
	return strings.Join(groups, "-")
}

// HashRecoveryCode is the hash of a code as a person typed it: in any case, with or
// without its hyphens and blanks.
func HashRecoveryCode(text string) payroll.SecretHash { return payroll.HashCode(text) }
