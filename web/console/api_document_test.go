package console

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// conform holds an answer of the API against the document that the console serves.
func (c *testConsole) conform(r *http.Request, a answer) {
	c.t.Helper()
	if a.status == http.StatusMisdirectedRequest || !strings.HasPrefix(r.URL.Path, apiPrefix) {
		return
	}
	found, params, err := c.document().FindRoute(r)
	if err != nil {
		if a.status != http.StatusNotFound && a.status != http.StatusMethodNotAllowed {
			c.t.Errorf("%s %s answered %d and is not in the document: %v", r.Method, r.URL.Path, a.status, err)
		}
		return
	}
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: found}
	out := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: a.status, Header: a.header, Body: io.NopCloser(strings.NewReader(a.body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
		c.t.Errorf("%s %s answered %d other than the document says: %v\n%s", r.Method, r.URL.Path, a.status, err, a.body)
	}
}

// document is the one that the console serves, as OpenAPI 3.0, which the validator
// knows whole.
func (c *testConsole) document() routers.Router {
	c.t.Helper()
	c.read.Do(func() {
		d, err := openapi3.NewLoader().LoadFromData(c.api.documents["openapi-3.0.json"]())
		must(c.t, err)
		d.Servers = openapi3.Servers{{URL: c.address(apiPrefix)}}
		c.router, err = gorillamux.NewRouter(d)
		must(c.t, err)
	})
	return c.router
}

func TestDocument(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	d, err := openapi3.NewLoader().LoadFromData([]byte(c.as("").get(apiPrefix + "/openapi-3.0.json").body))
	must(t, err)
	must(t, d.Validate(t.Context(), openapi3.DisableExamplesValidation()))
	d, err = openapi3.NewLoader().LoadFromData([]byte(c.as("").get(apiPrefix + "/openapi.json").body))
	must(t, err)
	if d.OpenAPI != "3.1.0" || d.Paths.Len() < 40 {
		t.Errorf("%s with %d paths", d.OpenAPI, d.Paths.Len())
	}
	if err := d.Validate(t.Context(), openapi3.DisableExamplesValidation()); err != nil {
		t.Errorf("as 3.1: %v", err)
	}
	a := c.program("eve").get("/me").is(http.StatusOK)
	for _, part := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'", "form-action 'self'"} {
		if got := a.header.Get("Content-Security-Policy"); !strings.Contains(got, part) || strings.Contains(got, "unsafe") {
			t.Errorf("the policy lacks %s: %s", part, got)
		}
	}
}
