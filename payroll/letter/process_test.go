package letter_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter"
)

// drawOrder says in the environment of another process of this test what it
// draws: "forwards", or "backwards" with other slips before and at once.
const drawOrder = "PAYSEAL_TEST_DRAW"

// TestSameBytesElsewhere: a page is the same bytes in two processes, whatever
// each has drawn before.
func TestSameBytesElsewhere(t *testing.T) {
	t.Parallel()
	if order := os.Getenv(drawOrder); order != "" {
		drawHere(t, order)
		return
	}
	drawn := func(order string) []string {
		cmd := exec.Command(os.Args[0], "-test.run=^TestSameBytesElsewhere$", "-test.v")
		cmd.Env = append(os.Environ(), drawOrder+"="+order)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", order, err, out)
		}
		lines := slices.DeleteFunc(strings.Split(string(out), "\n"), func(l string) bool { return !strings.HasPrefix(l, "drawn ") })
		slices.Sort(lines)
		return lines
	}
	forwards := drawn("forwards")
	if len(forwards) != len(travellers(t)) {
		t.Fatalf("%d pages", len(forwards))
	}
	if diff := cmp.Diff(forwards, drawn("backwards")); diff != "" {
		t.Errorf("another process draws otherwise:\n%s", diff)
	}
}

// travellers are people in all scripts and their languages, some of which share
// much and not all.
func travellers(t testing.TB) []payroll.Slip {
	var slips []payroll.Slip
	for i, tag := range []string{"zh-TW", "zh-HK", "zh", "ja", "ko", "ar", "ar-EG", "hi", "mr", "th", "en", "en-GB", "de-CH", "de", "sr", "ru", "ro-MD", "pl", "ur", "fa", "nl"} {
		for j, name := range []string{names["chinese"], names["devanagari"] + " " + names["arabic"], names["latin"] + " " + names["cyrillic"], names["japanese"] + names["korean"]} {
			s := fullSlip(t)
			s.Employee.Language, s.Employee.Name, s.Employee.Number = tag, name, payroll.EmployeeNumber(fmt.Sprint(i, "-", j))
			s.Info[0].Value = names["mixed"]
			slips = append(slips, s)
		}
	}
	return slips
}

func drawHere(t *testing.T, order string) {
	c := company()
	c.Name, c.Labels = "中華直角骨 GmbH", map[string]map[string]string{"en": {"title": "直骨 Slip"}}
	h, err := letter.NewLetterhead(c, installedFonts(t))
	if err != nil {
		t.Fatal(err)
	}
	slips, cores := travellers(t), 1
	if order == "backwards" {
		slices.Reverse(slips)
		cores = 4
		for i := range 200 {
			other := slips[i%len(slips)]
			other.Employee.Name += fmt.Sprintf(" %c%c 張偉", rune(0x4e00+37*i), rune(0x1000+i))
			_, _ = h.Page(other) // some have no glyph
		}
	}
	var group sync.WaitGroup
	for core := range cores {
		group.Go(func() {
			for i := core; i < len(slips); i += cores {
				fmt.Printf("drawn %s %x\n", slips[i].Employee.Number, sha256.Sum256(page(t, h, slips[i])))
			}
		})
	}
	group.Wait()
}
