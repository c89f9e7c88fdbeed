package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/payseal/payseal/internal/browsertest"
	"github.com/payseal/payseal/internal/pglocal/pgtest"
	"github.com/payseal/payseal/internal/smtptest"
)

// TestEnrolment is the whole story with real parts: three employees get an
// invitation, hand in a certificate in a real browser (one made there, one by gpg,
// one by sq), prove it with the code that gpg takes out of the mail, are called, and
// get a slip that gpg opens. The third is called only after pay day: the slip is
// held, and leaves by itself once the fingerprint is compared.
func TestEnrolment(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	people := []*enrolee{
		{number: "0042", name: "Ada Brontë", email: "ada@acme.example", certificate: madeInBrowser},
		{number: "0043", name: "Björn Çelik", email: "bjorn@acme.example", certificate: madeByGPG},
		{number: "0044", name: "Chidi Đặng", email: "chidi@acme.example", certificate: madeBySq, late: true},
	}
	o.hire(people)
	o.payseal(o.t, "employees", "invite", "--all", "--as", "maria")
	t.Run("people", func(t *testing.T) {
		for _, p := range people {
			t.Run(p.email, func(t *testing.T) {
				t.Parallel()
				o.enrol(t, p)
			})
		}
	})
	o.pay()
	for _, p := range people {
		if p.late {
			if said := plain(t, o.relay.await(t, p.email, "text/plain", p.seen)); !strings.Contains(said, "not been verified") {
				t.Errorf("the notice of the held slip says:\n%s", said)
			}
			o.callUp(t, p)
		}
		mail := o.relay.await(t, p.email, "multipart/encrypted", p.seen)
		if said := p.gpg(armorIn(mail), "--decrypt"); !strings.Contains(said, "GOODSIG") || !strings.Contains(said, "Payslip-2026-10.pdf") {
			t.Errorf("employee %s: gpg says of the slip:\n%.600s", p.number, said)
		}
	}
	if said := o.payseal(o.t, "readiness", "--pay-date", "2026-12-30"); !strings.Contains(said, "3") {
		t.Errorf("readiness says %s", said)
	}
}

// office is a company with its database, its relay, and payseal serve behind a
// proxy that does TLS.
type office struct {
	t      *testing.T
	dir    string
	relay  tray
	origin string
	people []*enrolee
}

func openOffice(t *testing.T) *office {
	t.Helper()
	relay, err := smtptest.Serve(smtptest.Options{})
	check(t, err)
	t.Cleanup(func() { _ = relay.Close() })
	o := &office{t: t, dir: t.TempDir(), relay: tray{relay, &lines{arrived: make(chan string, 1000)}}}
	front := httptest.NewUnstartedServer(nil)
	o.origin = "https://payroll.acme.example:" + front.Listener.Addr().String()[strings.LastIndex(front.Listener.Addr().String(), ":")+1:]
	o.write("database.url", pgtest.New(t, migrated))
	o.write("relay.pem", string(relay.CAPEM()))
	o.write("signer.passphrase", "a long passphrase of the company")
	o.write("payseal.toml", fmt.Sprintf(`
[company]
name = "ACME Private Limited"
color = "#7a1f3d"
contact = "Payroll office, +43 1 555 0100"
zone = "Europe/Vienna"
[database]
url_file = "database.url"
[signer]
passphrase_file = "signer.passphrase"
[relay]
host = "localhost"
port = %d
ca_file = "relay.pem"
rate_per_second = 1000
[delivery]
first_delay = "1s"
unsure_delay = "1s"
[web]
listen = "127.0.0.1:0"
origin = %q
trusted_proxies = ["127.0.0.1/32"]
[wkd]
lookup = false
[worker]
listen = ""
`, relay.Port(), o.origin))
	o.payseal(o.t, "vault", "init")
	o.payseal(o.t, "signer", "init", "--user-id", "ACME Payroll <payroll@acme.example>")
	o.payseal(o.t, "admins", "add", "olga", "--role", "operator")
	o.payseal(o.t, "admins", "add", "maria", "--role", "maker", "--as", "olga")
	o.payseal(o.t, "admins", "add", "anton", "--role", "approver", "--as", "olga")
	o.serve(front)
	return o
}

