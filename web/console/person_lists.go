package console

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/payseal/payseal/payroll"
)

func slipsTable(number payroll.EmployeeNumber, slips []payroll.PersonSlip, older bool) Table {
	t := Table{Caption: "Slips", Quiet: true, Columns: []Column{
		{Name: "Run"}, {Name: "Pay date"}, {Name: "State"}, {Name: "Sealed to"}, {Name: "Attempts", Number: true}, {Name: "Accepted"},
	}}
	for _, l := range slips {
		state := slipChip(l.State)
		cell := Cell{Chip: &state}
		if l.Hold != "" {
			cell.Hint = commands.ReplaceAllString(l.Hold.Sentence(), "")
		}
		sealed := Cell{Missing: "to none yet"}
		if l.Fingerprint != "" {
			sealed = Cell{Text: "…" + string(l.Fingerprint[len(l.Fingerprint)-16:]), Code: true}
		}
		accepted := Cell{Missing: "not accepted"}
		if l.SentAt != nil {
			accepted = Cell{At: *l.SentAt}
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{
			{Text: fmt.Sprintf("Run %d", l.Run), Href: runPath(l.Run, "slips", string(number)), Hint: periodWords(l.Period)},
			{Day: l.PayDate}, cell, sealed, {Text: count(l.Attempts)}, accepted,
		}})
	}
	t.Empty = &Empty{Drawing: "runs", Title: "No slip yet", Text: "The first one appears with the next run that they are in."}
	if older {
		t.Empty = &Empty{Title: "There are no older slips"}
	}
	return t
}

func slipsPager(f file, paged bool) Pager {
	p := Pager{OlderName: "Older slips", NewerName: "Newest slips"}
	if paged {
		p.Newer = personPath(f.Number) + "#slips"
	}
	if f.MoreSlips {
		last := f.Slips[len(f.Slips)-1].Run
		p.Older = personPath(f.Number) + "?before=" + strconv.FormatInt(int64(last), 10) + "#slips"
	}
	return p
}

// noticeWords are the mails that are no slips.
var noticeWords = map[payroll.NoticeKind]string{
	payroll.NoticeInvitation: "Invitation to the form",
	payroll.NoticeLink:       "Link to the form",
	payroll.NoticeSignInCode: "Code to sign in, sealed",
	payroll.NoticeProofCode:  "Code that proves decryption, sealed",
	payroll.NoticeSpecimen:   "Test slip, sealed",
	payroll.NoticeConfirmOld: "Question at the old address",
	payroll.NoticeConfirmNew: "Question at the new address",
	payroll.NoticeReminder:   "Reminder that the certificate ends",
}

// topicWords are what a notice of a change, or of a held slip, tells.
var topicWords = map[string]string{
	payroll.TopicCertificateSubmitted: "A certificate was handed in",
	payroll.TopicCertificateCurrent:   "Slips are sealed to another certificate",
	payroll.TopicCertificateRefreshed: "The certificate has a new end",
	payroll.TopicCertificateRevoked:   "A certificate's use has ended",
	payroll.TopicAddressChanged:       "The address was changed",
}

var noticeChips = map[payroll.NoticeState]Chip{
	payroll.NoticeQueued:  {"Waits to be sent", "clock", ToneLive},
	payroll.NoticeSent:    {"Sent", "check", ToneGood},
	payroll.NoticeRefused: {"Refused by the relay", "cross", ToneBad},
	payroll.NoticeDropped: {"Not sent any more", "minus", TonePlain},
}

func noticesTable(list []payroll.SentNotice) Table {
	t := Table{Caption: "Mails that are no slips", Quiet: true, Columns: []Column{{Name: "What"}, {Name: "To"}, {Name: "Written"}, {Name: "State"}}}
	for _, n := range list {
		what, known := noticeWords[n.Kind]
		if topic, told := topicWords[n.Topic]; told {
			what = "Told: " + strings.ToLower(topic[:1]) + topic[1:]
		} else if !known {
			what = string(n.Kind)
		}
		state := chipOf(noticeChips, n.State)
		cell := Cell{Chip: &state}
		if n.SentAt != nil {
			cell.At = *n.SentAt
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: what}, {Text: string(n.To)}, {At: n.Created}, cell}})
	}
	t.Empty = &Empty{Title: "Nothing was sent yet"}
	return t
}

var reportWords = map[payroll.ReportKind]string{
	payroll.ReportSuspicious: "A mail that may not be ours",
	payroll.ReportLostKey:    "Lost the key",
	payroll.ReportStranger:   "“It was not me”",
}

func reportsTable(f file, v *visit) Table {
	t := Table{Caption: "Reports", Quiet: true, Columns: []Column{{Name: "What"}, {Name: "Their words"}, {Name: "When"}, {Name: "Settled"}}}
	for _, r := range f.Reports {
		settled := Cell{Chip: &Chip{"Open", "flag", ToneWarn}}
		switch {
		case r.SettledAt != nil:
			settled = Cell{Text: "by " + string(r.SettledBy), At: *r.SettledAt}
		case v.is(keyRoles...):
			settled.Act = &Act{Action: personPath(f.Number) + "/settle", Name: "Settle", About: "this report",
				Hidden: []Hidden{{"report", strconv.FormatInt(r.ID, 10)}}}
		}
		row := Row{Cells: []Cell{{Text: reportWords[r.Kind]}, {Text: r.Text}, {At: r.At}, settled}}
		if r.SettledAt == nil {
			row.Tone = ToneWarn
		}
		t.Rows = append(t.Rows, row)
	}
	t.Empty = &Empty{Title: "They reported nothing"}
	return t
}

// actsTable are the newest acts about a person, for everybody; the audit log's own
// page has all of them.
func actsTable(acts []payroll.AuditEntry) Table {
	const most = 15
	t := Table{Caption: "Acts", Quiet: true, Columns: []Column{{Name: "Act"}, {Name: "Who"}, {Name: "When"}, {Name: "From"}}}
	for _, a := range acts[:min(most, len(acts))] {
		t.Rows = append(t.Rows, Row{Cells: []Cell{
			{Text: a.What, Code: true}, {Text: byWords(a.Who)}, {At: a.At}, textOr(a.Detail["from"], "not kept"),
		}})
	}
	t.Empty = &Empty{Title: "Nothing was done about them yet"}
	return t
}
