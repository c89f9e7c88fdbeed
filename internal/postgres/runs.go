package postgres

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

const runColumns = `id, state, period, pay_date, currency, file_sha256, letterhead, imported_by,
	coalesce(submitted_by, ''), coalesce(approved_by, ''), reason, created_at,
	source, supplement, coalesce(compared, 0), coalesce(corrects, 0), correction,
	manifest, submitted_at, approved_at, not_before, not_before_zone, shredded_at`

// Run reads one run.
func (s *Store) Run(ctx context.Context, id payroll.RunID) (payroll.Run, error) {
	return readRun(ctx, s.pool, id, "")
}

// Runs reads every run, the newest first.
func (s *Store) Runs(ctx context.Context) ([]payroll.Run, error) {
	rows, err := s.pool.Query(ctx, `select `+runColumns+` from runs order by id desc`)
	if err != nil {
		return nil, wrap("read runs", err)
	}
	runs, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (payroll.Run, error) { return scanRun(row) })
	return runs, wrap("read runs", err)
}

// querier is a pool or a transaction.
type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func readRun(ctx context.Context, q querier, id payroll.RunID, lock string) (payroll.Run, error) {
	run, err := scanRun(q.QueryRow(ctx, `select `+runColumns+` from runs where id = $1 `+lock, id))
	return run, wrap(fmt.Sprintf("read run %d", id), err)
}

func scanRun(row pgx.Row) (payroll.Run, error) {
	var r payroll.Run
	var period, zone string
	var payDate time.Time
	err := row.Scan(&r.ID, &r.State, &period, &payDate, &r.Currency, &r.FileSHA256, &r.Letterhead,
		&r.ImportedBy, &r.SubmittedBy, &r.ApprovedBy, &r.Reason, &r.CreatedAt,
		&r.Source, &r.Supplement, &r.Compared, &r.Corrects, &r.Correction,
		&r.Manifest, &r.SubmittedAt, &r.ApprovedAt, &r.NotBefore, &zone, &r.ShreddedAt)
	if err != nil {
		return r, err
	}
	r.NotBefore = inZone(r.NotBefore, zone)
	r.PayDate = payroll.DateOf(payDate)
	r.Period, err = payroll.ParsePeriod(period)
	return r, err
}

// inZone is a moment in the zone of that name; in UTC where this machine does not
// know it.
func inZone(at *time.Time, name string) *time.Time {
	if at == nil {
		return nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		zone = time.UTC
	}
	in := at.In(zone)
	return &in
}

// CreateRun stores a draft and its slips in one transaction, every slip sealed
// under the run's own data key. The slips are taken as they come, so that a run
// of any size passes through in flat memory; an error among them ends the
// transaction. The run's sums, figures, remarks and twins are stored with it, and
// the upload that it was made of goes. The same file twice for one period is
// payroll.ErrInvalid; an upload that is gone, payroll.ErrWrongState.
func (s *Store) CreateRun(ctx context.Context, run payroll.Run, slips iter.Seq2[payroll.Slip, error]) (payroll.RunID, error) {
	if s.vault == nil {
		return 0, errLocked
	}
	err := s.inTx(ctx, func(tx pgx.Tx) error { return s.createRun(ctx, tx, &run, slips) })
	if violates(err, "runs_file") {
		return 0, fmt.Errorf("%w: this file was imported before for %s; void that run first", payroll.ErrInvalid, run.Period)
	}
	return run.ID, wrap("create run", err)
}

func (s *Store) createRun(ctx context.Context, tx pgx.Tx, run *payroll.Run, slips iter.Seq2[payroll.Slip, error]) error {
	if err := takeUpload(ctx, tx, run.Upload); err != nil {
		return err
	}
	if err := tx.QueryRow(ctx, `select nextval(pg_get_serial_sequence('runs', 'id'))`).Scan(&run.ID); err != nil {
		return err
	}
	key, wrapped, err := s.vault.NewDataKey(run.ID)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('payseal import'))`); err != nil {
		return err
	}
	if slips, err = correcting(ctx, tx, run, slips); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into runs (id, state, period, pay_date, currency, file_sha256, data_key, imported_by,
			source, supplement, corrects, correction, upload)
		overriding system value values ($1, 'draft', $2, $3, $4, $5, $6, $7, $8, $9, nullif($10, 0), $11, nullif($12, '')::uuid)`,
		run.ID, run.Period.String(), run.PayDate.String(), run.Currency, run.FileSHA256, wrapped, run.ImportedBy,
		run.Source, run.Supplement, run.Corrects, run.Correction, run.Upload)
	if err != nil {
		return err
	}
	var tally payroll.Tally
	stored, err := copySlips(ctx, tx, run.ID, key, tallied(slips, &tally))
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `update runs set slips = $2 where id = $1`, run.ID, stored); err != nil {
		return err
	}
	if err := refusePaidTwice(ctx, tx, *run); err != nil {
		return err
	}
	if err := s.storeFigures(ctx, tx, run, key, &tally); err != nil {
		return err
	}
	if err := storeTwins(ctx, tx, *run); err != nil {
		return err
	}
	detail := map[string]string{"period": run.Period.String(), "slips": strconv.FormatInt(stored, 10), "file_sha256": run.FileSHA256}
	if run.Corrects != 0 {
		detail["corrects"], detail["reason"] = strconv.FormatInt(int64(run.Corrects), 10), run.Correction
	}
	return record(ctx, tx, runAct(run.ImportedBy, "run.import", run.ID, detail))
}

