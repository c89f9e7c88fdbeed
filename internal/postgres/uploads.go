package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

const partBytes = 1 << 20 // of an upload, sealed and stored at a time

// uploadKind is what a file is to become.
type uploadKind string

const (
	uploadPayroll uploadKind = "payroll"
	uploadRoster  uploadKind = "roster"
)

const uploadColumns = `id::text, name, size, sha256, nullif(reading, '{}'), by_admin, at`

func scanUpload(row pgx.Row) (payroll.Upload, error) {
	var u payroll.Upload
	err := row.Scan(&u.ID, &u.Name, &u.Size, &u.SHA256, &u.Reading, &u.By, &u.At)
	return u, err
}

// StoreUpload seals a payroll file part by part as it comes in, so that no more
// than one part of it is ever in memory. If content breaks off or gives an error,
// nothing is left, and that error comes back. Only by can see it afterwards.
func (s *Store) StoreUpload(ctx context.Context, name string, by payroll.AdminName, content io.Reader) (payroll.Upload, error) {
	return s.storeUpload(ctx, uploadPayroll, name, by, content)
}

func (s *Store) storeUpload(ctx context.Context, kind uploadKind, name string, by payroll.AdminName, content io.Reader) (payroll.Upload, error) {
	if s.vault == nil {
		return payroll.Upload{}, errLocked
	}
	u := payroll.Upload{ID: uuid.NewString(), Name: payroll.FileName(name), By: by}
	key, wrapped, err := s.vault.NewFileKey(u.ID)
	if err != nil {
		return u, err
	}
	if err := s.beginUpload(ctx, kind, u, wrapped); err != nil {
		return u, err
	}
	sum := sha256.New()
	if u.Size, err = s.storeParts(ctx, u.ID, key, content, sum); err == nil {
		u.SHA256 = hex.EncodeToString(sum.Sum(nil))
		err = s.finishUpload(ctx, &u)
	}
	if err == nil {
		return u, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	_, gone := s.pool.Exec(ctx, `delete from uploads where id = $1`, u.ID)
	return u, errors.Join(err, wrap("delete a broken upload", gone))
}

func (s *Store) beginUpload(ctx context.Context, kind uploadKind, u payroll.Upload, wrapped []byte) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('payseal uploads'))`); err != nil {
			return wrap("lock the uploads", err)
		}
		var all payroll.Uploads
		err := tx.QueryRow(ctx, `select count(*) filter (where by_admin = $1), coalesce(sum(size) filter (where by_admin = $1), 0), coalesce(sum(size), 0)
			from uploads`, u.By).Scan(&all.Own, &all.OwnBytes, &all.AllBytes)
		if err != nil {
			return wrap("count uploads", err)
		}
		if err := all.Room(); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into uploads (id, kind, name, data_key, sha256, size, by_admin, whole) values ($1, $2, $3, $4, '', $5, $6, false)`,
			u.ID, string(kind), u.Name, wrapped, int64(payroll.MaxUploadBytes), u.By)
		return wrap("begin an upload", err)
	})
}

func (s *Store) storeParts(ctx context.Context, id string, key *keystore.FileKey, content io.Reader, sum hash.Hash) (size int64, err error) {
	part := make([]byte, partBytes)
	for i := 0; ; i++ {
		n, err := io.ReadFull(content, part)
		ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) && n > 0
		if err != nil && !ended {
			return size, fmt.Errorf("read the upload: %w", err)
		}
		if n > 0 {
			sum.Write(part[:n]) // a hash takes everything
			if size += int64(n); size > payroll.MaxUploadBytes {
				return size, fmt.Errorf("%w: the file is larger than %d MB", payroll.ErrInvalid, payroll.MaxUploadBytes>>20)
			}
			_, err := s.pool.Exec(ctx, `insert into upload_parts (upload, part, content) values ($1, $2, $3)`, id, i, key.Seal(i, part[:n]))
			if err != nil {
				return size, wrap("store a part of an upload", err)
			}
		}
		if ended {
			return size, nil
		}
	}
}

func (s *Store) finishUpload(ctx context.Context, u *payroll.Upload) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `update uploads set whole = true, size = $2, sha256 = $3, at = clock_timestamp() where id = $1 returning at`,
			u.ID, u.Size, u.SHA256).Scan(&u.At)
		if err != nil {
			return wrap("finish an upload", err)
		}
		return record(ctx, tx, payroll.Act{Who: u.By, What: "upload.store", Subject: "upload " + u.ID,
			Detail: map[string]string{"sha256": u.SHA256, "bytes": strconv.FormatInt(u.Size, 10)}})
	})
}

