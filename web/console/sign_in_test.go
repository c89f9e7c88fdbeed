package console

import (
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/payseal/payseal/payroll"
)

// clock is a console's, which a test moves on, so that the next one-time code is
// another one.
type clock struct {
	mu     sync.Mutex
	beyond time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.beyond)
}

func (c *clock) forward(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.beyond += by
}

// person is an admin with a password and one-time codes.
type person struct {
	*client
	name, password, seed string
	codes                []string // of recovery
	clock                *clock
}

const goodPassword = "seven lanterns under the harbour"

// newPeople is a console whose clock the test moves.
func newPeople(t testing.TB, change ...func(*Server)) (*testConsole, *clock) {
	t.Helper()
	moved := &clock{}
	return newConsole(t, append(change, func(s *Server) { s.Now = moved.now })...), moved
}

// link plants a one-time link into the admin's account, and gives its token.
func (c *testConsole) link(name, purpose string) string {
	c.t.Helper()
	token, hash := payroll.NewToken()
	c.exec(`insert into admin_links (hash, admin, purpose, made_by, expires_at) values ($1, $2, $3, 'cem', now() + interval '1 day')`, hash[:], name, purpose)
	return token
}

var (
	seedGroup = regexp.MustCompile(`<span>([A-Z2-7]{4})</span>`)
	codeText  = regexp.MustCompile(`[2-9A-Z]{5}(-[2-9A-Z]{5}){4}`)
)

// enrolled walks the admin through a one-time link, to a password and one-time
// codes.
func (c *testConsole) enrolled(name string, moved *clock) *person {
	c.t.Helper()
	return c.enrolledBy("/enter/"+c.link(name, "enrol"), name, moved)
}

func (c *testConsole) enrolledBy(link, name string, moved *clock, fields ...string) *person {
	c.t.Helper()
	p := &person{client: c.as(""), name: name, password: goodPassword, clock: moved}
	p.get(link).wants(c.t, http.StatusOK, "uses nothing up")
	p.post(link, fields...).leads(c.t, "/begin")
	p.get("/begin").wants(c.t, http.StatusOK, name)
	p.post("/begin/password", "password", goodPassword).leads(c.t, "/begin/code")
	page := p.get("/begin/code")
	page.wants(c.t, http.StatusOK, "<svg", "authenticator")
	p.seed = seedOf(page.body)
	p.post("/begin/code", "code", p.code()).leads(c.t, "/begin/codes")
	page = p.get("/begin/codes")
	p.codes = codeText.FindAllString(page.body, -1)
	if len(p.codes) != 10 {
		c.t.Fatalf("%d recovery codes\n%s", len(p.codes), mainOf(page.body))
	}
	p.get("/account").leads(c.t, "/sign-in") // not yet
	p.post("/begin/codes").wants(c.t, http.StatusUnprocessableEntity, "Keep the codes")
	before := p.cookies[cookieName]
	p.post("/begin/codes", "kept", "yes").leads(c.t, "/account")
	if p.cookies[cookieName] == before {
		c.t.Error("the token did not change as the account began")
	}
	p.get("/account").wants(c.t, http.StatusOK, "one-time codes")
	return p
}

// code is the one-time code of this moment.
func (p *person) code() string {
	p.t.Helper()
	code, err := totp.GenerateCode(p.seed, p.clock.now())
	must(p.t, err)
	return code
}

// next is the one after it: a minute later.
func (p *person) next() string {
	p.clock.forward(time.Minute)
	return p.code()
}

// signIn gets the person in by password and one-time code.
func (p *person) signIn() {
	p.t.Helper()
	p.post("/sign-in", "name", p.name, "password", p.password).leads(p.t, "/sign-in/code")
	p.post("/sign-in/code", "code", p.next()).leads(p.t, "/")
}

