package postgres

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

// told claims what is due and lists the changes that it tells of, sorted:
// "topic fingerprint's first digit to".
func told(t testing.TB, s *Store) []string {
	t.Helper()
	var lines []string
	for _, n := range ofKind(post(t, s), payroll.NoticeChange) {
		lines = append(lines, fmt.Sprintf("%s %.1s %s", n.Topic, n.Fingerprint, n.To))
		ok(t, s.FinishNotice(t.Context(), n.ID, payroll.Outcome{Kind: payroll.Accepted}, time.Time{}))
	}
	slices.Sort(lines)
	return lines
}

// TestEveryChangeIsTold: whoever makes it.
func TestEveryChangeIsTold(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	refresh := func(content string) {
		_, err := s.PutCertificate(t.Context(), payroll.Submission{
			Employee: "7", Fingerprint: fingerprint("A"), Content: []byte(content), Certified: true,
		}, "maker")
		ok(t, err)
	}
	for _, step := range []struct {
		name string
		do   func()
		want []string
	}{
		{"a new employee", func() {}, nil},
		{"handed in", func() { submit(t, s, "7", "A") }, []string{"certificate_submitted A k@acme.example"}},
		{"handed in again", func() { submit(t, s, "7", "A") }, nil},
		{"current", func() { climb(t, s, "7", "A", payroll.StepPhoneChecked, payroll.StepCertified) }, []string{"certificate_current A k@acme.example"}},
		{"refreshed", func() { refresh("fresh") }, []string{"certificate_refreshed A k@acme.example"}},
		{"the very same again", func() { refresh("fresh") }, nil},
		{"refreshed again within the hour", func() { refresh("fresher") }, nil},
		{"another one", func() { submit(t, s, "7", "B") }, []string{"certificate_submitted B k@acme.example"}},
		{"from one to the other and back", func() { submit(t, s, "7", "C"); submit(t, s, "7", "B"); submit(t, s, "7", "C") },
			[]string{"certificate_submitted C k@acme.example"}},
		{"revoked before it counted", func() {
			_, err := s.RevokeCertificate(t.Context(), "7", fingerprint("C"), "lost", "operator")
			ok(t, err)
		},
			[]string{"certificate_revoked C k@acme.example"}},
		{"a replaced one revoked", func() { ok(t, s.RevokeOwn(t.Context(), "7", fingerprint("B"))) }, nil},
		{"revoked", func() { ok(t, s.RevokeOwn(t.Context(), "7", fingerprint("A"))) }, []string{"certificate_revoked A k@acme.example"}},
		{"another address", func() { putEmployees(t, s, kiran("7", "new@acme.example"), kiran("8", "p@acme.example")) },
			[]string{"address_changed  k@acme.example", "address_changed  new@acme.example"}},
		{"the same in capitals", func() { putEmployees(t, s, kiran("7", "NEW@acme.example")) }, nil},
	} {
		step.do()
		if diff := cmp.Diff(step.want, told(t, s)); diff != "" {
			t.Errorf("%s: %s", step.name, diff)
		}
	}
}

// TestADryRunTellsNobody: it is rolled back with all it wrote.
func TestADryRunTellsNobody(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	_, err := s.PutEmployees(t.Context(), []payroll.Employee{kiran("7", "new@acme.example")}, "test", "maker", true)
	ok(t, err)
	if got := told(t, s); got != nil {
		t.Errorf("told %v", got)
	}
}

