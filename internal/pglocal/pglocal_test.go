package pglocal

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// folder is a place for a data directory that the server can reach also when
// the tests run as root.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := TempDir("payseal-pglocal-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func start(t *testing.T, o Options) *Server {
	t.Helper()
	s, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	return s
}

func stop(t *testing.T, s *Server) {
	t.Helper()
	if err := s.Stop(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
}

func connect(t *testing.T, s *Server) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

func setting(t *testing.T, conn *pgx.Conn, name string) string {
	t.Helper()
	var value string
	if err := conn.QueryRow(t.Context(), "SELECT current_setting($1)", name).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestDataSurvivesARestart(t *testing.T) {
	t.Parallel()
	o := Options{Directory: filepath.Join(folder(t), "missing", "parents", "data")}
	first := start(t, o)
	conn := connect(t, first)
	for name, want := range map[string]string{
		"listen_addresses": "", "fsync": "on", "synchronous_commit": "on", "data_checksums": "on",
		"TimeZone": "UTC", "server_encoding": "UTF8", "unix_socket_permissions": "0700",
	} {
		if got := setting(t, conn, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if _, err := conn.Exec(t.Context(), "CREATE TABLE kept AS SELECT 1 AS n"); err != nil {
		t.Fatal(err)
	}
	stop(t, first)
	if _, err := pgx.Connect(t.Context(), first.URL()); err == nil {
		t.Fatal("the server still answers after Stop")
	}
	var n int
	if err := connect(t, start(t, o)).QueryRow(t.Context(), "SELECT n FROM kept").Scan(&n); err != nil || n != 1 {
		t.Errorf("read %d, %v after the restart", n, err)
	}
}

func TestVolatileSaysSo(t *testing.T) {
	t.Parallel()
	conn := connect(t, start(t, Options{Directory: filepath.Join(folder(t), "data"), Volatile: true}))
	if got := setting(t, conn, "fsync"); got != "off" {
		t.Errorf("fsync is %s", got)
	}
}

func TestManyStartsMakeOneServer(t *testing.T) {
	t.Parallel()
	// A path that no socket can have: the others must find the short one.
	o := Options{Directory: filepath.Join(folder(t), strings.Repeat("long", 25), "data"), Volatile: true}
	servers := make([]*Server, 4)
	var starts sync.WaitGroup
	for i := range servers {
		starts.Go(func() {
			var err error
			if servers[i], err = Start(t.Context(), o); err != nil {
				t.Error(err)
			}
		})
	}
	starts.Wait()
	if t.Failed() {
		t.FailNow()
	}
	last := servers[len(servers)-1]
	for i, s := range servers {
		if i > 0 && setting(t, connect(t, s), "data_directory") != setting(t, connect(t, last), "data_directory") {
			t.Error("two servers on one directory")
		}
	}
	for _, s := range servers[:len(servers)-1] {
		stop(t, s)
	}
	if err := connect(t, last).Ping(t.Context()); err != nil {
		t.Error("the server ended before its last user left:", err)
	}
	stop(t, last)
	if last.socket == last.directory {
		t.Error("the path was not too long, so this test shows less than it should")
	}
	if _, err := os.Stat(last.socket); !os.IsNotExist(err) {
		t.Errorf("the socket's folder is still there: %v", err)
	}
}

// A worker that came while a short command had the server must not lose it, nor
// any connection to it.
func TestTheServerStaysForWhoeverStays(t *testing.T) {
	t.Parallel()
	o := Options{Directory: filepath.Join(folder(t), "data")}
	first := start(t, o)
	second := start(t, o)
	conn := connect(t, second)
	stop(t, first)
	if err := conn.Ping(t.Context()); err != nil {
		t.Error("the connection broke when the first to come left:", err)
	}
	stop(t, second)
	if _, err := pgx.Connect(t.Context(), second.URL()); err == nil {
		t.Error("the server still answers after the last one has left")
	}
}

// Commands come and go at the same moment, and none of them may lose its
// connection to another one's end.
func TestManyComeAndGo(t *testing.T) {
	t.Parallel()
	o := Options{Directory: filepath.Join(folder(t), "data")}
	for range 3 {
		var commands sync.WaitGroup
		for i := range 8 {
			commands.Go(func() {
				if err := visit(t.Context(), o, i); err != nil {
					t.Error(err)
				}
			})
		}
		commands.Wait()
	}
	if file, there := readPidFile(o.Directory); there && file.alive() {
		t.Error("the server is still there after the last one has left")
	}
}

// visit is a command that asks the server n questions and one more.
func visit(ctx context.Context, o Options, n int) error {
	s, err := Start(ctx, o)
	if err != nil {
		return err
	}
	defer s.Stop(context.WithoutCancel(ctx))
	for range n + 1 {
		conn, err := pgx.Connect(ctx, s.URL())
		if err != nil {
			return err
		}
		if _, err := conn.Exec(ctx, "SELECT count(*) FROM pg_class"); err != nil {
			return err
		}
		if err := conn.Close(ctx); err != nil {
			return err
		}
	}
	return nil
}

func TestStartRecoversFromAKilledServer(t *testing.T) {
	t.Parallel()
	o := Options{Directory: filepath.Join(folder(t), "data")}
	s := start(t, o)
	if _, err := connect(t, s).Exec(t.Context(), "CREATE TABLE kept AS SELECT 1 AS n"); err != nil {
		t.Fatal(err)
	}
	if err := s.process.child.Kill(); err != nil {
		t.Fatal(err)
	}
	<-s.process.done
	if _, err := os.Stat(filepath.Join(o.Directory, "postmaster.pid")); err != nil {
		t.Fatal("the kill left no process id file, so this test shows nothing:", err)
	}
	if _, err := connect(t, start(t, o)).Exec(t.Context(), "SELECT n FROM kept"); err != nil {
		t.Error(err)
	}
}

func TestStartClearsAnInterruptedStart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), "data")
	if err := os.MkdirAll(filepath.Join(dir+".new", "base"), 0o700); err != nil {
		t.Fatal(err)
	}
	start(t, Options{Directory: dir, Volatile: true})
	if _, err := os.Stat(dir + ".new"); !os.IsNotExist(err) {
		t.Errorf("the half-made folder is still there: %v", err)
	}
}

func TestStartTouchesNoForeignFiles(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	keep := filepath.Join(dir, "payroll.csv")
	if err := os.WriteFile(keep, []byte("1"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), Options{Directory: dir}); err == nil || !strings.Contains(err.Error(), "other files") {
		t.Errorf("Start said %v", err)
	}
	if _, err := os.Stat(keep); err != nil {
		t.Error(err)
	}
}

func TestStartSaysWhatTheServerSaid(t *testing.T) {
	t.Parallel()
	o := Options{Directory: filepath.Join(folder(t), "data"), Volatile: true}
	s := start(t, o)
	stop(t, s)
	broken := filepath.Join(o.Directory, "postgresql.conf")
	if err := os.WriteFile(broken, []byte("no_such_setting = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), o); err == nil || !strings.Contains(err.Error(), "no_such_setting") {
		t.Errorf("Start said %v", err)
	}
}

// As root the server has another account, which the folders of root keep out.
func TestDataBelowAPrivateFolder(t *testing.T) {
	t.Parallel()
	private := filepath.Join(t.TempDir(), "private")
	if err := os.Mkdir(private, 0o700); err != nil {
		t.Fatal(err)
	}
	o := Options{Directory: filepath.Join(private, "data"), Volatile: true}
	for range 2 { // a first start and a later one
		s := start(t, o)
		conn := connect(t, s)
		if _, err := conn.Exec(t.Context(), "CREATE TABLE IF NOT EXISTS kept (n int); CHECKPOINT; SELECT pg_reload_conf()"); err != nil {
			t.Error(err)
		}
		stop(t, s)
	}
}

func TestReachNamesTheFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	stranger := account{name: "user stranger", uid: 4242, gid: 4242, lent: true}
	err := stranger.reach(dir)
	if err == nil || !strings.Contains(err.Error(), "user stranger cannot pass") || !strings.Contains(err.Error(), "database.directory") {
		t.Errorf("reach said %v", err)
	}
	if err := stranger.reach("/usr"); err != nil {
		t.Error(err)
	}
}

func TestStartNeedsADirectory(t *testing.T) {
	t.Parallel()
	if _, err := Start(t.Context(), Options{}); err == nil {
		t.Error("Start chose a directory by itself")
	}
}

func TestNoValueReachesTheLog(t *testing.T) {
	t.Parallel()
	var said lockedBuffer
	log := slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s := start(t, Options{Directory: filepath.Join(folder(t), "data"), Volatile: true, Log: log})
	conn := connect(t, s)
	if _, err := conn.Exec(t.Context(), "CREATE TABLE person (mail text PRIMARY KEY)"); err != nil {
		t.Fatal(err)
	}
	const mark = "kiran.marked@acme.example"
	for _, statement := range []string{
		"INSERT INTO person VALUES ('" + mark + "')",
		"INSERT INTO person VALUES ('" + mark + "')", // a duplicate, whose DETAIL would name it
		"SELECT '" + mark + "' FROM nowhere",
	} {
		_, _ = conn.Exec(t.Context(), statement) // two must fail
	}
	stop(t, s)
	<-s.process.drained
	if !strings.Contains(said.String(), "duplicate key") {
		t.Error("the log does not even carry the failure:\n" + said.String())
	}
	if strings.Contains(said.String(), "marked") {
		t.Error("the log carries a value:\n" + said.String())
	}
}

func TestAnImpatientStopIsStillAStop(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Directory: filepath.Join(folder(t), "data"), Volatile: true})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_ = s.Stop(ctx) // an error only if the server was slower than our cancel
	select {
	case <-s.process.done:
	default:
		t.Error("Stop returned before the server had ended")
	}
}

// lockedBuffer is a buffer that the server's listener writes to.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// BenchmarkStart is the first start, which makes the data directory, and every
// later one.
func BenchmarkStart(b *testing.B) {
	again := func(b *testing.B, dir string) {
		s, err := Start(b.Context(), Options{Directory: dir})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Stop(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	dir, err := TempDir("payseal-pglocal-")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	b.Run("first", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			again(b, filepath.Join(dir, strconv.Itoa(i)))
		}
	})
	b.Run("later", func(b *testing.B) {
		again(b, filepath.Join(dir, "0"))
		for b.Loop() {
			again(b, filepath.Join(dir, "0"))
		}
	})
}
