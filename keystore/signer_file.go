package keystore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/payseal/payseal/payroll"
)

// secretMode is the widest mode that a file with a secret may have.
const secretMode = 0o600

// ReadSecretFile reads a file that only its owner may read or write, and
// refuses one that others may.
func ReadSecretFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read secret: %w", err)
	}
	defer file.Close()
	info, err := file.Stat() // of the open file, so that it is the one that is read
	if err != nil {
		return nil, fmt.Errorf("read secret: %w", err)
	}
	if wide(info) {
		return nil, fmt.Errorf("%w: %s has mode %04o and may be read by others; set it to 0600 (chmod 600), and think who may have read it", payroll.ErrInvalid, path, info.Mode().Perm())
	}
	return readCapped(file, maxSecretKey)
}

// wide reports whether others may read or write the file. Windows has no such
// modes.
func wide(info fs.FileInfo) bool {
	return runtime.GOOS != "windows" && info.Mode().IsRegular() && info.Mode().Perm()&^secretMode != 0
}

// WriteSecretFile writes a new file with mode 0600, whole or not at all, and
// refuses to replace one that is there.
func WriteSecretFile(path string, content []byte) error {
	temporary, err := writeTemporary(path, content)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() { _ = os.Remove(temporary) }() // gone already if it was renamed
	err = os.Link(temporary, path)              // unlike a rename, a link replaces nothing
	if err != nil && !errors.Is(err, fs.ErrExist) {
		err = renameNew(temporary, path)
	}
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w: %s is there already, and a secret key is not replaced", payroll.ErrNotAllowed, path)
	} else if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return syncDir(filepath.Dir(path))
}

// renameNew is for file systems without links.
func renameNew(from, to string) error {
	if _, err := os.Lstat(to); err == nil {
		return fs.ErrExist
	}
	if err := os.Rename(from, to); err != nil {
		return fmt.Errorf("rename: %w", err)
	}
	return nil
}

// ReplaceSecretFile puts a new secret in the place of the one at path, which is
// kept beside it as keep. The new one is whole before it takes the old one's
// name.
func ReplaceSecretFile(path, keep string, content []byte) error {
	temporary, err := writeTemporary(path, content)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() { _ = os.Remove(temporary) }() // gone already if it was renamed
	old, err := ReadSecretFile(path)
	if err != nil {
		return fmt.Errorf("keep the old file: %w", err)
	}
	if err := WriteSecretFile(keep, old); err != nil {
		return fmt.Errorf("keep the old file: %w", err)
	}
	if err := os.Rename(temporary, path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return syncDir(filepath.Dir(path))
}

// writeTemporary writes the content beside path; os.CreateTemp gives mode 0600.
func writeTemporary(path string, content []byte) (name string, err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".payseal-*")
	if err != nil {
		return "", fmt.Errorf("make temporary file: %w", err)
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		_ = os.Remove(file.Name()) // half a secret is no use to anybody
	}
	return file.Name(), err
}

// syncDir makes the new name survive a loss of power.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}
