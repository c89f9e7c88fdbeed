package web

import (
	"net/http"
	"strings"
)

// formerKeysPath is where the script that checks mails finds the company's
// certificates before the current one: slips of years ago were signed with them.
const formerKeysPath = "/former-company-keys.asc"

// formerKeys gives out the certificates before the current one that count still,
// one armor after the other; nothing if there are none.
func (s *Server) formerKeys(w http.ResponseWriter, _ *http.Request, _ *visit) error {
	var all strings.Builder
	for _, c := range s.Certifiers {
		if c.Fingerprint() == s.Certificate.Fingerprint() {
			continue
		}
		armored, err := c.Armored()
		if err != nil {
			return err
		}
		all.WriteString(armored)
	}
	w.Header().Set("Cache-Control", "public, max-age=300")
	return sendKey(w, "former-company-keys.asc", all.String())
}
