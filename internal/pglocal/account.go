package pglocal

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is whom the server runs as. Postgres refuses to run as root, so root
// lends it the account that owns the data, else "postgres", else "nobody".
type account struct {
	name     string
	uid, gid uint32
	lent     bool // we are root and the account is another one
}

// accountFor chooses the account for a data directory, there already or not.
func accountFor(directory string) (account, error) {
	if os.Geteuid() != 0 {
		return account{name: "this user", uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}, nil
	}
	if info, err := os.Stat(filepath.Join(directory, "PG_VERSION")); err == nil {
		owner := info.Sys().(*syscall.Stat_t)
		if owner.Uid != 0 {
			return account{name: "user " + strconv.Itoa(int(owner.Uid)), uid: owner.Uid, gid: owner.Gid, lent: true}, nil
		}
	}
	for _, name := range []string{"postgres", "_postgres", "nobody"} {
		if a, err := lookup(name); err == nil {
			return a, nil
		}
	}
	return account{}, errors.New("Postgres does not run as root and this machine has neither a user 'postgres' nor 'nobody'; run payseal as an ordinary user")
}

func lookup(name string) (account, error) {
	found, err := user.Lookup(name)
	if err != nil {
		return account{}, fmt.Errorf("look up user %s: %w", name, err)
	}
	uid, err := strconv.ParseUint(found.Uid, 10, 32)
	if err != nil {
		return account{}, fmt.Errorf("look up user %s: %w", name, err)
	}
	gid, err := strconv.ParseUint(found.Gid, 10, 32)
	if err != nil {
		return account{}, fmt.Errorf("look up user %s: %w", name, err)
	}
	return account{name: "user " + name, uid: uint32(uid), gid: uint32(gid), lent: true}, nil
}

// makeParents creates the folders above directory.
func (a account) makeParents(directory string) error {
	mode := os.FileMode(0o700)
	if a.lent {
		mode = 0o711 // passable, not readable
	}
	if err := os.MkdirAll(filepath.Dir(directory), mode); err != nil {
		return fmt.Errorf("create the folder for the data: %w", err)
	}
	return nil
}

// door is how a process of the account comes to the data directory: by its path,
// or, below folders that only root may pass, by an open file that the process
// inherits.
type door struct {
	path string
	file *os.File // nil for a plain path; the child's descriptor 3
}

// inherited is the first descriptor that exec.Cmd.ExtraFiles gives to a child.
const inherited = "/proc/self/fd/3"

func (a account) open(directory string) (door, error) {
	err := a.reach(filepath.Dir(directory))
	if err == nil {
		return door{path: directory}, nil
	}
	if _, noProc := os.Stat("/proc/self/fd"); noProc != nil {
		return door{}, err
	}
	file, err := os.Open(directory)
	if err != nil {
		return door{}, fmt.Errorf("open the data directory: %w", err)
	}
	return door{path: inherited, file: file}, nil
}

// through gives the door to a child that has not started yet.
func (d door) through(cmd *exec.Cmd) {
	if d.file != nil {
		cmd.ExtraFiles = []*os.File{d.file}
	}
}

func (d door) close() {
	if d.file != nil {
		_ = d.file.Close() // the child has its own
	}
}

// reach reports the first folder on the way to path that the account cannot
// pass.
func (a account) reach(path string) error {
	if !a.lent {
		return nil
	}
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return fmt.Errorf("look at the folder for the data: %w", err)
	}
	for ; ; path = filepath.Dir(path) {
		info, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("look at the folder for the data: %w", err)
		}
		if !a.passes(info) {
			return fmt.Errorf("Postgres does not run as root, and %s cannot pass %s (mode %04o); put database.directory somewhere else, "+
				"such as /var/lib/payseal/postgres, or run payseal as an ordinary user", a.name, path, info.Mode().Perm())
		}
		if path == filepath.Dir(path) {
			return nil
		}
	}
}

// passes reads the permission bits as the kernel does for this account.
func (a account) passes(info os.FileInfo) bool {
	owner := info.Sys().(*syscall.Stat_t)
	switch {
	case owner.Uid == a.uid:
		return info.Mode().Perm()&0o100 != 0
	case owner.Gid == a.gid:
		return info.Mode().Perm()&0o010 != 0
	}
	return info.Mode().Perm()&0o001 != 0
}

// own gives path to the account.
func (a account) own(path string) error {
	if !a.lent {
		return nil
	}
	if err := os.Chown(path, int(a.uid), int(a.gid)); err != nil {
		return fmt.Errorf("give %s to %s: %w", path, a.name, err)
	}
	return nil
}

// longestSocket is the longest path of a socket that macOS and Linux both take.
const longestSocket = 103

// socketDirectory is where the server of a data directory listens: in the
// directory itself, or in a short folder of that name where the path is too long
// for a socket. Every process comes to the same answer.
func (a account) socketDirectory(directory string) string {
	if len(filepath.Join(directory, socketName)) <= longestSocket {
		return directory
	}
	sum := sha256.Sum256([]byte(directory))
	return filepath.Join("/tmp", fmt.Sprintf("payseal-%d-%x", a.uid, sum[:6]))
}

// makeSocketDirectory makes the short folder where one is needed. One that is
// there must be the server's own: others may write to /tmp.
func (s *Server) makeSocketDirectory() error {
	if s.socket == s.directory {
		return nil
	}
	err := os.Mkdir(s.socket, 0o700)
	if err == nil {
		return s.who.own(s.socket)
	}
	info, statErr := os.Lstat(s.socket)
	if !errors.Is(err, os.ErrExist) || statErr != nil {
		return fmt.Errorf("make the folder of the socket: %w", errors.Join(err, statErr))
	}
	if !info.IsDir() || info.Sys().(*syscall.Stat_t).Uid != s.who.uid || info.Mode().Perm() != 0o700 {
		return fmt.Errorf("%s belongs to somebody else; remove it, or give database.directory a shorter path", s.socket)
	}
	return nil
}

func (s *Server) removeSocketDirectory() {
	if s.socket != s.directory {
		_ = os.Remove(s.socket) // it is empty once the server has gone
	}
}

// TempDir makes a new private folder that a server started by this process can
// use, also when this process is root: in the first of the parents that it can
// use, else where temporary files are. The caller removes it.
func TempDir(prefix string, parents ...string) (string, error) {
	a, err := accountFor("")
	if err != nil {
		return "", err
	}
	return a.tempDir(prefix, parents)
}

func (a account) tempDir(prefix string, parents []string) (string, error) {
	var failed error
	for _, parent := range append(parents, os.TempDir(), "/tmp", "/var/tmp") {
		if len(filepath.Join(parent, prefix+"0123456789", socketName)) > longestSocket || a.reach(parent) != nil {
			continue
		}
		made, err := os.MkdirTemp(parent, prefix)
		if err != nil {
			failed = err
			continue
		}
		return made, a.own(made)
	}
	if failed == nil {
		failed = fmt.Errorf("neither %s nor /tmp nor /var/tmp is short enough and passable for %s", os.TempDir(), a.name)
	}
	return "", fmt.Errorf("make a temporary folder for Postgres: %w", failed)
}
