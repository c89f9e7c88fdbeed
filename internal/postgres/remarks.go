package postgres

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// storeRemarks compares the run's figures with those of the run before and keeps
// what is remarkable. With a run that has none, or without any run before, only
// whoever is paid after leaving is.
func (s *Store) storeRemarks(ctx context.Context, tx pgx.Tx, run *payroll.Run, key *keystore.DataKey, figures []payroll.Figure) error {
	gone, err := leftBefore(ctx, tx, run.Period.First())
	if err != nil {
		return err
	}
	how := payroll.Comparing{Percent: run.Variance, Correction: run.Corrects != 0, Supplement: run.Supplement}
	if how.Percent == 0 {
		how.Percent = payroll.DefaultVariance
	}
	before, err := runBefore(ctx, tx, run)
	switch {
	case errors.Is(err, payroll.ErrNotFound):
		return insertRemarks(ctx, tx, run.ID, key, how.Compare(nil, figures, gone))
	case err != nil:
		return err
	}
	if _, err := tx.Exec(ctx, `update runs set compared = $2 where id = $1`, run.ID, before.ID); err != nil {
		return wrap("store the comparison", err)
	}
	run.Compared, how.Elsewhere = before.ID, run.Elsewhere(before)
	was, err := s.figuresIn(ctx, tx, before.ID)
	if err != nil && !errors.Is(err, payroll.ErrNotFound) {
		return err
	}
	return insertRemarks(ctx, tx, run.ID, key, how.Compare(was, figures, gone))
}

// leftBefore is who had left before that day.
func leftBefore(ctx context.Context, tx pgx.Tx, day payroll.Date) (map[payroll.EmployeeNumber]bool, error) {
	rows, err := tx.Query(ctx, `select number from employees where left_on < $1`, day.String())
	if err != nil {
		return nil, wrap("read who has left", err)
	}
	gone := make(map[payroll.EmployeeNumber]bool)
	var number payroll.EmployeeNumber
	_, err = pgx.ForEachRow(rows, []any{&number}, func() error {
		gone[number] = true
		return nil
	})
	return gone, wrap("read who has left", err)
}

func insertRemarks(ctx context.Context, tx pgx.Tx, run payroll.RunID, key *keystore.DataKey, remarks []payroll.Remark) error {
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"remarks"}, []string{"run", "kind", "employee", "figures", "weight"},
		pgx.CopyFromSlice(len(remarks), func(i int) ([]any, error) {
			r := remarks[i]
			return []any{run, r.Kind, r.Employee, key.Seal(encodeAmounts(r.Before, r.Now), remarkBinding(run, r)), r.Weight}, nil
		}))
	return wrap("store remarks", err)
}

func remarkBinding(run payroll.RunID, r payroll.Remark) keystore.Binding {
	return keystore.Binding{Run: run, Employee: remarkPlace + payroll.EmployeeNumber(r.Kind) + " " + r.Employee}
}

// encodeAmounts writes what was and what is, either of which may not be, in
// nineteen bytes at most.
func encodeAmounts(amounts ...*int64) []byte {
	var b []byte
	for _, a := range amounts {
		if a == nil {
			b = append(b, 0)
			continue
		}
		b = binary.BigEndian.AppendUint64(append(b, 1), uint64(*a)) // two's complement, and back
	}
	return b
}

func decodeAmounts(b []byte) (before, now *int64, err error) {
	for _, into := range []**int64{&before, &now} {
		switch {
		case len(b) >= 1 && b[0] == 0:
			b = b[1:]
		case len(b) >= 9 && b[0] == 1:
			amount := int64(binary.BigEndian.Uint64(b[1:])) // as it was written
			*into, b = &amount, b[9:]
		default:
			return nil, nil, fmt.Errorf("%w: a stored remark is not readable", payroll.ErrInvalid)
		}
	}
	return before, now, nil
}

