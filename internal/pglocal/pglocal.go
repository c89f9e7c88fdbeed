// Package pglocal runs a private Postgres server for one machine: for people who
// try payseal or run it small, and for tests. The server is a child of this
// process, listens on a unix socket that only its owner can open and never on a
// network, and ends with this process. It must never wipe or overwrite a data
// directory, and it knows nothing of payseal's tables. Read [Options] and
// [Server] first.
package pglocal

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// The one role and the one database of a private server.
const (
	role     = "payseal"
	database = "payseal"
)

// Options say where the server lives and how careful it is.
type Options struct {
	// Directory holds the data. It is created when missing, together with its
	// parents; its name plus ".lock" beside it guards the start.
	Directory string
	// Volatile trades durability for speed: after a crash of the machine the
	// data may be gone. For tests only.
	Volatile bool
	// Log takes the server's own messages; nil drops them. They carry no
	// statements and no values.
	Log *slog.Logger
}

// Server is a running private Postgres, started by this process or found
// running.
type Server struct {
	directory string
	socket    string   // directory of the socket
	process   *process // nil when the server belongs to another process
}

// Start runs the server of o.Directory and returns when it answers. A server
// that another process has started on the same directory is used and left
// running by Stop. The context bounds the start alone.
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	directory, err := filepath.Abs(o.Directory)
	if err != nil || o.Directory == "" {
		return nil, fmt.Errorf("start private Postgres: no usable directory in %q", o.Directory)
	}
	s := &Server{directory: directory}
	if err := s.start(ctx, o); err != nil {
		return nil, fmt.Errorf("start private Postgres: %w", err)
	}
	return s, nil
}

func (s *Server) start(ctx context.Context, o Options) error {
	who, err := accountFor(s.directory)
	if err != nil {
		return err
	}
	if err := who.makeParents(s.directory); err != nil {
		return err
	}
	unlock, err := lock(ctx, s.directory+".lock")
	if err != nil {
		return err
	}
	defer unlock()
	if found, err := s.attach(ctx); found || err != nil {
		return err
	}
	bin, err := findBinaries(s.directory)
	if err != nil {
		return err
	}
	if err := bin.initialise(ctx, s.directory, who, o.Volatile); err != nil {
		return err
	}
	return s.launch(ctx, bin, who, o)
}

// launch starts the child and sees it through to its first answer.
func (s *Server) launch(ctx context.Context, bin binaries, who account, o Options) error {
	socket, err := who.socketDirectory(s.directory)
	if err != nil {
		return err
	}
	s.socket = socket
	s.process, err = spawn(bin.postgres(s.directory, socket, o.Volatile, who), o.Log)
	if err != nil {
		return err
	}
	if err := s.ready(ctx); err != nil {
		patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = s.process.stop(patience) // the first error says why
		s.removeSocketDirectory()
		return fmt.Errorf("%w%s", err, s.process.lastWords())
	}
	return nil
}

// URL is the connection string of payseal's database on this server.
func (s *Server) URL() string { return s.urlOf(database) }

func (s *Server) urlOf(name string) string {
	u := url.URL{
		Scheme: "postgres", User: url.User(role), Path: "/" + name,
		RawQuery: url.Values{"host": {s.socket}, "port": {port}}.Encode(),
	}
	return u.String()
}

// Owned reports whether this process started the server and Stop will end it.
func (s *Server) Owned() bool { return s.process != nil }

// Done is closed when a server that this process started has ended, whoever
// ended it; for a server of another process it is nil and never fires.
func (s *Server) Done() <-chan struct{} {
	if s.process == nil {
		return nil
	}
	return s.process.done
}

// Stop ends the server that Start started: open transactions are rolled back,
// everything committed is on disk when it returns. When the context ends first
// the server is told to stop at once, which costs only a recovery at the next
// start. A server of another process is left alone.
func (s *Server) Stop(ctx context.Context) error {
	if s.process == nil {
		return nil
	}
	defer s.removeSocketDirectory()
	if err := s.process.stop(ctx); err != nil {
		return fmt.Errorf("stop private Postgres: %w", err)
	}
	return nil
}

func (s *Server) removeSocketDirectory() {
	if s.socket != s.directory {
		_ = os.Remove(s.socket) // it is empty once the server has gone
	}
}
