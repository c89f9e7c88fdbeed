package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// errNoCommand ends a group of commands that was called without one of them.
var errNoCommand = errors.New("say which of its commands")

// group is a command that only holds others; alone, or with a name that none of
// them has, it is wrong usage.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args: func(cmd *cobra.Command, given []string) error {
			if len(given) > 0 {
				return unknownCommand(cmd, given[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			_ = cmd.Help()
			return usageError{errNoCommand}
		},
	}
	cmd.SuggestionsMinimumDistance = 2
	cmd.AddCommand(commands...)
	return cmd
}

func unknownCommand(in *cobra.Command, name string) error {
	if near := in.SuggestionsFor(name); len(near) > 0 {
		return usageError{fmt.Errorf("%s has no command %q; did you mean %s?", in.CommandPath(), name, strings.Join(near, " or "))}
	}
	return usageError{fmt.Errorf("%s has no command %q", in.CommandPath(), name)}
}

// newHelp is cobra's help command with an exit code for what does not exist.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Explain a command",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			if err != nil {
				return usageError{err}
			}
			if len(rest) > 0 {
				return unknownCommand(found, rest[0])
			}
			found.InitDefaultHelpFlag() // so that the help tells of it
			return found.Help()
		},
	}
}

// newCompletion prints a shell's completions, as cobra's own command does, and
// checks its arguments.
func newCompletion() *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print the completions for a shell",
		Args:  exactly(1, "bash, zsh, fish or powershell"),
		RunE: func(cmd *cobra.Command, args []string) error {
			root, out := cmd.Root(), cmd.OutOrStdout()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(out, true)
			case "zsh":
				return root.GenZshCompletion(out)
			case "fish":
				return root.GenFishCompletion(out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(out)
			}
			return usageError{errors.New("expected bash, zsh, fish or powershell")}
		},
	}
}
