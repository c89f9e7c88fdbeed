package identity

import (
	"encoding/xml"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/boombuler/barcode/qr"

	"github.com/payseal/payseal/payroll"
)

const rfcSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" // "12345678901234567890", RFC 6238 appendix B

func TestVerifyTOTPVectors(t *testing.T) {
	t.Parallel()
	for seconds, code := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		step, ok := VerifyTOTP(rfcSecret, code, time.Unix(seconds, 0), 0)
		if !ok || step != seconds/30 {
			t.Errorf("%s at %d: step %d, %t", code, seconds, step, ok)
		}
	}
}

func TestVerifyTOTP(t *testing.T) {
	t.Parallel()
	const step = 1111111111 / 30 // its code is 050471
	at := func(steps int64) time.Time { return time.Unix((step+steps)*30+7, 0) }
	for name, test := range map[string]struct {
		secret, code string
		at           time.Time
		last         int64
		ok           bool
	}{
		"now":                     {rfcSecret, "050471", at(0), 0, true},
		"the clock is behind":     {rfcSecret, "050471", at(-1), 0, true},
		"the clock is ahead":      {rfcSecret, "050471", at(1), 0, true},
		"two steps early":         {rfcSecret, "050471", at(-2), 0, false},
		"two steps late":          {rfcSecret, "050471", at(2), 0, false},
		"used before":             {rfcSecret, "050471", at(0), step, false},
		"used, one step later":    {rfcSecret, "050471", at(1), step, false},
		"a later one was used":    {rfcSecret, "050471", at(0), step + 1, false},
		"an earlier one was used": {rfcSecret, "050471", at(0), step - 1, true},
		"as it is shown":          {rfcSecret, " 050 471\n", at(0), 0, true},
		"five digits":             {rfcSecret, "50471", at(0), 0, false},
		"seven digits":            {rfcSecret, "0504710", at(0), 0, false},
		"empty":                   {rfcSecret, "", at(0), 0, false},
		"letters":                 {rfcSecret, "OSO471", at(0), 0, false},
		"another secret":          {"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "050471", at(0), 0, false},
		"no secret":               {"", "", at(0), 0, false},
		"no base32":               {"!", "050471", at(0), 0, false},
		"before 1970":             {rfcSecret, "050471", time.Unix(-1, 0), -9, false},
	} {
		if got, ok := VerifyTOTP(test.secret, test.code, test.at, test.last); ok != test.ok || ok && got != step {
			t.Errorf("%s: step %d, %t", name, got, ok)
		}
	}
}

func TestNewTOTP(t *testing.T) {
	t.Parallel()
	made, err := NewTOTP("Kirsch: Blüte & Söhne + 100%", "maria.silva")
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^[A-Z2-7]{32}$`).MatchString(made.Secret) {
		t.Errorf("secret %q", made.Secret)
	}
	at, err := url.Parse(made.URI)
	if err != nil {
		t.Fatal(err)
	}
	query := at.Query()
	if at.Scheme != "otpauth" || at.Host != "totp" || at.Path != "/Kirsch Blüte & Söhne + 100%:maria.silva" || query.Get("secret") != made.Secret ||
		query.Get("issuer") != "Kirsch Blüte & Söhne + 100%" || query.Get("period") != "30" || query.Get("digits") != "6" || query.Get("algorithm") != "SHA1" {
		t.Errorf("%s", made.URI)
	}
	other, err := NewTOTP("Kirsch", "maria.silva")
	if err != nil || other.Secret == made.Secret {
		t.Errorf("the same secret twice, %v", err)
	}
	for _, empty := range []struct{ issuer, account string }{{"", "maria"}, {"Kirsch", ""}, {" : ", "maria"}} {
		if _, err := NewTOTP(empty.issuer, empty.account); err == nil {
			t.Errorf("%q passes", empty)
		}
	}
}

// The picture holds exactly the modules of the code, with a margin, and nothing that a
// strict policy would stop.
func TestQRPicture(t *testing.T) {
	t.Parallel()
	const text = "otpauth://totp/Kirsch:maria?secret=" + rfcSecret
	picture, err := qrSVG(text, `<b>"title"</b>`, "a & b")
	if err != nil {
		t.Fatal(err)
	}
	svg := string(picture)
	if strings.Contains(svg, "style") || strings.Contains(svg, "<b>") || !strings.Contains(svg, `role="img"`) {
		t.Errorf("%.300s", svg)
	}
	var parsed struct {
		ViewBox string `xml:"viewBox,attr"`
		Title   string `xml:"title"`
		Desc    string `xml:"desc"`
		Path    struct {
			D string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal([]byte(svg), &parsed); err != nil {
		t.Fatal(err)
	}
	if parsed.Title != `<b>"title"</b>` || parsed.Desc != "a & b" {
		t.Errorf("title %q, description %q", parsed.Title, parsed.Desc)
	}
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	size := code.Bounds().Dx()
	if want := fmt.Sprintf("0 0 %d %d", size+8, size+8); parsed.ViewBox != want {
		t.Errorf("viewBox %q, want %q", parsed.ViewBox, want)
	}
	drawn := map[[2]int]bool{}
	for _, box := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`).FindAllStringSubmatch(parsed.Path.D, -1) {
		var x, y, width int
		if _, err := fmt.Sscan(box[1], &x); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Sscan(box[2], &y); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Sscan(box[3], &width); err != nil || box[3] != box[4] {
			t.Fatalf("box %q, %v", box, err)
		}
		for i := range width {
			drawn[[2]int{x + i - 4, y - 4}] = true
		}
	}
	dark := 0
	for y := range size {
		for x := range size {
			r, _, _, _ := code.At(x, y).RGBA()
			if (r == 0) != drawn[[2]int{x, y}] {
				t.Fatalf("module %d, %d", x, y)
			}
			if r == 0 {
				dark++
			}
		}
	}
	if dark != len(drawn) || dark < size*size/4 {
		t.Errorf("%d dark modules, %d drawn", dark, len(drawn))
	}
}

