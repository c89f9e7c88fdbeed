// Package browsertest lets tests look at pages through a real Chromium: it fills
// in forms, catches downloads, records every request that leaves a page, asks
// axe-core for what people with a screen reader would trip over, and takes
// pictures for people to look at. It never lets a page reach the network: names
// below .example are this machine, all others do not resolve. Product code must
// never import it. Read [Around], [Start] and [Tab] first.
//
//	func TestMain(m *testing.M) { os.Exit(browsertest.Around(m).Run()) }
//
//	tab := browsertest.Start(t)
//	tab.Open(server.URL + "/en/")
//	tab.Type("#email", "kiran@acme.example")
//	tab.Click("button[type=submit]")
//	tab.See("h1", "Look into your mail")
//	tab.Axe()
//	tab.Pictures("sent")
package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// patience is how long one Run may take before the test is given up. It is far
// more than anything takes, and less than a test binary's own limit.
const patience = 2 * time.Minute

// Tab is one page, with cookies, storage and a cache of its own.
type Tab struct {
	Context   context.Context // for chromedp.Run, where Tab's methods are not enough
	Downloads string          // the folder in which downloads arrive, under the names that the page gives them

	t   testing.TB
	tap *tap
}

// Start opens a tab in the Chromium of this test binary; it closes with the test.
// Where there is no Chromium, the test fails under CI and is skipped elsewhere. A
// page that throws an error which nobody catches, or breaks its own content
// security policy, fails the test.
func Start(t testing.TB) *Tab {
	t.Helper()
	browser := open(t)
	ctx, end := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	tab := &Tab{Context: ctx, Downloads: t.TempDir(), t: t, tap: newTap()}
	t.Cleanup(func() {
		tab.complaints()
		end()
		*tab = Tab{} // package testing keeps every test, and with it what its cleanups know
	})
	if err := tab.tap.attach(ctx, tab.Downloads); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	tab.Size(Desktop)
	return tab
}

// Run does one thing after the other and ends the test when one fails.
func (tab *Tab) Run(actions ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.Context, patience)
	defer cancel()
	for i, action := range actions {
		err := chromedp.Do(ctx, action)
		for err != nil && strings.Contains(err.Error(), pageChanged) && ctx.Err() == nil {
			err = chromedp.Do(ctx, action)
		}
		if err != nil {
			tab.t.Fatalf("action %d: %v\n%s", i+1, err, tab.scene())
		}
	}
}

// pageChanged is what Chromium says of an element that was found while its page was
// still being loaded anew. Nothing was done to it.
const pageChanged = "Could not find node with given id"

// Open goes to an address and waits until the page is loaded.
func (tab *Tab) Open(address string) {
	tab.t.Helper()
	tab.Run(chromedp.Navigate(address))
}

// Click waits until what the CSS selector finds is there to be clicked, and
// clicks it with the mouse. It does not wait for what comes of it: See does.
func (tab *Tab) Click(selector string) {
	tab.t.Helper()
	tab.Until(fmt.Sprintf("document.querySelector(%s)?.checkVisibility() && !document.querySelector(%[1]s).disabled", quote(selector)))
	tab.Run(chromedp.Click(chromedp.CSS(selector)))
}

// Type puts the text into the field that the selector finds, instead of what is
// there, as a paste does.
func (tab *Tab) Type(selector, text string) {
	tab.t.Helper()
	tab.Until(fmt.Sprintf("document.querySelector(%s)?.checkVisibility()", quote(selector)))
	tab.Run(
		chromedp.Focus(chromedp.CSS(selector)),
		chromedp.Evaluate[chromedp.Void]("document.activeElement.select?.()"),
		does(input.InsertText, input.InsertTextParams{Text: text}),
	)
}

// Press sends keys to what has the focus; package kb of chromedp names those
// that are no letters.
func (tab *Tab) Press(keys string) {
	tab.t.Helper()
	tab.Run(chromedp.KeyEvent(keys))
}

// See waits until the first element that the selector finds is visible and its
// text contains the words.
func (tab *Tab) See(selector, words string) {
	tab.t.Helper()
	tab.Until(fmt.Sprintf(`(() => {
		const found = document.querySelector(%s)
		return !!found && found.checkVisibility() && found.innerText.includes(%s)
	})()`, quote(selector), quote(words)))
}

// Until waits until the JavaScript expression is true, on this page or the next.
func (tab *Tab) Until(expression string) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.Context, patience)
	defer cancel()
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for {
		// An error is a page that goes away just now; the next one is asked again.
		is, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if err == nil && is {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			tab.t.Fatalf("never came true: %s: %v\n%s", expression, err, tab.scene())
		}
	}
}

// Value evaluates the JavaScript expression, awaits it if it is a promise, and
// decodes what it gives, as JSON, into v, a pointer.
func (tab *Tab) Value(expression string, v any) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.Context, patience)
	defer cancel()
	raw, err := chromedp.Run(ctx, chromedp.Evaluate[[]byte](expression, chromedp.EvalAwaitPromise, chromedp.EvalAsValue))
	if err != nil {
		tab.t.Fatalf("%s: %v\n%s", expression, err, tab.scene())
	}
	if err := json.Unmarshal(raw, v); err != nil {
		tab.t.Fatalf("%s gives %.200s: %v", expression, raw, err)
	}
}

// Text is the visible text of the first element that the selector finds.
func (tab *Tab) Text(selector string) string {
	tab.t.Helper()
	var text string
	tab.Value("document.querySelector("+quote(selector)+")?.innerText ?? ''", &text)
	return text
}

// Choose puts files into the file field that the selector finds.
func (tab *Tab) Choose(selector string, files ...string) {
	tab.t.Helper()
	tab.Run(chromedp.SetUploadFiles(chromedp.CSS(selector), files))
}

// Cookie gives the browser a cookie of the site at the address, as the site
// itself would, so that a test need not sign in first.
func (tab *Tab) Cookie(address, name, value string) {
	tab.t.Helper()
	yes := true
	tab.Run(does(network.SetCookie, network.SetCookieParams{
		Name: name, Value: value, URL: address, Path: "/", Secure: &yes, HTTPOnly: &yes, SameSite: network.CookieSameSiteStrict,
	}))
}

// Download waits until a download of that name is complete and returns its
// contents.
func (tab *Tab) Download(name string) []byte {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.Context, patience)
	defer cancel()
	if !tab.tap.await(ctx, name) {
		tab.t.Fatalf("%s was never downloaded\n%s", name, tab.scene())
	}
	content, err := os.ReadFile(filepath.Join(tab.Downloads, name))
	if err != nil {
		tab.t.Fatal(err)
	}
	return content
}

// complaints fails the test for what the pages did wrong by themselves.
func (tab *Tab) complaints() {
	for _, complaint := range tab.tap.complained() {
		tab.t.Errorf("the page: %s", complaint)
	}
}

// scene says where the browser stands when something fails.
func (tab *Tab) scene() string {
	ctx, cancel := context.WithTimeout(tab.Context, 5*time.Second)
	defer cancel()
	address, _ := chromedp.Run(ctx, chromedp.Location())
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body?.innerText ?? ''"))
	picture := tab.shoot(ctx, "failed-"+strings.ReplaceAll(tab.t.Name(), "/", "-"))
	return "at " + address + picture + "\n" + text
}

// quote makes a JavaScript string of a text.
func quote(text string) string {
	quoted, _ := json.Marshal(text) // a string never fails
	return string(quoted)
}

// does makes an action of a command of the browser's protocol.
func does[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, command, params)
		return chromedp.Void{}, err
	}
}
