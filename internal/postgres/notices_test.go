package postgres

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/payseal/payseal/payroll"
)

// rush calls f fifty times at once and counts how often it worked.
func rush(t *testing.T, f func() error) int {
	t.Helper()
	var won atomic.Int64
	var group errgroup.Group
	for range 50 {
		group.Go(func() error {
			switch err := f(); {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, payroll.ErrNotFound) && !errors.Is(err, payroll.ErrTooMany):
				return err
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	return int(won.Load())
}

// invite sends one employee a link.
func invite(t testing.TB, s *Store, number payroll.EmployeeNumber) payroll.SecretHash {
	t.Helper()
	_, err := s.InviteEmployees(t.Context(), []payroll.EmployeeNumber{number}, "operator")
	ok(t, err)
	link := token(t)
	deliver(t, s, postOnly(t, s, payroll.NoticeInvitation), link)
	return link
}

// candidate hands in a certificate for which a code was sent.
func candidate(t testing.TB, s *Store, number payroll.EmployeeNumber, digit string) (code payroll.SecretHash) {
	t.Helper()
	_, err := s.SubmitCertificate(t.Context(), payroll.Submission{Employee: number, Fingerprint: fingerprint(digit), Content: []byte(digit)})
	ok(t, err)
	return proof(t, s, number, digit)
}

func proof(t testing.TB, s *Store, number payroll.EmployeeNumber, digit string) (code payroll.SecretHash) {
	t.Helper()
	ok(t, s.RequestProof(t.Context(), number, fingerprint(digit)))
	code = token(t)
	deliver(t, s, postOnly(t, s, payroll.NoticeProofCode), code)
	return code
}

func enrolled(t testing.TB, s *Store, number payroll.EmployeeNumber, digit string) {
	t.Helper()
	submit(t, s, number, digit)
	climb(t, s, number, digit, payroll.StepPhoneChecked, payroll.StepCertified)
	post(t, s) // what it told
}

func TestALinkIsOpenedOnce(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	link := invite(t, s, "7")
	if n := rush(t, func() error { _, err := s.OpenLink(t.Context(), link, token(t)); return err }); n != 1 {
		t.Errorf("opened %d times", n)
	}
}

func TestACodeIsUsedOnce(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"), kiran("8", "p@acme.example"))
	code := candidate(t, s, "7", "A")
	if n := rush(t, func() error { _, err := s.Prove(t.Context(), "7", code, payroll.StepCertified); return err }); n != 1 {
		t.Errorf("proven %d times", n)
	}
	enrolled(t, s, "8", "B")
	pending := token(t)
	ok(t, s.RequestSignIn(t.Context(), "p@acme.example", pending, ""))
	code = token(t)
	deliver(t, s, postOnly(t, s, payroll.NoticeSignInCode), code)
	if n := rush(t, func() error { _, err := s.SignIn(t.Context(), pending, code, token(t)); return err }); n != 1 {
		t.Errorf("signed in %d times", n)
	}
}

// TestDeadLinks: whatever has become of a link, the answer is the same.
func TestDeadLinks(t *testing.T) {
	t.Parallel()
	for name, kill := range map[string]func(t *testing.T, s *Store){
		"another invitation": func(t *testing.T, s *Store) { invite(t, s, "7") },
		"a fresh link": func(t *testing.T, s *Store) {
			ok(t, s.RequestLink(t.Context(), "k@acme.example", ""))
			deliver(t, s, postOnly(t, s, payroll.NoticeLink), token(t))
		},
		"expired":         execute(`update notices set secret_expires_at = clock_timestamp()`),
		"another address": func(t *testing.T, s *Store) { putEmployees(t, s, kiran("7", "new@acme.example")) },
		"left long ago":   execute(`update employees set left_on = current_date - 61`),
		"used": func(t *testing.T, s *Store) {
			var hash []byte
			ok(t, s.pool.QueryRow(t.Context(), `select secret_hash from notices where secret_hash is not null`).Scan(&hash))
			_, err := s.OpenLink(t.Context(), payroll.SecretHash(hash), token(t))
			ok(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			putEmployees(t, s, kiran("7", "k@acme.example"))
			link := invite(t, s, "7")
			kill(t, s)
			_, err := s.OpenLink(t.Context(), link, token(t))
			_, unknown := s.OpenLink(t.Context(), token(t), token(t))
			if !errors.Is(err, payroll.ErrNotFound) || err.Error() != unknown.Error() {
				t.Errorf("%v, and of an unknown one %v", err, unknown)
			}
		})
	}
}

func execute(sql string) func(t *testing.T, s *Store) {
	return func(t *testing.T, s *Store) {
		t.Helper()
		_, err := s.pool.Exec(t.Context(), sql)
		ok(t, err)
	}
}

// TestAConfirmationIsNoWayIn: links of one kind do not open what another opens.
func TestAConfirmationIsNoWayIn(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	link := invite(t, s, "7")
	if _, err := s.ConfirmAddress(t.Context(), link); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("an invitation confirmed an address: %v", err)
	}
	ok(t, s.RequestAddressChange(t.Context(), "7", "new@acme.example"))
	confirm := token(t)
	deliver(t, s, postOnly(t, s, payroll.NoticeConfirmNew), confirm)
	if _, err := s.OpenLink(t.Context(), confirm, token(t)); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("a confirmation opened the form: %v", err)
	}
	if _, err := s.Prove(t.Context(), "7", confirm, payroll.StepCertified); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("a confirmation proved a certificate: %v", err)
	}
}

