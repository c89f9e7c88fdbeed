package postgres

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

// named is an employee with a name and a department.
func named(number, name, department string) payroll.Employee {
	return payroll.Employee{Number: payroll.EmployeeNumber(number), Name: name, Department: department,
		Email: payroll.Address(strings.ReplaceAll(number, "/", "-") + "@acme.example")}
}

func numbersOf(lines []payroll.PersonLine) string {
	var numbers []string
	for _, l := range lines {
		numbers = append(numbers, string(l.Employee.Number))
	}
	return strings.Join(numbers, " ")
}

// find asks for a page and gives its numbers.
func find(t testing.TB, s *Store, q payroll.PeopleQuery) string {
	t.Helper()
	q.PeopleTerms = termsIn(t, 10)
	if q.Limit == 0 {
		q.Limit = 100
	}
	lines, _, err := s.People(t.Context(), q)
	ok(t, err)
	return numbersOf(lines)
}

func TestPeopleAreFound(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, named("A1", "Kiran Öztürk", "Sales"), named("a2", "Anna-Maria O'Brien", "Sales"), named("B/3", "किरण शर्मा", "IT"),
		named("B4", "王小明", "IT"), named("c5", "محمد علی", ""), named("C6", "Łukasz Nguyễn", "IT"), named("K7", "x'; drop table employees; -- & | ! <->", ""))
	for _, c := range []struct {
		q    payroll.PeopleQuery
		want string
	}{
		{payroll.PeopleQuery{}, "A1 B/3 B4 C6 K7 a2 c5"},
		{payroll.PeopleQuery{Number: "a"}, "A1 a2"},
		{payroll.PeopleQuery{Number: "b/"}, "B/3"},
		{payroll.PeopleQuery{Number: "%"}, ""},
		{payroll.PeopleQuery{Words: "ki"}, "A1"},
		{payroll.PeopleQuery{Words: "OZTURK kir"}, "A1"},
		{payroll.PeopleQuery{Words: "öz"}, "A1"},
		{payroll.PeopleQuery{Words: "turk"}, ""},
		{payroll.PeopleQuery{Words: "maria"}, "a2"},
		{payroll.PeopleQuery{Words: "o'brien"}, "a2"},
		{payroll.PeopleQuery{Words: "brien, anna"}, "a2"},
		{payroll.PeopleQuery{Words: "किर"}, "B/3"},
		{payroll.PeopleQuery{Words: "王小"}, "B4"},
		{payroll.PeopleQuery{Words: "علی"}, "c5"},
		{payroll.PeopleQuery{Words: "nguyen"}, "C6"},
		{payroll.PeopleQuery{Words: "drop"}, "K7"},
		{payroll.PeopleQuery{Words: "k"}, "A1 K7"}, // a name and a number
		{payroll.PeopleQuery{Words: "' & !"}, ""},
		{payroll.PeopleQuery{Words: `\'`}, ""},
		{payroll.PeopleQuery{Department: "IT"}, "B/3 B4 C6"},
		{payroll.PeopleQuery{Department: "IT", Filter: payroll.PeopleReady}, ""},
	} {
		if got := find(t, s, c.q); got != c.want {
			t.Errorf("%+v: %q, want %q", c.q, got, c.want)
		}
	}
	if _, _, err := s.People(t.Context(), payroll.PeopleQuery{Filter: "x"}); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("no filter: %v", err)
	}
	names, err := s.Departments(t.Context(), 10)
	ok(t, err)
	if diff := cmp.Diff([]string{"IT", "Sales"}, names); diff != "" {
		t.Error(diff)
	}
	renamed := named("A1", "Çelik Kiran", "Sales")
	putEmployees(t, s, renamed)
	if got := find(t, s, payroll.PeopleQuery{Words: "celik"}); got != "A1" {
		t.Errorf("by the new name: %q", got)
	}
}

