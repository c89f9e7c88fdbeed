package web

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/payseal/payseal/payroll"
)

//go:embed pages/*.html
var pageFiles embed.FS

// view is what layout.html and the pages are given.
type view struct {
	Language  string // of the page, for <html lang>
	Direction string // "ltr" or "rtl"
	Elsewhere []elsewhere
	Company   Company
	SignedIn  bool
	Data      any // the page's own
}

// elsewhere is this page in another language.
type elsewhere struct {
	Language, Direction, Name, Path string
	Here                            bool
}

// The files that every page is parsed with.
const layoutFile, partsFile = "pages/layout.html", "pages/parts.html"

// mustPages gives every page in every language, by language and name, so that
// the functions in it know theirs. A page is parsed when it is first shown: six
// languages of them are many, and a visitor reads one.
//
//	{{t "proof.title"}} {{t "proof.tries" "count" 3}}   words of the catalog
//	{{path "/proof"}}                                   a path in this language
//	{{asset "payseal.css"}}                             a file that pages load, by its contents
//	{{script "check-mail.js"}}                          a script of the browser's bundle, or nothing
//	{{date .At}} {{clock .At}} {{moment .At}}            in the company's zone; moment is both, and names it
//	{{groups .Fingerprint}}                             its groups of four, as a list
func (s *Server) mustPages() map[string]map[string]func() *template.Template {
	names, err := fs.Glob(pageFiles, "pages/*.html")
	if err != nil {
		panic(err)
	}
	pages := make(map[string]map[string]func() *template.Template, len(Languages))
	for _, lang := range Languages {
		pages[lang] = make(map[string]func() *template.Template, len(names))
		layout := sync.OnceValue(func() *template.Template {
			return template.Must(template.New("").Funcs(s.functions(lang)).ParseFS(pageFiles, layoutFile, partsFile))
		})
		for _, name := range names {
			if name != layoutFile && name != partsFile {
				pages[lang][strings.TrimSuffix(path.Base(name), ".html")] = sync.OnceValue(func() *template.Template {
					return template.Must(template.Must(layout().Clone()).ParseFS(pageFiles, name))
				})
			}
		}
	}
	return pages
}

func (s *Server) functions(lang string) template.FuncMap {
	words := s.words(lang)
	return template.FuncMap{
		"t":      words,
		"path":   func(p string) string { return "/" + lang + p },
		"asset":  s.shelf.Path,
		"script": s.script,
		"date":   func(at time.Time) string { return date(words, at.In(s.Company.Zone)) },
		"clock":  func(at time.Time) string { return at.In(s.Company.Zone).Format("15:04") },
		"moment": func(at time.Time) string { return moment(words, at.In(s.Company.Zone)) },
		"groups": func(f payroll.Fingerprint) []string { return strings.Fields(f.Grouped()) },
	}
}

// date writes a day with the name of its month.
func date(words func(string, ...any) string, at time.Time) string {
	month := words(fmt.Sprintf("date.month_%d", at.Month()))
	return words("date.day", "day", at.Day(), "month", month, "year", at.Year())
}

// moment writes a day and a time with its zone.
func moment(words func(string, ...any) string, at time.Time) string {
	zone := at.Format("MST")
	if zone[0] == '+' || zone[0] == '-' { // a zone that has no short name
		zone = at.Format("UTC-07:00")
	}
	return words("date.moment", "date", date(words, at), "clock", at.Format("15:04"), "zone", zone)
}

// render writes a page: first into a buffer, so that a mistake in it is not half
// a page.
func (s *Server) render(w http.ResponseWriter, v *visit, status int, name string, data any) error {
	page, found := s.pages[v.lang][name]
	if !found {
		return fmt.Errorf("render page %s: there is none", name)
	}
	var buffer bytes.Buffer
	if err := page().ExecuteTemplate(&buffer, "layout", s.view(v, data)); err != nil {
		return fmt.Errorf("render page %s: %w", name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", v.lang)
	w.WriteHeader(status)
	_, _ = w.Write(buffer.Bytes()) // nobody is left to tell
	return nil
}

func (s *Server) view(v *visit, data any) view {
	shown := view{
		Language: v.lang, Direction: direction(v.lang), Company: s.Company,
		SignedIn: v.session.Employee != "", Data: data,
	}
	for _, lang := range Languages {
		shown.Elsewhere = append(shown.Elsewhere, elsewhere{
			Language: lang, Direction: direction(lang), Name: ownName(lang), Path: "/" + lang + cmp.Or(v.page, "/"), Here: lang == v.lang,
		})
	}
	return shown
}
