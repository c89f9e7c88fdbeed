package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// pinBundle is how many slips are pinned by one statement.
const pinBundle = 2000

// pinSlips fixes what was approved: each slip's address, certificate and
// encryption subkeys as they stand, and the letterhead. Where numbers are given
// it pins the slips of these employees only, and with them that they go although
// the employee has left. What is pinned is added to the manifest; it returns whose
// slips were, by number, and what is to be kept of their certificates.
func (s *Store) pinSlips(ctx context.Context, tx pgx.Tx, run payroll.RunID, letterhead string, numbers []payroll.EmployeeNumber,
	manifest *payroll.Manifest,
) ([]payroll.EmployeeNumber, []certificateProof, error) {
	if s.vault == nil {
		return nil, nil, errLocked
	}
	var pinned []payroll.EmployeeNumber
	var proofs []certificateProof
	for {
		var last payroll.EmployeeNumber
		if len(pinned) > 0 {
			last = pinned[len(pinned)-1]
		}
		found, err := standingPins(ctx, tx, run, letterhead, numbers, last)
		if err != nil || len(found) == 0 {
			return pinned, proofs, err
		}
		fresh, err := s.readKeys(found)
		if err != nil {
			return nil, nil, wrap("read what is to be pinned", err)
		}
		proofs = append(proofs, fresh...)
		pins := make([]payroll.Pinned, len(found))
		for i, f := range found {
			pins[i] = f.Pinned
			pinned = append(pinned, f.Employee)
			manifest.Add(f.line())
		}
		if err := s.storePins(ctx, tx, pins); err != nil {
			return nil, nil, err
		}
	}
}

// standingPin is a pin as it would be fixed at this moment, and the certificate
// that it comes from.
type standingPin struct {
	payroll.Pinned
	certificateProof        // of the certificate, as it is stored
	certificate      []byte // nil without one
}

// line is the pin in a manifest. It says of the certificate what it is, so that
// whoever only wants to know whether anything has changed need not understand it.
func (p standingPin) line() payroll.ManifestLine {
	l := payroll.ManifestLine{Slip: p.Slip, Employee: p.Employee, Digest: p.Digest, Email: p.Email, Supersedes: p.Supersedes}
	if p.certificate != nil {
		l.Certificate = payroll.Digest(p.certificate)
	}
	return l
}

// standingPins are the next pins of a run as they would be fixed at this moment,
// by employee number, after that of last. Of an employee's certificates the
// current one counts, else the candidate.
func standingPins(ctx context.Context, tx pgx.Tx, run payroll.RunID, letterhead string, numbers []payroll.EmployeeNumber, last payroll.EmployeeNumber) ([]standingPin, error) {
	rows, err := tx.Query(ctx, `select s.id::text, s.run, s.employee, s.digest, coalesce(s.supersedes::text, ''), e.email,
			case when $2::text[] is not null then e.left_on end, coalesce(c.id, 0), c.content, c.proof
		from slips s join employees e on e.number = s.employee
			left join lateral (select c.id, c.content, c.proof from certificates c where c.employee = s.employee
				and c.standing in ('current', 'candidate') order by c.standing = 'candidate' limit 1) c on true
		where s.run = $1 and s.employee > $3 and ($2::text[] is null or s.employee = any($2))
		order by s.employee limit $4`, run, numbers, last, pinBundle)
	if err != nil {
		return nil, wrap("read what is to be pinned", err)
	}
	pins, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (standingPin, error) {
		p := standingPin{Pinned: payroll.Pinned{Pin: payroll.Pin{Letterhead: letterhead}}}
		var left *time.Time
		err := row.Scan(&p.Slip, &p.Run, &p.Employee, &p.Digest, &p.Supersedes, &p.Email, &left, &p.id, &p.certificate, &p.proof)
		p.Left = dateOf(left)
		return p, err
	})
	return pins, wrap("read what is to be pinned", err)
}

