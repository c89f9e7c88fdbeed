// Package web is the form in which employees enrol their OpenPGP certificate and
// look after it: pages, sessions, and the company's Web Key Directory. It works
// without JavaScript but for what a secret key does in the browser (making one,
// signing, checking a mail). It must never link the sending side: what is to be
// mailed is written down as a notice, and a worker sends it. No secret key of the
// company and no amount ever comes here. Read [Server] and [Desk] first.
package web
