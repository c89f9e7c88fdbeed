package console

import (
	"net/http"
	"path/filepath"
	"regexp"
	"testing"
)

// TestUploadGoldens holds what the pages from a file to a submitted run say.
func TestUploadGoldens(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.payees(6)
	c.monthBefore(6)
	c.exec(`update employees set name = 'Kiran A' where number in ('E005', 'E006')`)
	const how = `{"period":"2026-11","pay_date":"2026-11-27","currency":"EUR","source":"Plant Vienna"}`
	b := c.as("ada")
	bad := c.put("employee_id,net,Cost centre\nE001,1.00,7\nE999,-1.00,7\nE002,x,7\nTotal,2.00,\n", `{}`)
	good := c.put("employee_id,gross,deductions,net\nE001,2500.00,0.00,2500.00\nE002,9000.00,0.00,9000.00\nE005,2500.00,0.00,2500.00\nTotal,14000.00,0.00,14000.00\n", how)
	page := func(name, path string) {
		a := b.look(path)
		a.wants(t, http.StatusOK)
		text := regexp.MustCompile(`[0-9a-f]{64}`).ReplaceAllString(shownText(t, a.body), "SHA256")
		text = regexp.MustCompile(`\d{1,2} [A-Z][a-z]+ 20\d\d, \d\d:\d\d UTC`).ReplaceAllString(text, "MOMENT")
		golden(t, filepath.Join("testdata", "upload", name+".txt"), text)
	}
	page("new", "/runs/new")
	page("bad", bad)
	page("good", good)
	check := b.draft(good)
	for _, kind := range []string{"variance", "joiner", "missing", "twin"} {
		page("check-"+kind, check+"?kind="+kind)
	}
	for _, kind := range []string{"variance", "missing", "twin"} {
		b.post(check+"/acknowledge", "kind", kind, "all", "yes", "note", "looked").leads(t, check)
	}
	page("check-seen", check)
	b.post(check+"/submit").leads(t, check)
	page("check-submitted", check)
}
