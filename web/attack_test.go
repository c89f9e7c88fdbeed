package web

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web/door"
)

func (f *form) enrolee(t testing.TB, number payroll.EmployeeNumber) payroll.Enrolee {
	t.Helper()
	e, err := f.store.Enrolee(t.Context(), number)
	must(t, err)
	return e
}

// pathOf is a path of the route, with x for its variable parts.
func pathOf(r route) string {
	return strings.NewReplacer("{lang}", "en", "{$}", "", "{token}", "x", "{name}", "x").Replace(r.pattern())
}

// TestAnotherEmployeesThings: whatever Kiren asks for and sends, in every session
// route there is, Kiran's things are neither shown nor touched.
func TestAnotherEmployeesThings(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	hers, _ := f.proven(t, kiran, "kiran@acme.example")
	f.certify(t, kiran)
	newer := newPerson(t, "Kiran A <kiran@acme.example>")
	hers.upload(t, "/en/certificate", publicKey(t, newer), "")
	hers.post(t, "/en/proof/code")
	code := f.mails(t)[payroll.NoticeProofCode].secret
	before := f.enrolee(t, kiran)
	his := f.entered(t, kiren)
	fields := []string{
		"code", code, "employee", string(kiran), "number", string(kiran), "email", "kiran@acme.example", "address", "kiren2@acme.example",
		"fingerprint", string(before.Certificates[0].Fingerprint), "current", string(before.Certificates[1].Fingerprint),
		"seen", "nothing", "structure", "combined", "presentation", "inline", "kind", "suspicious_mail", "words", "hello",
		"text", string(publicKey(t, newer)), "confirm", "yes",
	}
	for _, route := range f.table {
		if !route.session {
			continue
		}
		var a answer
		switch {
		case route.method == http.MethodGet:
			a = his.get(t, pathOf(route)+"?employee="+string(kiran)+"&number="+string(kiran))
		case route.upload:
			a = his.upload(t, pathOf(route), publicKey(t, newer), "")
		default:
			a = his.post(t, pathOf(route), fields...)
		}
		if a.status >= 500 {
			t.Errorf("%s %s: %d", route.method, route.path, a.status)
		}
		for _, mark := range []string{"Kiran A", "kiran@acme.example", "ending in 42", strings.Fields(before.Certificates[1].Fingerprint.Grouped())[9]} {
			// A refused certificate is shown to whoever handed it in.
			if strings.Contains(a.body, mark) && !strings.Contains(a.body, "another address") {
				t.Errorf("%s %s shows %s\n%s", route.method, route.path, mark, a.body)
			}
		}
	}
	if diff := cmp.Diff(before, f.enrolee(t, kiran)); diff != "" {
		t.Errorf("Kiran's things have changed (-before +after):\n%s", diff)
	}
	if e := f.enrolee(t, kiren); len(e.Certificates) > 0 {
		t.Errorf("Kiran's certificate is Kiren's now: %v", e.Certificates)
	}
	if a := hers.post(t, "/en/proof", "code", code); a.to() != "/en/call" {
		t.Errorf("Kiran's own code is worth nothing any more: %d", a.status)
	}
}

// TestReplay: every request of the ladder, sent again.
func TestReplay(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	v, key := f.entered(t, kiran), publicKey(t, newPerson(t, "Kiran A <kiran@acme.example>"))
	var secret string
	for _, step := range []func() answer{
		func() answer { return v.upload(t, "/en/certificate", key, "") },
		func() answer { return v.post(t, "/en/certificate/found", "text", string(key)) },
		func() answer { return v.post(t, "/en/proof", "code", secret) },
		func() answer {
			return v.post(t, "/en/specimen/seen", "seen", "opened", "structure", "combined", "presentation", "inline")
		},
		func() answer { return v.post(t, "/en/proof/code") },
		func() answer { return v.upload(t, "/en/certificate", key, "") },
	} {
		if secret == "" && len(f.enrolee(t, kiran).Certificates) > 0 {
			v.post(t, "/en/proof/code")
			secret = f.mails(t)[payroll.NoticeProofCode].secret
		}
		if a := step(); a.status >= 400 {
			t.Fatalf("first: %d\n%s", a.status, a.body)
		}
		once := f.enrolee(t, kiran)
		if a := step(); a.status >= 400 {
			t.Errorf("again: %d\n%s", a.status, a.body)
		}
		if diff := cmp.Diff(once, f.enrolee(t, kiran)); diff != "" {
			t.Errorf("sent again it changed something:\n%s", diff)
		}
	}
}

