// Package pgtest gives tests databases on a real Postgres: one private server
// per test binary, one template that is migrated once, one clone per test. It
// never skips a test: a machine without Postgres fails it and says what to
// install. Product code must never import it. Read [Main] and [New] first.
package pgtest

import (
	"context"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/payseal/payseal/internal/pglocal"
)

// Migrate brings an empty database to its newest schema.
type Migrate func(ctx context.Context, url string) error

// prefix of the servers' folders; the process id follows.
const prefix = "payseal-pgtest-"

// bench is the server of this test binary.
type bench struct {
	folder string
	server *pglocal.Server
	admin  *pgxpool.Pool

	mu        sync.Mutex
	templates map[uintptr]func() (string, error)
	last      atomic.Int64 // number of the last database made
	clone     string       // how CREATE DATABASE copies a template

	drops     sync.WaitGroup
	undropped atomic.Bool // a database could not be dropped
}

var (
	entered atomic.Bool // Main runs
	opened  atomic.Pointer[bench]
	open    = sync.OnceValues(func() (*bench, error) {
		b, err := newBench()
		opened.Store(b)
		return b, err
	})
)

// Tests are the tests of a package: [testing.M], or something around it.
type Tests interface {
	Run() int // gives the exit code
}

// Main runs the tests and then removes the server that they used, if any. Call
// it from TestMain.
func Main(m Tests) { os.Exit(Run(m)) }

// Run is Main for a TestMain that has more to clean up: it returns the exit code.
func Run(m Tests) int {
	entered.Store(true)
	code := m.Run()
	if b := opened.Load(); b != nil && !b.close() && code == 0 {
		code = 1
	}
	return code
}

// New makes a database for one test and returns its URL. The migration runs
// once per test binary, on a template that every test's database is cloned
// from (about 30 ms); give it as a plain function, not as a closure, for it is
// told apart by its address. Nil means an empty database. The database is
// dropped when the test ends, whoever is still connected.
func New(t testing.TB, migrate Migrate) string {
	t.Helper()
	if !entered.Load() {
		t.Fatal("this package needs: func TestMain(m *testing.M) { pgtest.Main(m) }")
	}
	b, err := open()
	if err != nil {
		t.Fatalf("no Postgres for the tests: %v", err)
	}
	template, err := b.template(migrate)
	if err != nil {
		t.Fatalf("migrate the template: %v", err)
	}
	name, err := b.create(t.Context(), template)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.drop(name) })
	return b.url(name)
}

// drop drops a database beside the tests that follow: it waits for the ends of
// the connections, in steps of 100 ms.
func (b *bench) drop(name string) {
	b.drops.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if _, err := b.admin.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			fmt.Fprintf(os.Stderr, "pgtest: drop a test's database: %v\n", err)
			b.undropped.Store(true)
		}
	})
}

func newBench() (*bench, error) {
	sweep()
	folder, err := pglocal.TempDir(prefix+strconv.Itoa(os.Getpid())+"-", inMemory()...)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	b := &bench{folder: folder, templates: map[uintptr]func() (string, error){}}
	b.server, err = pglocal.Start(ctx, pglocal.Options{Directory: filepath.Join(folder, "data"), Volatile: true})
	if err != nil {
		_ = os.RemoveAll(folder)
		return nil, err
	}
	config, err := pgxpool.ParseConfig(b.server.URL())
	if err != nil {
		return nil, fmt.Errorf("read the server's URL: %w", err)
	}
	config.MaxConns = 4
	if b.admin, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, fmt.Errorf("connect to the server: %w", err)
	}
	// Copying files costs a third of what copying through the log costs, in
	// memory. Before Postgres 15 there was no other way, and no word for it.
	var version int
	if err := b.admin.QueryRow(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		return nil, fmt.Errorf("ask the server's version: %w", err)
	}
	if version >= 150000 {
		b.clone = " STRATEGY file_copy"
	}
	return b, nil
}

// memory is where Linux keeps files in memory.
const memory = "/dev/shm"

// inMemory is the folder of files in memory, where there is one with room for a
// server's: with them on a disk, a clone costs three times as much. Benchmarks
// keep millions of rows.
func inMemory() []string {
	needed := uint64(2 << 30)
	if bench := flag.Lookup("test.bench"); bench != nil && bench.Value.String() != "" {
		needed = 8 << 30
	}
	var in syscall.Statfs_t
	if err := syscall.Statfs(memory, &in); err != nil || in.Bavail*uint64(in.Bsize) < needed {
		return nil
	}
	return []string{memory}
}

// close ends the server and reports whether every database could be dropped.
func (b *bench) close() bool {
	b.drops.Wait()
	b.admin.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = b.server.Stop(ctx) // the folder goes anyway
	_ = os.RemoveAll(b.folder)
	return !b.undropped.Load()
}

// template returns the name of the database that migrate has run on.
func (b *bench) template(migrate Migrate) (string, error) {
	if migrate == nil {
		return "template0", nil
	}
	key := reflect.ValueOf(migrate).Pointer()
	b.mu.Lock()
	once, known := b.templates[key]
	if !known {
		once = sync.OnceValues(func() (string, error) { return b.build(migrate) })
		b.templates[key] = once
	}
	b.mu.Unlock()
	return once()
}

func (b *bench) build(migrate Migrate) (string, error) {
	ctx := context.Background()
	name, err := b.create(ctx, "template0")
	if err != nil {
		return "", err
	}
	if err := migrate(ctx, b.url(name)); err != nil {
		return "", err
	}
	// A connection that the migration left open would block every clone.
	_, err = b.admin.Exec(ctx, "ALTER DATABASE "+name+" WITH ALLOW_CONNECTIONS false IS_TEMPLATE true")
	if err != nil {
		return "", fmt.Errorf("close the template: %w", err)
	}
	_, err = b.admin.Exec(ctx, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", name)
	if err != nil {
		return "", fmt.Errorf("close the template: %w", err)
	}
	return name, nil
}

func (b *bench) create(ctx context.Context, template string) (string, error) {
	name := fmt.Sprintf("test_%d", b.last.Add(1))
	_, err := b.admin.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+pgx.Identifier{template}.Sanitize()+b.clone)
	if err != nil {
		return "", fmt.Errorf("clone the template: %w", err)
	}
	return name, nil
}

func (b *bench) url(name string) string {
	u, err := url.Parse(b.server.URL())
	if err != nil {
		panic(err) // the server's URL is made by url.URL
	}
	u.Path = "/" + name
	return u.String()
}

// sweep removes the folders of test binaries that were killed.
func sweep() {
	for _, parent := range []string{memory, os.TempDir(), "/tmp", "/var/tmp"} {
		folders, _ := filepath.Glob(filepath.Join(parent, prefix+"*")) // a constant pattern
		for _, folder := range folders {
			id, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(folder), prefix), "-")
			pid, err := strconv.Atoi(id)
			if err == nil && syscall.Kill(pid, 0) == syscall.ESRCH {
				_ = os.RemoveAll(folder)
			}
		}
	}
}
