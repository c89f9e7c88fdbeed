package console

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web/door"
)

func certificateOperations() []operation {
	return []operation{
		tells(operation{as: "GET /people/{number}", method: "GET", path: "/employees/{number}/certificates", scope: payroll.ScopeRead, id: "certificates", tag: "certificates", summary: "The certificates of an employee, and who climbed which step when"}, (*caller).certificates),
		tells(operation{roles: rosterRoles, method: "POST", path: "/employees/{number}/certificates", scope: payroll.ScopePeople, file: true, body: keystore.MaxFile + 1, id: "add-certificate", tag: "certificates", summary: "Hand in an employee's certificate",
			about: "An OpenPGP certificate, armored or not. It is judged and kept as a candidate: nothing is sealed to it before it has climbed the ladder. Safe to repeat: a fresh copy of a known one refreshes it."}, (*caller).addCertificate),
		does(operation{as: "POST /people/certificates/{id}/end", method: "POST", path: "/certificates/{id}/end", scope: payroll.ScopePeople, id: "end-certificate", tag: "certificates", summary: "End the use of a certificate, at once and for good"}, (*caller).endUse),
		tells(operation{as: "GET /calls", method: "GET", path: "/calls", scope: payroll.ScopeRead, id: "calls", tag: "certificates", summary: "Who waits for somebody to compare the fingerprint with them, the longest first"}, (*caller).callList),
		tells(operation{as: "GET /calls/{number}", method: "GET", path: "/calls/{number}", scope: payroll.ScopeRead, id: "call", tag: "certificates", summary: "What to know before calling an employee"},
			func(c *caller, ctx context.Context, in *OfEmployee) (apiCall, error) {
				call, err := c.Desk.PhoneCall(ctx, c.Policy.Freeze, in.Number)
				return c.callOf(call), err
			}),
		tells(operation{as: "POST /calls/{number}", method: "POST", path: "/calls/{number}", scope: payroll.ScopePeople, id: "record-call", tag: "certificates", summary: "What came of a call",
			about: "agreed: a person compared the whole fingerprint with the employee, who read it out; the certificate is certified, once as many people have as policy asks. no-answer: the call is noted. denied: it is not the employee's; end its use then."}, (*caller).recordCall),
	}
}

// apiCertificate is one on the ladder.
type apiCertificate struct {
	ID int64 `json:"id"`
	payroll.StoredCertificate
	Steps []payroll.CertificateStep `json:"steps" nullable:"false"`
}

func (c *caller) certificates(ctx context.Context, in *OfEmployee) (list apiList[apiCertificate], err error) {
	if _, err := c.Desk.Person(ctx, in.Number); err != nil {
		return list, err
	}
	stored, err := c.Desk.CertificatesOf(ctx, in.Number)
	if err != nil {
		return list, err
	}
	steps, err := c.Desk.CertificateSteps(ctx, in.Number)
	all := make([]apiCertificate, len(stored))
	for i, s := range stored {
		all[i] = apiCertificate{s.ID, s, []payroll.CertificateStep{}}
		for _, step := range steps {
			if step.Fingerprint == s.Fingerprint {
				all[i].Steps = append(all[i].Steps, step)
			}
		}
	}
	return partOf(all, ""), err
}

// apiReception is what became of a certificate that was handed in.
type apiReception struct {
	keystore.Verdict
	Step     payroll.Step                `json:"step,omitempty"`
	Standing payroll.CertificateStanding `json:"standing,omitempty"`
	Revoked  []payroll.Fingerprint       `json:"revoked,omitempty" doc:"Certificates of the employee that the file revokes; their use has ended."`
}

// addCertificate does what keys add does.
func (c *caller) addCertificate(ctx context.Context, in *OfEmployee) (a apiReception, err error) {
	raw, err := io.ReadAll(c.r.Body)
	if err != nil {
		return a, door.BodyError(err)
	}
	person, err := c.Desk.Person(ctx, in.Number)
	if err != nil {
		return a, err
	}
	now, err := c.Desk.Now(ctx)
	if err != nil {
		return a, err
	}
	stored, err := c.Desk.CertificatesOf(ctx, in.Number)
	if err != nil {
		return a, err
	}
	var known []keystore.Known
	for _, s := range stored {
		known = append(known, keystore.Known{Content: s.Content, Step: s.Step, Standing: s.Standing})
	}
	reception := keystore.Receive(raw, person.Email, known, c.Signer.Certifiers(), now)
	a.Verdict = reception.Verdict
	for _, f := range reception.Revoked {
		if _, err := c.Desk.RevokeCertificate(ctx, in.Number, f, "revoked by its owner", c.by()); err != nil {
			return a, err
		}
		a.Revoked = append(a.Revoked, f)
	}
	if !reception.Verdict.Accepted() {
		return a, nil
	}
	reception.Submission.Employee = in.Number
	put, err := c.Desk.PutCertificate(ctx, reception.Submission, c.by())
	a.Step, a.Standing = put.Step, put.Standing
	return a, err
}

type apiEnd struct {
	OfNumber
	Body struct {
		Reason string `json:"reason" maxLength:"500" doc:"It is kept with the certificate."`
	}
}

