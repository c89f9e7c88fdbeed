package console

import (
	"fmt"
	"html/template"
	"net/http"
	"time"

	"github.com/payseal/payseal/web/browser"
	"github.com/payseal/payseal/web/door"
	"github.com/payseal/payseal/web/style"
)

// mustShelf puts together what pages load: the stylesheet, the company's colour,
// and the browser's bundle.
func (s *Server) mustShelf() *door.Shelf {
	color, err := style.Company(s.Company.Color)
	if err != nil {
		panic(err) // the configuration has been checked
	}
	shelf := door.NewShelf()
	shelf.Add("console.css", stylesheet())
	shelf.Add("company.css", []byte(color))
	shelf.Add("favicon.svg", style.Favicon)
	if err := shelf.AddFolder(browser.Files(), func(name string) bool { return name == browser.Placeholder }); err != nil {
		panic(err) // embedded
	}
	return shelf
}

func (s *Server) static(w http.ResponseWriter, r *http.Request, _ *visit) error {
	return s.shelf.Serve(w, r, r.PathValue("name"))
}

// script is what a page puts where it wants one of the bundle's scripts, a module
// with the hash that its contents must have; nothing in a program without it.
func (s *Server) script(name string) (template.HTML, error) {
	if !browser.Has(name) {
		return "", nil
	}
	path, err := s.shelf.Path(name)
	if err != nil {
		return "", err
	}
	hash, err := s.shelf.Integrity(name)
	if err != nil {
		return "", err
	}
	return template.HTML(fmt.Sprintf(`<script type="module" src="%s" integrity="%s"></script>`, path, hash)), nil //nolint:gosec // our own file's name and its hash
}

func robots(w http.ResponseWriter, _ *http.Request, _ *visit) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("User-agent: *\nDisallow: /\n"))
	return nil
}

// healthz says that the process answers, and nothing else.
func healthz(w http.ResponseWriter, _ *http.Request, _ *visit) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("alive\n"))
	return nil
}

// rateName is which of the rates a route is under.
type rateName string

const (
	rateTry  rateName = "try"  // passwords, codes, tokens
	rateAsk  rateName = "ask"  // what costs more than a page: previews, reports
	rateLoad rateName = "load" // files

	rateRefused rateName = "refused" // refusals that are written down, by person
)

func newRates() map[rateName]*door.Rates {
	return map[rateName]*door.Rates{
		rateTry:  door.NewRates(door.Rate{Every: 2 * time.Second, Burst: 40}),
		rateAsk:  door.NewRates(door.Rate{Every: 200 * time.Millisecond, Burst: 200}),
		rateLoad: door.NewRates(door.Rate{Every: 5 * time.Second, Burst: 20}),

		rateRefused: door.NewRates(door.Rate{Every: time.Minute, Burst: 20}),
	}
}