// TestBruteForce: after five wrong codes the right one is worth nothing, and
// there are three codes an hour.
func TestBruteForce(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	v := f.entered(t, kiran)
	v.upload(t, "/en/certificate", publicKey(t, newPerson(t, "Kiran A <kiran@acme.example>")), "")
	for range 3 {
		if a := v.post(t, "/en/proof/code"); a.status != http.StatusSeeOther {
			t.Fatalf("ask for a code: %d", a.status)
		}
		code := f.mails(t)[payroll.NoticeProofCode].secret
		for i := range 5 {
			if a := v.post(t, "/en/proof", "code", "AAAAA-AAAAA"); a.status != http.StatusUnprocessableEntity && i < 4 {
				t.Errorf("try %d: %d", i+1, a.status)
			}
		}
		if a := v.post(t, "/en/proof", "code", code); a.status != http.StatusTooManyRequests || !strings.Contains(a.body, "typed wrong five times") {
			t.Errorf("the right code after five wrong ones: %d\n%s", a.status, a.body)
		}
	}
	if a := v.post(t, "/en/proof/code"); a.status != http.StatusTooManyRequests || !strings.Contains(a.body, "Three codes an hour") {
		t.Errorf("the fourth code: %d\n%s", a.status, a.body)
	}
}

// TestPrivateKeysInDisguise: none is stored, each is named what it is.
func TestPrivateKeysInDisguise(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	v, key := f.entered(t, kiran), newPerson(t, "Kiran A <kiran@acme.example>")
	armored := secretKey(t, key)
	var binary, public bytes.Buffer
	must(t, key.SerializePrivate(&binary, nil))
	must(t, key.Serialize(&public))
	wide := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(string(armored))) {
		wide = append(wide, byte(unit), byte(unit>>8))
	}
	for name, file := range map[string][]byte{
		"armored":                   armored,
		"binary":                    binary.Bytes(),
		"labelled as public":        bytes.ReplaceAll(armored, []byte("PRIVATE"), []byte("PUBLIC")),
		"behind the public one":     append(publicKey(t, key), armored...),
		"behind it, binary":         append(public.Bytes(), binary.Bytes()...),
		"in a mail":                 append([]byte("Dear HR,\n\nhere is my key:\n\n"), bytes.ReplaceAll(armored, []byte("\n"), []byte("\r\n> "))...),
		"as Windows text":           bytes.ReplaceAll(armored, []byte("\n"), []byte("\r\n")),
		"as PowerShell writes it":   wide,
		"without its last line":     armored[:len(armored)-60],
		"in capitals and indented":  bytes.ReplaceAll(armored, []byte("\n"), []byte("\n    ")),
		"as base64 without a label": []byte(base64.StdEncoding.EncodeToString(binary.Bytes())),
	} {
		a := v.upload(t, "/en/certificate", file, "")
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "This is your private key") || !strings.Contains(a.body, "It was not stored") {
			t.Errorf("%s: %d\n%s", name, a.status, mainOf(a.body))
		}
	}
	if e := f.enrolee(t, kiran); len(e.Certificates) > 0 {
		t.Error("something was stored")
	}
	if strings.Contains(f.log.String(), string(armored[200:240])) {
		t.Error("it is in the log")
	}
}

// mainOf is what stands in the page's middle.
func mainOf(body string) string {
	_, after, _ := strings.Cut(body, "<main")
	middle, _, _ := strings.Cut(after, "</main>")
	return middle
}

