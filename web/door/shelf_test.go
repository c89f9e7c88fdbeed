package door

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func newTestShelf(t *testing.T) *Shelf {
	t.Helper()
	s := NewShelf()
	s.Add("one.css", []byte("a{}"))
	folder := fstest.MapFS{
		"big.js":       {Data: bytes.Repeat([]byte("let a\n"), 1000)},
		"font.woff2":   {Data: make([]byte, 5000)},
		"mark.svg":     {Data: []byte("<svg/>")},
		".hidden":      {Data: []byte("x")},
		"README.txt":   {Data: []byte("x")},
		"below/deep.x": {Data: []byte("x")},
	}
	if err := s.AddFolder(folder, func(name string) bool { return name == "README.txt" }); err != nil {
		t.Fatal(err)
	}
	return s
}

// take asks the shelf for a path, with headers in pairs.
func take(s *Shelf, path string, headers ...string) (*httptest.ResponseRecorder, error) {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	err := s.Serve(w, r, strings.TrimPrefix(r.URL.Path, "/static/"))
	return w, err
}

func TestShelf(t *testing.T) {
	t.Parallel()
	s := newTestShelf(t)
	for name, kind := range map[string]string{
		"one.css": "text/css; charset=utf-8", "big.js": "text/javascript; charset=utf-8", "font.woff2": "font/woff2", "mark.svg": "image/svg+xml",
	} {
		path, err := s.Path(name)
		if err != nil || !strings.HasPrefix(path, "/static/"+name+"?v=") {
			t.Errorf("%s: path %q, %v", name, path, err)
		}
		a, err := take(s, path)
		if err != nil || a.Code != http.StatusOK || a.Header().Get("Content-Type") != kind || !strings.Contains(a.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v, %v", name, a.Code, a.Header(), err)
		}
		if a, _ := take(s, "/static/"+name+"?v=0000"); a.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: another version may be kept: %v", name, a.Header())
		}
		known, _ := take(s, path, "If-None-Match", a.Header().Get("ETag"))
		if known.Code != http.StatusNotModified || known.Body.Len() > 0 {
			t.Errorf("%s, known already: %d", name, known.Code)
		}
	}
	for _, name := range []string{".hidden", "README.txt", "below", "deep.x", "below/deep.x", "", "../door.go"} {
		if a, err := take(s, "/static/"+name); !errors.Is(err, ErrNoFile) || len(a.Header()) > 0 {
			t.Errorf("%q: %v %v", name, a.Header(), err)
		}
		if path, err := s.Path(name); path != "" || !errors.Is(err, ErrNoFile) {
			t.Errorf("%q: path %q, %v", name, path, err)
		}
		if hash, err := s.Integrity(name); hash != "" || !errors.Is(err, ErrNoFile) {
			t.Errorf("%q: hash %q, %v", name, hash, err)
		}
	}
}

// TestShelfCompresses what is worth it, and for browsers that take it.
func TestShelfCompresses(t *testing.T) {
	t.Parallel()
	s := newTestShelf(t)
	plain, _ := take(s, "/static/big.js")
	packed, _ := take(s, "/static/big.js", "Accept-Encoding", "gzip, br")
	if packed.Header().Get("Content-Encoding") != "gzip" || packed.Header().Get("Vary") != "Accept-Encoding" || packed.Header().Get("ETag") == plain.Header().Get("ETag") {
		t.Errorf("%v and %v", packed.Header(), plain.Header())
	}
	unpacked, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(unpacked)
	want, _ := io.ReadAll(plain.Body)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes of %d, %v", len(got), len(want), err)
	}
	for _, name := range []string{"one.css", "font.woff2"} {
		if a, _ := take(s, "/static/"+name, "Accept-Encoding", "gzip"); a.Header().Get("Content-Encoding") != "" {
			t.Errorf("%s is compressed", name)
		}
	}
}

// TestPathsFollowContents, so that a browser never keeps what has changed.
func TestPathsFollowContents(t *testing.T) {
	t.Parallel()
	s := newTestShelf(t)
	path, _ := s.Path("one.css")
	hash, _ := s.Integrity("one.css")
	s.Add("one.css", []byte("b{}"))
	if after, _ := s.Path("one.css"); after == path {
		t.Errorf("still %s", path)
	}
	after, err := s.Integrity("one.css")
	if after == hash || err != nil {
		t.Errorf("still %s, %v", hash, err)
	}
	// printf 'b{}' | openssl dgst -sha384 -binary | base64
	if want := "sha384-SQNXm2fpDDXH4qQxEf3DGYpEb8i9sT4PiJ1Y4CkfwqDi5bpP8I8AnITZYWADARxA"; after != want {
		t.Errorf("%s, want %s", after, want)
	}
}

func TestStyleSheet(t *testing.T) {
	t.Parallel()
	folder := fstest.MapFS{
		"style/20-b.css": {Data: []byte("b{}")}, "style/10-a.css": {Data: []byte("a{}")}, "style/notes.txt": {Data: []byte("no")},
	}
	if all, err := StyleSheet(folder, "style/*.css"); err != nil || string(all) != "a{}\nb{}\n" {
		t.Errorf("%q, %v", all, err)
	}
	if _, err := StyleSheet(folder, "styles/*.css"); !errors.Is(err, ErrNoFile) {
		t.Errorf("no parts: %v", err)
	}
	if _, err := StyleSheet(folder, "["); err == nil {
		t.Error("no pattern, and no error")
	}
}
