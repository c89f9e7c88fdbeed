package console

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/payseal/payseal/internal/browsertest"
)

// looked takes pictures and asks axe, on a phone and a desktop, in the light and
// in the dark.
func looked(tab *browsertest.Tab, name string) {
	for _, window := range []browsertest.Viewport{browsertest.Phone, browsertest.Desktop} {
		tab.Size(window)
		for _, scheme := range []string{"light", "dark"} {
			tab.Scheme(scheme)
			tab.Overflow()
			tab.Axe()
			tab.Picture(name + "-" + window.Name + "-" + scheme)
		}
	}
	tab.Scheme("light")
}

// TestTheMakersMonth: a file is dropped, its mapping mended, what stands out is
// acknowledged, a slip looked at, and the run submitted.
//
//	PAYSEAL_PICTURES=/tmp/pictures go test -run TestTheMakersMonth ./web/console
func TestTheMakersMonth(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.payees(14)
	c.monthBefore(14)
	c.exec(`update employees set name = 'Kiran A' where number in ('E005', 'E006')`)
	folder := t.TempDir()
	var b strings.Builder
	b.WriteString("ACME payroll;;;;\nPersonal-Nr;Brutto;Abzüge;Auszahlung;Kostenstelle\n")
	for i := 1; i <= 12; i++ {
		net := "2.500,00"
		if i == 4 {
			net = "3.750,50"
		}
		b.WriteString("E0" + string(rune('0'+i/10)) + string(rune('0'+i%10)) + ";" + net + ";0,00;" + net + ";4711\n")
	}
	b.WriteString("E0999;2.500,00;0,00;2.500,00;4711\nSumme;33.750,50;0,00;33.750,50;\n")
	file := filepath.Join(folder, "november.csv")
	must(t, os.WriteFile(file, []byte(b.String()), 0o600))

	tab := c.tab("ada")
	tab.Open(c.address("/runs/new"))
	looked(tab, "upload-1-new")
	tab.Type("#new_source", "Plant Vienna")
	tab.Choose("#file", file)
	tab.Click("#upload button")
	tab.See("h1", "How the file is read")
	looked(tab, "upload-2-not-yet")

	tab.Type("#header_row", "2")
	scripted(t, tab, `document.querySelector("#separator").value = "semicolon"`)
	tab.Click(".how > .actions button")
	tab.See(".how", "Read from row 2")
	for header, as := range map[string]string{"Personal-Nr": "employee_id", "Brutto": "gross", "Abzüge": "deductions", "Auszahlung": "net"} {
		scripted(t, tab, `[...document.querySelectorAll(".mapping tbody tr")].find(r => r.querySelector("th").innerText.trim() === "`+header+`").querySelector("select").value = "`+as+`"`)
	}
	scripted(t, tab, `document.querySelector("#period").value = "2026-11"`)
	scripted(t, tab, `document.querySelector("#pay_date").value = "2026-11-27"`)
	tab.Type("#currency", "EUR")
	tab.Click(".how > .actions button")
	tab.See(".findings", "Row 15")
	looked(tab, "upload-3-bad-row")
	tab.Click(`a[download]`)
	if bad := string(tab.Download("bad-rows.csv")); !strings.Contains(bad, "15,E0999,") {
		t.Errorf("the bad rows:\n%s", bad)
	}

	// The mended file is known by its source.
	mended := filepath.Join(folder, "mended.csv")
	must(t, os.WriteFile(mended, []byte(strings.Replace(b.String(), "E0999", "E014", 1)), 0o600))
	tab.Open(c.address("/runs/new"))
	tab.Choose("#file", mended)
	tab.Click("#upload button")
	tab.See("h1", "How the file is read")
	tab.See(".mapping", "Personal-Nr")
	scripted(t, tab, `document.querySelector("#period").value = "2026-11"`)
	scripted(t, tab, `document.querySelector("#pay_date").value = "2026-11-27"`)
	tab.Click(".how > .actions button")
	tab.See(".import button", "Make a draft of 13 slips")
	looked(tab, "upload-4-ready")
	tab.Click(".import button")
	tab.See("h1", "Check run 2")
	tab.See(".changes, table", "E004")
	looked(tab, "upload-5-check")
	tab.Click(`th a[href*="slip=E004"]`)
	tab.See("#slip-page", "Open the page by itself")
	looked(tab, "upload-6-slip")
	for _, kind := range []string{"variance", "missing", "twin"} {
		tab.Open(c.address("/runs/2/check?kind=" + kind))
		tab.Type("#note", "compared with the contract")
		tab.Click(`button[name=all]`)
		tab.See("main", "Acknowledged.")
	}
	looked(tab, "upload-7-acknowledged")
	tab.Click(`form[action$="/submit"] button`)
	tab.See("main", "Waits for approval")
	looked(tab, "upload-8-submitted")
}

// TestAFileIsDropped on the page, which shows how much of it is sent.
func TestAFileIsDropped(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.payees(2)
	tab := c.tab("ada")
	tab.Open(c.address("/runs/new"))
	scripted(t, tab, `(() => {
		const files = new DataTransfer()
		files.items.add(new File(["employee_id,net\nE001,1.00\n"], "dropped.csv"))
		for (const kind of ["dragenter", "dragover", "drop"])
			document.querySelector("[data-drop]").dispatchEvent(new DragEvent(kind, { dataTransfer: files, bubbles: true, cancelable: true }))
	})()`)
	tab.See("h1", "How the file is read")
	tab.See(".lead", "dropped.csv")
}

// TestUploadsWithoutScripts work all the same.
func TestUploadsWithoutScripts(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.payees(2)
	file := filepath.Join(t.TempDir(), "a.csv")
	must(t, os.WriteFile(file, []byte("employee_id,net\nE001,1.00\n"), 0o600))
	tab := c.tab("ada")
	tab.Scripts(false)
	tab.Open(c.address("/runs/new"))
	tab.Choose("#file", file)
	tab.Click("#upload button")
	tab.See("h1", "How the file is read")
}

// TestAPageWaits while files before it are read, and goes on by itself, with
// scripts and without.
func TestAPageWaits(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.payees(2)
	var backs []func()
	for range readAtOnce {
		back, err := c.uploads.turn(t.Context())
		must(t, err)
		backs = append(backs, back)
	}
	upload := c.address(c.put("employee_id,net\nE001,1.00\n", `{}`))
	plain, tab := c.tab("ada"), c.tab("ada")
	plain.Scripts(false)
	for _, tab := range []*browsertest.Tab{plain, tab} {
		tab.Open(upload)
		tab.See("h1", "The file is being read")
		tab.See("#progress-text", "0 percent")
	}
	looked(tab, "upload-9-wait")
	for _, back := range backs {
		back()
	}
	plain.See("h1", "How the file is read")
	tab.See("h1", "How the file is read")
}

// scripted does something in the page that a person would do by hand.
func scripted(t *testing.T, tab *browsertest.Tab, script string) {
	t.Helper()
	done := false
	if tab.Value("("+script+", true)", &done); !done {
		t.Errorf("cannot do %s", script)
	}
}

// monthBefore is an approved run of October that pays n people the same.
func (c *testConsole) monthBefore(n int) {
	c.t.Helper()
	b := c.as("ada")
	check := b.draft(c.put(payrollFile(n, flat), `{"period":"2026-10","pay_date":"2026-10-30","currency":"EUR","source":"Plant Vienna"}`))
	b.post(check+"/submit").leads(c.t, check)
	c.exec(`update runs set state = 'approved', approved_by = 'bea'`)
	c.exec(`delete from mappings`)
}
