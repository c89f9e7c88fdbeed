package smtptest

import (
	"bytes"
	"io"
	"slices"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// session is what go-smtp asks about one connection.
type session struct {
	relay   *Relay
	wire    *wire
	login   bool
	message Message
}

// AuthMechanisms lists what the relay was told to offer.
func (s *session) AuthMechanisms() []string {
	switch {
	case s.relay.options.Username == "":
		return nil
	case s.relay.options.Mechanisms != nil:
		return s.relay.options.Mechanisms
	}
	return []string{sasl.Plain, sasl.Login}
}

// Auth checks a login by one of the mechanisms.
func (s *session) Auth(mechanism string) (sasl.Server, error) {
	if !slices.Contains(s.AuthMechanisms(), mechanism) {
		return nil, smtp.ErrAuthUnknownMechanism
	}
	check := func(username, password string) error {
		if username != s.relay.options.Username || password != s.relay.options.Password {
			return smtp.ErrAuthFailed
		}
		s.login = true
		return nil
	}
	if mechanism == sasl.Login {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, username, password string) error { return check(username, password) }), nil
}

// Mail begins a transaction.
func (s *session) Mail(from string, o *smtp.MailOptions) error {
	switch {
	case s.relay.options.TLS == StartTLS && !s.wire.secure && !slices.Contains(s.relay.options.Hide, "STARTTLS"):
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Must issue a STARTTLS command first"}
	case s.relay.options.Username != "" && !s.login:
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	s.message = Message{
		Connection: s.wire.number, From: from, Secure: s.wire.secure,
		EnvelopeID: o.EnvelopeID, Return: string(o.Return), SizeGiven: o.Size,
	}
	return nil
}

// Rcpt takes every recipient.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.message.To = append(s.message.To, to)
	return nil
}

// Data takes the message, unless the wire has decided otherwise.
func (s *session) Data(r io.Reader) error {
	scratch := &s.wire.scratch
	scratch.Reset()
	if _, err := scratch.ReadFrom(r); err != nil {
		return err
	}
	s.message.Data = s.wire.sunk
	if !s.relay.options.Sink {
		s.message.Data = bytes.Clone(scratch.Bytes())
	}
	if s.wire.takes {
		s.relay.took(s.message)
	}
	return nil
}

// Reset ends the transaction.
func (s *session) Reset() { s.message = Message{} }

// Logout ends the session.
func (s *session) Logout() error { return nil }

// loginServer is the server's half of AUTH LOGIN.
type loginServer struct {
	check    func(username, password string) error
	step     int
	username string
}

// Next asks for the name, then for the password.
func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	if response == nil {
		return []byte("Username:"), false, nil
	}
	if l.step++; l.step == 1 {
		l.username = string(response)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(l.username, string(response))
}
