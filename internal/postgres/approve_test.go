package postgres

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/payseal/payseal/payroll"
)

// submittedRun brings a run of n slips to the approver.
func submittedRun(t testing.TB, s *Store, n int) payroll.RunID {
	t.Helper()
	hire(t, s, n)
	return submitted(t, s, n)
}

func submitted(t testing.TB, s *Store, n int) payroll.RunID {
	t.Helper()
	id, err := s.CreateRun(t.Context(), testRun(), each(testSlips(n)))
	if err == nil {
		err = s.SubmitRun(t.Context(), id, "maker", false)
	}
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func inspect1(t testing.TB, s *Store, id payroll.RunID) payroll.Inspection {
	t.Helper()
	found, err := s.FreshInspection(t.Context(), id, "l", payroll.Freeze{})
	ok(t, err)
	return found
}

func stateOf(t testing.TB, s *Store, id payroll.RunID) payroll.RunState {
	t.Helper()
	run, err := s.Run(t.Context(), id)
	ok(t, err)
	return run.State
}

// stepUp begins a visit of the admin with a fresh second factor for a purpose.
func stepUp(t testing.TB, s *Store, admin, purpose string) *payroll.StepUpUse {
	t.Helper()
	session := payroll.SecretHash(sha256.Sum256([]byte(uuid.NewString())))
	_, err := s.pool.Exec(t.Context(), `insert into admin_sessions (id_hash, admin, proof) values ($1, $2, 'passkey')`, session[:], admin)
	ok(t, err)
	_, err = s.pool.Exec(t.Context(), `insert into step_ups (session, purpose) values ($1, $2)`, session[:], purpose)
	ok(t, err)
	ok(t, s.SealAccess(t.Context()))
	return &payroll.StepUpUse{Session: session, Purpose: purpose, Fresh: payroll.StepUpFresh}
}

func TestApprovedIsWhatWasShown(t *testing.T) {
	t.Parallel()
	for what, change := range map[string]string{
		"an address":     `update employees set email = 'other@acme.example' where number = '0001'`,
		"a certificate":  `update certificates set content = content || '\x00' where employee = '0001'`,
		"no certificate": `update certificates set standing = 'revoked' where employee = '0001'`,
		"a slip":         `update slips set digest = repeat('b', 64) where employee = '0001'`,
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			id := submittedRun(t, s, 3)
			shown := inspect1(t, s, id)
			_, err := s.pool.Exec(t.Context(), change)
			ok(t, err)
			err = s.ApproveRun(t.Context(), id, "approver", payroll.Approval{Letterhead: "l", Manifest: shown.Manifest})
			if what == "a certificate" && errors.Is(err, payroll.ErrInvalid) { // which nobody can read
				err = payroll.ErrWrongState
			}
			if !errors.Is(err, payroll.ErrWrongState) || stateOf(t, s, id) != payroll.RunSubmitted {
				t.Errorf("approved although %s had changed: %v", what, err)
			}
			if now := inspect1(t, s, id); now.Manifest == shown.Manifest {
				t.Error("the manifest did not change")
			}
		})
	}
}