// endUse does what the page does.
func (c *caller) endUse(ctx context.Context, in *apiEnd) error {
	stored, err := c.Desk.Certificate(ctx, in.ID)
	if err != nil {
		return err
	}
	return c.endUseOf(ctx, stored, in.Body.Reason, c.by())
}

// endUseOf ends the use of a certificate and, as the command does, takes the
// company's certification back.
func (s *Server) endUseOf(ctx context.Context, c payroll.StoredCertificate, reason string, by payroll.AdminName) error {
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return fmt.Errorf("%w: say why its use ends", payroll.ErrInvalid)
	}
	if err := payroll.CheckWords("reason", reason); err != nil {
		return err
	}
	stored, err := s.Desk.RevokeCertificate(ctx, c.Employee, c.Fingerprint, reason, by)
	if err != nil {
		return err
	}
	if _, err := s.Signer.Withdraw(ctx, s.Desk, stored, by); err != nil {
		return fmt.Errorf("the use has ended, but not the company's certification: %w", err)
	}
	return nil
}

// apiCall is a call that is to be made.
type apiCall struct {
	payroll.Call
	Unanswered        int        `json:"unanswered" doc:"Calls that nobody answered."`
	LastCall          *time.Time `json:"last_call"`
	PhoneChangedLater bool       `json:"phone_changed_lately" doc:"The number took the place of another within 90 days: be careful."`
	Barred            string     `json:"barred,omitempty" doc:"Why the owner of this token may not be the one to compare."`
}

func (c *caller) callOf(call payroll.PhoneCall) apiCall {
	a := apiCall{call.Call, call.Unanswered, call.LastCall, call.PhoneChangedLately(c.Now()), ""}
	if err := call.May(c.by()); err != nil {
		a.Barred = toldBy(err)
	}
	return a
}

func (c *caller) callList(ctx context.Context, _ *apiNothing) (apiList[apiCall], error) {
	calls, _, err := c.Desk.PhoneCalls(ctx, c.Policy.Freeze, callsShown)
	list := make([]apiCall, len(calls))
	for i, call := range calls {
		list[i] = c.callOf(call)
	}
	return partOf(list, ""), err
}

type apiRecordCall struct {
	OfEmployee
	Body struct {
		Result      string              `json:"result" enum:"agreed,no-answer,denied"`
		Fingerprint payroll.Fingerprint `json:"fingerprint" maxLength:"100" doc:"The one that was compared, whole: what the employee read out. Blanks between groups do not count."`
		Method      string              `json:"method,omitempty" enum:"phone,in-person" doc:"How it was compared; needed if the result is agreed."`
		Note        string              `json:"note,omitempty" maxLength:"500" doc:"Who spoke with whom; needed unless nobody answered."`
	}
}

// recordCall is what the page's form does. There the caller ticks each group; here
// the program gives the whole fingerprint.
func (c *caller) recordCall(ctx context.Context, in *apiRecordCall) (a apiCertificate, err error) {
	call, err := c.Desk.PhoneCall(ctx, c.Policy.Freeze, in.Number)
	if err != nil {
		return a, err
	}
	read := payroll.Fingerprint(strings.ToUpper(strings.Join(strings.Fields(string(in.Body.Fingerprint)), "")))
	if read != call.Fingerprint {
		return a, fmt.Errorf("%w: it is not the fingerprint that waits; if the employee read out another one, their result is denied", payroll.ErrWrongState)
	}
	ticks := slices.Repeat([]bool{true}, len(strings.Fields(call.Fingerprint.Grouped())))
	filled := answers{Result: in.Body.Result, Method: in.Body.Method, Note: strings.TrimSpace(in.Body.Note), Ticked: ticks}
	if mistakes := filled.mistakes(); len(mistakes) > 0 {
		return a, fmt.Errorf("%w: %s", payroll.ErrInvalid, strings.TrimSuffix(mistakes[0].Text, "."))
	}
	switch filled.Result {
	case "no-answer":
		err = c.Desk.RecordNoAnswer(ctx, call.Employee, call.Fingerprint, c.by())
	case "denied":
		err = c.Desk.DenyFingerprint(ctx, call.Employee, call.Fingerprint, filled.Note, c.by())
	default:
		_, err = c.compared(ctx, call, filled, c.by())
	}
	if err != nil {
		return a, err
	}
	stored, err := c.stored(ctx, call)
	return apiCertificate{stored.ID, stored, []payroll.CertificateStep{}}, err
}

// compared records a comparison by the rule that the command has, and certifies.
func (s *Server) compared(ctx context.Context, c payroll.PhoneCall, a answers, by payroll.AdminName) (payroll.StoredCertificate, error) {
	if err := s.mayCertify(ctx); err != nil {
		return payroll.StoredCertificate{}, err
	}
	stored, err := s.stored(ctx, c)
	if err != nil {
		return stored, err
	}
	comparison := keystore.Comparison{Ladder: s.Desk, Signer: s.Signer, By: by, Climb: payroll.Climb{
		Employee: c.Employee, Fingerprint: c.Fingerprint, Method: a.Method, Note: a.Note,
		Required: s.Policy.Required, Freeze: s.Policy.Freeze,
	}}
	return comparison.Record(ctx, stored)
}

// numberText is a cursor that is a number; 0 for none.
func numberText(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}
