package browsertest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/payseal/payseal/internal/browsertest"
)

func TestMain(m *testing.M) { os.Exit(browsertest.Around(m).Run()) }

const first = `<!doctype html><html lang=en><head><title>First</title><meta name=viewport content="width=device-width"></head><body><main>
<h1>First page</h1>
<form method=post action=/second><label>Name <input id=name name=name></label> <label>File <input type=file id=file name=file></label>
<button>Go on</button></form>
<p id=quiet hidden>Hidden words</p><noscript><p id=noscript>No scripts here</p></noscript>
</main></body></html>`

// site serves a page, and a second one that says what was posted to it.
func site(t *testing.T) *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, first) })
	mux.HandleFunc("GET /policy", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'")
		_, _ = io.WriteString(w, strings.Replace(first, "<main>", "<script>document.title='inline'</script><main>", 1))
	})
	mux.HandleFunc("GET /blind", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Replace(first, "<label>Name <input id=name name=name></label>", "<input>", 1))
	})
	mux.HandleFunc("POST /second", func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, "<title>Second</title><h1>Hello %s</h1>", r.FormValue("name"))
	})
	server := httptest.NewTLSServer(mux)
	t.Cleanup(server.Close)
	return server
}

func TestFormsAndRequests(t *testing.T) {
	t.Parallel()
	server, tab := site(t), browsertest.Start(t)
	tab.Open(server.URL + "/")
	tab.See("h1", "First page")
	tab.Axe()
	tab.Overflow()
	tab.Pictures("first")
	tab.Type("#name", "Kiran")
	tab.Type("#name", "किरण") // instead of, not behind
	tab.Click("button")
	tab.See("h1", "Hello किरण")
	if got := tab.Text("h1"); got != "Hello किरण" {
		t.Errorf("Text gives %q", got)
	}
	var posted int
	for _, r := range tab.Requests() {
		if r.Method == http.MethodPost && strings.Contains(string(r.Body), "name=%E0%A4%95") {
			posted++
		}
	}
	if posted != 1 {
		t.Errorf("the form's body was recorded %d times", posted)
	}
}

func TestBeaconsAndSocketsAreRecorded(t *testing.T) {
	t.Parallel()
	server, tab := site(t), browsertest.Start(t)
	tab.Open(server.URL + "/")
	var sent bool
	tab.Value(`navigator.sendBeacon("/beacon", "a marked word")`, &sent)
	tab.Value(`new Promise(done => { const s = new WebSocket(location.href.replace("https", "wss") + "socket-word"); s.onerror = () => done(true) })`, &sent)
	tab.Value(`fetch("/?query-word#fragment-word", {headers: {"X-Mark": "header-word"}, method: "POST", body: "body-word"}).then(() => true)`, &sent)
	all := fmt.Sprintf("%s", tab.Requests())
	for _, mark := range []string{"a marked word", "socket-word", "query-word", "fragment-word", "header-word", "body-word"} {
		if !strings.Contains(all, mark) {
			t.Errorf("%q was not recorded", mark)
		}
	}
}

func TestDownloadsAndFiles(t *testing.T) {
	t.Parallel()
	server, tab := site(t), browsertest.Start(t)
	tab.Open(server.URL + "/")
	var done bool
	tab.Value(`(() => { const a = document.createElement("a"); a.download = "key backup.asc"
		a.href = URL.createObjectURL(new Blob(["the contents"])); a.click(); return true })()`, &done)
	if got := string(tab.Download("key backup.asc")); got != "the contents" {
		t.Errorf("downloaded %q", got)
	}
	tab.Choose("#file", filepath.Join(tab.Downloads, "key backup.asc"))
	var name string
	tab.Value(`document.querySelector("#file").files[0].text()`, &name)
	if name != "the contents" {
		t.Errorf("the file field reads %q", name)
	}
}