func TestApprovalKeepsTheManifest(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := submittedRun(t, s, 5)
	vienna, err := time.LoadLocation("Europe/Vienna")
	ok(t, err)
	notBefore := time.Now().Add(30 * time.Hour).Truncate(time.Minute).In(vienna)
	shown := inspect1(t, s, id)
	if err := s.ApproveRun(t.Context(), id, "approver", payroll.Approval{Letterhead: "m", Manifest: shown.Manifest}); !errors.Is(err, payroll.ErrWrongState) {
		t.Errorf("another letterhead: %v", err)
	}
	ok(t, s.ApproveRun(t.Context(), id, "approver", payroll.Approval{Letterhead: "l", Manifest: shown.Manifest, NotBefore: notBefore}))
	run, err := s.Run(t.Context(), id)
	ok(t, err)
	if run.Manifest != shown.Manifest || run.ApprovedAt == nil || run.NotBefore == nil || !run.NotBefore.Equal(notBefore) || run.NotBefore.Location().String() != "Europe/Vienna" {
		t.Errorf("the run keeps %+v", run)
	}
	if after := inspect1(t, s, id); after.Manifest != shown.Manifest {
		t.Error("approving changes what the manifest is of")
	}
	entries := auditOf(t, s, "run.approve")
	if len(entries) != 1 || entries[0].Detail["manifest"] != shown.Manifest || !strings.Contains(entries[0].Detail["not_before"], "Europe/Vienna") {
		t.Errorf("the audit log says %+v", entries)
	}
	err = s.SendRun(t.Context(), id, "operator", time.Hour, 10)
	if !errors.Is(err, payroll.ErrWrongState) || !strings.Contains(err.Error(), payroll.ZoneMoment(notBefore)) {
		t.Errorf("sent before its time: %v", err)
	}
	if runs, err := s.ApprovedRuns(t.Context(), payDate); err != nil || len(runs) != 0 {
		t.Errorf("a schedule finds %v (%v)", runs, err)
	}
	_, err = s.pool.Exec(t.Context(), `update runs set not_before = clock_timestamp() - interval '1 second'`)
	ok(t, err)
	ok(t, s.SendRun(t.Context(), id, "operator", time.Hour, 10))
}

func auditOf(t testing.TB, s *Store, act string) []payroll.AuditEntry {
	t.Helper()
	var entries []payroll.AuditEntry
	ok(t, s.WalkAudit(t.Context(), 1, func(e payroll.AuditEntry) error {
		if e.What == act {
			entries = append(entries, e)
		}
		return nil
	}))
	return entries
}

func TestProvenApprovalWantsTheSampleOpened(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	ok(t, s.CreateAdmin(t.Context(), payroll.Admin{Name: "other", Roles: []payroll.Role{payroll.RoleApprover}}, "operator"))
	id := submittedRun(t, s, 12)
	_, err := s.pool.Exec(t.Context(), `delete from twins where (first, second) <> ('0000', '0001')`) // they all have one certificate
	ok(t, err)
	shown := inspect1(t, s, id)
	if len(shown.Sample) != payroll.SampleRandom+2 {
		t.Fatalf("the sample is %v", shown.Sample)
	}
	approval := payroll.Approval{Letterhead: "l", Manifest: shown.Manifest, Proven: true}
	for i, by := range []payroll.AdminName{"other", "approver"} {
		for _, n := range shown.Sample {
			if err := s.ApproveRun(t.Context(), id, "approver", approval); !errors.Is(err, payroll.ErrWrongState) {
				t.Errorf("approved with the sample not opened: %v", err)
			}
			_, err := s.Slip(t.Context(), id, n, by)
			ok(t, err)
		}
		opened, err := s.Openings(t.Context(), id, "approver")
		ok(t, err)
		if want := i * len(shown.Sample); len(opened) != want {
			t.Errorf("the approver opened %v, want %d", opened, want)
		}
	}
	_, err = s.Slip(t.Context(), id, shown.Sample[0], "unnamed") // is no admin, and leaves no opening
	ok(t, err)
	if err := s.ApproveRun(t.Context(), id, "approver", payroll.Approval{Letterhead: "l", Proven: true}); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("approved without a manifest: %v", err)
	}
	ok(t, s.ApproveRun(t.Context(), id, "approver", approval))
}

