package console

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

// newSettled is a console in which the first settings count: those of its signer.
func newSettled(t testing.TB, change ...func(*Server)) *testConsole {
	t.Helper()
	c := newConsole(t, append([]func(*Server){func(s *Server) {
		s.SignerAlgorithm = "Ed25519"
		s.Notices = func(language string) ([]NoticeText, error) {
			return []NoticeText{{Kind: "Invitation", Subject: "Set it up (" + language + ")", Text: "One\n\nTwo"}, {Kind: "A code", Sealed: true, Subject: "Code", Text: "1234"}}, nil
		}
		s.TestRelay = func(_ context.Context, p payroll.RelayPlace, login bool) (string, error) {
			if p.Host == "nowhere.example" {
				return "", RelayProblem{Met: "nobody answers", Mend: "check the firewall"}
			}
			return fmt.Sprintf("%s answers, login %t.", p.Host, login), nil
		}
	}}, change...)...)
	verdict, err := c.store.CompareFile(t.Context(), payroll.FileSettings{Settings: firstSettings(c.Server)})
	must(t, err)
	if verdict != payroll.FileAdopted {
		t.Fatal(verdict)
	}
	return c
}

func firstSettings(s *Server) payroll.Settings {
	return payroll.Settings{
		Company: payroll.Letterhead{Name: "ACME", Address: []string{"12 Harbour Road", "1010 Vienna"}, Color: "#7a1f3d", Contact: "payroll@acme.example", Language: "en"},
		Sender:  s.senderHere(),
		Relay:   payroll.RelayPlace{Host: "smtp.acme.example", Port: 587, TLS: "starttls", Username: "payroll"},
	}
}

// upload sends a multipart form; files are pairs of a field's name and contents.
func (b *client) multipart(path string, fields, files map[string]string) answer {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range fields {
		must(b.t, w.WriteField(name, value))
	}
	for name, content := range files {
		part, err := w.CreateFormFile(name, "logo.png")
		must(b.t, err)
		_, err = part.Write([]byte(content))
		must(b.t, err)
	}
	must(b.t, w.Close())
	r := b.request(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return b.do(r)
}

func letterheadForm(base, name string) map[string]string {
	return map[string]string{"base": base, "name": name, "address": "12 Harbour Road\r\n1010 Vienna\r\n", "color": "#0000AA", "contact": "payroll@acme.example", "language": "en",
		"page_size": "Letter", "footer": "FN 123456a\r\n\r\nRegistered in Vienna\r\n"}
}

func (c *testConsole) version() string {
	c.t.Helper()
	v, err := c.store.SettingsVersion(c.t.Context())
	must(c.t, err)
	return fmt.Sprint(v)
}

// proposed is the proposal to which an answer leads.
func proposed(t testing.TB, a answer) (id payroll.ProposalID) {
	t.Helper()
	if _, err := fmt.Sscanf(a.to(), "/proposals/%d", &id); err != nil || a.status != http.StatusSeeOther {
		t.Fatalf("status %d to %q\n%s", a.status, a.to(), mainOf(a.body))
	}
	return id
}

func picture(t testing.TB) string {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 60, 20))
	for x := range 60 {
		for y := range 20 {
			m.Set(x, y, color.RGBA{R: 200, G: uint8(4 * x), A: 255}) // below 256
		}
	}
	var b bytes.Buffer
	must(t, png.Encode(&b, m))
	return b.String()
}

