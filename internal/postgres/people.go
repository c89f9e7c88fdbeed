package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"

	"github.com/payseal/payseal/payroll"
)

// nameWords is a name as it is searched: its words in lower case and without
// accents, which the database does not do for every script by itself.
func nameWords(name string) string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Mc, r):
			return unicode.ToLower(r)
		}
		return ' '
	}, norm.NFKD.String(name))
	return strings.Join(strings.Fields(plain), " ")
}

// wordsQuery is the text search for names of which some words begin with these;
// "" if there is no word in it.
func wordsQuery(words string) string {
	terms := strings.Fields(nameWords(words))
	for i, term := range terms {
		terms[i] = "'" + term + "':*"
	}
	return strings.Join(terms, " & ")
}

const (
	// waits says of candidate k whether a person must compare its fingerprint:
	// its owner has shown it to open, or HR handed it in.
	waits = `coalesce(k.step = 'decryption_proven' or k.step in ('submitted', 'address_proven') and
		(select h.by_admin is not null or h.by_worker from certificate_steps h
			where h.certificate = k.id and h.step = 'submitted' and h.method = '' order by h.at desc limit 1), false)`

	// peopleFrom are everybody with the certificate that counts, c, and the
	// candidate, k.
	peopleFrom = ` from employees e left join certificates c on c.employee = e.number and c.standing = 'current'
		left join certificates k on k.employee = e.number and k.standing = 'candidate'`

	// Who is expected to get a slip by mail, and what of theirs is in the change
	// freeze ($3).
	byMail   = `not e.on_paper and not coalesce(e.left_on < current_date, false)`
	freezing = `(coalesce(e.email_changed_at > $3, false) or coalesce(c.replaces is not null and c.current_since > $3
		and (select count(*) from (` + comparisons + `) k) < 2, false))`
)

// peopleWhere are the filters; $1 are the steps that are high enough, $2 is the
// pay date's last second and $3 the beginning of the change freeze.
var peopleWhere = map[payroll.PeopleFilter]string{
	payroll.PeopleAll: `true`,
	payroll.PeopleReady: byMail + ` and c.id is not null and c.step = any($1) and coalesce(c.expires_at > $2, true)
		and not ` + freezing,
	payroll.PeopleCall: `not coalesce(e.left_on < current_date, false) and k.id is not null and ` + waits,
	payroll.PeopleProof: byMail + ` and k.step in ('submitted', 'address_proven') and not ` + waits + `
		and not exists (select from certificates h where h.employee = e.number and h.standing = 'current')`,
	payroll.PeopleCertify: byMail + ` and k.step = 'phone_checked'`,
	payroll.PeopleNoKey: byMail + ` and not exists (select from certificates h where h.employee = e.number
		and h.standing in ('current', 'candidate'))`,
	payroll.PeopleExpiring: byMail + ` and c.expires_at <= $2`,
	payroll.PeopleMoved:    `not coalesce(e.left_on < current_date, false) and e.email_changed_at > now() - interval '30 days'`, // payroll.MovedLately
	payroll.PeoplePaper:    `e.on_paper and not coalesce(e.left_on < current_date, false)`,
	payroll.PeopleLeft:     `e.left_on < current_date`,
}

// reaching are the steps that are as high as required.
func reaching(required payroll.Step) []payroll.Step {
	return slices.DeleteFunc(slices.Clone(payroll.Steps), func(s payroll.Step) bool { return !s.Reached(required) })
}

// unmentioned lets a statement take terms that it has no use for.
const unmentioned = `($1::text[] is null and $2::timestamptz is null and $3::timestamptz is null)`

// CountPeople counts who is under each filter, which reads everybody. Ask it once
// a minute, not with every page.
func (s *Store) CountPeople(ctx context.Context, terms payroll.PeopleTerms) (map[payroll.PeopleFilter]int, error) {
	columns := make([]string, len(payroll.PeopleFilters))
	for i, f := range payroll.PeopleFilters {
		columns[i] = `(select count(*)` + peopleFrom + ` where ` + peopleWhere[f] + `)::int`
	}
	counts := make([]int, len(columns))
	into := make([]any, len(columns))
	for i := range counts {
		into[i] = &counts[i]
	}
	err := s.pool.QueryRow(ctx, `select `+strings.Join(columns, ", "), reaching(terms.Required), terms.Through, terms.Since).Scan(into...)
	byFilter := make(map[payroll.PeopleFilter]int, len(counts))
	for i, f := range payroll.PeopleFilters {
		byFilter[f] = counts[i]
	}
	return byFilter, wrap("count people", err)
}

