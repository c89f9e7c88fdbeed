package mailer

import (
	"testing"

	"github.com/payseal/payseal/payroll"
)

func TestJudge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		phase    string
		code     int
		enhanced string
		want     verdict
	}{
		{phaseMail, 421, "", verdict{payroll.Deferred, pauseAll}},
		{phaseRcpt, 421, "4.7.0", verdict{payroll.Deferred, pauseAll}},
		{phaseDot, 421, "", verdict{payroll.Deferred, pauseAll}},
		{phaseMail, 452, "4.3.1", verdict{payroll.Deferred, pauseAll}},
		{phaseMail, 530, "5.7.0", verdict{payroll.Deferred, noLogin}},
		{phaseMail, 535, "", verdict{payroll.Deferred, noLogin}},
		{phaseMail, 550, "5.7.8", verdict{payroll.Deferred, noLogin}},
		{phaseMail, 552, "", verdict{payroll.Refused, noTrouble}},
		{phaseMail, 554, "5.3.4", verdict{payroll.Refused, noTrouble}},
		{phaseMail, 553, "5.1.8", verdict{payroll.Deferred, pauseAll}},
		{phaseMail, 501, "5.5.4", verdict{payroll.Deferred, pauseAll}},
		{phaseRcpt, 450, "4.2.1", verdict{payroll.Deferred, noTrouble}},
		{phaseRcpt, 550, "5.1.1", verdict{payroll.Refused, noTrouble}},
		{phaseRcpt, 550, "5.7.1", verdict{payroll.Refused, noTrouble}},
		{phaseRcpt, 551, "", verdict{payroll.Refused, noTrouble}},
		{phaseRcpt, 501, "5.1.3", verdict{payroll.Refused, noTrouble}},
		{phaseRcpt, 552, "5.2.2", verdict{payroll.Refused, noTrouble}},
		{phaseRcpt, 554, "5.7.1", verdict{payroll.Deferred, pauseAll}},
		{phaseRcpt, 553, "5.7.1", verdict{payroll.Deferred, pauseAll}},
		{phaseRcpt, 504, "5.5.2", verdict{payroll.Deferred, pauseAll}},
		{phaseRcpt, 503, "", verdict{payroll.Deferred, pauseAll}},
		{phaseRcpt, 530, "5.7.0", verdict{payroll.Deferred, noLogin}},
		{phaseData, 554, "", verdict{payroll.Refused, noTrouble}},
		{phaseData, 503, "5.5.1", verdict{payroll.Deferred, pauseAll}},
		{phaseData, 451, "", verdict{payroll.Deferred, noTrouble}},
		{phaseDot, 554, "5.7.1", verdict{payroll.Refused, noTrouble}},
		{phaseDot, 550, "5.5.0", verdict{payroll.Refused, noTrouble}},
		{phaseDot, 552, "5.3.4", verdict{payroll.Refused, noTrouble}},
		{phaseDot, 500, "", verdict{payroll.Deferred, pauseAll}},
		{phaseDot, 354, "", verdict{payroll.Unsure, lostLine}},
		{phaseData, 250, "", verdict{payroll.Deferred, lostLine}},
	} {
		if got := judge(c.phase, reply{code: c.code, enhanced: c.enhanced}); got != c.want {
			t.Errorf("%s %d %s: %+v, want %+v", c.phase, c.code, c.enhanced, got, c.want)
		}
	}
}

// Whatever a relay answers, only a 5xx refuses a slip for good, and only after
// the final dot can we be unsure.
func TestJudgeEveryCode(t *testing.T) {
	t.Parallel()
	for _, phase := range []string{phaseMail, phaseRcpt, phaseData, phaseDot} {
		for code := 200; code < 600; code++ {
			kind := judge(phase, reply{code: code}).kind
			if kind == payroll.Refused && code < 500 || kind == payroll.Unsure && phase != phaseDot || kind == payroll.Accepted ||
				kind == payroll.Deferred && phase == phaseDot && code < 400 {
				t.Errorf("%s %d is %s", phase, code, kind)
			}
		}
	}
}