func TestStepUpGoesWithTheApproval(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := submittedRun(t, s, 2)
	shown := inspect1(t, s, id)
	use := stepUp(t, s, "approver", "/runs/1/approve#"+shown.Manifest)
	has := func(use *payroll.StepUpUse) bool {
		has, err := s.HasStepUp(t.Context(), use.Session, use.Purpose, use.Fresh)
		ok(t, err)
		return has
	}
	approval := payroll.Approval{Letterhead: "l", Manifest: "other", StepUp: use}
	if err := s.ApproveRun(t.Context(), id, "approver", approval); !errors.Is(err, payroll.ErrWrongState) || !has(use) {
		t.Errorf("what was refused took the second factor: %v, %v", err, has(use))
	}
	approval.Manifest, approval.StepUp = shown.Manifest, &payroll.StepUpUse{Session: use.Session, Purpose: "/runs/1/approve", Fresh: use.Fresh}
	if err := s.ApproveRun(t.Context(), id, "approver", approval); !errors.Is(err, payroll.ErrNotFound) || stateOf(t, s, id) != payroll.RunSubmitted {
		t.Errorf("approved with a second factor for something else: %v", err)
	}
	approval.StepUp = use
	ok(t, s.ApproveRun(t.Context(), id, "approver", approval))
	if has(use) {
		t.Error("the second factor was not used up")
	}
}

// TestFiftyApproveAtOnce: one is done, with one second factor; the others are too
// late, and keep theirs.
func TestFiftyApproveAtOnce(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := submittedRun(t, s, 20)
	shown := inspect1(t, s, id)
	purpose := fmt.Sprintf("/runs/%d/approve#%s", id, shown.Manifest)
	tabs := []*payroll.StepUpUse{stepUp(t, s, "approver", purpose), stepUp(t, s, "approver", purpose)}
	answers := make([]error, 50)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			answers[i] = s.ApproveRun(t.Context(), id, "approver", payroll.Approval{Letterhead: "l", Manifest: shown.Manifest, StepUp: tabs[i%len(tabs)]})
		})
	}
	all.Wait()
	done := 0
	for _, err := range answers {
		switch {
		case err == nil:
			done++
		case !errors.Is(err, payroll.ErrWrongState):
			t.Errorf("one of fifty was told %v", err)
		}
	}
	var left int
	ok(t, s.pool.QueryRow(t.Context(), `select count(*) from step_ups`).Scan(&left))
	if done != 1 || left != 1 || len(auditOf(t, s, "run.approve")) != 1 {
		t.Errorf("%d of fifty approved, %d second factors are left, %d entries in the audit log", done, left, len(auditOf(t, s, "run.approve")))
	}
}

// TestNobodyDecidesTheirOwn, whatever their roles were and become.
func TestNobodyDecidesTheirOwn(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for _, name := range []payroll.AdminName{"eve", "fay"} {
		ok(t, s.CreateAdmin(t.Context(), payroll.Admin{Name: name, Roles: payroll.Roles}, "operator"))
	}
	hire(t, s, 1)
	run := testRun()
	run.ImportedBy = "eve"
	id, err := s.CreateRun(t.Context(), run, each(testSlips(1)))
	ok(t, err)
	ok(t, s.SubmitRun(t.Context(), id, "fay", false))
	refused := func(by payroll.AdminName, why string) {
		t.Helper()
		for act, err := range map[string]error{
			"approve": s.ApproveRun(t.Context(), id, by, payroll.Approval{Letterhead: "l"}),
			"reject":  s.RejectRun(t.Context(), id, by, "no"),
		} {
			if !errors.Is(err, payroll.ErrNotAllowed) || stateOf(t, s, id) != payroll.RunSubmitted {
				t.Errorf("%s could %s: %s (%v)", by, act, why, err)
			}
		}
	}
	refused("eve", "imported it")
	refused("fay", "submitted it")
	refused("maker", "is no approver")
	roles := func(name string, roles ...string) {
		t.Helper()
		_, err := s.pool.Exec(t.Context(), `update admins set roles = $2 where name = $1`, name, roles)
		ok(t, err)
	}
	roles("eve", "approver")
	refused("eve", "imported it when they were something else")
	roles("approver", "auditor")
	refused("approver", "was an approver")
	roles("approver", "approver")
	_, err = s.pool.Exec(t.Context(), `update admins set disabled_at = now() where name = 'approver'`)
	ok(t, err)
	refused("approver", "is disabled")
	_, err = s.pool.Exec(t.Context(), `update admins set disabled_at = null where name = 'approver'`)
	ok(t, err)
	ok(t, s.RejectRun(t.Context(), id, "approver", "no"))
}

