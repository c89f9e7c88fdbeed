package smtptest

import (
	"math/rand/v2"
	"slices"
	"strings"
)

// Command is a moment of an SMTP session at which something can go wrong.
type Command string

// The moments. Connect is before the banner, Body after the first bytes of a
// message, Dot after the final dot. At Body only Drop, Stall and a 421 make sense.
const (
	Connect  Command = "CONNECT"
	Hello    Command = "EHLO"
	Secure   Command = "STARTTLS"
	Auth     Command = "AUTH"
	Mail     Command = "MAIL"
	Rcpt     Command = "RCPT"
	Data     Command = "DATA"
	Body     Command = "BODY"
	Dot      Command = "DOT"
	Reset    Command = "RSET"
	Quit     Command = "QUIT"
	NoOp     Command = "NOOP"
	anything Command = ""
)

// Action is what goes wrong.
type Action int

// The actions.
const (
	Drop    Action = iota // the connection is cut
	Answer                // Fault.Reply is given; after a 421 the connection is cut
	Stall                 // nothing happens until Relay.Release
	Garbage               // a line that is not SMTP
	Split                 // the right answer, byte by byte
)

// Fault is one thing that goes wrong, and when. Every condition that is set
// must hold.
type Fault struct {
	At    Command
	Do    Action
	Reply string // for Answer, without line end, such as "451 4.3.0 try later"; "354 ..." at Data takes a message to nowhere
	Taken bool   // at Dot: the message is taken all the same, only the reply suffers

	Nth       int     // only the n-th occurrence of the command at this relay, from 1; 0: every one
	Recipient string  // only in a transaction with this forward-path, from RCPT on; "": any
	Chance    float64 // only with this probability; 0: always
	Times     int     // at most so often; 0: without limit
}

// script decides when a fault strikes.
type script struct {
	faults []Fault
	struck []int // per fault
	seen   map[Command]int
	random *rand.Rand
}

func (s *script) match(at Command, recipients []string) (Fault, bool) {
	if s.seen == nil {
		s.seen = make(map[Command]int)
	}
	s.seen[at]++
	for len(s.struck) < len(s.faults) {
		s.struck = append(s.struck, 0)
	}
	for i, f := range s.faults {
		if f.At == at && s.strikes(f, s.struck[i], recipients) {
			s.struck[i]++
			return f, true
		}
	}
	return Fault{}, false
}

func (s *script) strikes(f Fault, struck int, recipients []string) bool {
	switch {
	case f.Nth != 0 && f.Nth != s.seen[f.At],
		f.Times != 0 && struck >= f.Times,
		f.Recipient != "" && !slices.ContainsFunc(recipients, func(r string) bool { return strings.EqualFold(r, f.Recipient) }):
		return false
	}
	return f.Chance == 0 || s.random.Float64() < f.Chance
}

// commandOf names the command of a line.
func commandOf(line string) Command {
	verb, _, _ := strings.Cut(strings.TrimSpace(line), " ")
	switch verb = strings.ToUpper(verb); verb {
	case "EHLO", "HELO":
		return Hello
	case "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "RSET", "QUIT", "NOOP":
		return Command(verb)
	}
	return anything
}

// pathOf is the address between the angle brackets of a MAIL or RCPT line.
func pathOf(line string) string {
	_, rest, _ := strings.Cut(line, "<")
	path, _, _ := strings.Cut(rest, ">")
	return path
}
