package console

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/intake"
)

// payees puts n employees with unlike names into the roster; "E001" and so on.
func (c *testConsole) payees(n int) {
	c.t.Helper()
	first, last := strings.Fields("Ana Bruno Carla Deniz Emil Farah Goran Hana Ivo Jana"), strings.Fields("Novak Okafor Petrov Quinn Rossi Silva Tanaka Ueda Vargas Weber")
	var people []payroll.Employee
	for i := 1; i <= n; i++ {
		number := fmt.Sprintf("E%03d", i)
		people = append(people, payroll.Employee{
			Number: payroll.EmployeeNumber(number), Name: first[i%10] + " " + last[(i*7+i/10)%10] + strings.Repeat("i", i/10),
			Email: payroll.Address(strings.ToLower(number) + "@acme.example"),
		})
	}
	_, err := c.store.PutEmployees(c.t.Context(), people, "test", "ada", false)
	must(c.t, err)
}

// payrollFile is a file that pays them, each net(i).
func payrollFile(n int, net func(i int) string) string {
	var b strings.Builder
	b.WriteString("employee_id,gross,deductions,net\n")
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "E%03d,%s,0.00,%[2]s\n", i, net(i))
	}
	return b.String()
}

// flat pays everybody the same.
func flat(int) string { return "2500.00" }

// send uploads a file as the page does; more are fields before it.
func (b *client) send(name, content string, more ...string) answer {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i < len(more); i += 2 {
		must(b.t, form.WriteField(more[i], more[i+1]))
	}
	part, err := form.CreateFormFile("file", name)
	must(b.t, err)
	_, err = io.WriteString(part, content)
	must(b.t, err)
	must(b.t, form.Close())
	r := b.request(http.MethodPost, "/runs/new", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return b.do(r)
}

// sent is where the page of a new upload is.
func (b *client) sent(name, content string, more ...string) string {
	b.t.Helper()
	a := b.send(name, content, more...)
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.to(), "/uploads/") {
		b.t.Fatalf("status %d to %q\n%s", a.status, a.to(), mainOf(a.body))
	}
	return a.to()
}

// look loads a page until it is no longer one that waits.
func (b *client) look(path string) answer {
	b.t.Helper()
	for {
		a := b.get(path)
		if a.status == http.StatusSeeOther {
			path = a.to()
			continue
		}
		if !strings.Contains(a.body, "data-poll") {
			return a
		}
		if b.t.Context().Err() != nil {
			b.t.Fatal("it never ends")
		}
	}
}

// draft imports an upload and gives the path of its check.
func (b *client) draft(upload string) string {
	b.t.Helper()
	a := b.post(upload + "/import")
	if a.status != http.StatusSeeOther {
		b.t.Fatalf("status %d\n%s", a.status, mainOf(a.body))
	}
	for path := a.to(); ; path = a.to() {
		if path, _, _ := strings.Cut(path, "?"); strings.HasSuffix(path, "/check") {
			return path
		}
		if a = b.get(path); a.status == http.StatusOK && strings.Contains(a.body, "data-poll") {
			a.header.Set("Location", path)
		} else if a.status != http.StatusSeeOther {
			b.t.Fatalf("status %d\n%s", a.status, mainOf(a.body))
		}
	}
}