// Upload reads one's own upload, without its content.
func (s *Store) Upload(ctx context.Context, id string, by payroll.AdminName) (payroll.Upload, error) {
	return s.upload(ctx, uploadPayroll, id, by)
}

func (s *Store) upload(ctx context.Context, kind uploadKind, id string, by payroll.AdminName) (payroll.Upload, error) {
	if uuid.Validate(id) != nil {
		return payroll.Upload{}, fmt.Errorf("read upload: %w", payroll.ErrNotFound)
	}
	u, err := scanUpload(s.pool.QueryRow(ctx, `select `+uploadColumns+` from uploads
		where id = $1 and by_admin = $2 and whole and kind = $3`, id, by, string(kind)))
	return u, wrap("read upload", err)
}

// Uploads reads one's own uploads, the newest first.
func (s *Store) Uploads(ctx context.Context, by payroll.AdminName) ([]payroll.Upload, error) {
	rows, err := s.pool.Query(ctx, `select `+uploadColumns+` from uploads where by_admin = $1 and whole and kind = 'payroll' order by at desc`, by)
	if err != nil {
		return nil, wrap("read uploads", err)
	}
	uploads, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (payroll.Upload, error) { return scanUpload(row) })
	return uploads, wrap("read uploads", err)
}

// UploadContent opens the whole file into memory. One that is not as it came is
// payroll.ErrInvalid.
func (s *Store) UploadContent(ctx context.Context, u payroll.Upload) ([]byte, error) {
	if s.vault == nil {
		return nil, errLocked
	}
	var wrapped []byte
	if err := s.pool.QueryRow(ctx, `select data_key from uploads where id = $1`, u.ID).Scan(&wrapped); err != nil {
		return nil, wrap("read upload", err)
	}
	key, err := s.vault.UnwrapFile(wrapped, u.ID)
	if err != nil {
		return nil, err
	}
	rows, err := s.pool.Query(ctx, `select content from upload_parts where upload = $1 order by part`, u.ID)
	if err != nil {
		return nil, wrap("read upload", err)
	}
	content, part := make([]byte, 0, u.Size), 0
	for sealed := []byte(nil); rows.Next(); part++ {
		if err = rows.Scan(&sealed); err == nil {
			content, err = key.Open(content, part, sealed)
		}
		if err != nil {
			break
		}
	}
	rows.Close()
	if err = errors.Join(err, rows.Err()); err != nil {
		return nil, wrap("read upload", err)
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != u.SHA256 {
		return nil, fmt.Errorf("read upload: %w: it is not as it was stored", payroll.ErrInvalid)
	}
	return content, nil
}

// PutReading writes down how one's own upload is to be read.
func (s *Store) PutReading(ctx context.Context, id string, by payroll.AdminName, reading []byte) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update uploads set reading = $3 where id = $1 and by_admin = $2 and whole`, id, by, string(reading))
		if err == nil && tag.RowsAffected() == 0 {
			err = pgx.ErrNoRows
		}
		return wrap("write down how a file is read", err)
	})
}

// DeleteUpload throws one's own upload away.
func (s *Store) DeleteUpload(ctx context.Context, id string, by payroll.AdminName) error {
	if uuid.Validate(id) != nil {
		return fmt.Errorf("delete upload: %w", payroll.ErrNotFound)
	}
	return s.inTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `delete from uploads where id = $1 and by_admin = $2 and whole`, id, by)
		if err == nil && tag.RowsAffected() == 0 {
			err = pgx.ErrNoRows
		}
		if err != nil {
			return wrap("delete upload", err)
		}
		return record(ctx, tx, payroll.Act{Who: by, What: "upload.delete", Subject: "upload " + id})
	})
}

// takeUpload deletes the upload that a run is made of, so that it is one only
// once, however many ask at a time.
func takeUpload(ctx context.Context, tx pgx.Tx, id string) error {
	if id == "" {
		return nil
	}
	tag, err := tx.Exec(ctx, `delete from uploads where id = $1 and whole`, id)
	if err == nil && tag.RowsAffected() == 0 {
		return fmt.Errorf("%w: the upload has become a run, or was deleted", payroll.ErrWrongState)
	}
	return wrap("take the upload", err)
}

// RunOfUpload is the run that an upload has become; payroll.ErrNotFound if it has
// not. Only who imported it is told.
func (s *Store) RunOfUpload(ctx context.Context, id string, by payroll.AdminName) (payroll.RunID, error) {
	if uuid.Validate(id) != nil {
		return 0, fmt.Errorf("read upload: %w", payroll.ErrNotFound)
	}
	var run payroll.RunID
	err := s.pool.QueryRow(ctx, `select id from runs where upload = $1 and imported_by = $2`, id, by).Scan(&run)
	return run, wrap("look for the run of an upload", err)
}
