package wkd

// Reason says why a look-up brought nothing. It is stable, for catalogs of
// messages.
type Reason string

// The reasons.
const (
	NotPublished Reason = "not_published" // the directory has no certificate for the address, or there is no directory
	Unreachable  Reason = "unreachable"   // no server there answers, or not in time
	Untrusted    Reason = "untrusted"     // the server cannot prove by TLS that it is the one
	NotAllowed   Reason = "not_allowed"   // it leads to where no public directory is
	TooLarge     Reason = "too_large"     // the answer is larger than any certificate that is taken
	BadAnswer    Reason = "bad_answer"    // the server answers with something else
)

var sentences = map[Reason]string{
	NotPublished: "the mail domain publishes no certificate for this address in a Web Key Directory; upload it, or paste it",
	Unreachable:  "the mail domain's Web Key Directory does not answer; try again later, or upload the certificate",
	Untrusted:    "the mail domain's Web Key Directory has no valid TLS certificate, so nobody can say that it is the right one; upload the certificate",
	NotAllowed:   "the mail domain's Web Key Directory leads to a place that is not public; upload the certificate",
	TooLarge:     "what the mail domain's Web Key Directory publishes is larger than 1 MB; upload the certificate without other people's signatures",
	BadAnswer:    "the mail domain's Web Key Directory answers with something else than a certificate; upload the certificate",
}

// Sentence says the reason to a person, in English, with the mend.
func (r Reason) Sentence() string { return sentences[r] }

// Error is why a look-up brought nothing. It names neither the address nor the
// server.
type Error struct {
	Reason Reason
}

func (e *Error) Error() string { return "look up certificate: " + e.Reason.Sentence() }
