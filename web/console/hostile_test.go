package console

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web/door"
)

// hostileTexts are what somebody may write where a name, a number or a reason is
// expected.
var hostileTexts = []string{
	"a\x00b", "\xff\xfe\xed\xa0\x80", "\u202egnp.exe", "=1+2|' /C calc'!A0", "<script>alert(1)</script>{{.}}", "a\r\nSet-Cookie: x=y",
	"../../etc", "a/b", "%2f", "%00", "?", "#", ".", "..", " ", "-1", "0", "9223372036854775807", "9223372036854775808", "1e999", strings.Repeat("x", 700),
}

// wildcard is a part of a route's path that is not fixed.
var wildcard = regexp.MustCompile(`\{[^}]*\}`)

// fieldNames are all names of form fields, and of queries, that any page reads.
var fieldNames = []string{
	"q", "show", "department", "number", "after", "before", "state", "year", "kind", "about", "all", "note", "reason", "as", "form", "name", "to", "for",
	"result", "method", "email", "structure", "presentation", "fingerprint", "day", "clock", "manifest", "source", "new_source", "sheet", "encoding", "separator", "decimal",
	"header_row", "currency", "period", "pay_date", "header-0", "as-0", "label-0", "roles", "role", "employee", "password", "code", "again", "token", "scope", "scopes",
	"days", "from", "until", "who", "what", "subject", "id", "run", "which", "list", "other", "word", "date", "zone", "rule", "country", "months", "said", "page", "cursor",
}

// sweeps leaves out what ends the visit or takes a second of work.
func sweeps(r route) bool {
	return r.path != "/sign-out" && r.path != "/static/{name}" && !strings.Contains(r.path, "/events") && !strings.HasPrefix(r.path, "/account/visits")
}

// TestNothingHostileIsAMistakeOfOurs asks every route for everything hostile in
// its path, its query and its form: whatever the answer is, it is the visitor's
// mistake and not the console's.
func TestNothingHostileIsAMistakeOfOurs(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for name := range c.rates {
		c.rates[name] = door.NewRates(door.Rate{})
	}
	c.payees(3)
	for _, r := range c.table {
		if !sweeps(r) {
			continue
		}
		b := c.as("eve")
		for _, text := range hostileTexts {
			paths := []string{wildcard.ReplaceAllLiteralString(r.path, "1")}
			if wildcard.MatchString(r.path) && len(text) < 1000 {
				paths = append(paths, wildcard.ReplaceAllLiteralString(r.path, url.PathEscape(text)))
			}
			for _, path := range paths {
				if r.stepUp {
					b.stepUp(path)
				}
				fields := url.Values{}
				for _, name := range fieldNames {
					fields.Set(name, text)
				}
				a := b.sweep(r, strings.ReplaceAll(path, "{$}", ""), fields)
				if a.status >= http.StatusInternalServerError && a.status != http.StatusServiceUnavailable {
					t.Errorf("%s %s with %.20q: status %d", r.method, path, text, a.status)
				}
				if strings.Contains(a.body, "<script>alert") || a.header.Get("Set-Cookie") == "x=y" {
					t.Errorf("%s %s with %.20q comes through", r.method, path, text)
				}
			}
		}
	}
}

func (b *client) sweep(r route, path string, fields url.Values) answer {
	if r.method == http.MethodGet {
		q := url.Values{}
		for name, values := range fields {
			if len(values[0]) < 1000 || name == "q" || name == "to" {
				q[name] = values
			}
		}
		return b.do(b.request(http.MethodGet, path+"?"+q.Encode(), nil))
	}
	if r.upload {
		return b.upload(path, fields)
	}
	return b.do(b.request(http.MethodPost, path, strings.NewReader(fields.Encode())))
}

// upload is a form with a file whose name is hostile.
func (b *client) upload(path string, fields url.Values) answer {
	var body strings.Builder
	for name, values := range fields {
		_, _ = io.WriteString(&body, "--edge\r\nContent-Disposition: form-data; name=\""+name+"\"\r\n\r\n"+values[0]+"\r\n")
	}
	_, _ = io.WriteString(&body, "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\""+strings.NewReplacer("\r", "", "\n", "").Replace(fields.Get("name"))+".csv\"\r\n\r\na,b\n1,2\n\r\n--edge--\r\n")
	r := b.request(http.MethodPost, path, strings.NewReader(body.String()))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=edge")
	return b.do(r)
}

// TestOneAdminLeavesOthersRoomToWatch: whoever opens many streams keeps nobody
// else from watching.
func TestOneAdminLeavesOthersRoomToWatch(t *testing.T) {
	t.Parallel()
	var l live
	look := func(context.Context) (liveFrame, error) { return liveFrame{state: payroll.RunSending}, nil }
	var leave func()
	for range maxOneWatch {
		var err error
		leave, err = l.watch(t.Context(), 1, "ada", look)
		must(t, err)
		t.Cleanup(func() { l.close() })
	}
	if _, err := l.watch(t.Context(), 2, "ada", look); !errors.Is(err, payroll.ErrTooMany) {
		t.Errorf("one more gives %v", err)
	}
	if _, err := l.watch(t.Context(), 1, "bea", look); err != nil {
		t.Errorf("another admin cannot: %v", err)
	}
	leave()
	if _, err := l.watch(t.Context(), 2, "ada", look); err != nil {
		t.Errorf("a place that came free is not given: %v", err)
	}
}
