package identity

import (
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/payseal/payseal/payroll"
)

func TestCheckPassword(t *testing.T) {
	t.Parallel()
	about := []string{"maria.silva", "Maria Silva", "Kirschblüte Backwaren GmbH"}
	for text, why := range map[string]string{
		"":                      "at least 12",
		"xK9#mQ2$vL7":           "at least 12",
		"xK9#mQ2$vL7p":          "",
		"ääääääääääää":          "guessed",
		"e\u0301tude":           "at least 12", // 6 characters, however they are written
		"nettapanda olif":       "",
		"tall green trees sing": "",
		"भूरा घोड़ा नीला आकाश":                   "",
		"緑の木は高く青い空に歌う":                           "",
		"🐎🔋📎🦓🪐🧵🥨🛶🪗🧊🎣🦔":                           "",
		"\x00\x01\x02 tab\t and bell\a in it":    "",
		strings.Repeat("xK9#mQ2$", 16):           "",
		strings.Repeat("xK9#mQ2$", 16) + "a":     "at most 128",
		"broken \xff\xfe text here":              "UTF-8",
		"maria.silva 2026":                       "name",
		"MariaSilva!!":                           "name",
		"KIRSCHBLÜTE-2026":                       "name",
		"Kirschblu\u0308te-2026":                 "name", // the same in two characters
		"payroll-payseal":                        "name",
		"Salary Payday 11":                       "name",
		"maria rides blue horses over mountains": "",
		"scandinavian":                           "list",
		"CONTORTIONIST":                          "list",
		"Passw0rd!Passw0rd!":                     "guessed",
	} {
		err := CheckPassword(text, about, Breached{})
		switch {
		case (err == nil) != (why == ""), err != nil && !strings.Contains(err.Error(), why), err != nil && !errors.Is(err, payroll.ErrInvalid):
			t.Errorf("%q: %v, want %q", text, err, why)
		case err != nil && text != "" && strings.Contains(err.Error(), text):
			t.Errorf("%q: the error shows it", text)
		}
	}
}

// The passwords that people really choose when twelve characters are asked for.
func TestCommonLongPasswordsAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range strings.Fields(`
		password1234 Password123! Password2024! P@ssw0rd1234 passwordpassword 123456789012 1234567890123 111111111111
		000000000000 qwertyuiop12 qwertyuiop[] 1q2w3e4r5t6y zaq12wsxcde3 1qaz2wsx3edc asdfghjkl123 abcdefghijkl abc123abc123
		iloveyou1234 iloveyou2024 sunshine1987 welcome12345 Welcome2026!! football1234 baseball2020 superman1234 letmein12345
		trustno1trustno1 dragondragon monkeymonkey administrator administrator1 changeme1234 summer2026!! michaeljordan
		princess1234 Pr1nc3ssPr1nc3ss 5un5h1n35un5h1n3 m0nk3y!!m0nk3y liverpool123 charlie12345 spongebob123 qazwsxedcrfv computer1234 internet1234 aaaaaaaaaaaa 121212121212`) {
		if err := CheckPassword(text, nil, Breached{}); !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestCheckPasswordSaysWhenTheListIsAway(t *testing.T) {
	t.Parallel()
	err := CheckPassword("nettapanda olif", nil, Breached{HashFile: t.TempDir() + "/none"})
	if err == nil || errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("without its file: %v", err)
	}
}

