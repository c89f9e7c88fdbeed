package postgres

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/payseal/payseal/payroll"
)

// uploaded stores a file of the maker.
func uploaded(t testing.TB, s *Store, name string, content []byte) payroll.Upload {
	t.Helper()
	u, err := s.StoreUpload(t.Context(), name, "maker", bytes.NewReader(content))
	ok(t, err)
	return u
}

// marked is content of more than two parts in which one can see where one is.
func marked() []byte {
	return []byte(strings.Repeat("secret figures of the company 0123456789\n", 60_000))
}

func TestUploads(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	content := marked()
	u := uploaded(t, s, "C:\\pay\\november\u202e.csv", content)
	if u.Name != "november_.csv" || u.Size != int64(len(content)) || u.SHA256 != payroll.Digest(content) {
		t.Errorf("stored as %+v", u)
	}
	got, err := s.UploadContent(t.Context(), u)
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes came back of %d: %v", len(got), len(content), err)
	}
	ok(t, s.PutReading(t.Context(), u.ID, "maker", []byte(`{"sheet":"a"}`)))
	if again, err := s.Upload(t.Context(), u.ID, "maker"); err != nil || !strings.Contains(string(again.Reading), "sheet") {
		t.Errorf("read %+v, %v", again, err)
	}
	for _, ask := range []error{
		third(s.Upload(t.Context(), u.ID, "approver")), third(s.Upload(t.Context(), "no uuid", "maker")),
		s.PutReading(t.Context(), u.ID, "approver", []byte(`{}`)), s.DeleteUpload(t.Context(), u.ID, "approver"),
	} {
		if !errors.Is(ask, payroll.ErrNotFound) {
			t.Errorf("somebody else's upload: %v", ask)
		}
	}
	var clear int
	ok(t, s.pool.QueryRow(t.Context(), `select count(*) from upload_parts where position('secret'::bytea in content) > 0`).Scan(&clear))
	if clear > 0 {
		t.Errorf("%d parts rest in the clear", clear)
	}
	ok(t, s.DeleteUpload(t.Context(), u.ID, "maker"))
	nothingLeft(t, s)
}

func third[T any](_ T, err error) error { return err }

// nothingLeft fails the test if any upload is there, or a part of one.
func nothingLeft(t *testing.T, s *Store) {
	t.Helper()
	var left int
	ok(t, s.pool.QueryRow(t.Context(), `select (select count(*) from uploads) + (select count(*) from upload_parts)`).Scan(&left))
	if left > 0 {
		t.Errorf("%d rows of uploads are left", left)
	}
}