func TestFromAFileToASubmittedRun(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.payees(12)
	b := c.as("ada")
	b.get("/runs/new").wants(t, http.StatusOK, "Drop the payroll file here", "Where the file comes from")

	// October, the first run there is.
	upload := b.sent("october.csv", payrollFile(12, flat), "new_source", "Plant")
	b.look(upload).wants(t, http.StatusOK, "Not yet: something is for you to decide", "Say on which day the money moves.", "Nothing names the currency")
	b.post(upload, "source", "Plant", "period", "2026-10", "pay_date", "2026-10-30", "currency", "eur").leads(t, upload)
	b.look(upload).wants(t, http.StatusOK, "12 slips for October 2026, net pay 30,000.00 EUR", "Make a draft of 12 slips", "E001 · ")
	check := b.draft(upload)
	b.get(check).wants(t, http.StatusOK, "There is no run before this one", "30,000.00", "Submit for approval")
	b.get(upload).leads(t, check)
	b.post(check+"/submit").leads(t, check)
	c.exec(`update runs set state = 'approved', approved_by = 'bea'`)

	// November: somebody gets more, somebody is missing, somebody is new.
	november := strings.Replace(payrollFile(12, func(i int) string {
		if i == 3 {
			return "4000.00"
		}
		return "2500.00"
	}), "E007,2500.00,0.00,2500.00\n", "", 1)
	upload = b.sent("november.csv", november, "source", "Plant")
	b.post(upload, "source", "Plant", "period", "2026-11", "pay_date", "2026-11-27", "currency", "EUR").leads(t, upload)
	check = b.draft(upload)
	page := b.get(check)
	page.wants(t, http.StatusOK, "Beside run 1, October 2026", "Not ready to submit", "<strong>2</strong> things were", "E003", "&#43;1,500.00", "&#43;60.0%")
	b.get(check+"?kind=missing").wants(t, http.StatusOK, "E007", "not paid")
	b.post(check+"/submit").wants(t, http.StatusConflict, "were not acknowledged")
	b.post(check+"/acknowledge", "kind", "variance", "about", "E003").leads(t, check)
	b.post(check+"/acknowledge", "kind", "variance", "note", "x").leads(t, check)
	b.get(check).wants(t, http.StatusOK, "<strong>2</strong> things were")
	b.post(check+"/acknowledge", "kind", "variance", "about", "E003", "note", "a raise").leads(t, check)
	b.get(check+"?kind=variance").wants(t, http.StatusOK, "By ada", "a raise", "<strong>1</strong> thing was")
	b.post(check+"/acknowledge", "kind", "missing", "all", "yes", "note", "unpaid leave").leads(t, check)
	b.post(check+"/submit").leads(t, check)
	b.get(check).wants(t, http.StatusOK, "Waits for approval", "/runs/2")
	b.get(check+"?said=run-submitted").wants(t, http.StatusOK, "An approver looks at it next.")
}

func TestReadingIsRemembered(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.payees(3)
	b := c.as("ada")
	foreign := "ACME;;;\nPersonalnummer;Auszahlung;Grundgehalt;Kostenstelle\nE001;1.000,00;1.000,00;7\nE002;2.000,00;2.000,00;7\nSumme;3.000,00;3.000,00;\n"
	upload := b.sent("lohn.csv", foreign, "new_source", "Werk 1")
	b.look(upload).wants(t, http.StatusOK, "Not yet: there are errors", "No column of the file stands for this")
	how := []string{"source", "Werk 1", "header_row", "2", "separator", "semicolon", "period", "2026-10", "pay_date", "2026-10-30", "currency", "EUR",
		"header-0", "Personalnummer", "as-0", "employee_id", "header-1", "Auszahlung", "as-1", "net",
		"header-2", "Grundgehalt", "as-2", "earning", "label-2", "Basic salary", "header-3", "Kostenstelle", "as-3", ""}
	b.post(upload, how...).leads(t, upload)
	b.look(upload).wants(t, http.StatusOK, "Make a draft of 2 slips", "The row of totals", "3,000.00", "Agrees", `value="Basic salary"`, "1000.00")
	b.draft(upload)

	// The next file of the source is read the same way, but for month and pay date.
	upload = b.sent("lohn.csv", foreign, "source", "Werk 1")
	b.look(upload).wants(t, http.StatusOK, `value="Basic salary"`, "Choose it below", "Say on which day")
	// A file of no source, of which it is said afterwards.
	upload = b.sent("lohn.csv", foreign)
	a := b.post(upload, "source", "Werk 1", "period", "2026-11", "pay_date", "2026-11-27")
	a.leads(t, upload)
	if !strings.HasSuffix(a.to(), "said=source-known") {
		t.Errorf("led to %s", a.to())
	}
	b.look(upload).wants(t, http.StatusOK, "Make a draft of 2 slips")
	// Nonsense is said to be that, and stays in its field.
	b.post(upload, "period", "November", "header_row", "two", "currency", "gold", "header-0", "a", "as-0", "net", "header-1", "b", "as-1", "net").leads(t, upload)
	b.look(upload).wants(t, http.StatusOK, "There are mistakes", "counted from 1", "ISO 4217", "stand for the same", `value="November"`)
}

