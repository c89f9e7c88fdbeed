package door

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
)

// Line is what is logged of one request. Path, query, headers and whoever asked
// are not in it: a path may hold a token.
type Line struct {
	ID     string // of the request, in its X-Request-Id and for people who ask for help
	Method string // "other" if it is none that we know
	Route  string // the pattern that the path has, never the path; "(none)" until the server sets it
	Status int    // set when the answer is finished
	Err    error  // what went wrong here and not with the visitor; nil mostly
}

type lineKey struct{}

const requestIDHeader = "X-Request-Id"

// LineOf is the line of a request that came through a [Door], for its handlers
// to fill in. For any other one it is empty, and logged nowhere.
func LineOf(r *http.Request) *Line {
	if l, ok := r.Context().Value(lineKey{}).(*Line); ok {
		return l
	}
	return &Line{}
}

// logged gives every request an id and writes its line at the end, however that
// comes.
func (d *Door) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := d.Now()
		l := &Line{ID: newRequestID(), Method: knownMethod(r.Method), Route: "(none)"}
		w.Header().Set(requestIDHeader, l.ID)
		counted := &statusWriter{ResponseWriter: w}
		defer func() {
			l.Status = counted.status
			d.write(r.Context(), l, d.Now().Sub(began))
		}()
		next.ServeHTTP(counted, r.WithContext(context.WithValue(r.Context(), lineKey{}, l)))
		counted.begin(http.StatusOK) // net/http answers so for a handler that writes nothing
	})
}

func (d *Door) write(ctx context.Context, l *Line, took time.Duration) {
	level, attributes := slog.LevelInfo, []slog.Attr{
		slog.String("request", l.ID), slog.String("method", l.Method), slog.String("route", l.Route),
		slog.Int("status", l.Status), slog.Duration("took", took),
	}
	if l.Err != nil {
		level, attributes = slog.LevelError, append(attributes, slog.String("error", l.Err.Error()))
	}
	d.Log.LogAttrs(ctx, level, "request", attributes...)
}

// knownMethod keeps a stranger's text out of the log.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodOptions, http.MethodPut, http.MethodPatch, http.MethodDelete:
		return method
	}
	return "other"
}

func newRequestID() string {
	random := make([]byte, 8)
	_, _ = rand.Read(random) // never fails (crypto/rand)
	return hex.EncodeToString(random)
}

// statusWriter remembers the status. Unwrap lets http.MaxBytesReader and
// http.ResponseController find what is below.
type statusWriter struct {
	http.ResponseWriter
	status int // 0 until the answer begins
}

func (w *statusWriter) begin(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *statusWriter) WriteHeader(status int) {
	w.begin(status)
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	w.begin(http.StatusOK)
	return w.ResponseWriter.Write(b)
}

// FlushError is for http.ResponseController: what is flushed has begun.
func (w *statusWriter) FlushError() error {
	w.begin(http.StatusOK)
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Unwrap is for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// recovered turns a panic into an ordinary answer without detail; an answer that
// has begun is cut off, so that nobody takes it for a whole one. The log has
// where it happened; what was panicked with may hold anything, so only its type
// is written.
func (d *Door) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so
				panic(cause)
			}
			l := LineOf(r)
			d.Log.ErrorContext(r.Context(), "panic", "request", l.ID, "route", l.Route, "type", fmt.Sprintf("%T", cause), "stack", string(debug.Stack()))
			err := fmt.Errorf("panic of type %T", cause)
			if begun, ok := w.(*statusWriter); ok && begun.status != 0 {
				l.Err = err
				panic(http.ErrAbortHandler)
			}
			d.refuse(w, r, err)
		}()
		next.ServeHTTP(w, r)
	})
}
