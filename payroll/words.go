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
