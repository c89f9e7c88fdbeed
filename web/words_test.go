package web

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/pelletier/go-toml/v2"
)

// catalogOf reads one language's messages as they stand in the files: the plural
// forms of each by name, "other" for a plain text.
func catalogOf(t testing.TB, lang string) map[string]map[string]string {
	t.Helper()
	names, err := fs.Glob(catalogFiles, "catalog/"+lang+"/*.toml")
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]map[string]string)
	for _, name := range names {
		content, err := catalogFiles.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var messages map[string]any
		if err := toml.Unmarshal(content, &messages); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for key, value := range messages {
			forms := make(map[string]string)
			switch value := value.(type) {
			case string:
				forms["other"] = value
			case map[string]any:
				for form, text := range value {
					forms[form], _ = text.(string)
				}
			}
			all[strings.TrimSuffix(path.Base(name), ".toml")+"."+key] = forms
		}
	}
	return all
}

var placeholderMark = regexp.MustCompile(`\{\{\s*\.(\w+)\s*\}\}`)

func placeholders(text string) []string {
	found := make(map[string]bool)
	for _, match := range placeholderMark.FindAllStringSubmatch(text, -1) {
		found[match[1]] = true
	}
	return slices.Sorted(maps.Keys(found))
}

func TestEveryLanguageSaysEverything(t *testing.T) {
	t.Parallel()
	english := catalogOf(t, "en")
	for _, lang := range Languages[1:] {
		other := catalogOf(t, lang)
		for key, forms := range english {
			translated, found := other[key]
			if !found {
				t.Errorf("%s lacks %s", lang, key)
				continue
			}
			if strings.TrimSpace(translated["other"]) == "" {
				t.Errorf("%s: %s is empty", lang, key)
			}
			if got, want := placeholders(translated["other"]), placeholders(forms["other"]); !slices.Equal(got, want) {
				t.Errorf("%s: %s has the placeholders %v, not %v", lang, key, got, want)
			}
			if len(forms) > 1 != (len(translated) > 1) {
				t.Errorf("%s: %s has other plural forms than in English", lang, key)
			}
		}
		for key := range other {
			if english[key] == nil {
				t.Errorf("%s has %s, which is not in English", lang, key)
			}
		}
	}
}

// TestPluralForms asks for the numbers that need the rarest forms; a form that a
// language has and a catalog lacks is found by that.
func TestPluralForms(t *testing.T) {
	t.Parallel()
	c := readCatalog()
	for _, lang := range Languages {
		for key, forms := range catalogOf(t, lang) {
			if len(forms) == 1 {
				continue
			}
			for _, n := range []int{0, 1, 2, 3, 11, 100, 1000000} {
				_, tag, err := c.localizers[lang].LocalizeWithTag(&i18n.LocalizeConfig{
					MessageID: key, PluralCount: n, TemplateData: map[string]any{"count": n},
				})
				if err != nil || tag.String() != lang {
					t.Errorf("%s: %s has no form for %d: %v", lang, key, n, err)
				}
			}
		}
	}
}

// texts are the string literals of the room's code and the quoted words of its
// templates.
func texts(t testing.TB) (all []string) {
	t.Helper()
	quoted := regexp.MustCompile("\"([^\"\n]*)\"")
	for _, pattern := range []string{"*.go", "pages/*.html"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, match := range quoted.FindAllStringSubmatch(string(content), -1) {
				all = append(all, match[1])
			}
			for _, match := range regexp.MustCompile(`\{\{[^}]*\}\}`).FindAllString(string(content), -1) {
				for _, inner := range quoted.FindAllStringSubmatch(match, -1) {
					all = append(all, inner[1])
				}
			}
		}
	}
	return all
}

