package payroll

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func amountOf(minor int64) *Money { return &Money{Minor: minor, Currency: "EUR"} }

func TestTally(t *testing.T) {
	t.Parallel()
	var tally Tally
	for _, s := range []Slip{
		{Employee: Employee{Number: "b"}, Net: *amountOf(-50), Gross: amountOf(100), Deductions: amountOf(150)},
		{Employee: Employee{Number: "a"}, Net: *amountOf(70), Gross: amountOf(70)},
	} {
		if err := tally.Add(&s); err != nil {
			t.Fatal(err)
		}
	}
	gross := int64(170)
	if diff := cmp.Diff(Totals{Headcount: 2, Gross: &gross, Net: 20}, tally.Totals()); diff != "" {
		t.Errorf("totals (-want +got):\n%s", diff)
	}
	if f := tally.Figures(); f[0].Employee != "a" || *f[1].Gross != 100 || f[1].Net != -50 {
		t.Errorf("figures %+v", f)
	}
	if err := tally.Add(&Slip{Net: *amountOf(math.MaxInt64)}); !errors.Is(err, ErrInvalid) {
		t.Errorf("a sum that is too large: %v", err)
	}
	if none := (&Tally{}).Totals(); none.Gross != nil || none.Headcount != 0 {
		t.Errorf("nobody: %+v", none)
	}
}

func TestFiguresComeBack(t *testing.T) {
	t.Parallel()
	least, most := int64(math.MinInt64), int64(math.MaxInt64)
	for _, figures := range [][]Figure{
		{}, {{Employee: "1", Net: 1}}, {{Employee: "é/ü", Net: least, Gross: &most}, {Employee: "z", Net: most, Gross: &least}, {Employee: "zz"}},
	} {
		encoded := EncodeFigures(figures)
		got, err := DecodeFigures(encoded)
		if diff := cmp.Diff(figures, got); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		for cut := range encoded {
			if _, err := DecodeFigures(encoded[:cut]); !errors.Is(err, ErrInvalid) {
				t.Errorf("the first %d of %d bytes: %v", cut, len(encoded), err)
			}
		}
		if _, err := DecodeFigures(append(encoded, 0)); !errors.Is(err, ErrInvalid) {
			t.Errorf("with more behind it: %v", err)
		}
	}
}

func FuzzDecodeFigures(f *testing.F) {
	net := int64(7)
	f.Add(EncodeFigures([]Figure{{Employee: "1", Net: -1, Gross: &net}, {Employee: "2"}}))
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, encoded []byte) {
		figures, err := DecodeFigures(encoded)
		if err != nil {
			return
		}
		again, err := DecodeFigures(EncodeFigures(figures))
		if err != nil || !cmp.Equal(figures, again) {
			t.Errorf("%v of %v comes back as %v", err, figures, again)
		}
	})
}

func BenchmarkDecodeFigures(b *testing.B) {
	figures := make([]Figure, 100_000)
	for i := range figures {
		gross := int64(i) * 1234
		figures[i] = Figure{Employee: EmployeeNumber(fmt.Sprintf("E%06d", i)), Gross: &gross, Net: gross / 2}
	}
	encoded := EncodeFigures(figures)
	b.SetBytes(int64(len(encoded)))
	for b.Loop() {
		if _, err := DecodeFigures(encoded); err != nil {
			b.Fatal(err)
		}
	}
}

func TestComparing(t *testing.T) {
	t.Parallel()
	before := []Figure{{Employee: "1", Net: 1000}, {Employee: "2", Net: 1000}, {Employee: "3", Net: 1000}}
	now := []Figure{{Employee: "1", Net: 1001}, {Employee: "2", Net: 2000}, {Employee: "4", Net: 1000}}
	for name, c := range map[string]struct {
		how  Comparing
		want []string
	}{
		"a month":              {Comparing{Percent: 20}, []string{"variance 2", "joiner 4", "missing 3"}},
		"a month, narrowly":    {Comparing{}, []string{"variance 2", "variance 1", "joiner 4", "missing 3"}},
		"a correction":         {Comparing{Percent: 20, Correction: true}, []string{"variance 2", "variance 1", "joiner 4"}},
		"a supplement":         {Comparing{Percent: 20, Supplement: true}, []string{"joiner 4"}},
		"of another source":    {Comparing{Percent: 20, Elsewhere: true}, []string{"variance 2", "joiner 4"}},
		"with nobody before":   {Comparing{Percent: 20}, nil},
		"paid after they left": {Comparing{Percent: 500}, []string{"joiner 4", "missing 3", "leaver 1"}},
	} {
		was, gone := before, map[EmployeeNumber]bool(nil)
		switch name {
		case "with nobody before":
			was = nil
		case "paid after they left":
			gone = map[EmployeeNumber]bool{"1": true}
		}
		var got []string
		for _, r := range c.how.Compare(was, now, gone) {
			got = append(got, string(r.Kind)+" "+string(r.Employee))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestFileName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"november.csv": "november.csv", `C:\pay\november.csv`: "november.csv", "../../etc/passwd": "passwd", "": "file", "/": "file",
		"a\r\nSet-Cookie: b.csv": "a__Set-Cookie: b.csv", "pay\u202excod.csv": "pay_xcod.csv", "\xff.csv": "_.csv",
		`<img src=x onerror=alert(1)>.csv`: `<img src=x onerror=alert(1)>.csv`,
	} {
		if got := FileName(name); got != want {
			t.Errorf("FileName(%q) = %q, want %q", name, got, want)
		}
	}
	long := FileName(string(make([]byte, 1000)) + ".xlsx")
	if n := len([]rune(long)); n != 120 || long[len(long)-5:] != ".xlsx" {
		t.Errorf("a long name: %d characters, %q", n, long)
	}
}