// serve runs payseal serve until the test ends, and puts the proxy before it.
func (o *office) serve(front *httptest.Server) {
	o.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	log := o.relay.log
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"--config", filepath.Join(o.dir, "payseal.toml"), "serve"}, io.Discard, log)
	}()
	o.t.Cleanup(func() {
		front.Close()
		stop()
		if code := <-ended; code != 0 {
			o.t.Errorf("payseal serve ended with %d", code)
		}
		for _, p := range o.people {
			for what, secret := range map[string]string{"token": p.token, "name": p.name, "address": p.email} {
				if strings.Contains(log.text(), secret) {
					o.t.Errorf("the log holds a %s", what)
				}
			}
		}
	})
	backend := &url.URL{Scheme: "http", Host: log.await(o.t, regexp.MustCompile(`pages are served" site=web.* address=(\S+)`))}
	front.Config.Handler = &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(backend)
		r.SetXForwarded()
		r.Out.Host = r.In.Host
	}}
	front.StartTLS()
}

func (o *office) write(name, content string) {
	o.t.Helper()
	check(o.t, os.WriteFile(filepath.Join(o.dir, name), []byte(content), 0o600))
}

// payseal runs one command that must succeed, and returns what it printed.
func (o *office) payseal(t *testing.T, args ...string) string {
	t.Helper()
	var out, trouble bytes.Buffer
	args = append([]string{"--config", filepath.Join(o.dir, "payseal.toml")}, args...)
	if code := run(context.Background(), args, &out, &trouble); code != 0 {
		t.Fatalf("payseal %s: exit %d\n%s%s", strings.Join(args[2:], " "), code, out.String(), trouble.String())
	}
	return out.String()
}

func (o *office) hire(people []*enrolee) {
	o.t.Helper()
	o.people = people
	company := []byte(o.payseal(o.t, "signer", "export"))
	table := "employee_id,name,email,phone\n"
	for _, p := range people {
		p.gpg = newGPG(o.t)
		p.gpg(company, "--import")
		table += fmt.Sprintf("%s,%s,%s,+43 1 555 0142\n", p.number, p.name, p.email)
	}
	o.write("employees.csv", table)
	o.payseal(o.t, "employees", "import", filepath.Join(o.dir, "employees.csv"), "--as", "maria")
}

// pay brings, approves and sends a run.
func (o *office) pay() {
	o.t.Helper()
	table := "employee_id,name,net,currency\n"
	for _, p := range o.people {
		table += fmt.Sprintf("%s,%s,2500.00,EUR\n", p.number, p.name)
		p.seen = len(o.relay.Messages())
	}
	o.write("run.csv", table)
	o.payseal(o.t, "runs", "import", filepath.Join(o.dir, "run.csv"), "--period", "2026-10", "--pay-date", "2026-10-30", "--as", "maria")
	o.payseal(o.t, "runs", "submit", "1", "--as", "maria")
	o.payseal(o.t, "runs", "approve", "1", "--as", "anton")
	o.payseal(o.t, "runs", "send", "1", "--as", "olga")
}

// enrolee is one employee on the ladder.
type enrolee struct {
	number, name, email string
	certificate         func(t *testing.T, tab *browsertest.Tab, p *enrolee)
	gpg                 func(input []byte, args ...string) string
	late                bool   // called only after pay day
	token               string // of the invitation's link
	fingerprint         string // as the page shows it
	seen                int    // mails that were there before the slip
}

