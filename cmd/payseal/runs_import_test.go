package main

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/intake"
)

// TestImportReadsOnce writes to a file at every moment of its import at which
// another program could: what is stored must be what was checked, and have the
// digest that is stored with it.
func TestImportReadsOnce(t *testing.T) {
	t.Parallel()
	const checked = "employee_id,period,currency,net\nE001,2026-10,EUR,1.00\nE002,2026-10,EUR,2.00\n"
	path := filepath.Join(t.TempDir(), "run.csv")
	write := func(content string) {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(checked)
	file, digest, err := readImport(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(checked))
	if diff := cmp.Diff(hex.EncodeToString(sum[:]), digest); diff != "" {
		t.Error(diff)
	}
	write("employee_id,period,currency,net\nE001,2026-10,EUR,9.00\nE003,2026-10,EUR,8.00\n")
	if result, err := intake.Scan(file, intake.Options{}, nil); err != nil || result.Totals.Net != "3.00" {
		t.Errorf("checked %s, %v", result.Totals.Net, err)
	}
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	var stored []int64
	for slip, err := range slipsOf(file, intake.Options{}) {
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, slip.Net.Minor)
	}
	if diff := cmp.Diff([]int64{100, 200}, stored); diff != "" {
		t.Error(diff)
	}
	for slip := range slipsOf(file, intake.Options{}) { // and a store that gives up
		if slip.Employee.Number != "E001" {
			t.Error("a slip after the store has given up")
		}
		break
	}
}

// TestImportTooLarge takes one byte more than is read at all, and no more.
func TestImportTooLarge(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "run.csv")
	if err := os.WriteFile(path, []byte("employee_id,net\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 8*intake.MaxFileBytes); err != nil { // a hole, which takes no room
		t.Fatal(err)
	}
	file, _, err := readImport(path)
	if err != nil || file.Size != intake.MaxFileBytes+1 {
		t.Fatal(file.Size, err)
	}
	result, err := intake.Scan(file, intake.Options{}, nil)
	if err != nil || len(result.Findings) != 1 || result.Findings[0].Code != "file_too_large" || result.Verdict() != payroll.VerdictRefuse {
		t.Error(result.Findings, err)
	}
}
