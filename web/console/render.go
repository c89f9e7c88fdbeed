package console

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:embed pages
var pageFiles embed.FS

// mustPages parses the layout and the parts, and each page with them when it is
// first shown: a page takes half a megabyte, and most visits see few.
func (s *Server) mustPages() map[string]func() *template.Template {
	layout := template.New("").Funcs(s.functions())
	for _, pattern := range []string{"pages/layout.html", "pages/parts/*.html"} {
		layout = template.Must(layout.ParseFS(pageFiles, pattern))
	}
	names, err := fs.Glob(pageFiles, "pages/*.html")
	if err != nil {
		panic(err)
	}
	pages := make(map[string]func() *template.Template, len(names))
	for _, name := range names {
		if name != "pages/layout.html" {
			pages[strings.TrimSuffix(path.Base(name), ".html")] = sync.OnceValue(func() *template.Template {
				return template.Must(template.Must(layout.Clone()).ParseFS(pageFiles, name))
			})
		}
	}
	return pages
}

// render writes a page: first into a buffer, so that a mistake in it is not half
// a page.
func (s *Server) render(w http.ResponseWriter, v *visit, status int, name string, data any) error {
	page, found := s.pages[name]
	if !found {
		return fmt.Errorf("render page %s: there is none", name)
	}
	var buffer bytes.Buffer
	if err := page().ExecuteTemplate(&buffer, "layout", s.frame(v, data)); err != nil {
		return fmt.Errorf("render page %s: %w", name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", "en")
	w.WriteHeader(status)
	_, _ = w.Write(buffer.Bytes()) // nobody is left to tell
	return nil
}

// framed is a page's own data that says more of the frame around it: a page
// whose data implement it can set the trail, banners and the like.
type framed interface{ frame(*Frame) }

func (s *Server) frame(v *visit, data any) Frame {
	f := Frame{Company: s.Company.Name, SignedIn: v.admin.Name != "", Data: data}
	if f.SignedIn {
		f.Account = Account{Name: string(v.admin.Name), Roles: roleWords(v.admin.Roles)}
	}
	if notice, known := notices[v.said]; known {
		f.Flash = []Notice{notice}
	}
	if data, ok := data.(framed); ok {
		data.frame(&f)
	}
	if f.SignedIn {
		f.Nav = navigation(func(path string) bool { return s.mayOpen(v, path) }, f.place(v.path), v.counts)
	}
	return f
}

// mayOpen reports whether the visitor may open the page at a path that has no
// wildcard.
func (s *Server) mayOpen(v *visit, path string) bool {
	if path == "/" {
		path = "/{$}"
	}
	for _, r := range s.table {
		if r.method == http.MethodGet && r.path == path {
			return r.open || r.roles == nil || v.is(r.roles...)
		}
	}
	return false
}
