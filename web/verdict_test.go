package web

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"strconv"
	"strings"
	"testing"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// codes reads the judge's verdicts out of its source, so that a new one without
// words is found.
func codes(t *testing.T) (verdicts, warnings []keystore.Code) {
	t.Helper()
	file, err := parser.ParseFile(gotoken.NewFileSet(), "../keystore/policy.go", nil, 0)
	must(t, err)
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != "Code" {
			return true
		}
		text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		must(t, err)
		switch code := keystore.Code(text); {
		case strings.HasPrefix(spec.Names[0].Name, "Warn"):
			warnings = append(warnings, code)
		case code != keystore.CodeGood:
			verdicts = append(verdicts, code)
		}
		return true
	})
	return verdicts, warnings
}

// TestEveryVerdictHasWords: each reason to refuse has a heading, a sentence and
// the mend, each warning a sentence.
func TestEveryVerdictHasWords(t *testing.T) {
	t.Parallel()
	verdicts, warnings := codes(t)
	if len(verdicts) < 40 || len(warnings) < 8 {
		t.Fatalf("found only %d verdicts and %d warnings", len(verdicts), len(warnings))
	}
	english := catalogOf(t, "en")
	for _, code := range verdicts {
		for _, end := range []string{"_title", "", "_mend"} {
			if english["verdict."+string(code)+end] == nil {
				t.Errorf("there are no words verdict.%s%s", code, end)
			}
		}
	}
	for _, code := range warnings {
		if english["verdict."+string(code)] == nil {
			t.Errorf("there are no words verdict.%s", code)
		}
	}
}

// TestMendsAreOfVerdicts: the commands are for codes that the judge has, each
// once, and are filled in.
func TestMendsAreOfVerdicts(t *testing.T) {
	t.Parallel()
	seen := make(map[keystore.Code]bool)
	for _, list := range mends {
		for _, code := range list {
			if seen[code] {
				t.Errorf("%s has two commands", code)
			}
			seen[code] = true
			got := mend(keystore.Verdict{Code: code, Fingerprint: "ABCD"}, payroll.Address("k@acme.example"))
			if strings.Contains(got, "EMAIL") || strings.Contains(got, "FINGERPRINT") || !strings.HasPrefix(got, "gpg ") {
				t.Errorf("%s: %q", code, got)
			}
		}
	}
	if got := mend(keystore.Verdict{Code: keystore.CodeSecretKey}, "k@acme.example"); got != "" {
		t.Errorf("a secret key is mended by %q", got)
	}
	if got := mend(keystore.Verdict{Code: keystore.CodeSeveralKeys}, "k@acme.example"); got != "gpg --armor --export FINGERPRINT" {
		t.Errorf("without a fingerprint: %q", got)
	}
}
