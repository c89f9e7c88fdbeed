package identity

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/ccojocar/zxcvbn-go/data"
)

// guessedSoon is, as a power of two, how many guesses a password must withstand.
// It is what zxcvbn's score of 3 asks for: a hundred machines with ten
// milliseconds for a guess take eleven days for half of them.
const guessedSoon = 34.2

// guessable estimates how many guesses the text withstands from somebody who tries
// known passwords, words, names, dates, keyboards, sequences and repeats, with the
// usual changes to them. That keeps out the long forms of what is on the lists, of
// which nearly all are shorter than a password may be here. The estimate is after
// Wheeler, "zxcvbn: Low-Budget Password Strength Estimation" (USENIX Security 2016).
func guessable(text string, about []string) (bool, error) {
	k, err := readKnown()
	if err != nil {
		return false, err
	}
	own := make(words)
	own.add(wordsOf(about))
	different := map[rune]bool{}
	for _, r := range text {
		different[r] = true
	}
	return len(different) <= 4 || newGuess(text, k, own).bits() < guessedSoon, nil
}

// words are what guessers know, in lower case: how many they try before it, as a
// power of two.
type words map[string]float64

// known is what every guesser has.
type known struct {
	words     words
	keyboards []keyboard
}

// readKnown reads zxcvbn's lists of passwords, English words and names, each in the
// order of how usual they are, and its keyboards. That takes 40 ms and is done when
// a password is first looked at, not in every command.
var readKnown = sync.OnceValues(func() (*known, error) {
	k := &known{words: make(words, 1<<17)}
	for _, name := range []string{"Passwords", "English", "Surnames", "MaleNames", "FemaleNames"} {
		var list struct{ List []string }
		if err := readAsset(name, &list); err != nil {
			return nil, err
		}
		k.words.add(list.List)
	}
	for _, name := range []string{"Qwerty", "Dvorak", "Keypad", "MacKeypad"} {
		var keys struct{ Graph keyboard }
		if err := readAsset(name, &keys); err != nil {
			return nil, err
		}
		k.keyboards = append(k.keyboards, keys.Graph)
	}
	return k, nil
})

func readAsset(name string, list any) error {
	content, err := data.Asset("data/" + name + ".json")
	if err == nil {
		err = json.Unmarshal(content, list)
	}
	if err != nil {
		return fmt.Errorf("read what guessers know (%s): %w", name, err)
	}
	return nil
}

func (w words) add(list []string) {
	for i, word := range list {
		word, bits := strings.ToLower(word), math.Log2(float64(i+1))
		if before, found := w[word]; !found || bits < before {
			w[word] = bits
		}
	}
}

// longestWord is longer than any that is worth looking for.
const longestWord = 32

// guess is the estimate of one text.
type guess struct {
	*known
	own      words // about this person
	typed    []rune
	low      []rune      // in lower case
	swapped  []rune      // as on a keyboard where y and z have changed places
	readings [][]rune    // as letters, see readings
	sign     float64     // of a character that is nothing better
	best     [][]float64 // of the characters from the first index to the second
}

func newGuess(text string, k *known, own words) *guess {
	g := &guess{known: k, own: own, typed: []rune(text), sign: math.Log2(alphabet(text))}
	for _, r := range g.typed {
		g.low = append(g.low, unicode.ToLower(r))
	}
	g.swapped = []rune(strings.NewReplacer("y", "z", "z", "y").Replace(string(g.low)))
	for _, letters := range readings {
		g.readings = append(g.readings, []rune(letters.Replace(string(g.low))))
	}
	return g
}

// readings are the ways in which signs are read as the letters that they look like:
// not at all, the signs, the digits too. Each puts one character for one.
var readings = []*strings.Replacer{
	strings.NewReplacer(),
	strings.NewReplacer("@", "a", "$", "s", "!", "i", "|", "l", "(", "c", "{", "c", "[", "c", "<", "c", "+", "t", "%", "x", "0", "o"),
	strings.NewReplacer("@", "a", "$", "s", "!", "i", "|", "l", "(", "c", "{", "c", "[", "c", "<", "c", "+", "t", "%", "x",
		"0", "o", "1", "i", "2", "z", "3", "e", "4", "a", "5", "s", "6", "g", "7", "t", "8", "b", "9", "g"),
}

// alphabet is how many characters of the text's kinds there are.
func alphabet(text string) float64 {
	var size float64
	for _, kind := range []struct {
		is   func(rune) bool
		size float64
	}{
		{unicode.IsLower, 26},
		{unicode.IsUpper, 26},
		{unicode.IsDigit, 10},
		{func(r rune) bool { return !unicode.IsLower(r) && !unicode.IsUpper(r) && !unicode.IsDigit(r) }, 33},
	} {
		if strings.ContainsFunc(text, kind.is) {
			size += kind.size
		}
	}
	return size
}

