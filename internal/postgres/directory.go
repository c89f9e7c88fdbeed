package postgres

import (
	"context"

	"github.com/payseal/payseal/payroll"
)

// PublishedCertificate reads what the Web Key Directory serves for a mail domain
// and the hash of a local part: the current, certified certificate of the employee
// who has that address and has not left. The hash was taken when the certificate
// was handed in; it is forgotten when the address changes.
func (s *Store) PublishedCertificate(ctx context.Context, domain, hash string) ([]byte, error) {
	var content []byte
	err := s.pool.QueryRow(ctx, `select c.content from certificates c join employees e on e.number = c.employee
		where c.standing = 'current' and c.wkd_hash <> '' and c.wkd_hash = $2 and c.step = $3
			and split_part(lower(e.email), '@', 2) = lower($1) and not coalesce(e.left_on < current_date, false)
		order by c.id limit 1`, domain, hash, string(payroll.StepCertified)).Scan(&content)
	return content, wrap("read published certificate", err)
}
