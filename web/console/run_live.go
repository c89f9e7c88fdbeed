package console

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/payseal/payseal/payroll"
)

const (
	liveEvery   = time.Second      // how often a run that somebody watches is looked at
	beatEvery   = 15 * time.Second // a sign of life, for whatever stands between
	standsEvery = 5 * time.Second  // how often it is asked whether a watcher's visit goes on
	maxWatchers = 500              // of one process, of all runs
	maxOneWatch = 25               // of these by one admin, who keeps nobody else from watching
	paceOver    = 2 * time.Minute  // over how long the rate is taken
	writeWithin = 10 * time.Second // for one event
)

// liveView is the part of a run's page that moves. It is the same for whoever
// watches.
type liveView struct {
	State    payroll.RunState
	Chip     Chip
	Progress Progress
	Stats    []Stat
	Bar      template.HTML
	At       time.Time
}

// streams reports whether a run in this state may still move.
func streams(state payroll.RunState) bool {
	return slices.Contains([]payroll.RunState{payroll.RunApproved, payroll.RunSending, payroll.RunPaused, payroll.RunIncomplete}, state)
}

// liveView shows where a run stands, with the pace of the last minutes.
func (s *Server) liveView(now payroll.Progress, pace pace) liveView {
	all, settled := now.All(), now.Settled()
	text := fmt.Sprintf("%s of %s", count(settled), count(all))
	if left := pace.left(now.Left()); now.State == payroll.RunSending && left > 0 {
		text += ", about " + spanWords(left) + " left"
	}
	v := liveView{
		State: now.State, Chip: runChip(now.State), At: now.At,
		Progress: Progress{ID: "run-progress", Label: "Settled, or waiting for a person", Done: settled, All: all, Text: text},
		Bar:      runBar(fmt.Sprintf("Slips of run %d by state", now.Run), now.Counts, false),
	}
	if now.Started() {
		v.Stats = liveStats(now, pace)
	}
	if all > 0 {
		v.Progress.Said = percentWords(settled * 100 / all)
	}
	return v
}

func liveStats(now payroll.Progress, pace pace) []Stat {
	c := now.Counts
	waiting := c[payroll.SlipHeld] + c[payroll.SlipUnsure]
	bad := c[payroll.SlipRefused] + c[payroll.SlipBounced]
	stats := []Stat{
		{Name: "Accepted by the relay", Value: count(c[payroll.SlipAccepted]), Icon: "check", Tone: ToneGood, Href: runPath(now.Run, "slips") + "?state=accepted"},
		{Name: "On the way", Value: count(now.Left()), Icon: "send"},
		{Name: "Wait for a person", Value: count(waiting), Icon: "hand", Hint: "held or unsure"},
		{Name: "Refused or bounced", Value: count(bad), Icon: "cross"},
	}
	if waiting > 0 {
		stats[2].Tone = ToneWarn
	}
	if bad > 0 {
		stats[3].Tone = ToneBad
	}
	if now.State == payroll.RunSending {
		stats = append(stats, Stat{Name: "Rate", Value: count(pace.perMinute()), Unit: "a minute", Icon: "pulse"})
	}
	return stats
}

// spanWords is a span of time as people say it.
func spanWords(d time.Duration) string {
	switch {
	case d < 90*time.Second:
		return "a minute"
	case d < 90*time.Minute:
		return plural(int((d+30*time.Second)/time.Minute), "minute")
	}
	return plural(int((d+30*time.Minute)/time.Hour), "hour")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return count(n) + " " + what + "s"
}

// pace is how fast slips are settled.
type pace struct {
	slips int
	over  time.Duration
}

// perMinute is the rate; 0 where nothing has been settled.
func (p pace) perMinute() int {
	if p.over < time.Second {
		return 0
	}
	return int(time.Duration(p.slips) * time.Minute / p.over)
}

// left is how long so many slips take at this pace; 0 where nobody can know.
func (p pace) left(slips int) time.Duration {
	if p.slips <= 0 || p.over < time.Second {
		return 0
	}
	return p.over / time.Duration(p.slips) * time.Duration(slips)
}

