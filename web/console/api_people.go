package console

import (
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/intake"
	"github.com/payseal/payseal/web/door"
)

// APIDesk is what the API asks of the database beside what the pages do.
type APIDesk interface {
	// Reports are what employees told HR and nobody has settled; with all, all.
	Reports(ctx context.Context, all bool) ([]payroll.Report, error)
	PutCertificate(ctx context.Context, sub payroll.Submission, by payroll.AdminName) (payroll.StoredCertificate, error)
}

// apiList is a part of a list. Next is what to ask for as after to have the part
// that follows; "" at the end.
type apiList[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next" doc:"Ask with after= this for what follows; empty at the end."`
}

// partOf is a list that is never nil.
func partOf[T any](items []T, next string) apiList[T] {
	if items == nil {
		items = []T{}
	}
	return apiList[T]{items, next}
}

type apiNothing struct{}

// apiMe is whose token it is.
type apiMe struct {
	Admin   payroll.AdminName `json:"admin"`
	Roles   []payroll.Role    `json:"roles"`
	Label   string            `json:"label" doc:"What its owner called the token."`
	Scopes  []payroll.Scope   `json:"scopes" doc:"What the token may do: of its scopes those that the roles of its owner still allow."`
	Expires time.Time         `json:"expires_at"`
}

func meOperations() []operation {
	return []operation{
		tells(operation{method: "GET", path: "/me", id: "me", tag: "me", summary: "Whose token this is, and what it may do"},
			func(c *caller, _ context.Context, _ *apiNothing) (apiMe, error) {
				return apiMe{c.v.admin.Name, c.v.admin.Roles, c.token.Label, c.token.Scopes, c.token.ExpiresAt}, nil
			}),
	}
}

