package payroll

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSeenNext(t *testing.T) {
	t.Parallel()
	const none, combined, nested, inline, attachment = "", StructureCombined, StructureNested, PresentationInline, PresentationAttachment
	for _, test := range []struct {
		seen    Seen
		sent    MailProfile
		company string
		want    MailProfile
		change  bool
	}{
		{SeenGood, MailProfile{}, combined, MailProfile{}, false},
		{SeenGood, MailProfile{nested, attachment}, combined, MailProfile{nested, attachment}, false},
		{SeenOpened, MailProfile{}, combined, MailProfile{nested, none}, true},
		{SeenOpened, MailProfile{}, nested, MailProfile{combined, none}, true},
		{SeenOpened, MailProfile{nested, inline}, combined, MailProfile{combined, inline}, true},
		{SeenOpened, MailProfile{combined, attachment}, combined, MailProfile{combined, attachment}, false},
		{SeenAttachments, MailProfile{}, nested, MailProfile{combined, attachment}, true},
		{SeenAttachments, MailProfile{combined, attachment}, nested, MailProfile{combined, attachment}, false},
		{SeenNothing, MailProfile{}, combined, MailProfile{nested, none}, true},
		{SeenNothing, MailProfile{nested, inline}, combined, MailProfile{combined, inline}, true},
		{SeenNothing, MailProfile{combined, attachment}, nested, MailProfile{combined, inline}, true},
	} {
		got, change := test.seen.Next(test.sent, test.company)
		if diff := cmp.Diff(test.want, got); diff != "" || change != test.change {
			t.Errorf("%s of %+v, company %s: changes %v\n%s", test.seen, test.sent, test.company, change, diff)
		}
	}
}

func TestPhoneEnd(t *testing.T) {
	t.Parallel()
	for phone, want := range map[string]string{
		"+43 660 123 45 42": "42", "98765-43210": "10", "(0)12 34": "34", "1234": "", "": "", "no telephone": "",
		"ext. 12": "", "+91 ٩٨٧٦٥": "٦٥",
	} {
		if got := (Enrolee{Phone: phone}).PhoneEnd(); got != want {
			t.Errorf("%q ends in %q, want %q", phone, got, want)
		}
	}
}