// Remarks reads remarks of a run in the order of payroll.Remarks, their amounts
// opened.
func (s *Store) Remarks(ctx context.Context, run payroll.RunID, q payroll.RemarkQuery) ([]payroll.Remark, error) {
	limit := int64(q.Limit)
	if limit == 0 {
		limit = math.MaxInt64
	}
	weight := int64(math.MaxInt64)
	if q.After != "" {
		err := s.pool.QueryRow(ctx, `select weight from remarks where run = $1 and kind = $2 and employee = $3`, run, q.Kind, q.After).Scan(&weight)
		if err != nil {
			return nil, wrap("read remarks", err)
		}
	}
	rows, err := s.pool.Query(ctx, `select kind, employee, figures, weight, coalesce(acknowledged_by, ''), acknowledged_at, note
		from remarks where run = $1 and kind = $2 and weight <= $3 and (weight < $3 or employee > $4)
		order by weight desc, employee limit $5`, run, q.Kind, weight, q.After, limit)
	if err != nil {
		return nil, wrap("read remarks", err)
	}
	key, err := s.dataKey(ctx, run)
	if err != nil {
		rows.Close()
		return nil, err
	}
	remarks, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (payroll.Remark, error) {
		var r payroll.Remark
		var sealed []byte
		if err := row.Scan(&r.Kind, &r.Employee, &sealed, &r.Weight, &r.AcknowledgedBy, &r.AcknowledgedAt, &r.Note); err != nil {
			return r, err
		}
		opened, err := key.Open(sealed, remarkBinding(run, r))
		if err != nil {
			return r, err
		}
		r.Before, r.Now, err = decodeAmounts(opened)
		return r, err
	})
	return remarks, wrap("read remarks", err)
}

// AllRemarks reads every remark of a run, by kind, the weightiest first.
func (s *Store) AllRemarks(ctx context.Context, run payroll.RunID) ([]payroll.Remark, error) {
	all := []payroll.Remark{}
	for _, kind := range payroll.RemarkKinds {
		remarks, err := s.Remarks(ctx, run, payroll.RemarkQuery{Kind: kind})
		if err != nil {
			return nil, err
		}
		all = append(all, remarks...)
	}
	return all, nil
}

// RemarkCounts counts a run's remarks by kind, and those that nobody has
// acknowledged.
func (s *Store) RemarkCounts(ctx context.Context, run payroll.RunID) (map[payroll.RemarkKind]payroll.RemarkCount, error) {
	rows, err := s.pool.Query(ctx, `select kind, count(*)::int, count(*) filter (where acknowledged_at is null)::int
		from remarks where run = $1 group by kind`, run)
	if err != nil {
		return nil, wrap("count remarks", err)
	}
	counts := make(map[payroll.RemarkKind]payroll.RemarkCount)
	var kind payroll.RemarkKind
	var c payroll.RemarkCount
	_, err = pgx.ForEachRow(rows, []any{&kind, &c.All, &c.Open}, func() error {
		counts[kind] = c
		return nil
	})
	return counts, wrap("count remarks", err)
}

// Acknowledge records that a person looked at every remark and every twin of
// these employees. Remarks are acknowledged until the run is decided; twins later,
// too, since their slips may be held for it.
func (s *Store) Acknowledge(ctx context.Context, run payroll.RunID, numbers []payroll.EmployeeNumber, by payroll.AdminName, note string) error {
	return s.acknowledge(ctx, run, by, note, map[string]string{"employees": joinNumbers(numbers)}, []seeing{
		{`update remarks set acknowledged_by = $2, acknowledged_at = clock_timestamp(), note = $3 where run = $1 and employee = any($4)` + whileDraft, []any{numbers}},
		{`update twins set acknowledged_by = $2, acknowledged_at = clock_timestamp(), note = $3 where run = $1 and (first = any($4) or second = any($4))`, []any{numbers}},
	})
}

// AcknowledgeKind records that a person looked at all remarks of a kind that
// nobody had acknowledged yet.
func (s *Store) AcknowledgeKind(ctx context.Context, run payroll.RunID, kind payroll.RemarkKind, by payroll.AdminName, note string) error {
	return s.acknowledge(ctx, run, by, note, map[string]string{"kind": string(kind)}, []seeing{
		{`update remarks set acknowledged_by = $2, acknowledged_at = clock_timestamp(), note = $3
			where run = $1 and kind = $4 and acknowledged_at is null` + whileDraft, []any{kind}},
	})
}

// AcknowledgeRemarks records that a person looked at the remarks of one kind about
// these employees.
func (s *Store) AcknowledgeRemarks(ctx context.Context, run payroll.RunID, kind payroll.RemarkKind, numbers []payroll.EmployeeNumber, by payroll.AdminName, note string) error {
	return s.acknowledge(ctx, run, by, note, map[string]string{"kind": string(kind), "employees": joinNumbers(numbers)}, []seeing{
		{`update remarks set acknowledged_by = $2, acknowledged_at = clock_timestamp(), note = $3
			where run = $1 and kind = $4 and employee = any($5)` + whileDraft, []any{kind, numbers}},
	})
}

