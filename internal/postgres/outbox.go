package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// Outbox is how the mails stand that are no slips.
type Outbox struct {
	Queued  int // wait to be sent
	Late    int // of these, those that have waited for long
	Refused int // by the relay for good, not long ago
}

// Outbox counts the notices: late is after how long one that waits is late,
// recent how far back a refusal counts.
func (s *Store) Outbox(ctx context.Context, late, recent time.Duration) (Outbox, error) {
	rows, err := s.pool.Query(ctx, `select count(*) filter (where state = 'queued')::int as queued,
			count(*) filter (where state = 'queued' and created_at < clock_timestamp() - $1::interval)::int as late,
			count(*) filter (where state = 'refused')::int as refused
		from notices where state = 'queued' or state = 'refused' and created_at > clock_timestamp() - $2::interval`, late, recent)
	if err != nil {
		return Outbox{}, wrap("count notices", err)
	}
	o, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Outbox])
	return o, wrap("count notices", err)
}

// InvitationStates counts what has become of the newest invitation of each of
// the employees.
func (s *Store) InvitationStates(ctx context.Context, numbers []payroll.EmployeeNumber) (map[payroll.NoticeState]int, error) {
	rows, err := s.pool.Query(ctx, `select state, count(*)::int from (
			select distinct on (employee) state from notices where kind = 'invitation' and employee = any($1)
			order by employee, created_at desc) newest group by state`, numbers)
	if err != nil {
		return nil, wrap("count invitations", err)
	}
	states := make(map[payroll.NoticeState]int)
	var state payroll.NoticeState
	var n int
	_, err = pgx.ForEachRow(rows, []any{&state, &n}, func() error {
		states[state] = n
		return nil
	})
	return states, wrap("count invitations", err)
}
