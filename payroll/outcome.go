package payroll

// Kind is what became of one attempt to hand a slip to the relay.
type Kind string

// The four outcomes. Accepted: the relay took responsibility (a 2xx to the
// final dot). Deferred: it surely was not delivered, and another try may work.
// Refused: the relay said no for good. Unsure: the connection died after the
// final dot and before the reply; nobody can know.
const (
	Accepted Kind = "accepted"
	Deferred Kind = "deferred"
	Refused  Kind = "refused"
	Unsure   Kind = "unsure"
)

// Outcome is the result of one attempt. It is data, never an error.
type Outcome struct {
	Kind  Kind   `json:"kind"`
	Phase string `json:"phase"` // the SMTP command that decided it: "connect", "mail", "rcpt", "data", "dot"
	Code  int    `json:"code"`  // the SMTP reply code; 0: there was no reply
	Reply string `json:"reply"` // the enhanced status code and text, with every address taken out
}
