package web

import (
	"net/http"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// Languages are those of the form, by their BCP 47 tags; the first is the one
// whose catalog has every word. A path begins with one of them.
var Languages = []string{"en", "de", "fr", "es", "hi", "ar"}

// languageOf splits a path into its language, "" if it begins with none of ours,
// and the rest.
func languageOf(path string) (lang, rest string) {
	first, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if !slices.Contains(Languages, first) {
		return "", path
	}
	return first, "/" + rest
}

// preferred is the language for a visitor whose path has none: what the browser
// asks for, else the company's.
func (s *Server) preferred(r *http.Request) string {
	tags := make([]language.Tag, len(Languages))
	for i, lang := range Languages {
		tags[i] = language.MustParse(lang)
	}
	matcher := language.NewMatcher(tags)
	for _, wanted := range []string{r.Header.Get("Accept-Language"), s.Company.Language} {
		asked, _, err := language.ParseAcceptLanguage(wanted)
		if err != nil || len(asked) == 0 {
			continue
		}
		if _, i, confidence := matcher.Match(asked...); confidence > language.Low {
			return Languages[i]
		}
	}
	return Languages[0]
}

// direction is how the language is written.
func direction(lang string) string {
	if lang == "ar" {
		return "rtl"
	}
	return "ltr"
}

// ownName is what speakers of the language call it.
func ownName(lang string) string {
	switch lang {
	case "de":
		return "Deutsch"
	case "fr":
		return "Français"
	case "es":
		return "Español"
	case "hi":
		return "हिन्दी"
	case "ar":
		return "العربية"
	}
	return "English"
}

// chooseLanguage leads from the bare origin to the first page in a language.
func (s *Server) chooseLanguage(w http.ResponseWriter, r *http.Request, v *visit) error {
	w.Header().Set("Vary", "Accept-Language")
	http.Redirect(w, r, v.path("/"), http.StatusFound) // one of our languages
	return nil
}