func TestFiveWrongCodesAreEnough(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	code := candidate(t, s, "7", "A")
	for i := range codeTries {
		if _, err := s.Prove(t.Context(), "7", token(t), payroll.StepCertified); !errors.Is(err, payroll.ErrNotFound) {
			t.Errorf("wrong code %d: %v", i+1, err)
		}
	}
	if _, err := s.Prove(t.Context(), "7", code, payroll.StepCertified); !errors.Is(err, payroll.ErrTooMany) {
		t.Errorf("the right code after five wrong ones: %v", err)
	}
	if e, err := s.Enrolee(t.Context(), "7"); err != nil || e.Proof.TriesLeft != 0 {
		t.Errorf("%+v, %v", e.Proof, err)
	}
	again := proof(t, s, "7", "A")
	if _, err := s.Prove(t.Context(), "7", code, payroll.StepCertified); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("a code of which another took the place: %v", err)
	}
	if _, err := s.Prove(t.Context(), "7", again, payroll.StepCertified); err != nil {
		t.Errorf("the second code: %v", err)
	}
}

func TestCodesThatProveNothing(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(t *testing.T, s *Store){
		"expired":           execute(`update notices set secret_expires_at = clock_timestamp() where kind = 'proof_code'`),
		"another address":   func(t *testing.T, s *Store) { putEmployees(t, s, kiran("7", "new@acme.example")) },
		"another candidate": func(t *testing.T, s *Store) { submit(t, s, "7", "B") },
		"revoked":           func(t *testing.T, s *Store) { ok(t, s.RevokeOwn(t.Context(), "7", fingerprint("A"))) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			putEmployees(t, s, kiran("7", "k@acme.example"))
			code := candidate(t, s, "7", "A")
			change(t, s)
			if _, err := s.Prove(t.Context(), "7", code, payroll.StepCertified); !errors.Is(err, payroll.ErrNotFound) {
				t.Error(err)
			}
		})
	}
}

func TestAnothersCode(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"), kiran("8", "p@acme.example"))
	code := candidate(t, s, "7", "A")
	candidate(t, s, "8", "B")
	if _, err := s.Prove(t.Context(), "8", code, payroll.StepCertified); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("the other Kiran's code: %v", err)
	}
	if _, err := s.Prove(t.Context(), "7", code, payroll.StepCertified); err != nil {
		t.Errorf("one's own code: %v", err)
	}
	if err := s.RequestProof(t.Context(), "7", fingerprint("B")); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("a code for the other Kiran's certificate: %v", err)
	}
	if err := s.RequestProof(t.Context(), "7", fingerprint("A")); !errors.Is(err, payroll.ErrWrongState) {
		t.Errorf("a code for what is proven: %v", err)
	}
}

