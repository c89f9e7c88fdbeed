package console

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

func (s *Server) personRoutes() []route {
	return []route{
		{method: "GET", path: "/people/{number}", handle: s.person, roles: everybody},
		{method: "POST", path: "/people/{number}/invite", handle: s.invitePerson, roles: rosterRoles},
		{method: "POST", path: "/people/{number}/remind", handle: s.remindPerson, roles: rosterRoles},
		{method: "GET", path: "/people/{number}/profile", handle: s.profile, roles: rosterRoles},
		{method: "POST", path: "/people/{number}/profile", handle: s.putProfile, roles: rosterRoles},
		{method: "GET", path: "/people/{number}/file-address", handle: s.fileAddress, roles: rosterRoles},
		{method: "POST", path: "/people/{number}/file-address", handle: s.forgetAddress, roles: rosterRoles},
		{method: "POST", path: "/people/{number}/settle", handle: s.settleReport, roles: keyRoles},
		// By its own number: a fresh second factor is bound to the path as it reads, and
		// an employee's number may have slashes.
		{method: "GET", path: "/people/certificates/{id}/end", handle: s.endCertificate, roles: keyRoles},
		{method: "POST", path: "/people/certificates/{id}/end", handle: s.endCertificateNow, roles: keyRoles, stepUp: true},
	}
}

// Of a person's lists so many are shown.
const (
	slipsShown   = 24
	noticesShown = 20
	reportsShown = 20
	actsShown    = 200 // looked through for where the steps of the ladder came from
)

// file is everything that the console knows of one person.
type file struct {
	payroll.Person
	Readiness    *payroll.Readiness // nil for somebody from whom no slip is expected
	Days         payroll.PayDays
	Planned      bool // the pay date is one, and not a day in a month's time
	Certificates []payroll.StoredCertificate
	Steps        []payroll.CertificateStep
	Notices      []payroll.SentNotice
	Slips        []payroll.PersonSlip
	MoreSlips    bool
	Reports      []payroll.Report
	Acts         []payroll.AuditEntry
}

func numberOf(r *http.Request) payroll.EmployeeNumber {
	return payroll.EmployeeNumber(r.PathValue("number"))
}

// person shows all that is known of one employee. before is the run after whose
// slips the ledger goes on.
func (s *Server) person(w http.ResponseWriter, r *http.Request, v *visit) error {
	var before int64
	if text := r.URL.Query().Get("before"); text != "" {
		var err error
		if before, err = strconv.ParseInt(text, 10, 64); err != nil || before < 1 {
			return payroll.ErrNotFound
		}
	}
	f, err := s.fileOf(r.Context(), numberOf(r), payroll.RunID(before))
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "person", s.personView(f, before > 0, v))
}

func (s *Server) fileOf(ctx context.Context, number payroll.EmployeeNumber, before payroll.RunID) (f file, err error) {
	if f.Person, err = s.Desk.Person(ctx, number); err != nil {
		return f, err
	}
	if f.Days, f.Planned, err = s.payDays(ctx); err != nil {
		return f, err
	}
	if f.Readiness, err = s.readinessOf(ctx, number, f.Days); err != nil {
		return f, err
	}
	if f.Certificates, err = s.Desk.CertificatesOf(ctx, number); err != nil {
		return f, err
	}
	if f.Steps, err = s.Desk.CertificateSteps(ctx, number); err != nil {
		return f, err
	}
	if f.Notices, err = s.Desk.NoticesTo(ctx, number, noticesShown); err != nil {
		return f, err
	}
	if f.Slips, err = s.Desk.SlipsOf(ctx, number, before, slipsShown+1); err != nil {
		return f, err
	}
	if f.MoreSlips = len(f.Slips) > slipsShown; f.MoreSlips {
		f.Slips = f.Slips[:slipsShown]
	}
	if f.Reports, err = s.Desk.ReportsBy(ctx, number, reportsShown); err != nil {
		return f, err
	}
	f.Acts, err = s.Desk.ActsOn(ctx, string(number), actsShown)
	return f, err
}

// readinessOf is the exact verdict on one person for the pay date, by the judge
// that the worker asks; nil for somebody who has left or is on paper.
func (s *Server) readinessOf(ctx context.Context, number payroll.EmployeeNumber, days payroll.PayDays) (*payroll.Readiness, error) {
	standing, err := s.Desk.RosterStanding(ctx, number)
	if errors.Is(err, payroll.ErrNotFound) || err == nil && standing.Employee.OnPaper {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var certifiers []keystore.Certificate
	if days.Required == payroll.StepCertified {
		certifiers = s.Signer.Certifiers()
	}
	problem, ends := keystore.Forecast(standing, certifiers, days.Moment(), s.Now())
	readiness := days.Readiness(standing, problem, ends)
	return &readiness, nil
}

// origins are from where the steps of the ladder came, by the step's place. The
// audit log tells it: the entry of the same person about the same certificate that
// was written in the same moment.
func origins(steps []payroll.CertificateStep, acts []payroll.AuditEntry) []string {
	const moment = time.Second
	from := make([]string, len(steps))
	for i, step := range steps {
		for _, act := range acts {
			if act.Who == step.By && act.Detail["fingerprint"] == string(step.Fingerprint) &&
				act.At.Sub(step.At).Abs() < moment {
				from[i] = act.Detail["from"]
				break
			}
		}
	}
	return from
}
