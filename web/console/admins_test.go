package console

import (
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/payseal/payseal/payroll"
)

var (
	halfText = regexp.MustCompile(`[2-9A-Z]{5}-[2-9A-Z]{5}`)
	linkText = regexp.MustCompile(`/enter/[a-z0-9-]+`)
)

// TestTwoPeopleAddAnAdmin walks an operator, an approver and the new admin through
// it, and tries what each could do alone.
func TestTwoPeopleAddAnAdmin(t *testing.T) {
	t.Parallel()
	c, moved := newPeople(t)
	cem, bea := c.as("cem"), c.as("bea")
	proposed := cem.confirmed("/admins/new", "name", "fay", "role", "approver")
	proposed.wants(t, http.StatusOK, "Your half of the link")
	half := halfText.FindString(proposed.body)
	cem.get("/proposals/1").wants(t, http.StatusOK, "add the admin fay as approver", "a second person must decide it")
	cem.get("/proposals/1/confirm").wants(t, http.StatusForbidden)
	cem.confirmed("/proposals/1/confirm").wants(t, http.StatusForbidden, "a second person must decide it")
	cem.confirmed("/admins/new", "name", "fay", "role", "maker").wants(t, http.StatusUnprocessableEntity, "proposed already")
	c.as("ada").get("/proposals/1/confirm").wants(t, http.StatusForbidden) // a maker decides nothing
	bea.post("/proposals/1/confirm").leads(t, "/step-up")
	bea.get("/proposals/1/confirm").wants(t, http.StatusOK, "cem proposes to add the admin fay as approver")

	confirmed := bea.confirmed("/proposals/1/confirm")
	confirmed.wants(t, http.StatusOK, "The one-time link", c.Origin.String()+"/enter/half-")
	link := linkText.FindString(confirmed.body)
	if strings.Contains(confirmed.body, half) {
		t.Error("the confirmer is shown the proposer's half")
	}
	if page := cem.get("/proposals/1").body + cem.get("/admins/fay").body; strings.Contains(page, link) || strings.Contains(page, half) {
		t.Error("a half of the link is shown again")
	}
	bea.post(link).wants(t, http.StatusNotFound, "do not fit each other")
	bea.post(link, "half", "AAAAA-AAAAA").wants(t, http.StatusNotFound)
	cem.post("/enter/half-"+strings.Repeat("a", 32), "half", half).wants(t, http.StatusNotFound)
	fay := c.enrolledBy(link, "fay", moved, "half", strings.ToLower(half))
	fay.get("/admins/fay").wants(t, http.StatusOK, "approver", "active")
	c.as("").post(link, "half", half).wants(t, http.StatusNotFound)
	bea.confirmed("/proposals/1/confirm").wants(t, http.StatusConflict)
	cem.get("/proposals").wants(t, http.StatusOK, "Nothing waits", "bea")
}

// TestChangingRolesEndsVisits confirms new roles, and looks whether the old ones
// are still of use.
func TestChangingRolesEndsVisits(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	ada, cem := c.as("ada"), c.as("cem")
	cem.confirmed("/admins/ada/roles", "role", "auditor").leads(t, "/proposals/1")
	ada.get("/account").wants(t, http.StatusOK)
	c.as("eve").confirmed("/proposals/1/confirm").leads(t, "/proposals/1")
	ada.get("/account").leads(t, "/sign-in")
	c.as("ada").get("/account").wants(t, http.StatusOK, "auditor")
	cem.confirmed("/admins/ada/roles", "role", "king").wants(t, http.StatusUnprocessableEntity, "Roles are maker")
	cem.confirmed("/admins/ada/roles").wants(t, http.StatusUnprocessableEntity, "at least one role")

	cem.confirmed("/admins/cem/roles", "role", "maker").leads(t, "/proposals/2") // one may wish it for oneself
	c.as("eve").confirmed("/admins/eve/roles", "role", "maker").leads(t, "/proposals/3")
	c.as("eve").confirmed("/proposals/2/confirm").leads(t, "/proposals/2")
	c.as("bea").confirmed("/proposals/3/confirm").wants(t, http.StatusForbidden, "the last operator")
}

func TestDecliningAndWithdrawing(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	cem, dia := c.as("cem"), c.as("dia")
	cem.confirmed("/admins/dia/roles", "role", "operator").leads(t, "/proposals/1")
	dia.get("/proposals/1").wants(t, http.StatusOK, "somebody else must decide it")
	dia.post("/proposals/1/decline", "reason", "not me").wants(t, http.StatusUnprocessableEntity, "somebody else must decide it")
	c.as("bea").post("/proposals/1/decline", "reason", " ").wants(t, http.StatusUnprocessableEntity, "Say why")
	c.as("bea").post("/proposals/1/decline", "reason", "<b>no</b>\x00").leads(t, "/proposals/1")
	dia.get("/proposals/1").wants(t, http.StatusOK, "&lt;b&gt;no&lt;/b&gt;", "declined")
	cem.post("/proposals/1/withdraw").wants(t, http.StatusConflict)
	cem.confirmed("/admins/dia/roles", "role", "operator").leads(t, "/proposals/2")
	c.as("eve").post("/proposals/2/withdraw").wants(t, http.StatusForbidden)
	cem.post("/proposals/2/withdraw").leads(t, "/proposals/2")
	c.as("bea").confirmed("/proposals/2/confirm").wants(t, http.StatusConflict)
}