func TestEnroleeStanding(t *testing.T) {
	t.Parallel()
	e := Enrolee{Certificates: []EnrolledCertificate{
		{Fingerprint: "C", Standing: CertificateReplaced}, {Fingerprint: "B", Standing: CertificateReplaced}, {Fingerprint: "A", Standing: CertificateCurrent},
	}}
	if c, found := e.Standing(CertificateReplaced); !found || c.Fingerprint != "C" {
		t.Errorf("%+v, %v", c, found)
	}
	if c, found := e.Standing(CertificateCandidate); found {
		t.Errorf("%+v", c)
	}
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestFreezeSince(t *testing.T) {
	t.Parallel()
	pay := Date{2026, time.October, 30}
	for name, test := range map[string]struct {
		freeze Freeze
		pay    Date
		want   string
	}{
		"none":                  {Freeze{Zone: zone(t, "Asia/Kolkata")}, pay, "9999-01-01T00:00:00Z"},
		"negative":              {Freeze{Days: -1}, pay, "9999-01-01T00:00:00Z"},
		"no zone":               {Freeze{Days: 3}, pay, "2026-10-27T00:00:00Z"},
		"east":                  {Freeze{3, zone(t, "Asia/Kolkata")}, pay, "2026-10-26T18:30:00Z"},
		"over the clocks":       {Freeze{7, zone(t, "Europe/Vienna")}, pay, "2026-10-22T22:00:00Z"}, // still summer time
		"over the year":         {Freeze{3, time.UTC}, Date{2027, time.January, 2}, "2026-12-30T00:00:00Z"},
		"a midnight that isn't": {Freeze{1, zone(t, "Africa/Cairo")}, Date{2026, time.April, 25}, "2026-04-23T22:00:00Z"},
	} {
		if got := test.freeze.Since(test.pay).UTC().Format(time.RFC3339); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func TestChecksNeeded(t *testing.T) {
	t.Parallel()
	f := Freeze{3, zone(t, "Asia/Kolkata")}
	dates := []Date{{2026, time.September, 30}, {2026, time.October, 30}, {2026, time.November, 30}}
	at := func(text string) time.Time {
		parsed, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	for name, test := range map[string]struct {
		freeze Freeze
		rekey  bool
		at     time.Time
		dates  []Date
		want   int
	}{
		"long before":         {f, true, at("2026-10-15T12:00:00Z"), dates, 1},
		"a second before":     {f, true, at("2026-10-26T18:29:59Z"), dates, 1},
		"just within":         {f, true, at("2026-10-26T18:30:00Z"), dates, 2},
		"late on the day":     {f, true, at("2026-10-30T18:29:59Z"), dates, 2},
		"the day after":       {f, true, at("2026-10-30T18:30:00Z"), dates, 1},
		"a first certificate": {f, false, at("2026-10-29T12:00:00Z"), dates, 1},
		"no freeze":           {Freeze{}, true, at("2026-10-29T12:00:00Z"), dates, 1},
		"nobody is paid":      {f, true, at("2026-10-29T12:00:00Z"), nil, 1},
	} {
		if got := test.freeze.ChecksNeeded(test.rekey, test.at, test.dates); got != test.want {
			t.Errorf("%s: %d people, want %d", name, got, test.want)
		}
	}
}

func TestComparison(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before Comparison
		by     AdminName
		needed int
		awaits int
		want   error
	}{
		"one is enough":                     {Comparison{HandedInBy: []AdminName{Themself}}, "olga", 1, 0, nil},
		"the first of two":                  {Comparison{HandedInBy: []AdminName{Themself}}, "olga", 2, 1, nil},
		"the second of two":                 {Comparison{HandedInBy: []AdminName{Themself}, CheckedBy: []AdminName{"olga"}}, "anton", 2, 0, nil},
		"the first again":                   {Comparison{HandedInBy: []AdminName{Themself}, CheckedBy: []AdminName{"olga"}}, "olga", 2, 0, ErrNotAllowed},
		"the first again, one is enough":    {Comparison{HandedInBy: []AdminName{Themself}, CheckedBy: []AdminName{"olga"}}, "olga", 1, 0, nil},
		"whoever handed it in":              {Comparison{HandedInBy: []AdminName{"olga"}}, "olga", 1, 0, ErrNotAllowed},
		"whoever handed it in, as second":   {Comparison{HandedInBy: []AdminName{"olga"}, CheckedBy: []AdminName{"anton"}}, "olga", 2, 0, ErrNotAllowed},
		"whoever brought the address":       {Comparison{HandedInBy: []AdminName{Themself}, AddressBy: []AdminName{"anton", "olga"}}, "olga", 1, 0, ErrNotAllowed},
		"whoever did so before another":     {Comparison{HandedInBy: []AdminName{"olga", "maria"}}, "olga", 1, 0, ErrNotAllowed},
		"a third":                           {Comparison{CheckedBy: []AdminName{"olga", "anton"}}, "maria", 2, 0, nil},
		"somebody else handed it in":        {Comparison{HandedInBy: []AdminName{"maria"}}, "olga", 1, 0, nil},
		"two, neither of whom handed in it": {Comparison{HandedInBy: []AdminName{"maria"}, CheckedBy: []AdminName{"anton"}}, "olga", 2, 0, nil},
	} {
		awaits, err := test.before.Add(test.by, test.needed)
		if awaits != test.awaits || !errors.Is(err, test.want) {
			t.Errorf("%s: %d more, %v", name, awaits, err)
		}
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[a-z2-7]{32}$`)
	seen := make(map[string]bool)
	for range 1000 {
		text, hash := NewToken()
		if !form.MatchString(text) || seen[text] || hash != HashToken(text) || hash == HashCode(text) {
			t.Fatalf("%d letters, seen before: %v", len(text), seen[text])
		}
		seen[text] = true
	}
	if HashToken("a") == HashToken("A") || HashToken("a") == HashToken("a ") {
		t.Error("a token is not taken as it is")
	}
}

// easternDigits are those of an Arabic or a Hindi keyboard.
var easternDigits = strings.NewReplacer("2", "٢", "3", "३", "4", "۴", "5", "５", "9", "٩")

func TestCodes(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[2-9A-HJ-NP-Z]{5}-[2-9A-HJ-NP-Z]{5}$`)
	letters := make(map[rune]int)
	for range 3200 {
		text, hash := NewCode()
		if !form.MatchString(text) {
			t.Fatalf("%d letters of another form", len(text))
		}
		for _, typed := range []string{text, strings.ToLower(text), strings.ReplaceAll(text, "-", ""), " " + strings.ReplaceAll(text, "-", " - ") + "\r\n", strings.ReplaceAll(text, "-", "\u00a0"), "\u200b" + strings.ReplaceAll(text, "-", "\u2013"), easternDigits.Replace(text)} {
			if HashCode(typed) != hash {
				t.Fatal("the code is not known again as people type it")
			}
		}
		for _, r := range strings.ReplaceAll(text, "-", "") {
			letters[r]++
		}
	}
	// 32,000 letters over 32: each some thousand times, give or take six deviations.
	for _, r := range codeAlphabet {
		if n := letters[r]; n < 800 || n > 1200 {
			t.Errorf("%c came %d times", r, n)
		}
	}
	if HashCode("ABCDE-FGHJK") == HashCode("ABCDE-FGHJL") || HashCode("") == HashCode("0") {
		t.Error("two codes have one hash")
	}
}

func TestNoticeKinds(t *testing.T) {
	t.Parallel()
	for kind, want := range map[NoticeKind][3]bool{ // link, code, sealed
		NoticeInvitation: {true, false, false}, NoticeLink: {true, false, false}, NoticeConfirmOld: {true, false, false},
		NoticeConfirmNew: {true, false, false}, NoticeSignInCode: {false, true, true}, NoticeProofCode: {false, true, true},
		NoticeSpecimen: {false, false, true}, NoticeChange: {}, NoticeReminder: {}, NoticeDigest: {}, NoticeReportAlert: {},
	} {
		if got := [3]bool{kind.SecretLink(), kind.SecretCode(), kind.Sealed()}; got != want {
			t.Errorf("%s: %v, want %v", kind, got, want)
		}
	}
}

func TestNobodyIsCalledAsTheProgram(t *testing.T) {
	t.Parallel()
	for _, name := range []AdminName{Machine, Themself} {
		if got, err := ParseAdminName(string(name)); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s was taken as %q, %v", name, got, err)
		}
	}
}

func TestDatesFrom(t *testing.T) {
	t.Parallel()
	rule := func(day, shift string) MonthlyRule {
		r, err := ParseMonthlyRule(day, shift, "09:00", "Asia/Kolkata")
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for name, test := range map[string]struct {
		rule MonthlyRule
		from string
		want []string
	}{
		"that very day":        {rule("30", "none"), "2026-10-30", []string{"2026-10-30", "2026-11-30"}},
		"the day after":        {rule("30", "none"), "2026-10-31", []string{"2026-11-30", "2026-12-30"}},
		"shifted into another": {rule("1", "before"), "2026-07-31", []string{"2026-07-31", "2026-09-01"}},   // 1 August is a Saturday
		"shifted over the end": {rule("last", "after"), "2026-11-01", []string{"2026-11-02", "2026-11-30"}}, // 31 October is a Saturday
		"last working day":     {rule("last-working-day", "none"), "2026-10-31", []string{"2026-11-30", "2026-12-31"}},
	} {
		from, err := ParseDate(test.from)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range test.rule.DatesFrom(from, 2) {
			got = append(got, d.String())
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
