package arch

import (
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const security = "docs/security"

// line is one requirement of the checklist.
type line struct{ id, level, state, how, shown string }

var (
	asvsLine = regexp.MustCompile(`(?m)^\| ([0-9.]+) \| ([12]) \| [^|]+ \| ([^|]+) \| ([^|]+) \| ([^|]*) \|$`)
	quoted   = regexp.MustCompile("`([^`]+)`")
	aTest    = regexp.MustCompile(`^(Test|Fuzz)[A-Z0-9]`)
	aFile    = regexp.MustCompile(`^[\w./-]+$`)
)

// checklist is what docs/security/asvs.md has a line for.
func checklist(t *testing.T) []line {
	t.Helper()
	var lines []line
	for _, m := range asvsLine.FindAllStringSubmatch(read(t, security+"/asvs.md"), -1) {
		lines = append(lines, line{m[1], m[2], m[3], strings.TrimSpace(m[4]), m[5]})
	}
	return lines
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root(t), path))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// TestASVSIsWhole: each requirement of levels 1 and 2 has one line, and the page
// counts them right.
func TestASVSIsWhole(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("testdata/asvs-5.0-levels.txt")
	if err != nil {
		t.Fatal(err)
	}
	levels := map[string]string{}
	for _, text := range strings.Split(strings.TrimSpace(string(content)), "\n") {
		id, level, _ := strings.Cut(text, " ")
		levels[id] = level
	}
	seen, states := map[string]bool{}, map[string]int{}
	for _, l := range checklist(t) {
		switch {
		case levels[l.id] == "":
			t.Errorf("%s is no requirement of level 1 or 2", l.id)
		case levels[l.id] != l.level:
			t.Errorf("%s is of level %s", l.id, levels[l.id])
		case seen[l.id]:
			t.Errorf("%s stands there twice", l.id)
		case !slices.Contains([]string{"met", "partly", "no", "n/a"}, l.state):
			t.Errorf("%s: there is no state %q", l.id, l.state)
		case l.how == "":
			t.Errorf("%s does not say how, or why not", l.id)
		}
		seen[l.id] = true
		states[l.state]++
	}
	for id := range levels {
		if !seen[id] {
			t.Errorf("%s is missing", id)
		}
	}
	page := read(t, security+"/asvs.md")
	for state, n := range states {
		if want := "**" + state + "**: " + strconv.Itoa(n); !strings.Contains(page, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
}

// TestASVSNamesTests: what a line is shown by exists.
func TestASVSNamesTests(t *testing.T) {
	t.Parallel()
	tests := testNames(t)
	for _, l := range checklist(t) {
		names := quoted.FindAllStringSubmatch(l.shown, -1)
		if len(names) == 0 && l.state != "n/a" {
			t.Errorf("%s is %s, and nothing shows it", l.id, l.state)
		}
		for _, name := range names {
			switch {
			case aTest.MatchString(name[1]):
				if !tests[name[1]] {
					t.Errorf("%s: there is no test %s", l.id, name[1])
				}
			case !aFile.MatchString(name[1]):
				t.Errorf("%s: %q is neither a test nor a file", l.id, name[1])
			default:
				if _, err := os.Stat(filepath.Join(root(t), name[1])); err != nil {
					t.Errorf("%s: there is no file %s", l.id, name[1])
				}
			}
		}
	}
}

// testNames are the tests and fuzz targets of the tree.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, s := range sources(t) {
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && s.test && f.Recv == nil {
				names[f.Name.Name] = true
			}
		}
	}
	return names
}

// TestASVSDocumentsTheWorkplace: the words that no password is made of are those
// of the document (6.1.2).
func TestASVSDocumentsTheWorkplace(t *testing.T) {
	t.Parallel()
	declared := regexp.MustCompile(`(?m)^var workplace = \[\]string\{(.*)\}$`).FindStringSubmatch(read(t, "web/identity/password.go"))
	_, after, found := strings.Cut(read(t, security+"/sessions.md"), "<!-- workplace: the list of web/identity/password.go -->\n")
	if declared == nil || !found {
		t.Fatal("the list is not where it was")
	}
	documented, _, _ := strings.Cut(after, "\n")
	var inCode, inDocument []string
	for _, m := range regexp.MustCompile(`"([^"]+)"`).FindAllStringSubmatch(declared[1], -1) {
		inCode = append(inCode, m[1])
	}
	for _, m := range quoted.FindAllStringSubmatch(documented, -1) {
		inDocument = append(inDocument, m[1])
	}
	if len(inCode) == 0 || !slices.Equal(inCode, inDocument) {
		t.Errorf("the document lists %q, the code %q", inDocument, inCode)
	}
}
