package dispatch_test

import (
	"context"
	"crypto/x509"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/dispatch"
	"github.com/payseal/payseal/internal/demo"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/keystore/wkd"
	"github.com/payseal/payseal/payroll"
)

// library is the Web Key Directory of example.com, with what its owners put there.
type library struct {
	mutex     sync.Mutex
	published map[string][]byte // by local part
	asked     []string
}

func (l *library) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	name := r.URL.Query().Get("l")
	if name == "" { // its policy file
		return
	}
	l.asked = append(l.asked, name)
	if content, found := l.published[name]; found {
		_, _ = w.Write(content)
		return
	}
	http.NotFound(w, r)
}

// visitors are the local parts that were asked for since the last time.
func (l *library) visitors() map[string]bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	names := make(map[string]bool)
	for _, name := range l.asked {
		names[name] = true
	}
	l.asked = nil
	return names
}

// open serves the library to a real client.
func (l *library) open(t testing.TB) *wkd.Client {
	t.Helper()
	server := httptest.NewTLSServer(l)
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	here := server.Listener.Addr().(*net.TCPAddr).AddrPort()
	return &wkd.Client{
		Roots: roots, Port: here.Port(), Allow: func(a netip.Addr) bool { return a.Unmap() == here.Addr().Unmap() },
		Resolve: func(_ context.Context, host string) ([]netip.Addr, error) {
			if host == "example.com" {
				return []netip.Addr{here.Addr().Unmap()}, nil
			}
			return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
		},
	}
}

// shelf gives the refresh what the program's own adapter gives it.
type shelf struct{ *household }

func (s shelf) KnownCertificates(ctx context.Context, number payroll.EmployeeNumber) ([]keystore.Known, error) {
	stored, err := s.CertificatesOf(ctx, number)
	var known []keystore.Known
	for _, c := range stored {
		known = append(known, keystore.Known{Content: c.Content, Step: c.Step, Standing: c.Standing})
	}
	return known, err
}

func (s shelf) PutRefreshed(ctx context.Context, sub payroll.Submission, by payroll.AdminName) error {
	_, err := s.PutCertificate(ctx, sub, by)
	return err
}

func (s shelf) EndUse(ctx context.Context, number payroll.EmployeeNumber, f payroll.Fingerprint, reason string, by payroll.AdminName) error {
	_, err := s.RevokeCertificate(ctx, number, f, reason, by)
	return err
}

func (h *household) refresh(directory dispatch.Directory, every time.Duration) *dispatch.Refresh {
	return &dispatch.Refresh{
		Copies: shelf{h}, Directory: directory, Certifiers: signer(h.t).Certifiers(), Every: every, PerSecond: 1000,
		Log: slog.New(slog.NewTextHandler(h.t.Output(), nil)),
	}
}

// TestRefresh: news of the very same certificate are taken over; a revocation ends
// its use; another certificate, one that is not published, and one that climbs
// change nothing.
func TestRefresh(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	people := map[payroll.EmployeeNumber]string{"1": "extended", "2": "revoked", "3": "another", "4": "absent", "5": "same", "6": "climbing"}
	keys := make(map[string]demo.Member)
	for number, name := range people {
		email := payroll.Address(name + "@example.com")
		h.hire(payroll.Employee{Number: number, Email: email})
		keys[name] = h.keyEnding(email, h.now.AddDate(0, 2, 0))
		step := payroll.StepCertified
		if name == "climbing" {
			step = payroll.StepDecryptionProven
		}
		h.enrol(number, h.certificateOf(keys[name]), step)
	}
	before := h.standings()
	extend(t, keys["extended"], 365*24*time.Hour)
	extend(t, keys["climbing"], 365*24*time.Hour)
	h.must(keys["revoked"].Secret.RevokeKey(0, "", nil))
	keys["another"] = h.keyEnding("another@example.com", h.now.AddDate(1, 0, 0))
	books := &library{published: make(map[string][]byte)}
	for _, name := range []string{"extended", "revoked", "another", "same", "climbing"} {
		armored, err := keys[name].Certificate()
		h.must(err)
		books.published[name] = armored
	}
	h.must(h.refresh(books.open(t), time.Hour).Refresh(t.Context()))

	after := h.standings()
	for name, number := range map[string]payroll.EmployeeNumber{"extended": "1", "revoked": "2", "another": "3", "absent": "4", "same": "5", "climbing": "6"} {
		changed := !cmp.Equal(before[number].Certificate, after[number].Certificate)
		if want := name == "extended" || name == "revoked"; changed != want {
			t.Errorf("%s: changed %t", name, changed)
		}
		if name != "revoked" && after[number].Fingerprint != before[number].Fingerprint {
			t.Errorf("%s: the certificate is another one", name)
		}
	}
	fresh, err := keystore.ReadCertificate(after["1"].Certificate)
	h.must(err)
	if ends := fresh.EncryptionEnds(h.now); ends.Before(h.now.AddDate(1, 0, 0)) || !fresh.CertifiedBy(signer(t).Certificate(), h.now) || after["1"].Standing != payroll.CertificateCurrent {
		t.Errorf("the extended one ends on %v, and stands as %s", ends, after["1"].Standing)
	}
	if after["2"].Fingerprint != "" {
		t.Error("the revoked one is still used")
	}
	if asked := books.visitors(); asked["climbing"] || !asked["absent"] || len(asked) != 5 {
		t.Errorf("asked for %v", asked)
	}
	acts := h.column(`select who || ' ' || act || ' ' || subject from audit where who = 'payseal' order by subject`)
	if diff := cmp.Diff([]string{"payseal keys.refresh 1", "payseal keys.revoke_use 2"}, acts); diff != "" {
		t.Error(diff)
	}
	h.must(h.refresh(books.open(t), time.Hour).Refresh(t.Context())) // another worker, within the hour
	if asked := books.visitors(); len(asked) > 0 {
		t.Errorf("a second worker asked for %v", asked)
	}
}

// standings are the certificates that count, by employee.
func (h *household) standings() map[payroll.EmployeeNumber]payroll.RosterStanding {
	h.t.Helper()
	list, err := h.RosterStandings(h.t.Context())
	h.must(err)
	standings := make(map[payroll.EmployeeNumber]payroll.RosterStanding)
	for _, s := range list {
		standings[s.Employee.Number] = s
	}
	return standings
}

// TestRefreshSpreads: over its period every certificate is asked for once, and
// not all of them in one hour.
func TestRefreshSpreads(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	const people, hours = 12, 6
	for i := range people {
		email := payroll.Address(string(rune('a'+i)) + "@example.com")
		h.hire(payroll.Employee{Number: number(i), Email: email})
		h.enrol(number(i), h.certificateOf(h.keyEnding(email, h.now.AddDate(1, 0, 0))), payroll.StepCertified)
	}
	books := &library{}
	client, begin := books.open(t), h.now
	asked, busiest := make(map[string]int), 0
	for hour := range hours {
		h.now = begin.Add(time.Duration(hour) * time.Hour)
		h.must(h.refresh(client, hours*time.Hour).Refresh(t.Context()))
		names := books.visitors()
		busiest = max(busiest, len(names))
		for name := range names {
			asked[name]++
		}
	}
	for i := range people {
		if n := asked[string(rune('a'+i))]; n != 1 {
			t.Errorf("one was asked for in %d hours", n)
		}
	}
	if busiest == people {
		t.Error("all were asked for in one hour")
	}
}
