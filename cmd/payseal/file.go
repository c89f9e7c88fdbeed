package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/keystore"
)

func newFile(a *app) *cobra.Command {
	file := group("file", "Encrypt, open, sign and verify one file by hand, as slips are",
		newFileEncrypt(a), newFileDecrypt(a), newFileSign(a), newFileClearsign(a), newFileVerify(a), newFileCheckSlip(a))
	file.Long = "The by-hand path for one file, made of the same code that seals the slips. It\n" +
		"needs no database, except for check-slip. A file called - is the standard input or output."
	return file
}

// largestFile is the most that is read into memory: a file is verified whole
// before any of it is written.
const largestFile = 1 << 30

// input is a file that was read.
type input struct {
	content []byte
	mode    os.FileMode // of the file; 0600 for the standard input
}

func readInput(cmd *cobra.Command, path string, largest int64) (input, error) {
	source := cmd.InOrStdin()
	mode := os.FileMode(0o600)
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return input{}, fmt.Errorf("read file: %w", err)
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return input{}, fmt.Errorf("read file: %w", err)
		}
		source, mode = f, info.Mode().Perm()&0o666
	}
	content, err := io.ReadAll(io.LimitReader(source, largest+1))
	if err != nil {
		return input{}, fmt.Errorf("read file: %w", err)
	}
	if int64(len(content)) > largest {
		return input{}, fmt.Errorf("read file: %s is larger than %d MB", path, largest>>20)
	}
	return input{content, mode}, nil
}

// writeOutput writes a file whole or not at all: beside its place first, then
// renamed. Nothing is left behind when that fails. What is no plain file, such as
// /dev/null, is written to as it is: renaming over it would delete it.
func writeOutput(cmd *cobra.Command, path string, content []byte, mode os.FileMode) error {
	if path == "-" {
		if _, err := cmd.OutOrStdout().Write(content); err != nil {
			return fmt.Errorf("write result: %w", err)
		}
		return nil
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return writeInto(path, content)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".payseal-*")
	if err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already if it was renamed
	_, err = f.Write(content)
	if err := errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	return nil
}

func writeInto(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	return nil
}

// outputName is where the result goes: as the command line says, else beside in.
func outputName(given, in, extension string, read ...string) (string, error) {
	switch {
	case given != "":
		return given, refuseOver(given, append(read, in))
	case in == "-":
		return "", usageError{errors.New("say where to write the result with -o")}
	}
	return in + extension, refuseOver(in+extension, read)
}

// refuseOver keeps a result from taking the place of a file that the command
// reads. Any other file there is replaced.
func refuseOver(out string, read []string) error {
	place, there := regularFile(out)
	if out == "-" || !there {
		return nil
	}
	for _, name := range read {
		if info, there := regularFile(name); there && os.SameFile(place, info) {
			return usageError{fmt.Errorf("%s is read by this command; write the result to another file", out)}
		}
	}
	return nil
}

func regularFile(name string) (info os.FileInfo, there bool) {
	info, err := os.Stat(name)
	return info, err == nil && info.Mode().IsRegular()
}

// openedName is where what was sealed goes: as the command line says, else in
// without its extension.
func openedName(given, in string, read ...string) (string, error) {
	if given != "" {
		return given, refuseOver(given, append(read, in))
	}
	if extension := filepath.Ext(in); slices.Contains([]string{".asc", ".gpg", ".pgp"}, strings.ToLower(extension)) {
		place := strings.TrimSuffix(in, extension)
		return place, refuseOver(place, append(read, in))
	}
	return "", usageError{errors.New("say where to write the result with -o")}
}

// say prints what was done, on the error output when the result itself goes to
// the standard output.
func (a *app) say(cmd *cobra.Command, out string, answer any, text string) error {
	w := cmd.OutOrStdout()
	if out == "-" {
		w = cmd.ErrOrStderr()
	}
	if a.json {
		return printJSON(w, answer)
	}
	return printText(w, escaped(text, "\n")+"\n")
}

// printText writes an answer for people.
func printText(w io.Writer, text string) error {
	if _, err := io.WriteString(w, text); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

// readSenders reads the certificates that a signature may be by.
func readSenders(files []string) ([]keystore.Certificate, error) {
	if len(files) == 0 {
		return nil, usageError{errors.New("say whose signature it must be with --from CERTIFICATE")}
	}
	var senders []keystore.Certificate
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read certificate: %w", err)
		}
		found, err := keystore.ReadSenders(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		senders = append(senders, found...)
	}
	return senders, nil
}