func TestRecoveryCodes(t *testing.T) {
	t.Parallel()
	texts, hashes := NewRecoveryCodes()
	if len(texts) != 10 || len(hashes) != 10 {
		t.Fatalf("%d codes, %d hashes", len(texts), len(hashes))
	}
	form := regexp.MustCompile(`^([2-9A-HJ-NP-Z]{5}-){4}[2-9A-HJ-NP-Z]{5}$`)
	seen := map[payroll.SecretHash]bool{}
	for i, text := range texts {
		if !form.MatchString(text) || seen[hashes[i]] {
			t.Errorf("code %d: %q", i, text)
		}
		seen[hashes[i]] = true
		for _, typed := range []string{
			text, strings.ToLower(text), strings.ReplaceAll(text, "-", ""), " " + strings.ReplaceAll(text, "-", " ") + "\n",
		} {
			if HashRecoveryCode(typed) != hashes[i] {
				t.Errorf("typed as %q", typed)
			}
		}
		if HashRecoveryCode(text[:len(text)-1]) == hashes[i] || HashRecoveryCode(text+"A") == hashes[i] {
			t.Errorf("part of a code, or more than one, has its hash")
		}
	}
}

func FuzzHashRecoveryCode(f *testing.F) {
	f.Add("K7QF2-9XMPT-AAAAA-BBBBB-CCCCC")
	f.Add("k7qf2 9xmpt\u2013aaaaa bbbbb ccccc")
	f.Add("\xff\x00")
	f.Fuzz(func(t *testing.T, typed string) {
		if HashRecoveryCode(typed) != HashRecoveryCode(" -"+typed+"\t- ") {
			t.Fatalf("blanks around %q count", typed)
		}
	})
}

func FuzzVerifyTOTP(f *testing.F) {
	f.Add(rfcSecret, "050471", int64(1111111111), int64(0))
	f.Add("!", "\xff", int64(-1), int64(-1))
	f.Fuzz(func(t *testing.T, secret, code string, seconds, last int64) {
		if step, ok := VerifyTOTP(secret, code, time.Unix(seconds, 0), last); ok && (step <= last || step < 0) {
			t.Fatalf("step %d after %d", step, last)
		}
	})
}
