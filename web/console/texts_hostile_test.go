package console

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/payseal/payseal/payroll"
)

// mark is in every hostile text, so that one that was kept is found.
const mark = "hostilemark"

// wordsRefused are texts that nobody types, but somebody may send.
var wordsRefused = []string{mark + "\u202egnp", "a\x1b[31m" + mark, strings.Repeat(mark, 500)}

// kept says which tables have a hostile text in them.
func (c *testConsole) kept() (tables []string) {
	c.t.Helper()
	rows, err := c.store.Pool().Query(c.t.Context(), `select table_name::text from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`)
	must(c.t, err)
	var parts []string
	for rows.Next() {
		var name string
		must(c.t, rows.Scan(&name))
		parts = append(parts, fmt.Sprintf(`select '%s' from %q t where t::text ~ '%s' and (t::text ~ $1 or t::text ~ '(%s){50}')`, name, name, mark, mark))
	}
	must(c.t, rows.Err())
	rows, err = c.store.Pool().Query(c.t.Context(), strings.Join(parts, " union "), "[\u202e\x1b]|u001b")
	must(c.t, err)
	for rows.Next() {
		var name string
		must(c.t, rows.Scan(&name))
		tables = append(tables, name)
	}
	must(c.t, rows.Err())
	return tables
}

// TestHostileTextsAreNotKept: every field of every form, with what cannot be seen,
// turns the text around it, or is endless: nothing of it is in the database.
func TestHostileTextsAreNotKept(t *testing.T) {
	t.Parallel()
	p := newPlanted(t)
	p.unlimited()
	eve := p.as("eve")
	seen := map[string]bool{}
	for i, r := range inOrder(p.table) {
		if r.method != http.MethodPost || r.open || r.upload || r.path == "/account/sessions/end" {
			continue
		}
		form := p.form(r)
		for _, name := range fieldsOf(r) {
			if !form.Has(name) {
				form.Set(name, "")
			}
		}
		for n, name := range slices.Sorted(maps.Keys(form)) {
			fields := url.Values{}
			for other, values := range form {
				if values[0] != "" {
					fields[other] = values
				}
			}
			fields.Set(name, wordsRefused[(i+n)%len(wordsRefused)])
			b := eve.also()
			if r.stepUp {
				secret := payroll.HashToken(b.cookies[cookieName])
				p.meddle(`delete from step_ups`)
				p.exec(`insert into step_ups (session, purpose) values ($1, $2)`, secret[:], p.path(r))
			}
			a := b.do(b.request(http.MethodPost, p.path(r), strings.NewReader(fields.Encode())))
			if a.status >= http.StatusInternalServerError {
				t.Errorf("%s with %s: status %d", r.name(), name, a.status)
			}
			for _, table := range p.kept() {
				if !seen[table] {
					t.Errorf("%s with %s=%.40q leaves it in %s (status %d)", r.name(), name, fields.Get(name), table, a.status)
				}
				seen[table] = true
			}
		}
	}
}

// fieldsOf are fields of a form in which people type, beside those that a planted
// form has.
func fieldsOf(r route) []string {
	more := map[string][]string{
		"/calls/{number}": {"note"}, "/uploads/{id}": {"new_source", "sheet", "header-0", "as-0", "label-0"},
		"/settings/relay": {"username"}, "/settings/retention/set": {"law"},
	}[r.path]
	return slices.Concat([]string{"note", "reason", "label", "name"}, more)
}
