// Package arch holds one rule of the house: who may know whom. Its test reads
// the files of the tree, compares their imports with the table [rooms] and
// measures them against the budget of sizes. It has no code that a program
// could import, and must never get any. Read [rooms] and [source] first.
package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/payseal/payseal"

// room says what the product code of one package may import.
type room struct {
	ours     []string // packages of ours
	sql      bool     // pgx
	testOnly bool     // for tests, never for product code
}

// rooms are the arrows of docs/architecture.md. A package that is not here fails
// the test: a new room is a decision.
var rooms = map[string]room{
	"payroll":                 {},
	"payroll/intake":          {ours: []string{"payroll"}},
	"payroll/letter":          {ours: []string{"payroll", "payroll/letter/pdf", "payroll/letter/spell", "payroll/letter/svg", "payroll/letter/typeset"}},
	"payroll/letter/pdf":      {},
	"payroll/letter/spell":    {},
	"payroll/letter/svg":      {},
	"payroll/letter/typeset":  {ours: []string{"payroll/letter/pdf"}},
	"keystore":                {ours: []string{"payroll"}},
	"keystore/wkd":            {ours: []string{"payroll", "keystore"}},
	"mailer":                  {ours: []string{"payroll", "keystore"}},
	"dispatch":                {ours: []string{"payroll", "payroll/letter", "keystore", "keystore/wkd", "mailer", "internal/jobs"}},
	"web":                     {ours: []string{"payroll", "payroll/intake", "payroll/letter", "keystore", "keystore/wkd", "web/door", "web/style", "web/browser"}},
	"web/console":             {ours: []string{"payroll", "payroll/intake", "payroll/letter", "keystore", "web/door", "web/identity", "web/style", "web/browser"}},
	"web/style":               {ours: []string{"payroll", "web/door"}},
	"web/browser":             {},
	"web/door":                {}, // no noun and no key: it holds for any page
	"web/identity":            {ours: []string{"payroll"}},
	"migrations":              {},
	"internal/config":         {},
	"internal/demo":           {ours: []string{"payroll"}},
	"internal/jobs":           {ours: []string{"payroll"}, sql: true},
	"internal/postgres":       {ours: []string{"payroll", "keystore", "internal/jobs", "migrations"}, sql: true},
	"internal/pglocal":        {sql: true},
	"internal/pglocal/pgtest": {ours: []string{"internal/pglocal"}, sql: true, testOnly: true},
	"internal/smtptest":       {testOnly: true},
	"internal/oidctest":       {testOnly: true},
	"internal/soak": {ours: []string{
		"payroll", "payroll/intake", "keystore", "internal/demo", "internal/pglocal", "internal/smtptest",
	}, sql: true, testOnly: true},
	"internal/browsertest": {testOnly: true},
	"internal/pdfrules":    {testOnly: true},
	"internal/arch":        {testOnly: true},
	"cmd/payseal": {ours: []string{
		"payroll", "payroll/intake", "payroll/letter", "keystore", "keystore/wkd", "mailer", "dispatch", "web", "web/console", "web/identity", "web/browser", "migrations",
		"internal/config", "internal/demo", "internal/jobs", "internal/postgres", "internal/pglocal",
		"internal/smtptest", // the relay of `payseal demo`, the one exception
	}, sql: true},
}

// never are ways that must stay shut also through others.
var never = []struct{ from, to string }{
	{"web", "mailer"},
	{"web", "dispatch"},
	{"web/console", "mailer"},
	{"web/console", "dispatch"},
	{"keystore", "mailer"},
	{"payroll/letter", "keystore"},
}

// The folders of the top level, and those that builds, demos and editors leave.
var (
	topLevel  = []string{".ci", "cmd", "deploy", "dispatch", "docs", "internal", "keystore", "mailer", "migrations", "payroll", "web"}
	leftovers = []string{".git", ".github", ".idea", ".vscode", "bin", "demo-out", "payseal-data"}
)

// source is one Go file of the tree.
type source struct {
	path, room string // from the root, with slashes
	test       bool
	file       *ast.File
	imports    []string
	lines      int
	functions  map[string]int // lines of each, without its comment
}

func TestArrows(t *testing.T) {
	t.Parallel()
	for _, crossing := range crossings(sources(t)) {
		t.Error(crossing)
	}
}

