package letter

import (
	"slices"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"github.com/payseal/payseal/payroll"
)

// TestCatalogs holds every language's file to the same names, and each text to
// the values that belong into it.
func TestCatalogs(t *testing.T) {
	t.Parallel()
	files, err := catalogs.ReadDir("catalog")
	if err != nil || len(files) != len(languages) {
		t.Fatalf("%d files for %d languages: %v", len(files), len(languages), err)
	}
	english := wordsOf("en")
	for _, file := range files {
		language := strings.TrimSuffix(file.Name(), ".toml")
		content, err := catalogs.ReadFile("catalog/" + file.Name())
		if err != nil {
			t.Fatal(err)
		}
		var read map[string]any
		if err := toml.Unmarshal(content, &read); err != nil {
			t.Fatalf("%s: %v", language, err)
		}
		w := wordsOf(language)
		if w.language != language {
			t.Errorf("%s is read as %s", language, w.language)
		}
		for name := range read {
			if w.named(name) == nil && name != "months" && name != "months_alone" {
				t.Errorf("%s: there is no word named %s", language, name)
			}
		}
		for _, table := range []map[string]func(*words) *string{labelled, sentences} {
			for name, at := range table {
				text := *at(w)
				if text == "" || strings.TrimSpace(text) != text {
					t.Errorf("%s: %s is %q", language, name, text)
				}
				for _, value := range []string{"{id}", "{date}", "{contact}", "{reason}", "{n}", "{of}", "{d}", "{m}", "{y}", "{month}", "{company}", "{fingerprint}"} {
					if strings.Contains(*at(english), value) != strings.Contains(text, value) {
						t.Errorf("%s: %s and %s", language, name, value)
					}
				}
			}
		}
		if slices.Contains(w.months[:], "") || slices.Contains(w.monthsAlone[:], "") {
			t.Errorf("%s lacks a month", language)
		}
		if w.spoken == nil {
			t.Errorf("%s has no words for amounts", language)
		}
	}
}

// TestInWords: the net pay begins with a capital where the script has any, and
// a language without a catalog reads English.
func TestInWords(t *testing.T) {
	t.Parallel()
	net := payroll.Money{Minor: 458164, Currency: "EUR"}
	for tag, want := range map[string]string{
		"en-GB": "Four thousand five hundred eighty-one euros and sixty-four cents", "de-AT": "Viertausendfünfhunderteinundachtzig Euro und vierundsechzig Cent",
		"zh-CN": "肆仟伍佰捌拾壹欧元陆拾肆欧分", "zh-TW": "肆仟伍佰捌拾壹歐元陸拾肆歐分", "zh_HK": "肆仟伍佰捌拾壹歐元陸拾肆歐分", "zh-Hant": "肆仟伍佰捌拾壹歐元陸拾肆歐分", "zh-Hans-HK": "肆仟伍佰捌拾壹欧元陆拾肆欧分", "": "Four thousand five hundred eighty-one euros and sixty-four cents",
	} {
		if got := localeOf(tag, "").inWords(net); got != want {
			t.Errorf("%q: %q, want %q", tag, got, want)
		}
	}
}
