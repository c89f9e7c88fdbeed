package door

import (
	"net"
	"net/http"
	"net/url"
	"strings"
)

// HealthPath is asked by machines that know the server by its address alone.
const HealthPath = "/healthz"

// knownHost refuses requests for another host than the origin's. Nothing is ever
// made of the Host header; but a page that answers to any name can be used by
// one that somebody else has pointed here.
func (d *Door) knownHost(next http.Handler) http.Handler {
	want := PlainHost(d.Origin.Host, d.Origin.Scheme)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if PlainHost(r.Host, d.Origin.Scheme) != want && !d.forMachines(r.URL.Path) {
			LineOf(r).Route = "(host)"
			d.refuse(w, r, ErrOtherHost)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (d *Door) forMachines(path string) bool {
	return path == HealthPath || d.Machines != nil && d.Machines(path)
}

// PlainHost is a host in lower case without the port that its scheme has anyway.
func PlainHost(host, scheme string) string {
	host = strings.ToLower(host)
	name, port, err := net.SplitHostPort(host)
	if err == nil && (scheme == "https" && port == "443" || scheme == "http" && port == "80") {
		return name
	}
	return host
}

// sameOrigin refuses whatever another site makes a browser send here.
func (d *Door) sameOrigin(next http.Handler) http.Handler {
	refuse := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		LineOf(r).Route = "(origin)"
		d.refuse(w, r, ErrOtherPlace)
	})
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(refuse)
	protected := protection.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if changes(r.Method) && !d.sentHere(r.Header) {
			refuse.ServeHTTP(w, r)
			return
		}
		protected.ServeHTTP(w, r)
	})
}

// sentHere looks at what net/http's protection does not: the scheme of an Origin,
// and, of a browser that is too old to say where a request comes from, the page
// that it names. Without any of them it was no browser.
func (d *Door) sentHere(h http.Header) bool {
	if origin := h.Get("Origin"); origin != "" {
		return d.ours(origin)
	}
	referer := h.Get("Referer")
	return referer == "" || h.Get("Sec-Fetch-Site") != "" || d.ours(referer)
}

// changes reports whether a method may change something (RFC 9110 §9.2.1).
func changes(method string) bool {
	return method != http.MethodGet && method != http.MethodHead && method != http.MethodOptions
}

// ours reports whether an Origin header, or the address of a page, names the
// origin, its scheme included: net/http's protection compares hosts alone.
func (d *Door) ours(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == d.Origin.Scheme && PlainHost(u.Host, u.Scheme) == PlainHost(d.Origin.Host, d.Origin.Scheme)
}

// Health says that the process answers, and nothing else. It is for HealthPath.
func Health(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("alive\n")) // nobody is left to tell
}

// Robots asks search engines to stay away. It is for /robots.txt.
func Robots(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("User-agent: *\nDisallow: /\n")) // as above
}