// crossings lists everything in the files that goes against the table.
func crossings(all []source) []string {
	var found []string
	graph := map[string][]string{}
	for _, s := range all {
		r, known := rooms[s.room]
		if !known {
			found = append(found, s.path+": this room has no line in the table of arrows")
			continue
		}
		if s.test {
			continue // a test may stand wherever it sees most
		}
		for _, imported := range s.imports {
			if ours, isOurs := strings.CutPrefix(imported, module+"/"); isOurs {
				graph[s.room] = append(graph[s.room], ours)
			}
			if fault := r.fault(s.room, imported); fault != "" {
				found = append(found, s.path+" imports "+imported+": "+fault)
			}
		}
	}
	for _, way := range never {
		if reaches(graph, way.from, way.to, nil) {
			found = append(found, way.from+" reaches "+way.to+" through its imports")
		}
	}
	return found
}

// fault says what is wrong with one import of the room's product code.
func (r room) fault(name, imported string) string {
	ours, isOurs := strings.CutPrefix(imported, module+"/")
	switch {
	case isOurs && !slices.Contains(r.ours, ours):
		return "against the arrows"
	case !r.sql && (strings.HasPrefix(imported, "github.com/jackc/pgx/") || imported == "database/sql"):
		return "this room speaks no SQL"
	case !r.testOnly && imported == "testing":
		return "product code must not link the testing package"
	case name == "payroll" && strings.Contains(imported, "."):
		return "the nouns know the standard library alone"
	}
	return ""
}

func TestCrossingsAreFound(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ path, code, want string }{
		"ahead in the corridor":   {"keystore/x.go", `import "github.com/payseal/payseal/mailer"`, "against the arrows"},
		"SQL in a domain room":    {"dispatch/x.go", `import "github.com/jackc/pgx/v5"`, "no SQL"},
		"a test room in a server": {"internal/postgres/x.go", `import "github.com/payseal/payseal/internal/pglocal/pgtest"`, "against the arrows"},
		"testing in a program":    {"cmd/payseal/x.go", `import "testing"`, "testing package"},
		"a library in the nouns":  {"payroll/x.go", `import "github.com/google/uuid"`, "standard library"},
		"a room without a line":   {"util/x.go", ``, "no line"},
		"the program as a room":   {"web/x.go", `import "github.com/payseal/payseal/cmd/payseal"`, "against the arrows"},
		"allowed":                 {"mailer/x.go", `import "github.com/payseal/payseal/keystore"`, ""},
		"allowed in a test":       {"keystore/x_test.go", `import "github.com/payseal/payseal/mailer"`, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := parse(test.path, []byte("package x\n"+test.code+"\n"))
			if err != nil {
				t.Fatal(err)
			}
			found := strings.Join(crossings([]source{s}), "\n")
			if !strings.Contains(found, test.want) || (test.want == "") != (found == "") {
				t.Errorf("found %q, want %q", found, test.want)
			}
		})
	}
	chain := []source{
		{path: "web/a.go", room: "web", imports: []string{module + "/keystore"}},
		{path: "keystore/b.go", room: "keystore", imports: []string{module + "/mailer"}},
	}
	if found := strings.Join(crossings(chain), "\n"); !strings.Contains(found, "web reaches mailer") {
		t.Errorf("the way through another room was not found: %q", found)
	}
}

// The table itself must keep what no exception may touch.
func TestTableOfArrows(t *testing.T) {
	t.Parallel()
	table := map[string][]string{}
	for name, r := range rooms {
		table[name] = r.ours
		for _, to := range r.ours {
			if _, known := rooms[to]; !known {
				t.Errorf("%s may import %s, which is no room", name, to)
			}
			if strings.HasPrefix(to, "cmd/") {
				t.Errorf("%s may import a program", name)
			}
			exception := name == "cmd/payseal" && to == "internal/smtptest"
			if rooms[to].testOnly && !r.testOnly && !exception {
				t.Errorf("%s may import %s, which is for tests only", name, to)
			}
		}
		if reaches(table, name, name, nil) {
			t.Errorf("%s reaches itself", name)
		}
	}
	for _, way := range never {
		if reaches(table, way.from, way.to, nil) {
			t.Errorf("the table lets %s reach %s", way.from, way.to)
		}
	}
}

func TestPackageComments(t *testing.T) {
	t.Parallel()
	comments := map[string]string{}
	types := map[string]bool{}
	for _, s := range sources(t) {
		if strings.HasSuffix(s.file.Name.Name, "_test") {
			continue
		}
		if s.file.Doc != nil {
			if comments[s.room] != "" {
				t.Errorf("%s: a second package comment in %s", s.path, s.room)
			}
		}
		comments[s.room] += s.file.Doc.Text()
		types[s.room] = types[s.room] || declaresType(s.file)
	}
	for name, comment := range comments {
		switch {
		case comment == "":
			t.Errorf("%s has no package comment", name)
		case types[name] && !strings.Contains(comment, "["):
			t.Errorf("the package comment of %s does not say which types to read first", name)
		}
	}
}

