package smtptest

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"slices"
	"strings"
	"time"
)

// gate gives every accepted connection its wire.
type gate struct {
	net.Listener
	relay *Relay
}

// Accept waits for a connection.
func (g *gate) Accept() (net.Conn, error) {
	conn, err := g.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if g.relay.options.RoundTrip > 0 {
		conn = newFarConn(conn, g.relay.options.RoundTrip)
	}
	return g.relay.newWire(conn), nil
}

// wire is a connection as go-smtp sees it: plain text, one command a read. It
// terminates TLS, edits the list of extensions and makes faults happen. Only
// the goroutine of its go-smtp connection uses it, but for raw.
type wire struct {
	net.Conn // where bytes go: raw, or TLS on it
	raw      net.Conn
	relay    *Relay
	number   int
	in       *bufio.Reader
	out      []byte // answers not yet written
	feed     []byte // what go-smtp reads next
	body     []byte // kept between messages of a sink
	scratch  bytes.Buffer

	at         Command // the command that go-smtp is answering
	recipients []string
	ehlo       []string // lines of the answer to EHLO so far
	secure     bool
	greeted    bool
	inData     bool   // go-smtp said 354
	inAuth     bool   // go-smtp said 334
	reply      *Fault // strikes the next answer
	takes      bool   // the message that ends now counts as taken
	swallow    bool   // a message that go-smtp knows nothing of is coming
	sunk       []byte // the message that ends now, in a sink
}

func (r *Relay) newWire(raw net.Conn) *wire {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.connections++
	w := &wire{Conn: raw, raw: raw, relay: r, number: r.connections, at: Connect}
	if r.options.TLS == Implicit {
		w.Conn, w.secure = tls.Server(raw, r.tls), true
	}
	w.in = bufio.NewReaderSize(w.Conn, 64<<10)
	r.open[w] = struct{}{}
	return w
}

// Close ends the connection.
func (w *wire) Close() error {
	w.flush()
	w.relay.mu.Lock()
	delete(w.relay.open, w)
	w.relay.mu.Unlock()
	return w.Conn.Close()
}

// Read gives go-smtp its next command or the body of a message.
func (w *wire) Read(p []byte) (int, error) {
	for len(w.feed) == 0 {
		if !w.hasLine() {
			w.flush()
		}
		if err := w.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, w.feed)
	w.feed = w.feed[n:]
	return n, nil
}

func (w *wire) hasLine() bool {
	buffered, _ := w.in.Peek(w.in.Buffered())
	return bytes.IndexByte(buffered, '\n') >= 0
}

func (w *wire) next() error {
	if w.inData {
		return w.readBody()
	}
	line, err := w.in.ReadBytes('\n')
	if err != nil {
		return err
	}
	if w.inAuth {
		w.feed = line
		return nil
	}
	return w.command(line)
}

// command lets a command through to go-smtp, or deals with it here.
func (w *wire) command(line []byte) error {
	text := strings.TrimRight(string(line), "\r\n")
	w.at = commandOf(text)
	switch w.at {
	case Mail:
		w.recipients = w.recipients[:0]
	case Rcpt:
		w.recipients = append(w.recipients, pathOf(text))
	}
	if w.at == Auth {
		w.relay.noted("AUTH")
	} else {
		w.relay.noted(text)
	}
	if w.in.Buffered() > 0 && slices.Contains(w.relay.options.Hide, "PIPELINING") {
		w.out = append(w.out, "554 5.5.0 Improper use of SMTP command pipelining\r\n"...)
		return w.cut()
	}
	if fault, strikes := w.relay.fault(w.at, w.recipients); strikes {
		if passes, err := w.strike(fault); !passes {
			return err
		}
	}
	if w.at == Secure && w.relay.options.TLS == StartTLS && !w.secure {
		return w.startTLS()
	}
	w.feed = line
	return nil
}

// strike makes a fault happen at a command. Passes says that go-smtp is to see
// the command all the same.
func (w *wire) strike(f Fault) (passes bool, err error) {
	switch f.Do {
	case Stall:
		w.flush()
		w.relay.stall()
		return true, nil
	case Split:
		w.reply = &f
		return true, nil
	case Garbage:
		w.out = append(w.out, garbage...)
		return false, nil
	case Answer:
		w.out = append(w.out, f.Reply+"\r\n"...)
		if strings.HasPrefix(f.Reply, "421") {
			return false, w.cut()
		}
		w.swallow = w.at == Data && strings.HasPrefix(f.Reply, "354")
		w.inData = w.swallow
		return false, nil
	}
	return false, w.cut()
}

const garbage = "\x00lorem ipsum\xff\r\n"

func (w *wire) startTLS() error {
	w.out = append(w.out, "220 2.0.0 Ready to start TLS\r\n"...)
	w.flush()
	secured := tls.Server(w.raw, w.relay.tls)
	if err := secured.Handshake(); err != nil {
		_ = w.raw.Close()
		return io.EOF
	}
	w.Conn, w.secure = secured, true
	w.in = bufio.NewReaderSize(secured, 64<<10)
	return nil
}

