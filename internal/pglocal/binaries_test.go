package pglocal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if err := os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte("15\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	none := t.TempDir()
	tests := map[string]struct {
		found     []binaries
		directory string
		major     int
		mend      string // in the error
	}{
		"first for new data":       {[]binaries{{"/a", 16}, {"/b", 17}}, none, 16, ""},
		"its own for data":         {[]binaries{{"/a", 17}, {"/b", 15}}, data, 15, ""},
		"nothing installed":        {nil, none, 0, "apt-get install postgresql"},
		"too old for new data":     {[]binaries{{"/a", 9}}, none, 0, "needs 14"},
		"own version is not there": {[]binaries{{"/a", 17}}, data, 0, "postgresql-15"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := choose(test.found, test.directory)
			if test.mend == "" && err != nil {
				t.Fatal(err)
			}
			if test.mend != "" && (err == nil || !strings.Contains(err.Error(), test.mend)) {
				t.Fatalf("the error is %v, want one with %q", err, test.mend)
			}
			if test.mend == "" && got.major != test.major {
				t.Errorf("chose %v, want version %d", got, test.major)
			}
		})
	}
}

func TestInspect(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, script string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	postgres := filepath.Join(dir, "postgres")
	write("postgres", "echo 'postgres (PostgreSQL) 17.2 (Homebrew)'")
	if _, ok := inspect(postgres); ok {
		t.Error("an installation without initdb is complete")
	}
	write("initdb", "exit 0")
	if b, ok := inspect(postgres); !ok || b.major != 17 {
		t.Errorf("inspect gave %v, %v", b, ok)
	}
	link := filepath.Join(t.TempDir(), "postgres")
	if err := os.Symlink(postgres, link); err != nil {
		t.Fatal(err)
	}
	if b, ok := inspect(link); !ok || filepath.Base(b.directory) != filepath.Base(dir) {
		t.Errorf("through a link inspect gave %v, %v", b, ok)
	}
	write("postgres", "echo nothing known")
	if b, ok := inspect(postgres); ok {
		t.Errorf("no version, and yet %v", b)
	}
}

func TestParsePidFile(t *testing.T) {
	t.Parallel()
	whole := "4711\n/var/lib/payseal\n1763740000\n5432\n/run/ps\n\n  1234  5678\nready   \n"
	if file, ok := parsePidFile(whole); !ok || file != (pidFile{pid: 4711, status: "ready"}) {
		t.Errorf("read %+v, %v", file, ok)
	}
	for _, partial := range []string{"", "4711\n", "4711\n/d\n1\n5432\n/s\n", "x\n\n\n\n\n\n\nready\n", "-5\n\n\n\n\n\n\nready\n"} {
		if file, ok := parsePidFile(partial); ok {
			t.Errorf("%q read as %+v", partial, file)
		}
	}
}
