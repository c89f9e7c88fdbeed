// Package console is the HR console: where a payroll run is uploaded, checked,
// approved and watched, and where every slip is accounted for. Its pages follow
// the rules of payroll and of the database's transactions, and have none of their
// own.
//
// It must never send a mail or link what does: what is to be mailed is written
// down, and a worker sends it. It must never show a page that something foreign
// loads into, and never put a name, an address, an amount or a secret into a log,
// an error or a URL.
//
// Read [Server], the table in routes.go and [Desk] first.
package console
