package console

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

// lists reads a report's list.
func readList(t *testing.T, content string) [][]string {
	t.Helper()
	after, found := strings.CutPrefix(content, byteOrderMark)
	if !found {
		t.Fatal("the list has no byte order mark")
	}
	rows, err := csv.NewReader(strings.NewReader(after)).ReadAll()
	must(t, err)
	return rows
}

// TestTheListIsSafe: no cell is a formula, no amount is in it, and who took it is
// kept.
func TestTheListIsSafe(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	staff := []payroll.Employee{
		{Number: "=1+2", Name: `=HYPERLINK("http://evil.example","x")`, Email: "a@acme.example"},
		{Number: "@7", Name: "+cmd|' /C calc'!A0", Email: "b@acme.example"},
		{Number: "-8", Name: `Quote " comma, Žižka 王`, Email: "c@acme.example"},
	}
	_, err := c.store.PutEmployees(t.Context(), staff, "test", "ada", false)
	must(t, err)
	run := c.approved(payroll.Run{}, slipOf(staff[0], 123456), slipOf(staff[1], 123456), slipOf(staff[2], 123456))
	c.exec(`update runs set state = 'incomplete' where id = $1`, run)
	c.setSlip(run, "@7", payroll.SlipRefused, "")
	c.tried(run, "@7", payroll.Refused, 550, "5.1.1 no such user")
	c.as("dia").post("/runs/1/report", "form", "csv").leads(t, "/step-up")
	a := c.as("dia").confirmed("/runs/1/report", "form", "csv")
	a.wants(t, http.StatusOK)
	if a.header.Get("Content-Disposition") != `attachment; filename="run-1-slips.csv"` || a.header.Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Errorf("%v", a.header)
	}
	rows := readList(t, a.body)
	if len(rows) != 4 || !cmp.Equal(rows[0], payroll.ReportHeader) {
		t.Fatalf("%q", rows)
	}
	var numbers []string
	for _, row := range rows[1:] {
		numbers = append(numbers, row[0])
		for _, cell := range row {
			if cell != payroll.Unformulated(cell) {
				t.Errorf("%q is a formula", cell)
			}
		}
	}
	if diff := cmp.Diff([]string{"'-8", "'=1+2", "'@7"}, numbers); diff != "" {
		t.Error(diff)
	}
	if row := rows[3]; row[2] != "refused" || row[7] != "550" || row[8] != "2026-11-27T06:00:01Z" || !strings.HasSuffix(row[10], "@acme.example") {
		t.Errorf("%q", row)
	}
	if strings.Contains(a.body, "1234") {
		t.Error("the list holds an amount")
	}
	c.as("dia").get("/runs/1").wants(t, http.StatusOK, "Report taken")
	c.as("dia").confirmed("/runs/1/report", "form", "xlsx").wants(t, http.StatusUnprocessableEntity)
}

// TestTheReportIsSigned: gpg and sq find the company's signature good, and no
// other; the report names the list's hash.
func TestTheReportIsSigned(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"gpg", "sq", "pdftotext"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("this test needs %s; install it with: make setup", tool)
		}
	}
	c := newConsole(t)
	run := c.sending(3)
	c.setSlip(run, "0001", payroll.SlipHeld, payroll.HoldNoCertificate)
	a := c.as("ada").confirmed("/runs/1/report", "form", "signed")
	a.wants(t, http.StatusOK)
	files := unzip(t, a.body)
	home := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(home, name)
		must(t, os.WriteFile(path, content, 0o600))
		return path
	}
	pdf, signature := write("report.pdf", files["report.pdf"]), write("report.pdf.asc", files["report.pdf.asc"])
	armored, err := c.Signer.Certificate().Armored()
	must(t, err)
	key := write("company.asc", []byte(armored))
	gpg := func(args ...string) error {
		out, err := exec.Command("gpg", append([]string{"--homedir", home, "--batch", "--no-autostart"}, args...)...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	}
	must(t, gpg("--import", key))
	must(t, gpg("--verify", signature, pdf))
	if out, err := exec.Command("sq", "verify", "--signer-cert", key, "--detached", signature, pdf).CombinedOutput(); err != nil {
		t.Errorf("sq: %v\n%s", err, out)
	}
	text := pdfWords(t, files["report.pdf"])
	sum := sha256.Sum256(files["list.csv"])
	for _, want := range []string{hex.EncodeToString(sum[:]), "November 2026", "run.approve", "no certificate", "Slips that the relay has not accepted: 3"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report lacks %q\n%s", want, text)
		}
	}
	if rows := readList(t, string(files["list.csv"])); len(rows) != 4 {
		t.Errorf("%d rows", len(rows))
	}
	must(t, os.WriteFile(pdf, append(files["report.pdf"], '\n'), 0o600))
	if gpg("--verify", signature, pdf) == nil {
		t.Error("gpg takes a changed report for good")
	}
}

func unzip(t *testing.T, content string) map[string][]byte {
	t.Helper()
	archive, err := zip.NewReader(strings.NewReader(content), int64(len(content)))
	must(t, err)
	files := make(map[string][]byte)
	for _, f := range archive.File {
		reader, err := f.Open()
		must(t, err)
		files[f.Name], err = io.ReadAll(reader)
		must(t, err)
	}
	return files
}

// pdfWords is what is to be read on a PDF.
func pdfWords(t *testing.T, pdf []byte) string {
	t.Helper()
	cmd := exec.Command("pdftotext", "-layout", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	must(t, err)
	return strings.Join(strings.Fields(string(out)), " ")
}
