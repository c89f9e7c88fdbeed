package door

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
)

// What may be wrong with a form.
var (
	ErrTooLarge = errors.New("request too large")
	ErrNoForm   = errors.New("not a form")
)

// ReadForm bounds the body to the most bytes and parses it into r.PostForm. A
// multipart form is only bounded, for its handler to read part by part. Errors
// are ErrTooLarge and ErrNoForm.
func ReadForm(w http.ResponseWriter, r *http.Request, most int64, multipart bool) error {
	if r.ContentLength > most {
		w.Header().Set("Connection", "close")
		return ErrTooLarge
	}
	r.Body = http.MaxBytesReader(w, r.Body, most)
	want := "application/x-www-form-urlencoded"
	if multipart {
		want = "multipart/form-data"
	}
	if got, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || got != want {
		return ErrNoForm
	}
	if multipart {
		return nil
	}
	return BodyError(r.ParseForm())
}

// BodyError makes ErrTooLarge or ErrNoForm of an error in reading a body that
// ReadForm has bounded: it is too large, or it is broken or was cut short. It is
// nil for none.
func BodyError(err error) error {
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &tooLarge):
		return ErrTooLarge
	}
	return fmt.Errorf("%w: %w", ErrNoForm, err)
}
