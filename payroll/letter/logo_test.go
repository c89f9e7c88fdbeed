package letter_test

import (
	"errors"
	"image"
	"image/png"
	"strings"
	"testing"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter"
)

const svgHead = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 100 40">`

// drawnSVG is a logo as a drawing program saves it.
const drawnSVG = `<?xml version="1.0" encoding="UTF-8"?>
<!-- a comment --><svg xmlns="http://www.w3.org/2000/svg" xmlns:e="http://editor.example" viewBox="0 0 100 40" width="100mm">
<title>ACME</title><metadata><e:view e:zoom="1"/></metadata>
<defs><linearGradient id="g"><stop offset="0" stop-color="#0b4f6c"/><stop offset="1" stop-color="#3da9d9"/></linearGradient></defs>
<g transform="translate(2 2)"><circle cx="18" cy="18" r="18" fill="url(#g)"/><path d="M40 4h50v8H40zM40 20c10 0 20 5 30 5v6H40z" fill="#7a1f3d"/></g></svg>`

func withLogo(logo string) (*letter.Letterhead, error) {
	c := company()
	c.Logo = []byte(logo)
	return letter.NewLetterhead(c, nil)
}

// TestSVGLogo: a drawing becomes a picture on the page.
func TestSVGLogo(t *testing.T) {
	t.Parallel()
	h, err := withLogo(drawnSVG)
	if err != nil {
		t.Fatal(err)
	}
	with := page(t, h, fullSlip(t))
	if images := poppler(t, "pdfimages", with, "-list", "-"); !strings.Contains(images, " 417   167") {
		t.Errorf("the picture is not 417 by 167 points of ink:\n%s", images)
	}
}

// TestHostileLogos: what is no plain drawing is refused, and soon.
func TestHostileLogos(t *testing.T) {
	t.Parallel()
	for name, logo := range map[string]string{
		"text":        "a picture",
		"damaged PNG": "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01",
		"large PNG":   blank(4096, 1025),
		"long PNG":    blank(4097, 1),
		"no viewBox":  `<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h1v1z"/></svg>`,
		"not closed":  svgHead + `<g>`,
		"entities":    `<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>` + svgHead + `</svg>`,
		"image":       svgHead + `<image xlink:href="file:///etc/passwd"/></svg>`,
		"style url":   svgHead + `<path style="fill:URL( http://evil.example/x )" d="M0 0h1v1z"/></svg>`,
		"too large":   svgHead + strings.Repeat(" ", 300<<10) + `</svg>`,
	} {
		if _, err := withLogo(logo); !errors.Is(err, payroll.ErrInvalid) || strings.Contains(err.Error(), "evil") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// blank is a PNG of nothing.
func blank(width, height int) string {
	var b strings.Builder
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		panic(err)
	}
	return b.String()
}

// FuzzLogo: no logo breaks the program or keeps it busy.
func FuzzLogo(f *testing.F) {
	f.Add([]byte(drawnSVG))
	f.Add([]byte(svgHead + `<rect x="1" y="1" width="9" height="9" rx="2" style="fill:#fff;stroke:#000;stroke-linejoin:arc"/></svg>`))
	f.Add([]byte(svgHead + `<path d="M10 10a5 5 0 1 1-1 0ZQ1 2 3 4T5 6S1 2 3 4" fill-rule="evenodd" opacity=".5" transform="rotate(30) skewX(4) matrix(1 0 0 1 2 3)"/></svg>`))
	f.Add(drawnLogo())
	f.Fuzz(func(t *testing.T, logo []byte) {
		if _, err := withLogo(string(logo)); err != nil && !errors.Is(err, payroll.ErrInvalid) {
			t.Error(err)
		}
	})
}