func TestBadRowsAndDecisions(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.payees(30)
	b := c.as("ada")
	file := payrollFile(30, flat) + "E999,1.00,0.00,1.00\n=2+2,1.00,0.00,1.00\n"
	upload := b.sent("a.csv", file, "new_source", "")
	page := b.look(upload)
	page.wants(t, http.StatusOK, "To mend", `href="#row-32"`, `id="row-32"`, "Rows to mend", "Download the bad rows")
	csv := b.get(upload + "/bad.csv")
	csv.wants(t, http.StatusOK, "32,E999", "'=2+2", "what to mend")
	if csv.header.Get("Content-Disposition") != `attachment; filename="bad-rows.csv"` || !strings.HasPrefix(csv.body, "\ufeff") {
		t.Errorf("%v", csv.header)
	}
	b.post(upload+"/import").leads(t, upload)

	minus := "employee_id,gross,deductions,net\nE001,-5.00,0.00,-5.00\n"
	upload = b.sent("b.csv", minus)
	said := []string{"period", "2026-10", "pay_date", "2026-10-30", "currency", "EUR"}
	b.post(upload, said...)
	b.look(upload).wants(t, http.StatusOK, "negative pay is right here")
	b.post(upload, append(said, "negative", "yes")...)
	b.draft(upload)
	upload = b.sent("c.csv", "employee_id,gross,deductions,net\nE001,9.00,0.00,9.00\n")
	b.post(upload, said...)
	b.look(upload).wants(t, http.StatusOK, "Run 1 of October 2026 pays 1 of these employees already", "This is a supplement")
	b.post(upload+"/import").leads(t, upload+"/import")
	b.get(upload+"/import").leads(t, upload)
	b.post(upload, append(said, "supplement", "yes")...)
	b.get(b.draft(upload)).wants(t, http.StatusOK, "a supplement")
}

