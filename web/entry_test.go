package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

// plainly is what a visitor sees of an answer: all but what differs from request
// to request anyway.
func plainly(a answer) answer {
	a.header = a.header.Clone()
	for _, name := range []string{"X-Request-Id", "Date"} {
		a.header.Del(name)
	}
	return a
}

func same(t *testing.T, what string, a, b answer) {
	t.Helper()
	if diff := cmp.Diff(plainly(a), plainly(b), cmp.AllowUnexported(answer{})); diff != "" {
		t.Errorf("%s can be told apart (-one +other):\n%s", what, diff)
	}
}

// TestDeadLinksLookTheSame: unknown, used, expired and superseded.
func TestDeadLinksLookTheSame(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	invite := func() string {
		_, err := f.store.InviteEmployees(t.Context(), []payroll.EmployeeNumber{kiran}, "olga")
		must(t, err)
		return f.mails(t)[payroll.NoticeInvitation].secret
	}
	unknown := f.visitor(t).post(t, "/en/enter/"+strings.Repeat("a", 32))
	if unknown.status != http.StatusNotFound || !strings.Contains(unknown.body, "This link does not work") {
		t.Fatalf("unknown: %d\n%s", unknown.status, unknown.body)
	}
	superseded, used := invite(), invite()
	same(t, "a superseded link", unknown, f.visitor(t).post(t, "/en/enter/"+superseded))
	if a := f.visitor(t).post(t, "/en/enter/"+used); a.status != http.StatusSeeOther {
		t.Fatalf("the newest link: %d", a.status)
	}
	same(t, "a used link", unknown, f.visitor(t).post(t, "/en/enter/"+used))

	_, err := f.store.InviteEmployees(t.Context(), []payroll.EmployeeNumber{kiran}, "olga")
	must(t, err)
	notices, err := f.store.ClaimNotices(t.Context(), 1, time.Minute)
	must(t, err)
	expired, hash := payroll.NewToken()
	must(t, f.store.ArmNotice(t.Context(), notices[0].ID, hash, -time.Second))
	same(t, "an expired link", unknown, f.visitor(t).post(t, "/en/enter/"+expired))
	same(t, "a link of the other kind", unknown, f.visitor(t).post(t, "/en/confirm/"+expired))
	same(t, "a link of impossible shape", unknown, f.visitor(t).post(t, "/en/enter/"+strings.Repeat("x", 500)))
}

// TestOpeningALinkAsksNothing: programs that look into mails open every link. The
// database is not even there, and the link still counts afterwards.
func TestOpeningALinkAsksNothing(t *testing.T) {
	t.Parallel()
	v := newForm(t, nil).visitor(t) // without a Desk
	for _, kind := range []string{"enter", "confirm"} {
		known, unknown := v.get(t, "/en/"+kind+"/aaaa"), v.get(t, "/en/"+kind+"/bbbb")
		unknown.body = strings.ReplaceAll(unknown.body, "bbbb", "aaaa") // in the links to other languages
		same(t, kind, known, unknown)
		if known.status != http.StatusOK || !strings.Contains(known.body, `<form method="post"><button>`) {
			t.Errorf("%s: %d\n%s", kind, known.status, known.body)
		}
		if cookies := known.header.Values("Set-Cookie"); cookies != nil {
			t.Errorf("%s: cookies %q", kind, cookies)
		}
	}
}

// TestOnlyOneGetsIn: of many who use one link at once.
func TestOnlyOneGetsIn(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	_, err := f.store.InviteEmployees(t.Context(), []payroll.EmployeeNumber{kiran}, "olga")
	must(t, err)
	path := "/en/enter/" + f.mails(t)[payroll.NoticeInvitation].secret
	const many = 8
	visitors, statuses := make([]*visitor, many), make(chan int, many)
	for i := range visitors {
		visitors[i] = f.visitor(t)
	}
	for _, v := range visitors {
		go func() {
			response, err := v.client.Do(v.request(t, http.MethodPost, path, nil))
			if err != nil {
				statuses <- 0
				return
			}
			_ = response.Body.Close()
			statuses <- response.StatusCode
		}()
	}
	got := map[int]int{}
	for range many {
		got[<-statuses]++
	}
	if diff := cmp.Diff(map[int]int{http.StatusSeeOther: 1, http.StatusNotFound: many - 1}, got); diff != "" {
		t.Error(diff)
	}
}

