// Package identity proves who an admin is: passwords and how guessable they are,
// one-time codes, recovery codes, passkeys, single sign-on, and how long somebody
// waits after failures. It knows no database, no page and no request; what must be
// remembered between two steps is handed out as bytes and comes back. Nothing that
// it says in an error is a secret. Read [Passkeys] and [SingleSignOn] first.
package identity
