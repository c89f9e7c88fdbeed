package console

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
)

// TestSettingsInABrowser looks at every page about settings on a phone and a
// desktop, in both schemes, with axe; nothing is wider than a phone.
func TestSettingsInABrowser(t *testing.T) {
	t.Parallel()
	c := newSettled(t)
	other := firstSettings(c.Server)
	other.Sender.Fingerprint = payroll.Fingerprint(strings.Repeat("AB12", 10))
	other.Relay.Host = "a-relay-with-a-rather-long-name.outgoing.mail.europe-west.acme-private-limited.example"
	tab := c.tab("cem")
	look := func(name, path string) {
		tab.Open(c.address(path))
		tab.Axe()
		tab.Overflow()
		for _, scheme := range []string{"light", "dark"} {
			tab.Scheme(scheme)
			tab.Pictures("settings-" + name + "-" + scheme)
		}
	}
	look("overview", "/settings")
	look("letterhead", "/settings/letterhead")
	look("relay", "/settings/relay")
	look("signer", "/settings/signer")
	look("sheet", "/settings/signer/sheet")
	look("notices", "/settings/notices?language=ar")
	_, err := c.store.CompareFile(t.Context(), payroll.FileSettings{Settings: other})
	must(t, err)
	look("proposal", "/proposals/1")
	c.as("cem").confirmed("/proposals/1/confirm").leads(t, "/proposals/1")
	c.as("bea").confirmed("/proposals/1/confirm").leads(t, "/proposals/1")
	look("history", "/settings/history")
	look("other-key", "/settings/signer")
	look("overview-other-key", "/settings")
}

// TestLetterheadIsDrawnAsOneTypes watches the frame beside the form.
func TestLetterheadIsDrawnAsOneTypes(t *testing.T) {
	t.Parallel()
	c := newSettled(t)
	tab := c.tab("cem")
	tab.Open(c.address("/settings/letterhead"))
	var before int
	tab.Value(`history.length`, &before)
	logo := t.TempDir() + "/logo.png"
	must(t, os.WriteFile(logo, []byte(picture(t)), 0o600))
	tab.Choose("#logo", logo)
	tab.Type("#name", "ACME United")
	previews := func() (n int) {
		for _, r := range tab.Requests() {
			if strings.Contains(r.URL, "/settings/letterhead/preview") {
				n++
			}
		}
		return n
	}
	tab.Until(`document.querySelector("iframe[name=preview]").getAttribute("src") === null`)
	deadline := time.Now().Add(30 * time.Second)
	for previews() == 0 && time.Now().Before(deadline) {
		tab.Until(`document.readyState === "complete"`)
	}
	if previews() == 0 {
		t.Error("nothing was drawn")
	}
	var after int
	tab.Value(`history.length`, &after)
	if after != before {
		t.Errorf("typing put %d steps into the way back", after-before)
	}
	tab.Click(`#letterhead button:not([data-show])`)
	tab.See("main", "ACME United")
	if a := c.as("bea").get("/settings/proposals/1/letterhead.pdf"); a.status != http.StatusOK {
		t.Errorf("the proposed letterhead: %d", a.status)
	}
}
