package payroll

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTwins(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		candidates []Candidate
		want       []string
	}{
		"strangers": {
			[]Candidate{{Number: "1", Name: "Asha Rao", Email: "a@x.example"}, {Number: "2", Name: "Bo Lind", Email: "b@x.example"}},
			nil,
		},
		"the two Kirans": {
			[]Candidate{{Number: "1041", Name: "Kiran Patel", Email: "k@x.example"}, {Number: "1047", Name: "Patel, Kiran", Email: "k2@x.example"}},
			[]string{"number_one_digit_apart 1041 1047", "same_name 1041 1047"},
		},
		"same name, far numbers": {
			[]Candidate{{Number: "9", Name: "KIRAN PATEL"}, {Number: "1041", Name: "Kiran  Patel"}},
			[]string{"same_name 1041 9"},
		},
		"short names too": {
			[]Candidate{{Number: "11", Name: "Bo Li"}, {Number: "12", Name: "Li Bo"}},
			[]string{"number_one_digit_apart 11 12", "same_name 11 12"},
		},
		"one letter more, less, other": {
			[]Candidate{{Number: "1", Name: "Kiran Patel"}, {Number: "2", Name: "Kiran Patell"}, {Number: "3", Name: "Kiran Patil"}},
			[]string{"near_name 1 2", "near_name 1 3"},
		},
		"two letters have changed places": {
			[]Candidate{{Number: "1", Name: "Karin Patel"}, {Number: "2", Name: "Kiran Patel"}, {Number: "3", Name: "Divya Rao"}, {Number: "4", Name: "Rao, Vidya"}, {Number: "5", Name: "किरण पटेल"}, {Number: "6", Name: "णिरक पटेल"}},
			[]string{"near_name 1 2", "near_name 3 4", "near_name 5 6"},
		},
		"the same letters, but further apart": {
			[]Candidate{{Number: "1", Name: "Karin Patel"}, {Number: "2", Name: "Narik Paetl"}, {Number: "3", Name: "Lena Kim"}, {Number: "4", Name: "Kena Lim"}, {Number: "5", Name: "abcdef"}, {Number: "6", Name: "bcadef"}},
			nil,
		},
		"in another order for its first letter": {
			[]Candidate{{Number: "1", Name: "Paul Rao"}, {Number: "2", Name: "Vaul Rao"}},
			[]string{"near_name 1 2"},
		},
		"a space": {
			[]Candidate{{Number: "1", Name: "Anna Lena Kim"}, {Number: "2", Name: "Annalena Kim"}, {Number: "3", Name: "Lena Anna Maria Kim"}},
			[]string{"near_name 1 2"},
		},
		"one word more": {
			[]Candidate{{Number: "1", Name: "Kiran Patel"}, {Number: "2", Name: "Kiran S Patel"}},
			nil,
		},
		"near ones behind one who is near neither": {
			// All three share the form "bcdefg", but only the last two are one letter apart.
			[]Candidate{{Number: "1", Name: "abcdefg"}, {Number: "2", Name: "bcdefgx"}, {Number: "3", Name: "bcdefgy"}},
			[]string{"near_name 2 3"},
		},
		"near one of several of one name": {
			[]Candidate{{Number: "1", Name: "Kiran Patel"}, {Number: "20", Name: "Kiran Patel"}, {Number: "300", Name: "Kiran Patil"}},
			[]string{"same_name 1 20", "near_name 1 300", "near_name 20 300"},
		},
		"too short to be near": {
			[]Candidate{{Number: "1", Name: "Bo Li"}, {Number: "2", Name: "Bo Lo"}},
			nil,
		},
		"two letters apart": {
			[]Candidate{{Number: "1", Name: "Kiran Patel"}, {Number: "2", Name: "Karan Patil"}},
			nil,
		},
		"one address": {
			[]Candidate{{Number: "1", Name: "Asha Rao", Email: "pay@x.example"}, {Number: "2", Name: "Bo Lind", Email: "PAY@x.example"}},
			[]string{"same_address 1 2"},
		},
		"one certificate": {
			[]Candidate{{Number: "1", Name: "Asha Rao", Fingerprint: "AA"}, {Number: "2", Name: "Bo Lind", Fingerprint: "AA"}, {Number: "3", Name: "Cy Dee"}},
			[]string{"same_certificate 1 2"},
		},
		"a user ID of another": {
			[]Candidate{{Number: "1", Name: "Asha Rao", Email: "a@x.example", UserIDs: []Address{"a@x.example", "B@x.example"}}, {Number: "2", Name: "Bo Lind", Email: "b@x.example"}},
			[]string{"user_id_of_another 1 2"},
		},
		"the same employee twice": {
			[]Candidate{{Number: "1", Name: "Asha Rao", Email: "a@x.example"}, {Number: "1", Name: "Asha Rao", Email: "a@x.example"}},
			nil,
		},
		"any script": {
			[]Candidate{{Number: "1", Name: "Кирилл Петров"}, {Number: "2", Name: "КИРИЛЛ ПЕТРОВ"}, {Number: "33", Name: "किरण पटेल"}, {Number: "44", Name: "किरण पटील"}},
			[]string{"number_one_digit_apart 1 2", "same_name 1 2", "near_name 33 44"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, twin := range Twins(test.candidates) {
				got = append(got, fmt.Sprint(twin.Kind, " ", twin.First, " ", twin.Second))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEveryoneInAGroupIsNamed(t *testing.T) {
	t.Parallel()
	var candidates []Candidate
	for i := range 50 {
		candidates = append(candidates, Candidate{Number: EmployeeNumber(strings.Repeat("9", i+1)), Name: "Kiran Patel"})
	}
	named := make(map[EmployeeNumber]bool)
	for _, twin := range Twins(candidates) {
		named[twin.First], named[twin.Second] = true, true
	}
	if len(named) != 50 {
		t.Errorf("%d of 50 are named", len(named))
	}
}

func BenchmarkTwins(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	syllables := strings.Fields("an ki ra me lo shu pat wei gru ber to mas fa ti ngu yen jo sé ol ga har vin der od")
	word := func() string {
		var w string
		for range 2 + random.IntN(3) {
			w += syllables[random.IntN(len(syllables))]
		}
		return w
	}
	candidates := make([]Candidate, 100_000)
	for i := range candidates {
		candidates[i] = Candidate{Number: EmployeeNumber(fmt.Sprintf("%06d", i)), Name: word() + " " + word(), Email: Address(fmt.Sprintf("p%d@acme.example", i))}
	}
	for b.Loop() {
		Twins(candidates)
	}
}