// tallied adds up slips as they pass.
func tallied(slips iter.Seq2[payroll.Slip, error], tally *payroll.Tally) iter.Seq2[payroll.Slip, error] {
	return func(yield func(payroll.Slip, error) bool) {
		for slip, err := range slips {
			if err == nil {
				err = tally.Add(&slip)
			}
			if !yield(slip, err) {
				return
			}
		}
	}
}

// refusePaidTwice looks once more, with every other import kept out, whether a
// run of the same month pays the same people.
func refusePaidTwice(ctx context.Context, tx pgx.Tx, run payroll.Run) error {
	if run.Supplement || run.Corrects != 0 {
		return nil
	}
	var other payroll.RunID
	err := tx.QueryRow(ctx, `select r.id from runs r join slips o on o.run = r.id join slips s on s.employee = o.employee
		where s.run = $1 and r.id <> $1 and r.period = $2 and r.state not in ('void', 'rejected') limit 1`,
		run.ID, run.Period.String()).Scan(&other)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	return fmt.Errorf("%w: run %d of %s, imported meanwhile, pays the same employees", payroll.ErrWrongState, other, run.Period)
}

func copySlips(ctx context.Context, tx pgx.Tx, run payroll.RunID, key *keystore.DataKey, slips iter.Seq2[payroll.Slip, error]) (int64, error) {
	next, stop := iter.Pull2(slips)
	defer stop()
	var broken error // the server's error only says that the copy was called off
	rows := pgx.CopyFromFunc(func() ([]any, error) {
		slip, err, more := next()
		if err != nil || !more {
			broken = err
			return nil, err
		}
		slip.Salt = rand.Text()
		encoded, err := slip.Encode()
		if err != nil {
			return nil, err
		}
		id, err := uuid.NewRandom()
		if err != nil {
			return nil, fmt.Errorf("draw a slip's identity: %w", err)
		}
		sealed := key.Seal(encoded, keystore.Binding{Run: run, Employee: slip.Employee.Number})
		return []any{id, run, slip.Employee.Number, sealed, payroll.Digest(encoded), payroll.SlipReady, supersedes(&slip)}, nil
	})
	stored, err := tx.CopyFrom(ctx, pgx.Identifier{"slips"},
		[]string{"id", "run", "employee", "content", "digest", "state", "supersedes"}, rows)
	return stored, cmp.Or(broken, err)
}

func runAct(by payroll.AdminName, what string, id payroll.RunID, detail map[string]string) payroll.Act {
	return payroll.Act{Who: by, What: what, Subject: fmt.Sprintf("run %d", id), Detail: detail}
}

