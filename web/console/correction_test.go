package console

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
)

// send posts a file with a reason, as the page does.
func (b *client) sendCorrection(path, reason, name, content string) answer {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	must(b.t, form.WriteField("reason", reason))
	part, err := form.CreateFormFile("file", name)
	must(b.t, err)
	_, err = part.Write([]byte(content))
	must(b.t, err)
	must(b.t, form.Close())
	r := b.request(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return b.do(r)
}

// imported makes a draft of an upload, and waits for what comes of it.
func (b *client) imported(upload string) answer {
	b.t.Helper()
	a := b.post(upload + "/import")
	for deadline := time.Now().Add(30 * time.Second); a.to() == upload+"/import" || a.status == http.StatusOK; a = b.get(upload + "/import") {
		if time.Now().After(deadline) {
			b.t.Fatal("the import does not end")
		}
	}
	return a
}

// TestCorrectionFromTheRunsPage: corrected rows become a run that says what it
// corrects, four eyes included, and the slip's page leads from one to the other.
func TestCorrectionFromTheRunsPage(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	run := c.sending(3)
	c.setSlip(run, "0000", payroll.SlipAccepted, "")
	ada := c.as("ada")
	c.as("bea").get("/runs/1/correct").wants(t, http.StatusForbidden)
	ada.get("/runs/1").wants(t, http.StatusOK, `href="/runs/1/correct"`)
	rows := "employee_id,net\n0000,1500.00\n0001,1600.00\n" // month and currency are those of the run
	ada.sendCorrection("/runs/1/correct", " ", "fixed.csv", rows).wants(t, http.StatusUnprocessableEntity, "Say why the slips are corrected")
	ada.sendCorrection("/runs/1/correct", "x", "", rows).wants(t, http.StatusUnprocessableEntity)
	sent := ada.sendCorrection("/runs/1/correct", "the overtime was missing", "fixed.csv", rows)
	if sent.status != http.StatusSeeOther || !strings.HasPrefix(sent.to(), "/uploads/") {
		t.Fatalf("%d to %s\n%s", sent.status, sent.to(), mainOf(sent.body))
	}
	upload, _, _ := strings.Cut(sent.to(), "?")
	ada.look(upload).wants(t, http.StatusOK, "corrects slips of run 1", "the overtime was missing", `<a href="/runs/1">`)
	ada.imported(upload).leads(t, "/runs/2/check")
	correction, err := c.store.Run(t.Context(), 2)
	must(t, err)
	if correction.Corrects != run || correction.Correction != "the overtime was missing" || correction.Period != november {
		t.Fatalf("%+v", correction)
	}
	ada.get("/runs/2/check").wants(t, http.StatusOK, "corrects slips of", "the overtime was missing")
	must(t, c.store.SubmitRun(t.Context(), 2, "ada", false))
	c.as("bea").get("/runs/2/review").wants(t, http.StatusOK, "corrects slips of", "the overtime was missing")
	must(t, c.store.ApproveRun(t.Context(), 2, "bea", payroll.Approval{Letterhead: c.Letterhead().Digest()}))
	b := c.as("dia")
	b.get("/runs/1").wants(t, http.StatusOK, "Correction: run 2, approved")
	b.get("/runs/2").wants(t, http.StatusOK, "Corrects", `href="/runs/1"`, "the overtime was missing")
	b.get("/runs").wants(t, http.StatusOK, "corrects run 1")
	b.get("/runs/1/slips/0001").wants(t, http.StatusOK, "Run 2 corrects this slip.", "This one is superseded and is never sent again.", `href="/runs/2/slips/0001"`)
	if page := b.get("/runs/1/slips/0001"); strings.Contains(page.body, "Changed") {
		t.Error("a slip that a correction ended looks changed behind the program's back")
	}
	b.get("/runs/1/slips/0000").wants(t, http.StatusOK, "It counts until the correction is accepted.")
	b.get("/runs/2/slips/0000").wants(t, http.StatusOK, "This slip takes the place of the one in run 1.")
	if page := c.as("cem").get("/runs/1/slips/0000"); strings.Contains(page.body, "/resend") {
		t.Error("a corrected slip can be sent again")
	}
	ada.post("/runs/1/slips/0001/withdraw", "reason", "wrong month").wants(t, http.StatusConflict, "run 2 corrects the slip")
	again := ada.sendCorrection("/runs/1/correct", "once more", "more.csv", rows+"0002,1700.00\n")
	upload, _, _ = strings.Cut(again.to(), "?")
	ada.get(upload).wants(t, http.StatusOK)
	ada.imported(upload).wants(t, http.StatusConflict, "run 2 corrects the slip of employee 0000 already")
	for path, status := range map[string]int{"/runs/3/correct": http.StatusNotFound, "/runs/x/correct": http.StatusNotFound} {
		ada.get(path).wants(t, status)
	}
	draft := c.draft(payroll.Run{Supplement: true}, slipOf(payroll.Employee{Number: "0002", Name: "x", Email: "e2@acme.example"}, 1))
	ada.get(fmt.Sprintf("/runs/%d/correct", draft)).wants(t, http.StatusConflict, "voided")
}
