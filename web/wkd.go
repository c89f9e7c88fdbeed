package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web/door"
)

// wkdRoutes are the Web Key Directory (draft-koch-openpgp-webkey-service §3.1).
// One pattern holds both methods, for a mail domain may be named "hu", too.
func (s *Server) wkdRoutes() []route {
	return []route{{method: http.MethodGet, path: wellKnown + "openpgpkey/{rest...}", handle: s.wkd, bare: true}}
}

// wkd answers policy and hu/HASH by the direct method, where the host is the
// addresses' domain, and DOMAIN/policy and DOMAIN/hu/HASH by the advanced one,
// where it is openpgpkey.DOMAIN.
func (s *Server) wkd(w http.ResponseWriter, r *http.Request, _ *visit) error {
	domain := s.Certificate.Address().Domain()
	if s.Publish != PublishCompany && s.Publish != PublishEmployees || domain == "" {
		return wkdNothing(w)
	}
	path, host := r.PathValue("rest"), domain
	if named, rest, _ := strings.Cut(path, "/"); strings.EqualFold(named, domain) {
		path, host = rest, "openpgpkey."+domain
	}
	if !s.wkdHost(r, host) {
		return wkdNothing(w)
	}
	hash, asked := strings.CutPrefix(path, "hu/")
	switch {
	case path == "policy":
		wkdHeaders(w, "text/plain; charset=utf-8", 0) // empty: nothing deviates from the draft's defaults
		return nil
	case asked && wkdHash(hash):
		return s.wkdCertificate(w, r, domain, hash)
	}
	return wkdNothing(w)
}

// wkdHost reports whether the request is for the host that the method asks for,
// or for the origin's, as one that another server has passed on may be.
func (s *Server) wkdHost(r *http.Request, want string) bool {
	got := door.PlainHost(r.Host, "https")
	return strings.TrimSuffix(got, ".") == want || got == door.PlainHost(s.Origin.Host, s.Origin.Scheme)
}

// wkdCertificate gives out the certificate of one address, by the hash of its
// local part. Whatever is not there is answered alike. What ?l= says of the local
// part is not looked at: the hash alone counts.
func (s *Server) wkdCertificate(w http.ResponseWriter, r *http.Request, domain, hash string) error {
	content := s.Certificate.Bytes()
	if hash != keystore.WKDHash(s.Certificate.Address()) {
		if s.Publish != PublishEmployees {
			return wkdNothing(w)
		}
		var err error
		content, err = s.Desk.PublishedCertificate(r.Context(), domain, hash)
		if errors.Is(err, payroll.ErrNotFound) {
			return wkdNothing(w)
		}
		if err != nil {
			return err
		}
	}
	wkdHeaders(w, "application/octet-stream", len(content))
	_, _ = w.Write(content) // a certificate in binary, never shown as a page; nobody is left to tell
	return nil
}

// wkdHash reports whether a text may be a hash: 32 characters of Z-Base-32.
func wkdHash(text string) bool {
	return len(text) == 32 && strings.Trim(text, "ybndrfg8ejkmcpqxot1uwisza345h769") == ""
}

// wkdHeaders lets programs in browsers read the directory from any site, as the
// draft asks, and caches keep it for a while.
func wkdHeaders(w http.ResponseWriter, kind string, length int) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(length))
}

// wkdNothing answers for every address that is not published, and says no more.
func wkdNothing(w http.ResponseWriter) error {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.Write([]byte("not found\n")) // nobody is left to tell
	return nil
}
