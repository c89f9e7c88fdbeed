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
	"path/filepath"
	"sync"
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
	options   Options
	directory string // without links, absolute
	who       account
	socket    string // directory of the socket

	mu      sync.Mutex
	process *process // nil while the server belongs to another process
	quit    chan struct{}
	watch   sync.WaitGroup
}

// Start runs the server of o.Directory and returns when it answers. A server
// that another process has started on the same directory is used; when that
// process ends it, this one starts it again at the same URL, so that whoever
// stays longest keeps it. The context bounds the start alone.
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{options: o, quit: make(chan struct{})}
	if err := s.place(); err != nil {
		return nil, fmt.Errorf("start private Postgres: %w", err)
	}
	if err := s.start(ctx); err != nil {
		return nil, fmt.Errorf("start private Postgres: %w", err)
	}
	if !s.Owned() {
		s.watch.Go(s.inherit)
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

func (s *Server) start(ctx context.Context) error {
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
	if err := bin.initialise(ctx, s.directory, s.who, s.options.Volatile); err != nil {
		return err
	}
	return s.launch(ctx, bin)
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
		patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = child.stop(patience) // the first error says why
		s.removeSocketDirectory()
		return fmt.Errorf("%w%s", err, child.lastWords())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.process = child
	return nil
}

// inherit waits for the end of another process's server and then starts it
// again, or finds that a third process was faster.
func (s *Server) inherit() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-s.quit:
			cancel()
		case <-ctx.Done():
		}
	}()
	for !s.Owned() {
		if pause(ctx, 100*time.Millisecond) != nil {
			return
		}
		if file, there := readPidFile(s.directory); there && file.alive() {
			continue
		}
		if err := s.start(ctx); err != nil && ctx.Err() == nil {
			s.options.Log.Error("private Postgres has ended and does not start again", "error", err)
			_ = pause(ctx, time.Second) // the loop looks at the context
		}
	}
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

// Owned reports whether the server is a child of this process and Stop will end
// it.
func (s *Server) Owned() bool { return s.child() != nil }

func (s *Server) child() *process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.process
}

// Stop ends the server if it is a child of this process: open transactions are
// rolled back, everything committed is on disk when it returns. When the context
// ends first the server is told to stop at once, which costs only a recovery at
// the next start. A server of another process is left alone. Stop is called
// once, or more often by one goroutine.
func (s *Server) Stop(ctx context.Context) error {
	select {
	case <-s.quit:
	default:
		close(s.quit)
	}
	s.watch.Wait()
	child := s.child()
	if child == nil {
		return nil
	}
	defer s.removeSocketDirectory()
	if err := child.stop(ctx); err != nil {
		return fmt.Errorf("stop private Postgres: %w", err)
	}
	return nil
}
