package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/internal/browsertest"
	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/demo"
	"github.com/payseal/payseal/internal/pglocal/pgtest"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/internal/smtptest"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// bureau is an office with the console, whose admins prove their names.
type bureau struct {
	office
	store   *postgres.Store
	secrets []string // that no log may hold
}

func newBureau(t *testing.T, step string, rate int) *bureau {
	t.Helper()
	for _, tool := range []string{"gpg", "pdftotext"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("this test needs %s; install it with: make setup", tool)
		}
	}
	relay, err := smtptest.Serve(smtptest.Options{})
	check(t, err)
	t.Cleanup(func() { _ = relay.Close() })
	o := &bureau{office: office{t: t, dir: t.TempDir(), relay: tray{relay, &lines{arrived: make(chan string, 100_000)}}}}
	database := pgtest.New(t, migrated)
	o.store, err = postgres.Open(t.Context(), database, nil)
	check(t, err)
	t.Cleanup(o.store.Close)
	here := freePort(t)
	o.origin = "http://" + here
	o.write("database.url", database)
	o.write("relay.pem", string(relay.CAPEM()))
	o.write("signer.passphrase", "a long passphrase of the company")
	o.write("payseal.toml", fmt.Sprintf(`
[company]
name = "ACME Private Limited"
zone = "Europe/Vienna"
[database]
url_file = "database.url"
[signer]
passphrase_file = "signer.passphrase"
[relay]
host = "localhost"
port = %d
ca_file = "relay.pem"
rate_per_second = %d
[delivery]
first_delay = "1s"
unsure_delay = "1s"
[policy]
required_step = %q
[web]
listen = "127.0.0.1:0"
origin = "http://localhost:8080"
[console]
listen = %q
origin = %q
[wkd]
lookup = false
[worker]
listen = ""
`, relay.Port(), rate, step, here, o.origin))
	o.payseal(t, "vault", "init")
	vault, err := openVault(config.Vault{MasterKeyFile: filepath.Join(o.dir, "payseal-data", "master.key")})
	check(t, err)
	o.store.Unlock(vault)
	o.payseal(t, "signer", "init", "--user-id", "ACME Payroll <payroll@acme.example>")
	o.opens()
	return o
}

// freePort is where nobody listens just now.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "localhost:0")
	check(t, err)
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	check(t, err)
	return "localhost:" + port
}

// opens runs payseal serve until the test ends, and then looks into its log.
func (o *bureau) opens() {
	o.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	log, ended := o.relay.log, make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"--config", filepath.Join(o.dir, "payseal.toml"), "serve"}, io.Discard, log)
	}()
	o.t.Cleanup(func() {
		stop()
		if code := <-ended; code != 0 {
			o.t.Errorf("payseal serve ended with %d", code)
		}
		for _, p := range o.people {
			o.secrets = append(o.secrets, p.name, p.email)
		}
		for i, secret := range o.secrets {
			if strings.Contains(log.text(), secret) {
				o.t.Errorf("the log holds secret %d", i)
			}
		}
	})
	log.await(o.t, regexp.MustCompile(`pages are served" site=console.* address=(\S+)`))
}

