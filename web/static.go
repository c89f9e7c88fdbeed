package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

//go:embed static
var staticFiles embed.FS

//go:embed style/*.css
var styleFiles embed.FS

// asset is one file that pages load.
type asset struct {
	content []byte
	kind    string // Content-Type
	version string // of its contents

	// zipped gives the contents compressed, and does the work once; nil where there
	// is nothing to gain. No answer with a secret in it is ever compressed.
	zipped func() []byte
}

// mustAssets reads every file of static/ and of the browser's bundle, joins the
// stylesheet's parts, and makes company.css, which holds the company's colour: a
// page's own style attributes are forbidden.
func (s *Server) mustAssets() map[string]asset {
	style, err := companyStyle(s.Company.Color)
	if err != nil {
		panic(err) // the configuration has been checked
	}
	assets := map[string]asset{
		"payseal.css": newAsset("payseal.css", stylesheet()),
		"company.css": newAsset("company.css", []byte(style)),
	}
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

// stylesheet is all of style/ in the order of its names.
func stylesheet() []byte {
	names, err := fs.Glob(styleFiles, "style/*.css")
	if err != nil {
		panic(err) // the pattern is none
	}
	var all []byte
	for _, name := range names {
		part, err := styleFiles.ReadFile(name)
		if err != nil {
			panic(err) // embedded
		}
		all = append(append(all, part...), '\n')
	}
	return all
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
	a := asset{content: content, kind: kind, version: hex.EncodeToString(sum[:8])}
	if len(content) > 4096 && path.Ext(name) != ".woff2" {
		a.zipped = sync.OnceValue(func() []byte { return zip(content) })
	}
	return a
}

func zip(content []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is one that there is
	_, _ = w.Write(content)                               // a buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

// takesGzip reports whether the browser says that it does. One that names gzip
// with a weight of zero is no browser.
func takesGzip(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
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
	content, tag := a.content, `"`+a.version+`"`
	if a.zipped != nil {
		h.Set("Vary", "Accept-Encoding")
		if takesGzip(r) {
			content, tag = a.zipped(), `"`+a.version+`-gzip"`
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("ETag", tag)
	h.Set("Content-Type", a.kind)
	if r.Header.Get("If-None-Match") == tag {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Length", strconv.Itoa(len(content)))
	_, _ = w.Write(content)
	return nil
}