// freeform makes a certificate with gpg whose user ID is any text at all.
func freeform(t testing.TB, userID string) []byte {
	t.Helper()
	home := t.TempDir()
	gpg := func(arguments ...string) []byte {
		cmd := exec.CommandContext(t.Context(), "gpg", append([]string{"--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback",
			"--passphrase", "", "--allow-freeform-uid"}, arguments...)...)
		cmd.Stderr = t.Output()
		out, err := cmd.Output()
		must(t, err)
		return out
	}
	t.Cleanup(func() {
		_ = exec.Command("gpgconf", "--homedir", home, "--kill", "gpg-agent").Run()
	})
	must(t, os.Chmod(home, 0o700))
	gpg("--quick-gen-key", userID, "default", "default", "1y")
	out := gpg("--armor", "--export")
	must(t, os.WriteFile(filepath.Join(home, "key.asc"), out, 0o600))
	return out
}

// TestScriptInAUserID: shown as the text that it is, whatever the verdict.
func TestScriptInAUserID(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	v := f.entered(t, kiran)
	for userID, want := range map[string]string{
		`x"><script>alert(1)</script> <kiran@acme.example>`:              `x&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;`,
		`Kiran " onmouseover='alert(1)' {{.}} &lt; <kiran@acme.example>`: `Kiran &#34; onmouseover=&#39;alert(1)&#39; {{.}} &amp;lt; &lt;kiran@acme.example&gt;`,
	} {
		a := v.upload(t, "/en/certificate", freeform(t, userID), "")
		if strings.Contains(a.body, "<script>") || strings.Contains(a.body, "onmouseover='") || !strings.Contains(a.body, want) {
			t.Errorf("%s: %d\n%s", userID, a.status, mainOf(a.body))
		}
	}
}

// TestForeignCertificates: someone else's, look-alikes, and two at once.
func TestForeignCertificates(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	v := f.entered(t, kiran)
	two := append(publicKey(t, newPerson(t, "Kiran A <kiran@acme.example>")), publicKey(t, newPerson(t, "Kiran A <kiran@acme.example>"))...)
	for name, test := range map[string]struct {
		file []byte
		want string
	}{
		"somebody else's":        {publicKey(t, newPerson(t, "Kiren B <kiren@acme.example>")), "for another address"},
		"a Cyrillic letter":      {publicKey(t, newPerson(t, "Kiran A <kirаn@acme.example>")), "for another address"},
		"a longer domain":        {publicKey(t, newPerson(t, "Kiran A <kiran@acme.example.evil.example>")), "in the wrong place"},
		"another domain":         {publicKey(t, newPerson(t, "Kiran A <kiran@acme-example.example>")), "for another address"},
		"the address as a name":  {publicKey(t, newPerson(t, "kiran@acme.example <k@evil.example>")), "in the wrong place"},
		"with a bidi override":   {freeform(t, "Kiran \u202e <kiran@acme.example>"), "in the wrong place"},
		"two certificates":       {two, "more than one"},
		"something else":         {[]byte("%PDF-1.7 hello"), "This is a PDF"},
		"nothing but blank text": {nil, "Choose a file or paste"},
	} {
		a := v.upload(t, "/en/certificate", test.file, "")
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, test.want) {
			t.Errorf("%s: %d\n%s", name, a.status, mainOf(a.body))
		}
	}
	if e := f.enrolee(t, kiran); len(e.Certificates) > 0 {
		t.Error("something was stored")
	}
}