// storePins writes pins with their seals. Nothing else writes a pin.
func (s *Store) storePins(ctx context.Context, tx pgx.Tx, pins []payroll.Pinned) error {
	if s.vault == nil {
		return errLocked
	}
	n := len(pins)
	ids, digests, emails, letterheads := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	fingerprints, subkeys, lefts, seals := make([]string, n), make([]string, n), make([]string, n), make([][]byte, n)
	for i, p := range pins {
		words := make([]string, len(p.Subkeys))
		for j, f := range p.Subkeys {
			words[j] = string(f)
		}
		ids[i], digests[i], emails[i], letterheads[i] = string(p.Slip), p.Digest, string(p.Email), p.Letterhead
		fingerprints[i], subkeys[i], lefts[i], seals[i] = string(p.Fingerprint), strings.Join(words, " "), p.Left.String(), s.vault.SealPin(p)
	}
	_, err := tx.Exec(ctx, `update slips s set digest = p.digest, pin_email = p.email, pin_letterhead = p.letterhead,
			pin_fingerprint = p.fingerprint, pin_subkeys = coalesce(string_to_array(nullif(p.subkeys, ''), ' '), '{}'),
			pin_left = nullif(p.left_on, '')::date, pin_seal = p.seal
		from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bytea[])
			as p(id, digest, email, letterhead, fingerprint, subkeys, left_on, seal) where p.id = s.id`,
		ids, digests, emails, letterheads, fingerprints, subkeys, lefts, seals)
	return wrap("pin slips", err)
}

// mendDigests makes the hashes beside slips what their sealed contents say, which
// nobody can make who does not have the run's key. Contents that do not open
// cannot be approved.
func (s *Store) mendDigests(ctx context.Context, tx pgx.Tx, run payroll.RunID, numbers []payroll.EmployeeNumber) error {
	rows, err := tx.Query(ctx, `select id::text, employee, content from slips where run = $1 and employee = any($2)`, run, numbers)
	if err != nil {
		return wrap("read slips", err)
	}
	type stored struct {
		ID       payroll.SlipID
		Employee payroll.EmployeeNumber
		Content  []byte
	}
	slips, err := pgx.CollectRows(rows, pgx.RowToStructByPos[stored])
	if err != nil {
		return wrap("read slips", err)
	}
	for _, slip := range slips {
		_, digest, err := s.openSlip(ctx, run, slip.Employee, slip.Content)
		if errors.Is(err, payroll.ErrInvalid) {
			return fmt.Errorf("%w: the stored contents of slip %s do not open; it needs a correction", payroll.ErrInvalid, slip.ID)
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update slips set digest = $2 where id = $1 and digest <> $2`, slip.ID, digest); err != nil {
			return wrap("mend the slip's hash", err)
		}
	}
	return nil
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
			own, err := ownChanges(ctx, tx, run, numbers, by)
			if err != nil {
				return err
			}
			if err := payroll.NotTheirOwn(by, own); err != nil {
				return err
			}
			if err := s.mendDigests(ctx, tx, run, numbers); err != nil {
				return err
			}
			if _, _, err := s.pinSlips(ctx, tx, run, letterhead, numbers, payroll.NewManifest(run, letterhead)); err != nil {
				return err
			}
			return requeueHeld(ctx, tx, run, numbers)
		})
}

// ownChanges are the employees whose address by brought, or the one before it that
// was changed in the form, or in whose certificate by had a hand, of those whose
// slips are pinned to another.
func ownChanges(ctx context.Context, tx pgx.Tx, run payroll.RunID, numbers []payroll.EmployeeNumber, by payroll.AdminName) ([]payroll.EmployeeNumber, error) {
	rows, err := tx.Query(ctx, `select s.employee from slips s join employees e on e.number = s.employee
		where s.run = $1 and s.employee = any($2) and (lower(e.email) <> lower(s.pin_email) and e.email_admin = $3
			or exists (select from certificates c join certificate_steps h on h.certificate = c.id
				where c.employee = s.employee and c.standing = 'current' and c.fingerprint <> s.pin_fingerprint and h.by_admin = $3))
		order by s.employee`, run, numbers, by)
	if err != nil {
		return nil, wrap("read who changed what", err)
	}
	own, err := pgx.CollectRows(rows, pgx.RowTo[payroll.EmployeeNumber])
	return own, wrap("read who changed what", err)
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
	_, err := tx.Exec(ctx, `update runs set state = 'sending', finished_at = null, counts = null
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
