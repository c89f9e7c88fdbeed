package letter_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestTwoProcesses: the same slips on the same letterhead are the same bytes in
// another process.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	const asked = "PAYSEAL_TEST_PAGES"
	fonts := installedFonts(t)
	h := newLetterhead(t, fonts)
	sums := h.Digest()
	for _, who := range []struct{ language, name string }{
		{"en", "latin"}, {"ar", "arabic"}, {"hi", "devanagari"}, {"ja", "japanese"}, {"th", "thai"},
	} {
		s := fullSlip(t)
		s.Employee.Language, s.Employee.Name = who.language, names[who.name]
		sums += fmt.Sprintf(" %x", sha256.Sum256(page(t, h, s)))
	}
	if os.Getenv(asked) != "" {
		fmt.Println("pages:", sums)
		return
	}
	again := exec.Command(os.Args[0], "-test.run", "^TestTwoProcesses$", "-test.v")
	again.Env = append(os.Environ(), asked+"=1")
	out, err := again.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "pages: "+sums+"\n") {
		t.Errorf("another process draws other pages: %v\n%s\nwant %s", err, out, sums)
	}
}