// TestAnImportEndsWhatStoodOnTheOldAddress: sessions, and a change that waited.
func TestAnImportEndsWhatStoodOnTheOldAddress(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"), kiran("8", "p@acme.example"))
	visit, other := token(t), token(t)
	link := invite(t, s, "7")
	_, err := s.OpenLink(t.Context(), link, visit)
	ok(t, err)
	_, err = s.OpenLink(t.Context(), invite(t, s, "8"), other)
	ok(t, err)
	ok(t, s.RequestAddressChange(t.Context(), "7", "own@acme.example"))
	confirm := token(t)
	deliver(t, s, postOnly(t, s, payroll.NoticeConfirmNew), confirm)
	putEmployees(t, s, kiran("7", "new@acme.example"), kiran("8", "p@acme.example"))
	if _, err := s.Session(t.Context(), visit, formLimits); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("the visit goes on: %v", err)
	}
	if _, err := s.Session(t.Context(), other, formLimits); err != nil {
		t.Errorf("somebody else's visit ended: %v", err)
	}
	if _, err := s.ConfirmAddress(t.Context(), confirm); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("the change was confirmed: %v", err)
	}
	if e, err := s.Enrolee(t.Context(), "7"); err != nil || e.Change != nil {
		t.Errorf("%+v, %v", e.Change, err)
	}
}

// askAddress asks for another address and returns both links.
func askAddress(t testing.TB, s *Store, number payroll.EmployeeNumber, to payroll.Address) (old, fresh payroll.SecretHash) {
	t.Helper()
	ok(t, s.RequestAddressChange(t.Context(), number, to))
	old, fresh = token(t), token(t)
	for _, n := range post(t, s) {
		switch n.Kind {
		case payroll.NoticeConfirmOld:
			deliver(t, s, n, old)
		case payroll.NoticeConfirmNew:
			if n.To != to {
				t.Errorf("the new address is asked at another")
			}
			deliver(t, s, n, fresh)
		}
	}
	return old, fresh
}

func TestAnAddressChangesByTwoConfirmations(t *testing.T) {
	t.Parallel()
	for _, order := range [][2]int{{0, 1}, {1, 0}} {
		s := newStore(t)
		putEmployees(t, s, kiran("7", "k@acme.example"), kiran("8", "p@acme.example"))
		visit := token(t)
		_, err := s.OpenLink(t.Context(), invite(t, s, "7"), visit)
		ok(t, err)
		links := [2]payroll.SecretHash{}
		links[0], links[1] = askAddress(t, s, "7", "own@acme.example")
		first, second := links[order[0]], links[order[1]]
		if done, err := s.ConfirmAddress(t.Context(), first); err != nil || done {
			t.Errorf("after the first: %v, %v", done, err)
		}
		if _, err := s.ConfirmAddress(t.Context(), first); !errors.Is(err, payroll.ErrNotFound) {
			t.Errorf("the first twice: %v", err)
		}
		if e, err := s.Enrolee(t.Context(), "7"); err != nil || e.Email != "k@acme.example" || e.Change == nil || e.Change.OldConfirmed == e.Change.NewConfirmed {
			t.Errorf("%+v, %+v, %v", e, e.Change, err)
		}
		if done, err := s.ConfirmAddress(t.Context(), second); err != nil || !done {
			t.Errorf("after the second: %v, %v", done, err)
		}
		e, err := s.Enrolee(t.Context(), "7")
		ok(t, err)
		if e.Email != "own@acme.example" || e.Change != nil {
			t.Errorf("%+v", e)
		}
		if _, err := s.Session(t.Context(), visit, formLimits); !errors.Is(err, payroll.ErrNotFound) {
			t.Errorf("a visit that the old address proved goes on: %v", err)
		}
		if diff := cmp.Diff([]string{"address_changed  k@acme.example", "address_changed  own@acme.example"}, told(t, s)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"7"}, changedAddresses(t, s)); diff != "" {
			t.Error(diff)
		}

		// HR's file does not know it yet; later it does, or says something else.
		change := putEmployees(t, s, kiran("7", "K@acme.example"), kiran("8", "p@acme.example"))
		if diff := cmp.Diff([]payroll.EmployeeNumber{"7"}, change.AddressKept); diff != "" || len(change.AddressChanged) > 0 {
			t.Errorf("%s, changed %v", diff, change.AddressChanged)
		}
		if order[0] == 0 {
			putEmployees(t, s, kiran("7", "own@acme.example"))
		}
		change = putEmployees(t, s, kiran("7", "third@acme.example"))
		if len(change.AddressKept) > 0 || len(change.AddressChanged) != 1 {
			t.Errorf("HR's own word does not count: %+v", change)
		}
	}
}