// enrol walks the ladder from the invitation to the certified certificate.
func (o *office) enrol(t *testing.T, p *enrolee) {
	invitation := o.relay.await(t, p.email, "text/plain", 0)
	link := regexp.MustCompile(regexp.QuoteMeta(o.origin) + `/en/enter/\S+`).FindString(plain(t, invitation))
	if link == "" || bytes.Contains(invitation, []byte(p.number)) {
		t.Fatalf("the invitation says:\n%s", plain(t, invitation))
	}
	p.token = link[strings.LastIndex(link, "/")+1:]
	tab := browsertest.Start(t)
	tab.Open(link)
	look(tab, "enter")
	tab.Click("main form button")
	tab.See("h1", "certificate")
	look(tab, "certificate")
	p.certificate(t, tab, p)
	tab.See("h1", "Your certificate is good")
	look(tab, "accepted")
	before := len(o.relay.Messages())
	tab.Click("main form button")
	tab.See("label[for=code]", "ode")
	look(tab, "proof")
	opened := p.gpg(armorIn(o.relay.await(t, p.email, "multipart/encrypted", before)), "--decrypt")
	if !strings.Contains(opened, "GOODSIG") {
		t.Fatalf("the code's mail is not signed:\n%s", opened)
	}
	tab.Type("#code", regexp.MustCompile(`\b[2-9A-Z]{5}-[2-9A-Z]{5}\b`).FindString(opened))
	tab.Click("main form button")
	tab.See("h1", "HR will call you")
	tab.See(".lead", "ending in 42")
	look(tab, "call")
	p.fingerprint = tab.Text(".fingerprint")

	tab.Click(".actions a.button")
	tab.See("h1", "test slip")
	before = len(o.relay.Messages())
	tab.Click("main form button")
	specimen := o.relay.await(t, p.email, "multipart/encrypted", before)
	if said := p.gpg(armorIn(specimen), "--decrypt"); !strings.Contains(said, "GOODSIG") {
		t.Errorf("gpg says of the test slip:\n%.600s", said)
	}
	tab.Click("#seen-good")
	look(tab, "specimen")
	tab.Click("form[action$=seen] button")
	tab.See(".notice.success", "")
	look(tab, "done")

	if p.late {
		return
	}
	o.callUp(t, p)
	tab.Open(o.origin + "/en/me")
	look(tab, "me")
}

// callUp is HR: the list of calls, the number from the HR file, the comparison.
func (o *office) callUp(t *testing.T, p *enrolee) {
	t.Helper()
	listed := o.payseal(t, "--json", "keys", "calls")
	var call struct{ Employee, Phone, Fingerprint string }
	for line := range strings.Lines(listed) {
		if check(t, json.Unmarshal([]byte(line), &call)); call.Employee == p.number {
			break
		}
	}
	if call.Employee != p.number || call.Phone != "+43 1 555 0142" || call.Fingerprint != strings.Join(strings.Fields(p.fingerprint), "") {
		t.Fatalf("keys calls lists for %s:\n%s", p.number, listed)
	}
	said := o.payseal(t, "keys", "verify", p.number, "--fingerprint", p.fingerprint, "--method", "phone", "--note", "called the number of the HR file", "--as", "olga")
	if !strings.Contains(said, "certified, current") {
		t.Errorf("keys verify says %s", said)
	}
}

const employeePassphrase = "drei blaue Kroten zahlen Wolken"

// madeInBrowser makes the key on the page; gpg gets its backup.
func madeInBrowser(_ *testing.T, tab *browsertest.Tab, p *enrolee) {
	tab.Click(`a[href$="/make-key"]`)
	tab.Type("#passphrase", employeePassphrase)
	tab.Type("#passphrase-again", employeePassphrase)
	look(tab, "make-key")
	tab.Click(`[data-step="passphrase"] form button:not([type])`)
	tab.See("#backup-title", "Save your backup")
	look(tab, "make-key-backup")
	tab.Click(`[data-save="backup"]`)
	tab.Click(`[data-save="revocation"]`)
	tab.Download("payseal-revocation.asc")
	p.gpg(tab.Download("payseal-backup.asc"), "--import")
	tab.Click("#backup-done")
	tab.Choose("#backup-file", filepath.Join(tab.Downloads, "payseal-backup.asc"))
	tab.Type("#backup-passphrase", employeePassphrase)
	look(tab, "make-key-check")
	tab.Click(`[data-step="check"] form button:not([type])`)
	tab.See("#hand-in-title", "Hand in the public half")
	look(tab, "make-key-hand-in")
	tab.Click(`[data-step="hand-in"] form button`)
}

