package web

import (
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/payseal/payseal/payroll"
)

// newKey is what make-key.html is given.
type newKey struct {
	Climb    climb
	Climbing bool // on the first way up, not for a certificate that replaces one
	Bundled  bool
	Name     string // of the user ID, without what a user ID uses to part name and address
	Email    payroll.Address
	Now      time.Time // the server's: a key must not be made in its future
	Words    []string  // what the script may say, each say_... in the catalog
}

// makeKey serves the page on which the browser makes a key. Nothing of the key
// but its certificate comes back, through the form for certificates.
func (s *Server) makeKey(w http.ResponseWriter, r *http.Request, v *visit) error {
	e, err := s.enrolee(r, v)
	if err != nil {
		return err
	}
	_, enrolled := e.Standing(payroll.CertificateCurrent)
	return s.render(w, v, http.StatusOK, "make-key", newKey{
		Climb: s.climbAt(rungCertificate, payroll.EnrolledCertificate{}), Climbing: !enrolled, Bundled: Bundle(),
		Name: nameOrAddress(e), Email: e.Email, Now: s.Now().UTC(), Words: makeKeyWords(),
	})
}

// makeKeyWords are the names of all that make-key.js says.
func makeKeyWords() []string {
	return []string{
		"empty", "blanks", "weak", "differ", "making", "checking", "saved", "failed",
		"no-file", "no-key", "several-keys", "public-key", "revocation", "other-key", "too-large", "damaged",
		"no-passphrase", "wrong-passphrase",
		"strength-0", "strength-1", "strength-2", "strength-3", "strength-4",
	}
}

// joiners join letters or keep them apart (U+200C, U+200D).
const joiners = "\u200c\u200d"

// userName is a person's name as it may stand in a user ID "Name <address>":
// without the signs that programs read as comment, quotation or address, and
// without what cannot be seen but the joiners within words of Persian and of
// Indian scripts.
func userName(name string) string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(`<>()[]"\@,;:`, r):
			return ' '
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsGraphic(r) && !strings.ContainsRune(joiners, r):
			return -1
		}
		return r
	}, name)
	words := strings.Fields(plain)
	for i, word := range words {
		words[i] = strings.Trim(word, joiners)
	}
	return strings.Join(slices.DeleteFunc(words, func(word string) bool { return word == "" }), " ")
}

// nameOrAddress is what stands before the address of a user ID: a name, and for
// a name of nothing but signs the first part of the address.
func nameOrAddress(e payroll.Enrolee) string {
	if name := userName(e.Name); name != "" {
		return name
	}
	local, _, _ := strings.Cut(string(e.Email), "@")
	return userName(local)
}