// TestLetterheadTakesTwoPeople goes the way of a change: form, proposal, second
// person.
func TestLetterheadTakesTwoPeople(t *testing.T) {
	t.Parallel()
	c := newSettled(t)
	cem, bea := c.as("cem"), c.as("bea")
	first := c.version()
	cem.get("/settings/letterhead").wants(t, http.StatusOK, "12 Harbour Road", "Propose")
	a := cem.multipart("/settings/letterhead", letterheadForm(first, "ACME United"), map[string]string{"logo": picture(t)})
	a.leads(t, "/proposals/1")
	cem.get("/proposals/1").wants(t, http.StatusOK, "ACME United", "#0000aa", "Letter", "FN 123456a / Registered in Vienna", "/settings/proposals/1/letterhead.pdf", "second person")
	if a := bea.get("/settings/proposals/1/letterhead.pdf"); a.status != http.StatusOK || !strings.HasPrefix(a.body, "%PDF") {
		t.Errorf("the proposed letterhead is not drawn: %d", a.status)
	}
	cem.get("/settings/letterhead").wants(t, http.StatusOK, "One change waits for a second person")
	cem.multipart("/settings/letterhead", letterheadForm(first, "ACME Other"), nil).wants(t, http.StatusUnprocessableEntity, "waits for a second person")

	var group sync.WaitGroup
	for range 10 { // by direct POST, from many tabs
		tab := cem.also()
		group.Go(func() {
			tab.stepUp("/proposals/1/confirm")
			if a := tab.post("/proposals/1/confirm"); a.status == http.StatusSeeOther && strings.Contains(a.to(), "confirmed") {
				t.Errorf("who proposed it confirms it: %s", a.to())
			}
		})
	}
	group.Wait()
	if c.version() != first {
		t.Fatal("one person changed the letterhead")
	}
	bea.confirmed("/proposals/1/confirm").leads(t, "/proposals/1")
	now, err := c.store.Settings(t.Context())
	must(t, err)
	if now.Settings.Company.Name != "ACME United" || len(now.Logo) == 0 || now.Tampered || now.ProposedBy != "cem" || now.ConfirmedBy != "bea" {
		t.Errorf("what counts now: %+v", now.Settings.Company)
	}
	cem.get("/settings/history").wants(t, http.StatusOK, "ACME United", "cem", "bea", "at the first start")

	// The logo goes again where the box is ticked, and stays where it is not.
	form := letterheadForm(c.version(), "ACME")
	second := proposed(t, cem.multipart("/settings/letterhead", form, nil))
	if p, err := c.store.Proposal(t.Context(), second); err != nil || !strings.Contains(string(p.Content), now.Settings.Company.LogoSHA) {
		t.Errorf("the logo was lost: %v", err)
	}
	cem.post(proposalPath(second)+"/withdraw").leads(t, proposalPath(second))
	form["remove"] = "1"
	third := proposed(t, cem.multipart("/settings/letterhead", form, nil))
	if logo, err := c.store.ProposedLogo(t.Context(), third); err != nil || logo != nil {
		t.Errorf("%d bytes of a logo that was taken away, %v", len(logo), err)
	}
}

func TestLetterheadIsChecked(t *testing.T) {
	t.Parallel()
	c := newSettled(t)
	cem := c.as("cem")
	for what, test := range map[string]struct {
		spoil func(form map[string]string)
		logo  string
		says  string
	}{
		"no name":        {func(f map[string]string) { f["name"] = " " }, "", "has no name"},
		"colour":         {func(f map[string]string) { f["color"] = "red;}" }, "", "#0b4f6c"},
		"text as logo":   {func(map[string]string) {}, "a picture", "no PNG, JPEG or SVG"},
		"a program":      {func(map[string]string) {}, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1" onload="alert(1)"/>`, "programs"},
		"nine lines":     {func(f map[string]string) { f["address"] = strings.Repeat("a\n", 9) }, "", "eight lines"},
		"old page":       {func(f map[string]string) { f["base"] = "0" }, "", "load it again"},
		"without a base": {func(f map[string]string) { delete(f, "base") }, "", "load it again"},
	} {
		form := letterheadForm(c.version(), "ACME United")
		test.spoil(form)
		files := map[string]string{}
		if test.logo != "" {
			files["logo"] = test.logo
		}
		a := cem.multipart("/settings/letterhead", form, files)
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, test.says) {
			t.Errorf("%s: %d\n%s", what, a.status, mainOf(a.body))
		}
		if what == "old page" || what == "without a base" {
			continue
		}
		a = cem.multipart("/settings/letterhead/preview", form, files)
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "cannot be drawn") || a.header.Get("X-Frame-Options") != "SAMEORIGIN" {
			t.Errorf("preview of %s: %d %s", what, a.status, a.body)
		}
	}
	if a := cem.multipart("/settings/letterhead", letterheadForm(c.version(), "A"), map[string]string{"logo": strings.Repeat("x", maxLogo+1)}); a.status != http.StatusUnprocessableEntity && a.status != http.StatusRequestEntityTooLarge {
		t.Errorf("a logo of more than 1 MB: %d", a.status)
	}
	a := cem.multipart("/settings/letterhead/preview", letterheadForm(c.version(), "ACME United"), map[string]string{"logo": picture(t)})
	if a.status != http.StatusOK || !strings.HasPrefix(a.body, "%PDF") || a.header.Get("X-Frame-Options") != "SAMEORIGIN" {
		t.Errorf("preview: %d %q", a.status, a.header)
	}
	open, err := c.store.OpenProposals(t.Context())
	if err != nil || len(open) != 0 {
		t.Errorf("%d proposals, %v", len(open), err)
	}
}