// TestDisabling throws somebody out at once, with their tokens and whatever they
// had begun, and brings them back with two people.
func TestDisabling(t *testing.T) {
	t.Parallel()
	c, moved := newPeople(t)
	p := c.enrolled("ada", moved)
	made := p.confirmed("/account/tokens/new", "label", "mine", "days", "30", "scope", "read", "scope", "people")
	made.wants(t, http.StatusOK, "the only time")
	token := payroll.HashToken(regexp.MustCompile(`payseal_[a-z2-7]{32}`).FindString(made.body))
	if _, a, err := c.store.TokenAdmin(t.Context(), token); err != nil || a.Name != "ada" {
		t.Fatalf("the token is %q's: %v", a.Name, err)
	}
	waiting := c.as("")
	waiting.post("/sign-in", "name", "ada", "password", goodPassword).leads(t, "/sign-in/code")
	c.as("cem").confirmed("/admins/ada/disable").leads(t, "/admins/ada")
	p.get("/account").leads(t, "/sign-in")
	p.post("/account/sessions/end").leads(t, "/sign-in")
	waiting.post("/sign-in/code", "code", p.next()).leads(t, "/sign-in")
	if _, _, err := c.store.TokenAdmin(t.Context(), token); err == nil {
		t.Error("the token of somebody who was disabled counts")
	}
	c.as("").post("/sign-in", "name", "ada", "password", goodPassword).wants(t, http.StatusUnprocessableEntity)
	c.as("cem").confirmed("/admins/ada/enable").leads(t, "/proposals/1")
	c.as("dia").confirmed("/proposals/1/confirm").leads(t, "/proposals/1")
	p.signIn()
	if _, _, err := c.store.TokenAdmin(t.Context(), token); err == nil {
		t.Error("a token came back with its admin")
	}
}

// TestReset gives somebody a new beginning; nothing of before counts.
func TestReset(t *testing.T) {
	t.Parallel()
	c, moved := newPeople(t)
	p := c.enrolled("ada", moved)
	old := p.seed
	proposed := c.as("cem").confirmed("/admins/ada/reset")
	half := halfText.FindString(proposed.body)
	p.get("/account").wants(t, http.StatusOK)
	link := linkText.FindString(c.as("dia").confirmed("/proposals/1/confirm").body)
	p.get("/account").leads(t, "/sign-in")
	p.post("/sign-in", "name", "ada", "password", goodPassword).wants(t, http.StatusUnprocessableEntity)
	again := c.enrolledBy(link, "ada", moved, "half", half)
	if again.seed == old {
		t.Error("the seed is the old one")
	}
	again.post("/sign-out").leads(t, "/sign-in")
	again.signIn()
	b := c.as("")
	b.post("/sign-in", "name", "ada", "password", goodPassword).leads(t, "/sign-in/code")
	b.post("/sign-in/code", "code", p.codes[0]).wants(t, http.StatusUnprocessableEntity)
}

// TestTheFirstAdminIsAlone until a second one has an account of their own.
func TestTheFirstAdminIsAlone(t *testing.T) {
	t.Parallel()
	c, moved := newPeople(t)
	c.exec(`update admins set enrolled_at = null where name <> 'cem'`)
	cem := c.as("cem")
	cem.get("/admins").wants(t, http.StatusOK, "You are alone")
	added := cem.confirmed("/admins/new", "name", "fay", "role", "approver")
	added.wants(t, http.StatusOK, "The one-time link")
	c.enrolledBy(linkText.FindString(added.body), "fay", moved)
	cem.confirmed("/admins/new", "name", "gus", "role", "maker").wants(t, http.StatusOK, "Your half of the link")
	c.exec(`update admins set disabled_at = now() where name = 'fay'`)
	cem.confirmed("/admins/new", "name", "hal", "role", "maker").wants(t, http.StatusOK, "Your half of the link")
}

// TestManyConfirmOnce sends fifty at once.
func TestManyConfirmOnce(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.as("cem").confirmed("/admins/new", "name", "fay", "role", "approver").wants(t, http.StatusOK)
	bea := c.as("bea")
	bea.stepUp("/proposals/1/confirm")
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for range 50 {
		b := bea.also()
		wg.Go(func() {
			a := b.post("/proposals/1/confirm")
			mu.Lock()
			defer mu.Unlock()
			if a.status == http.StatusOK {
				done++
			}
		})
	}
	wg.Wait()
	if done != 1 {
		t.Errorf("confirmed %d times", done)
	}
}

func TestEmployeeOfAnAdmin(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	_, err := c.store.PutEmployees(t.Context(), []payroll.Employee{{Number: "4711", Name: "Ada A", Email: "ada@acme.example", Language: "en"}}, "roster", "ada", false)
	must(t, err)
	cem := c.as("cem")
	cem.confirmed("/admins/ada/employee", "employee", "4712").wants(t, http.StatusUnprocessableEntity, "no employee with this number")
	cem.confirmed("/admins/ada/employee", "employee", "4711").leads(t, "/admins/ada")
	cem.get("/admins/ada").wants(t, http.StatusOK, "4711")
	cem.confirmed("/admins/cem/employee", "employee", "4711").wants(t, http.StatusUnprocessableEntity, "Another operator")
	cem.confirmed("/admins/ada/employee", "employee", "").leads(t, "/admins/ada")
	c.as("ada").confirmed("/admins/dia/employee", "employee", "4711").wants(t, http.StatusForbidden)
}
