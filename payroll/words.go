package payroll

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// MostWords is how many characters a person's words may have: a reason, a note.
const MostWords = 500

// CheckWords refuses what must not be kept as a person's words: more than MostWords
// characters, or one that cannot be seen or turns the text around it. Lines may
// break, and begin and end with blanks. what names the field in the error.
func CheckWords(what, words string) error {
	if utf8.RuneCountInString(words) > MostWords {
		return fmt.Errorf("%w: the %s is longer than %d characters", ErrInvalid, what, MostWords)
	}
	for line := range strings.SplitSeq(strings.ReplaceAll(words, "\r\n", "\n"), "\n") {
		if err := checkText(what, strings.Trim(line, " \t\u00a0"), MostWords); err != nil {
			return err
		}
	}
	return nil
}

// MostNote is how many characters the note on a slip may have.
const MostNote = 2000

// ParseNote reads what HR writes to an employee on a slip: one paragraph to a line,
// without empty ones. The error wraps ErrInvalid if CheckNote refuses it.
func ParseNote(text string) (string, error) {
	lines := strings.FieldsFunc(strings.ReplaceAll(text, "\t", " "), func(r rune) bool { return r == '\n' || r == '\r' })
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	note := strings.Join(slices.DeleteFunc(lines, func(line string) bool { return line == "" }), "\n")
	return note, CheckNote(note)
}

// CheckNote refuses a note that ParseNote did not give, or that cannot stand on a
// page: with more than MostNote characters, or one that CheckText would refuse.
func CheckNote(note string) error {
	if utf8.RuneCountInString(note) > MostNote {
		return fmt.Errorf("%w: the note is longer than %d characters; shorten it", ErrInvalid, MostNote)
	}
	for line := range strings.SplitSeq(note, "\n") {
		if err := checkText("note", line, MostNote); err != nil {
			return err
		}
	}
	return nil
}

// typed are the details of acts that people write in their own words.
var typed = []string{"reason", "note", "law", "label"}

// CheckWords is CheckWords for what a person wrote with the act.
func (a Act) CheckWords() error {
	if a.Who == Machine {
		return nil
	}
	for name, words := range a.Detail {
		if slices.Contains(typed, name) {
			if err := CheckWords(name, words); err != nil {
				return err
			}
		}
	}
	return nil
}