// readBody takes a message up to its final dot off the wire.
func (w *wire) readBody() error {
	body := w.body[:0]
	for {
		if _, err := w.in.Peek(1); err != nil {
			return err
		}
		if len(body) == 0 {
			if fault, strikes := w.relay.fault(Body, w.recipients); strikes {
				if passes, err := w.strike(fault); !passes {
					return err
				}
			}
		}
		chunk, _ := w.in.Peek(w.in.Buffered())
		from := max(0, len(body)-4)
		body = append(body, chunk...)
		end := bodyEnd(body, from)
		if end < 0 {
			_, _ = w.in.Discard(len(chunk))
			continue
		}
		_, _ = w.in.Discard(len(chunk) - (len(body) - end))
		w.ended(body[:end])
		return nil
	}
}

// bodyEnd is the length of a body with its final dot line, or -1. The bytes
// before from have been searched already.
func bodyEnd(body []byte, from int) int {
	if bytes.HasPrefix(body, []byte(".\r\n")) {
		return 3
	}
	if i := bytes.Index(body[from:], []byte("\r\n.\r\n")); i >= 0 {
		return from + i + 5
	}
	return -1
}

// ended decides what becomes of a message and hands it to go-smtp.
func (w *wire) ended(body []byte) {
	w.inData, w.at, w.takes = false, Dot, true
	if fault, strikes := w.relay.fault(Dot, w.recipients); strikes {
		w.reply = &fault
		w.takes = fault.Taken || fault.Do == Split
	}
	if w.swallow {
		w.swallow = false
		w.out = append(w.out, "554 5.5.1 No valid recipients\r\n"...)
		return
	}
	if !w.relay.options.Sink {
		w.feed = bytes.Clone(body)
		return
	}
	w.body = body
	w.sunk = unstuffed(body[:len(body)-3])
	w.feed = []byte(".\r\n")
}

// unstuffed takes the second dot out of lines that begin with two.
func unstuffed(body []byte) []byte {
	if !bytes.HasPrefix(body, []byte("..")) && !bytes.Contains(body, []byte("\r\n..")) {
		return body
	}
	return bytes.TrimPrefix(bytes.ReplaceAll(append([]byte("\r\n"), body...), []byte("\r\n.."), []byte("\r\n.")), []byte("\r\n"))
}

// Write takes one line of an answer from go-smtp.
func (w *wire) Write(line []byte) (int, error) {
	if !w.greeted {
		w.greeted = true
		if fault, strikes := w.relay.fault(Connect, nil); strikes {
			w.reply = &fault
		}
	}
	w.inData = bytes.HasPrefix(line, []byte("354"))
	w.inAuth = bytes.HasPrefix(line, []byte("334"))
	if w.reply != nil {
		return len(line), w.spoil(line)
	}
	if w.at == Hello && len(line) > 3 {
		w.hello(string(line))
		return len(line), nil
	}
	w.out = append(w.out, line...)
	return len(line), nil
}

// spoil gives a line of an answer the fault that waits for it.
func (w *wire) spoil(line []byte) error {
	fault := *w.reply
	last := len(line) < 4 || line[3] == ' '
	if last {
		w.reply = nil
	}
	switch fault.Do {
	case Drop:
		return w.cut()
	case Stall:
		w.flush()
		w.relay.stall()
		w.out = append(w.out, line...)
	case Garbage:
		w.out = append(w.out, garbage...)
	case Answer:
		w.out = append(w.out, fault.Reply+"\r\n"...)
		if strings.HasPrefix(fault.Reply, "421") {
			return w.cut()
		}
	case Split:
		w.flush()
		for i := range line {
			if _, err := w.Conn.Write(line[i : i+1]); err != nil {
				return err
			}
		}
	}
	return nil
}

// hello collects the answer to EHLO and edits its list of extensions.
func (w *wire) hello(line string) {
	w.ehlo = append(w.ehlo, strings.TrimRight(line[4:], "\r\n"))
	if line[3] == '-' {
		return
	}
	lines := slices.DeleteFunc(w.ehlo, w.hides)
	if w.relay.options.TLS == StartTLS && !w.secure && !w.hides("STARTTLS") && line[0] == '2' {
		lines = append(lines, "STARTTLS")
	}
	for i, text := range lines {
		separator := "-"
		if i == len(lines)-1 {
			separator = " "
		}
		w.out = append(w.out, line[:3]+separator+text+"\r\n"...)
	}
	w.ehlo = nil
}

func (w *wire) hides(extension string) bool {
	keyword, _, _ := strings.Cut(extension, " ")
	if keyword == "AUTH" && w.relay.options.TLS == StartTLS && !w.secure && !slices.Contains(w.relay.options.Hide, "STARTTLS") {
		return true
	}
	return keyword == "CHUNKING" || slices.Contains(w.relay.options.Hide, keyword)
}

func (w *wire) flush() {
	if len(w.out) > 0 {
		_, _ = w.Conn.Write(w.out) // a client that is gone is seen by the next read
		w.out = w.out[:0]
	}
}

// cut ends the connection without a word beyond what was said.
func (w *wire) cut() error {
	_ = w.raw.SetWriteDeadline(time.Now().Add(5 * time.Second))
	w.flush()
	_ = w.raw.Close()
	return io.EOF
}