func peopleOperations() []operation {
	return []operation{
		tells(operation{as: "GET /people", method: "GET", path: "/employees", scope: payroll.ScopeRead, id: "employees", tag: "employees", summary: "Employees, by number",
			about: "A name is never part of an address: search for one with a POST to /employees/search."}, (*caller).employees),
		tells(operation{as: "POST /people/search", method: "POST", path: "/employees/search", scope: payroll.ScopeRead, id: "search-employees", tag: "employees", summary: "Employees whose name or number begins so"}, (*caller).searchEmployees),
		tells(operation{as: "GET /people", method: "GET", path: "/readiness", scope: payroll.ScopeRead, id: "readiness", tag: "employees", summary: "How many are ready for the next pay date, and what the others wait for"}, (*caller).readiness),
		tells(operation{as: "POST /people/invite", method: "POST", path: "/employees/invite", scope: payroll.ScopePeople, id: "invite-all", tag: "employees", summary: "Invite everybody who has no certificate"},
			func(c *caller, ctx context.Context, _ *apiNothing) (apiInvited, error) { return c.invite(ctx, nil) }),
		tells(operation{as: "GET /people/{number}", method: "GET", path: "/employees/{number}", scope: payroll.ScopeRead, id: "employee", tag: "employees", summary: "One employee"}, (*caller).employee),
		tells(operation{as: "POST /people/{number}/invite", method: "POST", path: "/employees/{number}/invite", scope: payroll.ScopePeople, id: "invite", tag: "employees", summary: "Invite one employee"},
			func(c *caller, ctx context.Context, in *OfEmployee) (apiInvited, error) {
				return c.invite(ctx, []payroll.EmployeeNumber{in.Number})
			}),
		does(operation{as: "POST /people/{number}/remind", method: "POST", path: "/employees/{number}/remind", scope: payroll.ScopePeople, id: "remind", tag: "employees", summary: "Remind an employee of what is to be done"},
			func(c *caller, ctx context.Context, in *OfEmployee) error {
				return c.Desk.RemindEmployee(ctx, in.Number, payroll.DateOf(c.Now().In(c.Company.Zone)), c.by())
			}),
		does(operation{as: "POST /people/{number}/profile", method: "PUT", path: "/employees/{number}/profile", scope: payroll.ScopePeople, id: "put-profile", tag: "employees", summary: "How an employee's mail program gets the letter"}, (*caller).putMailProfile),
		does(operation{as: "POST /people/{number}/file-address", method: "POST", path: "/employees/{number}/file-address", scope: payroll.ScopePeople, id: "file-address", tag: "employees", summary: "Let the next import set the address again, though the employee changed it in the form"},
			func(c *caller, ctx context.Context, in *OfEmployee) error {
				return c.Desk.ForgetOwnAddress(ctx, in.Number, c.by())
			}),
		tells(operation{as: "GET /people/{number}", method: "GET", path: "/reports", scope: payroll.ScopeRead, id: "reports", tag: "employees", summary: "What employees told HR and nobody has settled"},
			func(c *caller, ctx context.Context, _ *apiNothing) (apiList[payroll.Report], error) {
				open, err := c.Desk.Reports(ctx, false)
				return partOf(open, ""), err
			}),
		does(operation{as: "POST /people/{number}/settle", method: "POST", path: "/reports/{id}/settle", scope: payroll.ScopePeople, id: "settle-report", tag: "employees", summary: "Say that somebody has seen to a report"},
			func(c *caller, ctx context.Context, in *OfNumber) error {
				return c.Desk.SettleReport(ctx, in.ID, c.by())
			}),

		tells(operation{as: "POST /people/import", method: "POST", path: "/employee-files", scope: payroll.ScopePeople, file: true, body: intake.MaxFileBytes, id: "upload-employees", tag: "employees", summary: "Hand in HR's file",
			about: "CSV or XLSX, one row for each employee. Nothing changes before it is imported; what it would do is at GET /employee-files/{upload}."}, (*caller).takeEmployees),
		tells(operation{as: "GET /people/imports/{upload}/preview", method: "GET", path: "/employee-files/{upload}", scope: payroll.ScopePeople, slow: true, id: "preview-employees", tag: "employees", summary: "What the file says, and what importing it would do"},
			func(c *caller, ctx context.Context, in *OfUpload) (apiRoster, error) {
				return c.bringEmployees(ctx, in.Upload, true)
			}),
		does(operation{as: "POST /people/imports/{upload}/reading", method: "PUT", path: "/employee-files/{upload}/reading", scope: payroll.ScopePeople, id: "put-employees-reading", tag: "employees", summary: "Say how the file is to be read"}, (*caller).putRosterReading),
		tells(operation{as: "POST /people/imports/{upload}/preview", method: "POST", path: "/employee-files/{upload}/import", scope: payroll.ScopePeople, slow: true, id: "import-employees", tag: "employees", summary: "Bring the file into the roster, all of it or nothing",
			about: "Safe to repeat: the same file a second time changes nothing."},
			func(c *caller, ctx context.Context, in *OfUpload) (apiRoster, error) {
				return c.bringEmployees(ctx, in.Upload, false)
			}),
		does(operation{as: "POST /people/imports/{upload}/discard", method: "DELETE", path: "/employee-files/{upload}", scope: payroll.ScopePeople, id: "discard-employees", tag: "employees", summary: "Throw the file away"},
			func(c *caller, ctx context.Context, in *OfUpload) error {
				if _, err := c.Desk.RosterFile(ctx, in.Upload, c.by()); err != nil {
					return err
				}
				return c.Desk.DeleteUpload(ctx, in.Upload, c.by())
			}),
	}
}

// What stands in paths. The names are exported since huma passes over embedded
// types that are not.
type (
	// OfEmployee names an employee by their exact number.
	OfEmployee struct {
		Number payroll.EmployeeNumber `path:"number" maxLength:"64" doc:"The exact number of an employee."`
	}
	// OfNumber names something that is numbered from 1.
	OfNumber struct {
		ID int64 `path:"id" minimum:"1"`
	}
	// OfUpload names an upload, by its UUID.
	OfUpload struct {
		Upload string `path:"upload" maxLength:"36"`
	}
	// OfRun names a run.
	OfRun struct {
		ID payroll.RunID `path:"id" minimum:"1"`
	}
	// OfSlip names the slip of an employee in a run.
	OfSlip struct {
		OfRun
		OfEmployee
	}
)

type apiEmployees struct {
	Show       payroll.PeopleFilter   `query:"show" enum:"ready,call,proof,certify,no-key,expiring,moved,paper,left" doc:"Only those of whom the database knows this; everybody without it."`
	Department string                 `query:"department" maxLength:"200"`
	Number     string                 `query:"number" maxLength:"64" doc:"What the number begins with."`
	After      payroll.EmployeeNumber `query:"after" maxLength:"64" doc:"The number after which the list goes on: next of the part before."`
}

