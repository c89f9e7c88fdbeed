package letter

import (
	"embed"
	"sync"

	"github.com/pelletier/go-toml/v2"

	"github.com/payseal/payseal/payroll/letter/spell"
)

// words are the labels of the page and the sentences of the letter in one
// language.
type words struct {
	language               string // BCP 47, for the document
	rightToLeft            bool   // the page is mirrored
	spoken                 *spell.Speech
	dateForm, monthForm    string     // with {d}, {m} and {y}
	months                 [12]string // as they stand in a date
	monthsAlone            [12]string // and by themselves
	title                  string
	slipNumber             string // with {id}
	payDate                string
	number, designation    string
	department, joined     string
	account                string
	netPay, gross, deduct  string
	yearToDate             string
	earnings, deductions   string
	employer, employerNote string
	amount                 string
	totalEarnings          string
	totalDeductions        string
	leave, tax             string
	taxWorking             string // how it was worked out
	information, notes     string
	continued              string
	questions              string // with {contact}
	fingerprint            string
	page                   string // with {n} and {of}
	attached               string // the letter, with {month} and {company}
	ask                    string // the letter, with {contact}
	genuine                string // the letter
	signature              string // the letter, with {fingerprint}
	correction             string // what a slip is that takes another's place
	replaces               string // with {date} and {id}
	reason                 string // with {reason}
}

//go:embed catalog/*.toml
var catalogs embed.FS

// languages are those with a catalog. Each is read when somebody first needs it.
var languages = map[string]func() *words{
	"ar": catalog("ar"), "de": catalog("de"), "en": catalog("en"), "es": catalog("es"), "fr": catalog("fr"), "hi": catalog("hi"),
	"it": catalog("it"), "ja": catalog("ja"), "nl": catalog("nl"), "pl": catalog("pl"), "pt": catalog("pt"), "zh": catalog("zh"), "zh-Hant": catalog("zh-Hant"),
}

func catalog(language string) func() *words {
	return sync.OnceValue(func() *words { return readCatalog(language) })
}

// wordsOf finds the labels for a language, by its primary subtag, or that and its
// script. Languages without a catalog read English labels with their own numbers.
func wordsOf(language string) *words {
	if read, ok := languages[language]; ok {
		return read()
	}
	return languages["en"]()
}

// sentences are the words of a catalog that no letterhead has its own way.
var sentences = map[string]func(w *words) *string{
	"date":      func(w *words) *string { return &w.dateForm },
	"month":     func(w *words) *string { return &w.monthForm },
	"attached":  func(w *words) *string { return &w.attached },
	"ask":       func(w *words) *string { return &w.ask },
	"genuine":   func(w *words) *string { return &w.genuine },
	"signature": func(w *words) *string { return &w.signature },
}

// readCatalog reads a language's file. The files are part of the program, and
// the tests hold each to the same names.
func readCatalog(language string) *words {
	w := &words{language: language, rightToLeft: language == "ar", spoken: spell.Of(language)}
	content, _ := catalogs.ReadFile("catalog/" + language + ".toml")
	var read map[string]any
	_ = toml.Unmarshal(content, &read)
	for name, value := range read {
		switch text := value.(type) {
		case string:
			if at := w.named(name); at != nil {
				*at = text
			}
		case []any:
			w.setMonths(name, text)
		}
	}
	return w
}

// named is the word of that name; nil if there is none.
func (w *words) named(name string) *string {
	for _, table := range []map[string]func(*words) *string{labelled, sentences} {
		if at, ok := table[name]; ok {
			return at(w)
		}
	}
	return nil
}

// setMonths takes the names of the months; those that stand alone are the same
// unless the catalog has them, too.
func (w *words) setMonths(name string, texts []any) {
	for i := range min(len(texts), len(w.months)) {
		text, _ := texts[i].(string)
		switch {
		case name == "months_alone":
			w.monthsAlone[i] = text
		case w.monthsAlone[i] == "":
			w.months[i], w.monthsAlone[i] = text, text
		default:
			w.months[i] = text
		}
	}
}