func TestHashPassword(t *testing.T) {
	t.Parallel()
	const text = "étude in blue and green"
	hash, err := HashPassword(text)
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^\$argon2id\$v=19\$m=65536,t=3,p=4\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`).MatchString(hash) {
		t.Errorf("no PHC string: %s", hash)
	}
	for tried, wanted := range map[string]bool{
		text: true, "e\u0301tude in blue and green": true, "Étude in blue and green": false,
		text + " ": false, text[:len(text)-1]: false, "": false, strings.Repeat("x", 1<<16): false,
	} {
		if ok, stale, err := VerifyPassword(tried, hash); ok != wanted || stale || err != nil {
			t.Errorf("%.30q: %t, stale %t, %v", tried, ok, stale, err)
		}
	}
	again, err := HashPassword(text)
	if err != nil || again == hash {
		t.Errorf("the same hash twice, %v", err)
	}
	if err := VerifyNobody(text); err != nil {
		t.Error(err)
	}
}

// The hash of RFC 9106's companion implementation, and others that were made more cheaply.
func TestVerifyPasswordOfOtherCosts(t *testing.T) {
	t.Parallel()
	const reference = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if ok, stale, err := VerifyPassword("password", reference); !ok || !stale || err != nil {
		t.Errorf("the reference: %t, stale %t, %v", ok, stale, err)
	}
	if ok, stale, err := VerifyPassword("passwords", reference); ok || stale || err != nil {
		t.Errorf("another password: %t, stale %t, %v", ok, stale, err)
	}
}

func TestVerifyPasswordRefusesHashes(t *testing.T) {
	t.Parallel()
	const rest = "$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	for _, hash := range []string{
		"", "x", "$2a$10$abcdefghijklmnopqrstuv", "$argon2i$v=19$m=65536,t=3,p=4" + rest, "$argon2id$v=16$m=65536,t=3,p=4" + rest,
		"$argon2id$v=19$m=65536,t=0,p=4" + rest, "$argon2id$v=19$m=65536,t=3,p=0" + rest, "$argon2id$v=19$m=0,t=3,p=1" + rest,
		"$argon2id$v=19$m=9999999,t=3,p=4" + rest, "$argon2id$v=19$m=65536,t=999,p=4" + rest, "$argon2id$v=19$m=65536,t=3,p=99" + rest,
		"$argon2id$v=19$m=65536,t=3,p=4" + rest + "$", "$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$", " $argon2id$v=19$m=65536,t=3,p=4" + rest,
		"$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAB$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	} {
		if ok, _, err := VerifyPassword("x", hash); ok || !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("%q: %t, %v", hash, ok, err)
		}
	}
}

func TestLineLetsFewIn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLine(2, 3)
		var inside, most, turnedAway int
		var mu sync.Mutex
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				leave, err := l.turn()
				if err != nil {
					mu.Lock()
					turnedAway++
					mu.Unlock()
					if !errors.Is(err, payroll.ErrTooMany) {
						t.Error(err)
					}
					return
				}
				defer leave()
				mu.Lock()
				inside++
				most = max(most, inside)
				mu.Unlock()
				time.Sleep(time.Second) // of the bubble's clock
				mu.Lock()
				inside--
				mu.Unlock()
			})
		}
		group.Wait()
		if most != 2 || turnedAway != 3 {
			t.Errorf("%d at once, %d turned away", most, turnedAway)
		}
		if leave, err := l.turn(); err != nil {
			t.Error(err)
		} else {
			leave()
		}
	})
}

func FuzzParsePHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2id$v=19$m=65536,t=3,p=4$$")
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := parsePHC(text)
		if err != nil {
			return
		}
		if parsed.memory > memoryMost || parsed.passes < 1 || parsed.lanes < 1 || len(parsed.hash) < 16 || len(parsed.salt) < 8 {
			t.Fatalf("%q costs %+v", text, parsed)
		}
		if again, err := parsePHC(parsed.String()); err != nil || again.String() != parsed.String() {
			t.Fatalf("%q does not read again: %v", text, err)
		}
	})
}

func FuzzCheckPassword(f *testing.F) {
	for _, text := range []string{"nettapanda olif", "P@ssw0rd1234", "e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301", "12/12/2012 aaaa", "緑の木は高く青い空に歌う", "\xff"} {
		f.Add(text, "Maria Silva")
	}
	f.Fuzz(func(t *testing.T, text, about string) {
		err := CheckPassword(text, []string{about}, Breached{})
		if err != nil && !errors.Is(err, payroll.ErrInvalid) {
			t.Fatal(err)
		}
	})
}

func BenchmarkHashPassword(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := HashPassword("nettapanda olif"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyNobody(b *testing.B) {
	for b.Loop() {
		if err := VerifyNobody("nettapanda olif"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheckPassword(b *testing.B) {
	for name, text := range map[string]string{
		"short": "nettapanda olif", "long": strings.Repeat("xK9#mQ2$", 16), "words": strings.Repeat("password", 16), "letters like digits": strings.Repeat("@4(3!", 25), "every such letter": strings.Repeat("4@8({[<3691!|7$5+%2x0", 7)[:128],
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_ = CheckPassword(text, []string{"Maria Silva"}, Breached{})
			}
		})
	}
}
