package postgres

import "github.com/payseal/payseal/web"

// The form's desk is this database.
var _ web.Desk = (*Store)(nil)
