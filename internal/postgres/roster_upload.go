package postgres

import (
	"context"
	"io"

	"github.com/payseal/payseal/payroll"
)

// StoreRosterFile seals a file of employees until it is brought into the roster,
// as StoreUpload does one of payroll.
func (s *Store) StoreRosterFile(ctx context.Context, name string, by payroll.AdminName, content io.Reader) (payroll.Upload, error) {
	return s.storeUpload(ctx, uploadRoster, name, by, content)
}

// RosterFile reads one's own file of employees, without its content.
func (s *Store) RosterFile(ctx context.Context, id string, by payroll.AdminName) (payroll.Upload, error) {
	return s.upload(ctx, uploadRoster, id, by)
}
