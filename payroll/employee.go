package payroll

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// EmployeeNumber is the exact text by which the company knows an employee.
// "007" and "7" are two people.
type EmployeeNumber string

// ParseEmployeeNumber checks a number: 1 to 64 visible characters or plain
// spaces, no space at either end, nothing invisible: two numbers that look the
// same are the same. The text is kept as it is.
func ParseEmployeeNumber(text string) (EmployeeNumber, error) {
	if err := checkText("employee number", text, 64); err != nil {
		return "", err
	}
	if text == "" {
		return "", fmt.Errorf("%w: the employee number is empty", ErrInvalid)
	}
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return "", fmt.Errorf("%w: the employee number contains an invisible character; type it again by hand", ErrInvalid)
	}
	return EmployeeNumber(text), nil
}

// Employee is one person in the roster.
type Employee struct {
	Number      EmployeeNumber `json:"number"`
	Name        string         `json:"name"`
	Email       Address        `json:"email"`
	Phone       string         `json:"phone,omitempty"`    // as HR wrote it
	Language    string         `json:"language,omitempty"` // BCP 47, "" for the company's
	Department  string         `json:"department,omitempty"`
	Designation string         `json:"designation,omitempty"`
	Joined      Date           `json:"joined"`
	Left        Date           `json:"left"`                   // zero: still there
	Country     string         `json:"country,omitempty"`      // ISO 3166 code of the slip's legal profile
	BankAccount string         `json:"bank_account,omitempty"` // masked: see MaskAccount
	OnPaper     bool           `json:"on_paper"`               // gets the slip on paper, by choice
	PaperReason string         `json:"paper_reason,omitempty"`
}

// ParseName checks a person's name: not empty, printable, no control characters
// and no bidirectional overrides, which can make one name look like another.
func ParseName(text string) (string, error) {
	name := strings.TrimSpace(text)
	if name == "" {
		return "", fmt.Errorf("%w: the name is empty", ErrInvalid)
	}
	return name, CheckText("name", name)
}

// CheckText refuses text that must not reach a page or a header: invalid UTF-8,
// control characters, bidirectional overrides, letters buried under marks, or
// more than 200 characters.
// what names the field in the error; the text itself is never quoted.
func CheckText(what, text string) error { return checkText(what, text, 200) }

func checkText(what, text string, limit int) error {
	switch {
	case !utf8.ValidString(text):
		return fmt.Errorf("%w: the %s is not valid UTF-8", ErrInvalid, what)
	case utf8.RuneCountInString(text) > limit:
		return fmt.Errorf("%w: the %s is longer than %d characters", ErrInvalid, what, limit)
	case strings.ContainsFunc(text, unprintable):
		return fmt.Errorf("%w: the %s contains a control character or a text direction override; type it again by hand", ErrInvalid, what)
	case overmarked(text):
		return fmt.Errorf("%w: the %s has more than %d accents or other marks on one letter", ErrInvalid, what, mostMarks)
	case strings.TrimSpace(text) != text:
		return fmt.Errorf("%w: the %s has a space at its start or end", ErrInvalid, what)
	}
	return nil
}

// mostMarks is how many marks a letter may bear. No language has a third of it;
// programs that read pages fail on hundreds.
const mostMarks = 12

func overmarked(text string) bool {
	marks := 0
	for _, r := range text {
		if r < unicode.MaxASCII || !unicode.In(r, unicode.Mn, unicode.Me) {
			marks = 0
		} else if marks++; marks > mostMarks {
			return true
		}
	}
	return false
}

// unprintable reports control characters, the bidirectional formatting
// characters and other invisible marks. The joiners U+200C and U+200D stay:
// Persian and Indic names need them.
func unprintable(r rune) bool {
	switch {
	case r < unicode.MaxASCII: // nearly every rune there is
		return r < ' '
	case r == '\u200c' || r == '\u200d':
		return false
	case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r), unicode.Is(unicode.Co, r):
		return true
	}
	return unicode.IsControl(r) || r == unicode.ReplacementChar
}

// MaskAccount keeps the last four letters or digits of a bank account and hides
// the rest; shorter ones are hidden whole. A masked account stays as it is. The
// full number is never stored.
func MaskAccount(account string) string {
	var kept []rune
	for _, r := range account {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			kept = append(kept, r)
		}
	}
	switch {
	case account == "":
		return ""
	case len(kept) < 4, len(kept) == 4 && !strings.ContainsAny(account, "*•"):
		return "••••"
	}
	return "•••• " + string(kept[len(kept)-4:])
}