func TestRelayIsTestedAndProposed(t *testing.T) {
	t.Parallel()
	c := newSettled(t)
	cem, bea := c.as("cem"), c.as("bea")
	confirmed := []string{"host", "smtp.acme.example", "port", "587", "tls", "starttls", "username", "payroll"}
	other := []string{"host", "smtp2.acme.example", "port", "465", "tls", "implicit", "username", "payroll"}
	cem.post("/settings/relay/test", confirmed...).wants(t, http.StatusOK, "smtp.acme.example answers, login true.")
	cem.post("/settings/relay/test", other...).wants(t, http.StatusOK, "smtp2.acme.example answers, login false.", "only to a place that two people confirmed")
	cem.post("/settings/relay/test", "host", "nowhere.example", "port", "25", "tls", "none").wants(t, http.StatusOK, "nobody answers; check the firewall", "console&#39;s host")
	cem.post("/settings/relay/test", "host", "a b", "port", "25", "tls", "none").wants(t, http.StatusUnprocessableEntity, "host&#39;s name")
	bea.post("/settings/relay/test", confirmed...).wants(t, http.StatusForbidden)

	cem.post("/settings/relay", append(other, "base", c.version())...).leads(t, "/proposals/1")
	if now, err := c.store.Settings(t.Context()); err != nil || now.Settings.Relay.Host != "smtp.acme.example" {
		t.Errorf("one person changed the relay: %+v, %v", now.Settings.Relay, err)
	}
	cem.confirmed("/proposals/1/confirm").wants(t, http.StatusForbidden)
	bea.confirmed("/proposals/1/confirm").leads(t, "/proposals/1")
	if now, err := c.store.Settings(t.Context()); err != nil || now.Settings.Relay.Host != "smtp2.acme.example" || now.Settings.Relay.Port != 465 {
		t.Errorf("two people changed the relay to %+v, %v", now.Settings.Relay, err)
	}
}

// TestSignerPage shows the key, warns of another one, and proposes it.
func TestSignerPage(t *testing.T) {
	t.Parallel()
	c := newSettled(t)
	cem, bea := c.as("cem"), c.as("bea")
	here := c.senderHere()
	cem.get("/settings/signer").wants(t, http.StatusOK, strings.Fields(here.Fingerprint.Grouped())[3], "Ed25519", "confirmed", "payseal signer rotate")
	if a := cem.get("/settings/signer/certificate.asc"); !strings.HasPrefix(a.body, "-----BEGIN PGP PUBLIC KEY BLOCK-----") {
		t.Errorf("no certificate: %d %.60s", a.status, a.body)
	}
	cem.get("/settings/signer/sheet").wants(t, http.StatusOK, "<svg class=\"qr\"", strings.Fields(here.Fingerprint.Grouped())[3])

	// Somebody puts the confirmed one aside: in the database another one counts.
	other := firstSettings(c.Server)
	other.Sender.Fingerprint = payroll.Fingerprint(strings.Repeat("AB", 20))
	_, err := c.store.CompareFile(t.Context(), payroll.FileSettings{Settings: other})
	must(t, err)
	cem.confirmed("/proposals/1/confirm").leads(t, "/proposals/1")
	bea.get("/proposals/1").wants(t, http.StatusOK, "Would count", "ABAB")
	bea.confirmed("/proposals/1/confirm").leads(t, "/proposals/1")
	cem.get("/settings").wants(t, http.StatusOK, "Another signing key lies on this machine")
	cem.get("/settings/signer").wants(t, http.StatusOK, "sends nothing", "ABAB", "Propose the key on this machine")
	cem.get("/settings/signer/sheet").wants(t, http.StatusOK, "Do not hang this up")
	cem.post("/settings/signer", "fingerprint", "another").wants(t, http.StatusConflict)
	cem.post("/settings/signer", "fingerprint", string(here.Fingerprint)).leads(t, "/proposals/2")
}