// moveRun changes a run under its row lock: rule decides, after stores what
// else belongs to the change, and the act is audited, all in one transaction.
func (s *Store) moveRun(ctx context.Context, id payroll.RunID, act payroll.Act,
	rule func(*payroll.Run) error, after func(pgx.Tx, payroll.Run) error,
) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		run, err := readRun(ctx, tx, id, "for update")
		if err != nil {
			return err
		}
		if err := rule(&run); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update runs set state = $2, letterhead = $3, submitted_by = nullif($4, ''),
			approved_by = nullif($5, ''), reason = $6 where id = $1`,
			id, run.State, run.Letterhead, run.SubmittedBy, run.ApprovedBy, run.Reason)
		if err != nil {
			return wrap("change run", err)
		}
		if after != nil {
			if err := after(tx, run); err != nil {
				return err
			}
		}
		return record(ctx, tx, act)
	})
	if violates(err, "second_person") {
		return fmt.Errorf("%w: a second person must approve run %d", payroll.ErrNotAllowed, id)
	}
	return err
}

// SubmitRun hands a draft to the approver and looks for twins once more. Where
// names are proven, every remark and every twin must have been acknowledged.
func (s *Store) SubmitRun(ctx context.Context, id payroll.RunID, by payroll.AdminName, proven bool) error {
	return s.moveRun(ctx, id, runAct(by, "run.submit", id, nil),
		func(r *payroll.Run) error { return r.Submit(by) },
		func(tx pgx.Tx, run payroll.Run) error {
			if err := storeTwins(ctx, tx, run); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `update runs set submitted_at = clock_timestamp() where id = $1`, id); err != nil {
				return wrap("submit run", err)
			}
			if !proven {
				return nil
			}
			return refuseUnseen(ctx, tx, id)
		})
}

// VoidRun ends a run of which nothing was sent. One whose slips another corrects
// stays, or the slips that it corrects itself would come back beside those.
func (s *Store) VoidRun(ctx context.Context, id payroll.RunID, by payroll.AdminName, reason string) error {
	return s.moveRun(ctx, id, runAct(by, "run.void", id, map[string]string{"reason": reason}),
		func(r *payroll.Run) error { return r.Void(reason) },
		func(tx pgx.Tx, run payroll.Run) error {
			if err := refuseCorrected(ctx, tx, id); err != nil {
				return err
			}
			return s.withdraw(ctx)(tx, run)
		})
}

func (s *Store) withdraw(ctx context.Context) func(pgx.Tx, payroll.Run) error {
	return func(tx pgx.Tx, run payroll.Run) error {
		_, err := tx.Exec(ctx, `update slips set state = 'withdrawn', hold = '', pin_seal = null, changed_at = clock_timestamp()
			where run = $1`, run.ID)
		if err != nil {
			return wrap("withdraw slips", err)
		}
		return unsupersede(ctx, tx, &run, nil)
	}
}

// SendRun queues every ready slip of an approved run and enqueues its bundles
// in the same transaction. giveUp is how long deferred slips are tried.
func (s *Store) SendRun(ctx context.Context, id payroll.RunID, by payroll.AdminName, giveUp time.Duration, bundle int) error {
	return s.moveRun(ctx, id, runAct(by, "run.send", id, nil),
		func(r *payroll.Run) error { return r.Send(time.Now()) },
		func(tx pgx.Tx, _ payroll.Run) error {
			tag, err := tx.Exec(ctx, `update slips set state = 'queued', due_at = clock_timestamp(),
				give_up_at = clock_timestamp() + $2, changed_at = clock_timestamp()
				where run = $1 and state = 'ready'`, id, giveUp)
			if err != nil {
				return wrap("queue slips", err)
			}
			if _, err := tx.Exec(ctx, `update runs set started_at = clock_timestamp(), give_up_after = $2, counts = null where id = $1`, id, giveUp); err != nil {
				return wrap("start run", err)
			}
			return s.jobs.Enqueue(ctx, tx, id, bundles(tag.RowsAffected(), bundle))
		})
}

func bundles(slips int64, bundle int) int { return int((slips + int64(bundle) - 1) / int64(bundle)) }

// PauseRun stops a run; no further mail of it leaves.
func (s *Store) PauseRun(ctx context.Context, id payroll.RunID, by payroll.AdminName, reason string) error {
	return s.moveRun(ctx, id, runAct(by, "run.pause", id, map[string]string{"reason": reason}),
		func(r *payroll.Run) error { return r.Pause(reason) }, nil)
}

// ResumeRun goes on with a paused run. The sweep enqueues what is due.
func (s *Store) ResumeRun(ctx context.Context, id payroll.RunID, by payroll.AdminName) error {
	return s.moveRun(ctx, id, runAct(by, "run.resume", id, nil),
		func(r *payroll.Run) error { return r.Resume() }, nil)
}

// OverlappingRun finds the newest other run of the period that pays one of
// these employees, and how many of them. Rejected and void runs do not count.
func (s *Store) OverlappingRun(ctx context.Context, period payroll.Period, numbers []payroll.EmployeeNumber) (id payroll.RunID, shared int, err error) {
	err = s.pool.QueryRow(ctx, `select r.id, count(*)::int from runs r join slips s on s.run = r.id
		where r.period = $1 and r.state not in ('void', 'rejected') and s.employee = any($2)
		group by r.id order by r.id desc limit 1`, period.String(), numbers).Scan(&id, &shared)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, 0, nil
	}
	return id, shared, wrap("look for runs of the same period", err)
}

// errLocked says that amounts cannot be read or stored without the master key.
var errLocked = errors.New("the vault is locked: this needs the master key (payseal vault init, vault.master_key_file)")
