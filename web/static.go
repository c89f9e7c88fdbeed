package web

import (
	"embed"
	"io/fs"
	"net/http"

	"github.com/payseal/payseal/web/door"
	"github.com/payseal/payseal/web/style"
)

//go:embed static
var staticFiles embed.FS

//go:embed style/*.css
var styleFiles embed.FS

// mustShelf has every file of static/ and of the browser's bundle, the
// stylesheet, and company.css, which holds the company's colour: a page's own
// style attributes are forbidden.
func (s *Server) mustShelf() *door.Shelf {
	color, err := style.Company(s.Company.Color)
	if err != nil {
		panic(err) // the configuration has been checked
	}
	shelf := door.NewShelf()
	shelf.Add("payseal.css", stylesheet())
	shelf.Add("company.css", []byte(color))
	static, err := fs.Sub(staticFiles, "static")
	if err != nil {
		panic(err) // the name is no path
	}
	for _, folder := range []fs.FS{static, bundle()} {
		if err := shelf.AddFolder(folder, func(name string) bool { return name == placeholder }); err != nil {
			panic(err) // embedded
		}
	}
	return shelf
}

// stylesheet is all of style/.
func stylesheet() []byte {
	all, err := door.StyleSheet(styleFiles, "style/*.css")
	if err != nil {
		panic(err) // embedded
	}
	return all
}

func (s *Server) static(w http.ResponseWriter, r *http.Request, _ *visit) error {
	return s.shelf.Serve(w, r, r.PathValue("name"))
}
