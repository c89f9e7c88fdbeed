package console

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/intake"
)

const (
	readAtOnce  = 2                // files in memory; each is 96 MB at most
	maxLooks    = 64               // answers that are remembered
	lookKept    = 10 * time.Minute // for so long: the roster may change meanwhile
	firstRows   = 12               // that the page shows
	readTimeout = 10 * time.Minute // for reading or importing one file, its turn included
)

// uploadRoom reads and imports files, a few at a time, beside the requests that
// ask for it. Nothing in it needs to outlive the process: what an import does is
// one transaction, and what was read is read again.
type uploadRoom struct {
	mu      sync.Mutex
	slots   chan struct{} // made with the first file
	looks   map[string]*look
	order   []string              // of looks, the oldest first
	imports map[string]*importing // by upload
}

// work is something that a page waits for.
type work struct {
	done chan struct{} // closed at the end
	at   time.Time     // when it began
	now  atomic.Int64  // how far it is
	all  atomic.Int64
}

func newWork() work { return work{done: make(chan struct{}), at: time.Now()} }

// over reports whether it has ended within that time.
func (w *work) over(ctx context.Context, patience time.Duration) bool {
	select {
	case <-w.done:
		return true
	default:
	}
	if patience == 0 {
		return false
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-w.done:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

// percent is how far it is.
func (w *work) percent() int {
	all := w.all.Load()
	if all <= 0 {
		return 0
	}
	return int(min(w.now.Load()*100/all, 99)) // at most 99
}

// look is one reading of one file in one way.
type look struct {
	work
	looked intake.Looked
	err    error
}

// failed reports whether it has ended with an error, so that it is worth another
// try.
func (l *look) failed() bool { return l.over(context.Background(), 0) && l.err != nil }

// turn waits until a file may be read; the caller gives the turn back.
func (u *uploadRoom) turn(ctx context.Context) (back func(), err error) {
	u.mu.Lock()
	if u.slots == nil {
		u.slots = make(chan struct{}, readAtOnce)
	}
	slots := u.slots
	u.mu.Unlock()
	select {
	case slots <- struct{}{}:
		return func() { <-slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// find is the look of that key, begun by begin if there is none.
func (u *uploadRoom) find(key string, begin func(*look)) *look {
	u.mu.Lock()
	defer u.mu.Unlock()
	if found := u.looks[key]; found != nil && time.Since(found.at) < lookKept && !found.failed() {
		return found
	}
	if u.looks == nil {
		u.looks = make(map[string]*look)
	}
	if u.order = slices.DeleteFunc(u.order, func(k string) bool { return k == key }); len(u.order) >= maxLooks {
		delete(u.looks, u.order[0])
		u.order = u.order[1:]
	}
	l := &look{work: newWork()}
	u.looks[key], u.order = l, append(u.order, key)
	go begin(l)
	return l
}

// forget drops what is known of an upload.
func (u *uploadRoom) forget(prefix string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.order = slices.DeleteFunc(u.order, func(key string) bool {
		gone := len(key) > len(prefix) && key[:len(prefix)] == prefix
		if gone {
			delete(u.looks, key)
		}
		return gone
	})
}

// lookAt reads an upload, or remembers how it was read a moment ago.
func (s *Server) lookAt(ctx context.Context, u payroll.Upload, how reading, o intake.Options) *look {
	sum := sha256.Sum256(how.encode())
	ctx = context.WithoutCancel(ctx)
	return s.uploads.find(u.ID+" "+hex.EncodeToString(sum[:]), func(l *look) {
		ctx, cancel := context.WithTimeout(ctx, readTimeout)
		defer cancel()
		defer close(l.done)
		defer s.caught(&l.err)
		back, err := s.uploads.turn(ctx)
		if err != nil {
			l.err = err
			return
		}
		defer back()
		file, err := s.openUpload(ctx, u, &l.work)
		if err == nil {
			l.looked, err = s.readFile(ctx, file, how, &o)
		}
		l.err = err
	})
}

// caught makes an error of a panic: a goroutine's would end the process.
func (s *Server) caught(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("panic of type %T", p)
		s.Log.Error("panic", "room", "uploads", "error", *err)
	}
}

// openUpload brings a file into memory. What is read of it is counted in w.
func (s *Server) openUpload(ctx context.Context, u payroll.Upload, w *work) (intake.File, error) {
	content, err := s.Desk.UploadContent(ctx, u)
	if err != nil {
		return intake.File{}, err
	}
	file := intake.NewFile(u.Name, content)
	w.all.Store(file.Size)
	file.Content = &countedReader{ReaderAt: file.Content, at: &w.now}
	return file, nil
}

// countedReader tells how far into a file was read.
type countedReader struct {
	io.ReaderAt
	at *atomic.Int64
}

func (c *countedReader) ReadAt(into []byte, from int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(into, from)
	if end := from + int64(n); end > c.at.Load() {
		c.at.Store(end)
	}
	return n, err
}

// checkSlip looks for what would keep a slip from being drawn, the reason of a
// correction with it.
func (s *Server) checkSlip(how reading) func(payroll.Slip) []payroll.Finding {
	check := s.Letterhead().Check
	if how.Corrects == 0 {
		return check
	}
	return func(slip payroll.Slip) []payroll.Finding {
		slip.Corrects = &payroll.Correction{Reason: how.Correction}
		return check(slip)
	}
}

// readFile reads a whole file against the roster as it is now, and says who is
// paid twice in the month.
func (s *Server) readFile(ctx context.Context, file intake.File, how reading, o *intake.Options) (intake.Looked, error) {
	employees, err := s.Desk.Employees(ctx)
	if err != nil {
		return intake.Looked{}, err
	}
	o.Roster, o.CheckSlip = intake.NewRoster(employees), s.checkSlip(how)
	var numbers []payroll.EmployeeNumber
	looked, err := intake.Look(file, *o, firstRows, func(slip payroll.Slip) error {
		numbers = append(numbers, slip.Employee.Number)
		return ctx.Err()
	})
	if err != nil || how.Supplement || how.Corrects != 0 || looked.Period.IsZero() {
		return looked, err
	}
	other, shared, err := s.Desk.OverlappingRun(ctx, looked.Period, numbers)
	if shared > 0 {
		looked.Findings = append(looked.Findings, payroll.Finding{Severity: payroll.SeverityAsk, Code: "paid_twice",
			Message: fmt.Sprintf("Run %d of %s pays %s of these employees already.", other, periodWords(looked.Period), count(shared))})
	}
	return looked, err
}
