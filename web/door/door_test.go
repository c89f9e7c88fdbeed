package door

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// logbook keeps what was logged.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// newDoor is a door before which errors are shown as their text.
func newDoor(t testing.TB) (*Door, *logbook) {
	t.Helper()
	book := &logbook{}
	return &Door{
		Origin: &url.URL{Scheme: "https", Host: "pay.acme.example"},
		Policy: "default-src 'none'",
		Answer: func(w http.ResponseWriter, _ *http.Request, err error) error {
			switch {
			case errors.Is(err, ErrOtherHost):
				http.Error(w, "other host", http.StatusMisdirectedRequest)
				return nil
			case errors.Is(err, ErrOtherPlace):
				http.Error(w, "other place", http.StatusForbidden)
				return nil
			}
			w.WriteHeader(http.StatusInternalServerError)
			return err
		},
		Now: time.Now,
		Log: slog.New(slog.NewTextHandler(io.MultiWriter(book, t.Output()), nil)),
	}, book
}

// ask lets one request through the door, with headers in pairs.
func ask(d *Door, pages http.HandlerFunc, method, target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	d.Handler(pages).ServeHTTP(w, r)
	return w
}

const home = "https://pay.acme.example/"

func nothing(http.ResponseWriter, *http.Request) {}

func TestHeaders(t *testing.T) {
	t.Parallel()
	d, _ := newDoor(t)
	for _, target := range []string{home, "https://evil.example/"} {
		h := ask(d, nothing, http.MethodGet, target).Header()
		for name, want := range map[string]string{
			"Content-Security-Policy":      "default-src 'none'",
			"X-Content-Type-Options":       "nosniff",
			"X-Frame-Options":              "DENY",
			"Referrer-Policy":              "strict-origin",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Strict-Transport-Security":    "max-age=63072000; includeSubDomains",
			"X-Robots-Tag":                 "noindex, nofollow",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", target, name, got, want)
			}
		}
		if len(h.Get("X-Request-Id")) != 16 || h.Get("Permissions-Policy") == "" {
			t.Errorf("%s: headers %v", target, h)
		}
	}
	d.Origin.Scheme = "http"
	if h := ask(d, nothing, http.MethodGet, home).Header(); h.Get("Strict-Transport-Security") != "" {
		t.Error("strict transport is promised without any")
	}
}

// TestHeadersAreDefaults: a page may have a policy of its own, and if it fails
// after all, nothing of that is left.
func TestHeadersAreDefaults(t *testing.T) {
	t.Parallel()
	d, _ := newDoor(t)
	framed := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Frame-Options", "SAMEORIGIN")
		w.Header().Set("Content-Security-Policy", "frame-ancestors 'self'")
		w.Header().Set("Content-Disposition", "inline")
		if r.URL.Path == "/broken" {
			panic("marked")
		}
	}
	if h := ask(d, framed, http.MethodGet, home).Header(); h.Get("X-Frame-Options") != "SAMEORIGIN" || h.Get("Content-Security-Policy") != "frame-ancestors 'self'" {
		t.Errorf("headers %v", h)
	}
	w := ask(d, framed, http.MethodGet, home+"broken")
	if h := w.Header(); w.Code != http.StatusInternalServerError || h.Get("X-Frame-Options") != "DENY" || h.Get("Content-Disposition") != "" ||
		h.Get("Cache-Control") != "no-store" || h.Get("X-Request-Id") == "" {
		t.Errorf("%d, headers %v", w.Code, h)
	}
}

func TestOtherHosts(t *testing.T) {
	t.Parallel()
	d, book := newDoor(t)
	d.Machines = func(path string) bool { return strings.HasPrefix(path, "/.well-known/") }
	for target, want := range map[string]int{
		home:                              200,
		"https://PAY.acme.example:443/":   200,
		"https://pay.acme.example:8443/":  421,
		"https://pay.acme.example:80/":    421,
		"https://evil.example/":           421,
		"https://pay.acme.example.evil/":  421,
		"https://10.0.0.7/healthz":        200,
		"https://10.0.0.7/healthz/more":   421,
		"https://10.0.0.7/.well-known/x":  200,
		"https://10.0.0.7/x/.well-known/": 421,
	} {
		w := ask(d, nothing, http.MethodGet, target, "X-Forwarded-Host", "pay.acme.example")
		if w.Code != want || want == 421 && w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d, want %d", target, w.Code, want)
		}
	}
	if logged := book.String(); !strings.Contains(logged, "route=(host) status=421") || strings.Contains(logged, "evil") {
		t.Errorf("logged:\n%s", logged)
	}
	d.Machines = nil
	if ask(d, nothing, http.MethodGet, "https://10.0.0.7/healthz").Code != 200 || ask(d, nothing, http.MethodGet, "https://10.0.0.7/.well-known/x").Code != 421 {
		t.Error("without Machines, not the health check alone is answered")
	}
}

