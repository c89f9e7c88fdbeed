package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
)

//go:embed static
var staticFiles embed.FS

// asset is one file that pages load.
type asset struct {
	content []byte
	kind    string // Content-Type
	version string // of its contents
}

// mustAssets reads every file of static/ and of the browser's bundle, and makes
// company.css, which holds the company's colour: a page's own style attributes
// are forbidden.
func (s *Server) mustAssets() map[string]asset {
	style, err := companyStyle(s.Company.Color)
	if err != nil {
		panic(err) // the configuration has been checked
	}
	assets := map[string]asset{"company.css": newAsset("company.css", []byte(style))}
	static, err := fs.Sub(staticFiles, "static")
	if err != nil {
		panic(err)
	}
	for _, folder := range []fs.FS{static, bundle()} {
		entries, err := fs.ReadDir(folder, ".")
		if err != nil {
			panic(err)
		}
		for _, entry := range entries {
			if entry.IsDir() || entry.Name()[0] == '.' || entry.Name() == placeholder {
				continue
			}
			content, err := fs.ReadFile(folder, entry.Name())
			if err != nil {
				panic(err)
			}
			assets[entry.Name()] = newAsset(entry.Name(), content)
		}
	}
	return assets
}

func newAsset(name string, content []byte) asset {
	sum := sha256.Sum256(content)
	kind := mime.TypeByExtension(path.Ext(name))
	switch path.Ext(name) { // the machine's own table may know less, or something else
	case ".css":
		kind = "text/css; charset=utf-8"
	case ".js", ".mjs":
		kind = "text/javascript; charset=utf-8"
	case ".svg":
		kind = "image/svg+xml"
	case ".woff2":
		kind = "font/woff2"
	case ".txt":
		kind = "text/plain; charset=utf-8"
	}
	return asset{content: content, kind: kind, version: hex.EncodeToString(sum[:8])}
}

// assetPath is where a page loads the file from. The path changes with the
// contents, so that browsers may keep it.
func (s *Server) assetPath(name string) (string, error) {
	a, found := s.assets[name]
	if !found {
		return "", fmt.Errorf("no file %s in static", name)
	}
	return "/static/" + name + "?v=" + a.version, nil
}

func (s *Server) static(w http.ResponseWriter, r *http.Request, _ *visit) error {
	a, found := s.assets[r.PathValue("name")]
	if !found {
		return errNoPage
	}
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	if r.URL.Query().Get("v") == a.version {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("ETag", `"`+a.version+`"`)
	h.Set("Content-Type", a.kind)
	if r.Header.Get("If-None-Match") == `"`+a.version+`"` {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Length", strconv.Itoa(len(a.content)))
	_, _ = w.Write(a.content)
	return nil
}