func TestPeopleArePaged(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	hire(t, s, 7)
	page := func(q payroll.PeopleQuery) (string, bool) {
		q.PeopleTerms, q.Limit = termsIn(t, 10), 3
		lines, more, err := s.People(t.Context(), q)
		ok(t, err)
		return numbersOf(lines), more
	}
	for _, c := range []struct {
		q    payroll.PeopleQuery
		want string
		more bool
	}{
		{payroll.PeopleQuery{}, "0000 0001 0002", true},
		{payroll.PeopleQuery{After: "0002"}, "0003 0004 0005", true},
		{payroll.PeopleQuery{After: "0005"}, "0006", false},
		{payroll.PeopleQuery{Before: "0006"}, "0003 0004 0005", true},
		{payroll.PeopleQuery{Before: "0003"}, "0000 0001 0002", false},
		{payroll.PeopleQuery{Number: "00", After: "0003"}, "0004 0005 0006", false},
	} {
		if got, more := page(c.q); got != c.want || more != c.more {
			t.Errorf("%+v: %q, %v; want %q, %v", c.q, got, more, c.want, c.more)
		}
	}
}

// everyKind are people of whom each has another trouble; the filters and the rule
// of readiness must say the same of them.
const everyKind = `
	insert into certificates (employee, fingerprint, content, step, standing, expires_at, current_since) values
		('ready', repeat('A', 40), '', 'certified', 'current', now() + interval '1 year', now() - interval '1 year'),
		('forever', repeat('B', 40), '', 'certified', 'current', null, now() - interval '1 year'),
		('ends', repeat('C', 40), '', 'certified', 'current', now() + interval '2 days', now() - interval '1 year'),
		('moved', repeat('D', 40), '', 'certified', 'current', null, now() - interval '1 year'),
		('frozen', repeat('E', 40), '', 'certified', 'current', null, now() - interval '1 year'),
		('paper', repeat('F', 40), '', 'certified', 'current', null, now() - interval '1 year'),
		('left', repeat('1', 40), '', 'certified', 'current', null, now() - interval '1 year'),
		('low', repeat('2', 40), '', 'phone_checked', 'current', null, now() - interval '1 year'),
		('rekey', repeat('3', 40), '', 'certified', 'current', null, now() - interval '1 year');
	insert into certificates (employee, fingerprint, content, step, standing) values
		('call', repeat('4', 40), '', 'decryption_proven', 'candidate'),
		('handed', repeat('5', 40), '', 'submitted', 'candidate'),
		('proof', repeat('6', 40), '', 'submitted', 'candidate'),
		('certify', repeat('7', 40), '', 'phone_checked', 'candidate'),
		('rekey', repeat('8', 40), '', 'decryption_proven', 'candidate'),
		('gone', repeat('9', 40), '', 'submitted', 'revoked');
	insert into certificate_steps (certificate, step, by_admin) select id, 'submitted', case employee when 'handed' then 'maker' end from certificates;
	update employees set email_changed_at = now() - interval '20 days' where number = 'moved';
	update employees set email_changed_at = now() where number = 'frozen';
	update employees set on_paper = true where number = 'paper';
	update employees set left_on = current_date - 60 where number = 'left';`

