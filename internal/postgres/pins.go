package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// pinSlips fixes what was approved: each slip's address, certificate and
// encryption subkeys as they stand, and the letterhead. Where numbers are given
// it pins the slips of these employees only, and with them that they go although
// the employee has left.
func pinSlips(ctx context.Context, tx pgx.Tx, run payroll.RunID, letterhead string, numbers []payroll.EmployeeNumber) error {
	_, err := tx.Exec(ctx, `update slips s set pin_email = e.email, pin_letterhead = $2, pin_fingerprint = '', pin_subkeys = '{}',
		pin_left = case when $3::text[] is null then null else e.left_on end
		from employees e where s.run = $1 and e.number = s.employee and ($3::text[] is null or s.employee = any($3))`,
		run, letterhead, numbers)
	if err != nil {
		return wrap("pin addresses", err)
	}
	rows, err := tx.Query(ctx, `select s.id::text as id, c.content from slips s
		join certificates c on c.employee = s.employee and c.standing in ('current', 'candidate')
		where s.run = $1 and ($2::text[] is null or s.employee = any($2))
		order by c.standing = 'candidate'`, run, numbers)
	if err != nil {
		return wrap("read certificates", err)
	}
	pins, err := certificatePins(rows)
	if err != nil {
		return wrap("read certificates", err)
	}
	return pins.store(ctx, tx)
}

// pinColumns are certificate pins by column, as unnest takes them.
type pinColumns struct{ slips, fingerprints, subkeys []string }

// certificatePins parses each slip's certificate; of two for one slip the first
// counts.
func certificatePins(rows pgx.Rows) (pinColumns, error) {
	var pins pinColumns
	seen := make(map[string]bool)
	var id string
	var content []byte
	now := time.Now()
	_, err := pgx.ForEachRow(rows, []any{&id, &content}, func() error {
		if seen[id] {
			return nil
		}
		seen[id] = true
		certificate, err := keystore.ReadCertificate(content)
		if err != nil {
			return err
		}
		pins.add(id, certificate.Fingerprint(), certificate.EncryptionSubkeys(now))
		return nil
	})
	return pins, err
}

func (p *pinColumns) add(slip string, fingerprint payroll.Fingerprint, subkeys []payroll.Fingerprint) {
	words := make([]string, len(subkeys))
	for i, f := range subkeys {
		words[i] = string(f)
	}
	p.slips = append(p.slips, slip)
	p.fingerprints = append(p.fingerprints, string(fingerprint))
	p.subkeys = append(p.subkeys, strings.Join(words, " "))
}

func (p *pinColumns) store(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `update slips s set pin_fingerprint = p.fingerprint,
		pin_subkeys = coalesce(string_to_array(nullif(p.subkeys, ''), ' '), '{}')
		from unnest($1::uuid[], $2::text[], $3::text[]) as p(id, fingerprint, subkeys) where p.id = s.id`,
		p.slips, p.fingerprints, p.subkeys)
	return wrap("pin certificates", err)
}

// ReapproveSlips approves single slips of a started run again, after something
// that was approved has changed: it pins them as they stand now and queues them
// again. The worker judges them as it judges any other.
func (s *Store) ReapproveSlips(ctx context.Context, run payroll.RunID, numbers []payroll.EmployeeNumber, by payroll.AdminName, letterhead string) error {
	act := runAct(by, "slip.reapprove", run, map[string]string{"employees": joinNumbers(numbers), "letterhead": letterhead})
	return s.moveRun(ctx, run, act,
		func(r *payroll.Run) error { return r.Reapprove(by) },
		func(tx pgx.Tx, _ payroll.Run) error {
			var held int
			err := tx.QueryRow(ctx, `select count(*)::int from slips where run = $1 and employee = any($2) and state = 'held'`,
				run, numbers).Scan(&held)
			if err != nil {
				return wrap("read held slips", err)
			}
			if held < len(numbers) {
				return fmt.Errorf("%w: only held slips can be approved again", payroll.ErrWrongState)
			}
			if err := pinSlips(ctx, tx, run, letterhead, numbers); err != nil {
				return err
			}
			return requeueHeld(ctx, tx, run, numbers)
		})
}

func requeueHeld(ctx context.Context, tx pgx.Tx, run payroll.RunID, numbers []payroll.EmployeeNumber) error {
	_, err := tx.Exec(ctx, `update slips set state = 'queued', hold = '', due_at = clock_timestamp(), changed_at = clock_timestamp()
		where run = $1 and employee = any($2) and state = 'held'`, run, numbers)
	if err != nil {
		return wrap("queue slips", err)
	}
	return reopen(ctx, tx, run)
}

// reopen makes a run that had ended a sending one again.
func reopen(ctx context.Context, tx pgx.Tx, run payroll.RunID) error {
	_, err := tx.Exec(ctx, `update runs set state = 'sending', finished_at = null
		where id = $1 and state in ('complete', 'incomplete')`, run)
	return wrap("reopen run", err)
}

func joinNumbers(numbers []payroll.EmployeeNumber) string {
	words := make([]string, len(numbers))
	for i, n := range numbers {
		words[i] = string(n)
	}
	return strings.Join(words, ", ")
}
