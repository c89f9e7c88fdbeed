package console

import (
	"bytes"
	"net/mail"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/internal/browsertest"
	"github.com/payseal/payseal/internal/smtptest"
	"github.com/payseal/payseal/payroll"
)

// TestARunInTheBrowser: some hundred slips leave while somebody watches. Without
// a reload the page shows the progress, a pause, a resumption, a slip that is held
// and goes once its certificate has come; then a slip is corrected, and the
// employee opens the correction with gpg.
func TestARunInTheBrowser(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"gpg", "pdftotext"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("this test needs %s; install it with: make setup", tool)
		}
	}
	const staffed = 150
	c := newConsole(t)
	relay := c.newRelay()
	staff := c.hire(staffed)
	late := payroll.Employee{Number: "9999", Name: "<b>Zoë</b> =1+1", Email: "late@acme.example"}
	_, err := c.store.PutEmployees(t.Context(), []payroll.Employee{late}, "late", "ada", false)
	must(t, err)
	run := c.approved(payroll.Run{}, append(slipsOfStaff(staff), slipOf(late, 5))...)
	c.work(relay)

	tab := c.tab("cem")
	tab.Open(c.address("/runs/1"))
	tab.Value(`window.stayed = true`, new(bool)) // what a reload would forget
	must(t, c.store.SendRun(t.Context(), run, "cem", c.Policy.GiveUp, 100))
	tab.See("h1 + .lead", "Sending")
	tab.Until(`document.getElementById("run-progress").value > 20`)
	must(t, c.store.PauseRun(t.Context(), run, "bea", "the bank is late"))
	tab.See("h1 + .lead", "Paused")
	tab.See("#main", "the bank is late")
	tab.See(".heading .actions", "Resume")
	must(t, c.store.ResumeRun(t.Context(), run, "bea"))
	tab.See("h1 + .lead", "Sending")
	tab.See("h1 + .lead", "Incomplete")
	tab.See("#run-live", "150")
	tab.See("#main", "Held: 1")
	c.enrol(late)
	tab.See("h1 + .lead", "Complete")
	tab.See("#run-progress-text", "151 of 151")
	var stayed bool
	if tab.Value(`window.stayed === true`, &stayed); !stayed {
		t.Error("the page was loaded again")
	}
	tab.Axe()

	correction := c.approved(payroll.Run{Corrects: run, Correction: "the overtime was missing"}, slipOf(staff[7].Employee, 200000))
	must(t, c.store.SendRun(t.Context(), correction, "cem", c.Policy.GiveUp, 100))
	tab.Open(c.address("/runs/2"))
	tab.See("h1 + .lead", "Complete")
	tab.Open(c.address("/runs/1/slips/0007"))
	tab.See("#main", "This one is superseded and is never sent again.")
	mails := mailsTo(t, relay, "e7@acme.example")
	if len(mails) != 2 {
		t.Fatalf("employee 0007 has %d mails, want the slip and its correction", len(mails))
	}
	page := openedByGPG(t, c, staff[7], mails[1])
	for _, want := range []string{"Correction: This slip replaces the one of 27 November 2026", "Reason: the overtime was missing", "2,000.00"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q\n%s", want, page)
		}
	}
	if first := openedByGPG(t, c, staff[7], mails[0]); strings.Contains(first, "Correction") {
		t.Error("the first slip calls itself a correction")
	}
}

func mailsTo(t *testing.T, relay *smtptest.Relay, address string) [][]byte {
	t.Helper()
	var mails [][]byte
	for _, m := range relay.Messages() {
		if m.To[0] == address {
			mails = append(mails, m.Data)
		}
	}
	return mails
}

