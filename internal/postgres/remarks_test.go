package postgres

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

// paid stores a run of one period in which these are paid those net amounts.
func paid(t testing.TB, s *Store, run payroll.Run, nets map[int]int64) payroll.RunID {
	t.Helper()
	var slips []payroll.Slip
	for i := range 20 {
		net, found := nets[i]
		if !found {
			continue
		}
		gross := payroll.Money{Minor: 2 * net, Currency: "EUR"}
		slips = append(slips, payroll.Slip{
			Employee: payroll.Employee{Number: number(i), Name: "secret name"}, Period: run.Period, PayDate: payDate, Currency: "EUR",
			Gross: &gross, Net: payroll.Money{Minor: net, Currency: "EUR"},
		})
	}
	id, err := s.CreateRun(t.Context(), run, each(slips))
	ok(t, err)
	return id
}

// runOf is a run of a month, not a supplement.
func runOf(period payroll.Period) payroll.Run {
	run := testRun()
	run.Period, run.Supplement = period, false
	return run
}

// approved brings a draft as far as a run must be for others to be compared with it.
func approved(t testing.TB, s *Store, id payroll.RunID) {
	t.Helper()
	_, err := s.pool.Exec(t.Context(), `update runs set state = 'approved', approved_by = 'approver' where id = $1`, id)
	ok(t, err)
}

// remarksIn lists a run's remarks: "variance 0001 100 250".
func remarksIn(t testing.TB, s *Store, id payroll.RunID) []string {
	t.Helper()
	remarks, err := s.AllRemarks(t.Context(), id)
	ok(t, err)
	list := []string{}
	for _, r := range remarks {
		text := string(r.Kind) + " " + string(r.Employee)
		for _, amount := range []*int64{r.Before, r.Now} {
			if amount == nil {
				text += " -"
			} else {
				text += fmt.Sprint(" ", *amount)
			}
		}
		list = append(list, text)
	}
	return list
}

func wantRemarks(t testing.TB, s *Store, id, compared payroll.RunID, want ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), remarksIn(t, s, id)); diff != "" {
		t.Errorf("remarks of run %d (-want +got):\n%s", id, diff)
	}
	if run, err := s.Run(t.Context(), id); err != nil || run.Compared != compared {
		t.Errorf("run %d is compared with %d, want %d; %v", id, run.Compared, compared, err)
	}
}

func TestRunsAreCompared(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	hire(t, s, 10)
	_, err := s.pool.Exec(t.Context(), `update employees set left_on = '2026-09-30' where number in ('0005', '0006')`)
	ok(t, err)
	september, november := payroll.Period{Year: 2026, Month: 9}, october.Next()
	first := paid(t, s, runOf(september), map[int]int64{1: 100, 2: 100, 3: 100, 4: 100, 5: 100})
	wantRemarks(t, s, first, 0)
	draft := paid(t, s, runOf(october), map[int]int64{1: 100})
	wantRemarks(t, s, draft, 0) // what nobody has approved is nothing to compare with
	approved(t, s, first)
	ok(t, s.VoidRun(t.Context(), draft, "maker", "again"))
	second := paid(t, s, runOf(october), map[int]int64{1: 121, 2: 120, 3: -100, 6: 50, 7: 70})
	wantRemarks(t, s, second, first, "variance 0003 100 -100", "variance 0001 100 121", "joiner 0006 - 50", "joiner 0007 - 70", "missing 0004 100 -", "leaver 0006 - 50")
	approved(t, s, second)

	further := runOf(october)
	further.Supplement = true
	wantRemarks(t, s, paid(t, s, further, map[int]int64{1: 5000, 8: 10}), second, "joiner 0008 - 10")

	correction := runOf(october)
	correction.Corrects, correction.Correction, correction.Supplement = second, "the hours were wrong", false
	wantRemarks(t, s, paid(t, s, correction, map[int]int64{1: 122, 2: 120}), second, "variance 0001 121 122")

	wide := runOf(november)
	wide.Variance = 100
	wantRemarks(t, s, paid(t, s, wide, map[int]int64{1: 60, 2: 241, 3: -100, 7: 70}), second, "variance 0002 120 241")
}