func TestPasswordAndOneTimeCode(t *testing.T) {
	t.Parallel()
	c, moved := newPeople(t)
	p := c.enrolled("ada", moved)
	tokens := map[string]bool{p.cookies[cookieName]: true}
	p.post("/sign-out").leads(t, "/sign-in")
	p.get("/account").leads(t, "/sign-in")

	p.post("/sign-in", "name", "ada", "password", goodPassword, "to", "/admins").leads(t, "/sign-in/code")
	tokens[p.cookies[cookieName]] = true
	p.get("/account").leads(t, "/sign-in") // a password alone is nobody
	p.get("/sign-in/code?to=/admins").wants(t, http.StatusOK, `value="/admins"`)
	p.post("/sign-in/code", "code", "000000").wants(t, http.StatusUnprocessableEntity, "does not count")
	code := p.next()
	p.post("/sign-in/code", "code", code, "to", "/admins").leads(t, "/admins")
	tokens[p.cookies[cookieName]] = true
	if len(tokens) != 3 {
		t.Error("a token was used twice")
	}
	p.get("/admins").wants(t, http.StatusOK, "eve")

	again := c.as("")
	again.post("/sign-in", "name", "ada", "password", goodPassword).leads(t, "/sign-in/code")
	again.post("/sign-in/code", "code", code).wants(t, http.StatusUnprocessableEntity, "counts once")
}

func TestRecoveryCodeOnce(t *testing.T) {
	t.Parallel()
	c, moved := newPeople(t)
	p := c.enrolled("ada", moved)
	for i, want := range []int{http.StatusSeeOther, http.StatusUnprocessableEntity} {
		b := c.as("")
		b.post("/sign-in", "name", "ada", "password", goodPassword).leads(t, "/sign-in/code")
		typed := strings.ToLower(strings.ReplaceAll(p.codes[3], "-", " "))
		if a := b.post("/sign-in/code", "code", typed); a.status != want {
			t.Errorf("time %d: status %d\n%s", i+1, a.status, mainOf(a.body))
		}
	}
	p.get("/account").wants(t, http.StatusOK, "Recovery codes left: 9")
	p.post("/step-up", "for", "/account/name", "code", p.codes[4]).wants(t, http.StatusUnprocessableEntity, "Recovery codes do not count here")
}

// TestUnknownNameGetsTheSameAnswer compares the answers to a name that there is
// and one that there is not, to one that cannot sign in, and to a disabled one.
func TestUnknownNameGetsTheSameAnswer(t *testing.T) {
	t.Parallel()
	c, moved := newPeople(t)
	c.enrolled("ada", moved)
	c.enrolled("bea", moved)
	c.exec(`update admins set disabled_at = now() where name = 'bea'`)
	bodies := map[string]bool{}
	for _, name := range []string{"ada", "nobody", "dia", "bea", "<script>alert(1)</script>"} {
		b := c.as("")
		password := "not the password of anybody"
		if name == "bea" {
			password = goodPassword
		}
		a := b.post("/sign-in", "name", name, "password", password)
		a.wants(t, http.StatusUnprocessableEntity, "do not fit each other")
		bodies[mainOf(a.body)] = true
	}
	if len(bodies) != 1 {
		t.Errorf("%d different answers", len(bodies))
	}
	if strings.Contains(c.log.String(), "alert(1)") || strings.Contains(c.log.String(), "not the password") {
		t.Error("what was typed is in the log")
	}
	var kept int
	must(t, c.store.Pool().QueryRow(t.Context(), `select count(*) from audit where act = 'account.sign_in_failed' and who in ('ada', '', 'dia', 'bea')`).Scan(&kept))
	if kept != 5 {
		t.Errorf("%d failures in the audit log", kept)
	}
	must(t, c.store.Pool().QueryRow(t.Context(), `select count(*) from audit where detail like '%alert%' or subject like '%script%' or who like '%nobody%'`).Scan(&kept))
	if kept != 0 {
		t.Error("what was typed is in the audit log")
	}
}

