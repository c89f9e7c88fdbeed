package console

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
)

// token makes a token of the admin with the scopes; none stands for all that the
// admin's roles allow.
func (c *testConsole) token(name payroll.AdminName, scopes ...payroll.Scope) string {
	c.t.Helper()
	if len(scopes) == 0 {
		for _, a := range admins {
			if a.Name == name {
				scopes = payroll.ScopesOf(a.Roles)
			}
		}
	}
	text, _ := payroll.NewToken()
	text = tokenPrefix + text
	must(c.t, c.store.CreateToken(c.t.Context(), payroll.Token{Admin: name, Label: "the " + string(name) + " of tests", Scopes: scopes}, payroll.HashToken(text), time.Hour))
	return text
}

// program asks the API with a token.
type program struct {
	c     *testConsole
	t     testing.TB
	token string
}

// program is one with a token of that admin.
func (c *testConsole) program(name payroll.AdminName, scopes ...payroll.Scope) *program {
	c.t.Helper()
	return &program{c, c.t, c.token(name, scopes...)}
}

// told is an answer of the API.
type told struct {
	answer
	t testing.TB
}

// into reads the answer as JSON.
func (a told) into(v any) {
	a.t.Helper()
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		a.t.Fatalf("%v in %d %s", err, a.status, a.body)
	}
}

// is fails the test unless the answer has the status.
func (a told) is(status int) told {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d\n%s", a.status, status, a.body)
	}
	return a
}

// ask sends a request below the prefix: no body, a file as a string, or anything
// else as JSON. The answer is held against the document.
func (p *program) ask(method, path string, body any, headers ...string) told {
	p.t.Helper()
	var content io.Reader
	kind := ""
	switch b := body.(type) {
	case nil:
	case string:
		content, kind = strings.NewReader(b), "application/octet-stream"
	default:
		encoded, err := json.Marshal(b)
		must(p.t, err)
		content, kind = bytes.NewReader(encoded), "application/json"
	}
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.c.address(apiPrefix+path), content)
	must(p.t, err)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if p.token != "" {
		r.Header.Set("Authorization", "Bearer "+p.token)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return p.send(r)
}

func (p *program) send(r *http.Request) told {
	p.t.Helper()
	response, err := http.DefaultClient.Do(r)
	must(p.t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	must(p.t, err)
	a := told{answer{response.StatusCode, response.Header, string(content)}, p.t}
	p.c.conform(r, a.answer)
	return a
}

func (p *program) get(path string) told            { p.t.Helper(); return p.ask("GET", path, nil) }
func (p *program) post(path string, body any) told { p.t.Helper(); return p.ask("POST", path, body) }
func (p *program) put(path string, body any) told  { p.t.Helper(); return p.ask("PUT", path, body) }
func (p *program) gone(path string) told           { p.t.Helper(); return p.ask("DELETE", path, nil) }

// object is a body of JSON.
type object map[string]any