// TestLimits: so often within an hour, and again after it.
func TestLimits(t *testing.T) {
	t.Parallel()
	profile := payroll.MailProfile{Structure: payroll.StructureNested}
	for name, test := range map[string]struct {
		limit int
		ask   func(t *testing.T, s *Store, i int) error
	}{
		"proofs": {proofsPerPeriod, func(t *testing.T, s *Store, _ int) error { return s.RequestProof(t.Context(), "7", fingerprint("A")) }},
		"specimens": {testsPerPeriod, func(t *testing.T, s *Store, _ int) error {
			return s.RequestSpecimen(t.Context(), "8", fingerprint("B"), profile)
		}},
		"addresses": {changesPerPeriod, func(t *testing.T, s *Store, _ int) error {
			return s.RequestAddressChange(t.Context(), "7", "n@acme.example")
		}},
		"reports": {reportsPerPeriod, func(t *testing.T, s *Store, _ int) error {
			return s.CreateReport(t.Context(), "7", payroll.ReportSuspicious, "words")
		}},
		"certificates": {addsPerPeriod, func(t *testing.T, s *Store, i int) error {
			_, err := s.SubmitCertificate(t.Context(), payroll.Submission{Employee: "8", Fingerprint: fingerprint(string("0123456789C"[i])), Content: []byte("x")})
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			putEmployees(t, s, kiran("7", "k@acme.example"), kiran("8", "p@acme.example"))
			candidate(t, s, "7", "A")
			enrolled(t, s, "8", "B")
			execute(`update notices set created_at = created_at - interval '1 hour'`)(t, s)
			for i := range test.limit {
				if err := test.ask(t, s, i); err != nil {
					t.Fatalf("time %d: %v", i+1, err)
				}
			}
			if err := test.ask(t, s, test.limit); !errors.Is(err, payroll.ErrTooMany) {
				t.Errorf("time %d: %v", test.limit+1, err)
			}
			execute(`update notices set created_at = created_at - interval '1 hour'`)(t, s)
			execute(`update reports set at = at - interval '1 hour'`)(t, s)
			if err := test.ask(t, s, test.limit); err != nil {
				t.Errorf("an hour later: %v", err)
			}
		})
	}
}

// TestStrangersLearnNothing: known and unknown addresses leave the same rows,
// get the same answers and the same number of tries.
func TestStrangersLearnNothing(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	enrolled(t, s, "7", "A")
	execute(`delete from notices`)(t, s)
	answers := make(map[payroll.Address][]string)
	for _, email := range []payroll.Address{"k@acme.example", "nobody@acme.example"} {
		note := func(err error) {
			text := "nil"
			if err != nil {
				text = err.Error()
			}
			answers[email] = append(answers[email], text)
		}
		for range linksPerPeriod + 2 {
			note(s.RequestLink(t.Context(), email, "de"))
		}
		pending := token(t)
		note(s.RequestSignIn(t.Context(), email, pending, "de"))
		for _, n := range post(t, s) {
			deliver(t, s, n, token(t))
		}
		for range codeTries + 2 {
			_, err := s.SignIn(t.Context(), pending, token(t), token(t))
			note(err)
		}
		_, err := s.Session(t.Context(), pending, formLimits)
		note(err)
	}
	if diff := cmp.Diff(answers["k@acme.example"], answers["nobody@acme.example"]); diff != "" {
		t.Error(diff)
	}
	for state, want := range map[string]int{"sent": linksPerPeriod + 1, "dropped": linksPerPeriod + 1} {
		var n int
		ok(t, s.pool.QueryRow(t.Context(), `select count(*) from notices where state = $1`, state).Scan(&n))
		if n != want {
			t.Errorf("%d notices are %s, want %d", n, state, want)
		}
	}
}

// TestARushOfStrangers: who asks for an address a hundred times at once sends
// nobody more mails than who asks one by one.
func TestARushOfStrangers(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	if n := rush(t, func() error { return s.RequestLink(t.Context(), "K@ACME.example", "") }); n != 50 {
		t.Errorf("%d requests were taken", n)
	}
	var claimed atomic.Int64
	var group errgroup.Group
	for range 8 {
		group.Go(func() error {
			notices, err := s.ClaimNotices(t.Context(), 3, time.Minute)
			claimed.Add(int64(len(notices)))
			return err
		})
	}
	ok(t, group.Wait())
	claimed.Add(int64(len(post(t, s))))
	if n := claimed.Load(); n < 1 || n > linksPerPeriod {
		t.Errorf("%d links would be sent", n)
	}
}