// TestAStolenAddressIsBroughtBack: HR's file has said the true one all along.
func TestAStolenAddressIsBroughtBack(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	if err := s.ForgetOwnAddress(t.Context(), "7", "maria"); !errors.Is(err, payroll.ErrWrongState) {
		t.Errorf("nothing was changed in the form: %v", err)
	}
	old, fresh := askAddress(t, s, "7", "thief@evil.example")
	for _, link := range []payroll.SecretHash{old, fresh} {
		_, err := s.ConfirmAddress(t.Context(), link)
		ok(t, err)
	}
	ok(t, s.ForgetOwnAddress(t.Context(), "7", "maria"))
	change := putEmployees(t, s, kiran("7", "k@acme.example"))
	if len(change.AddressKept) > 0 || len(change.AddressChanged) != 1 {
		t.Errorf("the file's address does not count: %+v", change)
	}
}

func TestAnAddressChangeThatIsRefused(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"), kiran("8", "p@acme.example"))
	var answers []string
	for _, to := range []payroll.Address{"P@acme.example", "K@acme.example"} {
		err := s.RequestAddressChange(t.Context(), "7", to)
		if !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("%v", err)
			continue
		}
		answers = append(answers, err.Error())
	}
	if len(answers) != 2 || answers[0] != answers[1] {
		t.Errorf("one can tell whose it is: %q", answers)
	}

	old, fresh := askAddress(t, s, "7", "own@acme.example")
	again, final := askAddress(t, s, "7", "other@acme.example")
	for _, dead := range []payroll.SecretHash{old, fresh} {
		if _, err := s.ConfirmAddress(t.Context(), dead); !errors.Is(err, payroll.ErrNotFound) {
			t.Errorf("a link of the request before: %v", err)
		}
	}
	_, err := s.ConfirmAddress(t.Context(), again)
	ok(t, err)
	putEmployees(t, s, kiran("9", "other@acme.example")) // somebody else gets it meanwhile
	if _, err := s.ConfirmAddress(t.Context(), final); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("two employees have one address: %v", err)
	}
	ok(t, s.CancelAddressChange(t.Context(), "7"))
	ok(t, s.CancelAddressChange(t.Context(), "7"))
	if _, err := s.ConfirmAddress(t.Context(), final); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("a cancelled change: %v", err)
	}
}

func TestAConfirmationIsUsedOnce(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	old, fresh := askAddress(t, s, "7", "own@acme.example")
	for _, link := range []payroll.SecretHash{old, fresh} {
		if n := rush(t, func() error { _, err := s.ConfirmAddress(t.Context(), link); return err }); n != 1 {
			t.Errorf("confirmed %d times", n)
		}
	}
}

// TestSessionsEnd: by time without a request, by time in all, when their employee
// has left long ago, and when HR revokes the certificate that opened them.
func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	enrolled(t, s, "7", "A")
	signIn := func() payroll.SecretHash {
		execute(`delete from notices`)(t, s)
		pending, inside, code := token(t), token(t), token(t)
		ok(t, s.RequestSignIn(t.Context(), "k@acme.example", pending, ""))
		deliver(t, s, postOnly(t, s, payroll.NoticeSignInCode), code)
		_, err := s.SignIn(t.Context(), pending, code, inside)
		ok(t, err)
		return inside
	}
	for name, test := range map[string]struct {
		sql  string
		goes bool
	}{
		"used a moment ago":  {`update sessions set seen_at = seen_at - interval '29 minutes', created_at = created_at - interval '11 hours'`, true},
		"not used for long":  {`update sessions set seen_at = seen_at - interval '31 minutes'`, false},
		"begun long ago":     {`update sessions set created_at = created_at - interval '12 hours'`, false},
		"tidied while fresh": {`select 1`, true},
		"has just left":      {`update employees set left_on = current_date - 60`, true},
		"left long ago":      {`update employees set left_on = current_date - 61`, false},
	} {
		execute(`update employees set left_on = null`)(t, s)
		inside := signIn()
		execute(test.sql)(t, s)
		ok(t, s.Tidy(t.Context()))
		if _, err := s.Session(t.Context(), inside, formLimits); (err == nil) != test.goes {
			t.Errorf("%s: %v", name, err)
		}
	}
	execute(`update employees set left_on = null`)(t, s)
	inside := signIn()
	_, err := s.RevokeCertificate(t.Context(), "7", fingerprint("A"), "stolen", "operator")
	ok(t, err)
	if _, err := s.Session(t.Context(), inside, formLimits); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("the thief is still there: %v", err)
	}
}