// Departments are the names of every department, sorted, at most most of them. It
// reads one row of each.
func (s *Store) Departments(ctx context.Context, most int) ([]string, error) {
	rows, err := s.pool.Query(ctx, `with recursive d(name) as (
			(select department from employees where department > '' order by department limit 1)
			union all
			select (select department from employees where department > d.name order by department limit 1) from d where d.name is not null)
		select name from d where name is not null limit $1`, most)
	if err != nil {
		return nil, wrap("read departments", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return names, wrap("read departments", err)
}

// People reads a page of the roster, by number, and whether there are more in the
// direction that was asked for.
func (s *Store) People(ctx context.Context, q payroll.PeopleQuery) (lines []payroll.PersonLine, more bool, err error) {
	where, found := peopleWhere[q.Filter]
	if !found {
		return nil, false, fmt.Errorf("%w: there is no such filter of people", payroll.ErrInvalid)
	}
	p := peoplePage{args: []any{reaching(q.Required), q.Through, q.Since}, where: []string{where}}
	p.narrow(q)
	// A page is a hundred lookups; the planner would rather read everybody and sort.
	rows, err := s.hot.Query(ctx, p.sql(q), p.args...)
	if err != nil {
		return nil, false, wrap("read people", err)
	}
	if lines, err = pgx.CollectRows(rows, scanPersonLine); err != nil {
		return nil, false, wrap("read people", err)
	}
	if more = len(lines) > q.Limit; more {
		lines = lines[:q.Limit]
	}
	if q.Before != "" {
		slices.Reverse(lines)
	}
	return lines, more, nil
}

// peoplePage puts a statement together out of constants and numbered arguments.
type peoplePage struct {
	where []string
	args  []any
}

// arg adds an argument and is its place in the statement.
func (p *peoplePage) arg(value any) string {
	p.args = append(p.args, value)
	return fmt.Sprintf("$%d", len(p.args))
}

func (p *peoplePage) narrow(q payroll.PeopleQuery) {
	if q.Department != "" {
		p.where = append(p.where, `e.department = `+p.arg(q.Department))
	}
	if q.Number != "" {
		p.where = append(p.where, p.numbered(q.Number))
	}
	if q.Words != "" {
		named := p.numbered(q.Words)
		if words := wordsQuery(q.Words); words != "" {
			named += ` or to_tsvector('simple'::regconfig, e.name_words) @@ to_tsquery('simple'::regconfig, ` + p.arg(words) + `)`
		}
		p.where = append(p.where, `(`+named+`)`)
	}
	switch {
	case q.Before != "":
		p.beyond(q.Filter, " < ", q.Before)
	case q.After != "":
		p.beyond(q.Filter, " > ", q.After)
	}
}

// beyond goes on from an employee. Those who have a candidate are looked up by
// the candidates, of which there are few.
func (p *peoplePage) beyond(f payroll.PeopleFilter, side string, number payroll.EmployeeNumber) {
	place := p.arg(string(number))
	p.where = append(p.where, `e.number`+side+place)
	switch f {
	case payroll.PeopleCall, payroll.PeopleProof, payroll.PeopleCertify:
		p.where = append(p.where, `k.employee`+side+place)
	}
}

// numbered is whether the number begins with these characters, in any case.
func (p *peoplePage) numbered(prefix string) string {
	return `lower(e.number) >= lower(` + p.arg(prefix) + ` collate "C") and lower(e.number) < lower(` + p.arg(prefix+string(unicode.MaxRune)) + ` collate "C")`
}

func (p *peoplePage) sql(q payroll.PeopleQuery) string {
	order := ""
	if q.Before != "" {
		order = " desc"
	}
	return `select e.number, e.name, e.department, e.on_paper, e.left_on, e.email_changed_at,
			coalesce(c.fingerprint, k.fingerprint, ''), coalesce(c.step, k.step, ''), coalesce(c.standing, k.standing, ''),
			case when c.id is null then k.expires_at else c.expires_at end, ` + waits + `,
			case when ` + freezing + ` then greatest(e.email_changed_at, case when c.replaces is not null then c.current_since end) end` +
		peopleFrom + ` where not ` + unmentioned + ` and ` + strings.Join(p.where, " and ") +
		` order by e.number` + order + ` limit ` + p.arg(q.Limit+1)
}

func scanPersonLine(row pgx.CollectableRow) (payroll.PersonLine, error) {
	var l payroll.PersonLine
	var left, changed *time.Time
	e := &l.Employee
	err := row.Scan(&e.Number, &e.Name, &e.Department, &e.OnPaper, &left, &l.Moved,
		&l.Fingerprint, &l.Step, &l.Standing, &l.ExpiresAt, &l.Call, &changed)
	e.Left = dateOf(left)
	if changed != nil {
		l.Changed = *changed
	}
	return l, err
}
