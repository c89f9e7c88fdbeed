package console

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/payseal/payseal/payroll"
)

// Who may change the roster, and who may end the use of a certificate and settle
// a report; all as the commands have it.
var (
	rosterRoles = []payroll.Role{payroll.RoleMaker, payroll.RoleOperator}
	keyRoles    = []payroll.Role{payroll.RoleMaker, payroll.RoleApprover, payroll.RoleOperator}
)

func (s *Server) peopleRoutes() []route {
	return slices.Concat([]route{
		{method: "GET", path: "/people", handle: s.people, roles: everybody},
		{method: "POST", path: "/people/search", handle: s.searchPeople, roles: everybody, rate: rateAsk},
		{method: "GET", path: "/people/invite", handle: s.inviteAll, roles: rosterRoles},
		{method: "POST", path: "/people/invite", handle: s.inviteAllNow, roles: rosterRoles},
	}, s.personRoutes(), s.rosterImportRoutes())
}

// PeopleDesk is what these pages, and those of phone checks, ask of the database.
type PeopleDesk interface {
	Now(ctx context.Context) (time.Time, error)
	HasStepUp(ctx context.Context, session payroll.SecretHash, purpose string, fresh time.Duration) (bool, error)
	PayDates(ctx context.Context, from payroll.Date, n int) ([]payroll.Date, error)

	People(ctx context.Context, q payroll.PeopleQuery) (lines []payroll.PersonLine, more bool, err error)
	CountPeople(ctx context.Context, terms payroll.PeopleTerms) (map[payroll.PeopleFilter]int, error)
	Departments(ctx context.Context, most int) ([]string, error)

	Person(ctx context.Context, number payroll.EmployeeNumber) (payroll.Person, error)
	RosterStanding(ctx context.Context, number payroll.EmployeeNumber) (payroll.RosterStanding, error)
	CertificatesOf(ctx context.Context, number payroll.EmployeeNumber) ([]payroll.StoredCertificate, error)
	CertificateSteps(ctx context.Context, number payroll.EmployeeNumber) ([]payroll.CertificateStep, error)
	Certificate(ctx context.Context, id int64) (payroll.StoredCertificate, error)
	NoticesTo(ctx context.Context, number payroll.EmployeeNumber, most int) ([]payroll.SentNotice, error)
	SlipsOf(ctx context.Context, number payroll.EmployeeNumber, before payroll.RunID, most int) ([]payroll.PersonSlip, error)
	ReportsBy(ctx context.Context, number payroll.EmployeeNumber, most int) ([]payroll.Report, error)
	ActsOn(ctx context.Context, subject string, most int) ([]payroll.AuditEntry, error)

	InviteEmployees(ctx context.Context, numbers []payroll.EmployeeNumber, by payroll.AdminName) ([]payroll.EmployeeNumber, error)
	CountUninvited(ctx context.Context) (int, error)
	RemindEmployee(ctx context.Context, number payroll.EmployeeNumber, today payroll.Date, by payroll.AdminName) error
	PutProfile(ctx context.Context, number payroll.EmployeeNumber, p payroll.MailProfile, by payroll.AdminName) error
	ForgetOwnAddress(ctx context.Context, number payroll.EmployeeNumber, by payroll.AdminName) error
	SettleReport(ctx context.Context, id int64, by payroll.AdminName) error
	RevokeCertificate(ctx context.Context, number payroll.EmployeeNumber, f payroll.Fingerprint, reason string, by payroll.AdminName) (payroll.StoredCertificate, error)
	PutRevokedCertification(ctx context.Context, number payroll.EmployeeNumber, f payroll.Fingerprint, content []byte, by payroll.AdminName) error

	PhoneCalls(ctx context.Context, freeze payroll.Freeze, most int) (calls []payroll.PhoneCall, waiting int, err error)
	PhoneCall(ctx context.Context, freeze payroll.Freeze, number payroll.EmployeeNumber) (payroll.PhoneCall, error)
	ClimbCertificate(ctx context.Context, climb payroll.Climb, by payroll.AdminName) (payroll.StoredCertificate, error)
	RecordNoAnswer(ctx context.Context, number payroll.EmployeeNumber, f payroll.Fingerprint, by payroll.AdminName) error
	DenyFingerprint(ctx context.Context, number payroll.EmployeeNumber, f payroll.Fingerprint, note string, by payroll.AdminName) error

	StoreRosterFile(ctx context.Context, name string, by payroll.AdminName, content io.Reader) (payroll.Upload, error)
	RosterFile(ctx context.Context, id string, by payroll.AdminName) (payroll.Upload, error)
	UploadContent(ctx context.Context, u payroll.Upload) ([]byte, error)
	PutReading(ctx context.Context, id string, by payroll.AdminName, reading []byte) error
	DeleteUpload(ctx context.Context, id string, by payroll.AdminName) error
	EmployeesNumbered(ctx context.Context, numbers []payroll.EmployeeNumber) (map[payroll.EmployeeNumber]payroll.Employee, error)
	PutEmployees(ctx context.Context, employees []payroll.Employee, source string, by payroll.AdminName, dry bool, lacks ...string) (payroll.RosterChange, error)
}

