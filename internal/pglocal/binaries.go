package pglocal

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// oldest is the first major version of Postgres that payseal is tested with.
const oldest = 14

// binaries is one installation of the Postgres server.
type binaries struct {
	directory string
	major     int
}

// where the packagers of Linux and macOS put the server, besides PATH.
var places = []string{
	"/usr/lib/postgresql/*/bin",                    // Debian, Ubuntu
	"/usr/pgsql-*/bin", "/usr/lib/postgresql*/bin", // Fedora, SUSE
	"/opt/homebrew/opt/postgresql*/bin", "/opt/homebrew/bin", // Homebrew on Apple silicon
	"/usr/local/opt/postgresql*/bin", "/usr/local/pgsql/bin", // Homebrew on Intel; built from source
	"/Applications/Postgres.app/Contents/Versions/latest/bin", // Postgres.app
}

var versionNumber = regexp.MustCompile(`\) (\d+)`)

// findBinaries chooses the installation for a data directory: the one of its
// own major version where there is data, else the first in PATH, else the
// newest.
func findBinaries(directory string) (binaries, error) {
	return choose(installations(), directory)
}

func choose(found []binaries, directory string) (binaries, error) {
	if len(found) == 0 {
		return binaries{}, errors.New("no Postgres server binaries on this machine; install them with " +
			"'apt-get install postgresql' (macOS: 'brew install postgresql@17'), or set database.url_file to use a server that runs elsewhere")
	}
	content, err := os.ReadFile(filepath.Join(directory, "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		if found[0].major < oldest {
			return binaries{}, fmt.Errorf("the Postgres in %s is version %d; payseal needs %d or newer", found[0].directory, found[0].major, oldest)
		}
		return found[0], nil
	}
	if err != nil {
		return binaries{}, fmt.Errorf("read the version of the data: %w", err)
	}
	major := strings.TrimSpace(string(content))
	for _, b := range found {
		if strconv.Itoa(b.major) == major {
			return b, nil
		}
	}
	return binaries{}, fmt.Errorf("the data in %s were written by Postgres %s, which is not installed (found: %s); "+
		"install 'postgresql-%s', or move the data with pg_upgrade", directory, major, list(found), major)
}

// installations lists every complete installation, best first.
func installations() []binaries {
	var first []binaries
	if path, err := exec.LookPath("postgres"); err == nil {
		if b, ok := inspect(path); ok {
			first = append(first, b)
		}
	}
	var others []binaries
	for _, place := range places {
		matches, _ := filepath.Glob(filepath.Join(place, "postgres")) // the patterns are constants
		for _, path := range matches {
			if b, ok := inspect(path); ok {
				others = append(others, b)
			}
		}
	}
	slices.SortStableFunc(others, func(a, b binaries) int { return cmp.Compare(b.major, a.major) })
	return append(first, others...)
}

// inspect follows links to the real installation, which must have initdb beside
// the server, and asks its version.
func inspect(path string) (binaries, bool) {
	path, err := filepath.Abs(path)
	if err != nil {
		return binaries{}, false
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return binaries{}, false
	}
	b := binaries{directory: filepath.Dir(real)}
	if _, err := os.Stat(b.path("initdb")); err != nil {
		return b, false
	}
	answer, err := exec.Command(b.path("postgres"), "--version").Output()
	if err != nil {
		return b, false
	}
	digits := versionNumber.FindStringSubmatch(string(answer))
	if digits == nil {
		return b, false
	}
	b.major, err = strconv.Atoi(digits[1])
	return b, err == nil
}

func (b binaries) path(program string) string { return filepath.Join(b.directory, program) }

func list(found []binaries) string {
	var parts []string
	for _, b := range found {
		parts = append(parts, fmt.Sprintf("%d in %s", b.major, b.directory))
	}
	return strings.Join(parts, ", ")
}
