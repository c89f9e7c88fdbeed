package pglocal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// port is part of the socket's name; there is no network port.
const (
	port       = "5432"
	socketName = ".s.PGSQL." + port
)

// initialise makes a new data directory: in a folder beside it first, so that an
// interrupted start leaves nothing half made, then by one rename.
func (b binaries) initialise(ctx context.Context, directory string, who account, volatile bool) error {
	if _, err := os.Stat(filepath.Join(directory, "PG_VERSION")); err == nil {
		return nil
	}
	if err := refuseForeign(directory); err != nil {
		return err
	}
	fresh := directory + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("clear an interrupted start: %w", err)
	}
	if err := os.Mkdir(fresh, 0o700); err != nil {
		return fmt.Errorf("create the data directory: %w", err)
	}
	defer os.RemoveAll(fresh) // gone already when all went well
	if err := who.own(fresh); err != nil {
		return err
	}
	if err := b.initdb(ctx, fresh, who, volatile); err != nil {
		return err
	}
	if err := os.Rename(fresh, directory); err != nil {
		return fmt.Errorf("put the data directory in place: %w", err)
	}
	return nil
}

// refuseForeign allows a missing or an empty folder; a rename replaces only an
// empty one.
func refuseForeign(directory string) error {
	entries, err := os.ReadDir(directory)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at the data directory: %w", err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s holds other files and no Postgres data; choose an empty or a new folder", directory)
	}
	return nil
}

func (b binaries) initdb(ctx context.Context, directory string, who account, volatile bool) error {
	way, err := who.open(directory)
	if err != nil {
		return err
	}
	defer way.close()
	args := []string{
		"--pgdata=" + way.path, "--username=" + role, "--auth=trust",
		"--encoding=UTF8", "--locale=C", "--data-checksums", "--no-instructions",
	}
	if volatile {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, b.path("initdb"), args...)
	who.lend(cmd)
	way.through(cmd)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("run initdb: %w: %s", err, strings.TrimSpace(said.String()))
	}
	return nil
}

// postgres is the command line of the server. Settings are given here and not in
// the data directory's file, so that a directory made by an older payseal gets
// today's.
func (b binaries) postgres(way door, socket string, volatile bool, who account) *exec.Cmd {
	settings := []string{
		"listen_addresses=", "port=" + port,
		"unix_socket_directories=" + socket, "unix_socket_permissions=0700",
		"max_connections=200", "shared_buffers=128MB",
		"timezone=UTC", "log_timezone=UTC", "lc_messages=C",
		"logging_collector=off", "log_destination=stderr", "log_line_prefix=",
		// Neither a statement nor the DETAIL of a violated constraint may reach
		// a log: both can carry names and addresses.
		"log_statement=none", "log_min_error_statement=panic", "log_error_verbosity=terse",
		"log_min_duration_statement=-1", "log_parameter_max_length=0", "log_parameter_max_length_on_error=0",
	}
	if volatile {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off",
			"wal_level=minimal", "max_wal_senders=0", "max_wal_size=64MB", "autovacuum=off")
	} else {
		settings = append(settings, "fsync=on", "synchronous_commit=on", "full_page_writes=on")
	}
	args := []string{"-D", way.path}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	cmd := exec.Command(b.path("postgres"), args...)
	who.lend(cmd)
	way.through(cmd)
	if volatile {
		endWithParent(cmd.SysProcAttr)
	}
	return cmd
}

// lend prepares a child: the account's rights, a folder that it can stand in,
// and an environment without our secrets and without PG* variables.
func (a account) lend(cmd *exec.Cmd) {
	cmd.Dir = "/"
	cmd.Env = []string{"LC_ALL=C"}
	for _, name := range []string{"PATH", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"} {
		if value, set := os.LookupEnv(name); set {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	// A session of its own, so that neither Ctrl-C at a terminal nor its end
	// reaches the server: it outlives our last writes and serves whoever stays.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if a.lent {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
}

// shareLock says that this process uses the server, by a shared lock on the data
// directory that the kernel drops when the process ends, however it ends.
func shareLock(directory string) (*os.File, error) {
	file, err := os.Open(directory)
	if err != nil {
		return nil, fmt.Errorf("open the data directory: %w", err)
	}
	if err := flock(file, syscall.LOCK_SH); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	return file, nil
}

// lastUser reports whether nobody but the holder of share uses the server. The
// caller holds the lock of the start, so nobody comes meanwhile.
func lastUser(share *os.File) bool { return flock(share, syscall.LOCK_EX) == nil }

// flock takes a lock or fails at once.
func flock(file *os.File, kind int) error {
	for {
		if err := syscall.Flock(int(file.Fd()), kind|syscall.LOCK_NB); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// lock takes the file lock that lets one process at a time start a server, join
// it or leave it. The kernel drops it when a process dies.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	for {
		err := flock(file, syscall.LOCK_EX)
		if err == nil {
			return func() { _ = file.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			_ = file.Close()
			return nil, fmt.Errorf("lock the data directory: %w", err)
		}
		if err := pause(ctx, beat); err != nil {
			_ = file.Close()
			return nil, fmt.Errorf("wait for another start of the same server: %w", err)
		}
	}
}

// beat is the rhythm of a wait for a process that is about to do something.
const beat = 10 * time.Millisecond

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