// apiPerson is an employee in a list.
type apiPerson struct {
	payroll.Employee
	Fingerprint payroll.Fingerprint         `json:"fingerprint,omitempty"`
	Step        payroll.Step                `json:"step,omitempty" doc:"Of the certificate: how far up the ladder."`
	Standing    payroll.CertificateStanding `json:"standing,omitempty"`
	Expires     *time.Time                  `json:"expires_at" doc:"Of the certificate; null if it never does, or there is none."`
	Call        bool                        `json:"call" doc:"A certificate of theirs waits for somebody to compare its fingerprint."`
	Moved       *time.Time                  `json:"email_changed_at"`
	Ready       bool                        `json:"ready" doc:"As the database knows it; GET /employees/{number} asks the judge of certificates."`
	Lack        payroll.Lack                `json:"lack,omitempty"`
}

func (c *caller) employees(ctx context.Context, in *apiEmployees) (apiList[apiPerson], error) {
	for _, text := range []string{in.Department, in.Number, string(in.After)} {
		if err := payroll.CheckText("search", text); err != nil {
			return apiList[apiPerson]{}, err
		}
	}
	return c.peopleList(ctx, payroll.PeopleQuery{Filter: in.Show, Department: in.Department, Number: in.Number, After: in.After})
}

type apiSearch struct {
	Body struct {
		Words string                 `json:"words" minLength:"1" maxLength:"200" doc:"What each word of the name begins with, or the number."`
		After payroll.EmployeeNumber `json:"after,omitempty" maxLength:"64"`
	}
}

func (c *caller) searchEmployees(ctx context.Context, in *apiSearch) (apiList[apiPerson], error) {
	words := strings.TrimSpace(in.Body.Words)
	if err := payroll.CheckText("search", words); err != nil {
		return apiList[apiPerson]{}, err
	}
	return c.peopleList(ctx, payroll.PeopleQuery{Words: words, After: in.Body.After})
}

func (c *caller) peopleList(ctx context.Context, q payroll.PeopleQuery) (list apiList[apiPerson], err error) {
	days, _, err := c.payDays(ctx)
	if err != nil {
		return list, err
	}
	q.PeopleTerms, q.Limit = termsOf(days), peoplePage
	lines, more, err := c.Desk.People(ctx, q)
	if err != nil {
		return list, err
	}
	people, next := make([]apiPerson, len(lines)), ""
	for i, l := range lines {
		ready := l.Readiness(days)
		people[i] = apiPerson{l.Employee, l.Fingerprint, l.Step, l.Standing, l.ExpiresAt, l.Call, l.Moved, ready.Ready, ready.Lack}
	}
	if more {
		next = string(lines[len(lines)-1].Employee.Number)
	}
	return partOf(people, next), nil
}

type apiReadiness struct {
	PayDate payroll.Date   `json:"pay_date"`
	Planned bool           `json:"planned" doc:"The pay date is one; otherwise it is a day in a month's time."`
	People  map[string]int `json:"people" doc:"How many of each filter of GET /employees; \"all\" is everybody. Somebody may be under several."`
}

func (c *caller) readiness(ctx context.Context, _ *apiNothing) (r apiReadiness, err error) {
	days, planned, err := c.payDays(ctx)
	if err != nil {
		return r, err
	}
	counted, err := c.census.of(ctx, c.Desk, termsOf(days), c.Now())
	r = apiReadiness{days.Dates[0], planned, make(map[string]int)}
	for filter, n := range counted.Counts {
		if filter == payroll.PeopleAll {
			filter = "all"
		}
		r.People[string(filter)] = n
	}
	return r, err
}

type apiInvited struct {
	Invited []payroll.EmployeeNumber `json:"invited" nullable:"false" doc:"Whoever has an invitation that waits already is not among them."`
}

func (c *caller) invite(ctx context.Context, numbers []payroll.EmployeeNumber) (apiInvited, error) {
	invited, err := c.Desk.InviteEmployees(ctx, numbers, c.by())
	return apiInvited{partOf(invited, "").Items}, err
}

// apiEmployee is what is known of one employee.
type apiEmployee struct {
	payroll.Employee
	Profile        payroll.MailProfile `json:"profile"`
	EmailChangedAt *time.Time          `json:"email_changed_at"`
	EmailBy        payroll.AdminName   `json:"email_by,omitempty"`
	EmailInFile    string              `json:"email_in_file,omitempty" doc:"What HR's file has, where the employee changed it."`
	PhoneChangedAt *time.Time          `json:"phone_changed_at"`
	Readiness      *apiVerdict         `json:"readiness,omitempty" doc:"For the next pay date; absent for whoever gets no slip by mail."`
}

