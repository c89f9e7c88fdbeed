package mailer

import (
	"slices"

	"github.com/payseal/payseal/payroll"
)

// The phases of a transaction, as Outcome.Phase names them.
const (
	phaseConnect = "connect"
	phaseMail    = "mail"
	phaseRcpt    = "rcpt"
	phaseData    = "data" // up to the last byte before the final dot
	phaseDot     = "dot"
)

// trouble is what an answer, or the lack of one, means for the pool.
type trouble int

const (
	noTrouble trouble = iota
	lostLine          // the connection died
	pauseAll          // the relay has something against us, now: back off
	noLogin           // the relay wants a login, or another one
)

// verdict is what an answer means: for the slip and for the pool.
type verdict struct {
	kind    payroll.Kind
	trouble trouble
}

// judge says what an answer other than the wished-for one means, by phase and
// code alone:
//
//	phase  code                              slip      pool
//	any    421                               deferred  backs off, connection closed
//	any    no answer or not SMTP             deferred  connection closed
//	dot    no answer, not SMTP, or 3xx       unsure    connection closed
//	mail   4xx                               deferred  backs off
//	mail   530 534 535 538, x.7.8 x.7.9      deferred  no login: the run stops
//	mail   552, x.3.4, x.2.3                 refused   this message is too big
//	mail   other 5xx                         deferred  backs off: about us, not the recipient
//	rcpt   4xx                               deferred  goes on
//	rcpt   530 534 535 538                   deferred  no login
//	rcpt   500 502 503 504 521, x.5.y        deferred  backs off: about our commands or our name
//	rcpt   x.7.y, unless the code is 550     deferred  backs off: relaying or sender denied
//	rcpt   other 5xx                         refused   goes on
//	data   4xx                               deferred  goes on
//	data   500 502 503 504 521, x.5.y        deferred  backs off
//	data   other 5xx                         refused   goes on
//	dot    4xx                               deferred  goes on
//	dot    500 502 503 504 521               deferred  backs off
//	dot    other 5xx                         refused   goes on
//
// Relays that put off their checks of us until RCPT (Postfix does by default)
// would otherwise refuse a whole company for good because of one wrong setting.
// What codes cannot tell, the pool does: see Relay.RefusalsInARow.
func judge(phase string, r reply) verdict {
	switch {
	case r.code == 421:
		return verdict{payroll.Deferred, pauseAll}
	case r.code/100 == 4:
		if phase == phaseMail {
			return verdict{payroll.Deferred, pauseAll}
		}
		return verdict{payroll.Deferred, noTrouble}
	case r.code/100 == 5:
		return judgePermanent(phase, r)
	case phase == phaseDot:
		return verdict{payroll.Unsure, lostLine}
	}
	return verdict{payroll.Deferred, lostLine}
}

var (
	loginCodes    = []int{530, 534, 535, 538}
	protocolCodes = []int{500, 502, 503, 504, 521}
)

func judgePermanent(phase string, r reply) verdict {
	if phase != phaseDot && phase != phaseData && wantsLogin(phase, r) {
		return verdict{payroll.Deferred, noLogin}
	}
	if aboutUs(phase, r) {
		return verdict{payroll.Deferred, pauseAll}
	}
	return verdict{payroll.Refused, noTrouble}
}

func wantsLogin(phase string, r reply) bool {
	return slices.Contains(loginCodes, r.code) || phase == phaseMail && (r.enhanced == "5.7.8" || r.enhanced == "5.7.9")
}

func aboutUs(phase string, r reply) bool {
	switch {
	case phase == phaseMail:
		return r.code != 552 && r.enhanced != "5.3.4" && r.enhanced != "5.2.3"
	case slices.Contains(protocolCodes, r.code):
		return true
	case phase == phaseDot:
		return false
	case phase == phaseRcpt && r.subject() == '7':
		return r.code != 550
	}
	return r.subject() == '5'
}