// TestThrottle holds that guessing is slowed down, also many at once, and that a
// browser that the account knows is not kept out by it.
func TestThrottle(t *testing.T) {
	t.Parallel()
	c, moved := newPeople(t)
	p := c.enrolled("ada", moved)
	p.post("/sign-out").leads(t, "/sign-in")
	const hourOfGuesses = `insert into sign_in_failures (who, client, known, at) select $1, '192.0.2.' || n, false, now() - interval '6 minutes' from generate_series(1, 13) n`
	who := payroll.Try{Name: "ada"}.Who()
	c.exec(hourOfGuesses, who[:]) // after which one waits for four minutes, and after one more for eight
	var wg sync.WaitGroup
	var mu sync.Mutex
	answers := map[int]int{}
	for range 30 {
		b := c.as("")
		wg.Go(func() {
			a := b.post("/sign-in", "name", "ada", "password", "wrong wrong wrong")
			mu.Lock()
			defer mu.Unlock()
			answers[a.status]++
		})
	}
	wg.Wait()
	if answers[http.StatusUnprocessableEntity] != 1 || answers[http.StatusTooManyRequests] != 29 {
		t.Errorf("answers %v", answers)
	}
	stranger := c.as("")
	stranger.post("/sign-in", "name", "ada", "password", goodPassword).wants(t, http.StatusTooManyRequests, "Too many tries")
	p.signIn() // with the browser that ada has signed in with before
	stranger.post("/sign-in", "name", "ada", "password", "wrong wrong wrong").wants(t, http.StatusUnprocessableEntity, "do not fit")

	who = payroll.Try{Name: "bea"}.Who()
	c.exec(hourOfGuesses, who[:])
	c.exec(`update sign_in_failures set at = now()`)
	forged, other := c.as(""), p.also()
	forged.cookies[browserCookie] = strings.Repeat("A", 80)
	for name, b := range map[string]*client{"a forged browser": forged, "ada's browser": other} {
		if a := b.post("/sign-in", "name", "bea", "password", "wrong"); a.status != http.StatusTooManyRequests {
			t.Errorf("%s is known as bea's: status %d", name, a.status)
		}
	}
}

func TestStepUp(t *testing.T) {
	t.Parallel()
	c, moved := newPeople(t)
	p := c.enrolled("ada", moved)
	moved.forward(time.Minute)
	a := p.post("/account/name", "name", "Ada L.")
	if a.status != http.StatusSeeOther || a.to() != "/step-up?for=%2Faccount%2Fname" {
		t.Fatalf("without a second factor: %d %s", a.status, a.to())
	}
	p.get("/account/name").wants(t, http.StatusOK, "Your second factor is asked for again", "/step-up?for=%2Faccount%2Fname")
	p.get(a.to()).wants(t, http.StatusOK, "change your display name")
	code := p.code()
	p.post("/step-up", "for", "/account/name", "code", code).leads(t, "/account/name")
	p.post("/step-up", "for", "/account/tokens/new", "code", code).wants(t, http.StatusUnprocessableEntity, "counts once")
	p.post("/account/tokens/new", "label", "x", "days", "9", "scope", "read").leads(t, "/step-up") // it was for another purpose
	p.get("/account/name").wants(t, http.StatusOK, "Keep it")
	p.post("/account/name", "name", strings.Repeat("x", 61)).wants(t, http.StatusUnprocessableEntity, "at most 60", "Keep it") // costs no other factor
	p.post("/account/name", "name", "Ada\tL.\u0000").leads(t, "/account")
	p.get("/account").wants(t, http.StatusOK, "Ada L.")
	p.post("/account/name", "name", "Ada M.").leads(t, "/step-up") // and counted once
	for _, purpose := range []string{"", "/", "/sign-in", "//evil.example/account/name", "https://evil.example/", "/account/name?x=1", "/account/name#x", "/account/nam%65"} {
		if a := p.get("/step-up?for=" + strings.NewReplacer("#", "%23", "?", "%3f", "&", "%26", "%65", "%2565").Replace(purpose)); a.status != http.StatusNotFound {
			t.Errorf("a second factor for %q: status %d", purpose, a.status)
		}
	}
	c.as("").get("/step-up?for=/account/name").leads(t, "/sign-in")
}

func TestOnlyOwnPathsAreLedTo(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]string{
		"/runs/5": "/runs/5", "/people/a%2Fb": "/people/a%2Fb", "": "/", "x": "/", "//evil.example": "/", "https://evil.example/": "/", `/\evil.example`: "/",
		"/\tx": "/", "/a?b=c": "/", "/a#b": "/", "javascript:alert(1)": "/", "/%": "/",
	} {
		if got := ownPath(to); got != want {
			t.Errorf("%q leads to %q, want %q", to, got, want)
		}
	}
}

func TestBrowserWords(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                 "Firefox on Windows",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15":            "Safari on a Mac",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0":        "Edge on Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile Safari/604.1": "Safari on an iPhone",
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36":                  "Chrome on Android",
		"<script>alert(1)</script>": "A program on an unknown system",
		"":                          "A program on an unknown system",
	} {
		if got := browserWords(agent); got != want {
			t.Errorf("%q is %q, want %q", agent, got, want)
		}
	}
}
