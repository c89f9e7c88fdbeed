package payroll

import (
	"errors"
	"strings"
	"testing"
)

func TestWordsOfPeople(t *testing.T) {
	t.Parallel()
	for words, fine := range map[string]bool{
		"": true, "because": true, "one\r\ntwo\n\nthree ": true, " \tindented": true, "زمین\u200cلرزه": true, strings.Repeat("ü", MostWords): true,
		strings.Repeat("ü", MostWords+1): false, "a\u202eb": false, "a\u2066b": false, "a\x00b": false, "a\x1b[31m": false, "a\rb": false,
		"a\u2028b": false, "a\u200bb": false, "\xff": false, "\v": false, strings.Repeat("x", 1<<20): false,
	} {
		if err := CheckWords("note", words); (err == nil) != fine || err != nil && !errors.Is(err, ErrInvalid) {
			t.Errorf("%.20q: %v", words, err)
		}
		if len(words) > 100 {
			continue
		}
		if err := (Act{Who: "ada", Detail: map[string]string{"run": "\u202e", "reason": words}}).CheckWords(); (err == nil) != fine {
			t.Errorf("an act with %q: %v", words, err)
		}
	}
	if err := (Act{Who: Machine, Detail: map[string]string{"reason": "\u202e"}}).CheckWords(); err != nil {
		t.Errorf("what the program writes: %v", err)
	}
}

// TestParseNote: a note keeps its paragraphs and no other control characters.
func TestParseNote(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", " \n\r\n\t": "", "One.": "One.", " One.\r\n\r\n  Two,\tthree. \n": "One.\nTwo, three.", "زمین\u200cلرزه": "زمین\u200cلرزه",
		strings.Repeat("ü", MostNote): strings.Repeat("ü", MostNote),
	} {
		if got, err := ParseNote(text); got != want || err != nil {
			t.Errorf("%.20q: %.20q, %v", text, got, err)
		}
	}
	for _, text := range []string{strings.Repeat("ü", MostNote+1), "a\u202eb", "a\x00b", "a\u2028b", "\xff", "one\ntwo\u200b", "Z" + strings.Repeat("\u0301", 13)} {
		if _, err := ParseNote(text); !errors.Is(err, ErrInvalid) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}
