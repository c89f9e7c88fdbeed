package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestCommandsAreDescribed holds docs/commands.md to the program: a section for
// every command with every flag of its own, and no section for a command that
// does not exist.
func TestCommandsAreDescribed(t *testing.T) {
	t.Parallel()
	sections := commandSections(readDoc(t, "../../docs/commands.md"))
	var leaves []string
	walkLeaves(newRoot(), func(cmd *cobra.Command) {
		path := cmd.CommandPath()
		if slices.Contains(leaves, path) {
			t.Errorf("there are two commands %q", path)
		}
		leaves = append(leaves, path)
		section, found := sections[path]
		if !found {
			t.Errorf("docs/commands.md has no section %q", "### "+path)
			return
		}
		for _, flag := range flagLine.FindAllStringSubmatch(cmd.LocalNonPersistentFlags().FlagUsages(), -1) {
			if name := flag[1]; name != "help" && !strings.Contains(section, "`--"+name+"`") {
				t.Errorf("docs/commands.md: %s lacks the flag --%s", path, name)
			}
		}
	})
	for path := range sections {
		if !slices.Contains(leaves, path) {
			t.Errorf("docs/commands.md describes %q, which is no command", path)
		}
	}
}

var flagLine = regexp.MustCompile(`(?m)^\s+(?:-\w, )?--([\w-]+)`)

func listsAlone(cmd *cobra.Command) bool { return cmd.Annotations[listsItself] != "" }

func walkLeaves(cmd *cobra.Command, visit func(*cobra.Command)) {
	if !cmd.HasSubCommands() || listsAlone(cmd) {
		visit(cmd)
	}
	for _, sub := range cmd.Commands() {
		if sub.Name() != "help" && sub.Name() != "completion" {
			walkLeaves(sub, visit)
		}
	}
}

// commandSections maps "payseal runs send" to the text below that heading.
func commandSections(doc string) map[string]string {
	sections := make(map[string]string)
	for _, part := range strings.Split(doc, "\n### ")[1:] {
		path, text, _ := strings.Cut(part, "\n")
		text, _, _ = strings.Cut(text, "\n## ")
		sections[path] = text
	}
	return sections
}

// TestCodesAreDescribed looks for a row in docs/commands.md for every hold
// reason, every verdict about a certificate and every finding that a test of the
// intake provokes.
func TestCodesAreDescribed(t *testing.T) {
	t.Parallel()
	doc := readDoc(t, "../../docs/commands.md")
	for _, source := range []struct {
		file  string
		codes *regexp.Regexp
	}{
		{"../../payroll/hold.go", regexp.MustCompile(`HoldReason = "(\w+)"`)},
		{"../../keystore/policy.go", regexp.MustCompile(`Code = "(\w+)"`)},
		{"../../payroll/intake/testdata/findings.golden", regexp.MustCompile(`(?m)^(?:error|ask|warning|note) (\w+) `)},
	} {
		found := source.codes.FindAllStringSubmatch(readDoc(t, source.file), -1)
		if len(found) == 0 {
			t.Errorf("%s has no codes; has it moved?", source.file)
		}
		for _, match := range found {
			if row := "\n| `" + match[1] + "` |"; !strings.Contains(doc, row) {
				t.Errorf("docs/commands.md has no row for %s of %s", match[1], source.file)
			}
		}
	}
}

func readDoc(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
