package main

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter"
)

// largestSlip is the most that is read of what may be a slip, in bytes: a slip is a
// hundredth of it.
const largestSlip = 32 << 20

// checkedSlip is the answer of file check-slip.
type checkedSlip struct {
	Verdict payroll.PageVerdict `json:"verdict"`
	SHA256  string              `json:"sha256"`
	Sent    *payroll.SentPage   `json:"sent,omitempty"` // of the slip that it is, or that it names
}

func newFileCheckSlip(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "check-slip SLIP.pdf",
		Short: "Say whether a PDF is a salary slip that was sent (a bank's question)",
		Long: "Compare a PDF, byte for byte, with what the ledger says was sealed and sent. It\n" +
			"needs the database, and neither the vault nor a key. Nothing of the slip's\n" +
			"contents is printed. A slip that was printed and scanned is another file.\n" +
			"\n" +
			"Exit 0 if it is what was sent and still stands, 1 for every other answer.",
		Args: exactly(1, "one PDF"),
		RunE: func(cmd *cobra.Command, args []string) error {
			in, err := readInput(cmd, args[0], largestSlip)
			if err != nil {
				return err
			}
			var answer checkedSlip
			err = a.withStore(cmd.Context(), func(store *postgres.Store, _ config.Config) error {
				answer, err = checkSlip(cmd.Context(), store, in.content)
				return err
			})
			if err != nil {
				return err
			}
			if err := a.say(cmd, args[0], answer, answer.text(args[0])); err != nil {
				return err
			}
			if answer.Verdict != payroll.PageGenuine {
				return errNo
			}
			return nil
		},
	}
}

// checkSlip looks a PDF up by its bytes, and by the slip that it names.
func checkSlip(ctx context.Context, store *postgres.Store, pdf []byte) (checkedSlip, error) {
	digest := payroll.DigestPage(pdf)
	answer := checkedSlip{Verdict: payroll.PageUnknown, SHA256: digest.String()}
	sent, found, err := store.PageSent(ctx, digest)
	if err != nil {
		return checkedSlip{}, err
	}
	if found {
		answer.Verdict, answer.Sent = sent.Judge(), &sent
		return answer, nil
	}
	named, ok := letter.AttachedSlip(pdf)
	if known := ok && uuid.Validate(string(named)) == nil; !known {
		return answer, nil
	}
	sent, found, err = store.SlipSent(ctx, named)
	if err != nil {
		return checkedSlip{}, err
	}
	if found {
		answer.Verdict, answer.Sent = payroll.PageAltered, &sent
	}
	return answer, nil
}

func (c checkedSlip) text(file string) string {
	switch c.Verdict {
	case payroll.PageGenuine:
		return fmt.Sprintf("%s: genuine: the slip of employee %s for %s, as it was sent on %s", file, c.Sent.Employee, c.Sent.Period, day(c.Sent.SentAt))
	case payroll.PageSuperseded:
		return fmt.Sprintf("%s: superseded: it was the slip of employee %s for %s, and a correction took its place", file, c.Sent.Employee, c.Sent.Period)
	case payroll.PageUnsent:
		return fmt.Sprintf("%s: unsent: payseal made it for employee %s, but the relay never took it (the slip is %s)", file, c.Sent.Employee, c.Sent.State)
	case payroll.PageAltered:
		return fmt.Sprintf("%s: altered: it names the slip of employee %s for %s, but it is not the file that was sent", file, c.Sent.Employee, c.Sent.Period)
	}
	return file + ": unknown: no slip that was sent is this file, nor does it name one"
}

func day(at *time.Time) string {
	if at == nil {
		return "an unknown day"
	}
	return at.UTC().Format("2 January 2006 (UTC)")
}
