package door

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// Shelf holds the files that pages load, each under its name. It is filled
// before anything is asked of it, and from then on safe for concurrent use.
type Shelf struct {
	files map[string]file
}

// ErrNoFile means that a [Shelf] or a stylesheet has no file of that name.
var ErrNoFile = errors.New("no such file")

// file is one file that pages load.
type file struct {
	content []byte
	kind    string // Content-Type
	version string // of its contents

	// zipped gives the contents compressed, and does the work once; nil where there
	// is nothing to gain. No answer with a secret in it is ever compressed.
	zipped func() []byte
}

// NewShelf is an empty shelf.
func NewShelf() *Shelf { return &Shelf{files: make(map[string]file)} }

// Add puts a file on the shelf, in the place of another one of its name. Its
// type goes by the name's ending.
func (s *Shelf) Add(name string, content []byte) {
	sum := sha256.Sum256(content)
	added := file{content: content, kind: kindOf(name), version: hex.EncodeToString(sum[:8])}
	if len(content) > 4096 && path.Ext(name) != ".woff2" {
		added.zipped = sync.OnceValue(func() []byte { return zip(content) })
	}
	s.files[name] = added
}

// AddFolder puts every file of a folder on the shelf, but what lies in folders
// below it, hidden files, and what skip names; skip may be nil.
func (s *Shelf) AddFolder(f fs.FS, skip func(name string) bool) error {
	entries, err := fs.ReadDir(f, ".")
	if err != nil {
		return fmt.Errorf("read static files: %w", err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() || name[0] == '.' || skip != nil && skip(name) {
			continue
		}
		content, err := fs.ReadFile(f, name)
		if err != nil {
			return fmt.Errorf("read static files: %w", err)
		}
		s.Add(name, content)
	}
	return nil
}

func kindOf(name string) string {
	switch path.Ext(name) { // the machine's own table may know less, or something else
	case ".css":
		return "text/css; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	return mime.TypeByExtension(path.Ext(name))
}

func zip(content []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is one that there is
	_, _ = w.Write(content)                               // a buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

// Path is where a page loads the file from: "/static/NAME?v=VERSION". It changes
// with the contents, so that browsers may keep what they got.
func (s *Shelf) Path(name string) (string, error) {
	f, err := s.file(name)
	if err != nil {
		return "", err
	}
	return "/static/" + name + "?v=" + f.version, nil
}

// Integrity is the hash of the file's contents in the form of Subresource
// Integrity.
func (s *Shelf) Integrity(name string) (string, error) {
	f, err := s.file(name)
	if err != nil {
		return "", err
	}
	sum := sha512.Sum384(f.content)
	return "sha384-" + base64.StdEncoding.EncodeToString(sum[:]), nil
}

func (s *Shelf) file(name string) (file, error) {
	f, found := s.files[name]
	if !found {
		return file{}, fmt.Errorf("%w: %s", ErrNoFile, name)
	}
	return f, nil
}

// Serve answers with the file, compressed for browsers that take it so. One that
// is asked for by its [Shelf.Path] may be kept for ever. The error is ErrNoFile,
// without the name: a stranger chose it.
func (s *Shelf) Serve(w http.ResponseWriter, r *http.Request, name string) error {
	f, found := s.files[name]
	if !found {
		return ErrNoFile
	}
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	if r.URL.Query().Get("v") == f.version {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	content, tag := f.content, `"`+f.version+`"`
	if f.zipped != nil {
		h.Set("Vary", "Accept-Encoding")
		if takesGzip(r) {
			content, tag = f.zipped(), `"`+f.version+`-gzip"`
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("ETag", tag)
	h.Set("Content-Type", f.kind)
	if r.Header.Get("If-None-Match") == tag {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Length", strconv.Itoa(len(content)))
	_, _ = w.Write(content) // nobody is left to tell
	return nil
}

// takesGzip reports whether the browser says that it does. One that names gzip
// with a weight of zero is no browser.
func takesGzip(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
}

// StyleSheet is all files of a pattern (see [fs.Glob]) joined, in the order of
// their names.
func StyleSheet(f fs.FS, pattern string) ([]byte, error) {
	names, err := fs.Glob(f, pattern)
	if err != nil {
		return nil, fmt.Errorf("read stylesheet: %w", err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("read stylesheet: %w: %s", ErrNoFile, pattern)
	}
	var all []byte
	for _, name := range names {
		part, err := fs.ReadFile(f, name)
		if err != nil {
			return nil, fmt.Errorf("read stylesheet: %w", err)
		}
		all = append(append(all, part...), '\n')
	}
	return all, nil
}
