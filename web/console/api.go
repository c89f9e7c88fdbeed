package console

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web/door"
)

// apiPrefix is below what the API is served.
const apiPrefix = "/api/v1"

// operation is one thing that a program can ask of the console. Who may is not
// said here: an operation has the roles and the rate of the page that it stands
// beside. The table of all operations is what the tests walk.
type operation struct {
	as           string        // the page's route, such as "POST /runs/{id}/send"; "" for one that has none
	also         []string      // further routes of pages that do the same
	method, path string        // below apiPrefix
	scope        payroll.Scope // what the token must be for; "" for any token
	id           string        // in the document, and the name of a function in programs that are made of it
	tag, summary string
	about        string // more, in the document; "" for nothing
	file         bool   // its body is a file, as it is
	body         int64  // most bytes of the body; 0 for maxForm
	gives        string // the media type of an answer that is no JSON; "" for JSON
	slow         bool   // the answer may take as long as a file takes to come in

	roles    []payroll.Role // of the page, or of the command where there is no page; nil: everybody who has a token
	rate     rateName
	register func(s *Server, api huma.API, op huma.Operation)
}

// operations is the one table.
func (s *Server) operations() []operation {
	all := slices.Concat(
		meOperations(), peopleOperations(), certificateOperations(), uploadOperations(), runOperations(), slipOperations(),
		calendarOperations(), auditOperations(), adminOperations(),
	)
	pages := make(map[string]route)
	for _, r := range s.table {
		pages[r.method+" "+r.path] = r
	}
	for i, o := range all {
		if o.as == "" {
			continue
		}
		page, found := pages[o.as]
		if !found {
			panic("api: " + o.id + " stands beside no page") // the table is ours
		}
		all[i].roles, all[i].rate = page.roles, page.rate
	}
	return all
}

// reply is an answer in JSON.
type reply[T any] struct{ Body T }

// tells is an operation that answers with a value.
func tells[I, O any](o operation, handle func(c *caller, ctx context.Context, in *I) (O, error)) operation {
	o.register = func(_ *Server, api huma.API, op huma.Operation) {
		huma.Register(api, op, func(ctx context.Context, in *I) (*reply[O], error) {
			c := callerOf(ctx)
			out, err := handle(c, ctx, in)
			if err != nil {
				return nil, c.problem(err)
			}
			return &reply[O]{out}, nil
		})
	}
	return o
}

// does is an operation that answers with nothing but that it is done.
func does[I any](o operation, handle func(c *caller, ctx context.Context, in *I) error) operation {
	o.register = func(_ *Server, api huma.API, op huma.Operation) {
		huma.Register(api, op, func(ctx context.Context, in *I) (*struct{}, error) {
			c := callerOf(ctx)
			if err := handle(c, ctx, in); err != nil {
				return nil, c.problem(err)
			}
			return nil, nil //nolint:nilnil // huma's way to say 204
		})
	}
	return o
}

// sends is an operation that answers with a file, as it is written.
func sends[I any](o operation, handle func(c *caller, ctx context.Context, in *I, out io.Writer) error) operation {
	type written struct{ Body func(huma.Context) }
	o.register = func(_ *Server, api huma.API, op huma.Operation) {
		name := op.OperationID
		op.Responses = map[string]*huma.Response{"200": {
			Description: "The file", Content: map[string]*huma.MediaType{o.gives: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
		}}
		huma.Register(api, op, func(ctx context.Context, in *I) (*written, error) {
			c := callerOf(ctx)
			out := &lateHeader{w: c.w, kind: o.gives, name: name + extensions[o.gives]}
			if err := handle(c, ctx, in, out); err != nil {
				if out.begun { // the file ends in the middle, so that nobody takes it for whole
					panic(http.ErrAbortHandler)
				}
				return nil, c.problem(err)
			}
			return &written{func(huma.Context) {}}, nil
		})
	}
	return o
}

var extensions = map[string]string{"text/csv; charset=utf-8": ".csv", "application/pdf": ".pdf"}

// apiRoom is the API as it was built once.
type apiRoom struct {
	table     []operation
	document  *huma.OpenAPI
	documents map[string]func() []byte // by the last part of their path
	failed    *door.Rates              // of tokens that count for nothing, by client
}

// api puts every operation, and the document that describes them, into the mux.
func (s *Server) serveAPI(mux *http.ServeMux) {
	s.api.table = s.operations()
	s.api.failed = door.NewRates(failedTokens)
	at := &collector{handlers: make(map[string]map[string]http.HandlerFunc)}
	api := humago.NewWithPrefix(at, "", apiConfig())
	for _, o := range s.api.table {
		o.register(s, api, o.described())
	}
	for path, handlers := range at.handlers {
		methods := make(map[string]http.Handler)
		for _, o := range s.api.table {
			if o.path == path {
				methods[o.method] = s.enterAPI(o, handlers[o.method])
			}
		}
		mux.Handle(apiPrefix+path, s.chooseAPI(path, methods))
	}
	s.api.document = api.OpenAPI()
	s.api.documents = documentsOf(s.api.document)
	for name, content := range s.api.documents {
		mux.Handle("GET "+apiPrefix+"/"+name, s.serveDocument(name, content))
	}
	mux.Handle(apiPrefix+"/", s.failAPI("(none)", errNoPage))
}

// collector takes huma's handlers in, to be put behind what each request passes.
type collector struct {
	handlers map[string]map[string]http.HandlerFunc // by path and method
}

// HandleFunc takes a pattern such as "GET /runs".
func (c *collector) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	method, path, _ := strings.Cut(pattern, " ")
	if c.handlers[path] == nil {
		c.handlers[path] = make(map[string]http.HandlerFunc)
	}
	c.handlers[path][method] = handler
}

