package dispatch_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/dispatch"
	"github.com/payseal/payseal/internal/smtptest"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/intake"
)

// The marks stand on one slip and may stand nowhere else.
const (
	markName   = "Xanthippe Quizzlewick"
	markIBAN   = "DE89370400440532013000"
	markSalary = "7654321.98"
)

// markForms are the marks as they could leak: as text, as bytes in hexadecimal
// (how Postgres prints bytea), in base64 at any offset, as minor units, in
// UTF-16 (how PDFs hold text), and the salary as people write it.
func markForms() map[string][]byte {
	forms := map[string][]byte{"salary in cents": []byte("765432198"), "salary with commas": []byte("7,654,321.98")}
	for _, mark := range []string{markName, markIBAN, markSalary, "Quizzlewick"} {
		forms[mark] = []byte(mark)
		forms[mark+" in hex"] = []byte(hex.EncodeToString([]byte(mark)))
		for offset := range 3 {
			encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(" ", offset) + mark))
			forms[fmt.Sprintf("%s in base64 at %d", mark, offset)] = []byte(encoded[4 : len(encoded)-4])
		}
		var wide []byte
		for _, unit := range utf16.Encode([]rune(mark)) {
			wide = append(wide, byte(unit>>8), byte(unit))
		}
		forms[mark+" in UTF-16"] = wide
	}
	return forms
}

func searchMarks(t testing.TB, where string, content []byte) {
	t.Helper()
	for what, form := range markForms() {
		if bytes.Contains(content, form) {
			t.Errorf("%s: the mark %s", where, what)
		}
	}
}

func mark(s *payroll.Slip) {
	s.Employee.Name, s.Employee.BankAccount = markName, payroll.MaskAccount(markIBAN)
	s.Net.Minor = 765432198
	s.Lines = []payroll.Line{{Kind: payroll.LineEarning, Label: "Basic salary", Amount: s.Net}}
	s.Info = []payroll.Fact{{Label: "Paid to", Value: markIBAN}}
}