func TestPlainHost(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ host, scheme, want string }{
		{"Pay.ACME.example", "https", "pay.acme.example"},
		{"pay.acme.example:443", "https", "pay.acme.example"},
		{"pay.acme.example:443", "http", "pay.acme.example:443"},
		{"pay.acme.example:80", "http", "pay.acme.example"},
		{"pay.acme.example:8443", "https", "pay.acme.example:8443"},
	} {
		if got := PlainHost(test.host, test.scheme); got != test.want {
			t.Errorf("%v: %q", test, got)
		}
	}
}

func TestOtherPlaces(t *testing.T) {
	t.Parallel()
	d, book := newDoor(t)
	const own = "https://pay.acme.example"
	for _, test := range []struct {
		headers []string
		want    int
	}{
		{nil, 200}, // no browser
		{[]string{"Sec-Fetch-Site", "same-origin"}, 200},
		{[]string{"Sec-Fetch-Site", "none"}, 200},
		{[]string{"Sec-Fetch-Site", "same-origin", "Origin", own}, 200},
		{[]string{"Origin", own}, 200}, // an old browser
		{[]string{"Sec-Fetch-Site", "same-site"}, 403},
		{[]string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, 403},
		{[]string{"Sec-Fetch-Site", "same-origin", "Origin", "http://pay.acme.example"}, 403},
		{[]string{"Origin", "http://pay.acme.example"}, 403},
		{[]string{"Origin", "null"}, 403},
		{[]string{"Origin", own + ":1"}, 403},
		{[]string{"Referer", own + "/page"}, 200}, // a very old browser
		{[]string{"Referer", "https://evil.example/" + own}, 403},
		{[]string{"Referer", "http://pay.acme.example/page"}, 403},
		{[]string{"Origin", own, "Referer", "https://evil.example/"}, 200}, // Origin is the one that counts
		{[]string{"Sec-Fetch-Site", "none", "Referer", "https://evil.example/"}, 200},
	} {
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
			if w := ask(d, nothing, method, home, test.headers...); w.Code != test.want {
				t.Errorf("%s with %q: %d, want %d", method, test.headers, w.Code, test.want)
			}
		}
		if w := ask(d, nothing, http.MethodGet, home, test.headers...); w.Code != 200 {
			t.Errorf("GET with %q: %d", test.headers, w.Code)
		}
	}
	if logged := book.String(); !strings.Contains(logged, "route=(origin) status=403") || strings.Contains(logged, "evil") {
		t.Errorf("logged:\n%s", logged)
	}
}

func TestOneLineForEachRequest(t *testing.T) {
	t.Parallel()
	d, book := newDoor(t)
	ticks := time.Unix(0, 0)
	d.Now = func() time.Time { ticks = ticks.Add(time.Second); return ticks }
	for method, page := range map[string]http.HandlerFunc{
		"GET": func(_ http.ResponseWriter, r *http.Request) { LineOf(r).Route = "/silent" },
		"POST": func(w http.ResponseWriter, r *http.Request) {
			LineOf(r).Route = "/made"
			w.WriteHeader(http.StatusCreated)
		},
		"DELETE": func(w http.ResponseWriter, r *http.Request) {
			LineOf(r).Err = errors.New("read x")
			w.WriteHeader(http.StatusServiceUnavailable)
		},
		"MARKED": func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, LineOf(r).ID) },
	} {
		w := ask(d, page, method, home+"marked?marked", "User-Agent", "marked", "Referer", home+"marked")
		if id := w.Header().Get("X-Request-Id"); !strings.Contains(book.String(), id) || method == "MARKED" && w.Body.String() != id {
			t.Errorf("%s: id %q", method, id)
		}
	}
	logged := book.String()
	for _, want := range []string{
		"method=GET route=/silent status=200 took=1s\n", "method=POST route=/made status=201 took=1s\n",
		`method=DELETE route=(none) status=503 took=1s error="read x"`, "method=other route=(none) status=200 took=1s\n",
	} {
		if strings.Count(logged, want) != 1 {
			t.Errorf("not once %q in\n%s", want, logged)
		}
	}
	if strings.Count(logged, "\n") != 4 || strings.Contains(strings.ToLower(logged), "marked") || strings.Contains(logged, "192.0.2.1") {
		t.Errorf("logged:\n%s", logged)
	}
	if l := LineOf(httptest.NewRequest(http.MethodGet, home, nil)); *l != (Line{}) {
		t.Errorf("a line from nowhere: %v", l)
	}
}

// TestPanics: a surprise is an ordinary answer, and the log tells where it was,
// without what it held.
func TestPanics(t *testing.T) {
	t.Parallel()
	d, book := newDoor(t)
	w := ask(d, func(_ http.ResponseWriter, r *http.Request) { LineOf(r).Route = "/broken"; panic("marked") }, http.MethodGet, home)
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "marked") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	logged := book.String()
	if !strings.Contains(logged, "msg=panic") || !strings.Contains(logged, "TestPanics") || !strings.Contains(logged, `route=/broken status=500`) ||
		!strings.Contains(logged, `error="panic of type string"`) || strings.Contains(logged, "marked") {
		t.Errorf("logged:\n%s", logged)
	}
}

