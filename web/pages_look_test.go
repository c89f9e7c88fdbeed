package web

import (
	"encoding/json"
	"testing"

	"github.com/payseal/payseal/internal/browsertest"
)

// TestEveryPageSuitsEverybody looks at every page in every language through a
// browser, in the light on a phone and in the dark on a desktop: nothing that
// people with a screen reader, a keyboard or weak eyes would trip over, and
// nothing wider than the window. The answers to forms are looked at in English.
func TestEveryPageSuitsEverybody(t *testing.T) {
	t.Parallel()
	needBundle(t)
	g := newGallery(t)
	for _, lang := range Languages {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			tab := browsertest.Start(t)
			for _, p := range g.pages {
				if p.route == "" && lang != "en" {
					continue
				}
				g.open(t, tab, p, lang)
				for scheme, window := range map[string]browsertest.Viewport{"light": browsertest.Phone, "dark": browsertest.Desktop} {
					tab.Size(window)
					tab.Scheme(scheme)
					tab.Overflow()
					tab.Axe()
					tab.Pictures(p.name + "-" + lang + "-" + scheme)
				}
			}
		})
	}
}

// open shows the page to the tab as its visitor sees it.
func (g *gallery) open(t *testing.T, tab *browsertest.Tab, p shown, lang string) {
	t.Helper()
	if p.route != "" {
		tab.Cookie(g.site.URL, cookieName, p.by.cookie())
		tab.Open(g.site.URL + "/" + lang + p.path)
		tab.Until(`!document.querySelector("#waiting")?.checkVisibility()`) // for a script
		return
	}
	page, err := json.Marshal(p.body)
	must(t, err)
	tab.Open(g.site.URL + "/robots.txt")
	var written bool
	tab.Value("(document.open(), document.write("+string(page)+"), document.close(), true)", &written)
	tab.Until(`document.readyState === "complete"`)
}
