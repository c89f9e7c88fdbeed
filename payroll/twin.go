package payroll

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// TwinKind says how two employees can be taken for each other.
type TwinKind string

// The kinds of twins.
const (
	TwinSameName       TwinKind = "same_name"
	TwinNearName       TwinKind = "near_name"
	TwinSameAddress    TwinKind = "same_address"
	TwinSameKey        TwinKind = "same_certificate"
	TwinForeignUserID  TwinKind = "user_id_of_another"
	TwinNeighborNumber TwinKind = "number_one_digit_apart"
)

// Twin is a pair of employees who are easily taken for each other. First sorts
// before Second.
type Twin struct {
	Kind   TwinKind       `json:"kind"`
	First  EmployeeNumber `json:"first"`
	Second EmployeeNumber `json:"second"`
}

// Candidate is one employee as the twin detector sees them.
type Candidate struct {
	Number      EmployeeNumber
	Name        string
	Email       Address
	Fingerprint Fingerprint // "" if there is none
	UserIDs     []Address   // every address that the certificate's user IDs name
}

// Twins lists the pairs among the candidates, in a stable order. Numbers one
// digit apart are only worth a look where the names are alike too: in a company
// that counts from 1 every number has such a neighbour.
func Twins(candidates []Candidate) []Twin {
	var twins twinSet = make(map[Twin]struct{})
	twins.pairs(candidates, TwinSameAddress, func(c Candidate) string { return strings.ToLower(string(c.Email)) })
	twins.pairs(candidates, TwinSameKey, func(c Candidate) string { return string(c.Fingerprint) })
	twins.pairs(candidates, TwinSameName, func(c Candidate) string { return foldName(c.Name) })
	twins.foreignUserIDs(candidates)
	twins.alikeNames(candidates)
	return twins.sorted()
}

type twinSet map[Twin]struct{}

func (t twinSet) add(kind TwinKind, a, b EmployeeNumber) {
	if a == b {
		return
	}
	t[Twin{Kind: kind, First: min(a, b), Second: max(a, b)}] = struct{}{}
}

// pairs adds every two candidates with the same non-empty key. A group of n
// gives n-1 pairs with its first member: enough to name each of them.
func (t twinSet) pairs(candidates []Candidate, kind TwinKind, key func(Candidate) string) {
	first := make(map[string]EmployeeNumber)
	for _, c := range candidates {
		k := key(c)
		if k == "" {
			continue
		}
		if other, seen := first[k]; seen {
			t.add(kind, other, c.Number)
		} else {
			first[k] = c.Number
		}
	}
}

func (t twinSet) foreignUserIDs(candidates []Candidate) {
	owner := make(map[string]EmployeeNumber)
	for _, c := range candidates {
		owner[strings.ToLower(string(c.Email))] = c.Number
	}
	for _, c := range candidates {
		for _, address := range c.UserIDs {
			if other, found := owner[strings.ToLower(string(address))]; found {
				t.add(TwinForeignUserID, other, c.Number)
			}
		}
	}
}

// alikeNames finds names that differ in little, and among people of one name
// numbers that differ in one place. Near names share a form, so that a whole
// company is compared in one pass.
func (t twinSet) alikeNames(candidates []Candidate) {
	people := make(map[string][]EmployeeNumber) // by folded name
	var names []string
	for _, c := range candidates {
		name := foldName(c.Name)
		if people[name] == nil {
			names = append(names, name)
		}
		people[name] = append(people[name], c.Number)
	}
	var forms []form
	words := make([][]string, len(names))
	for i, name := range names {
		t.neighbors(people[name])
		words[i] = strings.Fields(name)
		if utf8.RuneCountInString(name) >= minNearName {
			forms = appendForms(forms, words[i], i)
		}
	}
	eachPair(forms, func(i, j int) {
		if nearNames(words[i], words[j]) {
			t.across(people[names[i]], people[names[j]])
		}
	})
}

// eachPair calls pair for every two owners of the same form, in either order.
func eachPair(forms []form, pair func(i, j int)) {
	slices.SortFunc(forms, func(a, b form) int { return cmp.Compare(a.hash, b.hash) })
	for i, f := range forms {
		for j := i + 1; j < len(forms) && forms[j].hash == f.hash; j++ {
			if forms[j].owner != f.owner {
				pair(f.owner, forms[j].owner)
			}
		}
	}
}

// minNearName is the length in letters from which one letter's difference is
// near: shorter names differ by so little as a rule.
const minNearName = 6

// neighbors adds every two of the numbers that differ in exactly one place: they
// share a form in which that place is blank.
func (t twinSet) neighbors(numbers []EmployeeNumber) {
	if len(numbers) < 2 {
		return
	}
	var forms []form
	for i, number := range numbers {
		places := []rune(number)
		for place, was := range places {
			places[place] = 0 // no number has it
			forms = append(forms, form{hashWithout(places, -1), i})
			places[place] = was
		}
	}
	eachPair(forms, func(i, j int) {
		if onePlaceApart(string(numbers[i]), string(numbers[j])) {
			t.add(TwinNeighborNumber, numbers[i], numbers[j])
		}
	})
}

