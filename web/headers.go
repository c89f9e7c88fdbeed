package web

import (
	"net"
	"net/http"
	"net/url"
	"strings"
)

// policy lets a page load its own style, scripts, pictures and fonts, send its
// forms home, and nothing else.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// withHeaders puts on every answer what browsers need to be told.
func (s *Server) withHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "strict-origin") // never a path; "no-referrer" would take the Origin of our own forms, too
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("X-Robots-Tag", "noindex, nofollow")
		if s.Origin.Scheme == "https" {
			h.Set("Strict-Transport-Security", "max-age=63072000")
		}
		next.ServeHTTP(w, r)
	})
}

// wellKnown is where the Web Key Directory and other things for machines are,
// which are asked for under other names, too.
const wellKnown = "/.well-known/"

// knownHost refuses requests for another host than the origin's. Nothing is ever
// made of the Host header; but a page that answers to any name can be used by
// one that somebody else has pointed here.
func (s *Server) knownHost(next http.Handler) http.Handler {
	refuse := s.adapt(route{path: "(host)", bare: true, handle: func(http.ResponseWriter, *http.Request, *visit) error { return errOtherHost }})
	want := plainHost(s.Origin.Host, s.Origin.Scheme)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		machines := strings.HasPrefix(r.URL.Path, wellKnown) || r.URL.Path == "/healthz"
		if plainHost(r.Host, s.Origin.Scheme) != want && !machines {
			refuse.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// plainHost is a host in lower case without the port that its scheme has anyway.
func plainHost(host, scheme string) string {
	host = strings.ToLower(host)
	name, port, err := net.SplitHostPort(host)
	if err == nil && (scheme == "https" && port == "443" || scheme == "http" && port == "80") {
		return name
	}
	return host
}

// sameOrigin refuses whatever another site makes a browser send here.
func (s *Server) sameOrigin(next http.Handler) http.Handler {
	refuse := s.adapt(route{path: "(origin)", bare: true, handle: func(http.ResponseWriter, *http.Request, *visit) error { return errOtherPlace }})
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(refuse)
	protected := protection.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if origin := r.Header.Get("Origin"); r.Method == http.MethodPost && origin != "" && !s.ours(origin) {
			refuse.ServeHTTP(w, r)
			return
		}
		protected.ServeHTTP(w, r)
	})
}

// ours reports whether an Origin header names the origin, its scheme included:
// net/http's protection compares hosts alone.
func (s *Server) ours(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Scheme == s.Origin.Scheme && plainHost(u.Host, u.Scheme) == plainHost(s.Origin.Host, s.Origin.Scheme)
}

func (s *Server) robots(w http.ResponseWriter, _ *http.Request, _ *visit) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("User-agent: *\nDisallow: /\n"))
	return nil
}

// health says that the process answers, and nothing else.
func (s *Server) health(w http.ResponseWriter, _ *http.Request, _ *visit) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("alive\n"))
	return nil
}
