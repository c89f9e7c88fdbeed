package web

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

// line is what is logged of one request. Path, query, headers and whoever asked
// are not in it: a path may hold a token.
type line struct {
	id, method, route string
	status            int
	err               error
}

type lineKey struct{}

// lineOf is the line of a request that came through logged.
func lineOf(r *http.Request) *line {
	if l, ok := r.Context().Value(lineKey{}).(*line); ok {
		return l
	}
	return &line{}
}

// logged gives every request an id and writes its line at the end.
func (s *Server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := s.Now()
		l := &line{id: newRequestID(), method: knownMethod(r.Method), route: "(none)"}
		w.Header().Set("X-Request-Id", l.id)
		counted := &statusWriter{ResponseWriter: w}
		next.ServeHTTP(counted, r.WithContext(context.WithValue(r.Context(), lineKey{}, l)))
		l.status = counted.status
		s.write(r.Context(), l, s.Now().Sub(began))
	})
}

func (s *Server) write(ctx context.Context, l *line, took time.Duration) {
	level, attributes := slog.LevelInfo, []slog.Attr{
		slog.String("request", l.id), slog.String("method", l.method), slog.String("route", l.route),
		slog.Int("status", l.status), slog.Duration("took", took),
	}
	if l.err != nil {
		level, attributes = slog.LevelError, append(attributes, slog.String("error", l.err.Error()))
	}
	s.Log.LogAttrs(ctx, level, "request", attributes...)
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
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// recovered turns a panic into an ordinary answer without detail. The log has
// where it happened; what was panicked with may hold anything, so only its type
// is written.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so
				panic(cause)
			}
			l := lineOf(r)
			s.Log.ErrorContext(r.Context(), "panic", "request", l.id, "route", l.route, "type", fmt.Sprintf("%T", cause), "stack", string(debug.Stack()))
			v := s.newVisit(r, route{}, l.id)
			l.err = s.answer(w, r, v, fmt.Errorf("panic of type %T", cause))
		}()
		next.ServeHTTP(w, r)
	})
}
