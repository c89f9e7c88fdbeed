package console

import (
	"bytes"
	"html/template"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/internal/browsertest"
	"github.com/payseal/payseal/payroll"
)

// The gallery shows every part and chart in pages of testdata/gallery, with the
// real layout, styles and content security policy. To look at it:
//
//	PAYSEAL_PICTURES=/tmp/pictures go test -run TestGallery ./web/console

// hostile is a text that people, or their files, may write anywhere.
const hostile = `<script>alert(1)</script>"'><img src=x onerror=alert(1)> {{.}} =1+1 ` + "\u202e evil\u0000\x1b[31m" +
	` محمد किरण 山田 ` + "AVeryLongWordWithoutAnyPlaceToBreakItInTheMiddleOfTheLine_0123456789_0123456789_0123456789"

var galleryMoment = time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)

const galleryPrint = payroll.Fingerprint("50C21AAD9A18309365CB84EE5D0EA4F49CD2D9C5")

// words gives an ordinary text, or the hostile one.
type words func(ordinary string) string

// galleryServer is a console with a company and no more.
func galleryServer(company string) *Server {
	s := &Server{Company: Company{Name: company, Color: "#7b1f3a", Zone: time.UTC}}
	s.shelf = s.mustShelf()
	return s
}

// galleryPages renders every page of the gallery, by its name.
func galleryPages(t *testing.T, s *Server, w words) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/gallery/*.html")
	if err != nil || len(files) < 5 {
		t.Fatalf("the gallery has %d pages: %v", len(files), err)
	}
	data := galleryData(w)
	pages := map[string][]byte{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".html")
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		page := template.New("").Funcs(s.functions())
		page = template.Must(page.ParseFS(pageFiles, "pages/layout.html", "pages/parts/*.html"))
		page = template.Must(page.Parse(string(content)))
		var buffer bytes.Buffer
		if err := page.ExecuteTemplate(&buffer, "layout", galleryFrame(s, name, w, data[name])); err != nil {
			t.Fatalf("render %s: %v", name, err)
		}
		pages[name] = buffer.Bytes()
	}
	return pages
}

func galleryFrame(s *Server, name string, w words, data any) Frame {
	here := map[string]string{"home": "/", "lists": "/people", "person": "/people", "forms": "/runs", "states": "/health"}[name]
	f := Frame{
		Company: s.Company.Name, SignedIn: true,
		Account: Account{Name: "maya.reyes", Roles: []string{"maker", "operator"}},
		Nav:     navigation(func(string) bool { return true }, here, map[string]string{"/calls": "12", "/approvals": "1"}),
		Data:    data,
	}
	switch name {
	case "person":
		f.Trail = []Link{{Name: "People", Href: "/people"}, {Name: w("Warehouse"), Href: "/people?department=3"}}
		f.TwoPeople = &TwoPeople{What: w("add the admin kiran as approver"), By: w("tomas"), At: galleryMoment, Expires: galleryMoment.AddDate(0, 0, 7), Href: "/proposals/3"}
	case "lists":
		f.Flash = []Notice{{Kind: "success", Title: "Three people were invited.", Text: w("Their links work for 14 days.")}}
	case "forms":
		f.StepUp = &StepUp{Act: w("approve run 12"), Hash: strings.Repeat("9f86d081", 8), Href: "/step-up"}
	}
	return f
}

// TestGallery looks at every part in a browser, on a phone and on a desktop, in
// the light and in the dark, with ordinary words and with hostile ones.
func TestGallery(t *testing.T) {
	t.Parallel()
	for kind, w := range map[string]words{"ordinary": func(s string) string { return s }, "hostile": func(s string) string { return hostile + s }} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := galleryServer(w("ACME"))
			pages := galleryPages(t, s, w)
			site := gallerySite(t, s, pages)
			tab := browsertest.Start(t)
			for name := range pages {
				tab.Open(site.URL + "/gallery/" + name)
				galleryLook(t, tab, kind+"-"+name)
			}
		})
	}
}

// smallTargets finds what a finger would miss: whatever is to be touched and is
// less than 44 pixels high, but for links in running text.
const smallTargets = `[...document.querySelectorAll("button, .button, summary, select, textarea, nav a, .filters a, .choice, .pick, label:has(> input), input")]
	.filter(e => e.checkVisibility() && e.type !== "hidden" && !e.closest("nav.crumbs") && !(e.matches("input") && e.closest("label, .choice")))
	.filter(e => e.getBoundingClientRect().height < 43.5)
	.map(e => e.outerHTML.slice(0, 120))`

func galleryLook(t *testing.T, tab *browsertest.Tab, name string) {
	phone := browsertest.Viewport{Name: "phone", Width: 390, Height: 844, Touch: true}
	for _, window := range []browsertest.Viewport{browsertest.Phone, phone, browsertest.Desktop} {
		tab.Size(window)
		for _, scheme := range []string{"light", "dark"} {
			tab.Scheme(scheme)
			tab.Overflow()
			var small []string
			if tab.Value(smallTargets, &small); window.Touch {
				for _, element := range small {
					t.Errorf("%s at %d pixels: too small to be touched: %s", name, window.Width, element)
				}
			}
			if window.Width != browsertest.Phone.Width {
				tab.Axe()
				tab.Picture(name + "-" + scheme + "-" + window.Name)
			}
		}
	}
}

func gallerySite(t *testing.T, s *Server, pages map[string][]byte) *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /gallery/{name}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(pages[r.PathValue("name")])
	})
	mux.HandleFunc("GET /static/{name}", func(w http.ResponseWriter, r *http.Request) {
		if err := s.shelf.Serve(w, r, r.PathValue("name")); err != nil {
			http.NotFound(w, r)
		}
	})
	site := httptest.NewTLSServer(mux)
	t.Cleanup(site.Close)
	return site
}

// TestMenusWithoutScripts opens the menus where no script runs.
func TestMenusWithoutScripts(t *testing.T) {
	t.Parallel()
	s := galleryServer("ACME")
	site := gallerySite(t, s, galleryPages(t, s, func(s string) string { return s }))
	tab := browsertest.Start(t)
	tab.Open(site.URL + "/gallery/lists")
	tab.See(".primary", "Approvals")
	tab.Size(browsertest.Phone)
	tab.Click(".places summary")
	tab.See(".places nav", "Health")
	tab.Overflow()
	tab.Axe()
	tab.Picture("menu-places")
	tab.Click(".places summary")
	tab.Click(".account summary")
	tab.See(".account .sheet", "Sign out")
	tab.Overflow()
	tab.Axe()
	tab.Picture("menu-account")
	tab.Scripts(false)
	tab.Open(site.URL + "/gallery/lists")
	tab.Click(".places summary")
	tab.See(".places nav", "Health")
}

// TestNothingHostileRuns: no text of a part or a chart becomes markup, and no
// page has a style attribute or an inline script.
func TestNothingHostileRuns(t *testing.T) {
	t.Parallel()
	for name, page := range galleryPages(t, galleryServer(hostile), func(string) string { return hostile }) {
		for _, bad := range []string{"<script", "<img", " onerror=alert(1)>", " style=", "ZgotmplZ", "<no value>"} {
			if i := bytes.Index(page, []byte(bad)); i >= 0 && bad != " onerror=alert(1)>" {
				t.Errorf("%s has %s: …%s…", name, bad, page[max(0, i-80):min(len(page), i+80)])
			}
		}
	}
}

// TestGalleryHasEveryPart: a part that is in no page of the gallery was never
// looked at.
func TestGalleryHasEveryPart(t *testing.T) {
	t.Parallel()
	parts := template.Must(template.New("").Funcs(galleryServer("ACME").functions()).ParseFS(pageFiles, "pages/layout.html", "pages/parts/*.html"))
	var sources strings.Builder
	for _, pattern := range []string{"testdata/gallery/*.html", "pages/layout.html", "pages/parts/*.html"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			sources.Write(content)
		}
	}
	for _, part := range parts.Templates() {
		if name := part.Name(); name != "" && name != "layout" && !strings.HasSuffix(name, ".html") &&
			!strings.Contains(sources.String(), `{{template "`+name+`"`) && !strings.Contains(sources.String(), `{{block "`+name+`"`) {
			t.Errorf("the part %s is shown nowhere", name)
		}
	}
}

// TestEveryStateHasAChip reads the nouns' own lists, so that a new state without
// a chip is found.
func TestEveryStateHasAChip(t *testing.T) {
	t.Parallel()
	for _, state := range payroll.SlipStates {
		wantChip(t, slipChips, state)
	}
	for _, step := range payroll.Steps {
		wantChip(t, stepChips, step)
	}
	for _, state := range []payroll.RunState{payroll.RunDraft, payroll.RunSubmitted, payroll.RunRejected, payroll.RunApproved, payroll.RunSending,
		payroll.RunPaused, payroll.RunComplete, payroll.RunIncomplete, payroll.RunVoid} {
		wantChip(t, runChips, state)
	}
	for _, standing := range []payroll.CertificateStanding{payroll.CertificateCandidate, payroll.CertificateCurrent, payroll.CertificateReplaced, payroll.CertificateRevoked} {
		wantChip(t, standingChips, standing)
	}
	for _, severity := range []payroll.Severity{payroll.SeverityError, payroll.SeverityAsk, payroll.SeverityWarning, payroll.SeverityNote} {
		wantChip(t, severityChips, severity)
	}
	if got := slipChip("later"); got.Word != "later" || got.Tone != TonePlain {
		t.Errorf("a state of a later version is shown as %+v", got)
	}
}

// wantChip holds what every chip needs: a word of its own among its kind, and an
// icon that is there.
func wantChip[S ~string](t *testing.T, chips map[S]Chip, state S) {
	t.Helper()
	chip, found := chips[state]
	if _, drawn := icons[chip.Icon]; !found || chip.Word == "" || !drawn {
		t.Errorf("%s has the chip %+v", state, chip)
	}
	for other, c := range chips {
		if other != state && c.Word == chip.Word {
			t.Errorf("%s and %s are both called %s", state, other, c.Word)
		}
	}
}

func TestNavigation(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ path, want string }{
		"home":             {"/", "Home"},
		"a place":          {"/people", "People"},
		"a page below":     {"/people/4711", "People"},
		"the same letters": {"/peoples", ""},
		"elsewhere":        {"/account", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var here []string
			for _, link := range navigation(func(path string) bool { return path != "/runs" }, test.path, nil) {
				if link.Name == "Runs" {
					t.Error("a place is shown that may not be opened")
				}
				if link.Here {
					here = append(here, link.Name)
				}
			}
			if got := strings.Join(here, ","); got != test.want {
				t.Errorf("at %q, want %q", got, test.want)
			}
		})
	}
}

// galleryData is what each page of the gallery shows.
func galleryData(w words) map[string]any {
	return map[string]any{
		"home": galleryHome(w), "lists": galleryLists(w), "person": galleryPerson(w), "forms": galleryForms(w), "states": galleryStates(w),
		"account": galleryAccount(w),
	}
}

func galleryHome(w words) map[string]any {
	return map[string]any{
		"Title": w("Good morning, Maya"),
		"Alarm": Alarm{Title: w("An address was changed behind the program's back"), Text: w("The slip is held. Find out who can write to the database."),
			Points: []string{w("Run 12, slip 48,211")}, Action: &Link{Name: w("Look at it"), Href: "/runs/12"}, At: galleryMoment},
		"Stats": []Stat{
			{Name: w("Ready"), Value: "97.4", Unit: "%", Hint: w("95,640 of 98,213 people"), Tone: ToneGood, Icon: "check", Href: "/people?show=ready"},
			{Name: w("Phone calls"), Value: "12", Hint: w("The oldest waits for 3 days"), Tone: ToneWarn, Icon: "phone", Href: "/calls"},
			{Name: "Unsure slips", Value: "0", Hint: "Nothing to settle", Icon: "question"},
			{Name: "Mails a minute", Value: "1,240", Icon: "send", Tone: ToneLive},
		},
		"Readiness": galleryReadiness(w("27 November 2026"), 95640, 12, 840, 1201),
		"None":      galleryReadiness("27 November 2026", 0, 0, 0, 0),
		"OneInMany": galleryReadiness("27 November 2026", 99999, 0, 0, 1),
		"Todo":      []Link{{Name: w("Approve run 12, submitted by tomas"), Href: "/approvals/12", Icon: "stamp"}, {Name: w("12 phone calls"), Href: "/calls", Icon: "phone"}, {Name: "3 slips are unsure", Href: "/runs/12?show=unsure", Icon: "question"}},
		"Progress":  Progress{ID: "run-12", Label: w("Sending"), Done: 48210, All: 98213, Text: w("48,210 of 98,213 · about 12 minutes left"), Said: "49 percent", Live: true},
		"Run": runBar(w("Run 12"), map[payroll.SlipState]int{payroll.SlipAccepted: 48210, payroll.SlipQueued: 47500, payroll.SlipSending: 64, payroll.SlipDeferred: 840,
			payroll.SlipHeld: 1573, payroll.SlipUnsure: 3, payroll.SlipRefused: 21, payroll.SlipBounced: 2}, false),
		"Pairs": pairedBars(w("October 2026"), w("November 2026"), []Pair{
			{Name: w("People"), BeforeLabel: "98,002", NowLabel: "98,213", BeforeValue: 98002, NowValue: 98213, Change: "+211"},
			{Name: "Gross", BeforeLabel: "312,410,220.10", NowLabel: "331,002,118.00", BeforeValue: 31241022010, NowValue: 33100211800, Change: "+6.0%", Warn: true},
			{Name: "Deductions", BeforeLabel: "−98,110,420.00", NowLabel: "−99,870,001.55", BeforeValue: -9811042000, NowValue: -9987000155, Change: "+1.8%"},
			{Name: "Net", BeforeLabel: w("214,299,800.10"), NowLabel: w("231,132,116.45"), BeforeValue: 21429980010, NowValue: 23113211645, Change: w("+7.9%")},
		}),
		"Calendar": calendarStrip(w("The next twelve pay dates"), galleryPayDays(w)),
	}
}

func galleryReadiness(date string, ready, calls, expiring, missing int) template.HTML {
	return stackBar(Stack{Title: "Readiness for " + date, Unit: "people", Shares: []Share{
		{"ready", ready, "f-good", "/people?show=ready"}, {"waiting for a call", calls, "f-warn", ""},
		{"expiring soon", expiring, "f-soon", ""}, {"no certificate", missing, "f-bad", ""},
	}})
}

func galleryPayDays(w words) []PayDay {
	var days []PayDay
	period := payroll.Period{Year: 2026, Month: time.October}
	for i := range 12 {
		day := period.Last()
		p := PayDay{Period: period, State: "planned"}
		for day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
			day, p.Note = day.AddDays(-1), w("moved from the weekend")
		}
		p.Date = day
		switch i {
		case 0:
			p.State, p.Href = "sent", "/runs/11"
		case 1:
			p.State, p.Href = "next", "/runs/12"
		case 2:
			p.State, p.Note = "alert", w("no approved run")
		}
		days, period = append(days, p), period.Next()
	}
	return days
}

func galleryLists(w words) map[string]any {
	person := func(name, number string, ready payroll.Readiness, step payroll.Step, tone Tone) Row {
		chip, climbed := readyChip(ready), stepChip(step)
		return Row{ID: "p-" + number, Tone: tone, Cells: []Cell{
			{Pick: &Pick{Name: "employee", Value: number, Label: "Choose " + w(name)}, Text: w(name), Href: "/people/" + number, Hint: number},
			{Text: w(strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@acme.example")},
			{Chip: &chip}, {Chip: &climbed}, {At: galleryMoment},
			{Act: &Act{Action: "/people/" + number + "/invite", Name: "Invite", About: w(name), Icon: "mail"}},
		}}
	}
	none := Row{ID: "p-4790", Cells: []Cell{{Text: w("Owen Park"), Hint: "4790"}, {Missing: "no address"}, {Chip: &Chip{"On paper", "paper", TonePlain}}, {Missing: "none"}, {Missing: "never"}, {Links: []Link{{Name: "Print", Href: "/people/4790/print", Icon: "paper"}}}}}
	return map[string]any{
		"Title": w("People"),
		"Filters": Filters{Action: "/people", Search: w("Name or number"), Query: w(""), Hidden: []Hidden{{"show", w("ready")}}, Label: w("Show"), Clear: "/people",
			Chips: []Filter{{Name: "All", Count: "98,213", Href: "/people"}, {Name: w("Ready"), Count: "95,640", Href: "?show=ready", Here: true, Icon: "check"}, {Name: "Waiting for a call", Count: "12", Href: "?show=call", Icon: "phone"},
				{Name: "Expiring", Count: "840", Href: "?show=expiring", Icon: "clock"}, {Name: "No certificate", Count: "1,201", Href: "?show=none", Icon: "key"}, {Name: "On paper", Count: "210", Href: "?show=paper", Icon: "paper"}, {Name: "Left", Count: "4", Href: "?show=left"}}},
		"People": Table{Caption: w("98,213 people, by name"), Columns: []Column{
			{Name: "Name", Sort: "?sort=name", Order: "ascending"}, {Name: w("Mail address")}, {Name: "For 27 November"}, {Name: "Certificate"}, {Name: "Since", Sort: "?sort=since"}, {Name: "Act", Quiet: true}},
			Rows: []Row{
				person("Amélie Dubois", "4701", payroll.Readiness{Ready: true}, payroll.StepCertified, TonePlain),
				person("Kiran A", "4711", payroll.Readiness{Lack: payroll.LackCheck}, payroll.StepDecryptionProven, ToneWarn),
				person("Kiren A", "4712", payroll.Readiness{Ready: true, EndsBefore: []payroll.Date{{Year: 2026, Month: 12, Day: 31}}}, payroll.StepCertified, TonePlain),
				person("Maximilian von und zu Hohenlohe-Langenburg", "4733", payroll.Readiness{Lack: payroll.LackCertificate}, payroll.StepSubmitted, ToneBad), none,
			}},
		"Pager": Pager{Older: "?after=4790", Note: w("5 of 98,213")},
		"Changes": Changes{Caption: w("Totals of the run"), Quiet: true, Before: w("October"), Now: w("November"), Rows: []Change{
			{Name: "Base pay", Before: "212,400,120.00", Now: "213,004,880.00", Change: "+604,760.00", Ratio: "+0.3%", Way: "up"},
			{Name: w("Bonus"), Href: "?line=bonus", Before: "1,200,000.00", Now: "14,330,100.00", Change: "+13,130,100.00", Ratio: "+1,094%", Way: "up", Tone: ToneWarn, Note: w("beyond 20%")},
			{Name: "Meal vouchers", Before: "840,000.00", Change: w("−840,000.00"), Way: "down", Tone: ToneWarn, Note: "gone"},
			{Name: "Tax", Before: "−61,220.00", Now: "−61,220.00", Way: "same"}}},
		"RawHead":  []string{"A", "B", "C", "D", "E", "F", "G", "H"},
		"Raw":      [][]string{{w("Personnel no."), "Name", "Mail", "Cost centre", "Base pay", "Bonus", "Tax", "Net to be paid out"}, {"4711", w("Kiran A"), "kiran@acme.example", "1020 – Warehouse", "3.400,00", "0,00", "-612,20", "2.787,80"}, {"4712", "Kiren A", "kiren@acme.example", "1020 – Warehouse", "3.400,00", "120,00", "-633,00", "2.887,00"}},
		"Findings": galleryFindings(w),
		"Nobody":   Table{Caption: "Nobody", Empty: &Empty{Drawing: "search", Title: w("Nobody is called that"), Text: w("Names are found by their beginning, numbers as a whole."), Action: &Link{Name: "Show everybody", Href: "/people"}}},
	}
}

func galleryFindings(w words) Table {
	table := Table{Caption: w("Findings of november.csv"), Columns: []Column{{Name: "What"}, {Name: "Row", Number: true}, {Name: "Column"}, {Name: "Amount", Number: true}, {Name: "State"}},
		Foot: []Cell{{Text: "All of them"}, {Text: "4"}, {Missing: "no column"}, {Text: "12,004.10"}, {Figure: runBar("Slips", map[payroll.SlipState]int{payroll.SlipAccepted: 3, payroll.SlipHeld: 1}, true)}}}
	for i, severity := range []payroll.Severity{payroll.SeverityError, payroll.SeverityAsk, payroll.SeverityWarning, payroll.SeverityNote} {
		chip := severityChip(severity)
		table.Rows = append(table.Rows, Row{Cells: []Cell{{Text: w("The number is not in the roster")}, {Text: count(17 + i*1000), Href: "#row-17"}, {Text: w("Personnel no."), Code: true}, {Text: "3,001.02"}, {Chip: &chip}}})
	}
	return table
}

func galleryPerson(w words) map[string]any {
	current := standingChip(payroll.CertificateCurrent)
	return map[string]any{
		"Title": w("Kiran A"), "Chip": stepChip(payroll.StepDecryptionProven),
		"Tabs": Tabs{Label: w("Kiran A"), Tabs: []Tab{{Name: "Certificate", Href: "#", Here: true}, {Name: "Addresses", Href: "#", Count: "2"}, {Name: w("Slips"), Href: "#", Count: "24"}, {Name: "Mail profile", Href: "#"}}},
		"Facts": []Fact{{Name: "State", Chip: &current}, {Name: w("User ID"), Text: w("Kiran A <kiran@acme.example>")}, {Name: "Fingerprint", Fingerprint: galleryPrint}, {Name: "Handed in", At: galleryMoment, Hint: w("by the employee")},
			{Name: "Ends", Day: payroll.Date{Year: 2027, Month: 11, Day: 21}}, {Name: "SHA-256", Text: w(strings.Repeat("9f86d081", 8)), Code: true}, {Name: "Checked", Missing: "by nobody yet"}, {Name: "Run", Text: w("Run 12"), Href: "/runs/12"}},
		"Check": FingerprintCheck{Fingerprint: galleryPrint, Name: "group", Legend: w("Call 01234 567890. Tick each group that Kiran A reads out to you."), Ticked: []bool{true, true, true}},
		"Note":  Field{Name: "note", Label: w("Note"), Kind: "textarea", Optional: true, Max: 500, Hint: "Kept in the audit log."},
		"Ladder": []Event{{Title: "Submitted", State: "done", At: galleryMoment.AddDate(0, 0, -3), By: w("the employee"), From: w("192.0.2.7")}, {Title: w("Address proven"), State: "done", At: galleryMoment.AddDate(0, 0, -3)},
			{Title: "Another certificate was refused", State: "bad", At: galleryMoment.AddDate(0, 0, -2), Note: w("It is too weak: RSA of 1024 bits."), Code: w("50C21AAD9A18309365CB84EE5D0EA4F49CD2D9C5")},
			{Title: "Waits for a call", State: "now", Href: "/calls/4711"}, {Title: "Certified", State: "next"}},
		"Confirm": Confirm{ID: "void", Action: "#", Title: w("Void run 12?"), Text: w("Nothing of it has been sent."), Points: []string{w("98,213 slips are withdrawn"), "The file can be imported again"}, Reason: true, Button: w("Void the run"), Tone: ToneBad, Cancel: "#"},
	}
}

func galleryForms(w words) map[string]any {
	options := []Option{{Value: "utf-8", Name: w("UTF-8"), Chosen: true}, {Value: "cp1252", Name: "Windows-1252", Hint: w("Older spreadsheets")}}
	return map[string]any{
		"Title":    w("New run"),
		"Mistakes": []Mistake{{Field: "file", Text: w("Choose a file")}, {Field: "days", Text: "Write a number of days"}, {Text: "Nothing was stored"}},
		"Drop":     Drop{Name: "file", Label: w("Drop the payroll file here"), Hint: w("CSV or XLSX, up to 50 MB"), Accept: ".csv,.xlsx", Required: true, Error: w("Choose a file.")},
		"Fields": []Field{{Name: "period", Label: w("Period"), Value: w("2026-11"), Hint: w("The month that is paid."), Short: true, Required: true}, {Name: "days", Label: "Change freeze", Value: w("fourteen"), Unit: "days", Short: true, Mode: "numeric", Error: w("Write a number, such as 14.")},
			{Name: "encoding", Label: "Encoding", Options: options, Short: true}, {Name: "code", Label: "Code", Code: true, Mode: "numeric", Max: 6, Auto: "one-time-code"}, {Name: "lines", Label: "Text of the mail", Kind: "textarea", Value: w("Dear colleague,\nyour slip waits.")}, {Name: "off", Label: "Country", Value: "DE", Disabled: true, Short: true}},
		"Choices": []Choices{{Name: "kind", Legend: w("What happens to held slips?"), Hint: w("Only for this run."), Options: []Option{{Value: "wait", Name: w("They wait"), Hint: w("And go by themselves once mended."), Chosen: true}, {Value: "paper", Name: "Print them"}}},
			{Name: "roles", Legend: "Roles", Many: true, Error: w("Choose at least one."), Options: []Option{{Value: "maker", Name: "Maker", Chosen: true}, {Value: "approver", Name: "Approver", Hint: "Cannot approve what they uploaded."}}}},
		"Check":   FingerprintCheck{Fingerprint: galleryPrint + "F49CD2D9C5A4F49CD2D9C500", Name: "long", Error: w("Group 4 was not ticked.")},
		"Confirm": Confirm{ID: "approve", Action: "#", Title: w("Approve run 12"), Text: w("98,213 slips, 231,132,116.45 EUR net."), Hidden: []Hidden{{"manifest", w("9f86")}}, Reason: true, ReasonName: w("Why now?"), Given: w("as agreed"), Error: w("Say a little more."), StepUp: true, TwoPeople: true, Button: "Approve"},
	}
}

func galleryStates(w words) map[string]any {
	type states struct {
		Name  string
		Chips []Chip
	}
	var slips, runs, steps, severities states
	slips.Name, runs.Name, steps.Name, severities.Name = "Slips", "Runs", "Certificates", w("Findings")
	for _, s := range payroll.SlipStates {
		slips.Chips = append(slips.Chips, slipChip(s))
	}
	for _, s := range []payroll.RunState{payroll.RunDraft, payroll.RunSubmitted, payroll.RunRejected, payroll.RunApproved, payroll.RunSending, payroll.RunPaused, payroll.RunComplete, payroll.RunIncomplete, payroll.RunVoid} {
		runs.Chips = append(runs.Chips, runChip(s))
	}
	for _, s := range payroll.Steps {
		steps.Chips = append(steps.Chips, stepChip(s))
	}
	for _, s := range []payroll.CertificateStanding{payroll.CertificateCandidate, payroll.CertificateCurrent, payroll.CertificateReplaced, payroll.CertificateRevoked} {
		steps.Chips = append(steps.Chips, standingChip(s))
	}
	for _, s := range []payroll.Severity{payroll.SeverityError, payroll.SeverityAsk, payroll.SeverityWarning, payroll.SeverityNote} {
		severities.Chips = append(severities.Chips, severityChip(s))
	}
	severities.Chips = append(severities.Chips, Chip{Word: w("A state of a later version"), Icon: "question"})
	var names []string
	for name := range icons {
		names = append(names, name)
	}
	slices.Sort(names)
	var empties []Empty
	for _, drawing := range []string{"people", "runs", "calls", "calm", "search", "calendar"} {
		empties = append(empties, Empty{Drawing: drawing, Title: w("Nothing here yet"), Text: w("When there is something, it stands here.")})
	}
	empties[0].Action = &Link{Name: w("Import people"), Href: "/people/import", Icon: "upload"}
	return map[string]any{
		"Pins": []pinLine{
			{Name: w("Mail address"), Then: w("ada@acme.example"), Now: w("ada@acme.example"), Same: true},
			{Name: "Certificate", Then: "39E20FA3BD73F6F3C80A47DCBBAF04FC9038386A", Code: true},
		},
		"Title": w("Health"), "States": []states{slips, runs, steps, severities}, "Icons": names, "Empties": empties,
		"Notices": []Notice{{Kind: "success", Title: w("Saved.")}, {Kind: "warning", Title: "Three slips are unsure.", Text: w("The relay closed the line."), Link: &Link{Name: "Look at them", Href: "#"}}, {Kind: "danger", Title: w("The relay does not answer.")}, {Title: "Somebody else is here, too."}},
	}
}