func TestNoticesAreClaimedByOne(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	var staff []payroll.Employee
	for i := range 60 {
		staff = append(staff, kiran(string(number(i)), "e"+string(number(i))+"@acme.example"))
	}
	putEmployees(t, s, staff...)
	_, err := s.InviteEmployees(t.Context(), nil, "operator")
	ok(t, err)
	seen := make(chan payroll.NoticeID, 1000)
	var group errgroup.Group
	for range 8 {
		group.Go(func() error {
			for {
				notices, err := s.ClaimNotices(t.Context(), 7, time.Minute)
				if err != nil || len(notices) == 0 {
					return err
				}
				for _, n := range notices {
					seen <- n.ID
				}
			}
		})
	}
	ok(t, group.Wait())
	close(seen)
	once := make(map[payroll.NoticeID]bool)
	for id := range seen {
		if once[id] {
			t.Error("claimed twice")
		}
		once[id] = true
	}
	if len(once) != len(staff) {
		t.Errorf("%d of %d were claimed", len(once), len(staff))
	}
	execute(`update notices set due_at = clock_timestamp()`)(t, s) // the leases are over
	if n := len(post(t, s)); n != len(staff) {
		t.Errorf("%d of %d came back", n, len(staff))
	}
}

// TestWhoWaitsGoesFirst: a code does not queue behind a thousand invitations.
func TestWhoWaitsGoesFirst(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"), kiran("8", "p@acme.example"))
	_, err := s.InviteEmployees(t.Context(), nil, "operator")
	ok(t, err)
	submit(t, s, "7", "A")
	ok(t, s.RequestProof(t.Context(), "7", fingerprint("A")))
	var kinds []payroll.NoticeKind
	for range 4 {
		notices, err := s.ClaimNotices(t.Context(), 1, time.Minute)
		ok(t, err)
		for _, n := range notices {
			kinds = append(kinds, n.Kind)
		}
	}
	want := []payroll.NoticeKind{payroll.NoticeProofCode, payroll.NoticeChange, payroll.NoticeInvitation, payroll.NoticeInvitation}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Error(diff)
	}
}

func TestWhatBecomesOfANotice(t *testing.T) {
	t.Parallel()
	later := time.Now().Add(time.Hour)
	for name, test := range map[string]struct {
		outcome payroll.Outcome
		retry   time.Time
		want    payroll.NoticeState
	}{
		"accepted":        {payroll.Outcome{Kind: payroll.Accepted}, time.Time{}, payroll.NoticeSent},
		"refused":         {payroll.Outcome{Kind: payroll.Refused, Phase: "rcpt", Code: 550}, time.Time{}, payroll.NoticeRefused},
		"tried again":     {payroll.Outcome{Kind: payroll.Deferred, Phase: "connect"}, later, payroll.NoticeQueued},
		"tried no longer": {payroll.Outcome{Kind: payroll.Deferred, Phase: "connect"}, time.Time{}, payroll.NoticeRefused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			putEmployees(t, s, kiran("7", "k@acme.example"))
			_, err := s.InviteEmployees(t.Context(), nil, "operator")
			ok(t, err)
			n := postOnly(t, s, payroll.NoticeInvitation)
			ok(t, s.FinishNotice(t.Context(), n.ID, test.outcome, test.retry))
			var state payroll.NoticeState
			var phase string
			var tries int
			var sent *time.Time
			err = s.pool.QueryRow(t.Context(), `select state, phase, tries, sent_at from notices`).Scan(&state, &phase, &tries, &sent)
			ok(t, err)
			if state != test.want || tries != 1 || phase != test.outcome.Phase || (sent != nil) != (state == payroll.NoticeSent) {
				t.Errorf("%s after %d tries at %q, sent %v", state, tries, phase, sent)
			}
			if len(post(t, s)) != 0 {
				t.Error("due at once")
			}
			execute(`update notices set due_at = clock_timestamp()`)(t, s)
			if due := len(post(t, s)) == 1; due != (test.want == payroll.NoticeQueued) {
				t.Errorf("due later: %v", due)
			}
		})
	}
}