// TestNoMarkLeaks feeds a marked slip through every step that can fail and
// looks for its marks in all that anyone could see: logs, errors, metrics,
// temporary files, every row of the database and every byte on the wire. (The
// roster holds names by design; here it has another.)
func TestNoMarkLeaks(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	for name, c := range map[string]struct {
		faults []smtptest.Fault
		change string
		slip   func(*payroll.Slip)
		worker func(*dispatch.Conveyor)
	}{
		"nothing fails":       {},
		"connection refused":  {faults: []smtptest.Fault{{At: smtptest.Connect, Do: smtptest.Drop, Times: 1}}},
		"login refused":       {faults: []smtptest.Fault{{At: smtptest.Auth, Do: smtptest.Answer, Reply: "535 5.7.8 no"}}},
		"sender refused":      {faults: []smtptest.Fault{{At: smtptest.Mail, Do: smtptest.Answer, Reply: "550 5.7.1 no", Times: 1}}},
		"recipient refused":   {faults: []smtptest.Fault{{At: smtptest.Rcpt, Do: smtptest.Answer, Reply: "550 5.1.1 <e0@acme.example>: no such user"}}},
		"recipient deferred":  {faults: []smtptest.Fault{{At: smtptest.Rcpt, Do: smtptest.Answer, Reply: "451 4.3.0 later"}}},
		"garbage":             {faults: []smtptest.Fault{{At: smtptest.Data, Do: smtptest.Garbage}}},
		"content refused":     {faults: []smtptest.Fault{{At: smtptest.Dot, Do: smtptest.Answer, Reply: "554 5.6.0 no"}}},
		"reply lost":          {faults: []smtptest.Fault{{At: smtptest.Dot, Do: smtptest.Drop, Taken: true}}},
		"row damaged":         {change: `update slips set content = content || '\x00'`},
		"certificate damaged": {change: `update certificates set content = '\x99'`},
		"address changed":     {change: `update employees set email = 'other@acme.example'`},
		"held, with a notice": {change: `update certificates set standing = 'revoked'`},
		"no font":             {slip: func(s *payroll.Slip) { s.Employee.Name = markName + " \U00013080" }},
		"worker dies":         {worker: func(c *dispatch.Conveyor) { c.Ledger = dying{Ledger: c.Ledger, before: "finish"} }},
	} {
		t.Run(name, func(t *testing.T) {
			o := openOffice(t, 1, func(s *payroll.Slip) {
				mark(s)
				if c.slip != nil {
					c.slip(s)
				}
			}, c.faults)
			if c.change != "" {
				if _, err := o.store.Pool().Exec(t.Context(), c.change); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 {
				worker := o.conveyor(func(c *dispatch.Conveyor) { c.Sender.Company, c.Sender.Contact = "ACME", "payroll@acme.example" })
				if c.worker != nil {
					c.worker(worker)
				}
				if err := worker.Carry(t.Context(), o.run); err != nil {
					searchMarks(t, "error", []byte(err.Error()))
				}
				o.burial()
			}
			o.searchEverywhere()
		})
	}
	searchFiles(t, temporary)
}

func (o *office) searchEverywhere() {
	o.t.Helper()
	searchMarks(o.t, "log", o.log.Bytes())
	for _, registry := range o.registries {
		families, err := registry.Gather()
		if err != nil {
			o.t.Fatal(err)
		}
		for _, family := range families {
			searchMarks(o.t, "metric", []byte(family.String()))
		}
	}
	for _, m := range o.relay.Messages() {
		searchMarks(o.t, "wire", m.Data)
	}
	searchMarks(o.t, "SMTP commands", []byte(strings.Join(o.relay.Commands(), "\n")))
	o.searchRows()
}

// searchRows looks through every row of every table.
func (o *office) searchRows() {
	o.t.Helper()
	rows, err := o.store.Pool().Query(o.t.Context(), `select table_name from information_schema.tables where table_schema = 'public'`)
	if err != nil {
		o.t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 10 {
		o.t.Fatalf("%d tables, %v", len(tables), err)
	}
	for _, table := range tables {
		rows, err := o.store.Pool().Query(o.t.Context(), `select t::text from `+pgx.Identifier{table}.Sanitize()+` t`)
		if err != nil {
			o.t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			o.t.Fatal(err)
		}
		searchMarks(o.t, "table "+table, []byte(strings.Join(lines, "\n")))
	}
}

func searchFiles(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		searchMarks(t, "temporary file", content)
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestMarksAreFoundWhereTheyAre keeps the search honest: it finds the marks in
// the sealed slip once that is opened.
func TestMarksAreFoundWhereTheyAre(t *testing.T) {
	t.Parallel()
	o := openOffice(t, 1, mark, nil)
	slip, err := o.store.Slip(t.Context(), o.run, number(0), "anton")
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := slip.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{markName, markIBAN, "salary in cents"} {
		if !bytes.Contains(encoded, markForms()[form]) {
			t.Errorf("the slip does not hold %s", form)
		}
	}
}

// TestFindingsNameNoMark gives the intake room a file in which every marked
// cell is wrong.
func TestFindingsNameNoMark(t *testing.T) {
	t.Parallel()
	for _, row := range []string{
		"0000," + markName + ",x@acme.example,2026-10,EUR," + markSalary + ",0.00,1.00",
		markIBAN + "," + markName + ",x@acme.example,2026-10,EUR," + markSalary + "9,x,y",
		"0000," + markName + "\u202e," + markIBAN + ",2026-1," + markIBAN + "," + markSalary + "e9," + markIBAN + "," + markSalary,
		"0000,\"" + markName + "," + markSalary,
	} {
		file := "employee_id,name,email,period,currency,gross,deductions,net\n" + row + "\n"
		result, err := intake.Scan(intake.NewFile("run.csv", []byte(file)), intake.Options{
			Roster: intake.NewRoster([]payroll.Employee{{Number: "0000", Name: "Somebody Else", Email: "e0@acme.example"}}),
			Period: payroll.Period{Year: 2026, Month: time.October},
		}, nil)
		if err != nil || len(result.Findings) == 0 {
			t.Errorf("nothing was found in a wrong row: %v", err)
		}
		searchMarks(t, "findings", fmt.Appendf(nil, "%+v", result.Findings))
	}
}
