package payroll

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var runStates = []RunState{RunDraft, RunSubmitted, RunRejected, RunApproved, RunSending, RunPaused, RunComplete, RunIncomplete, RunVoid}

func TestRunMoves(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		move func(*Run) error
		from []RunState
		to   RunState
	}{
		"submit":  {func(r *Run) error { return r.Submit("maker") }, []RunState{RunDraft}, RunSubmitted},
		"approve": {func(r *Run) error { return r.Approve("second") }, []RunState{RunSubmitted}, RunApproved},
		"reject":  {func(r *Run) error { return r.Reject("second", "no") }, []RunState{RunSubmitted}, RunRejected},
		"void":    {func(r *Run) error { return r.Void("no") }, []RunState{RunDraft, RunSubmitted, RunApproved}, RunVoid},
		"send":    {func(r *Run) error { return r.Send(time.Now()) }, []RunState{RunApproved}, RunSending},
		"pause":   {func(r *Run) error { return r.Pause("relay") }, []RunState{RunSending}, RunPaused},
		"resume":  {func(r *Run) error { return r.Resume() }, []RunState{RunPaused}, RunSending},
	} {
		for _, state := range runStates {
			r := Run{ID: 7, State: state, ImportedBy: "maker", SubmittedBy: "maker"}
			err := test.move(&r)
			allowed := false
			for _, from := range test.from {
				allowed = allowed || from == state
			}
			switch {
			case allowed && (err != nil || r.State != test.to):
				t.Errorf("%s from %s: %s, %v", name, state, r.State, err)
			case !allowed && (!errors.Is(err, ErrWrongState) || r.State != state):
				t.Errorf("%s from %s: %s, %v", name, state, r.State, err)
			}
		}
	}
}

func TestSecondPerson(t *testing.T) {
	t.Parallel()
	for _, by := range []AdminName{"importer", "submitter"} {
		r := Run{State: RunSubmitted, ImportedBy: "importer", SubmittedBy: "submitter"}
		if err := r.Approve(by); !errors.Is(err, ErrNotAllowed) || r.State != RunSubmitted || r.ApprovedBy != "" {
			t.Errorf("%s approved: %v", by, err)
		}
		if err := r.Reject(by, "x"); !errors.Is(err, ErrNotAllowed) || r.State != RunSubmitted {
			t.Errorf("%s rejected: %v", by, err)
		}
		r.State = RunSending
		if err := r.Reapprove(by); !errors.Is(err, ErrNotAllowed) {
			t.Errorf("%s approved again: %v", by, err)
		}
	}
	r := Run{State: RunSubmitted, ImportedBy: "importer", SubmittedBy: "submitter"}
	if err := r.Approve("second"); err != nil || r.ApprovedBy != "second" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestReapprove(t *testing.T) {
	t.Parallel()
	for _, state := range runStates {
		r := Run{State: state, ImportedBy: "maker"}
		err := r.Reapprove("second")
		if r.Started() != (err == nil) || err != nil && !errors.Is(err, ErrWrongState) {
			t.Errorf("%s: %v", state, err)
		}
	}
}

func TestSettled(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		slips map[SlipState]int
		want  RunState
	}{
		{map[SlipState]int{}, RunComplete},
		{map[SlipState]int{SlipAccepted: 3, SlipRefused: 1, SlipBounced: 1, SlipSuperseded: 1, SlipWithdrawn: 1}, RunComplete},
		{map[SlipState]int{SlipAccepted: 3, SlipHeld: 1}, RunIncomplete},
		{map[SlipState]int{SlipAccepted: 3, SlipUnsure: 1}, RunIncomplete},
		{map[SlipState]int{SlipHeld: 1, SlipQueued: 1}, RunSending},
		{map[SlipState]int{SlipHeld: 1, SlipSending: 1}, RunSending},
		{map[SlipState]int{SlipHeld: 1, SlipDeferred: 1}, RunSending},
		{map[SlipState]int{SlipAccepted: 1, SlipQueued: 0, SlipHeld: 0}, RunComplete},
	} {
		for range 20 { // a map has no order, and the answer must not depend on one
			if got := Settled(test.slips); got != test.want {
				t.Errorf("%v: %s, want %s", test.slips, got, test.want)
				break
			}
		}
	}
}

func TestSlipStates(t *testing.T) {
	t.Parallel()
	if len(SlipStates) != 11 {
		t.Errorf("%d states", len(SlipStates))
	}
	for _, s := range SlipStates {
		if s.Final() && s.Moving() {
			t.Errorf("%s is final and moves", s)
		}
	}
}

