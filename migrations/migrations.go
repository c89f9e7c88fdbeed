// Package migrations embeds the numbered SQL that shapes payseal's database:
// forward only, one transaction each. It must never hold anything else. Applied
// by internal/postgres.
package migrations

import "embed"

// Files are the migrations in the order of their numbers, in goose's format.
//
//go:embed *.sql
var Files embed.FS
