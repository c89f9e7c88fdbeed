package web

import (
	"net/http"

	"github.com/payseal/payseal/web/browser"
	"github.com/payseal/payseal/web/door"
	"github.com/payseal/payseal/web/style"
)

// mustShelf has the browser's bundle, the stylesheet, and company.css, which
// holds the company's colour: a page's own style attributes are forbidden.
func (s *Server) mustShelf() *door.Shelf {
	color, err := style.Company(s.Company.Color)
	if err != nil {
		panic(err) // the configuration has been checked
	}
	shelf := door.NewShelf()
	shelf.Add("payseal.css", style.Sheet())
	shelf.Add("favicon.svg", style.Favicon)
	shelf.Add("company.css", []byte(color))
	if err := shelf.AddFolder(browser.Files(), func(name string) bool { return name == browser.Placeholder }); err != nil {
		panic(err) // embedded
	}
	return shelf
}

func (s *Server) static(w http.ResponseWriter, r *http.Request, _ *visit) error {
	return s.shelf.Serve(w, r, r.PathValue("name"))
}
