package arch

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	aLink    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	aHeading = regexp.MustCompile(`(?m)^#{1,6} (.+)$`)
	notInID  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// TestLinksOfTheDocuments: what a document points to is there, its heading too,
// and each picture of docs/console is shown somewhere.
func TestLinksOfTheDocuments(t *testing.T) {
	t.Parallel()
	documents := documents(t)
	shown := map[string]bool{}
	for name, text := range documents {
		for _, m := range aLink.FindAllStringSubmatch(text, -1) {
			to, heading, _ := strings.Cut(m[1], "#")
			if strings.Contains(to, ":") {
				continue
			}
			target := name
			if to != "" {
				target = path.Join(path.Dir(name), to)
			}
			shown[target] = true
			if _, err := os.Stat(filepath.Join(root(t), target)); err != nil {
				t.Errorf("%s points to %s, which is not there", name, m[1])
			}
			if heading != "" && strings.HasSuffix(target, ".md") && !slices.Contains(anchors(documents[target]), heading) {
				t.Errorf("%s points to %s, which has no such heading", name, m[1])
			}
		}
	}
	pictures, err := fs.Glob(os.DirFS(root(t)), "docs/console/*.png")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pictures {
		if !shown[p] {
			t.Errorf("%s is shown nowhere", p)
		}
	}
}

// documents are the texts for people, by their path.
func documents(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	top := os.DirFS(root(t))
	err := fs.WalkDir(top, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (slices.Contains(leftovers, name) || slices.Contains([]string{"testdata", "node_modules"}, entry.Name())):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".md":
			return nil
		}
		content, err := fs.ReadFile(top, name)
		texts[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// anchors are the names that a forge gives to a document's headings.
func anchors(text string) (names []string) {
	for _, m := range aHeading.FindAllStringSubmatch(text, -1) {
		plain := notInID.ReplaceAllString(strings.ToLower(m[1]), "")
		names = append(names, strings.ReplaceAll(strings.TrimSpace(plain), " ", "-"))
	}
	return names
}