func TestSettingsChangedInSQLAreShown(t *testing.T) {
	t.Parallel()
	c := newSettled(t)
	c.exec(`update settings set content = jsonb_set(content, '{relay,host}', '"mail.elsewhere.example"')`)
	for _, path := range []string{"/settings", "/settings/relay", "/settings/letterhead", "/settings/history"} {
		c.as("cem").get(path).wants(t, http.StatusOK, "changed in the database")
	}
	if a := c.as("cem").get("/settings/relay"); strings.Contains(a.body, "Propose") {
		t.Error("what was tampered with can be proposed from")
	}
}

// TestRunsThatALetterheadWouldHold are named where it is changed.
func TestRunsThatALetterheadWouldHold(t *testing.T) {
	t.Parallel()
	c := newSettled(t)
	c.exec(`insert into runs (state, period, pay_date, currency, file_sha256, imported_by) values
		('approved', '2026-10', '2026-10-30', 'EUR', repeat('a', 64), 'ada'), ('complete', '2026-09', '2026-09-30', 'EUR', repeat('b', 64), 'ada')`)
	a := c.as("cem").get("/settings/letterhead")
	a.wants(t, http.StatusOK, `href="/runs/1"`, "would hold")
	if strings.Contains(a.body, `href="/runs/2"`) {
		t.Error("a run that is complete is not held")
	}
}

// TestSettingsPages holds what each page says to golden files.
func TestSettingsPages(t *testing.T) {
	t.Parallel()
	c := newSettled(t)
	cem := c.as("cem")
	cem.post("/settings/relay", "host", "smtp2.acme.example", "port", "587", "tls", "starttls", "username", "", "base", c.version()).leads(t, "/proposals/1")
	for name, path := range map[string]string{
		"settings": "/settings", "relay": "/settings/relay", "letterhead": "/settings/letterhead", "signer": "/settings/signer",
		"sheet": "/settings/signer/sheet", "notices": "/settings/notices?language=ar", "history": "/settings/history", "proposal": "/proposals/1",
	} {
		a := cem.get(path)
		a.wants(t, http.StatusOK)
		settingsGolden(t, name, settingsWords(mainOf(a.body), c))
	}
}

var (
	anyPrint = regexp.MustCompile(`([0-9A-F]{4} +){9}[0-9A-F]{4}`)
	anyTag   = regexp.MustCompile(`<[^>]*>`)
	anyTime  = regexp.MustCompile(`\d{1,2} [A-Z][a-z]+ \d{4}, \d\d:\d\d UTC`)
	anySpace = regexp.MustCompile(`\s+`)
)

// settingsWords is what a page says, without what is another every time.
func settingsWords(page string, c *testConsole) string {
	page = regexp.MustCompile(`(?s)<svg.*?</svg>`).ReplaceAllString(page, "")
	page = strings.NewReplacer("</tr>", "\n", "</li>", "\n", "</p>", "\n", "</dd>", "\n", "</h2>", "\n", "</div>", "\n").Replace(page)
	for i, group := range strings.Fields(c.senderHere().Fingerprint.Grouped()) {
		page = strings.ReplaceAll(page, group, fmt.Sprintf("F%d", i))
	}
	var words []string
	for line := range strings.Lines(anyTime.ReplaceAllString(anyTag.ReplaceAllString(page, " "), "MOMENT")) {
		line = anyPrint.ReplaceAllString(line, "FINGERPRINT")
		if line = strings.TrimSpace(anySpace.ReplaceAllString(line, " ")); line != "" && !strings.HasPrefix(line, "id=") {
			words = append(words, line)
		}
	}
	return strings.Join(words, "\n") + "\n"
}

func settingsGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "settings", name+".txt")
	if *update {
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