// ServeHTTP is never called: the console's mux chooses.
func (c *collector) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "", http.StatusNotFound)
}

// apiConfig is huma without anything that it does by itself: no pages of its own,
// no links, JSON alone.
func apiConfig() huma.Config {
	format := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: unmarshalStrictly}
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "payseal", Version: "1",
				Description: "What the HR console does, for programs. Every request carries a token (Authorization: Bearer). " +
					"An operation says which scope the token needs (x-scope) and which roles its owner (x-roles). Amounts are in minor units. " +
					"What needs a person with a fresh second factor is not here: approving, releasing, signed exports, deciding proposals.",
			},
			Servers: []*huma.Server{{URL: apiPrefix}},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"token": {Type: "http", Scheme: "bearer", Description: "A token of an admin, made on their account's page."},
				},
			},
		},
		Formats:                      map[string]huma.Format{"application/json": format, "json": format}, // the latter of problem+json
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{plainProblem},
	}
}

// schemaName is what a type is called in the document: one of payroll's as it is,
// one of the API's as RunView, a list as ListPerson.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	if own, found := strings.CutPrefix(name, "Api"); found && !strings.HasPrefix(own, "List") {
		return own + "View"
	}
	return strings.ReplaceAll(name, "Api", "")
}

// described is the operation as the document has it.
func (o operation) described() huma.Operation {
	op := huma.Operation{
		OperationID: o.id, Method: o.method, Path: o.path, Summary: o.summary, Description: o.about, Tags: []string{o.tag},
		Security: []map[string][]string{{"token": {}}}, MaxBodyBytes: o.most() + 1, BodyReadTimeout: door.ReadTimeout,
		Extensions: map[string]any{"x-roles": rolesOrAll(o.roles)},
	}
	if o.scope != "" {
		op.Extensions["x-scope"] = o.scope
	}
	if o.file {
		op.RequestBody = &huma.RequestBody{Required: true, Description: "The file, as it is.", Content: map[string]*huma.MediaType{
			"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
		}}
	}
	return op
}

func (o operation) most() int64 {
	if o.body > 0 {
		return o.body
	}
	return maxForm
}

func rolesOrAll(roles []payroll.Role) []payroll.Role {
	if roles == nil {
		return payroll.Roles
	}
	return roles
}

// documentsOf is the document in each of its forms, written when it is first
// asked for.
func documentsOf(d *huma.OpenAPI) map[string]func() []byte {
	written := func(write func() ([]byte, error)) func() []byte {
		return sync.OnceValue(func() []byte {
			content, err := write()
			if err != nil {
				panic(fmt.Errorf("write the API's document: %w", err)) // made of our own types
			}
			return content
		})
	}
	return map[string]func() []byte{
		"openapi.json":     written(func() ([]byte, error) { return json.MarshalIndent(d, "", "  ") }),
		"openapi.yaml":     written(d.YAML),
		"openapi-3.0.json": written(func() ([]byte, error) { return downgraded(d) }),
	}
}

// downgraded is the document for programs that know OpenAPI 3.0, which has no media
// types of contents.
func downgraded(d *huma.OpenAPI) ([]byte, error) {
	content, err := d.Downgrade()
	return bytes.ReplaceAll(content, []byte(`"contentMediaType":"application/octet-stream",`), nil), err
}

// serveDocument gives out a document. It says nothing of this installation, so it
// is for whoever comes.
func (s *Server) serveDocument(name string, content func() []byte) http.Handler {
	kind := "application/json"
	if strings.HasSuffix(name, ".yaml") {
		kind = "application/yaml"
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		door.LineOf(r).Route = apiPrefix + "/" + name
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(content()) // nobody is left to tell
	})
}
