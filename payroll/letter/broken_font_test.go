package letter_test

import (
	"io/fs"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/payseal/payseal/payroll/letter"
)

// tripping is a folder of fonts that breaks under whoever opens one once it is
// armed, as a damaged face breaks its shaper.
type tripping struct {
	fs.FS
	armed *atomic.Bool
}

func (f tripping) Open(name string) (fs.File, error) {
	if f.armed.Load() {
		panic("a damaged font")
	}
	return f.FS.Open(name)
}

// TestABrokenFontIsOneSlipsError: before the approval it is a finding, after it an
// error, and the next slip is drawn as ever.
func TestABrokenFontIsOneSlipsError(t *testing.T) {
	t.Parallel()
	installedFonts(t)
	var armed atomic.Bool
	fonts, err := letter.LoadFonts(tripping{os.DirFS(systemFonts + "/truetype/noto"), &armed})
	if err != nil {
		t.Fatal(err)
	}
	h := newLetterhead(t, fonts)
	plain, thai := fullSlip(t), fullSlip(t)
	thai.Employee.Name = names["thai"]
	want := page(t, h, plain)
	armed.Store(true)
	for range 3 {
		if findings := h.Check(thai); len(findings) != 1 || strings.Contains(findings[0].Message, thai.Employee.Name) {
			t.Errorf("findings %v", findings)
		}
		if pdf, err := h.Page(thai); err == nil || pdf != nil {
			t.Error("a slip in a broken font is drawn")
		}
		if got := page(t, h, plain); string(got) != string(want) {
			t.Error("the slip after it is another one")
		}
	}
}
