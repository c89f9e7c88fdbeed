package pglocal

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// pidFile is what a server writes about itself into postmaster.pid.
type pidFile struct {
	pid    int
	status string // "starting", "ready", "stopping", ...
}

// readPidFile reads the eight lines of postmaster.pid; a file that is missing or
// still being written is not there.
func readPidFile(directory string) (pidFile, bool) {
	content, err := os.ReadFile(filepath.Join(directory, "postmaster.pid"))
	if err != nil {
		return pidFile{}, false
	}
	return parsePidFile(string(content))
}

func parsePidFile(content string) (pidFile, bool) {
	lines := strings.Split(content, "\n")
	if len(lines) < 8 {
		return pidFile{}, false
	}
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil || pid <= 0 {
		return pidFile{}, false
	}
	return pidFile{pid: pid, status: strings.TrimSpace(lines[7])}, true
}

func (f pidFile) alive() bool {
	err := syscall.Kill(f.pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// listening reports whether somebody answers at the server's socket.
func (s *Server) listening() bool {
	conn, err := net.Dial("unix", filepath.Join(s.socket, socketName))
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// attach uses a server that already runs on the directory. One that is just
// starting or stopping is waited for. What a crash left behind is no server:
// its process is gone, or nobody listens for ten seconds.
func (s *Server) attach(ctx context.Context) (found bool, err error) {
	stale := time.Now().Add(10 * time.Second)
	for {
		file, there := readPidFile(s.directory)
		if !there || !file.alive() {
			return false, nil
		}
		listening := s.listening()
		if listening && file.status == "ready" {
			return true, s.greet(ctx)
		}
		if !listening && time.Now().After(stale) {
			return false, nil
		}
		if err := pause(ctx, beat); err != nil {
			return false, fmt.Errorf("wait for the server with process id %d: %w", file.pid, err)
		}
	}
}

// end asks the server for a fast shutdown (SIGINT: roll back, write everything,
// end) and, when the context ends before the server, for an immediate one
// (SIGQUIT). The server may be a child of a process that has long left, so its
// file tells when it has ended: it goes last.
func (s *Server) end(ctx context.Context) error {
	file, there := readPidFile(s.directory)
	if !there || !file.alive() {
		return nil
	}
	_ = syscall.Kill(file.pid, syscall.SIGINT) // fails only for one that has just ended
	err := s.gone(ctx, file.pid)
	if err != nil {
		_ = syscall.Kill(file.pid, syscall.SIGQUIT)
		patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), longestEnd)
		defer cancel()
		_ = s.gone(patience, file.pid) // the first error says why
		err = fmt.Errorf("stopped at once, without its final checkpoint: %w", err)
	}
	if s.process != nil && s.process.pid == file.pid {
		<-s.process.done
	}
	return err
}

// longestEnd is more than an immediate shutdown takes, after five seconds of
// which the server kills its children.
const longestEnd = 10 * time.Second

// gone waits for the end of the server with this process id.
func (s *Server) gone(ctx context.Context, pid int) error {
	for {
		file, there := readPidFile(s.directory)
		if !there || file.pid != pid || !file.alive() {
			return nil
		}
		if err := pause(ctx, beat); err != nil {
			return err
		}
	}
}

// ready waits until the child answers and has payseal's database.
func (s *Server) ready(ctx context.Context, child *process) error {
	for {
		file, there := readPidFile(s.directory)
		if there && file.pid == child.pid && file.status == "ready" {
			return s.greet(ctx)
		}
		select {
		case <-child.done:
			return errors.New("the server ended at once")
		default:
		}
		if err := pause(ctx, beat); err != nil {
			return fmt.Errorf("wait for the server's first answer: %w", err)
		}
	}
}

// greet asks the server one question and creates payseal's database where it is
// missing.
func (s *Server) greet(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.urlOf("postgres"))
	if err != nil {
		return fmt.Errorf("greet the server: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", database).Scan(&exists); err != nil {
		return fmt.Errorf("greet the server: %w", err)
	}
	if exists {
		return nil
	}
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{database}.Sanitize()); err != nil {
		return fmt.Errorf("create the database: %w", err)
	}
	return nil
}