// TestRunsOfSeveralSources: each is compared with its own, and what is compared
// with another's says who is new and nothing of who is missing.
func TestRunsOfSeveralSources(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	hire(t, s, 10)
	from := func(period payroll.Period, source string) payroll.Run {
		run := runOf(period)
		run.Source = source
		return run
	}
	plant := paid(t, s, from(october, "plant"), map[int]int64{1: 100, 2: 100})
	approved(t, s, plant)
	office := paid(t, s, from(october, "office"), map[int]int64{3: 100, 4: 100})
	approved(t, s, office)
	wantRemarks(t, s, paid(t, s, from(october.Next(), "plant"), map[int]int64{1: 100}), plant, "missing 0002 100 -")
	wantRemarks(t, s, paid(t, s, from(october.Next(), "lab"), map[int]int64{3: 500, 5: 100}), office, "variance 0003 100 500", "joiner 0005 - 100")
	other := from(october.Next(), "lab")
	other.Currency = "USD"
	wantRemarks(t, s, paid(t, s, other, map[int]int64{9: 100}), 0)
}

// TestRunsFromBefore: a run without figures is compared with nothing.
func TestRunsFromBefore(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	hire(t, s, 3)
	old := paid(t, s, runOf(october), map[int]int64{1: 100})
	approved(t, s, old)
	_, err := s.pool.Exec(t.Context(), `update runs set totals = null, figures = null where id = $1`, old)
	ok(t, err)
	wantRemarks(t, s, paid(t, s, runOf(october.Next()), map[int]int64{1: 900, 2: 100}), old)
	if _, err := s.Totals(t.Context(), old); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("totals: %v", err)
	}
	if _, err := s.Figures(t.Context(), old); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("figures: %v", err)
	}
}

func TestTotalsAndFigures(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	hire(t, s, 3)
	id := paid(t, s, runOf(october), map[int]int64{0: 100, 2: 250})
	totals, err := s.Totals(t.Context(), id)
	gross := int64(700)
	if diff := cmp.Diff(payroll.Totals{Headcount: 2, Gross: &gross, Net: 350}, totals); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	figures, err := s.Figures(t.Context(), id)
	if err != nil || len(figures) != 2 || figures[1].Employee != "0002" || *figures[1].Gross != 500 {
		t.Errorf("%+v, %v", figures, err)
	}
	_, err = s.pool.Exec(t.Context(), `update runs set figures = totals, totals = figures where id = $1`, id)
	ok(t, err)
	if _, err := s.Totals(t.Context(), id); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("figures open as totals: %v", err)
	}
	other := paid(t, s, runOf(october.Next()), map[int]int64{0: 1})
	_, err = s.pool.Exec(t.Context(), `update runs set totals = (select totals from runs where id = $2) where id = $1`, id, other)
	ok(t, err)
	if _, err := s.Totals(t.Context(), id); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("another run's totals open: %v", err)
	}
}

// TestEverythingMustHaveBeenSeen: where names are proven, a run is not submitted
// before each remark and twin is acknowledged.
func TestEverythingMustHaveBeenSeen(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	hire(t, s, 6)
	_, err := s.pool.Exec(t.Context(), `update employees set name = 'Kiran A' where number in ('0004', '0005')`)
	ok(t, err)
	before := paid(t, s, runOf(october), map[int]int64{1: 100, 2: 100, 4: 100, 5: 100})
	approved(t, s, before)
	id := paid(t, s, runOf(october.Next()), map[int]int64{1: 900, 3: 100, 4: 100, 5: 800})
	twins, err := s.Twins(t.Context(), id)
	if err != nil || len(twins) == 0 {
		t.Fatalf("twins are found at import: %v, %v", twins, err)
	}
	submit := func() error { return s.SubmitRun(t.Context(), id, "maker", true) }
	for name, see := range map[string]func() error{
		"nothing":  func() error { return nil },
		"one kind": func() error { return s.AcknowledgeKind(t.Context(), id, payroll.RemarkVariance, "maker", "looked") },
		"one person": func() error {
			return s.AcknowledgeRemarks(t.Context(), id, payroll.RemarkJoiner, []payroll.EmployeeNumber{number(3)}, "maker", "looked")
		},
		"a pair": func() error { return s.AcknowledgePair(t.Context(), id, twins[0].Twin, "maker", "looked") },
	} {
		ok(t, see())
		if err := submit(); !errors.Is(err, payroll.ErrWrongState) {
			t.Errorf("with %s seen: %v", name, err)
		}
	}
	ok(t, s.Acknowledge(t.Context(), id, []payroll.EmployeeNumber{number(2)}, "maker", "left"))
	if err := s.AcknowledgePair(t.Context(), id, payroll.Twin{}, "maker", "all"); err != nil && !errors.Is(err, payroll.ErrNotFound) {
		t.Error(err)
	}
	counts, err := s.RemarkCounts(t.Context(), id)
	ok(t, err)
	if want := (payroll.RemarkCount{All: 2}); counts[payroll.RemarkVariance] != want {
		t.Errorf("counts %+v", counts)
	}
	ok(t, submit())
	remarks, err := s.Remarks(t.Context(), id, payroll.RemarkQuery{Kind: payroll.RemarkVariance})
	if err != nil || remarks[0].AcknowledgedBy != "maker" || remarks[0].Note != "looked" {
		t.Errorf("%+v, %v", remarks, err)
	}
	approved(t, s, id)
	if err := s.AcknowledgeRemarks(t.Context(), id, payroll.RemarkVariance, []payroll.EmployeeNumber{number(1)}, "approver", "another note"); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("what was said is changed after the approval: %v", err)
	}
	unseen := paid(t, s, runOf(october.Next().Next()), map[int]int64{1: 1})
	if err := s.SubmitRun(t.Context(), unseen, "maker", false); err != nil {
		t.Errorf("where names are not proven: %v", err)
	}
	if err := s.AcknowledgeKind(t.Context(), unseen, payroll.RemarkLeaver, "maker", "x"); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("there is none of that kind: %v", err)
	}
}