// TestLookup: what was found is shown before it is handed in; the address is the
// employee's own, whatever is sent; failures tell nothing.
func TestLookup(t *testing.T) {
	t.Parallel()
	var asked []payroll.Address
	var found []byte
	var failure error
	f := newOffice(t, func(s *Server) {
		s.Lookup = func(_ context.Context, a payroll.Address) ([]byte, error) {
			asked = append(asked, a)
			return found, failure
		}
	})
	v := f.entered(t, kiran)
	key := publicKey(t, newPerson(t, "Kiran A <kiran@acme.example>"))
	look := func(content []byte, err error) answer {
		found, failure = content, err
		return v.post(t, "/en/certificate/lookup", "email", "root@localhost", "domain", "169.254.169.254", "url", "http://localhost/")
	}
	for name, test := range map[string]struct {
		found  []byte
		err    error
		status int
		want   string
	}{
		"nothing":         {nil, payroll.ErrNotFound, 200, "No certificate was found"},
		"a failure":       {nil, errors.New("dial tcp 10.0.0.1:443: marked"), 200, "No certificate was found"},
		"an empty answer": {nil, nil, 200, "No certificate was found"},
		"somebody else's": {publicKey(t, newPerson(t, "Kiren B <kiren@acme.example>")), nil, 422, "for another address"},
		"a web page":      {[]byte("<!DOCTYPE html><html><script>alert(1)</script>"), nil, 422, "This is a web page"},
		"a good one":      {key, nil, 200, "Is this your certificate?"},
	} {
		a := look(test.found, test.err)
		if a.status != test.status || !strings.Contains(a.body, test.want) || strings.Contains(a.body, "marked") || strings.Contains(a.body, "<script>alert") {
			t.Errorf("%s: %d\n%s", name, a.status, mainOf(a.body))
		}
	}
	for _, a := range asked {
		if a != "kiran@acme.example" {
			t.Errorf("asked for %s", a)
		}
	}
	if e := f.enrolee(t, kiran); len(e.Certificates) > 0 {
		t.Error("it was stored before it was handed in")
	}
	if a := v.post(t, "/en/certificate/found", "text", string(key)); a.status != http.StatusOK || !strings.Contains(a.body, "Your certificate is good") {
		t.Errorf("hand it in: %d\n%s", a.status, mainOf(a.body))
	}
	if a := f.visitor(t).post(t, "/en/certificate/lookup"); a.to() != "/en/sign-in" {
		t.Errorf("a stranger may ask: %d", a.status)
	}
}

// TestNothingLeaksIntoTheLog walks the ladder and looks for everything secret or
// personal in what was logged.
func TestNothingLeaksIntoTheLog(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	_, err := f.store.InviteEmployees(t.Context(), []payroll.EmployeeNumber{kiran}, "olga")
	must(t, err)
	v := f.visitor(t)
	token := f.mails(t)[payroll.NoticeInvitation].secret
	for _, path := range []string{"/en/enter/" + token, "/en/enter/" + token + "?x=" + token, "/en/nothing/" + token, "/" + token} {
		r := v.request(t, http.MethodGet, path, nil)
		r.Header.Set("Referer", "https://mail.example/"+token)
		r.Header.Set("User-Agent", token)
		v.do(t, r)
	}
	v.post(t, "/en/enter/"+token)
	v.post(t, "/en/enter/"+token)
	cookie := v.cookie()
	v.upload(t, "/en/certificate", publicKey(t, newPerson(t, "Kiran A <kiran@acme.example>")), "")
	v.post(t, "/en/proof/code")
	code := f.mails(t)[payroll.NoticeProofCode].secret
	v.post(t, "/en/proof", "code", code)
	v.post(t, "/en/link", "email", "kiran@acme.example")
	logged := f.log.String()
	if strings.Count(logged, "msg=request") < 9 {
		t.Fatalf("too little was logged:\n%s", logged)
	}
	fingerprint := string(f.enrolee(t, kiran).Certificates[0].Fingerprint)
	for _, mark := range []string{token, cookie, code, "Kiran", "kiran@", "4711", "5550042", fingerprint, "127.0.0.1"} {
		if mark == "" || strings.Contains(strings.ToLower(logged), strings.ToLower(mark)) {
			t.Errorf("%q is in the log:\n%s", mark, logged)
		}
	}
}

