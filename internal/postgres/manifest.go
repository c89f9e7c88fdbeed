package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// inspectionKept is how long what was found stands for what is, unless somebody
// acts: it also bounds how long a change behind the program's back goes unseen on
// the review. What is approved is never taken from there.
const inspectionKept = 30 * time.Second

// inspected is an inspection and what it was made of.
type inspected struct {
	payroll.Inspection
	letterhead string
	acts       int64 // the last act before
}

// idleActs change nothing that an inspection says.
var idleActs = []string{"slip.preview", "account.step_up", "account.sign_in", "account.sign_out", "access.refused"}

// Inspection looks at all that approving a run now would pin, with the letterhead
// of that digest. Where nothing has happened since, it may be half a minute old.
func (s *Store) Inspection(ctx context.Context, run payroll.RunID, letterhead string, freeze payroll.Freeze) (payroll.Inspection, error) {
	var acts int64
	err := s.pool.QueryRow(ctx, `select coalesce((select seq from audit where act <> all($1) order by seq desc limit 1), 0)`, idleActs).Scan(&acts)
	if err != nil {
		return payroll.Inspection{}, wrap("read the audit log", err)
	}
	if found, ok := s.inspections.Load(run); ok {
		kept := found.(inspected)
		if kept.acts == acts && kept.letterhead == letterhead && time.Since(kept.At) < inspectionKept {
			return kept.Inspection, nil
		}
	}
	fresh, err := s.FreshInspection(ctx, run, letterhead, freeze)
	if err == nil {
		s.inspections.Range(func(other, kept any) bool { // none outlives its use: each lists who is held
			if time.Since(kept.(inspected).At) >= inspectionKept {
				s.inspections.Delete(other)
			}
			return true
		})
		s.inspections.Store(run, inspected{fresh, letterhead, acts})
	}
	return fresh, err
}

// FreshInspection is Inspection, of this very moment.
func (s *Store) FreshInspection(ctx context.Context, run payroll.RunID, letterhead string, freeze payroll.Freeze) (payroll.Inspection, error) {
	inspection := payroll.Inspection{At: time.Now()}
	// One snapshot, so that the hash is of what the lists say.
	err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		r, err := readRun(ctx, tx, run, "")
		if err != nil {
			return err
		}
		manifest := payroll.NewManifest(run, letterhead)
		numbers, err := inspectSlips(ctx, tx, r, freeze, manifest, &inspection)
		if err != nil {
			return err
		}
		inspection.Manifest, inspection.Contents, inspection.Slips = manifest.Sum(), manifest.Contents(), len(numbers)
		inspection.Sample, err = sampleOf(ctx, tx, run, inspection.Contents, numbers)
		return err
	})
	return inspection, unavailable(err)
}

// inspect reads every slip of a run as pinning would find it, with the reason for
// which it would be held (but what only a look into the certificate tells) and
// what is other than in the run before.
const inspect = `select s.id::text, s.employee, s.digest, e.email, coalesce(encode(sha256(coalesce(c.content, k.content)), 'hex'), ''),
		coalesce(s.supersedes::text, ''),
		case when e.on_paper then 'on_paper'
			when e.left_on < $2 then 'left'
			when s.employee in (select unnest(array[first, second]) from twins where run = $1 and acknowledged_at is null) then 'twin'
			when c.id is null and k.id is null then
				case when exists (select from certificates r where r.employee = s.employee and r.standing = 'revoked') then 'revoked' else 'no_certificate' end
			when case when c.id is null then k.expires_at else c.expires_at end <= now() then 'expired'
			when c.id is null then 'not_verified'
			when ` + frozen + ` then 'change_freeze'
			else '' end,
		coalesce(p.pin_email <> '' and lower(p.pin_email) <> lower(e.email), false),
		coalesce(p.pin_email <> '' and p.pin_fingerprint <> '' and p.pin_fingerprint <> coalesce(c.fingerprint, k.fingerprint, ''), false),
		coalesce(p.pin_email <> '' and p.pin_fingerprint = '' and coalesce(c.id, k.id) is not null, false)
	from slips s cross join (select $3::timestamptz as since) f
		join employees e on e.number = s.employee
		left join certificates c on c.employee = s.employee and c.standing = 'current'
		left join certificates k on k.employee = s.employee and k.standing = 'candidate'
		left join slips p on p.run = $4 and p.employee = s.employee
	where s.run = $1 order by s.employee`

func inspectSlips(ctx context.Context, tx pgx.Tx, run payroll.Run, freeze payroll.Freeze, manifest *payroll.Manifest, into *payroll.Inspection) ([]payroll.EmployeeNumber, error) {
	rows, err := tx.Query(ctx, inspect, run.ID, run.Period.First().String(), freeze.Since(run.PayDate), run.Compared)
	if err != nil {
		return nil, wrap("inspect slips", err)
	}
	var numbers []payroll.EmployeeNumber
	var l payroll.ManifestLine
	var reason payroll.HoldReason
	var changed payroll.ChangedSince
	_, err = pgx.ForEachRow(rows, []any{&l.Slip, &l.Employee, &l.Digest, &l.Email, &l.Certificate, &l.Supersedes,
		&reason, &changed.Address, &changed.Certificate, &changed.First}, func() error {
		manifest.Add(l)
		numbers = append(numbers, l.Employee)
		if reason != "" {
			into.Held = append(into.Held, payroll.Foreseen{Employee: l.Employee, Reason: reason})
		}
		if changed.Address || changed.Certificate || changed.First {
			changed.Employee = l.Employee
			into.Changed = append(into.Changed, changed)
		}
		return nil
	})
	return numbers, wrap("inspect slips", err)
}

// sampleOf is which slips of a run must be opened before it is approved; numbers
// are everybody's, sorted.
func sampleOf(ctx context.Context, q rowsQuerier, run payroll.RunID, contents string, numbers []payroll.EmployeeNumber) ([]payroll.EmployeeNumber, error) {
	twins, err := readNumbers(ctx, q, `select distinct unnest(array[first, second]) as number from twins where run = $1 order by number`, run)
	if err != nil {
		return nil, err
	}
	largest, err := readNumbers(ctx, q, `select employee from remarks where run = $1 and kind = 'variance'
		order by weight desc, employee limit $2`, run, payroll.SampleVariances)
	if err != nil {
		return nil, err
	}
	remarks := make([]payroll.Remark, len(largest))
	for i, n := range largest {
		remarks[i] = payroll.Remark{Kind: payroll.RemarkVariance, Employee: n}
	}
	return payroll.Sample(contents, numbers, twins, remarks), nil
}

func readNumbers(ctx context.Context, q rowsQuerier, sql string, args ...any) ([]payroll.EmployeeNumber, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, wrap("read employee numbers", err)
	}
	numbers, err := pgx.CollectRows(rows, pgx.RowTo[payroll.EmployeeNumber])
	return numbers, wrap("read employee numbers", err)
}