// apiVerdict is the judge's.
type apiVerdict struct {
	PayDate payroll.Date   `json:"pay_date"`
	Ready   bool           `json:"ready"`
	Lack    payroll.Lack   `json:"lack"`
	Missing []payroll.Step `json:"missing"`
	Ends    *time.Time     `json:"ends" doc:"When nothing can be encrypted to the certificate any more; null: never, or none."`
}

func (c *caller) employee(ctx context.Context, in *OfEmployee) (e apiEmployee, err error) {
	p, err := c.Desk.Person(ctx, in.Number)
	if err != nil {
		return e, err
	}
	days, _, err := c.payDays(ctx)
	if err != nil {
		return e, err
	}
	e = apiEmployee{
		Employee: p.Employee, Profile: p.Profile, EmailChangedAt: p.EmailChangedAt, EmailBy: p.EmailBy, EmailInFile: p.EmailInFile, PhoneChangedAt: p.PhoneChangedAt,
	}
	ready, err := c.readinessOf(ctx, in.Number, days)
	if ready != nil {
		e.Readiness = &apiVerdict{days.Dates[0], ready.Ready, ready.Lack, ready.Missing, ready.Ends}
	}
	return e, err
}

type apiPutProfile struct {
	OfEmployee
	Body struct {
		Structure    string `json:"structure,omitempty" enum:"combined,nested" doc:"Absent: as the company does it."`
		Presentation string `json:"presentation,omitempty" enum:"inline,attachment" doc:"Absent: as the company does it."`
	}
}

func (c *caller) putMailProfile(ctx context.Context, in *apiPutProfile) error {
	return c.Desk.PutProfile(ctx, in.Number, payroll.MailProfile{Structure: in.Body.Structure, Presentation: in.Body.Presentation}, c.by())
}

// fileName is what the program calls the file that it sends. It is in a header: an
// address must not have a name in it.
func fileName(r *http.Request) string {
	_, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Disposition"))
	if err != nil {
		return payroll.FileName("")
	}
	return payroll.FileName(parameters["filename"])
}

// apiFile is a file that came in.
type apiFile struct {
	Name string `header:"Content-Disposition" doc:"attachment; filename=\"july.xlsx\""`
}

func (c *caller) takeEmployees(ctx context.Context, _ *apiFile) (payroll.Upload, error) {
	content := &broken{Reader: c.r.Body}
	u, err := c.Desk.StoreRosterFile(ctx, fileName(c.r), c.by(), content)
	if content.err != nil {
		err = door.BodyError(content.err)
	}
	return u, err
}

type apiRosterReading struct {
	OfUpload
	Body rosterReading
}

func (c *caller) putRosterReading(ctx context.Context, in *apiRosterReading) error {
	if _, err := in.Body.options(); err != nil {
		return err
	}
	if _, err := c.Desk.RosterFile(ctx, in.Upload, c.by()); err != nil {
		return err
	}
	encoded, err := json.Marshal(in.Body)
	if err != nil {
		return fmt.Errorf("encode how the file is read: %w", err)
	}
	return c.Desk.PutReading(ctx, in.Upload, c.by(), encoded)
}

// apiRoster is what a file of employees says, and does.
type apiRoster struct {
	Verdict  payroll.Verdict       `json:"verdict"`
	Findings []payroll.Finding     `json:"findings" nullable:"false"`
	Change   *payroll.RosterChange `json:"change,omitempty" doc:"What the import does; absent if the file is not accepted."`
}

// bringEmployees does what an import does; dry, it leaves everything as it is. A
// file that is not accepted changes nothing either.
func (c *caller) bringEmployees(ctx context.Context, id string, dry bool) (a apiRoster, err error) {
	f, err := c.readRoster(ctx, id, c.by())
	switch {
	case err != nil:
		return a, err
	case f.mistake != "":
		return a, fmt.Errorf("%w: %s", payroll.ErrInvalid, f.mistake)
	}
	a = apiRoster{Verdict: f.result.Verdict(), Findings: partOf(f.result.Findings, "").Items}
	if a.Verdict != payroll.VerdictAccept {
		if dry {
			return a, nil
		}
		return a, fmt.Errorf("%w: the file is not accepted; its preview says why", payroll.ErrInvalid)
	}
	change, err := c.Desk.PutEmployees(ctx, f.result.Employees, "file", c.by(), dry, f.result.Lacks...)
	if err != nil {
		return a, err
	}
	if a.Change = &change; dry {
		return a, nil
	}
	c.census.forget()
	return a, c.Desk.DeleteUpload(ctx, f.ID, c.by())
}
