package browsertest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// violation is one finding of axe-core.
type violation struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

// Axe asks axe-core what on the page people with a screen reader, a keyboard or
// weak eyes would trip over, and fails the test for each finding. Every rule
// counts, best practices too. The page's scripts must not be off (Scripts), for
// axe-core is one.
func (tab *Tab) Axe() {
	tab.t.Helper()
	for _, v := range tab.violations() {
		for _, node := range v.Nodes {
			tab.t.Errorf("axe %s: %s\n%s\n%s", v.ID, v.Help, node.HTML, node.Summary)
		}
	}
}

func (tab *Tab) violations() []violation {
	tab.t.Helper()
	script, err := os.ReadFile(filepath.Join(root(tab.t), "web", "browser", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		lacking(tab.t, "axe-core; install it with: make bundle")
	}
	var there bool
	if tab.Value("!!window.axe", &there); !there { // run from here it is not subject to the page's policy
		tab.Run(chromedp.Evaluate[chromedp.Void](string(script)))
	}
	var found []violation
	tab.Value(`axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations)`, &found)
	return found
}

// root is the folder of go.mod, above the folder in which the test runs.
func root(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		above := filepath.Dir(folder)
		if above == folder || strings.HasSuffix(folder, ":") {
			t.Fatal("no go.mod above the test's folder")
		}
		folder = above
	}
}
