package spell

import (
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/feature/plural"
)

// otherwise is where the words here are not CLDR's, and why.
var otherwise = map[string]func(set, theirs string, n uint64) (string, bool){
	// ventuno for ventun: both are right, and this is what people say of money.
	"it": func(set, theirs string, n uint64) (string, bool) {
		theirs = strings.ReplaceAll(strings.ReplaceAll(theirs, "unmila", "unomila"), "un milioni", "uno milioni")
		theirs = strings.ReplaceAll(theirs, "un miliardi", "uno miliardi")
		if n > 1 && strings.HasSuffix(theirs, "un") {
			theirs += "o"
		}
		if n > 1 && strings.HasSuffix(theirs, "una") {
			theirs = strings.TrimSuffix(theirs, "a") + "o"
		}
		return theirs, true
	},
	"zh": written, "zh-Hant": written,
	// CLDR's Arabic misspells the twos, and declines nothing that is counted.
	"ar": func(_, theirs string, n uint64) (string, bool) {
		theirs = strings.NewReplacer("إثن", "اثن", "إحدى عشر", "أحد عشر", "ثلاثة مائة", "ثلاثمائة", "أربعة مائة", "أربعمائة", "خمسة مائة", "خمسمائة",
			"ستة مائة", "ستمائة", "سبعة مائة", "سبعمائة", "ثمانية مائة", "ثمانمائة", "تسعة مائة", "تسعمائة").Replace(theirs)
		return theirs, n < 2000
	},
	"pl": func(set, theirs string, n uint64) (string, bool) {
		return theirs, set != "feminine" || n < 1_000_000_000
	},
}

// written: bills write 壹拾, so that nobody can put a figure before it.
func written(_, theirs string, _ uint64) (string, bool) {
	if strings.HasPrefix(theirs, "拾") {
		theirs = "壹" + theirs
	}
	return theirs, true
}

// languages are those with words.
func languages(t *testing.T) []string {
	t.Helper()
	entries, err := files.ReadDir("words")
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = strings.TrimSuffix(entry.Name(), ".txt")
	}
	return names
}

// TestCLDR compares with the words that CLDR's rules give, by every set of rules
// that a noun can ask for.
func TestCLDR(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("testdata/cldr.tsv")
	if err != nil {
		t.Fatal(err)
	}
	compared, speeches := make(map[string]int), make(map[string]*Speech)
	for _, lang := range languages(t) {
		speeches[lang] = Of(lang)
	}
	for line := range strings.Lines(string(content)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		n, err := strconv.ParseUint(f[2], 10, 64)
		s := speeches[f[0]]
		if s == nil || err != nil {
			t.Fatal(line, err)
		}
		want, holds := f[3], true
		if reword := otherwise[f[0]]; reword != nil {
			want, holds = reword(f[1], want, n)
		}
		if !holds {
			continue
		}
		compared[f[0]]++
		if got := string(s.spell(nil, f[1], n)); got != want {
			t.Errorf("%s %s %d:\n got  %s\n want %s", f[0], f[1], n, got, want)
		}
	}
	for _, lang := range languages(t) {
		if compared[lang] < 150 {
			t.Errorf("%s was compared %d times only", lang, compared[lang])
		}
	}
}

