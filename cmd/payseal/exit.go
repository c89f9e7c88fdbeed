package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/payroll"
)

// The exit codes of every command.
const (
	exitYes    = 0 // done, or the answer is yes
	exitNo     = 1 // the rules say no
	exitUsage  = 2 // the command line is wrong
	exitBroken = 3 // something broke
)

// errNo ends a command whose answer, already printed, is no.
var errNo = errors.New("no")

// errNoActor ends a command that acts without saying for whom.
var errNoActor = errors.New("say who you are with --as NAME (see payseal admins list)")

// usageError marks a command line that is wrong.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

// report prints an error for a person and says which exit code it means.
func report(stderr io.Writer, err error) int {
	if err == nil {
		return exitYes
	}
	if errors.Is(err, errNo) {
		return exitNo
	}
	fmt.Fprintln(stderr, "payseal:", escaped(err.Error(), "\n\t"))
	var usage usageError
	switch {
	case errors.As(err, &usage):
		fmt.Fprintln(stderr, "Try 'payseal help'.")
		return exitUsage
	case errors.Is(err, payroll.ErrNotAllowed), errors.Is(err, payroll.ErrWrongState),
		errors.Is(err, payroll.ErrNotFound), errors.Is(err, payroll.ErrInvalid):
		return exitNo
	}
	return exitBroken
}

// escaped writes what a terminal would obey, or what would turn the text around,
// as \x1b or \u202e, but for the characters in keep. File names and foreign
// texts can hold it.
func escaped(text, keep string) string {
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, text[0])
		case (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) && !strings.ContainsRune(keep, r):
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		default:
			b.WriteRune(r)
		}
		text = text[size:]
	}
	return b.String()
}

// exactly wraps a count of arguments so that a wrong one means wrong usage.
func exactly(n int, names string) cobra.PositionalArgs {
	return func(_ *cobra.Command, given []string) error {
		if len(given) != n {
			return usageError{fmt.Errorf("expected %s", names)}
		}
		return nil
	}
}

// atLeastOne asks for one argument or more.
func atLeastOne(names string) cobra.PositionalArgs {
	return func(_ *cobra.Command, given []string) error {
		if len(given) == 0 {
			return usageError{fmt.Errorf("expected %s", names)}
		}
		return nil
	}
}

// atMost allows up to n arguments.
func atMost(n int, names string) cobra.PositionalArgs {
	return func(_ *cobra.Command, given []string) error {
		if len(given) > n {
			return usageError{fmt.Errorf("expected %s", names)}
		}
		return nil
	}
}
