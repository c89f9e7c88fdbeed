package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/payseal/payseal/web/door"
)

// route is one thing that can be asked of the form. The table of all routes is
// what the tests walk, too.
type route struct {
	method  string // GET (which answers HEAD too) or POST
	path    string // a pattern of net/http; below /{lang} unless bare
	handle  handler
	session bool     // needs a session of an employee; without one the visitor is led to sign in
	bare    bool     // no language in its path
	rate    rateName // "" for no limit of its own
	body    int64    // most bytes of a request's body; 0 for maxForm. The body is parsed as a form, except with upload
	upload  bool     // multipart/form-data, read by the handler itself
	shown   bool     // the path can be asked for with GET, in every language; mux finds it out
}

// pattern is the route as it stands in logs: never a path that was asked for,
// which may hold a token.
func (r route) pattern() string {
	if r.bare {
		return r.path
	}
	return "/{lang}" + r.path
}

// routes is the one table.
func (s *Server) routes() []route {
	return slices.Concat(
		s.entryRoutes(),  // enter.go
		s.ladderRoutes(), // ladder.go
		s.publicRoutes(), // public.go
		s.guideRoutes(),  // guides.go
		s.manageRoutes(), // manage.go
		s.wkdRoutes(),    // wkd.go
		[]route{
			{method: "GET", path: "/static/{name}", handle: s.static, bare: true},
			{method: "GET", path: "/robots.txt", handle: machine(door.Robots), bare: true},
			{method: "GET", path: door.HealthPath, handle: machine(door.Health), bare: true},
			{method: "GET", path: "/{$}", handle: s.chooseLanguage, bare: true},
		},
	)
}

// machine is a handler of what the door has for machines.
func machine(h http.HandlerFunc) handler {
	return func(w http.ResponseWriter, r *http.Request, _ *visit) error {
		h(w, r)
		return nil
	}
}

// mux knows every path in every language. A path that no route has is not found,
// a method that its routes do not have is not allowed; both answer in the
// visitor's language.
func (s *Server) mux() *http.ServeMux {
	mux := http.NewServeMux()
	methods := make(map[string]map[string]route)
	var patterns []string
	for _, r := range s.table {
		if methods[r.pattern()] == nil {
			methods[r.pattern()] = make(map[string]route)
			patterns = append(patterns, r.pattern())
		}
		methods[r.pattern()][r.method] = r
	}
	for _, pattern := range patterns {
		h := s.choose(pattern, methods[pattern])
		if !strings.HasPrefix(pattern, "/{lang}") {
			mux.Handle(pattern, h)
			continue
		}
		for _, lang := range Languages {
			mux.Handle(strings.Replace(pattern, "{lang}", lang, 1), h)
		}
	}
	for _, lang := range Languages {
		mux.Handle("/"+lang, http.RedirectHandler("/"+lang+"/", http.StatusMovedPermanently))
	}
	mux.Handle("/", s.adapt(route{path: "(none)", bare: true, handle: notFound}))
	return mux
}

// choose picks the route of a path by the request's method.
func (s *Server) choose(pattern string, methods map[string]route) http.Handler {
	allow := []string{"OPTIONS"}
	handlers := make(map[string]http.Handler)
	_, shown := methods["GET"]
	for method, r := range methods {
		r.shown = shown && !r.bare
		handlers[method], allow = s.adapt(r), append(allow, method)
	}
	if h, found := handlers["GET"]; found {
		handlers["HEAD"], allow = h, append(allow, "HEAD")
	}
	slices.Sort(allow)
	path, ours := strings.CutPrefix(pattern, "/{lang}")
	other := s.adapt(route{path: path, bare: !ours, shown: shown && ours, handle: notAllowed})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h, found := handlers[r.Method]; found {
			h.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Allow", strings.Join(allow, ", "))
		other.ServeHTTP(w, r)
	})
}
