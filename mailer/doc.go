// Package mailer is the post office: it puts a sealed letter into its outer
// envelope, hands it to the relay over a pool of SMTP connections and says what
// became of it. It also writes notices, whose texts are fixed, and the letters that
// carry codes, which leave sealed only; it probes a relay for the doctor, and keeps
// to the rate that all workers share.
//
// It must never see a slip or an amount, never send anything that is neither
// sealed nor a fixed notice, never make a body out of an error, and never let a
// name or an address into an error or an outcome.
//
// Read [Message], [Company] and [Pool] first; judge in verdict.go holds the table of what
// each answer of a relay means.
package mailer
