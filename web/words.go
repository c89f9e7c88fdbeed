package web

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/language"
)

//go:embed catalog
var catalogFiles embed.FS

// catalog holds the words of every language. A message's key is the name of its
// file, a dot, and its name there: "proof.title" is title in
// catalog/{lang}/proof.toml.
type catalog struct {
	localizers map[string]*i18n.Localizer
}

// readCatalog gives the words, which are the same for every server, and reads
// them once.
var readCatalog = sync.OnceValue(mustCatalog)

func mustCatalog() *catalog {
	bundle := i18n.NewBundle(language.English)
	for _, lang := range Languages {
		names, err := fs.Glob(catalogFiles, "catalog/"+lang+"/*.toml")
		if err != nil {
			panic(err)
		}
		for _, name := range names {
			if err := addMessages(bundle, lang, name); err != nil {
				panic(err)
			}
		}
	}
	c := &catalog{localizers: make(map[string]*i18n.Localizer)}
	for _, lang := range Languages {
		c.localizers[lang] = i18n.NewLocalizer(bundle, lang)
	}
	return c
}

// addMessages reads one file. A message is a text, or a table of its plural
// forms.
func addMessages(bundle *i18n.Bundle, lang, name string) error {
	content, err := catalogFiles.ReadFile(name)
	if err != nil {
		return fmt.Errorf("read catalog: %w", err)
	}
	var messages map[string]any
	if err := toml.Unmarshal(content, &messages); err != nil {
		return fmt.Errorf("read catalog %s: %w", name, err)
	}
	for key, value := range messages {
		message, err := i18n.NewMessage(value)
		if err != nil {
			return fmt.Errorf("read catalog %s: %s: %w", name, key, err)
		}
		message.ID = strings.TrimSuffix(path.Base(name), ".toml") + "." + key
		if err := bundle.AddMessages(language.MustParse(lang), message); err != nil {
			return fmt.Errorf("read catalog %s: %s: %w", name, key, err)
		}
	}
	return nil
}

// words looks messages up in one language. After the key come pairs of a name
// and a value; "count" chooses the plural form. A message that is missing in the
// language is shown in English. A key that nobody has is a mistake of ours: the
// visitor sees the key, and s.missing is told.
func (s *Server) words(lang string) func(key string, pairs ...any) string {
	localizer := s.catalog.localizers[lang]
	return func(key string, pairs ...any) string {
		data := make(map[string]any, len(pairs)/2)
		for i := 0; i+1 < len(pairs); i += 2 {
			data[fmt.Sprint(pairs[i])] = isolated(lang, pairs[i+1])
		}
		text, err := localizer.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data, PluralCount: data["count"]})
		if text == "" && err != nil {
			s.missed(lang, key)
			return key
		}
		if strings.Contains(text, "<no value>") { // text/template's mark for a placeholder without a value
			s.missed(lang, key)
		}
		return text
	}
}

// missed tells of words that nobody has.
func (s *Server) missed(lang, key string) {
	if s.missing != nil {
		s.missing(lang, key)
		return
	}
	s.Log.Error("the catalog lacks a word", "language", lang, "word", key)
}

// Unicode's marks around a text whose first letter gives its direction (UAX #9).
// They do not look into one another: around a date with an isolated month they
// would find digits only, and turn it round.
const firstStrongIsolate, popIsolate = "\u2068", "\u2069"

// isolated keeps the direction of a name, an address or a fingerprint from
// disturbing that of an Arabic sentence around it (Unicode's bidirectional
// algorithm, FSI and PDI). Numbers choose plural forms and stay as they are.
func isolated(lang string, value any) any {
	switch value.(type) {
	case int, int64:
		return value
	}
	text := fmt.Sprint(value)
	if direction(lang) != "rtl" || strings.Contains(text, firstStrongIsolate) { // a date, say, which is words of ours
		return value
	}
	return firstStrongIsolate + text + popIsolate
}
