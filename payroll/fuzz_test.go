package payroll

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"
)

// A name that is accepted is accepted again as it is and shows whole.
func FuzzParseName(f *testing.F) {
	for _, seed := range []string{"Kiran Patel", " علی\u200cرضا", "Ki\u202eran", "\xff", "क\u094d\u200dष", "\u3164", "a\u0301"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		name, err := ParseName(text)
		if err != nil {
			if !errors.Is(err, ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		if again, err := ParseName(name); err != nil || again != name {
			t.Fatalf("%q became %q, which became %q, %v", text, name, again, err)
		}
		if strings.ContainsFunc(name, unicode.IsControl) || strings.ContainsAny(name, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f") {
			t.Fatalf("%q is accepted", name)
		}
	})
}

// A note that is accepted is accepted again as it is, and its only control
// characters are the ends of paragraphs.
func FuzzParseNote(f *testing.F) {
	for _, seed := range []string{"One.\r\n\n Two.", "\u2028", "\xff\n", "\t\u00a0\n", "a\u202eb"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		note, err := ParseNote(text)
		if err != nil {
			if !errors.Is(err, ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		if again, err := ParseNote(note); err != nil || again != note {
			t.Fatalf("%q became %q, which became %q, %v", text, note, again, err)
		}
		if strings.ContainsFunc(note, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }) || strings.Contains("\n"+note+"\n", "\n\n") && note != "" {
			t.Fatalf("%q is accepted", note)
		}
	})
}

// However a fingerprint is grouped, it is the same one.
func FuzzParseFingerprint(f *testing.F) {
	f.Add("0123 4567 89ab cdef 0123  4567 89ab cdef 0123 4567")
	f.Add("0x" + strings.Repeat("F", 64))
	f.Add("٠١")
	f.Fuzz(func(t *testing.T, text string) {
		fingerprint, err := ParseFingerprint(text)
		if err != nil {
			if !errors.Is(err, ErrInvalid) || fingerprint != "" {
				t.Fatalf("%q: %q, %v", text, fingerprint, err)
			}
			return
		}
		if again, err := ParseFingerprint(fingerprint.Grouped()); err != nil || again != fingerprint || len(fingerprint) != 40 && len(fingerprint) != 64 {
			t.Fatalf("%q became %q, which became %q, %v", text, fingerprint, again, err)
		}
	})
}

// In any zone and year a rule falls due once a month, in order, at its own
// wall-clock time or, where the clock skips that, up to a day later.
func FuzzMonthlyRule(f *testing.F) {
	zones := []string{"UTC", "Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "Asia/Kolkata", "America/St_Johns"}
	f.Add(28, 0, 150, 2026*12+2, 1)
	f.Add(0, 1, 0, 2011*12+11, 4)
	f.Add(31, 2, 1439, 2028*12+1, 3)
	f.Fuzz(func(t *testing.T, day, shift, minute, month, zone int) {
		mod := func(n, m int) int { return (n%m + m) % m }
		at := mod(minute, 24*60)
		loaded, err := time.LoadLocation(zones[mod(zone, len(zones))])
		if err != nil {
			t.Fatal(err)
		}
		rule := MonthlyRule{
			Day: mod(day, 32), Shift: []Shift{ShiftNone, ShiftBefore, ShiftAfter}[mod(shift, 3)],
			Hour: at / 60, Minute: at % 60, Zone: loaded,
		}
		n := mod(month, 200*12)
		p := Period{Year: 1950 + n/12, Month: time.Month(1 + n%12)}
		due, next := rule.Due(p), rule.Due(p.Next())
		if !due.Before(next) {
			t.Fatalf("%+v: %s of %s is not before %s", rule, due, p, next)
		}
		late := due.Sub(rule.day(p).utc().Add(time.Duration(at) * time.Minute).Add(-offsetAt(due)))
		if due.Hour()*60+due.Minute() != at && (late < 0 || late > 24*time.Hour) {
			t.Fatalf("%+v: %s of %s is %s late", rule, due, p, late)
		}
		if once := rule.Between(due.Add(-time.Minute), due); len(once) != 1 || once[0].Period != p {
			t.Fatalf("%+v: between a minute before %s and then: %v", rule, due, once)
		}
		if upcoming := rule.Upcoming(due, 1)[0]; !upcoming.Equal(next) {
			t.Fatalf("%+v: after %s comes %s, want %s", rule, due, upcoming, next)
		}
	})
}

func offsetAt(t time.Time) time.Duration {
	_, offset := t.Zone()
	return time.Duration(offset) * time.Second
}