// TestNobodyLearnsWhoIsKnown asks for links and codes for addresses of employees
// and of nobody.
func TestNobodyLearnsWhoIsKnown(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	for _, path := range []string{"/en/link", "/en/sign-in"} {
		var answers [2]answer
		for i, email := range []string{"kiran@acme.example", "nobody@acme.example"} {
			v := f.visitor(t)
			a := v.post(t, path, "email", email)
			for _, cookie := range a.header.Values("Set-Cookie") {
				if !strings.HasPrefix(cookie, cookieName+"=") || len(cookie) < 50 {
					t.Errorf("cookie %q", cookie)
				}
			}
			if cookies := a.header.Values("Set-Cookie"); len(cookies) > 0 {
				a.header.Set("Set-Cookie", cookies[0][len(cookieName)+1+32:])
			}
			next := v.get(t, a.to())
			for range 6 { // more than a code may be tried
				if path == "/en/sign-in" {
					tried := v.post(t, "/en/sign-in/code", "code", "AAAAA-AAAAA")
					next.body += tried.body
					next.status = 1000*next.status + tried.status
				}
			}
			answers[i] = a
			answers[i].body += next.body
			answers[i].status = 10*a.status + next.status
		}
		same(t, path, answers[0], answers[1])
	}
	sent := f.mails(t)
	if len(sent) != 1 || sent[payroll.NoticeLink].To != "kiran@acme.example" {
		t.Errorf("mails %v", sent)
	}
}

// TestNoAddressNoRequest: what is no address is answered by the form.
func TestNoAddressNoRequest(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	for _, path := range []string{"/en/link", "/en/sign-in"} {
		for _, email := range []string{"", "kiran", "<script>alert(1)</script>", "a@b\r\nBcc: c@d.example", "kirаn@acme.example"} {
			a := f.visitor(t).post(t, path, "email", email)
			if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "This is not a whole mail address") {
				t.Errorf("%s %q: %d", path, email, a.status)
			}
			if strings.Contains(a.body, "<script>") || len(a.header.Values("Set-Cookie")) > 0 {
				t.Errorf("%s %q: %v\n%s", path, email, a.header, a.body)
			}
		}
	}
	if sent := f.mails(t); len(sent) > 0 {
		t.Errorf("mails %v", sent)
	}
}

// TestSignInWithACode: sealed to the current certificate, right and wrong.
func TestSignInWithACode(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	f.proven(t, kiran, "kiran@acme.example")
	f.certify(t, kiran)
	ask := func() (*visitor, string) {
		v := f.visitor(t)
		if a := v.post(t, "/en/sign-in", "email", "Kiran@acme.example"); a.to() != "/en/sign-in/code" {
			t.Fatalf("%d %s", a.status, a.to())
		}
		return v, f.mails(t)[payroll.NoticeSignInCode].secret
	}
	v, code := ask()
	if a := v.get(t, "/en/me"); a.to() != "/en/sign-in" {
		t.Errorf("a session that waits for its code is let in: %d %s", a.status, a.to())
	}
	if a := f.visitor(t).post(t, "/en/sign-in/code", "code", code); a.to() != "/en/sign-in" {
		t.Errorf("the code without its session: %d %s", a.status, a.to())
	}
	v, code = ask()
	before := v.cookie()
	if a := v.post(t, "/en/sign-in/code", "code", code); a.to() != "/en/me" {
		t.Fatalf("%d %s\n%s", a.status, a.to(), a.body)
	}
	if v.cookie() == before {
		t.Error("the session kept its token when it was proved")
	}
	if a := v.get(t, "/en/me"); a.status != http.StatusOK {
		t.Errorf("signed in: %d", a.status)
	}
	stale := f.visitor(t)
	stale.setCookie(before)
	for _, again := range []string{code, "AAAAA-AAAAA"} {
		if a := stale.post(t, "/en/sign-in/code", "code", again); a.status != http.StatusUnprocessableEntity {
			t.Errorf("the used code: %d", a.status)
		}
	}
	v, code = ask()
	for range 5 {
		v.post(t, "/en/sign-in/code", "code", "AAAAA-AAAAA")
	}
	if a := v.post(t, "/en/sign-in/code", "code", code); a.status != http.StatusTooManyRequests {
		t.Errorf("the right code after five wrong ones: %d", a.status)
	}
}

// TestConfirmingAnAddress takes both links, each once.
func TestConfirmingAnAddress(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	must(t, f.store.RequestAddressChange(t.Context(), kiran, "kiran.a@acme.example"))
	sent := f.mails(t)
	v := f.visitor(t)
	for i, kind := range []payroll.NoticeKind{payroll.NoticeConfirmNew, payroll.NoticeConfirmOld} {
		path, want := "/en/confirm/"+sent[kind].secret, []string{"One more is needed", "Your address has changed"}[i]
		if a := v.get(t, path); a.status != http.StatusOK {
			t.Errorf("%s: %d", kind, a.status)
		}
		if a := v.post(t, path); a.status != http.StatusOK || !strings.Contains(a.body, want) {
			t.Errorf("%s: %d\n%s", kind, a.status, mainOf(a.body))
		}
		if a := v.post(t, path); a.status != http.StatusNotFound {
			t.Errorf("%s, again: %d", kind, a.status)
		}
		if a := v.post(t, "/en/enter/"+sent[kind].secret); a.status != http.StatusNotFound {
			t.Errorf("%s lets in: %d", kind, a.status)
		}
	}
	if got := f.enrolee(t, kiran).Email; got != "kiran.a@acme.example" {
		t.Errorf("address %q", got)
	}
}
