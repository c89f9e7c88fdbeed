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
	twins.nearNames(candidates)
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

// nearNames finds names that differ in one letter, by the deletion trick: two
// names one edit apart share a form with one letter taken out, so that a whole
// company is compared in one pass.
func (t twinSet) nearNames(candidates []Candidate) {
	byForm := make(map[string][]int)
	for i, c := range candidates {
		name := []rune(foldName(c.Name))
		if len(name) < 6 {
			continue
		}
		for _, form := range append(deletions(name), string(name)) {
			byForm[form] = append(byForm[form], i)
		}
	}
	for _, group := range byForm {
		for _, i := range group[1:] {
			t.addNear(candidates[group[0]], candidates[i])
		}
	}
}

func (t twinSet) addNear(a, b Candidate) {
	nameA, nameB := foldName(a.Name), foldName(b.Name)
	if nameA != nameB && oneEditApart([]rune(nameA), []rune(nameB)) {
		t.add(TwinNearName, a.Number, b.Number)
		return
	}
	if nameA == nameB && neighbors(string(a.Number), string(b.Number)) {
		t.add(TwinNeighborNumber, a.Number, b.Number)
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

func deletions(name []rune) []string {
	forms := make([]string, 0, len(name))
	for i := range name {
		forms = append(forms, string(name[:i])+string(name[i+1:]))
	}
	return forms
}

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

// neighbors reports whether two employee numbers differ in exactly one place.
func neighbors(a, b string) bool {
	return len(a) == len(b) && oneEditApart([]rune(a), []rune(b))
}