func TestPeopleFilters(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	kinds := []string{"call", "certify", "ends", "forever", "frozen", "gone", "handed", "left", "low", "moved", "none", "paper", "proof", "ready", "rekey"}
	for _, kind := range kinds {
		putEmployees(t, s, named(kind, "Name of "+kind, ""))
	}
	execute(everyKind)(t, s)
	days := payroll.PayDays{Dates: []payroll.Date{payroll.DateOf(time.Now().UTC()).AddDays(10)}, Zone: time.UTC,
		Required: payroll.StepCertified, Freeze: payroll.Freeze{Days: 15, Zone: time.UTC}}
	terms := payroll.PeopleTerms{Required: days.Required, Through: days.Moment(), Since: days.Freeze.Since(days.Dates[0])}
	want := map[payroll.PeopleFilter]string{
		payroll.PeopleAll: strings.Join(kinds, " "), payroll.PeopleReady: "forever moved ready rekey", payroll.PeopleCall: "call handed rekey",
		payroll.PeopleProof: "proof", payroll.PeopleCertify: "certify", payroll.PeopleNoKey: "gone none", payroll.PeopleExpiring: "ends",
		payroll.PeopleMoved: "frozen moved", payroll.PeoplePaper: "paper", payroll.PeopleLeft: "left",
	}
	counts, err := s.CountPeople(t.Context(), terms)
	ok(t, err)
	for _, f := range payroll.PeopleFilters {
		lines, _, err := s.People(t.Context(), payroll.PeopleQuery{PeopleTerms: terms, Filter: f, Limit: 100})
		ok(t, err)
		if got := numbersOf(lines); got != want[f] || counts[f] != len(lines) {
			t.Errorf("%q: %q, counted %d; want %q", f, got, counts[f], want[f])
		}
		for _, l := range lines {
			if f == payroll.PeopleAll && !l.Employee.OnPaper && l.Employee.Left.IsZero() &&
				l.Readiness(days).Ready != slices.Contains(strings.Fields(want[payroll.PeopleReady]), string(l.Employee.Number)) {
				t.Errorf("%s: %+v", l.Employee.Number, l.Readiness(days))
			}
			if l.Call != slices.Contains(strings.Fields(want[payroll.PeopleCall]), string(l.Employee.Number)) {
				t.Errorf("%s: call %v", l.Employee.Number, l.Call)
			}
		}
	}
}

// TestPeopleGoByIndex: a page of the roster, and one person's, look up a few rows.
func TestPeopleGoByIndex(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	sendingRun(t, s, 2)
	execute(fill)(t, s)
	execute(`insert into audit (seq, at, who, act, subject, detail, previous, hash)
		select i, now(), 'maker', 'x', 'F' || i, '{}', '', 'x' || i from generate_series(1000000, 1003000) i;
		insert into reports (employee, kind, words) select 'F' || i, 'not_me', 'x' from generate_series(1, 2000) i;
		insert into certificates (employee, fingerprint, content, step, standing)
			select 'F' || i, upper(md5('k' || i) || 'BBBBBBBB'), '', 'decryption_proven', 'candidate' from generate_series(1, 2000) i;
		insert into certificate_steps (certificate, step) select id, 'decryption_proven' from certificates where standing = 'candidate';
		analyze`)(t, s)
	pool, hot := listen(t, &s.pool), listen(t, &s.hot)
	for _, f := range payroll.PeopleFilters {
		find(t, s, payroll.PeopleQuery{Filter: f, After: "F1"})
		find(t, s, payroll.PeopleQuery{Filter: f, Before: "F1", Department: "x"})
	}
	find(t, s, payroll.PeopleQuery{Number: "F19"})
	find(t, s, payroll.PeopleQuery{Words: "somebody"})
	_, err := s.Departments(t.Context(), 10)
	ok(t, err)
	_, err = s.Person(t.Context(), "F7")
	ok(t, err)
	_, err = s.RosterStanding(t.Context(), "F7")
	ok(t, err)
	_, err = s.SlipsOf(t.Context(), "0000", 0, 10)
	ok(t, err)
	_, err = s.NoticesTo(t.Context(), "F7", 10)
	ok(t, err)
	_, err = s.ReportsBy(t.Context(), "F7", 10)
	ok(t, err)
	_, err = s.ActsOn(t.Context(), "F7", 10)
	ok(t, err)
	_, err = s.PhoneCall(t.Context(), payroll.Freeze{}, "F7")
	ok(t, err)
	_, err = s.EmployeesNumbered(t.Context(), []payroll.EmployeeNumber{"F7"})
	ok(t, err)
	goesByIndex(t, s.hot, hot.taken())
	goesByIndex(t, s.pool, pool.taken())
}

// termsIn are the terms of a pay date in so many days.
func termsIn(t testing.TB, days int) payroll.PeopleTerms {
	t.Helper()
	through := time.Now().AddDate(0, 0, days)
	return payroll.PeopleTerms{Required: payroll.StepCertified, Through: through, Since: through.AddDate(0, 0, -3)}
}