// TestNoOpenRedirects: nothing that is asked for leads to another site.
func TestNoOpenRedirects(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	v := f.entered(t, kiran)
	const evil = "evil.example"
	paths := []string{"//" + evil + "/", "/\\" + evil, "/en//" + evil, "/en/..//" + evil, "/%2f%2f" + evil, "/en/%0d%0aLocation:%20https://" + evil, "/https://" + evil}
	for _, route := range f.table {
		paths = append(paths, pathOf(route)+"?next=//"+evil+"&return=https://"+evil+"&url=https://"+evil)
	}
	for _, path := range paths {
		r := v.request(t, http.MethodGet, "/", nil)
		r.URL.Opaque = "//" + f.Origin.Host + path
		r.Header.Set("Referer", "https://"+evil+"/")
		a := v.do(t, r)
		if to := a.to(); strings.HasPrefix(to, "//") || strings.HasPrefix(to, "/\\") || to != "" && !strings.HasPrefix(to, "/") {
			t.Errorf("%s leads to %q", path, to)
		}
	}
	for _, route := range f.table {
		if route.method == http.MethodPost && !route.upload {
			if a := v.post(t, pathOf(route), "next", "//"+evil, "email", "x@"+evil, "return", "https://"+evil); strings.Contains(a.to(), evil) {
				t.Errorf("%s leads to %q", route.path, a.to())
			}
		}
	}
}

// TestTheCookie: what it says, that a stranger's is never taken over, and that it
// is worth nothing after signing out.
func TestTheCookie(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	_, err := f.store.InviteEmployees(t.Context(), []payroll.EmployeeNumber{kiran}, "olga")
	must(t, err)
	v := f.visitor(t)
	v.setCookie("chosenbysomebodyelse")
	a := v.post(t, "/en/enter/"+f.mails(t)[payroll.NoticeInvitation].secret)
	token := v.cookie()
	if token == "chosenbysomebodyelse" || len(token) != 32 {
		t.Errorf("token %q", token)
	}
	if want := cookieName + "=" + token + "; Path=/; HttpOnly; Secure; SameSite=Strict"; a.header.Get("Set-Cookie") != want {
		t.Errorf("%q, want %q", a.header.Get("Set-Cookie"), want)
	}
	if a := v.get(t, "/en/certificate"); a.status != http.StatusOK || len(a.header.Values("Set-Cookie")) > 0 {
		t.Errorf("%d, cookies %q", a.status, a.header.Values("Set-Cookie"))
	}
	again := f.entered(t, kiran) // in another browser: both go on
	if a := v.get(t, "/en/certificate"); a.status != http.StatusOK {
		t.Errorf("the first browser: %d", a.status)
	}
	v.post(t, "/en/sign-out")
	v.setCookie(token)
	if a := v.get(t, "/en/certificate"); a.to() != "/en/sign-in" || !strings.Contains(a.header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("after signing out: %d %q %q", a.status, a.to(), a.header.Get("Set-Cookie"))
	}
	if a := again.get(t, "/en/certificate"); a.status != http.StatusOK {
		t.Errorf("the other browser: %d", a.status)
	}
}

// TestTheFormAgreesWithTheJudge: what `keys check` says of a file, the form says
// of it.
func TestTheFormAgreesWithTheJudge(t *testing.T) {
	t.Parallel()
	f := newOffice(t, func(s *Server) { s.Limits.Judge = door.Rate{Every: time.Microsecond, Burst: 100} })
	v := f.entered(t, kiran)
	files, err := filepath.Glob("../keystore/testdata/certificates/*")
	must(t, err)
	if len(files) < 5 {
		t.Fatalf("only %d files", len(files))
	}
	made := [][]byte{
		publicKey(t, newPerson(t, "Kiran A <kiran@acme.example>")), publicKey(t, newPerson(t, "Kiran A <kiran.a@acme.example>")),
		secretKey(t, newPerson(t, "Kiran A <kiran@acme.example>")), []byte("hello"), []byte("ssh-ed25519 AAAA kiran"), {0x99, 0x01},
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		must(t, err)
		made = append(made, content)
	}
	words := f.words("en")
	for _, file := range made {
		_, verdict := keystore.Judge(file, "kiran@acme.example", time.Now())
		title := words("accepted.title")
		if !verdict.Accepted() {
			title = words("verdict." + string(verdict.Code) + "_title")
		}
		if a := v.upload(t, "/en/certificate", file, ""); !strings.Contains(a.body, "<h1>"+title+"</h1>") {
			t.Errorf("the judge says %s, and the form\n%s", verdict.Code, mainOf(a.body))
		}
	}
}
