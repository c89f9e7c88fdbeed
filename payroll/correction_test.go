package payroll

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestMayCorrect(t *testing.T) {
	t.Parallel()
	october := Period{2026, time.October}
	for name, c := range map[string]struct {
		change   func(correction, original *Run)
		want     error
		sentence string
	}{
		"as it should be":  {func(_, _ *Run) {}, nil, ""},
		"approved":         {func(_, o *Run) { o.State = RunApproved }, nil, ""},
		"paused":           {func(_, o *Run) { o.State = RunPaused }, nil, ""},
		"a draft":          {func(_, o *Run) { o.State = RunDraft }, ErrWrongState, "voided"},
		"submitted":        {func(_, o *Run) { o.State = RunSubmitted }, ErrWrongState, "voided"},
		"void":             {func(_, o *Run) { o.State = RunVoid }, ErrWrongState, "voided"},
		"rejected":         {func(_, o *Run) { o.State = RunRejected }, ErrWrongState, "voided"},
		"another month":    {func(c, _ *Run) { c.Period.Month = time.November }, ErrInvalid, "same month"},
		"another currency": {func(c, _ *Run) { c.Currency = "CHF" }, ErrInvalid, "same currency"},
		"no reason":        {func(c, _ *Run) { c.Correction = "" }, ErrInvalid, "why"},
		"a long reason":    {func(c, _ *Run) { c.Correction = strings.Repeat("x", 201) }, ErrInvalid, "200"},
		"two lines":        {func(c, _ *Run) { c.Correction = "a\nb" }, ErrInvalid, "control"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			correction := &Run{Period: october, Currency: "EUR", Correction: "the overtime was missing"}
			original := &Run{ID: 4, State: RunComplete, Period: october, Currency: "EUR"}
			c.change(correction, original)
			err := correction.MayCorrect(original)
			if !errors.Is(err, c.want) || err != nil && !strings.Contains(err.Error(), c.sentence) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestCorrectable(t *testing.T) {
	t.Parallel()
	for _, state := range SlipStates {
		err := Correctable{Slip: "s", Employee: "7", State: state}.Check()
		if want := state == SlipWithdrawn; want != errors.Is(err, ErrWrongState) {
			t.Errorf("%s: %v", state, err)
		}
	}
	if err := (Correctable{State: SlipAccepted, Successor: 9}).Check(); !errors.Is(err, ErrWrongState) || !strings.Contains(err.Error(), "run 9") {
		t.Errorf("%v", err)
	}
}

// TestSupersede: of every state, what the approval of a correction makes of it.
func TestSupersede(t *testing.T) {
	t.Parallel()
	for _, state := range SlipStates {
		next, err := state.Supersede()
		want := state
		switch state {
		case SlipReady, SlipQueued, SlipDeferred, SlipHeld, SlipUnsure:
			want = SlipSuperseded
		case SlipSending:
			if !errors.Is(err, ErrWrongState) {
				t.Errorf("%s: %v", state, err)
			}
			continue
		case SlipAccepted, SlipRefused, SlipBounced, SlipSuperseded, SlipWithdrawn:
		}
		if next != want || err != nil {
			t.Errorf("%s becomes %s, %v", state, next, err)
		}
	}
}

// TestAnOldDigestStays: a slip that corrects nothing is encoded as before there
// were corrections.
func TestAnOldDigestStays(t *testing.T) {
	t.Parallel()
	encoded, err := (&Slip{Salt: "x"}).Encode()
	if err != nil || strings.Contains(string(encoded), "corrects") {
		t.Errorf("%s, %v", encoded, err)
	}
	slip := Slip{Period: Period{2026, time.October}, PayDate: Date{2026, time.October, 30}, Currency: "EUR", Net: Money{1, "EUR"}, Corrects: &Correction{Slip: "id", PayDate: Date{2026, time.October, 30}, Reason: "why"}}
	if encoded, err = slip.Encode(); err != nil {
		t.Fatal(err)
	}
	if again, err := DecodeSlip(encoded); err != nil || again.Corrects == nil || *again.Corrects != *slip.Corrects {
		t.Errorf("%+v, %v", again.Corrects, err)
	}
}