func declaresType(file *ast.File) bool {
	return slices.ContainsFunc(file.Decls, func(d ast.Decl) bool {
		g, ok := d.(*ast.GenDecl)
		return ok && g.Tok == token.TYPE
	})
}

// TestSizes holds the budget: it is on the tail, since that is where code rots.
func TestSizes(t *testing.T) {
	t.Parallel()
	var functions, files []int
	for _, s := range sources(t) {
		files = append(files, s.lines)
		if s.lines > 600 {
			t.Errorf("%s has %d lines, more than 600", s.path, s.lines)
		}
		if s.test {
			continue
		}
		for name, lines := range s.functions {
			functions = append(functions, lines)
			if lines > 80 {
				t.Errorf("%s: %s has %d lines, more than 80", s.path, name, lines)
			}
		}
	}
	for _, budget := range []struct {
		what       string
		sizes      []int
		percentile int
		most       int
	}{
		{"lines of functions", functions, 50, 12},
		{"lines of functions", functions, 90, 45},
		{"lines of files", files, 90, 400},
	} {
		slices.Sort(budget.sizes)
		got := budget.sizes[len(budget.sizes)*budget.percentile/100]
		t.Logf("%s, %d in 100 have at most: %d", budget.what, budget.percentile, got)
		if got > budget.most {
			t.Errorf("%s: %d in 100 may have %d at most, and have %d", budget.what, budget.percentile, budget.most, got)
		}
	}
}

// TestOnlyTestsSealWhatTheyPlant: the store's SealAccess makes everything count
// that anybody has written into the database. (The vault's seals one row.)
func TestOnlyTestsSealWhatTheyPlant(t *testing.T) {
	t.Parallel()
	seals := 0
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.SelectorExpr)
			if !ok || call.Sel.Name != "SealAccess" {
				return true
			}
			seals++
			switch of := call.X.(type) {
			case *ast.SelectorExpr:
				ok = of.Sel.Name == "vault"
			case *ast.Ident:
				ok = s.room == "keystore"
			}
			if !ok {
				t.Errorf("%s calls SealAccess of the store", s.path)
			}
			return true
		})
	}
	if seals == 0 {
		t.Error("nobody seals anything")
	}
}

func TestTopLevelIsSmall(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(root(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() && !slices.Contains(topLevel, name) && !slices.Contains(leftovers, name) {
			t.Errorf("%s does not belong to the top level", name)
		}
	}
}

func reaches(graph map[string][]string, from, to string, seen []string) bool {
	for _, next := range graph[from] {
		if next == to {
			return true
		}
		if !slices.Contains(seen, next) && reaches(graph, next, to, append(seen, next)) {
			return true
		}
	}
	return false
}

// sources parses every Go file of the tree. It reads the files itself: a test
// that asks the go command is answered from the test cache.
func sources(t *testing.T) []source {
	t.Helper()
	top := os.DirFS(root(t))
	var all []source
	err := fs.WalkDir(top, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (slices.Contains(leftovers, name) || entry.Name() == "testdata"):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		content, err := fs.ReadFile(top, name)
		if err != nil {
			return err
		}
		s, err := parse(name, content)
		all = append(all, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 20 {
		t.Fatalf("found only %d Go files; this test looks at the wrong place", len(all))
	}
	return all
}

func parse(name string, content []byte) (source, error) {
	positions := token.NewFileSet()
	file, err := parser.ParseFile(positions, name, content, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return source{}, err
	}
	s := source{
		path: name, room: path.Dir(name), test: strings.HasSuffix(name, "_test.go"),
		file: file, lines: strings.Count(string(content), "\n"), functions: map[string]int{},
	}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return source{}, err
		}
		s.imports = append(s.imports, imported)
	}
	for _, declaration := range file.Decls {
		if f, ok := declaration.(*ast.FuncDecl); ok {
			start, end := positions.Position(f.Pos()), positions.Position(f.End())
			s.functions[f.Name.Name+":"+strconv.Itoa(start.Line)] = end.Line - start.Line + 1
		}
	}
	return s, nil
}

// root is the folder of go.mod above this test.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above this test")
		}
		dir = filepath.Dir(dir)
	}
}