func TestTabsAreStrangers(t *testing.T) {
	t.Parallel()
	server, one, other := site(t), browsertest.Start(t), browsertest.Start(t)
	const left = `document.cookie + localStorage.length`
	const download = `(() => { const a = document.createElement("a"); a.download = "slip.txt"
		a.href = URL.createObjectURL(new Blob([%q])); a.click(); return true })()`
	var done bool
	var found string
	one.Open(server.URL + "/")
	one.Value(`(() => { document.cookie = "who=one"; localStorage.who = "one"; return true })()`, &done)
	if one.Value(left, &found); found != "who=one1" {
		t.Errorf("the first tab has %q of its own", found)
	}
	other.Open(server.URL + "/")
	if other.Value(left, &found); found != "0" {
		t.Errorf("the second tab finds %q", found)
	}
	one.Value(fmt.Sprintf(download, "of one"), &done)
	one.Download("slip.txt")
	other.Value(fmt.Sprintf(download, "of the other"), &done)
	if got := string(other.Download("slip.txt")); got != "of the other" {
		t.Errorf("the second tab downloaded %q", got)
	}
	for _, tab := range []*browsertest.Tab{one, other} {
		tab.Until("document.hasFocus()")
	}
}

func TestWithoutScripts(t *testing.T) {
	t.Parallel()
	server, tab := site(t), browsertest.Start(t)
	tab.Scripts(false)
	tab.Open(server.URL + "/")
	tab.See("#noscript", "No scripts here")
	tab.Type("#name", "Nobody")
	tab.Click("button")
	tab.See("h1", "Hello Nobody")
}

func TestViewports(t *testing.T) {
	t.Parallel()
	server, tab := site(t), browsertest.Start(t)
	tab.Open(server.URL + "/")
	for _, v := range []browsertest.Viewport{browsertest.Phone, browsertest.Desktop} {
		tab.Size(v)
		tab.Until(fmt.Sprintf("window.innerWidth === %d", v.Width))
	}
	tab.Scheme("dark")
	tab.Until(`matchMedia("(prefers-color-scheme: dark)").matches`)
	tab.Languages("ar,en;q=0.5")
	tab.Open(server.URL + "/")
	last := tab.Requests()[len(tab.Requests())-1]
	if !strings.HasPrefix(last.Header["Accept-Language"], "ar") && !strings.HasPrefix(last.Header["accept-language"], "ar") {
		t.Errorf("the headers %v do not ask for Arabic", last.Header)
	}
}

func TestNetworkIsOutOfReach(t *testing.T) {
	t.Parallel()
	server, tab := site(t), browsertest.Start(t)
	tab.Open(strings.Replace(server.URL, "127.0.0.1", "payroll.acme.example", 1) + "/")
	tab.See("h1", "First page")
	var reached bool
	tab.Value(`fetch("https://example.com/", {mode: "no-cors"}).then(() => true, () => false)`, &reached)
	if reached {
		t.Error("a page reached the network")
	}
}

func TestPolicyBreachIsHeard(t *testing.T) {
	t.Parallel()
	server, tab := site(t), browsertest.Start(t)
	tab.Open(server.URL + "/policy")
	tab.See("h1", "First page")
	if heard := tab.Complaints(); len(heard) == 0 || !strings.Contains(heard[0], "Content Security Policy") {
		t.Errorf("heard %q", heard)
	}
}

func TestErrorsAreHeard(t *testing.T) {
	t.Parallel()
	server, tab := site(t), browsertest.Start(t)
	tab.Open(server.URL + "/")
	var done bool
	tab.Value(`new Promise(done => { setTimeout(() => { setTimeout(() => done(true)); null.nothing }) })`, &done)
	if heard := tab.Complaints(); len(heard) != 1 || !strings.Contains(heard[0], "TypeError") {
		t.Errorf("heard %q", heard)
	}
}

// recorder is a test that may fail without failing the one around it.
type recorder struct {
	testing.TB
	said []string
}

func (r *recorder) Errorf(format string, values ...any) {
	r.said = append(r.said, fmt.Sprintf(format, values...))
}

func TestAxeFindsAFieldWithoutLabel(t *testing.T) {
	t.Parallel()
	server, inner := site(t), &recorder{TB: t}
	tab := browsertest.Start(inner)
	tab.Open(server.URL + "/blind")
	tab.Axe()
	if len(inner.said) != 1 || !strings.Contains(inner.said[0], "axe label") {
		t.Errorf("axe said %q", inner.said)
	}
}

func TestPicturesAreWritten(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "pictures")
	t.Setenv("PAYSEAL_PICTURES", folder)
	server, tab := site(t), browsertest.Start(t)
	tab.Open(server.URL + "/")
	tab.Pictures("page")
	for _, name := range []string{"page-phone.png", "page-desktop.png"} {
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil || !strings.HasPrefix(string(content), "\x89PNG") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