// TestACodeDiesWithItsCertificate: who has a stolen key and a code in hand cannot
// come in once the key was revoked or replaced.
func TestACodeDiesWithItsCertificate(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(t *testing.T, s *Store){
		"revoked":  func(t *testing.T, s *Store) { ok(t, s.RevokeOwn(t.Context(), "7", fingerprint("A"))) },
		"replaced": func(t *testing.T, s *Store) { enrolled(t, s, "7", "B") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			putEmployees(t, s, kiran("7", "k@acme.example"))
			enrolled(t, s, "7", "A")
			pending, code := token(t), token(t)
			ok(t, s.RequestSignIn(t.Context(), "k@acme.example", pending, ""))
			deliver(t, s, postOnly(t, s, payroll.NoticeSignInCode), code)
			end(t, s)
			if _, err := s.SignIn(t.Context(), pending, code, token(t)); !errors.Is(err, payroll.ErrNotFound) {
				t.Error(err)
			}
		})
	}
}

func TestTidy(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	invite(t, s, "7")
	ok(t, s.RequestLink(t.Context(), "nobody@acme.example", ""))
	ok(t, s.RequestLink(t.Context(), "k@acme.example", ""))
	ok(t, s.RequestSignIn(t.Context(), "nobody@acme.example", token(t), ""))
	_, err := s.CreateDigest(t.Context(), "hr@acme.example", "2026-10-30/7")
	ok(t, err)
	for _, n := range ofKind(post(t, s), payroll.NoticeLink) {
		deliver(t, s, n, token(t))
	}
	_, _ = askAddress(t, s, "7", "own@acme.example")
	count := func() map[string]int {
		counts := make(map[string]int)
		for name, sql := range map[string]string{
			"invitation": `notices where kind = 'invitation'`, "digest": `notices where kind = 'digest'`,
			"known": `notices where kind = 'link' and employee is not null`, "strangers": `notices where employee is null and kind <> 'digest'`,
			"secrets": `notices where secret_hash is not null`, "sessions": `sessions`, "changes": `address_changes`,
		} {
			var n int
			ok(t, s.pool.QueryRow(t.Context(), `select count(*) from `+sql).Scan(&n))
			counts[name] = n
		}
		return counts
	}
	before := count()
	ok(t, s.Tidy(t.Context()))
	if diff := cmp.Diff(before, count()); diff != "" || before["strangers"] != 2 || before["secrets"] != 3 {
		t.Errorf("tidied too early: %s %v", diff, before)
	}
	want := map[string]int{"invitation": 1, "digest": 1, "known": 1, "strangers": 0, "secrets": 0, "sessions": 0, "changes": 0}
	execute(`update notices set created_at = created_at - interval '4 days', secret_expires_at = secret_expires_at - interval '4 days';
		update sessions set seen_at = seen_at - interval '4 days'; update address_changes set expires_at = now()`)(t, s)
	ok(t, s.Tidy(t.Context()))
	if diff := cmp.Diff(want, count()); diff != "" {
		t.Errorf("after days: %s", diff)
	}
	want["known"] = 0
	execute(`update notices set created_at = created_at - interval '100 days'`)(t, s)
	ok(t, s.Tidy(t.Context()))
	if diff := cmp.Diff(want, count()); diff != "" {
		t.Errorf("after months: %s", diff)
	}
}