// across adds pairs of people of two near names: enough to name each of them.
func (t twinSet) across(some, others []EmployeeNumber) {
	for _, a := range some {
		t.add(TwinNearName, a, others[0])
	}
	for _, b := range others {
		t.add(TwinNearName, some[0], b)
	}
}

func (t twinSet) sorted() []Twin {
	twins := make([]Twin, 0, len(t))
	for twin := range t {
		twins = append(twins, twin)
	}
	slices.SortFunc(twins, func(a, b Twin) int {
		return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Second, b.Second), cmp.Compare(a.Kind, b.Kind))
	})
	return twins
}

// foldName makes names comparable: lower case, letters only, words in order.
func foldName(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r)
	})
	slices.Sort(words)
	return strings.Join(words, " ")
}

// form is the hash of a text with something left out: texts that share none are
// not near.
type form struct {
	hash  uint64
	owner int // which text it was made of
}

// appendForms adds what a name of these words shares with the names near it: its words in
// any order, its letters in any order, and in place of each word that word without
// one of its letters, or with its letters in any order.
func appendForms(forms []form, words []string, owner int) []form {
	var whole, unordered uint64
	for _, word := range words {
		letters := []rune(word)
		whole += hashWithout(letters, -1)
		unordered += hashUnordered(letters)
	}
	forms = append(forms, form{whole, owner}, form{unordered, owner})
	for _, word := range words {
		letters := []rune(word)
		rest := whole - hashWithout(letters, -1)
		forms = append(forms, form{rest + hashUnordered(letters), owner})
		for i := range letters {
			if i > 0 && letters[i] == letters[i-1] {
				continue // the same form as before
			}
			forms = append(forms, form{rest + hashWithout(letters, i), owner})
		}
	}
	return forms
}

// hashWithout is FNV-1a over a word's letters but the one at skip.
func hashWithout(letters []rune, skip int) uint64 {
	hash := uint64(14695981039346656037)
	for i, r := range letters {
		if i != skip {
			hash = (hash ^ uint64(r)) * 1099511628211
		}
	}
	return hash
}

// hashUnordered is the same for every order of a word's letters: the sum of what
// is spread over all bits, lest "ad" and "bc" have one sum.
func hashUnordered(letters []rune) uint64 {
	var sum uint64
	for _, r := range letters {
		x := uint64(r) * 0x9e3779b97f4a7c15
		x = (x ^ x>>29) * 0xbf58476d1ce4e5b9
		sum += x ^ x>>32
	}
	return sum
}

// nearNames reports whether two names, as their sorted words, differ in one word,
// and there in one letter or in the places of two, or in whether two words are one.
func nearNames(a, b []string) bool {
	mine, other := make([]string, 0, 3), make([]string, 0, 3) // the words of one name alone
	for (len(a) > 0 || len(b) > 0) && len(mine)+len(other) < 4 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0] < b[0]:
			mine, a = append(mine, a[0]), a[1:]
		case len(a) == 0 || b[0] < a[0]:
			other, b = append(other, b[0]), b[1:]
		default:
			a, b = a[1:], b[1:]
		}
	}
	if len(mine) > len(other) {
		mine, other = other, mine
	}
	switch {
	case len(mine) == 1 && len(other) == 1:
		x, y := []rune(mine[0]), []rune(other[0])
		return oneEditApart(x, y) || oneSwapApart(x, y)
	case len(mine) == 1 && len(other) == 2:
		return mine[0] == other[0]+other[1] || mine[0] == other[1]+other[0]
	}
	return false
}

// oneEditApart reports whether one letter was changed, added or left out.
func oneEditApart(a, b []rune) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch len(b) - len(a) {
	case 0:
		return i < len(a) && slices.Equal(a[i+1:], b[i+1:])
	case 1:
		return slices.Equal(a[i:], b[i+1:])
	}
	return false
}

// oneSwapApart reports whether two letters have changed places, as in Karin and
// Kiran: they need not be neighbours.
func oneSwapApart(a, b []rune) bool {
	if len(a) != len(b) {
		return false
	}
	first, last, count := 0, 0, 0
	for i := range a {
		if a[i] != b[i] {
			if count == 0 {
				first = i
			}
			last, count = i, count+1
		}
	}
	return count == 2 && a[first] == b[last] && a[last] == b[first]
}

// onePlaceApart reports whether two employee numbers of the same length differ
// in exactly one place.
func onePlaceApart(a, b string) bool {
	x, y := []rune(a), []rune(b)
	return len(x) == len(y) && oneEditApart(x, y)
}
