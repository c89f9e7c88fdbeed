package mailer

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/internal/smtptest"
)

func TestProbe(t *testing.T) {
	t.Parallel()
	expires := time.Now().Add(10 * 24 * time.Hour).Truncate(time.Second).UTC()
	relay := serve(t, smtptest.Options{Username: "payseal", Password: "secret", MaxSize: 1 << 20, Expires: expires, Transcript: true})
	target := to(relay)
	target.Username, target.Password = "payseal", "secret"
	want := Report{Reachable: true, TLSVersion: "TLS 1.3", CertificateExpires: expires, Pipelining: true, DSN: true, Size: true,
		SizeLimit: 1 << 20, Mechanisms: []string{"LOGIN", "PLAIN"}, LoggedIn: true}
	if diff := cmp.Diff(want, Probe(t.Context(), target)); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	for _, line := range relay.Commands() {
		if strings.HasPrefix(line, "MAIL") || strings.HasPrefix(line, "RCPT") {
			t.Errorf("a probe said %q", line)
		}
	}
}

func TestProbeTellsTheProblem(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closedPort := closed.Addr().(*net.TCPAddr).Port
	closed.Close()
	for name, c := range map[string]struct {
		options smtptest.Options
		change  func(*Relay)
		problem string
		mend    string
	}{
		"nobody there":   {smtptest.Options{}, func(r *Relay) { r.Port = closedPort }, "refused", "relay.host"},
		"no STARTTLS":    {smtptest.Options{Hide: []string{"STARTTLS"}}, func(*Relay) {}, "STARTTLS", "offers STARTTLS"},
		"other name":     {smtptest.Options{Names: []string{"other.example"}}, func(*Relay) {}, "certificate", "relay.ca_file"},
		"turned away":    {smtptest.Options{Faults: []smtptest.Fault{answer(smtptest.Connect, "554 5.7.1 kiran@acme.example go away")}}, func(*Relay) {}, "554", "turns us away"},
		"wrong password": {smtptest.Options{Username: "payseal", Password: "other"}, func(*Relay) {}, "535", "password"},
		"login not now":  {smtptest.Options{Username: "payseal", Password: "secret", Faults: []smtptest.Fault{answer(smtptest.Auth, "454 4.7.0 later")}}, func(*Relay) {}, "454", "later"},
		"no relay":       {smtptest.Options{}, func(r *Relay) { r.Host = "" }, "host", "[relay]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := to(serve(t, c.options))
			target.Username, target.Password = "payseal", "secret"
			c.change(&target)
			got := Probe(t.Context(), target)
			if !strings.Contains(got.Problem, c.problem) || !strings.Contains(got.Mend, c.mend) || got.LoggedIn {
				t.Errorf("report %+v", got)
			}
			if strings.Contains(got.Problem, "secret") || strings.Contains(got.Problem, "kiran") {
				t.Errorf("the problem tells too much: %s", got.Problem)
			}
		})
	}
}
