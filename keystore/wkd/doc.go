// Package wkd speaks the Web Key Directory (draft-koch-openpgp-webkey-service):
// where the certificate of a mail address is published, a client that fetches it
// from there, and the paths that whoever publishes has to answer.
//
// The address to look up comes from outside, so the client must never be led
// anywhere but to a public web server, whatever names resolve to and wherever
// they redirect. It judges nothing: what it brings is handed in like any upload.
// Read [Client] first.
package wkd
