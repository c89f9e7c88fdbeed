package identity

import (
	"slices"
	"strings"
	"testing"

	zxcvbn "github.com/ccojocar/zxcvbn-go"
	"github.com/ccojocar/zxcvbn-go/frequency"
	"github.com/ccojocar/zxcvbn-go/matching"
)

// What people make of known passwords, so that they are long enough: whatever
// zxcvbn-go refuses is refused.
func TestNoMilderThanZxcvbn(t *testing.T) {
	t.Parallel()
	passwords, refused := frequency.Lists["Passwords"].List, 0
	for i := 0; i < len(passwords); i += 97 {
		word, next := passwords[i], passwords[(i*31+7)%1000]
		for _, text := range []string{
			word + "2024!", word + word, strings.ToUpper(word[:1]) + word[1:] + "!123", word + next, word + "-" + next, word + "12/08/1999", strings.NewReplacer("o", "0", "e", "3", "a", "@").Replace(word) + next,
		} {
			theirs := slices.ContainsFunc(readings, func(letters *strings.Replacer) bool {
				return zxcvbn.PasswordStrength(letters.Replace(text), nil, matching.FilterL33tMatcher).Score < 3
			})
			if !theirs {
				continue
			}
			refused++
			if ours, err := guessable(text, nil); !ours || err != nil {
				t.Errorf("%q: guessable %t, %v", text, ours, err)
			}
		}
	}
	if refused < 300 {
		t.Errorf("compared by %d passwords only", refused)
	}
}

// What the interface tells people to take.
func TestFourUnusualWordsWillDo(t *testing.T) {
	t.Parallel()
	english := frequency.Lists["English"].List
	for i := 500; i < 4000; i += 70 {
		text := strings.Join([]string{english[i], english[i*7%9000+500], english[i*11%9000+500], english[i*13%9000+500]}, " ")
		if soon, err := guessable(text, nil); soon || err != nil {
			t.Errorf("%q: guessable %t, %v", text, soon, err)
		}
	}
}

func TestKindsOfGuesses(t *testing.T) {
	t.Parallel()
	for text, soon := range map[string]bool{
		"zaq12wsxcde3": true, "1qay2wsx3edc": true, "qwertzuiopas": true, "147258369963": true, // keyboards, also a German one
		"drachendrachendrachen": true, "жъжъжъжъжъжъ": true, "абвгдежзийкл": true, // repeats and sequences of any script
		"1999-12-31/2001": true, "maRIAmaRIA19": true,
		"zaq1 under 7 lamps": false, "xkcjhwqpvbnt": false, "31.12.1999 mit viel Torte": false,
	} {
		if got, err := guessable(text, []string{"Maria"}); got != soon || err != nil {
			t.Errorf("%q: guessable %t, %v", text, got, err)
		}
	}
}