// TestTwinsAreLookedForAgain: at submission those that are new are added, and
// what was acknowledged stays.
func TestTwinsAreLookedForAgain(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	hire(t, s, 4)
	rename := func(name string, numbers ...string) {
		_, err := s.pool.Exec(t.Context(), `update employees set name = $1 where number = any($2)`, name, numbers)
		ok(t, err)
	}
	sameNames := func(id payroll.RunID) (list []string) {
		twins, err := s.Twins(t.Context(), id)
		ok(t, err)
		for _, twin := range twins {
			if twin.Kind == payroll.TwinSameName {
				list = append(list, strings.Join([]string{string(twin.First), string(twin.Second), string(twin.AcknowledgedBy)}, " "))
			}
		}
		return list
	}
	rename("Kiran A", "0000", "0001")
	id := paid(t, s, runOf(october), map[int]int64{0: 1, 1: 1, 2: 1, 3: 1})
	if got := sameNames(id); len(got) != 1 || got[0] != "0000 0001 " {
		t.Fatalf("at import %q", got)
	}
	ok(t, s.AcknowledgePair(t.Context(), id, payroll.Twin{}, "maker", "looked"))
	rename("Noor B", "0002", "0003")
	ok(t, s.SubmitRun(t.Context(), id, "maker", false))
	if diff := cmp.Diff([]string{"0000 0001 maker", "0002 0003 "}, sameNames(id)); diff != "" {
		t.Errorf("at submission (-want +got):\n%s", diff)
	}
}

func TestRemarksInPages(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	hire(t, s, 12)
	before, now := map[int]int64{}, map[int]int64{}
	for i := range 12 {
		before[i], now[i] = 100, 200+int64(i/3)*100 // three of each weight
	}
	approved(t, s, paid(t, s, runOf(october), before))
	id := paid(t, s, runOf(october.Next()), now)
	var seen []string
	var after payroll.EmployeeNumber
	for {
		page, err := s.Remarks(t.Context(), id, payroll.RemarkQuery{Kind: payroll.RemarkVariance, After: after, Limit: 5})
		ok(t, err)
		if len(page) == 0 {
			break
		}
		for _, r := range page {
			seen, after = append(seen, string(r.Employee)), r.Employee
		}
	}
	if diff := cmp.Diff(strings.Fields("0009 0010 0011 0006 0007 0008 0003 0004 0005 0000 0001 0002"), seen); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// A remark that was moved to another person does not open.
	_, err := s.pool.Exec(t.Context(), `update remarks set figures = (select figures from remarks where run = $1 and employee = '0001' and kind = 'variance') where run = $1 and employee = '0002'`, id)
	ok(t, err)
	if _, err := s.AllRemarks(t.Context(), id); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("a moved remark: %v", err)
	}
}

func TestSamples(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	hire(t, s, 1)
	if err := s.SendSample(t.Context(), "maker"); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("an admin who is no employee: %v", err)
	}
	_, err := s.pool.Exec(t.Context(), `update admins set employee = '0000' where name = 'maker'`)
	ok(t, err)
	ok(t, s.SendSample(t.Context(), "maker"))
	var kinds []string
	ok(t, s.pool.QueryRow(t.Context(), `select array_agg(kind || ' ' || employee) from notices where kind = 'specimen'`).Scan(&kinds))
	if len(kinds) != 1 || kinds[0] != "specimen 0000" {
		t.Errorf("notices %q", kinds)
	}
}

