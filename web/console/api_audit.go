package console

import (
	"context"
	"fmt"
	"strings"

	"github.com/payseal/payseal/payroll"
)

func auditOperations() []operation {
	return []operation{
		tells(operation{as: "GET /audit", method: "GET", path: "/audit", scope: payroll.ScopeRead, id: "audit", tag: "audit", summary: "The audit log, the newest first"}, (*caller).auditList),
		tells(operation{as: "POST /audit/verify", method: "POST", path: "/audit/verify", scope: payroll.ScopeRead, slow: true, id: "verify-audit", tag: "audit", summary: "Walk the whole log and say whether it is whole",
			about: "A broken log is an answer, not an error: broken is the first bad entry. It raises an alarm."}, (*caller).verifyAudit),
	}
}

type apiAudit struct {
	Who     string `query:"who" maxLength:"63"`
	Act     string `query:"act" maxLength:"100" doc:"run.approve"`
	Subject string `query:"about" maxLength:"200"`
	Match   string `query:"match" enum:"begins" doc:"begins: about is what the subject begins with."`
	From    string `query:"from" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" doc:"A day in the company's zone."`
	Until   string `query:"until" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" doc:"The last day, included."`
	After   int64  `query:"after" minimum:"1" doc:"The entry after which the list goes on: next of the part before."`
}

func (c *caller) auditList(ctx context.Context, in *apiAudit) (list apiList[payroll.AuditEntry], err error) {
	form := auditForm{who: in.Who, act: in.Act, subject: in.Subject, match: in.Match, from: in.From, until: in.Until, before: in.After}
	for _, text := range []string{form.who, form.act, form.subject} {
		if err := payroll.CheckText("filter", text); err != nil {
			return list, err
		}
	}
	q, err := form.query(c.Company.Zone)
	if err != nil {
		return list, err
	}
	entries, err := c.Desk.SearchAudit(ctx, q)
	next := ""
	if len(entries) > auditPage {
		entries = entries[:auditPage]
		next = numberText(entries[auditPage-1].Sequence)
	}
	return partOf(entries, next), err
}

type apiVerify struct {
	Body *struct {
		Known string `json:"known,omitempty" maxLength:"64" doc:"A head that was kept elsewhere: it must be in the log."`
	}
}

// verifyAudit walks the log as the page does, one walk at a time.
func (c *caller) verifyAudit(ctx context.Context, in *apiVerify) (verdict payroll.AuditVerdict, err error) {
	known := ""
	if in.Body != nil {
		known = strings.ToLower(in.Body.Known)
	}
	if known != "" && !manifestText.MatchString(known) {
		return verdict, fmt.Errorf("%w: a head is 64 hexadecimal digits", payroll.ErrInvalid)
	}
	head, broken, err := c.rememberedHead(c.r)
	if err != nil {
		return verdict, err
	}
	if !c.walking.TryLock() {
		return verdict, payroll.ErrTooMany
	}
	defer c.walking.Unlock()
	verdict, err = payroll.VerifyAudit(ctx, c.Desk, known, head, nil)
	if err != nil {
		return verdict, err
	}
	if verdict.Broken == 0 && broken != "" {
		verdict.Broken, verdict.Reason = 1, broken
	}
	return verdict, c.noteVerdict(ctx, c.v, verdict)
}
