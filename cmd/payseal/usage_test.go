package main

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestWrongUsageExits2 walks every command that there is.
func TestWrongUsageExits2(t *testing.T) {
	t.Parallel()
	leaves := 0
	walkCommands(newRoot(), func(cmd *cobra.Command) {
		path := strings.Fields(cmd.CommandPath())[1:]
		if listsAlone(cmd) {
			exitsWith(t, exitUsage, append(slices.Clone(path), "no-such-command")...)
			return
		}
		if cmd.HasSubCommands() {
			exitsWith(t, exitUsage, path...)
			exitsWith(t, exitUsage, append(slices.Clone(path), "no-such-command")...)
			return
		}
		leaves++
		if cmd.Args == nil {
			t.Errorf("%s does not look at its arguments", cmd.CommandPath())
			return
		}
		var usage usageError
		if !errors.As(cmd.Args(cmd, nil), &usage) && !errors.As(cmd.Args(cmd, make([]string, 50)), &usage) {
			t.Errorf("%s takes any number of arguments", cmd.CommandPath())
		}
	})
	if leaves < 40 {
		t.Errorf("only %d commands were looked at", leaves)
	}
}

func walkCommands(cmd *cobra.Command, visit func(*cobra.Command)) {
	visit(cmd)
	for _, sub := range cmd.Commands() {
		walkCommands(sub, visit)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for line, exit := range map[string]int{
		"--help": exitYes, "help": exitYes, "help keys check": exitYes, "file --help": exitYes,
		"help no-such-command": exitUsage, "help keys no-such-command": exitUsage,
		"--no-such-flag": exitUsage, "version --no-such-flag": exitUsage, "version extra": exitUsage,
		"version": exitYes, "completion bash": exitYes, "completion zsh": exitYes, "completion fish": exitYes,
		"completion powershell": exitYes, "completion no-such-shell": exitUsage, "completion bash extra": exitUsage,
	} {
		exitsWith(t, exit, strings.Fields(line)...)
	}
}

func exitsWith(t *testing.T, want int, args ...string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if got := run(t.Context(), args, &stdout, &stderr); got != want {
		t.Errorf("payseal %s: exit %d, want %d\n%s", strings.Join(args, " "), got, want, stderr.String())
	}
	if (want == exitUsage) != strings.Contains(stderr.String(), "Try 'payseal help'.") {
		t.Errorf("payseal %s says on the error output: %q", strings.Join(args, " "), stderr.String())
	}
}
