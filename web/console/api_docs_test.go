package console

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var shellSnippet = regexp.MustCompile("(?s)```sh( [a-z]+)?\n(.*?)```")

// TestExamplesOfTheGuide runs what docs/api.md shows, in its order and in one shell,
// as somebody would who follows it. Where it says so a second person has approved.
func TestExamplesOfTheGuide(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"curl", "jq", "sh"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("the examples need %s; install it with: make setup", tool)
		}
	}
	guide, err := os.ReadFile(filepath.Join("..", "..", "docs", "api.md"))
	must(t, err)
	c := newConsole(t).unlimited()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "staff.csv"), []byte("number,name,email\nE001,Ana Novak,e001@acme.example\nE002,Bruno Silva,e002@acme.example\nE003,Carla Weber,e003@acme.example\n"), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "november.csv"), []byte(payrollFile(3, func(int) string { return "1500.00" })), 0o600))
	script, approved := "set -e\n", ""
	snippets := shellSnippet.FindAllStringSubmatch(string(guide), -1)
	if len(snippets) < 6 {
		t.Fatalf("only %d examples", len(snippets))
	}
	for _, s := range snippets {
		if s[1] == " approved" {
			approved += s[2]
		} else {
			script += s[2]
		}
	}
	shell := func(text string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "sh", "-ec", text)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "BASE="+c.address(apiPrefix), "TOKEN="+c.token("ada"), "OPERATOR="+c.token("cem"), "RUN=1", "no_proxy=localhost")
		var out, log bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &log
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v\n%s\n%s", err, out.String(), log.String())
		}
		return out.String()
	}
	if out := shell(script); !strings.Contains(out, "E002") || !strings.Contains(out, "Ana Novak") {
		t.Errorf("printed\n%s", out)
	}
	c.approveOnPage("bea", "/runs/1")
	if out := shell(approved); !strings.Contains(out, `"queued":3`) && !strings.Contains(out, `"held":3`) {
		t.Errorf("printed\n%s", out)
	}
	list, err := os.ReadFile(filepath.Join(dir, "report.csv"))
	if err != nil || strings.Count(string(list), "\r\n") != 4 {
		t.Errorf("%v\n%s", err, list)
	}
}