// bits is the estimate of the whole: of every part, the shorter ones first, the
// least that it takes as one piece, as a repeat or as two parts.
func (g *guess) bits() float64 {
	n := len(g.typed)
	g.best = make([][]float64, n)
	for i := range g.best {
		g.best[i] = make([]float64, n+1)
	}
	for size := 1; size <= n; size++ {
		for i := 0; i+size <= n; i++ {
			j := i + size
			least := min(g.piece(i, j), g.repeat(i, j))
			for k := i + 1; k < j; k++ {
				least = min(least, g.best[i][k]+g.best[k][j])
			}
			g.best[i][j] = least
		}
	}
	return g.best[0][n]
}

// piece is what the characters from i to j take as one piece; infinite where
// they are none.
func (g *guess) piece(i, j int) float64 {
	if j-i == 1 {
		return min(g.sign, g.word(i, j))
	}
	return min(g.word(i, j), g.date(i, j), g.walk(i, j), g.sequence(i, j))
}

// word takes as many guesses as come before it on its list, twice as many for each
// stretch of capitals, and four times for signs in place of letters.
func (g *guess) word(i, j int) float64 {
	least := math.Inf(1)
	if j-i > longestWord {
		return least
	}
	for n, reading := range g.readings {
		for _, list := range []words{g.words, g.own} {
			if bits, found := list[string(reading[i:j])]; found {
				least = min(least, bits+2*float64(min(n, 1)))
			}
		}
	}
	for k := i; k < j; k++ {
		if unicode.IsUpper(g.typed[k]) && (k == i || !unicode.IsUpper(g.typed[k-1])) {
			least++
		}
	}
	return least
}

// repeat takes what is repeated takes, and how often.
func (g *guess) repeat(i, j int) float64 {
	least := math.Inf(1)
	for size := 1; size <= (j-i)/2; size++ {
		if (j-i)%size == 0 && slices.Equal(g.low[i:j-size], g.low[i+size:j]) {
			least = min(least, g.best[i][i+size]+math.Log2(float64((j-i)/size)))
		}
	}
	return least
}

// sequence is three or more characters in the order of their code points.
func (g *guess) sequence(i, j int) float64 {
	step := g.low[i+1] - g.low[i]
	if j-i < 3 || step != 1 && step != -1 {
		return math.Inf(1)
	}
	for k := i + 1; k < j; k++ {
		if g.low[k]-g.low[k-1] != step {
			return math.Inf(1)
		}
	}
	return math.Log2(26) + 1 + math.Log2(float64(j-i))
}

// A date has 31 days, 12 months and 119 years to it.
var dates = regexp.MustCompile(strings.NewReplacer("D", `(0?[1-9]|[12]\d|3[01])`, "M", `(0?[1-9]|1[0-2])`, "Y", `((19|20)?\d\d)`, "S", `[-/._ ]?`).
	Replace(`^(DSMSY|MSDSY|YSMSD)$`))

var years = regexp.MustCompile(`^(19|20)\d\d$`)

func (g *guess) date(i, j int) float64 {
	if j-i < 4 || j-i > len("31.12.2026") || !unicode.IsDigit(g.low[i]) {
		return math.Inf(1)
	}
	switch text := string(g.low[i:j]); {
	case years.MatchString(text):
		return math.Log2(119)
	case dates.MatchString(text):
		return math.Log2(31 * 12 * 119)
	}
	return math.Inf(1)
}

// keyboard says of each sign which keys lie around it, each by its signs, in the
// order of the directions.
type keyboard map[string][]string

// walk is three or more keys of which each lies beside the one before: where it
// begins, how long it is and each turn.
func (g *guess) walk(i, j int) float64 {
	least := math.Inf(1)
	if j-i < 3 {
		return least
	}
	for _, keys := range g.keyboards {
		for _, typed := range [][]rune{g.low, g.swapped} {
			if turns, is := keys.turns(typed[i:j]); is {
				least = min(least, math.Log2(float64(len(keys)*(j-i)))+bitsOfTurn*float64(turns))
			}
		}
	}
	return least
}

// bitsOfTurn is for the keys around a key, of which few are likely.
const bitsOfTurn = 2

// turns says how often a walk changes its direction, if it is one.
func (k keyboard) turns(typed []rune) (turns int, is bool) {
	direction := -1
	for i := 1; i < len(typed); i++ {
		to := slices.IndexFunc(k[string(typed[i-1])], func(key string) bool { return strings.ContainsRune(key, typed[i]) })
		if to < 0 {
			return 0, false
		}
		if i > 1 && to != direction {
			turns++
		}
		direction = to
	}
	return turns, true
}