// live looks at the runs that somebody watches: once for all who watch the same
// one. Its zero value is ready.
type live struct {
	mu       sync.Mutex
	watches  map[payroll.RunID]*watch
	samples  map[payroll.RunID][]payroll.Progress // of the last minutes, the oldest first
	watchers int
	by       map[payroll.AdminName]int // of the watchers
	closed   chan struct{}             // made with the first use; closed with the server
	over     bool
}

// watch is one run that is watched.
type watch struct {
	watchers int
	stop     context.CancelFunc
	changed  chan struct{} // closed when there is something newer
	frame    liveFrame
	err      error
}

// liveFrame is what is sent to whoever watches.
type liveFrame struct {
	state   payroll.RunState
	encoded []byte // nil before the first look
}

// see keeps where a run stands, for its pace, which it returns.
func (l *live) see(now payroll.Progress) pace {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.samples == nil {
		l.samples = make(map[payroll.RunID][]payroll.Progress)
	}
	if now.State != payroll.RunSending {
		delete(l.samples, now.Run)
		return pace{}
	}
	list := l.samples[now.Run]
	for len(list) > 1 && now.At.Sub(list[0].At) > paceOver {
		list = list[1:]
	}
	if len(list) == 0 || now.At.Sub(list[len(list)-1].At) >= liveEvery/2 {
		list = append(list, now)
	}
	l.samples[now.Run] = list
	first := list[0]
	if now.At.Sub(first.At) < 2*time.Second && now.StartedAt != nil { // nobody has looked yet: since it began
		return pace{now.Settled(), now.At.Sub(*now.StartedAt)}
	}
	return pace{now.Settled() - first.Settled(), now.At.Sub(first.At)}
}

// done is closed when the server shuts down.
func (l *live) done() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ending()
}

func (l *live) ending() chan struct{} {
	if l.closed == nil {
		l.closed = make(chan struct{})
	}
	return l.closed
}

// close ends every stream, so that the server can shut down.
func (l *live) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.over {
		l.over = true
		close(l.ending())
	}
	for _, w := range l.watches {
		w.stop()
	}
}

// watch joins those who watch the run; look is asked for it again and again until
// the last one has left.
func (l *live) watch(ctx context.Context, run payroll.RunID, by payroll.AdminName, look func(context.Context) (liveFrame, error)) (leave func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over || l.watchers >= maxWatchers || l.by[by] >= maxOneWatch {
		return nil, payroll.ErrTooMany
	}
	if l.watches == nil {
		l.watches, l.by = make(map[payroll.RunID]*watch), make(map[payroll.AdminName]int)
	}
	w := l.watches[run]
	if w == nil {
		ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
		w = &watch{stop: stop, changed: make(chan struct{})}
		l.watches[run] = w
		go l.poll(ctx, w, look)
	}
	w.watchers++
	l.watchers++
	l.by[by]++
	return func() { l.leave(run, by, w) }, nil
}

func (l *live) leave(run payroll.RunID, by payroll.AdminName, w *watch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.watchers--
	if l.by[by]--; l.by[by] == 0 {
		delete(l.by, by)
	}
	if w.watchers--; w.watchers == 0 {
		w.stop()
		if l.watches[run] == w {
			delete(l.watches, run)
		}
	}
}

// now is what was last seen of a run that is watched, and what is closed when
// there is something newer.
func (l *live) now(run payroll.RunID) (frame liveFrame, changed <-chan struct{}, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.watches[run]
	return w.frame, w.changed, w.err
}