// madeByGPG uploads a binary certificate.
func madeByGPG(t *testing.T, tab *browsertest.Tab, p *enrolee) {
	p.gpg(nil, "--quick-gen-key", p.name+" <"+p.email+">", "future-default", "default", "2y")
	exported := filepath.Join(t.TempDir(), "certificate.pgp")
	p.gpg(nil, "--output", exported, "--export", p.email)
	tab.Choose("#file", exported)
	tab.Click(`form[action$="/certificate"] button`)
}

// madeBySq pastes an armored certificate; gpg gets the secret key.
func madeBySq(t *testing.T, tab *browsertest.Tab, p *enrolee) {
	dir := t.TempDir()
	key := filepath.Join(dir, "key.pgp")
	program(t, "sq", "key", "generate", "--userid", p.name+" <"+p.email+">", "--export", key)
	secret, err := os.ReadFile(key)
	check(t, err)
	p.gpg(secret, "--import")
	tab.Type("#text", program(t, "sq", "key", "extract-cert", key))
	tab.Click(`form[action$="/certificate"] button`)
}

// look asks axe-core about the page and takes its picture.
func look(tab *browsertest.Tab, name string) {
	tab.Axe()
	tab.Overflow()
	tab.Pictures(name)
}

// tray waits for mails.
type tray struct {
	*smtptest.Relay
	log *lines // of the service that sends them
}

// await is the first mail for the address after the first n, of a kind.
func (m tray) await(t *testing.T, to, kind string, n int) []byte {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	late := time.After(time.Minute)
	for {
		for _, mail := range m.Messages()[n:] {
			if slices.Contains(mail.To, to) && bytes.Contains(mail.Data, []byte("Content-Type: "+kind)) {
				return mail.Data
			}
		}
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("no %s for %s arrived; the service says:\n%s", kind, to, m.log.text())
		}
	}
}

func armorIn(mail []byte) []byte {
	from := bytes.Index(mail, []byte("-----BEGIN PGP MESSAGE-----"))
	return mail[max(from, 0):]
}

// plain decodes the body of a notice.
func plain(t *testing.T, mail []byte) string {
	t.Helper()
	_, body, _ := bytes.Cut(mail, []byte("\r\n\r\n"))
	text, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(body)))
	check(t, err)
	return string(text)
}

// lines is a log that can be waited for.
type lines struct {
	mu      sync.Mutex
	all     bytes.Buffer
	arrived chan string
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.arrived <- string(b):
	default:
	}
	return l.all.Write(b)
}

func (l *lines) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

// await is what the pattern's group found in a line.
func (l *lines) await(t *testing.T, pattern *regexp.Regexp) string {
	t.Helper()
	late := time.After(time.Minute)
	for {
		select {
		case line := <-l.arrived:
			if found := pattern.FindStringSubmatch(line); found != nil {
				return found[1]
			}
		case <-late:
			t.Fatalf("the log never said %s:\n%s", pattern, l.text())
		}
	}
}

// agentFailed is what gpg's agent says, seldom and on a busy machine, of a key of its
// own that it opens the next time: "Corrupted protection". No mail can bring it about.
const agentFailed = "ERROR pkdecrypt_failed 67108970"

// newGPG is a gpg with a home of its own, short, for the agent's socket stands in it.
func newGPG(t *testing.T) func(input []byte, args ...string) string {
	t.Helper()
	home, err := os.MkdirTemp("", "gpg")
	check(t, err)
	check(t, os.WriteFile(filepath.Join(home, "gpg-agent.conf"), []byte("s2k-count 65536\n"), 0o600))
	t.Cleanup(func() {
		_ = exec.Command("gpgconf", "--homedir", home, "--kill", "all").Run()
		os.RemoveAll(home)
	})
	return func(input []byte, args ...string) string {
		run := func() ([]byte, error) {
			cmd := exec.Command("gpg", append([]string{"--homedir", home, "--batch", "--yes", "--status-fd", "1",
				"--pinentry-mode", "loopback", "--passphrase", employeePassphrase}, args...)...)
			cmd.Stdin = bytes.NewReader(input)
			return cmd.Output()
		}
		out, err := run()
		if err != nil && bytes.Contains(out, []byte(agentFailed)) {
			out, err = run()
		}
		if err != nil {
			t.Errorf("gpg %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
}

func program(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).Output()
	check(t, err)
	return string(out)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