func TestRejectedCanBeImportedAgain(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	hire(t, s, 1)
	run := testRun()
	id, err := s.CreateRun(t.Context(), run, each(testSlips(1)))
	ok(t, err)
	ok(t, s.SubmitRun(t.Context(), id, "maker", false))
	reason := "the <b>bonus</b> of ٣ people, =cmd|' /C calc'!A0"
	ok(t, s.RejectRun(t.Context(), id, "approver", reason))
	rejected, err := s.RejectedRuns(t.Context(), "maker", 5)
	ok(t, err)
	if len(rejected) != 1 || rejected[0].Reason != reason || rejected[0].Slips != 1 {
		t.Errorf("the maker sees %+v", rejected)
	}
	if others, err := s.RejectedRuns(t.Context(), "operator", 5); err != nil || len(others) != 0 {
		t.Errorf("somebody else sees %+v (%v)", others, err)
	}
	again, err := s.CreateRun(t.Context(), run, each(testSlips(1)))
	ok(t, err)
	ok(t, s.SubmitRun(t.Context(), again, "maker", false))
	waiting, err := s.SubmittedRuns(t.Context())
	ok(t, err)
	if len(waiting) != 1 || waiting[0].ID != again || waiting[0].SubmittedAt == nil {
		t.Errorf("what waits is %+v", waiting)
	}
}

// TestAwaitedRuns: what a schedule found waiting goes when its time has come, and
// nothing else by itself.
func TestAwaitedRuns(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := submittedRun(t, s, 1)
	at := time.Now().Add(time.Hour)
	ok(t, s.ApproveRun(t.Context(), id, "approver", payroll.Approval{Letterhead: "l", NotBefore: at}))
	rule, err := payroll.ParseMonthlyRule("25", "none", "08:00", "UTC")
	ok(t, err)
	ok(t, s.CreateRule(t.Context(), payroll.ScheduleRule{Name: "payday", Action: payroll.ActionSend, Monthly: rule}, "operator"))
	awaited := func() []payroll.RunID {
		runs, err := s.AwaitedRuns(t.Context())
		ok(t, err)
		ids := []payroll.RunID{}
		for _, r := range runs {
			ids = append(ids, r.ID)
		}
		return ids
	}
	set := func(sql string) {
		t.Helper()
		_, err := s.pool.Exec(t.Context(), sql)
		ok(t, err)
	}
	waits, err := s.WaitsForItsTime(t.Context(), payDate)
	ok(t, err)
	if !waits {
		t.Error("the run does not wait")
	}
	set(`update runs set approved_at = now() - interval '3 hours', not_before = now() - interval '1 minute'`)
	if got := awaited(); len(got) != 0 {
		t.Errorf("no schedule came by, and %v are to go", got)
	}
	set(`insert into schedule_due (rule, period, due_at, state, done_at) select id, '2026-10', now() - interval '1 hour', 'done', now() - interval '1 hour' from schedule_rules`)
	if diff := cmp.Diff([]payroll.RunID{id}, awaited()); diff != "" {
		t.Error(diff)
	}
	set(`update runs set approved_at = now() - interval '10 minutes'`)
	if got := awaited(); len(got) != 0 {
		t.Errorf("the schedule came before the approval, and %v are to go", got)
	}
	set(`update runs set approved_at = now() - interval '3 hours', pay_date = '2026-11-01'`)
	if got := awaited(); len(got) != 0 {
		t.Errorf("the schedule was another month's, and %v are to go", got)
	}
}
