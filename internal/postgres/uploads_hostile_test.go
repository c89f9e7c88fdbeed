package postgres

import (
	"errors"
	"io"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/payseal/payseal/payroll"
)

// TestFiftyUploadsAtOnce: no more files come in at a time than there is room for,
// were each the largest, and what was refused leaves its room to others.
func TestFiftyUploadsAtOnce(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	const fit = payroll.MaxUploadsBytes / payroll.MaxUploadBytes
	var asked sync.WaitGroup
	asked.Add(50)
	refused := make(chan error, 50)
	var g errgroup.Group
	for range 50 {
		g.Go(func() error {
			first := sync.OnceFunc(asked.Done)
			waits := readerFunc(func([]byte) (int, error) { first(); asked.Wait(); return 0, io.EOF })
			_, err := s.StoreUpload(t.Context(), "a.csv", "maker", waits)
			if errors.Is(err, payroll.ErrInvalid) {
				first()
				refused <- err
				return nil
			}
			return err
		})
	}
	ok(t, g.Wait())
	if len(refused) != 50-fit {
		t.Errorf("%d of 50 were taken, want %d", 50-len(refused), fit)
	}
	var rows int
	ok(t, s.pool.QueryRow(t.Context(), `select count(*) from uploads where size = 0 and whole`).Scan(&rows))
	if rows != fit {
		t.Errorf("%d uploads are there", rows)
	}
	_, err := s.StoreUpload(t.Context(), "a.csv", "maker", readerFunc(func([]byte) (int, error) { return 0, io.EOF }))
	ok(t, err)
}

// TestUploadsOfOthersTakeRoom, too.
func TestUploadsOfOthersTakeRoom(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	u := uploaded(t, s, "a.csv", []byte("x"))
	for _, size := range []int64{payroll.MaxAllUploadsBytes - payroll.MaxUploadBytes, payroll.MaxAllUploadsBytes} {
		_, err := s.pool.Exec(t.Context(), `update uploads set size = $2, by_admin = 'approver' where id = $1`, u.ID, size)
		ok(t, err)
		_, err = s.StoreUpload(t.Context(), "b.csv", "maker", readerFunc(func([]byte) (int, error) { return 0, io.EOF }))
		if full := size == payroll.MaxAllUploadsBytes; errors.Is(err, payroll.ErrInvalid) != full {
			t.Errorf("with %d bytes of another: %v", size, err)
		}
	}
}