// peoplePage is how many people are on a page.
const peoplePage = 100

// personPath is an employee's page.
func personPath(number payroll.EmployeeNumber) string {
	return "/people/" + url.PathEscape(string(number))
}

// payDays are the pay dates for which people are judged: the next two, or a day in
// a month's time where none is planned.
func (s *Server) payDays(ctx context.Context) (days payroll.PayDays, planned bool, err error) {
	today := payroll.DateOf(s.Now().In(s.Company.Zone))
	days = payroll.PayDays{Zone: s.Company.Zone, Required: s.Policy.Required, Freeze: s.Policy.Freeze}
	if days.Dates, err = s.Desk.PayDates(ctx, today, 2); err != nil {
		return days, false, err
	}
	if planned = len(days.Dates) > 0; !planned {
		days.Dates = []payroll.Date{today.AddDays(30)}
	}
	return days, planned, nil
}

func termsOf(days payroll.PayDays) payroll.PeopleTerms {
	return payroll.PeopleTerms{Required: days.Required, Through: days.Moment(), Since: days.Freeze.Since(days.Dates[0])}
}

// people lists the roster. What the URL may say is a filter, a department, and
// numbers; a name is searched by a form.
func (s *Server) people(w http.ResponseWriter, r *http.Request, v *visit) error {
	query := r.URL.Query()
	q := payroll.PeopleQuery{
		Filter: payroll.PeopleFilter(query.Get("show")), Department: query.Get("department"), Number: query.Get("number"),
		After: payroll.EmployeeNumber(query.Get("after")), Before: payroll.EmployeeNumber(query.Get("before")), Limit: peoplePage,
	}
	if !slices.Contains(payroll.PeopleFilters, q.Filter) {
		return payroll.ErrNotFound
	}
	for _, text := range []string{q.Department, q.Number, string(q.After), string(q.Before)} {
		if err := payroll.CheckText("search", text); err != nil {
			return err
		}
	}
	return s.showPeople(w, r, v, q)
}

// searchPeople looks for a name, or for a number. Only what some number begins
// with is led to a page whose URL says it.
func (s *Server) searchPeople(w http.ResponseWriter, r *http.Request, v *visit) error {
	text := strings.TrimSpace(r.PostForm.Get("q"))
	if text == "" {
		return redirect(w, r, "/people", "")
	}
	if err := payroll.CheckText("search", text); err != nil {
		return err
	}
	q := payroll.PeopleQuery{Limit: peoplePage}
	if strings.ContainsAny(text, "0123456789") {
		numbered := q
		numbered.Number, numbered.Limit = text, 1
		if lines, _, err := s.Desk.People(r.Context(), numbered); err != nil {
			return err
		} else if len(lines) > 0 {
			http.Redirect(w, r, "/people?number="+url.QueryEscape(text), http.StatusSeeOther)
			return nil
		}
	}
	q.Words = text
	return s.showPeople(w, r, v, q)
}

func (s *Server) showPeople(w http.ResponseWriter, r *http.Request, v *visit, q payroll.PeopleQuery) error {
	days, planned, err := s.payDays(r.Context())
	if err != nil {
		return err
	}
	q.PeopleTerms = termsOf(days)
	census, err := s.census.of(r.Context(), s.Desk, q.PeopleTerms, s.Now())
	if err != nil {
		return err
	}
	lines, more, err := s.Desk.People(r.Context(), q)
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "people", peopleView(q, days, planned, census, lines, more, s.Now()).seenBy(v))
}
