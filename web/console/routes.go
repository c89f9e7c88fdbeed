package console

import (
	"net/http"
	"slices"
	"strings"

	"github.com/payseal/payseal/payroll"
)

// route is one thing that can be asked of the console. The table of all routes
// is what the tests walk, too: every route times every role.
type route struct {
	method string // GET (which answers HEAD too) or POST
	path   string // a pattern of net/http
	handle handler
	open   bool           // for whoever comes, signed in or not
	roles  []payroll.Role // who may, beside whoever an open one lets in; nil: everybody who is signed in
	stepUp bool           // a POST that wants a fresh second factor, for its path and, if the form has one, its manifest
	takes  bool           // with stepUp: the handler uses the factor up, in the transaction of its act
	rate   rateName       // "" for no limit of its own
	body   int64          // most bytes of a request's body; 0 for maxForm. The body is parsed as a form, except with upload
	upload bool           // multipart/form-data, read by the handler itself
	stream bool           // the answer goes on: the time limits of an answer do not hold
}

// routes is the one table.
func (s *Server) routes() []route {
	return slices.Concat(
		[]route{
			{method: "GET", path: "/static/{name}", handle: s.static, open: true},
			{method: "GET", path: "/robots.txt", handle: robots, open: true},
			{method: "GET", path: "/healthz", handle: healthz, open: true},
		},
		s.signInRoutes(),    // sign_in.go: in, out, one-time links, step-up
		s.accountRoutes(),   // account.go: one's own factors, sessions, tokens
		s.adminRoutes(),     // admins.go: admins, and what takes two people
		s.homeRoutes(),      // home.go
		s.peopleRoutes(),    // people.go: the roster, a person, import
		s.callRoutes(),      // calls.go: phone checks
		s.uploadRoutes(),    // upload.go: a new run
		s.approvalRoutes(),  // approvals.go
		s.runRoutes(),       // runs.go: a run on its way, its slips, reports, corrections
		s.scheduleRoutes(),  // schedules.go: schedules and holidays
		s.auditRoutes(),     // audit.go
		s.settingsRoutes(),  // settings.go
		s.retentionRoutes(), // retention.go
		s.healthRoutes(),    // health.go
		s.apiRoutes(),       // api_page.go: what the API can do; the API itself is in api.go
	)
}

// Who may what, in the words of the table.
var (
	makers    = []payroll.Role{payroll.RoleMaker}
	approvers = []payroll.Role{payroll.RoleApprover}
	operators = []payroll.Role{payroll.RoleOperator}
	everybody = payroll.Roles
	// Whoever sees names and states; amounts are for makers and approvers.
	amounts = []payroll.Role{payroll.RoleMaker, payroll.RoleApprover}
)

// mux knows every path. One that no route has is not found, a method that its
// routes do not have is not allowed.
func (s *Server) mux() *http.ServeMux {
	mux := http.NewServeMux()
	methods := make(map[string]map[string]route)
	for _, r := range s.table {
		if methods[r.path] == nil {
			methods[r.path] = make(map[string]route)
		}
		methods[r.path][r.method] = r
	}
	for path, routes := range methods {
		mux.Handle(path, s.choose(path, routes))
	}
	s.serveAPI(mux)
	mux.Handle("/", s.adapt(route{path: "(none)", open: true, handle: notFound}))
	return mux
}

// choose picks the route of a path by the request's method.
func (s *Server) choose(path string, methods map[string]route) http.Handler {
	allow := []string{"OPTIONS"}
	handlers := make(map[string]http.Handler)
	for method, r := range methods {
		handlers[method], allow = s.adapt(r), append(allow, method)
	}
	if h, found := handlers["GET"]; found {
		handlers["HEAD"], allow = h, append(allow, "HEAD")
	}
	slices.Sort(allow)
	other := s.adapt(route{path: path, open: true, handle: notAllowed})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h, found := handlers[r.Method]; found {
			h.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Allow", strings.Join(allow, ", "))
		other.ServeHTTP(w, r)
	})
}
