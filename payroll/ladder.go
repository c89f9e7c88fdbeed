package payroll

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Step is how far a certificate has climbed on the enrolment ladder: what has
// been proven about it so far.
type Step string

// The steps of the ladder, from the lowest up.
const (
	StepSubmitted        Step = "submitted"
	StepAddressProven    Step = "address_proven"    // the invitation's link came back
	StepDecryptionProven Step = "decryption_proven" // a code sealed to it came back
	StepPhoneChecked     Step = "phone_checked"     // a person compared the fingerprint with the employee
	StepCertified        Step = "certified"         // the company's key signed the user ID
)

// Steps lists every step from the lowest up.
var Steps = []Step{StepSubmitted, StepAddressProven, StepDecryptionProven, StepPhoneChecked, StepCertified}

// Reached reports whether s is at least as high as required. Something that is
// no step reaches nothing and is reached by nothing.
func (s Step) Reached(required Step) bool {
	need := slices.Index(Steps, required)
	return need >= 0 && slices.Index(Steps, s) >= need
}

// Climb says with an error why a certificate at step s cannot be moved to the
// step to. A step may be left out on the way (a fingerprint compared in person
// says more than a link that was clicked), but none is taken back, and the
// company certifies only what a person has compared.
func (s Step) Climb(to Step) error {
	switch {
	case !slices.Contains(Steps, to):
		return fmt.Errorf("%w: %q is not a step of the ladder", ErrInvalid, string(to))
	case s.Reached(to):
		return fmt.Errorf("%w: the certificate has already reached %s; it is %s", ErrWrongState, to, s)
	case to == StepCertified && !s.Reached(StepPhoneChecked):
		return fmt.Errorf("%w: the certificate is %s; compare its fingerprint first (payseal keys verify)", ErrWrongState, s)
	}
	return nil
}

// CertificateStanding is what a certificate is to its employee.
type CertificateStanding string

// The standings. Of each employee at most one certificate is current and at most
// one is a candidate. A replaced or revoked one is kept for the ledger.
const (
	CertificateCandidate CertificateStanding = "candidate"
	CertificateCurrent   CertificateStanding = "current"
	CertificateReplaced  CertificateStanding = "replaced"
	CertificateRevoked   CertificateStanding = "revoked"
)

// Resubmitted is the step and the standing of a certificate of which the same
// employee hands in a fresh copy (a new expiry, say). What was proven about it
// stays; one that had been replaced climbs again from the bottom; one whose use
// was revoked stays out.
func Resubmitted(step Step, standing CertificateStanding) (Step, CertificateStanding, error) {
	switch standing {
	case CertificateRevoked:
		return step, standing, fmt.Errorf("%w: the use of this certificate was revoked; the employee needs a new one", ErrNotAllowed)
	case CertificateReplaced:
		return StepSubmitted, CertificateCandidate, nil
	}
	return step, standing, nil
}

// CheckMethods are the ways in which a person compares a fingerprint with its
// owner.
var CheckMethods = []string{"phone", "in-person"}

// MethodVouched is the way in which the worker checks a certificate for which its
// owner signed with the one before it.
const MethodVouched = "signed-by-previous"

var hexFingerprint = regexp.MustCompile(`^([0-9A-F]{40}|[0-9A-F]{64})$`)

// ParseFingerprint reads a whole fingerprint as people write it down: in any
// case, with blanks, line ends or colons between its groups. A short key ID is refused.
func ParseFingerprint(text string) (Fingerprint, error) {
	plain := strings.ToUpper(strings.ReplaceAll(strings.Join(strings.Fields(text), ""), ":", ""))
	plain = strings.TrimPrefix(plain, "0X")
	if !hexFingerprint.MatchString(plain) {
		return "", fmt.Errorf("%w: a fingerprint is 40 or 64 hexadecimal digits; a short key ID is not enough", ErrInvalid)
	}
	return Fingerprint(plain), nil
}