func TestSlipEncoding(t *testing.T) {
	t.Parallel()
	gross := Money{Minor: 500000, Currency: "EUR"}
	s := Slip{
		Employee: Employee{Number: "007", Name: "Kiran <Ä> & Co", Email: "k@acme.example", Joined: Date{2020, time.February, 29}},
		Period:   Period{2026, time.October}, PayDate: Date{2026, time.October, 30}, Currency: "EUR", Gross: &gross,
		Net: Money{Minor: -1, Currency: "EUR"}, Lines: []Line{{Kind: LineEarning, Label: "Basic", Amount: gross, Quantity: "4.50"}, {Kind: LineDeduction, Label: "Tax"}},
		Hours: []Fact{{"Overtime", "4.5"}},
	}
	encoded, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := DecodeSlip(encoded)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s, back); diff != "" {
		t.Error(diff)
	}
	again, err := back.Encode()
	if err != nil || Digest(again) != Digest(encoded) {
		t.Errorf("the digest changes on the way, %v", err)
	}
	if lines := s.LinesOf(LineDeduction); len(lines) != 1 || lines[0].Label != "Tax" {
		t.Errorf("%+v", lines)
	}
	if _, err := DecodeSlip([]byte(`{"net":"secret 4711`)); !errors.Is(err, ErrInvalid) || strings.Contains(err.Error(), "4711") {
		t.Errorf("a broken slip: %v", err)
	}
}

func TestPeriodsAndDates(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "2026", "2026-1", "2026-13", "2026-00", "26-10", "2026-10-01", "2026/10", " 2026-10"} {
		if p, err := ParsePeriod(text); !errors.Is(err, ErrInvalid) || !p.IsZero() {
			t.Errorf("%q: %s, %v", text, p, err)
		}
	}
	for _, text := range []string{"", "2026-02-29", "2026-04-31", "2026-1-1", "30.10.2026", "2026-10-30T00:00:00Z", "2026-10-00"} {
		if d, err := ParseDate(text); !errors.Is(err, ErrInvalid) || !d.IsZero() {
			t.Errorf("%q: %s, %v", text, d, err)
		}
	}
	december := Period{2028, time.December}
	if got := december.Next(); got != (Period{2029, time.January}) || !december.Before(got) || got.Before(got) {
		t.Errorf("after December comes %s", got)
	}
	if got := (Period{2028, time.February}).Last(); got != (Date{2028, time.February, 29}) {
		t.Errorf("the leap day is %s", got)
	}
	if got := (Date{2026, time.March, 1}).AddDays(-1); got.String() != "2026-02-28" || got.Weekday() != time.Saturday {
		t.Errorf("the day before is %s", got)
	}
	if got := (Date{}).String(); got != "" {
		t.Errorf("no day at all is %q", got)
	}
	vienna := rule(t, "1", "none", "00:30", "Europe/Vienna").Zone
	if got := DateOf(time.Date(2026, 10, 31, 23, 30, 0, 0, time.UTC).In(vienna)); got.String() != "2026-11-01" {
		t.Errorf("the day in Vienna is %s", got)
	}
}

func TestPeriodsAndDatesInJSON(t *testing.T) {
	t.Parallel()
	type both struct {
		P Period
		D Date
		Z Date
	}
	want := both{P: Period{2026, time.October}, D: Date{2026, time.October, 30}}
	encoded, err := json.Marshal(want)
	if err != nil || string(encoded) != `{"P":"2026-10","D":"2026-10-30","Z":""}` {
		t.Fatalf("%s, %v", encoded, err)
	}
	var got both
	if err := json.Unmarshal(encoded, &got); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if err := json.Unmarshal([]byte(`{"D":"soon"}`), &got); err == nil {
		t.Error("soon is a date")
	}
}

func TestVerdictOf(t *testing.T) {
	t.Parallel()
	of := func(severities ...Severity) (findings []Finding) {
		for _, s := range severities {
			findings = append(findings, Finding{Severity: s})
		}
		return findings
	}
	for want, findings := range map[Verdict][][]Finding{
		VerdictAccept: {nil, of(SeverityNote, SeverityWarning)},
		VerdictAsk:    {of(SeverityAsk), of(SeverityNote, SeverityAsk)},
		VerdictRefuse: {of(SeverityError), of(SeverityAsk, SeverityError)},
	} {
		for _, f := range findings {
			if got := VerdictOf(f); got != want {
				t.Errorf("%v: %s, want %s", f, got, want)
			}
		}
	}
}