// TestUploadsAreTheUploaders: nobody else sees a file, imports it or learns that
// it is there.
func TestUploadsAreTheUploaders(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.payees(1)
	upload := c.as("ada").sent("a.csv", payrollFile(1, flat))
	eve := c.as("eve")
	for _, path := range []string{"", "/progress", "/bad.csv", "/import"} {
		if a := eve.get(upload + path); path != "/progress" && a.status != http.StatusNotFound || strings.Contains(a.body, "a.csv") {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	for _, path := range []string{"", "/delete", "/import"} {
		if a := eve.post(upload + path); a.status != http.StatusNotFound {
			t.Errorf("posted to %s: %d", path, a.status)
		}
	}
	for _, other := range []string{"bea", "cem", "dia"} {
		if a := c.as(other).get("/runs/new"); a.status != http.StatusForbidden {
			t.Errorf("%s may upload: %d", other, a.status)
		}
	}
	c.as("ada").post(upload+"/delete").leads(t, "/runs/new")
	c.as("ada").get(upload).wants(t, http.StatusNotFound)
}

func TestSlipInThePage(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.payees(2)
	b := c.as("ada")
	upload := b.sent("a.csv", payrollFile(2, flat))
	b.post(upload, "period", "2026-10", "pay_date", "2026-10-30", "currency", "EUR")
	check := b.draft(upload)
	b.get(check+"?slip=E001").wants(t, http.StatusOK, `src="/runs/1/slips/E001/page.pdf#`)
	pdf := b.get("/runs/1/slips/E001/page.pdf")
	if pdf.status != http.StatusOK || !strings.HasPrefix(pdf.body, "%PDF") {
		t.Fatalf("%d %.20q", pdf.status, pdf.body)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/pdf", "X-Frame-Options": "SAMEORIGIN", "Content-Security-Policy": "frame-ancestors 'self'",
		"Cache-Control": "no-store", "Content-Disposition": `inline; filename="slip.pdf"`, "X-Content-Type-Options": "nosniff",
	} {
		if got := pdf.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	c.as("bea").get("/runs/1/slips/E001/page.pdf").wants(t, http.StatusOK)
	for _, other := range []string{"cem", "dia"} {
		c.as(other).get("/runs/1/slips/E001/page.pdf").wants(t, http.StatusForbidden)
	}
	b.get("/runs/1/slips/E009/page.pdf").wants(t, http.StatusNotFound)
	b.get("/runs/9/slips/E001/page.pdf").wants(t, http.StatusNotFound)
	var looked int
	must(t, c.store.Pool().QueryRow(t.Context(), `select count(*) from audit where act = 'slip.preview' and detail::jsonb->>'from' like 'console %'`).Scan(&looked))
	if looked != 2 {
		t.Errorf("%d looks are in the audit log, want 2", looked)
	}
	b.post(check+"/sample").leads(t, check)
	c.exec(`update admins set employee = 'E001' where name = 'ada'`)
	if a := b.post(check + "/sample"); !strings.HasSuffix(a.to(), "sample-nobody") {
		t.Errorf("without a certificate: %s", a.to())
	}
	b.post(check+"/void", "reason", "").leads(t, check)
	b.post(check+"/void", "reason", "the wrong month").leads(t, "/runs/new")
	b.post(check+"/void", "reason", "again").wants(t, http.StatusConflict)
}

// TestHostileFiles: whatever somebody uploads, the page says what is wrong, and
// nothing of the file is markup.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.payees(2)
	b := c.as("ada")
	var bomb bytes.Buffer
	archive := zip.NewWriter(&bomb)
	for _, name := range []string{"[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"} {
		part, err := archive.Create(name)
		must(t, err)
		_, err = io.CopyN(part, zeros{}, 50<<20)
		must(t, err)
	}
	must(t, archive.Close())
	markup := `<script>alert(1)</script><img src=x onerror=alert(1)>`
	for name, file := range map[string]struct{ name, content, says string }{
		"empty":              {"a.csv", "", "The file is empty"},
		"a zip bomb":         {"a.xlsx", bomb.String(), "Not yet: there are errors"},
		"no workbook":        {"a.xlsx", "PK\x03\x04 nothing", "Not yet: there are errors"},
		"a million commas":   {"a.csv", "employee_id,net\n" + strings.Repeat(",", 1_000_000), "more than 1000 columns"},
		"a page":             {"a.csv", "<html>" + markup, "this is a web page"},
		"markup in headers":  {"a.csv", "employee_id,net," + markup + "\nE001,1," + markup + "\n", "This column is not used"},
		"markup as sheet":    {markup + ".csv", "employee_id,net\n" + markup + ",1\n", "To mend"},
		"control characters": {"a\r\nX: y\u202e.csv", "employee_id,net\nE001\x1b[31m,1\n", "To mend"},
		"formulas":           {"=cmd.csv", "employee_id,net\n=1+1,=2+2\n@x,+1\n", "To mend"},
		"NUL":                {"a.csv", "employee_id,net\nE\x00,1\n", "NUL byte"},
	} {
		upload := b.sent(file.name, file.content)
		page := b.look(upload)
		if page.status != http.StatusOK || !strings.Contains(strings.ToLower(page.body), strings.ToLower(file.says)) {
			t.Errorf("%s: %d does not say %q\n%s", name, page.status, file.says, mainOf(page.body))
		}
		if strings.Contains(page.body, "<script>alert") || strings.Contains(page.body, "<img src=x") || strings.ContainsAny(page.body, "\x00\x1b\u202e") {
			t.Errorf("%s: something of the file is in the page as it is", name)
		}
		b.post(upload+"/import").leads(t, upload)
	}
	for _, source := range []string{"source\u202e", strings.Repeat("x", 200), markup} {
		b.look(b.sent("a.csv", "employee_id,net\n", "new_source", source)).wants(t, http.StatusOK)
	}
	if logged := c.log.String(); strings.Contains(logged, "alert(1)") || strings.Contains(logged, "E001") {
		t.Errorf("logged %s", logged)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// TestUploadsCutMidway leave nothing.
func TestUploadsCutMidway(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as("ada")
	connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", c.site.Listener.Addr().String())
	must(t, err)
	_, err = fmt.Fprintf(connection, "POST /runs/new HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nSec-Fetch-Site: same-origin\r\nCookie: %s=%s\r\n"+
		"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 50000000\r\n\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n",
		c.Origin.Host, c.Origin, cookieName, b.cookies[cookieName])
	must(t, err)
	_, err = connection.Write(bytes.Repeat([]byte("E001,1\n"), 500_000))
	must(t, err)
	c.until(`select count(*) > 0 from upload_parts`)
	must(t, connection.Close())
	c.until(`select count(*) = 0 from uploads`)
	c.until(`select count(*) = 0 from upload_parts`)
}

// until waits for what a query says.
func (c *testConsole) until(query string) {
	c.t.Helper()
	for {
		var now bool
		must(c.t, c.store.Pool().QueryRow(c.t.Context(), query).Scan(&now))
		if now {
			return
		}
		select {
		case <-c.t.Context().Done():
			c.t.Fatalf("never: %s", query)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// TestTwoTabsImportOneUpload: there is one run, and both are led to it.
func TestTwoTabsImportOneUpload(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.payees(20)
	b := c.as("ada")
	upload := b.sent("a.csv", payrollFile(20, flat))
	b.post(upload, "period", "2026-10", "pay_date", "2026-10-30", "currency", "EUR")
	var tabs sync.WaitGroup
	for range 8 {
		tab := b.also()
		tabs.Go(func() {
			if check := tab.draft(upload); check != "/runs/1/check" {
				t.Errorf("led to %s", check)
			}
		})
	}
	tabs.Wait()
	c.until(`select count(*) = 1 from runs`)
}

// TestFiftyImportsAtOnce: each becomes a run, and nothing waits for another for
// ever.
func TestFiftyImportsAtOnce(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.payees(50)
	b := c.as("ada")
	uploads := make([]string, 50)
	for i := range uploads {
		uploads[i] = c.put(fmt.Sprintf("employee_id,gross,deductions,net\nE%03d,10.00,0.00,10.00\n", i+1), `{"period":"2026-10","pay_date":"2026-10-30","currency":"EUR"}`)
	}
	var tabs sync.WaitGroup
	for _, upload := range uploads {
		tab := b.also()
		tabs.Go(func() { tab.draft(upload) })
	}
	tabs.Wait()
	c.until(`select count(*) = 50 from runs where state = 'draft'`)
	c.until(`select count(*) = 0 from uploads`)
}

// put stores a file of ada's without the page, which takes only so many a minute.
func (c *testConsole) put(content, reading string) (path string) {
	c.t.Helper()
	u, err := c.store.StoreUpload(c.t.Context(), "a.csv", "ada", strings.NewReader(content))
	must(c.t, err)
	must(c.t, c.store.PutReading(c.t.Context(), u.ID, "ada", []byte(reading)))
	return "/uploads/" + u.ID
}

// TestReadingsAreBounded: two files at a time, and what is remembered of them
// does not grow.
func TestReadingsAreBounded(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.payees(1)
	for i := range maxLooks + 10 {
		u := payroll.Upload{ID: strconv.Itoa(i)}
		c.lookAt(t.Context(), u, reading{}, intake.Options{}).over(t.Context(), time.Minute)
	}
	c.uploads.mu.Lock()
	defer c.uploads.mu.Unlock()
	if len(c.uploads.looks) != maxLooks || len(c.uploads.order) != maxLooks {
		t.Errorf("%d readings are remembered", len(c.uploads.looks))
	}
	ctx, cancel := context.WithCancel(t.Context())
	var backs []func()
	c.uploads.mu.Unlock()
	for range readAtOnce {
		back, err := c.uploads.turn(ctx)
		must(t, err)
		backs = append(backs, back)
	}
	cancel()
	if _, err := c.uploads.turn(ctx); err == nil {
		t.Error("a third file is read")
	}
	for _, back := range backs {
		back()
	}
	c.uploads.mu.Lock()
}

var rowIDs = regexp.MustCompile(`id="row-(\d+)"`)

// TestRowLinksLeadSomewhere: each row that is linked to is there, once.
func TestRowLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.payees(40)
	c.exec(`update employees set left_on = '2020-01-31' where number = 'E030'`)
	page := c.as("ada").look(c.put("employee_id,net\n"+strings.Repeat("E001,1.00\nE999,x\n", 60)+"E030,1.00\n", `{"period":"2026-11"}`))
	page.wants(t, http.StatusOK, "Rows to look at", `href="#row-122"`)
	seen := map[string]int{}
	for _, id := range rowIDs.FindAllStringSubmatch(page.body, -1) {
		seen[id[1]]++
	}
	links := regexp.MustCompile(`href="#row-(\d+)"`).FindAllStringSubmatch(page.body, -1)
	for _, link := range links {
		if seen[link[1]] != 1 {
			t.Errorf("row %s is there %d times", link[1], seen[link[1]])
		}
	}
	for _, rows := range regexp.MustCompile(`<p class="hint">Rows? .*?</p>`).FindAllString(page.body, -1) {
		if rest := regexp.MustCompile(`<a .*?</a>|and \d+ more`).ReplaceAllString(rows, ""); strings.ContainsAny(rest, "0123456789") {
			t.Errorf("a row without a link: %s", rest)
		}
	}
	if len(links) < 20 {
		t.Errorf("%d links", len(links))
	}
}
