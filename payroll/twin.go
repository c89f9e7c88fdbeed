package payroll

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
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

// alikeNames finds names that differ in one letter, and among people of one name
// numbers that differ in one place. Two names one edit apart share a form with
// one letter taken out, so that a whole company is compared in one pass.
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
	for i, name := range names {
		t.neighbors(people[name])
		if letters := []rune(name); len(letters) >= minNearName {
			forms = appendForms(forms, letters, i)
		}
	}
	eachPair(forms, func(i, j int) {
		if oneEditApart([]rune(names[i]), []rune(names[j])) {
			t.across(people[names[i]], people[names[j]])
		}
	})
}

// eachPair calls pair for every two owners of the same form.
func eachPair(forms []form, pair func(i, j int)) {
	slices.SortFunc(forms, func(a, b form) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.owner, b.owner)) })
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

// form is the hash of a text with one place taken out or blank: texts that share
// none are further apart than that.
type form struct {
	hash  uint64
	owner int // which text it was made of
}

// appendForms adds the name itself and every distinct form of it with one letter
// taken out.
func appendForms(forms []form, name []rune, index int) []form {
	forms = append(forms, form{hashWithout(name, -1), index})
	for i := range name {
		if i > 0 && name[i] == name[i-1] {
			continue // the same form as before
		}
		forms = append(forms, form{hashWithout(name, i), index})
	}
	return forms
}

// hashWithout is FNV-1a over a name's letters but the one at skip.
func hashWithout(name []rune, skip int) uint64 {
	hash := uint64(14695981039346656037)
	for i, r := range name {
		if i != skip {
			hash = (hash ^ uint64(r)) * 1099511628211
		}
	}
	return hash
}

// oneEditApart reports whether one letter was changed, added or left out, or two
// neighbours were swapped (Damerau's edits).
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
		changed := i < len(a) && slices.Equal(a[i+1:], b[i+1:])
		swapped := i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && slices.Equal(a[i+2:], b[i+2:])
		return changed || swapped
	case 1:
		return slices.Equal(a[i:], b[i+1:])
	}
	return false
}

// onePlaceApart reports whether two employee numbers of the same length differ
// in exactly one place.
func onePlaceApart(a, b string) bool {
	x, y := []rune(a), []rune(b)
	return len(x) == len(y) && oneEditApart(x, y)
}
