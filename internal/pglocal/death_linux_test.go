package pglocal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// victim names the data directory for a copy of this test program that starts a
// server and waits to be killed.
const victim = "PGLOCAL_VICTIM"

func TestMain(m *testing.M) {
	if dir := os.Getenv(victim); dir != "" {
		beVictim(dir)
	}
	os.Exit(m.Run())
}

// A killed process leaves its server running; the next one to use it ends it.
func TestTheNextEndsWhatAKilledProcessLeft(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), "data")
	kill(t, dir, "")
	left, there := readPidFile(dir)
	if !there || !left.alive() {
		t.Fatal("the server has ended with its process")
	}
	s := start(t, Options{Directory: dir})
	if s.process != nil {
		t.Error("it was not the same server")
	}
	stop(t, s)
	endedCleanly(t, dir)
}

// The server of a test program leaves nothing behind, however that ends.
func TestAKilledTestProgramEndsItsServerCleanly(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), "data")
	kill(t, dir, "volatile")
	for { // the file goes last
		if _, err := os.Stat(filepath.Join(dir, "postmaster.pid")); errors.Is(err, os.ErrNotExist) {
			break
		}
		if err := pause(t.Context(), beat); err != nil {
			t.Fatal(err)
		}
	}
	endedCleanly(t, dir)
}

// kill has another process start a server and kills that process.
func kill(t *testing.T, dir, kind string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victim+"="+dir, victim+"_KIND="+kind)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
}

func endedCleanly(t *testing.T, dir string) {
	t.Helper()
	bin, err := findBinaries(dir)
	if err != nil {
		t.Fatal(err)
	}
	state, err := exec.Command(bin.path("pg_controldata"), dir).Output()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(state), "shut down\n") {
		t.Errorf("the server did not shut down cleanly:\n%s", state)
	}
}

// beVictim starts a server, says so and waits for the end.
func beVictim(dir string) {
	s, err := Start(context.Background(), Options{Directory: dir, Volatile: os.Getenv(victim+"_KIND") == "volatile"})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	fmt.Println("ready at", s.URL())
	select {}
}
