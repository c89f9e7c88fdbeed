package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/payseal/payseal/payroll"
)

// TestSpecimens follows what employees may say, one answer after the other, to the
// profile in which their slips come.
func TestSpecimens(t *testing.T) {
	t.Parallel()
	combined := payroll.MailProfile{Structure: "combined", Presentation: "inline"}
	nested := payroll.MailProfile{Structure: "nested", Presentation: "inline"}
	file := payroll.MailProfile{Structure: "combined", Presentation: "attachment"}
	type turn struct {
		say  payroll.Seen
		sent payroll.MailProfile // of the next test slip; zero for none
	}
	for name, test := range map[string]struct {
		turns []turn
		end   payroll.MailProfile
	}{
		"good at once":           {[]turn{{"good", payroll.MailProfile{}}}, combined},
		"no signature, then one": {[]turn{{"opened", nested}, {"good", payroll.MailProfile{}}}, nested},
		"never a signature":      {[]turn{{"opened", nested}, {"opened", payroll.MailProfile{}}}, nested},
		"attachments only":       {[]turn{{"attachments", file}, {"good", payroll.MailProfile{}}}, file},
		"attachments, and then the file opens unsigned": {[]turn{{"attachments", file}, {"opened", payroll.MailProfile{}}}, file},
		"nothing at all":            {[]turn{{"nothing", nested}, {"nothing", payroll.MailProfile{}}}, payroll.MailProfile{}},
		"nothing, then attachments": {[]turn{{"nothing", nested}, {"attachments", file}, {"good", payroll.MailProfile{}}}, file},
		"not even as an attachment": {[]turn{{"attachments", file}, {"nothing", combined}, {"good", payroll.MailProfile{}}}, combined},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newOffice(t, nil)
			v, _ := f.proven(t, kiran, "kiran@acme.example")
			v.post(t, "/en/specimen")
			tried := f.mails(t)[payroll.NoticeSpecimen].Profile
			for _, turn := range test.turns {
				a := v.post(t, "/en/specimen/seen", "seen", string(turn.say), "structure", tried.Structure, "presentation", tried.Presentation)
				sent, found := f.mails(t)[payroll.NoticeSpecimen]
				want := "/en/done"
				if turn.sent != (payroll.MailProfile{}) {
					want = "/en/specimen"
				}
				if a.to() != want || found != (want == "/en/specimen") || sent.Profile != turn.sent {
					t.Fatalf("after %q: to %q, sent %v %+v", turn.say, a.to(), found, sent.Profile)
				}
				if page := v.get(t, want); page.status != http.StatusOK || strings.Contains(page.body, "specimen.") || strings.Contains(page.body, "done.") {
					t.Errorf("%s: %d\n%s", want, page.status, mainOf(page.body))
				}
				tried = sent.Profile
			}
			if got := f.enrolee(t, kiran).Profile; got != test.end {
				t.Errorf("profile %+v, want %+v", got, test.end)
			}
		})
	}
}

func TestSpecimenNeedsAnAnswer(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	v, _ := f.proven(t, kiran, "kiran@acme.example")
	for _, seen := range []string{"", "everything", "good "} {
		a := v.post(t, "/en/specimen/seen", "seen", seen, "structure", "combined", "presentation", "inline")
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Choose one of these first") {
			t.Errorf("%q: %d", seen, a.status)
		}
	}
	if a := v.post(t, "/en/specimen/seen", "seen", "nothing", "structure", "nested", "presentation", "inline"); a.to() != "/en/specimen" {
		t.Errorf("an old answer: %d", a.status)
	}
	if e := f.enrolee(t, kiran); e.Seen != "" {
		t.Errorf("an answer that does not count was kept: %q", e.Seen)
	}
	for i := range 6 {
		want := http.StatusSeeOther
		if i == 5 {
			want = http.StatusTooManyRequests
		}
		if a := v.post(t, "/en/specimen"); a.status != want {
			t.Errorf("test slip %d: %d, want %d", i+1, a.status, want)
		}
	}
}