// TestEveryWordIsUsed finds words that no page and no code names: neither in
// full, nor by a pattern such as "guide.%s_about", nor by their beginning.
func TestEveryWordIsUsed(t *testing.T) {
	t.Parallel()
	full := make(map[string]bool)
	var patterns []*regexp.Regexp
	for _, text := range texts(t) {
		full[text] = true
		page, _, found := strings.Cut(text, ".")
		if !found || page == "" || strings.ContainsAny(text, " /") {
			continue
		}
		verbs := regexp.MustCompile(`%[sdv]`)
		switch {
		case verbs.MatchString(text):
			pattern := verbs.ReplaceAllString(regexp.QuoteMeta(text), ".+")
			patterns = append(patterns, regexp.MustCompile("^"+pattern+"$"))
		case strings.HasSuffix(text, ".") || strings.HasSuffix(text, "_"):
			patterns = append(patterns, regexp.MustCompile("^"+regexp.QuoteMeta(text)))
		}
	}
	for key := range catalogOf(t, "en") {
		if !full[key] && !slices.ContainsFunc(patterns, func(p *regexp.Regexp) bool { return p.MatchString(key) }) {
			t.Errorf("nothing uses %s", key)
		}
	}
}

// TestEveryUsedWordIsThere finds words that are named in full and are not in the
// catalog. Those that are put together are found where pages are rendered: a
// missing one fails the test.
func TestEveryUsedWordIsThere(t *testing.T) {
	t.Parallel()
	english := catalogOf(t, "en")
	pages := make(map[string]bool)
	for key := range english {
		page, _, _ := strings.Cut(key, ".")
		pages[page] = true
	}
	word := regexp.MustCompile(`^[a-z][a-z0-9_-]*\.[a-z][a-z0-9_-]*[a-z0-9]$`)
	for _, text := range texts(t) {
		page, _, _ := strings.Cut(text, ".")
		if pages[page] && word.MatchString(text) && english[text] == nil && !fileName(text) {
			t.Errorf("there is no word %s", text)
		}
	}
}

func fileName(text string) bool {
	return slices.Contains([]string{".html", ".js", ".css", ".svg", ".toml", ".txt", ".asc", ".mjs", ".go"}, path.Ext(text))
}

func TestDatesAreWrittenInEachLanguage(t *testing.T) {
	t.Parallel()
	s := &Server{catalog: readCatalog(), missing: func(lang, key string) { t.Errorf("%s lacks %s", lang, key) }}
	vienna, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 1, 9, 5, 0, 0, vienna)
	for lang, want := range map[string]string{
		"en": "1 March 2026, 09:05 (CET)",
		"de": "1. März 2026, 09:05 Uhr (CET)",
		"fr": "1 mars 2026 à 09:05 (CET)",
		"es": "1 de marzo de 2026, 09:05 (CET)",
		"hi": "1 मार्च 2026, 09:05 बजे (CET)",
	} {
		if got := moment(s.words(lang), at); got != want {
			t.Errorf("%s: %q, not %q", lang, got, want)
		}
	}
	got := strings.NewReplacer("\u2068", "", "\u2069", "").Replace(moment(s.words("ar"), at))
	if want := "1 مارس 2026، 09:05 (CET)"; got != want {
		t.Errorf("ar: %q, not %q", got, want)
	}
	kolkata := time.FixedZone("", 5*3600+1800)
	if got := moment(s.words("en"), at.In(kolkata)); got != "1 March 2026, 13:35 (UTC+05:30)" {
		t.Errorf("a zone without a name: %q", got)
	}
}

// TestMissingWords: a visitor sees a word that their language lacks in English,
// and the key of one that nobody has, which is told.
func TestMissingWords(t *testing.T) {
	t.Parallel()
	var missed []string
	s := &Server{catalog: readCatalog(), missing: func(lang, key string) { missed = append(missed, lang+" "+key) }}
	if got := s.words("de")("no.such_word"); got != "no.such_word" {
		t.Errorf("an unknown word is shown as %q", got)
	}
	s.words("en")("layout.never") // without its company
	if want := []string{"de no.such_word", "en layout.never"}; !slices.Equal(missed, want) {
		t.Errorf("told of %q, not %q", missed, want)
	}
}
