package payroll

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// good is an employee who stands exactly as was approved.
func good() (Pin, Standing) {
	pin := Pin{Digest: "d", Email: "k@acme.example", Fingerprint: "F", Subkeys: []Fingerprint{"S"}, Letterhead: "l"}
	return pin, Standing{
		Employee: Employee{Number: "7", Email: "k@acme.example"}, Digest: "d", Letterhead: "l",
		Fingerprint: "F", Subkeys: []Fingerprint{"S"}, Verified: true,
	}
}

func TestHold(t *testing.T) {
	t.Parallel()
	october := Period{2026, time.October}
	for name, test := range map[string]struct {
		change func(*Pin, *Standing)
		want   HoldReason
	}{
		"as approved":                        {func(*Pin, *Standing) {}, ""},
		"address in other capitals":          {func(_ *Pin, s *Standing) { s.Employee.Email = "K@ACME.example" }, ""},
		"tampered with":                      {func(_ *Pin, s *Standing) { s.Tampered, s.Digest, s.Employee.OnPaper = true, "e", true }, HoldTampered},
		"amount changed":                     {func(_ *Pin, s *Standing) { s.Digest = "e" }, HoldContentChanged},
		"letterhead changed":                 {func(_ *Pin, s *Standing) { s.Letterhead = "m" }, HoldLetterheadChanged},
		"address changed":                    {func(_ *Pin, s *Standing) { s.Employee.Email = "kk@acme.example" }, HoldAddressChanged},
		"certificate changed":                {func(_ *Pin, s *Standing) { s.Fingerprint = "G" }, HoldCertificateChanged},
		"subkey changed":                     {func(_ *Pin, s *Standing) { s.Subkeys = []Fingerprint{"T"} }, HoldCertificateChanged},
		"subkey gone":                        {func(_ *Pin, s *Standing) { s.Subkeys = nil }, HoldCertificateChanged},
		"certificate removed":                {func(_ *Pin, s *Standing) { s.Fingerprint = "" }, HoldNoCertificate},
		"expired":                            {func(_ *Pin, s *Standing) { s.Problem, s.Subkeys = HoldExpired, nil }, HoldExpired},
		"revoked":                            {func(_ *Pin, s *Standing) { s.Problem, s.Subkeys = HoldRevoked, nil }, HoldRevoked},
		"not verified":                       {func(_ *Pin, s *Standing) { s.Verified = false }, HoldNotVerified},
		"frozen":                             {func(_ *Pin, s *Standing) { s.Frozen = true }, HoldChangeFreeze},
		"on paper":                           {func(_ *Pin, s *Standing) { s.Employee.OnPaper = true }, HoldOnPaper},
		"twin":                               {func(_ *Pin, s *Standing) { s.TwinOpen = true }, HoldTwin},
		"left before":                        {func(_ *Pin, s *Standing) { s.Employee.Left = Date{2026, 9, 30} }, HoldLeft},
		"left in the month":                  {func(_ *Pin, s *Standing) { s.Employee.Left = Date{2026, 10, 1} }, ""},
		"what was approved before what is":   {func(_ *Pin, s *Standing) { s.Problem, s.Employee.Email = HoldExpired, "x@y.example" }, HoldAddressChanged},
		"another certificate, and a bad one": {func(_ *Pin, s *Standing) { s.Fingerprint, s.Problem = "G", HoldRevoked }, HoldCertificateChanged},
		"none then, none now":                {func(p *Pin, s *Standing) { p.Fingerprint, p.Subkeys, s.Fingerprint = "", nil, "" }, HoldNoCertificate},
		"none then, unverified now":          {func(p *Pin, s *Standing) { p.Fingerprint, p.Subkeys, s.Verified = "", nil, false }, HoldNotVerified},
		"none then, verified now":            {func(p *Pin, _ *Standing) { p.Fingerprint, p.Subkeys = "", nil }, ""},
		"none then, verified but fresh":      {func(p *Pin, s *Standing) { p.Fingerprint, p.Subkeys, s.Frozen = "", nil, true }, HoldChangeFreeze},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pin, standing := good()
			test.change(&pin, &standing)
			if got := pin.Hold(standing, october); got != test.want {
				t.Errorf("held for %q, want %q", got, test.want)
			}
		})
	}
}

func TestEveryHoldHasASentence(t *testing.T) {
	t.Parallel()
	for _, h := range []HoldReason{
		HoldNoCertificate, HoldNotVerified, HoldExpired, HoldRevoked, HoldTooWeak, HoldUnusable, HoldCertificateChanged,
		HoldAddressChanged, HoldContentChanged, HoldLetterheadChanged, HoldTwin, HoldChangeFreeze, HoldLeft, HoldOnPaper, HoldTampered,
	} {
		if h.Sentence() == "" {
			t.Errorf("%s has no sentence", h)
		}
	}
	if HoldReason("").Sentence() != "" {
		t.Error("no reason has a sentence")
	}
}

func TestAuditChain(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 10, 30, 9, 0, 0, 123456789, time.FixedZone("x", 3600))
	first := AuditEntry{Sequence: 1, At: at, Act: Act{Who: "mia", What: "run.submit", Subject: "1"}}
	first.Hash = first.Seal()
	second := AuditEntry{Sequence: 2, At: at, Act: Act{Who: "ada", What: "run.approve", Subject: "1", Detail: map[string]string{"b": "2", "a": "1"}}, Previous: first.Hash}
	second.Hash = second.Seal()
	if err := first.Follows(AuditEntry{}); err != nil {
		t.Error(err)
	}
	if err := second.Follows(first); err != nil {
		t.Error(err)
	}
	stored := second
	stored.At = at.UTC().Truncate(time.Microsecond)
	if stored.Seal() != second.Seal() {
		t.Error("storing the time changes the hash")
	}
	for name, change := range map[string]func(*AuditEntry){
		"who":      func(e *AuditEntry) { e.Who = "eve" },
		"act":      func(e *AuditEntry) { e.What = "run.reject" },
		"subject":  func(e *AuditEntry) { e.Subject = "2" },
		"detail":   func(e *AuditEntry) { e.Detail = map[string]string{"a": "1"} },
		"time":     func(e *AuditEntry) { e.At = e.At.Add(time.Microsecond) },
		"sequence": func(e *AuditEntry) { e.Sequence = 3 },
		"previous": func(e *AuditEntry) { e.Previous = strings.Repeat("0", 64) },
		"hash":     func(e *AuditEntry) { e.Hash = "" },
	} {
		changed := second
		change(&changed)
		if changed.Follows(first) == nil {
			t.Errorf("a changed %s goes unseen", name)
		}
	}
}

func TestActClean(t *testing.T) {
	t.Parallel()
	got := Act{Who: "m\xff", What: "x", Subject: "a\x00b", Detail: map[string]string{"n\xfe": "v\x00\xfd"}}.Clean()
	want := Act{Who: "m?", What: "x", Subject: "ab", Detail: map[string]string{"n?": "v?"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
