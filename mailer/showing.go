package mailer

// Texts can be looked at, so that a company knows what its employees will read.

// Subject is the notice's subject, without the marks of an encoding.
func (n Notice) Subject() string { return n.subject }

// Text is what the notice says.
func (n Notice) Text() string { return n.body }

// Subject is the letter's subject.
func (l CodeLetter) Subject() string { return l.subject }
