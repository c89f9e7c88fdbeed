package postgres

import (
	"errors"
	"testing"

	"github.com/payseal/payseal/payroll"
)

func TestPublishedCertificate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change      func(t *testing.T, s *Store)
		domain      string
		hash        string
		published   bool
		certificate payroll.Step
	}{
		"as it is":              {execute(`select 1`), "acme.example", "hash", true, payroll.StepCertified},
		"another case":          {execute(`select 1`), "ACME.example", "hash", true, payroll.StepCertified},
		"another domain":        {execute(`select 1`), "example", "hash", false, payroll.StepCertified},
		"another hash":          {execute(`select 1`), "acme.example", "other", false, payroll.StepCertified},
		"no hash":               {execute(`update certificates set wkd_hash = ''`), "acme.example", "", false, payroll.StepCertified},
		"not certified":         {execute(`select 1`), "acme.example", "hash", false, payroll.StepPhoneChecked},
		"left":                  {execute(`update employees set left_on = current_date - 1`), "acme.example", "hash", false, payroll.StepCertified},
		"revoked":               {func(t *testing.T, s *Store) { ok(t, s.RevokeOwn(t.Context(), "7", fingerprint("A"))) }, "acme.example", "hash", false, payroll.StepCertified},
		"another address there": {func(t *testing.T, s *Store) { putEmployees(t, s, kiran("7", "new@acme.example")) }, "acme.example", "hash", false, payroll.StepCertified},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			putEmployees(t, s, kiran("7", "k@acme.example"))
			_, err := s.SubmitCertificate(t.Context(), payroll.Submission{Employee: "7", Fingerprint: fingerprint("A"), Content: []byte("A"), WKD: "hash"})
			ok(t, err)
			climb(t, s, "7", "A", payroll.StepPhoneChecked)
			if test.certificate == payroll.StepCertified {
				climb(t, s, "7", "A", payroll.StepCertified)
			}
			test.change(t, s)
			content, err := s.PublishedCertificate(t.Context(), test.domain, test.hash)
			if test.published && (err != nil || string(content) != "certified A") || !test.published && !errors.Is(err, payroll.ErrNotFound) {
				t.Errorf("%q, %v", content, err)
			}
		})
	}
}
