package payroll

import (
	"errors"
	"strings"
	"testing"
)

func TestParseEmployeeNumber(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"7", "007", "E-001/a", "А7", "é", "0 07", strings.Repeat("9", 64)} {
		if got, err := ParseEmployeeNumber(text); err != nil || string(got) != text {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", " 7", "7 ", "\u00a07", "7\n", "7\x00", "0\u202e7", "0\u200d7", "0\u200b7", "\ufeff7", "0\u00a07", "0\u20077", "\xff",
		strings.Repeat("9", 65), "\ufffd",
	} {
		if got, err := ParseEmployeeNumber(text); !errors.Is(err, ErrInvalid) {
			t.Errorf("%q was taken as %q, %v", text, got, err)
		}
	}
}

func TestParseName(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Kiran Patel": "Kiran Patel", " Kiran ": "Kiran", "Nguyễn Thị Ánh": "Nguyễn Thị Ánh", "علی\u200cرضا": "علی\u200cرضا",
		"क\u094dर": "क\u094dर", "O'Brien-Ş.": "O'Brien-Ş.", "山田 太郎": "山田 太郎",
	} {
		if got, err := ParseName(text); err != nil || got != want {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "  ", "\u00a0", "Kiran\u202ePatel", "Kiran\u2066Patel", "Ki\u200bran", "Kiran\nPatel", "Kiran\tPatel", "Kiran\u2028Patel",
		"\xffKiran", "Kiran\ufffd", "Kiran\u061c", "Kiran\ue000", "Ki\u00adran", strings.Repeat("k", 201), "Kira" + strings.Repeat("\u0301\u0316", 7) + "n",
	} {
		got, err := ParseName(text)
		if !errors.Is(err, ErrInvalid) {
			t.Errorf("%q was taken as %q, %v", text, got, err)
		} else if strings.Contains(err.Error(), "Kiran") {
			t.Errorf("the error quotes the name: %v", err)
		}
	}
}

func TestMaskAccount(t *testing.T) {
	t.Parallel()
	for account, want := range map[string]string{
		"": "", "AT61 1904 3002 3457 3201": "•••• 3201", "DE89-3704": "•••• 3704", "12345": "•••• 2345",
		"1234": "••••", "x123": "••••", "12": "••••", "--": "••••",
		"•••• 3201": "•••• 3201", "****3201": "•••• 3201", "XXXX-XXXX-3201": "•••• 3201", "••••": "••••",
	} {
		got := MaskAccount(account)
		if got != want {
			t.Errorf("%q is masked as %q, want %q", account, got, want)
		}
		if again := MaskAccount(got); again != got {
			t.Errorf("%q is masked again as %q", got, again)
		}
	}
}

func TestAdmins(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "Mia", "1mia", "mia patel", "mia\n", "míá", strings.Repeat("m", 64)} {
		if _, err := ParseAdminName(name); !errors.Is(err, ErrInvalid) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := ParseAdminName("mia.p-1_x"); err != nil {
		t.Error(err)
	}
	if _, err := ParseRole("king"); !errors.Is(err, ErrInvalid) {
		t.Error(err)
	}
	mia := Admin{Name: "mia", Roles: []Role{RoleMaker, RoleAuditor}}
	if err := mia.May(RoleApprover, RoleMaker); err != nil {
		t.Error(err)
	}
	if err := mia.May(RoleApprover); !errors.Is(err, ErrNotAllowed) {
		t.Error(err)
	}
	if err := mia.May(); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("no role at all: %v", err)
	}
	mia.Disabled = true
	if err := mia.May(RoleMaker); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("disabled: %v", err)
	}
}

func TestFound(t *testing.T) {
	t.Parallel()
	operator, maker := Admin{Name: "o", Roles: []Role{RoleOperator}}, Admin{Name: "m", Roles: []Role{RoleMaker}}
	if err := operator.Found(false); err != nil {
		t.Error(err)
	}
	if err := operator.Found(true); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("a second founder: %v", err)
	}
	if err := maker.Found(false); !errors.Is(err, ErrInvalid) {
		t.Errorf("a founder who could add nobody: %v", err)
	}
}

func TestLadder(t *testing.T) {
	t.Parallel()
	for i, from := range Steps {
		for j, to := range Steps {
			if from.Reached(to) != (i >= j) {
				t.Errorf("%s reached %s: %v", from, to, from.Reached(to))
			}
			may := j > i && (to != StepCertified || from == StepPhoneChecked)
			if err := from.Climb(to); (err == nil) != may {
				t.Errorf("%s to %s: %v", from, to, err)
			} else if err != nil && !errors.Is(err, ErrWrongState) {
				t.Errorf("%s to %s: %v", from, to, err)
			}
		}
	}
	if err := StepSubmitted.Climb("heaven"); !errors.Is(err, ErrInvalid) {
		t.Errorf("a step that is none: %v", err)
	}
	if Step("heaven").Reached(StepSubmitted) || StepCertified.Reached("") || Step("").Reached("") {
		t.Error("something that is no step reaches or is reached")
	}
}

func TestResubmitted(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		step, wantStep Step
		from, want     CertificateStanding
		refused        bool
	}{
		{StepCertified, StepCertified, CertificateCurrent, CertificateCurrent, false},
		{StepAddressProven, StepAddressProven, CertificateCandidate, CertificateCandidate, false},
		{StepCertified, StepSubmitted, CertificateReplaced, CertificateCandidate, false},
		{StepCertified, StepCertified, CertificateRevoked, CertificateRevoked, true},
	} {
		step, standing, err := Resubmitted(test.step, test.from)
		if step != test.wantStep || standing != test.want || errors.Is(err, ErrNotAllowed) != test.refused {
			t.Errorf("%s %s: %s %s %v", test.from, test.step, standing, step, err)
		}
	}
}

func TestParseFingerprint(t *testing.T) {
	t.Parallel()
	plain := strings.Repeat("0123456789ABCDEF", 4)
	for _, length := range []int{40, 64} {
		want := Fingerprint(plain[:length])
		for _, text := range []string{string(want), strings.ToLower(string(want)), want.Grouped(), "0x" + string(want), strings.ReplaceAll(want.Grouped(), " ", ":")} {
			if got, err := ParseFingerprint(text); err != nil || got != want {
				t.Errorf("%q: %q, %v", text, got, err)
			}
		}
	}
	for _, text := range []string{"", "ABCDEF01", plain[:16], plain[:39], plain[:41], plain + "00", strings.Repeat("G", 40), strings.Repeat("٠", 40)} {
		if got, err := ParseFingerprint(text); !errors.Is(err, ErrInvalid) {
			t.Errorf("%q was taken as %q, %v", text, got, err)
		}
	}
	if got := Fingerprint("").Grouped(); got != "" {
		t.Errorf("no fingerprint is grouped as %q", got)
	}
}
