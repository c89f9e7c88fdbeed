package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

func newKeysCheck(a *app) *cobra.Command {
	var email, at string
	cmd := &cobra.Command{
		Use:   "check FILE...",
		Short: "Judge certificate files as the enrolment would, without a database",
		Long: "Judge each file as the enrolment would: may payroll be encrypted to it, by the\n" +
			"rules of payseal? For each file it prints the verdict with its reason and the\n" +
			"mend, warnings, fingerprint, user IDs, algorithms, the encryption subkey that\n" +
			"would be used, and the expiry. A FILE of - is the standard input.\n\n" +
			"Exit codes: 0 all are accepted, 1 one is refused, 2 wrong usage, 3 a file cannot\n" +
			"be read (the others are judged all the same; --json says \"unreadable\" of it).",
		Args: atLeastOne("one or more files"),
		RunE: func(cmd *cobra.Command, files []string) error {
			check, err := newKeyCheck(email, at)
			if err != nil {
				return err
			}
			check.json, check.stdin, check.stdout, check.stderr = a.json, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr()
			return check.run(files)
		},
	}
	cmd.Flags().StringVar(&email, "email", "", "the employee's mail address, which a user ID must be for")
	cmd.Flags().StringVar(&at, "at", "", "judge as at this moment, such as 2026-10-30 or 2026-10-30T09:00:00Z (default: now)")
	return cmd
}

// keyCheck is one run of the command.
type keyCheck struct {
	email          payroll.Address
	at             time.Time
	json           bool
	stdin          io.Reader
	stdout, stderr io.Writer
}

func newKeyCheck(email, at string) (*keyCheck, error) {
	check := &keyCheck{at: time.Now()}
	var err error
	if email != "" {
		if check.email, err = payroll.ParseAddress(email); err != nil {
			return nil, usageError{err}
		}
	}
	if at != "" {
		if check.at, err = parseMoment(at); err != nil {
			return nil, usageError{err}
		}
	}
	return check, nil
}

// parseMoment reads RFC 3339 or a date, which means its first moment in UTC.
func parseMoment(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errors.New("write the time as 2026-10-30 or 2026-10-30T09:00:00Z")
}

// run judges every file, also behind one that cannot be read.
func (k *keyCheck) run(files []string) error {
	var broken, refused error
	for _, file := range files {
		raw, err := k.read(file)
		if err != nil {
			if broken != nil {
				fmt.Fprintln(k.stderr, "payseal:", escaped(broken.Error(), ""))
			}
			broken = err
			if err := k.printUnreadable(file); err != nil {
				return err
			}
			continue
		}
		_, verdict := keystore.Judge(raw, k.email, k.at)
		if !verdict.Accepted() {
			refused = errNo
		}
		if err := k.print(file, verdict); err != nil {
			return err
		}
	}
	if broken != nil {
		return broken
	}
	return refused
}

// read takes one byte more than the judge does, so that the judge sees what is
// too large.
func (k *keyCheck) read(file string) ([]byte, error) {
	in := k.stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, fmt.Errorf("read certificate: %w", err)
		}
		defer f.Close()
		in = f
	}
	raw, err := io.ReadAll(io.LimitReader(in, keystore.MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read certificate: %w", err)
	}
	return raw, nil
}

// printUnreadable gives programs a line for a file that was not judged; people
// get the error.
func (k *keyCheck) printUnreadable(file string) error {
	if !k.json {
		return nil
	}
	return k.print(file, keystore.Verdict{
		Verdict: payroll.VerdictRefuse, Code: "unreadable", Reason: "the file cannot be read, so it was not judged",
		Warnings: []keystore.Warning{}, UserIDs: []string{}, Algorithms: []string{}, EncryptionSubkeys: []payroll.Fingerprint{},
	})
}

func (k *keyCheck) print(file string, v keystore.Verdict) error {
	if k.json {
		return printJSON(k.stdout, struct {
			File string `json:"file"`
			keystore.Verdict
		}{file, v})
	}
	_, err := io.WriteString(k.stdout, keyText(file, v))
	return err
}

// keyText is the verdict for people.
func keyText(file string, v keystore.Verdict) string {
	var b strings.Builder
	line := func(label, text string) {
		if text != "" {
			fmt.Fprintf(&b, "  %-12s %s\n", label, text)
		}
	}
	fmt.Fprintf(&b, "%s: %s\n", escaped(file, ""), v.Verdict)
	line("reason", fmt.Sprintf("%s (%s)", v.Reason, v.Code))
	for _, w := range v.Warnings {
		line("warning", fmt.Sprintf("%s (%s)", w.Reason, w.Code))
	}
	line("fingerprint", v.Fingerprint.Grouped())
	for _, id := range v.UserIDs {
		line("user ID", id)
	}
	line("algorithms", strings.Join(v.Algorithms, ", "))
	for _, subkey := range v.EncryptionSubkeys {
		line("encrypts to", subkey.Grouped())
	}
	switch {
	case v.Expires != nil:
		line("expires", v.Expires.Format(time.RFC3339))
	case v.Accepted():
		line("expires", "never")
	}
	return b.String()
}