// as runs a command for a clerk, whose token proves their name.
func (o *bureau) as(c *clerk, args ...string) string {
	o.t.Helper()
	cmd := exec.Command("payseal", append(append([]string{"--config", filepath.Join(o.dir, "payseal.toml")}, args...), "--as", c.name)...)
	cmd.Env = append(os.Environ(), "PAYSEAL_TOKEN="+c.token)
	out, err := cmd.CombinedOutput()
	if err != nil {
		o.t.Fatalf("payseal %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (o *bureau) file(name, content string) string {
	o.t.Helper()
	o.write(name, content)
	return filepath.Join(o.dir, name)
}

// staff puts people into the roster, by a command of a maker's.
func (o *bureau) staff(people []*enrolee, by *clerk) {
	o.t.Helper()
	o.people = people
	table := "employee_id,name,email,phone\n"
	for _, p := range people {
		p.gpg = newGPG(o.t)
		p.gpg([]byte(o.payseal(o.t, "signer", "export")), "--import")
		p.gpg(nil, "--quick-gen-key", p.name+" <"+p.email+">", "future-default", "default", "2y")
		table += fmt.Sprintf("%s,%s,%s,+43 1 555 0142\n", p.number, p.name, p.email)
	}
	o.as(by, "employees", "import", o.file("employees.csv", table))
}

// hired puts n people into the roster whose certificates somebody has compared.
func (o *bureau) hired(n int) {
	o.t.Helper()
	ctx, now := o.t.Context(), time.Now()
	for i := range n {
		e := payroll.Employee{Number: payroll.EmployeeNumber(fmt.Sprintf("%04d", i)), Name: strings.Repeat(string(rune('A'+i)), 9) + " " + strings.Repeat(string(rune('a'+i)), 7), Email: payroll.Address(fmt.Sprintf("e%d@acme.example", i))}
		_, err := o.store.PutEmployees(ctx, []payroll.Employee{e}, "test", "maria", false)
		check(o.t, err)
		const quick = 99 // an Ed25519 key of a member who plays no part
		member, err := demo.NewMember(e, quick, now)
		check(o.t, err)
		armored, err := member.Certificate()
		check(o.t, err)
		c, verdict := keystore.Judge(armored, e.Email, now)
		if !verdict.Accepted() {
			o.t.Fatal(verdict.Code)
		}
		_, err = o.store.PutCertificate(ctx, payroll.Submission{Employee: e.Number, Fingerprint: c.Fingerprint(), Content: c.Bytes()}, "maria")
		check(o.t, err)
		_, err = o.store.ClimbCertificate(ctx, payroll.Climb{Employee: e.Number, Fingerprint: c.Fingerprint(), To: payroll.StepPhoneChecked, Method: "phone", Required: payroll.StepPhoneChecked}, "olga")
		check(o.t, err)
	}
}

// exec plants something that decides who may act, as if the program had written it.
func (o *bureau) exec(sql string, args ...any) {
	o.t.Helper()
	_, err := o.store.Pool().Exec(o.t.Context(), sql, args...)
	check(o.t, err)
	check(o.t, o.store.SealAccess(o.t.Context()))
}

// clerk is an admin at a browser of their own.
type clerk struct {
	o     *bureau
	name  string
	tab   *browsertest.Tab
	token string             // for commands
	visit payroll.SecretHash // planted; zero of somebody who came in by a passkey
}

func (o *bureau) clerk(name string) *clerk {
	o.t.Helper()
	return &clerk{o: o, name: name, tab: browsertest.Start(o.t)}
}

// plants is a clerk who has come in before.
func (o *bureau) plants(name string, role payroll.Role) *clerk {
	o.t.Helper()
	c := o.clerk(name)
	token, visit := payroll.NewToken()
	c.token, c.visit = "payseal_"+token, visit
	secret := payroll.HashToken(c.token)
	o.exec(`insert into admins (name, roles, enrolled_at) values ($1, $2, now())`, name, []payroll.Role{role})
	o.exec(`insert into admin_sessions (id_hash, admin, proof, browser, address) values ($1, $2, 'passkey', 'Chromium on Linux', '127.0.0.1')`, visit[:], name)
	o.exec(`insert into api_tokens (hash, admin, label, scopes, expires_at) values ($1, $2, 'test', '{command}', now() + interval '1 day')`, secret[:], name)
	c.tab.Cookie(o.origin, "__Host-payseal-console", token)
	o.secrets = append(o.secrets, token)
	return c
}

func (c *clerk) open(path string) {
	c.o.t.Helper()
	c.tab.Open(c.o.origin + path)
}

// script does something on the page that takes no waiting.
func (c *clerk) script(text string) {
	c.o.t.Helper()
	var done bool
	c.tab.Value("(() => {"+text+"; return true})()", &done)
}

// begin walks through a one-time link to an account with a passkey.
func (c *clerk) begin(link, half string) {
	c.o.t.Helper()
	c.o.secrets = append(c.o.secrets, link[strings.LastIndex(link, "/")+1:])
	c.tab.Authenticator()
	c.tab.Open(strings.TrimSpace(link))
	if half != "" {
		c.tab.Type("#half", half)
	}
	c.tab.Click("main form button")
	c.tab.See("h1", "How do you want to sign in?")
	c.tab.Click(".passkey button")
	c.tab.See("h1", "Your account")
}

// stepUp gives a fresh second factor for the page that asks for one.
func (c *clerk) stepUp() {
	c.o.t.Helper()
	c.tab.See(".step-up", "Your second factor is asked for again")
	var page string
	c.tab.Value(`location.pathname`, &page)
	if c.visit == (payroll.SecretHash{}) {
		c.tab.Click(".step-up a")
		c.tab.See("h1", "Confirm that it is you")
		c.tab.Click(".passkey button")
		c.tab.Until(fmt.Sprintf("location.pathname === %q && !document.querySelector('.step-up')", page))
		return
	}
	var purpose string
	c.tab.Value(`new URL(document.querySelector(".step-up a").href).searchParams.get("for")`, &purpose)
	c.o.exec(`insert into step_ups (session, purpose) values ($1, $2)`, c.visit[:], purpose)
	c.open(page)
}

// adds makes another admin: a link if it counts at once, half a one if somebody
// must confirm it.
func (c *clerk) adds(name, role string) (link, half string) {
	c.o.t.Helper()
	c.open("/admins/new")
	c.stepUp()
	c.tab.Type("#name", name)
	c.tab.Click("input[name=role][value=" + role + "]")
	c.tab.Click("main form button")
	c.tab.See(".told-once", "")
	told := strings.TrimSpace(c.tab.Text(".told-once"))
	if strings.Contains(told, "/enter/") {
		return told, ""
	}
	return "", told
}

// signsInAgain goes out, and comes in with the passkey.
func (c *clerk) signsInAgain() {
	c.o.t.Helper()
	c.tab.Click(".account summary")
	c.tab.Click("form[action='/sign-out'] button")
	c.tab.See("h1", "Sign in")
	c.open("/account")
	c.tab.See("h1", "Sign in")
	c.tab.Click(".passkey button")
	c.tab.See("h1", "Your account")
}

// makesToken makes a token for commands.
func (c *clerk) makesToken() {
	c.o.t.Helper()
	c.open("/account/tokens/new")
	c.stepUp()
	c.tab.Type("#label", "commands")
	c.tab.Click("input[name=scope][value=command]")
	c.tab.Click("main form button")
	c.tab.See("h1", "Your new token")
	c.token = strings.TrimSpace(c.tab.Text(".told-once"))
	c.o.secrets = append(c.o.secrets, c.token)
}

// handsIn gives in an employee's certificate, by command.
func (c *clerk) handsIn(p *enrolee) {
	c.o.t.Helper()
	c.o.as(c, "keys", "add", "--employee", p.number, c.o.file("certificate.asc", p.gpg(nil, "--armor", "--export", p.email)))
}

// calls compares an employee's fingerprint, as the employee reads it out.
func (c *clerk) calls(p *enrolee) {
	c.o.t.Helper()
	listed := p.gpg(nil, "--with-colons", "--fingerprint", p.email)
	p.fingerprint = regexp.MustCompile(`(?m)^fpr:+([0-9A-F]{40}):`).FindStringSubmatch(listed)[1]
	c.open("/calls")
	c.tab.Click(fmt.Sprintf(`a[href="/calls/%s"]:not([class])`, strings.ReplaceAll(p.number, "/", "%2F")))
	c.tab.See("h1", "Call "+p.name)
	var shown string
	c.tab.Value(`document.querySelector("input[name=fingerprint]").value`, &shown)
	if shown != p.fingerprint {
		c.o.t.Fatalf("the page shows another fingerprint of %s than gpg", p.number)
	}
	c.tab.Click("#method-0")
	c.tab.Type("#note", "called the number of the HR file")
	c.script(`document.querySelectorAll("input[name^=group-]").forEach(box => box.click())`)
	c.tab.Click("button[value=agreed]")
	c.tab.See("main", "Compared and certified.")
}

// uploads drops a payroll file.
func (c *clerk) uploads(name, content, source string) {
	c.o.t.Helper()
	c.open("/runs/new")
	if source != "" {
		c.tab.Type("#new_source", source)
	}
	c.tab.Choose("#file", c.o.file(name, content))
	c.tab.Click("#upload button")
	c.tab.See("h1", "How the file is read")
}

// maps says what the columns of the plant's file stand for.
func (c *clerk) maps() {
	c.o.t.Helper()
	c.tab.Type("#header_row", "2")
	c.script(`document.querySelector("#separator").value = "semicolon"`)
	c.tab.Click(".how > .actions button")
	c.tab.See(".how", "Read from row 2")
	for header, as := range map[string]string{"Personal-Nr": "employee_id", "Brutto": "gross", "Abzüge": "deductions", "Auszahlung": "net"} {
		c.script(`[...document.querySelectorAll(".mapping tbody tr")].find(r => r.querySelector("th").innerText.trim() === "` + header + `").querySelector("select").value = "` + as + `"`)
	}
	c.says()
}

// says of which month a file is.
func (c *clerk) says() {
	c.o.t.Helper()
	c.script(`document.querySelector("#period").value = "2026-11"; document.querySelector("#pay_date").value = "2026-11-27"`)
	c.tab.Type("#currency", "EUR")
	c.tab.Click(".how > .actions button")
	c.tab.Until(`document.readyState === "complete" && document.querySelector("#currency")?.value === "EUR" && document.querySelector("#pay_date")?.defaultValue === "2026-11-27"`)
}

// drafts makes a draft of a file that needs no mapping.
func (c *clerk) drafts(run int, name, content string) {
	c.o.t.Helper()
	c.uploads(name, content, "")
	c.says()
	c.takes(run)
}

// takes makes a draft of the upload on the page; one that pays somebody again is
// a supplement.
func (c *clerk) takes(run int) {
	c.o.t.Helper()
	c.tab.Until(`document.querySelector(".import button, input[name=supplement]")`)
	var again bool
	if c.tab.Value(`!document.querySelector(".import button")`, &again); again {
		c.tab.Click("input[name=supplement]")
		c.tab.Click(".how > .actions button")
	}
	c.tab.Click(".import button")
	c.tab.See("h1", fmt.Sprintf("Check run %d", run))
}

// submits acknowledges what is left, and submits.
func (c *clerk) submits(run int) {
	c.o.t.Helper()
	for _, kind := range []string{"variance", "joiner", "missing", "twin"} {
		c.open(fmt.Sprintf("/runs/%d/check?kind=%s", run, kind))
		c.tab.See("h1", "Check run")
		var open bool
		if c.tab.Value(`!!document.querySelector("button[name=all]")`, &open); open {
			c.tab.Type("#note", "compared with the contracts")
			c.tab.Click("button[name=all]")
			c.tab.See("main", "Acknowledged.")
		}
	}
	c.tab.Click(`form[action$="/submit"] button`)
	c.tab.See("main", "Waits for approval")
}

// approves opens the sample and says yes to the manifest.
func (c *clerk) approves(run int) {
	c.o.t.Helper()
	review := fmt.Sprintf("/runs/%d/review", run)
	for {
		c.open(review)
		var next string
		c.tab.Value(`document.querySelector("[aria-labelledby=decide] a.button:not(.secondary)").getAttribute("href")`, &next)
		if !strings.Contains(next, "/review/slips/") {
			break
		}
		c.open(next)
		c.tab.See("h1", "Slip of")
		var read bool // the frame loads it, too, when it comes to it
		c.tab.Value(`fetch(document.querySelector("iframe.slip").src).then(answer => answer.ok)`, &read)
		if !read {
			c.o.t.Fatalf("a slip of the sample of run %d cannot be read", run)
		}
	}
	c.tab.Click("[aria-labelledby=decide] a.button:not(.secondary)")
	c.tab.See("h1", fmt.Sprintf("Approve run %d", run))
	c.stepUp()
	c.tab.Click("form[aria-labelledby=yes] button")
	c.tab.Until(fmt.Sprintf("location.pathname === '/runs/%d'", run))
}

// watches opens the page of a run, and marks it with what a reload would forget.
func (c *clerk) watches(run int) {
	c.o.t.Helper()
	c.open(fmt.Sprintf("/runs/%d", run))
	c.script("window.stayed = true")
}

// sees waits for the state of the run on the page.
func (c *clerk) sees(state string) {
	c.o.t.Helper()
	c.tab.See("h1 + .lead, .heading .lead", state)
}

func (c *clerk) stayed() {
	c.o.t.Helper()
	var stayed bool
	if c.tab.Value("window.stayed === true", &stayed); !stayed {
		c.o.t.Error("the page was loaded again")
	}
}

func (c *clerk) sends(run int) {
	c.o.t.Helper()
	c.open(fmt.Sprintf("/runs/%d/send", run))
	c.tab.Click(fmt.Sprintf("form[action='/runs/%d/send'] button", run))
	c.tab.Until(fmt.Sprintf("location.pathname === '/runs/%d'", run))
}

var pdfPart = regexp.MustCompile(`(?is)content-type: application/pdf.*?\n\r?\n([A-Za-z0-9+/=\s]+)`)

// slip is what stands on the page of the employee's nth slip, which gpg has opened
// and whose signature it finds good.
func (p *enrolee) slip(o *bureau, n int) string {
	o.t.Helper()
	seen := 0
	var mail []byte
	for range n {
		mail = o.relay.await(o.t, p.email, "multipart/encrypted", seen)
		for i, m := range o.relay.Messages() {
			if &m.Data[0] == &mail[0] {
				seen = i + 1
			}
		}
	}
	said := p.gpg(armorIn(mail), "--decrypt")
	if !strings.Contains(said, "GOODSIG") {
		o.t.Errorf("gpg finds no good signature on the slip of %s", p.number)
	}
	found := pdfPart.FindStringSubmatch(said)
	if found == nil {
		o.t.Fatalf("there is no page in the slip of %s", p.number)
	}
	pdf, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(found[1]), ""))
	check(o.t, err)
	path := o.file("slip.pdf", string(pdf))
	return program(o.t, "pdftotext", "-layout", path, "-")
}

// spoils saves a file as another program might.
func (o *bureau) spoils(name string) {
	o.t.Helper()
	content, err := os.ReadFile(filepath.Join(o.dir, name))
	check(o.t, err)
	o.write(name, string(content)+"% saved by another program\n")
}

// checks asks whether the slip that was opened last is one that was sent.
func (o *bureau) checks(want string) {
	o.t.Helper()
	cmd := exec.Command("payseal", "--config", filepath.Join(o.dir, "payseal.toml"), "file", "check-slip", filepath.Join(o.dir, "slip.pdf"))
	out, err := cmd.CombinedOutput()
	if !strings.Contains(string(out), ": "+want+": ") || (err == nil) != (want == "genuine") {
		o.t.Errorf("payseal file check-slip: %v, want %s\n%s", err, want, out)
	}
}
