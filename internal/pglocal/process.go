package pglocal

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"
)

// process is the server as a child of ours.
type process struct {
	pid   int
	child *os.Process
	done  chan struct{} // closed when it has ended

	drained chan struct{} // closed when its last message has been read
	mu      sync.Mutex
	lines   []string // its last messages
}

// spawn starts the child. One goroutine, bound to one thread, both starts it and
// waits for it: Linux sends the parent's death signal when the thread that
// started the child ends, and Go ends idle threads as it likes only when they
// are not held.
func spawn(cmd *exec.Cmd, log *slog.Logger) (*process, error) {
	out, in, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("run postgres: %w", err)
	}
	cmd.Stdout, cmd.Stderr = in, in
	p := &process{done: make(chan struct{}), drained: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(p.done)
		err := cmd.Start()
		if err == nil {
			p.child, p.pid = cmd.Process, cmd.Process.Pid
		}
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is in its messages
		}
	}()
	err = <-started
	_ = in.Close()
	if err != nil {
		_ = out.Close()
		return nil, fmt.Errorf("run postgres: %w", err)
	}
	go p.listen(out, log)
	return p, nil
}

// listen keeps the last messages for an error and hands all of them to the log.
func (p *process) listen(out io.ReadCloser, log *slog.Logger) {
	defer close(p.drained)
	defer out.Close()
	reader := bufio.NewReader(out)
	for {
		line, err := reader.ReadString('\n')
		if line = strings.TrimSpace(line); line != "" {
			level := slog.LevelDebug
			if strings.HasPrefix(line, "PANIC:") {
				level = slog.LevelError
			}
			log.Log(context.Background(), level, "private postgres", "message", line)
			p.mu.Lock()
			p.lines = append(p.lines[max(0, len(p.lines)-9):], line)
			p.mu.Unlock()
		}
		if err != nil {
			return
		}
	}
}

// lastWords are the server's messages after a failed start, for an error.
func (p *process) lastWords() string {
	select {
	case <-p.drained:
	case <-time.After(time.Second): // a child of the child still holds the pipe
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.lines) == 0 {
		return ""
	}
	return "; it said:\n  " + strings.Join(p.lines, "\n  ")
}