// TestUploadsThatBreakOff: what came of them is gone, also where the request was
// called off.
func TestUploadsThatBreakOff(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	cut := errors.New("the line is cut")
	_, err := s.StoreUpload(t.Context(), "a.csv", "maker", io.MultiReader(bytes.NewReader(marked()), iotest.ErrReader(cut)))
	if !errors.Is(err, cut) {
		t.Errorf("%v", err)
	}
	nothingLeft(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	gone := readerFunc(func([]byte) (int, error) { cancel(); return 0, ctx.Err() })
	if _, err := s.StoreUpload(ctx, "a.csv", "maker", io.MultiReader(bytes.NewReader(marked()), gone)); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	nothingLeft(t, s)
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// TestUploadsChangedBehindTheProgramsBack: a part that was exchanged, taken away
// or added is noticed.
func TestUploadsChangedBehindTheProgramsBack(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for _, change := range []string{
		`delete from upload_parts where upload = $1 and part = 2`,
		`delete from upload_parts where upload = $1 and part = 0`,
		`update upload_parts set content = (select content from upload_parts where upload = $1 and part = 1) where upload = $1 and part = 0`,
		`insert into upload_parts select upload, 9, content from upload_parts where upload = $1 and part = 0`,
		`update uploads set sha256 = repeat('0', 64) where id = $1`,
	} {
		u := uploaded(t, s, "a.csv", marked())
		_, err := s.pool.Exec(t.Context(), change, u.ID)
		ok(t, err)
		u, err = s.Upload(t.Context(), u.ID, "maker")
		ok(t, err)
		if _, err := s.UploadContent(t.Context(), u); !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("%s: %v", change, err)
		}
	}
}

func TestUploadsAreTidied(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	old, fresh := uploaded(t, s, "old.csv", []byte("x")), uploaded(t, s, "fresh.csv", []byte("x"))
	broken := uploaded(t, s, "broken.csv", []byte("x"))
	for _, change := range []string{
		`update uploads set at = at - interval '49 hours' where id = '` + old.ID + `'`,
		`update uploads set at = at - interval '2 hours', whole = false where id = '` + broken.ID + `'`,
	} {
		_, err := s.pool.Exec(t.Context(), change)
		ok(t, err)
	}
	ok(t, s.Tidy(t.Context()))
	left, err := s.Uploads(t.Context(), "maker")
	if err != nil || len(left) != 1 || left[0].ID != fresh.ID {
		t.Errorf("left are %+v, %v", left, err)
	}
	var rows int
	ok(t, s.pool.QueryRow(t.Context(), `select count(*) from upload_parts`).Scan(&rows))
	if rows != 1 {
		t.Errorf("%d parts are left", rows)
	}
}

// TestOneUploadIsOneRun: however many import it at once.
func TestOneUploadIsOneRun(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	hire(t, s, 3)
	u := uploaded(t, s, "a.csv", []byte("x"))
	made, refused := make(chan payroll.RunID, 8), make(chan error, 8)
	var g errgroup.Group
	for range 8 {
		g.Go(func() error {
			run := testRun()
			run.Upload, run.Supplement = u.ID, false
			id, err := s.CreateRun(t.Context(), run, each(testSlips(3)))
			if err != nil {
				refused <- err
				return nil //nolint:nilerr // the group waits for all; what was refused is counted
			}
			made <- id
			return nil
		})
	}
	ok(t, g.Wait())
	close(refused)
	for err := range refused {
		if !errors.Is(err, payroll.ErrWrongState) {
			t.Errorf("%v", err)
		}
	}
	if len(made) != 1 {
		t.Fatalf("%d runs were made", len(made))
	}
	if id, err := s.RunOfUpload(t.Context(), u.ID, "maker"); err != nil || id != <-made {
		t.Errorf("run %d, %v", id, err)
	}
	if _, err := s.RunOfUpload(t.Context(), u.ID, "approver"); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("somebody else is told: %v", err)
	}
	nothingLeft(t, s)
}

// TestABrokenImportKeepsTheUpload: a restart in the middle loses nothing.
func TestABrokenImportKeepsTheUpload(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	hire(t, s, 2)
	u := uploaded(t, s, "a.csv", []byte("x"))
	run := testRun()
	run.Upload = u.ID
	broken := errors.New("the process ends")
	_, err := s.CreateRun(t.Context(), run, func(yield func(payroll.Slip, error) bool) { yield(payroll.Slip{}, broken) })
	if !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	if _, err := s.Upload(t.Context(), u.ID, "maker"); err != nil {
		t.Errorf("the upload is gone: %v", err)
	}
	run.Upload = uuid.NewString()
	if _, err := s.CreateRun(t.Context(), run, each(testSlips(2))); !errors.Is(err, payroll.ErrWrongState) {
		t.Errorf("of an upload that is not there: %v", err)
	}
}

func TestMappings(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	if _, err := s.Mapping(t.Context(), "Plant"); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("%v", err)
	}
	for _, sheet := range []string{"a", "b"} {
		ok(t, s.PutMapping(t.Context(), "Plant", []byte(`{"sheet": "`+sheet+`"}`), "maker"))
	}
	ok(t, s.PutMapping(t.Context(), "Office", []byte(`{}`), "maker"))
	got, err := s.Mapping(t.Context(), "Plant")
	if err != nil || string(got) != `{"sheet": "b"}` {
		t.Errorf("%s, %v", got, err)
	}
	sources, err := s.Sources(t.Context())
	if err != nil || strings.Join(sources, " ") != "Office Plant" {
		t.Errorf("%v, %v", sources, err)
	}
}
