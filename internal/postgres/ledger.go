package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/payseal/payseal/payroll"
)

// Ledger writes what happens to many slips in one transaction: what
// comes in while one commit is on its way goes into the next. A slip thus costs
// a share of a commit, and no outcome is lost to a database that restarts: the
// ledger tries again until it can be written.
type Ledger struct {
	store    *Store
	entries  chan *entry
	finished chan struct{}
}

// entry is one line to be written: one of begin, finish and putDown.
type entry struct {
	begin   *begun
	finish  *finished
	putDown *putDown
	done    chan struct{}
	allowed bool
	err     error
}

// ledgerBatch is the most entries that one transaction takes.
const ledgerBatch = 256

// OpenLedger starts the writer. Close it after the last entry.
func (s *Store) OpenLedger(ctx context.Context) *Ledger {
	l := &Ledger{store: s, entries: make(chan *entry, ledgerBatch), finished: make(chan struct{})}
	go l.write(context.WithoutCancel(ctx))
	return l
}

// Close waits for the last entries to be written, or until ctx ends. Nothing
// may be put in afterwards.
func (l *Ledger) Close(ctx context.Context) {
	close(l.entries)
	select {
	case <-l.finished:
	case <-ctx.Done():
	}
}

// BeginAttempt writes an attempt and returns once it is committed. It says
// whether the mail may go: false means that something has changed since the
// slip was claimed.
func (l *Ledger) BeginAttempt(ctx context.Context, a payroll.Attempt) (bool, error) {
	return l.put(ctx, &entry{begin: &a})
}

// FinishAttempt takes an outcome to be written and returns at once; written
// waits until it is committed. Whatever is begun afterwards is committed with it
// or later: whoever frees a line in between leaves no more than one attempt per
// line whose outcome a crash could lose.
func (l *Ledger) FinishAttempt(a payroll.Attempt, o payroll.Outcome, f payroll.Fate) (written func() error) {
	e := &entry{finish: &finished{attempt: a, outcome: o, fate: f}, done: make(chan struct{})}
	l.entries <- e
	return func() error {
		<-e.done
		return e.err
	}
}

// HoldSlip stops a claimed slip, with the reason, and raises the alarm that
// belongs to it.
func (l *Ledger) HoldSlip(ctx context.Context, id payroll.SlipID, worker payroll.WorkerID, reason payroll.HoldReason) error {
	_, err := l.put(ctx, &entry{putDown: &putDown{slip: id, worker: worker, hold: reason}})
	return err
}

// ReleaseSlip gives a claimed slip back of which nothing was sent; it is due
// again after the delay.
func (l *Ledger) ReleaseSlip(ctx context.Context, id payroll.SlipID, worker payroll.WorkerID, delay time.Duration) error {
	_, err := l.put(ctx, &entry{putDown: &putDown{slip: id, worker: worker, delay: delay}})
	return err
}

func (l *Ledger) put(ctx context.Context, e *entry) (bool, error) {
	e.done = make(chan struct{})
	select {
	case l.entries <- e:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	select {
	case <-e.done:
		return e.allowed, e.err
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

func (l *Ledger) write(ctx context.Context) {
	defer close(l.finished)
	for first := range l.entries {
		batch := l.gather(first)
		if l.persist(ctx, batch) != nil && len(batch) > 1 {
			// One entry that cannot be written must not take the others along.
			for _, e := range batch {
				_ = l.persist(ctx, []*entry{e}) // the entry keeps it
			}
		}
		for _, e := range batch {
			close(e.done)
		}
	}
}

// persist commits a batch, however long the database is away, and gives each
// entry the error if it cannot be done at all.
func (l *Ledger) persist(ctx context.Context, batch []*entry) error {
	const sureTries = 3 // after a lost connection the server may be back before we look
	err := l.commit(ctx, batch)
	for try := 1; err != nil && (try <= sureTries || l.passing(ctx, err)); try++ {
		time.Sleep(min(50*time.Millisecond<<min(try, 6), 2*time.Second))
		err = l.commit(ctx, batch)
	}
	for _, e := range batch {
		e.err = err
	}
	return err
}

// gather takes what is waiting besides the first entry, without waiting itself.
func (l *Ledger) gather(first *entry) []*entry {
	batch := []*entry{first}
	for len(batch) < ledgerBatch {
		select {
		case e, open := <-l.entries:
			if !open {
				return batch
			}
			batch = append(batch, e)
		default:
			return batch
		}
	}
	return batch
}

func (l *Ledger) commit(ctx context.Context, batch []*entry) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	var begins []begun
	var finishes []finished
	var putDowns []putDown
	for _, e := range batch {
		switch {
		case e.begin != nil:
			begins = append(begins, *e.begin)
		case e.finish != nil:
			finishes = append(finishes, *e.finish)
		default:
			putDowns = append(putDowns, *e.putDown)
		}
	}
	allowed := make(map[payroll.AttemptID]bool, len(begins))
	err := l.send(ctx, begins, finishes, putDowns, allowed)
	for _, e := range batch {
		e.allowed = e.begin != nil && allowed[e.begin.ID]
	}
	return wrap("write the ledger", err)
}

// send writes all that in one transaction and, where nothing was put down that may
// raise an alarm, with one question: what a batch asks without saying begin is one
// transaction.
func (l *Ledger) send(ctx context.Context, begins []begun, finishes []finished, putDowns []putDown, allowed map[payroll.AttemptID]bool) error {
	var alarms []payroll.Alarm
	var statements pgx.Batch
	finishAttempts(&statements, finishes)
	putDownSlips(&statements, putDowns, &alarms)
	beginAttempts(&statements, begins, allowed)
	if len(putDowns) == 0 {
		return l.store.hot.SendBatch(ctx, &statements).Close()
	}
	return pgx.BeginFunc(ctx, l.store.hot, func(tx pgx.Tx) error {
		if err := tx.SendBatch(ctx, &statements).Close(); err != nil {
			return err
		}
		return raiseAlarms(ctx, tx, alarms...) // last: it takes locks that others want too
	})
}

// passing reports troubles that end by themselves: the database is not there,
// is restarting, or asks for a transaction to be tried again. Of an error that
// is not the server's, the server's being there decides.
func (l *Ledger) passing(ctx context.Context, err error) bool {
	var broken *databaseError
	if errors.As(err, &broken) {
		return passingState(broken.code)
	}
	var raw *pgconn.PgError
	if errors.As(err, &raw) {
		return passingState(raw.Code)
	}
	return l.store.hot.Ping(ctx) != nil
}

// passingState judges a SQLSTATE: connection exceptions, operator intervention,
// insufficient resources, and serialization failures and deadlocks.
func passingState(code string) bool {
	switch code[:2] {
	case "08", "57", "53", "40":
		return true
	}
	return false
}