// TestPanicInTheMiddle: half an answer is cut off, never ended as if it were
// whole, and has its line nevertheless.
func TestPanicInTheMiddle(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]http.HandlerFunc{
		"written": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 10_000)); panic("marked") },
		"flushed": func(w http.ResponseWriter, _ *http.Request) {
			_ = http.NewResponseController(w).Flush()
			panic("marked")
		},
		"aborted": func(w http.ResponseWriter, _ *http.Request) {
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
	} {
		site, book := newSite(t, broken)
		a, err := site.Client().Get(site.URL)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		body, err := io.ReadAll(a.Body)
		_ = a.Body.Close()
		if err == nil || a.StatusCode != http.StatusOK || len(body) > 10_000 {
			t.Errorf("%s: %d with %d bytes, and no error", name, a.StatusCode, len(body))
		}
		site.Close() // waits for the line
		logged := book.String()
		if strings.Count(logged, "msg=request") != 1 || !strings.Contains(logged, "status=200") || strings.Contains(logged, "marked") ||
			strings.Contains(logged, `error="panic of type string"`) != (name != "aborted") {
			t.Errorf("%s: logged:\n%s", name, logged)
		}
	}
}

// newSite serves pages through a door, over TLS.
func newSite(t *testing.T, pages http.HandlerFunc) (*httptest.Server, *logbook) {
	t.Helper()
	d, book := newDoor(t)
	site := httptest.NewUnstartedServer(nil)
	d.Origin.Host = site.Listener.Addr().String()
	site.Config = HTTP(d.Handler(pages), d.Log)
	site.EnableHTTP2 = true
	site.StartTLS()
	t.Cleanup(site.Close)
	return site, book
}

// TestAnswersThatGoOn: a handler streams through the door, and lifts the limits
// that would cut it off.
func TestAnswersThatGoOn(t *testing.T) {
	t.Parallel()
	for _, version := range []int{1, 2} {
		next := make(chan struct{})
		site, _ := newSite(t, func(w http.ResponseWriter, r *http.Request) { stream(t, w, r, next) })
		client := site.Client()
		client.Transport.(*http.Transport).ForceAttemptHTTP2 = version == 2
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, site.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		a, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if a.ProtoMajor != version {
			t.Errorf("HTTP/%d, want %d", a.ProtoMajor, version)
		}
		lines := bufio.NewScanner(a.Body)
		for i := range 3 {
			if !lines.Scan() || lines.Text() != fmt.Sprintf("data: %d", i) || !lines.Scan() {
				t.Fatalf("HTTP/%d, event %d: %q, %v", version, i, lines.Text(), lines.Err())
			}
			next <- struct{}{}
		}
		_ = a.Body.Close()
	}
}

// stream sends three events, each when the reader has seen the one before.
func stream(t *testing.T, w http.ResponseWriter, r *http.Request, next <-chan struct{}) {
	control := http.NewResponseController(w)
	if err := errors.Join(control.SetWriteDeadline(time.Time{}), control.SetReadDeadline(time.Time{})); err != nil {
		t.Errorf("lift the deadlines: %v", err)
	}
	for i := range 3 {
		_, _ = fmt.Fprintf(w, "data: %d\n\n", i)
		if err := control.Flush(); err != nil {
			t.Errorf("flush: %v", err)
		}
		select {
		case <-next:
		case <-r.Context().Done():
			return
		}
	}
}

// TestTimeLimits: every limit that a slow connection could otherwise stretch.
func TestTimeLimits(t *testing.T) {
	t.Parallel()
	d, _ := newDoor(t)
	h := HTTP(http.HandlerFunc(nothing), d.Log)
	if h.ReadHeaderTimeout <= 0 || h.ReadTimeout <= 0 || h.WriteTimeout <= 0 || h.IdleTimeout <= 0 || h.MaxHeaderBytes <= 0 || h.MaxHeaderBytes > 64<<10 {
		t.Errorf("%v %v %v %v %d", h.ReadHeaderTimeout, h.ReadTimeout, h.WriteTimeout, h.IdleTimeout, h.MaxHeaderBytes)
	}
	if WriteTimeout <= ReadTimeout+AnswerTimeout {
		t.Error("a handler that takes all its time is cut off before it has answered")
	}
}

func TestForMachines(t *testing.T) {
	t.Parallel()
	d, _ := newDoor(t)
	if w := ask(d, Health, http.MethodGet, home+"healthz"); w.Body.String() != "alive\n" {
		t.Errorf("%s", w.Body)
	}
	if w := ask(d, Robots, http.MethodGet, home+"robots.txt"); !strings.Contains(w.Body.String(), "Disallow: /\n") {
		t.Errorf("%s", w.Body)
	}
}