// TestAmount has amounts of every language.
func TestAmount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lang, currency string
		minor          int64
		decimals       int
		want           string
	}{
		{"en", "EUR", 458164, 2, "four thousand five hundred eighty-one euros and sixty-four cents"},
		{"en", "EUR", 101, 2, "one euro and one cent"},
		{"en", "GBP", 0, 2, "zero pounds"},
		{"en", "USD", 5, 2, "five cents"},
		{"en", "EUR", -200000, 2, "minus two thousand euros"},
		{"en", "INR", 1234567800, 2, "one crore twenty-three lakh forty-five thousand six hundred seventy-eight rupees"},
		{"en", "THB", 458164, 2, "four thousand five hundred eighty-one 64/100 THB"},
		{"en", "KWD", 1005, 3, "one 005/1000 KWD"},
		{"en", "KRW", 1005, 0, "one thousand five KRW"},
		{"de", "EUR", 458164, 2, "viertausendfünfhunderteinundachtzig Euro und vierundsechzig Cent"},
		{"de", "EUR", 100, 2, "ein Euro"},
		{"de", "INR", 100, 2, "eine Rupie"},
		{"fr", "EUR", 8000, 2, "quatre-vingts euros"},
		{"fr", "EUR", 100000000, 2, "un million d’euros"},
		{"fr", "GBP", 2100, 2, "vingt-et-une livres sterling"},
		{"fr", "INR", 200000000, 2, "deux millions de roupies"},
		{"es", "EUR", 2150, 2, "veintiún euros con cincuenta céntimos"},
		{"es", "GBP", 20100, 2, "doscientas una libras esterlinas"},
		{"it", "EUR", 458164, 2, "quattromilacinquecentottantuno euro e sessantaquattro centesimi"},
		{"it", "EUR", 100, 2, "un euro"},
		{"nl", "EUR", 458164, 2, "vierduizendvijfhonderdeenentachtig euro en vierenzestig cent"},
		{"pl", "PLN", 458164, 2, "cztery tysiące pięćset osiemdziesiąt jeden złotych sześćdziesiąt cztery grosze"},
		{"pl", "PLN", 200, 2, "dwa złote"},
		{"pl", "EUR", 100, 2, "jedno euro"},
		{"pl", "INR", 2200, 2, "dwadzieścia dwie rupie indyjskie"},
		{"pt", "BRL", 458164, 2, "quatro mil quinhentos e oitenta e um reais e sessenta e quatro centavos"},
		{"pt", "GBP", 20000, 2, "duzentas libras esterlinas"},
		{"hi", "INR", 458164, 2, "चार हज़ार पाँच सौ इक्यासी रुपये और चौंसठ पैसे"},
		{"ar", "EUR", 458164, 2, "أربعة آلاف وخمسمائة وواحد وثمانون يورو وأربعة وستون سنتًا"},
		{"ar", "AED", 1200300, 2, "اثنا عشر ألفًا وثلاثة دراهم"},
		{"ar", "USD", 200, 2, "دولاران أمريكيان"},
		{"ja", "JPY", 458164, 0, "四十五万八千百六十四円"},
		{"zh", "CNY", 458164, 2, "肆仟伍佰捌拾壹元陆角肆分"},
		{"zh", "CNY", 458105, 2, "肆仟伍佰捌拾壹元零伍分"},
		{"zh", "CNY", 458000, 2, "肆仟伍佰捌拾元整"},
		{"zh-Hant", "TWD", 6230500, 2, "陸萬貳仟參佰零伍元整"},
		{"zh-Hant", "HKD", 458164, 2, "肆仟伍佰捌拾壹港元陸角肆分"},
	} {
		if got, ok := Of(c.lang).Amount(c.currency, c.minor, c.decimals); got != c.want || !ok {
			t.Errorf("%s %s %d: %q, want %q", c.lang, c.currency, c.minor, got, c.want)
		}
	}
}

// TestAmountLimits: what is too large, or in a language without words, is not
// spelled rather than spelled wrongly.
func TestAmountLimits(t *testing.T) {
	t.Parallel()
	for _, minor := range []int64{math.MaxInt64, math.MinInt64, Limit * 100} {
		if text, ok := Of("en").Amount("EUR", minor, 2); ok {
			t.Errorf("%d is %q", minor, text)
		}
	}
	if Of("xx") != nil || Of("../../spell") != nil {
		t.Error("an unknown language has words")
	}
	if text, ok := Of("en").Number(Limit); ok {
		t.Errorf("beyond the limit is %q", text)
	}
	if text, ok := Of("en").Number(Limit - 1); !ok || !strings.HasPrefix(text, "nine hundred ninety-nine billion") {
		t.Errorf("just within the limit is %q", text)
	}
}

// TestWords holds every file of words to its form: each phrase is there, each
// currency has a form for whatever number, and no rule names a set that is not.
func TestWords(t *testing.T) {
	t.Parallel()
	for _, lang := range languages(t) {
		s := Of(lang)
		for _, phrase := range []string{"minus", "exact", "and", "space"} {
			if _, ok := s.phrases[phrase]; !ok {
				t.Errorf("%s lacks the phrase %s", lang, phrase)
			}
		}
		for code, c := range s.coins {
			for _, n := range []name{c.whole, c.part} {
				if len(n.forms) == 0 {
					continue // a currency without a part
				}
				if _, ok := n.forms[plural.Other]; !ok || s.sets[n.set] == nil {
					t.Errorf("%s: %s has no form for whatever number, or the set %q is not there", lang, code, n.set)
				}
			}
		}
		for set, rules := range s.sets {
			for i, r := range rules {
				if i > 0 && rules[i-1].base >= r.base {
					t.Errorf("%s: the rules of %s are not in order at %d", lang, set, r.base)
				}
			}
		}
		if len(s.coins) < 6 {
			t.Errorf("%s names %d currencies", lang, len(s.coins))
		}
		for n := uint64(1); n < Limit; n *= 7 {
			for set := range s.sets {
				if text := string(s.spell(nil, set, n)); strings.ContainsAny(text, "<>=[]~%0123456789") {
					t.Errorf("%s: %d by %s is %q", lang, n, set, text)
				}
			}
		}
	}
}

// BenchmarkAmount spells an amount of usual size.
func BenchmarkAmount(b *testing.B) {
	for _, lang := range []string{"en", "hi"} {
		b.Run(lang, func(b *testing.B) {
			s := Of(lang)
			b.ReportAllocs()
			for b.Loop() {
				s.Amount("INR", 458164, 2)
			}
		})
	}
}
