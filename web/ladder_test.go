package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/payseal/payseal/payroll"
)

// TestTheWholeLadder walks from the invitation to the end, without a script.
func TestTheWholeLadder(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	key := newPerson(t, "Kiran A <kiran@acme.example>")
	_, err := f.store.InviteEmployees(t.Context(), []payroll.EmployeeNumber{kiran}, "olga")
	must(t, err)
	v := f.visitor(t)
	enter := "/en/enter/" + f.mails(t)[payroll.NoticeInvitation].secret
	sees(t, v.get(t, enter), http.StatusOK, `<form method="post">`)
	sees(t, leads(t, v, v.post(t, enter), "/en/certificate"), http.StatusOK, `aria-current="step"`, "Step 2 of 5", "kiran@acme.example")

	groups := payroll.Fingerprint(strings.ToUpper(hexOf(key.PrimaryKey.Fingerprint))).Grouped()
	sees(t, v.upload(t, "/en/certificate", nil, string(publicKey(t, key))), http.StatusOK,
		"Your certificate is good", "<span>"+strings.Fields(groups)[9]+"</span>", "Kiran A &lt;kiran@acme.example&gt;", "Send me the code")
	sees(t, leads(t, v, v.post(t, "/en/proof/code"), "/en/proof"), http.StatusOK, "You have 5 tries left.")
	code := f.mails(t)[payroll.NoticeProofCode].secret
	sees(t, v.post(t, "/en/proof", "code", "AAAAA-AAAAA"), http.StatusUnprocessableEntity, "This is not the code", "You have 4 tries left.")
	sees(t, leads(t, v, v.post(t, "/en/proof", "code", " "+strings.ToLower(code)+" "), "/en/call"), http.StatusOK, "number ending in 42", "Step 4 of 5")

	sees(t, leads(t, v, v.post(t, "/en/specimen"), "/en/specimen"), http.StatusOK, "What do you see", "<li><span>HR calls you</span></li>")
	if m := f.mails(t)[payroll.NoticeSpecimen]; m.Profile != (payroll.MailProfile{Structure: "combined", Presentation: "inline"}) {
		t.Errorf("the test slip has the profile %+v", m.Profile)
	}
	sees(t, leads(t, v, v.post(t, "/en/specimen/seen", "seen", "good", "structure", "combined", "presentation", "inline"), "/en/done"), http.StatusOK,
		"Your part is done", "Your test slip opened")
	f.certify(t, kiran)
	sees(t, v.get(t, "/en/done"), http.StatusOK, "You are all set")
	sees(t, v.get(t, "/en/specimen"), http.StatusOK, `<li class="done"><span>HR calls you`)
	sees(t, v.get(t, "/en/call"), http.StatusOK, "Your certificate is in use", `<li aria-current="step" class="done"><span>HR calls you`)

	leads(t, v, v.post(t, "/en/sign-out"), "/en/")
	leads(t, v, v.get(t, "/en/call"), "/en/sign-in")
}

// TestPagesAreTakenInOrder: a page that cannot be shown yet, or any more, leads
// to the one that can.
func TestPagesAreTakenInOrder(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	v := f.entered(t, kiran)
	lead := func(to string, pages ...string) {
		t.Helper()
		for _, page := range pages {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				a := v.do(t, v.request(t, method, "/en/"+page, nil))
				if a.status == http.StatusMethodNotAllowed {
					continue
				}
				if a.to() != to {
					t.Errorf("%s %s: %d to %q, want to %q", method, page, a.status, a.to(), to)
				}
			}
		}
	}
	lead("/en/certificate", "proof", "proof/code", "call", "specimen", "specimen/seen", "done")
	v.upload(t, "/en/certificate", publicKey(t, newPerson(t, "Kiran A <kiran@acme.example>")), "")
	lead("/en/proof", "call", "specimen", "specimen/seen", "done")
	v.post(t, "/en/proof/code")
	v.post(t, "/en/proof", "code", f.mails(t)[payroll.NoticeProofCode].secret)
	lead("/en/call", "proof", "proof/code")
	f.certify(t, kiran)
	lead("/en/me", "proof", "proof/code")
}

// TestWithoutPhone: whoever has no number goes to HR in person.
func TestWithoutPhone(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	v, _ := f.proven(t, kiren, "kiren@acme.example")
	if a := v.get(t, "/en/call"); !strings.Contains(a.body, "in person") || strings.Contains(a.body, "number ending") {
		t.Errorf("%d\n%s", a.status, mainOf(a.body))
	}
}

// TestLowerRequiredStep: where policy asks for no call, the code is enough.
func TestLowerRequiredStep(t *testing.T) {
	t.Parallel()
	f := newOffice(t, func(s *Server) { s.Required = payroll.StepDecryptionProven })
	v := f.entered(t, kiran)
	v.upload(t, "/en/certificate", publicKey(t, newPerson(t, "Kiran A <kiran@acme.example>")), "")
	v.post(t, "/en/proof/code")
	if a := v.post(t, "/en/proof", "code", f.mails(t)[payroll.NoticeProofCode].secret); a.to() != "/en/specimen" {
		t.Errorf("%d %q", a.status, a.to())
	}
	see := leads(t, v, v.get(t, "/en/call"), "/en/specimen")
	if strings.Contains(see.body, "HR calls you") || !strings.Contains(see.body, "Step 4 of 4") {
		t.Errorf("%d\n%s", see.status, mainOf(see.body))
	}
}

// TestTheSameAgain: an exact copy is welcome and changes nothing; a certificate
// that replaces a current one climbs beside it.
func TestTheSameAgain(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	v, key := f.proven(t, kiran, "kiran@acme.example")
	f.certify(t, kiran)
	if a := v.upload(t, "/en/certificate", publicKey(t, key), ""); a.status != http.StatusOK || !strings.Contains(a.body, "Your certificate is renewed") || !strings.Contains(a.body, `href="/en/me"`) {
		t.Errorf("%d\n%s", a.status, mainOf(a.body))
	}
	e := f.enrolee(t, kiran)
	if c, found := e.Standing(payroll.CertificateCurrent); !found || c.Step != payroll.StepCertified || len(e.Certificates) != 1 {
		t.Errorf("%+v", e.Certificates)
	}
	v.upload(t, "/en/certificate", publicKey(t, newPerson(t, "Kiran A <kiran@acme.example>")), "")
	v.post(t, "/en/proof/code")
	v.post(t, "/en/proof", "code", f.mails(t)[payroll.NoticeProofCode].secret)
	if a := v.get(t, "/en/call"); !strings.Contains(a.body, "Two people may ask") {
		t.Errorf("%d\n%s", a.status, mainOf(a.body))
	}
}