// poll looks at a run until it is stopped, and tells the watchers of what is new.
func (l *live) poll(ctx context.Context, w *watch, look func(context.Context) (liveFrame, error)) {
	ticker := time.NewTicker(liveEvery)
	defer ticker.Stop()
	for {
		within, cancel := context.WithTimeout(ctx, 10*time.Second)
		frame, err := look(within)
		cancel()
		l.mu.Lock()
		if ctx.Err() == nil && (err != nil || !bytes.Equal(frame.encoded, w.frame.encoded)) {
			w.frame, w.err = frame, err
			close(w.changed)
			w.changed = make(chan struct{})
		}
		l.mu.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// lookAtRun is one look, drawn.
func (s *Server) lookAtRun(ctx context.Context, id payroll.RunID) (liveFrame, error) {
	now, err := s.Desk.RunProgress(ctx, id)
	if err != nil {
		return liveFrame{}, err
	}
	view := s.liveView(now, s.live.see(now))
	view.At = time.Time{} // what has not changed is not sent again
	var html bytes.Buffer
	if err := s.pages["run"]().ExecuteTemplate(&html, "run-live", view); err != nil {
		return liveFrame{}, fmt.Errorf("render progress: %w", err)
	}
	encoded, err := json.Marshal(map[string]any{"state": now.State, "said": view.Progress.Said, "html": html.String(), "end": !streams(now.State)})
	return liveFrame{now.State, encoded}, err
}

// runEvents streams a run's progress (server-sent events, HTML Living Standard
// §9.2), until the run or the visit ends or the server shuts down.
func (s *Server) runEvents(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := runOf(r)
	if err != nil {
		return err
	}
	if _, err := s.Desk.Run(r.Context(), id); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/event-stream")
	if r.Method == http.MethodHead {
		return nil // there is nothing to wait for
	}
	leave, err := s.live.watch(r.Context(), id, v.admin.Name, func(ctx context.Context) (liveFrame, error) { return s.lookAtRun(ctx, id) })
	if err != nil {
		return err
	}
	defer leave()
	out := &eventStream{w: w, control: http.NewResponseController(w)}
	if err := out.control.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	w.Header().Set("X-Accel-Buffering", "no") // nginx would wait for more
	w.WriteHeader(http.StatusOK)
	_ = s.stream(r.Context(), out, id, v) // nobody is left to tell
	return nil
}

// stream sends until something ends it.
func (s *Server) stream(ctx context.Context, out *eventStream, id payroll.RunID, v *visit) error {
	beat, stands := time.NewTicker(beatEvery), time.NewTicker(standsEvery)
	defer beat.Stop()
	defer stands.Stop()
	ending := s.live.done()
	if err := out.send("retry: 3000\n\n"); err != nil {
		return err
	}
	for {
		frame, changed, err := s.live.now(id)
		switch {
		case err != nil:
			return out.send("event: trouble\ndata: \n\n")
		case frame.encoded != nil:
			if err := out.event("progress", frame.encoded); err != nil || !streams(frame.state) {
				return err
			}
		}
		if err := s.idle(ctx, out, v, changed, ending, beat.C, stands.C); err != nil {
			return err
		}
	}
}

// errStreamOver ends a stream.
var errStreamOver = errors.New("the stream is over")

// idle waits for something new; an error ends the stream.
func (s *Server) idle(ctx context.Context, out *eventStream, v *visit, changed, ending <-chan struct{}, beat, stands <-chan time.Time) error {
	for {
		select {
		case <-changed:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-ending:
			return errStreamOver
		case <-beat:
			if err := out.send(": alive\n\n"); err != nil {
				return err
			}
		case <-stands:
			goesOn, err := s.Desk.VisitStands(ctx, v.secret, payroll.AdminSessionLimits)
			if err != nil {
				return err
			}
			if !goesOn {
				_ = out.event("bye", []byte("{}"))
				return errStreamOver
			}
		}
	}
}

// eventStream writes events, each within a time of its own.
type eventStream struct {
	w       io.Writer
	control *http.ResponseController
}

func (e *eventStream) event(name string, data []byte) error {
	return e.send("event: " + name + "\ndata: " + strings.ReplaceAll(string(data), "\n", " ") + "\n\n")
}

func (e *eventStream) send(text string) error {
	if err := e.control.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := io.WriteString(e.w, text); err != nil {
		return err
	}
	return e.control.Flush()
}