// TestMootNoticesAreDropped: nothing is sent that has lost its purpose while it
// waited, and a notice that was dropped takes no secret.
func TestMootNoticesAreDropped(t *testing.T) {
	t.Parallel()
	for name, moot := range map[string]func(t *testing.T, s *Store){
		"another address":   func(t *testing.T, s *Store) { putEmployees(t, s, kiran("7", "new@acme.example")) },
		"another candidate": func(t *testing.T, s *Store) { submit(t, s, "7", "B") },
		"revoked":           func(t *testing.T, s *Store) { ok(t, s.RevokeOwn(t.Context(), "7", fingerprint("A"))) },
		"left":              execute(`update notices set kind = 'reminder'; update employees set left_on = current_date - 61`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			putEmployees(t, s, kiran("7", "k@acme.example"))
			submit(t, s, "7", "A")
			execute(`delete from notices`)(t, s)
			ok(t, s.RequestProof(t.Context(), "7", fingerprint("A")))
			moot(t, s)
			for _, n := range post(t, s) {
				if n.Kind != payroll.NoticeChange {
					t.Errorf("a notice of kind %s is sent", n.Kind)
				}
			}
			var id payroll.NoticeID
			ok(t, s.pool.QueryRow(t.Context(), `select id::text from notices where kind <> 'change'`).Scan(&id))
			if err := s.ArmNotice(t.Context(), id, token(t), time.Hour); !errors.Is(err, payroll.ErrNotFound) {
				t.Errorf("a dropped notice was armed: %v", err)
			}
		})
	}
}

// TestAnInvitationFollowsTheAddress: it goes where the employee is reached now.
func TestAnInvitationFollowsTheAddress(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "old@acme.example"))
	_, err := s.InviteEmployees(t.Context(), nil, "operator")
	ok(t, err)
	putEmployees(t, s, kiran("7", "new@acme.example"))
	n := ofKind(post(t, s), payroll.NoticeInvitation)
	if len(n) != 1 || n[0].To != "new@acme.example" {
		t.Fatalf("%+v", n)
	}
	link := token(t)
	deliver(t, s, n[0], link)
	if _, err := s.OpenLink(t.Context(), link, token(t)); err != nil {
		t.Error(err)
	}
}

// TestAnAddressThatMovesUnderAnInvitation: what a worker is about to send to an
// address that HR has just corrected is worth nothing there, and goes to the new
// one.
func TestAnAddressThatMovesUnderAnInvitation(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "typo@stranger.example"))
	_, err := s.InviteEmployees(t.Context(), nil, "operator")
	ok(t, err)
	n := postOnly(t, s, payroll.NoticeInvitation)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	stray, link := token(t), token(t)
	if err := s.ArmNotice(t.Context(), n.ID, stray, time.Hour); !errors.Is(err, payroll.ErrWrongState) {
		t.Errorf("arm: %v", err)
	}
	if _, err := s.OpenLink(t.Context(), stray, token(t)); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("a stranger was let in: %v", err)
	}
	execute(`update notices set due_at = clock_timestamp()`)(t, s)
	n = postOnly(t, s, payroll.NoticeInvitation)
	if n.To != "k@acme.example" {
		t.Fatalf("the next try goes elsewhere: %+v", n)
	}
	deliver(t, s, n, link)
	_, err = s.OpenLink(t.Context(), link, token(t))
	ok(t, err)
}

// TestAStrangersSpelling: what is asked for in other letters goes to the address
// as HR has it.
func TestAStrangersSpelling(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	enrolled(t, s, "7", "A")
	ok(t, s.RequestLink(t.Context(), "K@acme.example", ""))
	ok(t, s.RequestSignIn(t.Context(), "K@acme.example", token(t), ""))
	for _, n := range post(t, s) {
		if n.To != "k@acme.example" {
			t.Errorf("a notice of kind %s went elsewhere", n.Kind)
		}
	}
}
