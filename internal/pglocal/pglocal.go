// Package pglocal runs a private Postgres server for one machine: for people who
// try payseal or run it small, and for tests. The first process that needs the
// server starts it, the last one that leaves ends it; it listens on a unix socket
// that only its owner can open and never on a network. It must never wipe or
// overwrite a data directory, and it knows nothing of payseal's tables. Read
// [Options] and [Server] first.
package pglocal

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
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
	// data may be gone. The server ends with the process that started it, also
	// when that is killed, whoever else uses it. For tests only.
	Volatile bool
	// Log takes the server's own messages; nil drops them. They carry no
	// statements and no values.
	Log *slog.Logger
}

// Server is a running private Postgres, started by this process or found
// running.
type Server struct {
	options   Options
	directory string // without links, absolute
	who       account
	socket    string   // directory of the socket
	process   *process // nil if another process has started the server
	share     *os.File // the data directory, locked for as long as we use it
}

// Start runs the server of o.Directory and returns when it answers. A server
// that another process has started on the same directory is used, and stays
// when that process leaves first. The context bounds the start alone.
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{options: o}
	if err := s.place(); err != nil {
		return nil, fmt.Errorf("start private Postgres: %w", err)
	}
	if err := s.start(ctx); err != nil {
		return nil, fmt.Errorf("start private Postgres: %w", err)
	}
	return s, nil
}

// place settles where the server lives and as whom.
func (s *Server) place() error {
	directory, err := filepath.Abs(s.options.Directory)
	if err != nil || s.options.Directory == "" {
		return fmt.Errorf("no usable directory in %q", s.options.Directory)
	}
	if s.who, err = accountFor(directory); err != nil {
		return err
	}
	if err := s.who.makeParents(directory); err != nil {
		return err
	}
	parent, err := filepath.EvalSymlinks(filepath.Dir(directory))
	if err != nil {
		return fmt.Errorf("look at the folder for the data: %w", err)
	}
	s.directory = filepath.Join(parent, filepath.Base(directory))
	s.socket = s.who.socketDirectory(s.directory)
	return nil
}

// start finds the server or launches it, and says that we use it. The lock
// beside the data lets one process at a time start, join or leave.
func (s *Server) start(ctx context.Context) error {
	unlock, err := lock(ctx, s.directory+".lock")
	if err != nil {
		return err
	}
	defer unlock()
	found, err := s.attach(ctx)
	if err != nil {
		return err
	}
	if !found {
		bin, err := findBinaries(s.directory)
		if err != nil {
			return err
		}
		if err := bin.initialise(ctx, s.directory, s.who, s.options.Volatile); err != nil {
			return err
		}
		if err := s.launch(ctx, bin); err != nil {
			return err
		}
	}
	s.share, err = shareLock(s.directory)
	return err
}

// launch starts the child and sees it through to its first answer.
func (s *Server) launch(ctx context.Context, bin binaries) error {
	if err := s.makeSocketDirectory(); err != nil {
		return err
	}
	way, err := s.who.open(s.directory)
	if err != nil {
		return err
	}
	defer way.close()
	socket := s.socket
	if socket == s.directory {
		socket = way.path
	}
	child, err := spawn(bin.postgres(way, socket, s.options.Volatile, s.who), s.options.Log)
	if err != nil {
		return err
	}
	if err := s.ready(ctx, child); err != nil {
		_ = child.child.Signal(syscall.SIGQUIT) // fails only for one that has ended
		<-child.done
		s.removeSocketDirectory()
		return fmt.Errorf("%w%s", err, child.lastWords())
	}
	s.process = child
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

// Stop leaves the server. If nobody else uses it, it ends: open transactions
// are rolled back, everything committed is on disk when Stop returns. When the
// context ends first the server is told to stop at once, which costs only a
// recovery at the next start. Stop is called once, or more often by one
// goroutine.
func (s *Server) Stop(ctx context.Context) error {
	if s.share == nil {
		return nil
	}
	share := s.share
	s.share = nil
	defer share.Close()
	// The wait is for others that start or leave, never for the server's users.
	unlock, err := lock(context.WithoutCancel(ctx), s.directory+".lock")
	if err != nil {
		return fmt.Errorf("stop private Postgres: %w", err)
	}
	defer unlock()
	if !lastUser(share) {
		return nil
	}
	if err := s.end(ctx); err != nil {
		return fmt.Errorf("stop private Postgres: %w", err)
	}
	s.removeSocketDirectory()
	return nil
}
