package mailer

import "net"

// records is a socket under TLS that can hold the records of one long message back
// until they are complete, so that they leave with one write.
type records struct {
	net.Conn
	holding bool
	held    []byte
}

// Write is the socket's, or keeps for release.
func (r *records) Write(b []byte) (int, error) {
	if r.holding {
		r.held = append(r.held, b...)
		return len(b), nil
	}
	return r.Conn.Write(b)
}

// hold keeps what is written from now on. Nobody else writes until release.
func (r *records) hold() { r.holding, r.held = true, r.held[:0] }

// release writes what was held. After an error the end of it was not sent.
func (r *records) release() error {
	r.holding = false
	_, err := r.Conn.Write(r.held)
	return err
}
