package console

import (
	"bytes"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// readOut is the form of a call in which every group was ticked.
func readOut(f payroll.Fingerprint, result string) []string {
	pairs := []string{"fingerprint", string(f), "result", result, "method", "phone", "note", "cem called at noon"}
	for i := range strings.Fields(f.Grouped()) {
		pairs = append(pairs, "group-"+strconv.Itoa(i+1), "1")
	}
	return pairs
}

// waiting is the certificate of an employee that waits for a call.
func (c *testConsole) waiting(number payroll.EmployeeNumber) payroll.StoredCertificate {
	c.t.Helper()
	list, err := c.store.CertificatesOf(c.t.Context(), number)
	must(c.t, err)
	return list[0]
}

// TestACallWithAnotherKey: a signing key that two people have not confirmed certifies
// nothing, by the page or by the API; that nobody answered is kept.
func TestACallWithAnotherKey(t *testing.T) {
	t.Parallel()
	c := town(t)
	first := payroll.FileSettings{Settings: firstSettings(c.Server)}
	first.Settings.Sender.Fingerprint = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	_, err := c.store.CompareFile(t.Context(), first)
	must(t, err)
	key := c.waiting("2").Fingerprint
	cem := c.as("cem")
	cem.get("/calls/2").wants(t, http.StatusOK, "Do not call yet", "not the one that two people confirmed")
	refused(t, "the page", cem.post("/calls/2", readOut(key, "agreed")...))
	c.program("cem").post("/calls/2", object{"fingerprint": string(key), "result": "agreed", "method": "phone", "note": "called"}).is(http.StatusForbidden)
	if at := c.waiting("2"); at.Step != payroll.StepDecryptionProven {
		t.Errorf("it climbed to %s", at.Step)
	}
	cem.post("/calls/2", readOut(key, "no-answer")...).leads(t, "/calls")
	c.meddle(`update settings set content = jsonb_set(content, '{sender,fingerprint}', to_jsonb($1::text))`, string(c.senderHere().Fingerprint))
	refused(t, "a key that somebody confirmed in SQL", cem.post("/calls/2", readOut(key, "agreed")...))
}

func TestACall(t *testing.T) {
	t.Parallel()
	c := town(t)
	cem := c.as("cem")
	key := c.waiting("2")
	cem.get("/calls").wants(t, http.StatusOK, "2 people wait", "Björn Çelik", `href="tel:&#43;4315550117"`, "New telephone number")
	cem.get("/calls/2").wants(t, http.StatusOK, "Group 10: ", `value="`+string(key.Fingerprint)+`"`)
	cem.get("/calls/1").wants(t, http.StatusNotFound) // does not wait
	without := func(name string) []string {
		pairs := readOut(key.Fingerprint, "agreed")
		for i := range pairs {
			if pairs[i] == name {
				pairs[i] = "other"
			}
		}
		return pairs
	}
	for name, says := range map[string]string{"group-7": "Tick each group", "method": "Say how you compared it", "note": "Write down who spoke"} {
		cem.post("/calls/2", without(name)...).wants(t, http.StatusUnprocessableEntity, says)
	}
	cem.post("/calls/2", without("fingerprint")...).wants(t, http.StatusConflict)
	cem.post("/calls/2", readOut(key.Fingerprint, "perhaps")...).wants(t, http.StatusUnprocessableEntity)
	if at := c.waiting("2"); at.Step != payroll.StepDecryptionProven {
		t.Fatalf("it climbed to %s", at.Step)
	}
	cem.post("/calls/2", "fingerprint", string(key.Fingerprint), "result", "no-answer").leads(t, "/calls")
	cem.get("/calls").wants(t, http.StatusOK, "One call was not answered")
	cem.post("/calls/2", readOut(key.Fingerprint, "agreed")...).leads(t, "/calls")
	at := c.waiting("2")
	if at.Step != payroll.StepCertified || at.Standing != payroll.CertificateCurrent {
		t.Fatalf("%s, %s", at.Step, at.Standing)
	}
	stored, err := keystore.ReadCertificate(at.Content)
	must(t, err)
	if !stored.CertifiedBy(companySigner(t).Certificate(), time.Now()) {
		t.Error("the company has not certified it")
	}
	cem.post("/calls/2", readOut(key.Fingerprint, "agreed")...).wants(t, http.StatusNotFound)
	c.as("ada").get("/people/2").wants(t, http.StatusOK, "By telephone: cem called at noon", "by <bdi>cem</bdi> from <bdi>console 127.0.0.1</bdi>")
}

func TestACallThatDoesNotAgree(t *testing.T) {
	t.Parallel()
	c := town(t)
	cem := c.as("cem")
	key := c.waiting("2")
	cem.post("/calls/2", "fingerprint", string(key.Fingerprint), "result", "denied").wants(t, http.StatusUnprocessableEntity, "Write down who spoke")
	cem.post("/calls/2", "fingerprint", string(key.Fingerprint), "result", "denied", "note", "reads 00 at its end").
		leads(t, "/people/certificates/"+strconv.FormatInt(key.ID, 10)+"/end")
	if at := c.waiting("2"); at.Standing != payroll.CertificateCandidate {
		t.Errorf("nobody has ended its use, and it is %s", at.Standing)
	}
	cem.get("/people/2").wants(t, http.StatusOK, "“It was not me”", "reads 00 at its end")
}

// TestWhoMayNotCompare: neither who brought the address nor who handed the
// certificate in, and the page says so before the store refuses it.
func TestWhoMayNotCompare(t *testing.T) {
	t.Parallel()
	c := town(t)
	e := townsman("8", "Eight")
	_, err := c.store.PutEmployees(t.Context(), []payroll.Employee{e}, "file", "eve", false)
	must(t, err)
	key := keyOf(t, e)
	_, err = c.store.PutCertificate(t.Context(), payroll.Submission{Employee: "8", Fingerprint: key.Fingerprint(), Content: key.Bytes(), Expires: key.Expires()}, "cem")
	must(t, err)
	for name, says := range map[string]string{"eve": "brought this employee&#39;s mail address", "cem": "handed this certificate in"} {
		who := c.as(name)
		who.get("/calls").wants(t, http.StatusOK, "Not by you")
		a := who.get("/calls/8")
		a.wants(t, http.StatusOK, "Somebody else must make this call", says)
		if strings.Contains(a.body, "It agrees") {
			t.Errorf("%s is shown the form", name)
		}
		who.post("/calls/8", readOut(key.Fingerprint(), "agreed")...).wants(t, http.StatusForbidden)
	}
	c.as("bea").post("/calls/8", readOut(key.Fingerprint(), "agreed")...).leads(t, "/calls")
}

// TestARekeyTakesTwo: so close to a pay date a new key in the place of another is
// compared by two people.
func TestARekeyTakesTwo(t *testing.T) {
	t.Parallel()
	c := town(t)
	c.exec(`insert into runs (state, period, pay_date, currency, file_sha256, imported_by)
		values ('draft', '2026-11', current_date + 1, 'EUR', repeat('a', 64), 'ada')`)
	e := townsman("1", "Ada Brontë")
	key := keyOf(t, e)
	c.climb(e, key, payroll.StepDecryptionProven)
	cem, bea := c.as("cem"), c.as("bea")
	cem.get("/calls").wants(t, http.StatusOK, "Takes two people", "Takes the place of another key")
	if to := cem.post("/calls/1", readOut(key.Fingerprint(), "agreed")...).to(); to != "/calls?said=compared-once" {
		t.Errorf("the first leads to %q", to)
	}
	cem.get("/calls/1").wants(t, http.StatusOK, "Somebody else must make this call", "a second person must too")
	cem.post("/calls/1", readOut(key.Fingerprint(), "agreed")...).wants(t, http.StatusForbidden)
	bea.get("/calls/1").wants(t, http.StatusOK, "The second of two comparisons", "cem has compared it")
	if to := bea.post("/calls/1", readOut(key.Fingerprint(), "agreed")...).to(); to != "/calls?said=compared" {
		t.Errorf("the second leads to %q", to)
	}
	if at := c.waiting("1"); at.Fingerprint != key.Fingerprint() || at.Standing != payroll.CertificateCurrent {
		t.Errorf("%s is %s", at.Fingerprint, at.Standing)
	}
}

// gnupg runs gpg with a keyring of its own.
func gnupg(t *testing.T, home string, input []byte, args ...string) string {
	t.Helper()
	var said bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "gpg", append([]string{"--homedir", home, "--batch", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", ""}, args...)...)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(input), &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("gpg %v: %v\n%s", args, err, &said)
	}
	return string(out)
}

// TestAPhoneCheckInTheBrowser walks one call from the queue to the certificate
// that the company has certified, which gpg then looks at.
func TestAPhoneCheckInTheBrowser(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	kiran := townsman("K/1", "Kiran Öztürk")
	c.settle(kiran)
	home := t.TempDir()
	gnupg(t, home, nil, "--quick-generate-key", "Kiran <"+string(kiran.Email)+">", "future-default", "default", "1y")
	c.climb(kiran, judged(t, []byte(gnupg(t, home, nil, "--armor", "--export")), kiran.Email), payroll.StepDecryptionProven)

	tab := c.tab("cem")
	tab.Open(c.address("/calls"))
	tab.See("main", "Kiran Öztürk")
	tab.Click(`a[href="/calls/K%2F1"]:not([class])`)
	tab.See("h1", "Call Kiran Öztürk")
	tab.Click("#method-0")
	tab.Type("#note", "I called the number in HR's file")
	tab.Click("button[value=agreed]")
	tab.See("main", "Tick each group that the employee read out")
	for i := range 10 {
		tab.Click(`input[name="group-` + strconv.Itoa(i+1) + `"]`)
	}
	tab.Axe()
	tab.Click("button[value=agreed]")
	tab.See("main", "Compared and certified.")
	tab.See("main", "Nobody waits for a call")

	at := c.waiting(kiran.Number)
	company, err := companySigner(t).Certificate().Armored()
	must(t, err)
	gnupg(t, home, []byte(company), "--import")
	gnupg(t, home, at.Content, "--import")
	if checked := gnupg(t, home, nil, "--with-colons", "--check-sigs", string(kiran.Email)); !strings.Contains(checked, "sig:!:") || !strings.Contains(checked, "ACME Payroll") {
		t.Errorf("gpg does not see the company's certification:\n%s", checked)
	}
}