// months makes two years of runs with thousands of remarks and twins each, and
// many people who upload.
const months = `
	insert into runs (id, state, period, pay_date, currency, file_sha256, imported_by, approved_by, source) overriding system value
		select 1000 + i, 'complete', to_char(date '2024-01-01' + i * interval '1 month', 'YYYY-MM'), '2026-01-31', 'EUR', repeat('a', 64), 'maker', 'approver', 'plant'
		from generate_series(1, 24) i;
	insert into remarks (run, kind, employee, weight) select 1000 + i, 'variance', 'F' || e, e from generate_series(1, 24) i, generate_series(1, 1000) e;
	insert into twins (run, kind, first, second) select 1000 + i, 'same_name', 'F' || e, 'G' || e from generate_series(1, 24) i, generate_series(1, 500) e;
	insert into admins (name, roles) select 'a' || i, '{maker}' from generate_series(1, 500) i;
	insert into uploads (id, kind, name, data_key, sha256, size, by_admin) select gen_random_uuid(), 'payroll', 'x', '', '', 0, 'a' || i from generate_series(1, 500) i, generate_series(1, 4);
	insert into upload_parts select id, p, '' from uploads, generate_series(0, 3) p;
	insert into employees (number, name, email) select 'F' || i, 'x', 'f' || i || '@acme.example' from generate_series(1, 5000) i;
	analyze`

// TestUploadsAndRemarksGoByIndex: whatever the pages of an upload and of a draft
// ask can be answered by looking up a few rows.
func TestUploadsAndRemarksGoByIndex(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	hire(t, s, 4)
	_, err := s.pool.Exec(t.Context(), months)
	ok(t, err)
	_, err = s.pool.Exec(t.Context(), `update runs set state = 'draft' where id = 1003`)
	ok(t, err)
	u := uploaded(t, s, "a.csv", []byte("x")) // which counts all there are: they are few
	heard := listen(t, &s.pool)
	for _, ask := range []func() error{
		func() error { return third(s.Upload(t.Context(), u.ID, "maker")) },
		func() error { return third(s.Uploads(t.Context(), "maker")) },
		func() error { return third(s.UploadContent(t.Context(), u)) },
		func() error { return s.PutReading(t.Context(), u.ID, "maker", []byte(`{}`)) },
		func() error { return s.DeleteUpload(t.Context(), u.ID, "maker") },
		func() error { return third(s.Twins(t.Context(), 1003)) },
		func() error { return third(s.RemarkCounts(t.Context(), 1003)) },
		func() error { return third(s.TwinCount(t.Context(), 1003)) },
		func() error {
			return s.AcknowledgeRemarks(t.Context(), 1003, "variance", []payroll.EmployeeNumber{"F7"}, "maker", "x")
		},
		func() error { return third(s.NamesOf(t.Context(), []payroll.EmployeeNumber{"F7", "F8"})) },
	} {
		ok(t, ask())
	}
	_, _ = s.RunOfUpload(t.Context(), u.ID, "maker")                                                      // there is none
	_, _ = s.Remarks(t.Context(), 1003, payroll.RemarkQuery{Kind: "variance", After: "F900", Limit: 100}) // which have no figures
	seen := heard.taken()
	if len(seen) < 14 {
		t.Errorf("only %d statements were heard", len(seen))
	}
	for sql, args := range seen {
		if verb, _, _ := strings.Cut(strings.TrimSpace(sql), " "); verb != "select" && verb != "update" && verb != "delete" {
			continue
		}
		var plan []byte
		ok(t, s.pool.QueryRow(t.Context(), `explain (format json) `+sql, args...).Scan(&plan))
		var nodes []struct{ Plan planNode }
		ok(t, json.Unmarshal(plan, &nodes))
		if table := nodes[0].Plan.scanned("uploads", "upload_parts", "remarks", "twins", "employees"); table != "" {
			t.Errorf("reads all of %s: %s\n%s", table, sql, plan)
		}
	}
}

// scanned names one of the tables of which the plan reads every row.
func (n planNode) scanned(tables ...string) string {
	if n.Type == "Seq Scan" && slices.Contains(tables, n.Table) {
		return n.Table
	}
	for _, below := range n.Plans {
		if table := below.scanned(tables...); table != "" {
			return table
		}
	}
	return ""
}