// openedByGPG is what stands on the page of a slip that gpg has opened with the
// employee's key, and whose signature it finds good.
func openedByGPG(t *testing.T, c *testConsole, p paid, eml []byte) string {
	t.Helper()
	home, err := os.MkdirTemp("", "gpg") // a socket's path must be short
	must(t, err)
	t.Cleanup(func() {
		_ = exec.Command("gpgconf", "--homedir", home, "--kill", "all").Run()
		_ = os.RemoveAll(home)
	})
	secret, err := p.key.SecretKey()
	must(t, err)
	company, err := c.Signer.Certificate().Armored()
	must(t, err)
	gpg := func(in []byte, args ...string) (out, said []byte) {
		t.Helper()
		cmd := exec.Command("gpg", append([]string{"--homedir", home, "--batch", "--trust-model", "always"}, args...)...)
		var stdout, stderr bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &stdout, &stderr
		if err := cmd.Run(); err != nil {
			t.Fatalf("gpg %v: %v\n%s", args, err, stderr.Bytes())
		}
		return stdout.Bytes(), stderr.Bytes()
	}
	gpg(secret, "--import")
	gpg([]byte(company), "--import")
	message, err := mail.ReadMessage(bytes.NewReader(eml))
	must(t, err)
	var body bytes.Buffer
	_, err = body.ReadFrom(message.Body)
	must(t, err)
	_, sealed, _ := strings.Cut(body.String(), "-----BEGIN PGP MESSAGE-----")
	sealed, _, found := strings.Cut(sealed, "-----END PGP MESSAGE-----")
	if !found {
		t.Fatal("the mail holds no OpenPGP message")
	}
	entity, said := gpg([]byte("-----BEGIN PGP MESSAGE-----"+sealed+"-----END PGP MESSAGE-----\n"), "--decrypt")
	if !bytes.Contains(said, []byte("Good signature")) {
		t.Errorf("gpg says %s", said)
	}
	opened, err := p.key.Open(eml, company, time.Now())
	must(t, err)
	if !bytes.Contains(entity, []byte("application/pdf")) {
		t.Error("there is no PDF in the letter")
	}
	return pdfWords(t, opened.PDF)
}

// TestRunPagesAreAccessible: axe finds nothing, nothing is wider than a phone, and
// there are pictures to look at.
func TestRunPagesAreAccessible(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	staff := c.hire(40)
	run := c.approved(payroll.Run{}, slipsOfStaff(staff)...)
	must(t, c.store.SendRun(t.Context(), run, "cem", c.Policy.GiveUp, 100))
	c.exec(`update employees set name = 'Maria-Magdalena von und zu Hohenlohe-Schillingsfürst ' || number where number < '0003'`)
	c.exec(`update employees set name = 'Kiran ' || number where number >= '0003'`)
	for i := range 25 {
		c.setSlip(run, numberedAs(i), payroll.SlipAccepted, "")
		c.tried(run, numberedAs(i), payroll.Accepted, 250, "2.0.0 queued as 4711")
	}
	c.setSlip(run, "0025", payroll.SlipHeld, payroll.HoldAddressChanged)
	c.exec(`update employees set email = 'kiran.new@acme.example' where number = '0025'`)
	c.setSlip(run, "0026", payroll.SlipUnsure, "")
	c.tried(run, "0026", payroll.Unsure, 0, "")
	c.setSlip(run, "0027", payroll.SlipRefused, "")
	c.tried(run, "0027", payroll.Refused, 550, "5.1.1 no such user")
	c.setSlip(run, "0028", payroll.SlipHeld, payroll.HoldChangeFreeze)
	c.exec(`update employees set email_changed_at = now() where number = '0028'`)
	old := c.draft(payroll.Run{Supplement: true}, slipsOfStaff(staff[:5])...)
	must(t, c.store.VoidRun(t.Context(), old, "ada", "wrong file"))
	c.draft(payroll.Run{Corrects: run, Correction: "the overtime was missing"}, slipsOfStaff(staff[30:32])...)
	tab := c.tab("eve")
	for _, page := range []struct{ name, path string }{
		{"runs", "/runs"}, {"run", "/runs/1"}, {"run-pause", "/runs/1/pause"}, {"slips", "/runs/1/slips"}, {"slip-held", "/runs/1/slips/0025"},
		{"slip-refused", "/runs/1/slips/0027"}, {"slip-settle", "/runs/1/slips/0026/settle"}, {"slip-reapprove", "/runs/1/slips/0025/reapprove"},
		{"correct", "/runs/1/correct"}, {"run-report", "/runs/1/report"},
	} {
		tab.Size(browsertest.Desktop)
		tab.Open(c.address(page.path))
		tab.Axe()
		tab.Scheme("dark")
		tab.Axe()
		tab.Picture("console-" + page.name + "-dark")
		tab.Scheme("light")
		tab.Pictures("console-" + page.name)
		tab.Size(browsertest.Phone)
		tab.Overflow()
	}
}
