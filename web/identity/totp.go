package identity

import (
	"bytes"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"html"
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"github.com/payseal/payseal/payroll"
)

// TOTP is a new seed of one-time codes (RFC 6238: SHA-1, six digits, 30 seconds, which
// is what every authenticator program can do), in the three forms in which it is shown
// once. The store keeps Secret sealed ([keystore.MasterKey.SealSecret]).
type TOTP struct {
	Secret string        // 32 letters and digits (160 bits in base32), to be typed where no camera is
	URI    string        // otpauth://totp/...
	QR     template.HTML // the URI as inline SVG, black on white, for a camera
}

// totpStep is how long a code is the current one.
const totpStep = 30 // seconds

// NewTOTP makes the seed for the account of an issuer (the company's name), as an
// authenticator program lists them. payroll.ErrInvalid says that one is empty.
func NewTOTP(issuer, account string) (TOTP, error) {
	plain := func(text string) string { // a colon parts the two in the URI
		return strings.Join(strings.Fields(strings.ReplaceAll(text, ":", " ")), " ")
	}
	issuer, account = plain(issuer), plain(account)
	if issuer == "" || account == "" {
		return TOTP{}, fmt.Errorf("make a seed of one-time codes: %w: it needs the company's name and the admin's", payroll.ErrInvalid)
	}
	seed := make([]byte, 20) // RFC 4226 §4, R6
	_, _ = rand.Read(seed)   // never fails (crypto/rand)
	made := TOTP{Secret: base32.StdEncoding.EncodeToString(seed)}
	made.URI = totpURI(issuer, account, made.Secret)
	var err error
	made.QR, err = qrSVG(made.URI, "QR code for your authenticator program",
		"It holds the same seed that stands beside it as text.")
	return made, err
}

// totpURI is in the form that authenticator programs agree on. Everything is percent
// encoded, blanks and ampersands too; the otp module leaves an ampersand as it is, and a
// company called "A & B" then loses its seed.
func totpURI(issuer, account, secret string) string {
	escape := func(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
	return "otpauth://totp/" + escape(issuer) + ":" + escape(account) + "?secret=" + secret +
		"&issuer=" + escape(issuer) + "&algorithm=SHA1&digits=6&period=" + strconv.Itoa(totpStep)
}

// VerifyTOTP says whether code is the one of the time at, of the 30 seconds before or
// of those after, and which step that is. A step not later than lastStep, the one that
// counted last, does not count again: keep the step in the same transaction that uses it.
func VerifyTOTP(secret, code string, at time.Time, lastStep int64) (step int64, ok bool) {
	code = typedDigits(code)
	current := at.Unix() / totpStep
	for _, candidate := range []int64{current - 1, current, current + 1} {
		wanted, err := hotp.GenerateCodeCustom(secret, uint64(candidate), hotp.ValidateOpts{
			Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1,
		})
		if err != nil {
			return 0, false // a seed that is no base32 fits no code
		}
		same := subtle.ConstantTimeCompare([]byte(wanted), []byte(code)) == 1
		if same && candidate > lastStep && candidate >= 0 {
			step, ok = candidate, true
		}
	}
	return step, ok
}

// typedDigits drops the blanks and hyphens that programs show between the digits.
func typedDigits(code string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' {
			return -1
		}
		return r
	}, code)
}

// quiet is the white margin that ISO/IEC 18004 asks for, in modules.
const quiet = 4

// qrSVG draws text as a QR code with error correction M: one path of squares, sized by
// the page. The title and the description are for those who cannot see it.
func qrSVG(text, title, description string) (template.HTML, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", fmt.Errorf("draw a QR code: %w", err)
	}
	side := code.Bounds().Dx() + 2*quiet
	var svg bytes.Buffer
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="qr-title qr-text" viewBox="0 0 %d %d" width="%d" height="%d" shape-rendering="crispEdges">`, side, side, 5*side, 5*side)
	fmt.Fprintf(&svg, `<title id="qr-title">%s</title><desc id="qr-text">%s</desc>`, html.EscapeString(title), html.EscapeString(description))
	fmt.Fprintf(&svg, `<rect width="%d" height="%d" fill="#fff"/><path fill="#000" d="`, side, side)
	drawModules(&svg, code)
	svg.WriteString(`"/></svg>`)
	return template.HTML(svg.String()), nil //nolint:gosec // numbers, and two escaped texts
}

// drawModules draws each run of dark modules in a row as one box.
func drawModules(svg *bytes.Buffer, code barcode.Barcode) {
	size := code.Bounds()
	dark := func(x, y int) bool {
		if x >= size.Max.X {
			return false
		}
		r, _, _, _ := code.At(x, y).RGBA()
		return r == 0
	}
	for y := size.Min.Y; y < size.Max.Y; y++ {
		for x := size.Min.X; x < size.Max.X; x++ {
			from := x
			for dark(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(svg, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, x-from, x-from)
			}
		}
	}
}