// AcknowledgePair records that a person looked at one pair of twins; the zero Twin
// stands for all that nobody had acknowledged yet.
func (s *Store) AcknowledgePair(ctx context.Context, run payroll.RunID, t payroll.Twin, by payroll.AdminName, note string) error {
	const mark = `update twins set acknowledged_by = $2, acknowledged_at = clock_timestamp(), note = $3 where run = $1 and `
	if t == (payroll.Twin{}) {
		return s.acknowledge(ctx, run, by, note, map[string]string{"kind": "twin"}, []seeing{{mark + `acknowledged_at is null`, nil}})
	}
	numbers := []payroll.EmployeeNumber{t.First, t.Second}
	return s.acknowledge(ctx, run, by, note, map[string]string{"kind": string(t.Kind), "employees": joinNumbers(numbers)}, []seeing{
		{mark + `kind = $4 and first = $5 and second = $6`, []any{t.Kind, t.First, t.Second}},
	})
}

// whileDraft keeps what was said of remarks as it was when the run was decided.
const whileDraft = ` and exists (select from runs where id = $1 and state in ('draft', 'submitted'))`

// seeing is a statement that acknowledges what its last arguments name.
type seeing struct {
	sql string
	of  []any
}

func (s *Store) acknowledge(ctx context.Context, run payroll.RunID, by payroll.AdminName, note string, detail map[string]string, seen []seeing) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		var rows int64
		for _, statement := range seen {
			tag, err := tx.Exec(ctx, statement.sql, append([]any{run, by, note}, statement.of...)...)
			if err != nil {
				return wrap("acknowledge", err)
			}
			rows += tag.RowsAffected()
		}
		if rows == 0 {
			return fmt.Errorf("acknowledge: %w among the remarks and twins of run %d", payroll.ErrNotFound, run)
		}
		detail["note"] = note
		return record(ctx, tx, runAct(by, "run.acknowledge", run, detail))
	})
}

// refuseUnseen wants every remark and twin of the run acknowledged.
func refuseUnseen(ctx context.Context, tx pgx.Tx, run payroll.RunID) error {
	var open int
	err := tx.QueryRow(ctx, `select (select count(*) from remarks where run = $1 and acknowledged_at is null)::int
		+ (select count(*) from twins where run = $1 and acknowledged_at is null)::int`, run).Scan(&open)
	if err != nil {
		return wrap("count what nobody has acknowledged", err)
	}
	if open > 0 {
		return fmt.Errorf("%w: %d remarks and twins of run %d were not acknowledged by anybody", payroll.ErrWrongState, open, run)
	}
	return nil
}

// NamesOf are the names of these employees.
func (s *Store) NamesOf(ctx context.Context, numbers []payroll.EmployeeNumber) (map[payroll.EmployeeNumber]string, error) {
	rows, err := s.pool.Query(ctx, `select number, name from employees where number = any($1)`, numbers)
	if err != nil {
		return nil, wrap("read names", err)
	}
	names := make(map[payroll.EmployeeNumber]string, len(numbers))
	var number payroll.EmployeeNumber
	var name string
	_, err = pgx.ForEachRow(rows, []any{&number, &name}, func() error {
		names[number] = name
		return nil
	})
	return names, wrap("read names", err)
}

// SendSample asks for a specimen, with made-up figures, to the certificate of the
// employee that an admin is. It is payroll.ErrNotFound if the admin is none or has
// no certificate that counts, and payroll.ErrTooMany if there were many.
func (s *Store) SendSample(ctx context.Context, by payroll.AdminName) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := s.adminInTx(ctx, tx, by); err != nil { // which employee they are is sealed
			return err
		}
		var n newNotice
		err := tx.QueryRow(ctx, `select e.number, c.fingerprint, coalesce(e.mail_structure, ''), coalesce(e.mail_presentation, '')
			from admins a join employees e on e.number = a.employee
			join certificates c on c.employee = e.number and c.standing = 'current' where a.name = $1`, by).
			Scan(&n.employee, &n.fingerprint, &n.profile.Structure, &n.profile.Presentation)
		if err != nil {
			return wrap("look for the admin's own certificate", err)
		}
		if err := refuseMore(ctx, tx, n.employee, payroll.NoticeSpecimen, testsPerPeriod); err != nil {
			return err
		}
		n.kind = payroll.NoticeSpecimen
		if err := n.insert(ctx, tx); err != nil {
			return err
		}
		return record(ctx, tx, payroll.Act{Who: by, What: "sample.ask", Subject: string(n.employee)})
	})
}
