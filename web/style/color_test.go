package style

import (
	"errors"
	"strings"
	"testing"

	"github.com/payseal/payseal/payroll"
)

// TestEveryCompanyColorIsLegible walks the whole cube of colours.
func TestEveryCompanyColorIsLegible(t *testing.T) {
	t.Parallel()
	white, black := rgb{255, 255, 255}, rgb{}
	for r := 0; r < 256; r += 15 {
		for g := 0; g < 256; g += 15 {
			for b := 0; b < 256; b += 15 {
				brand := rgb{uint8(r), uint8(g), uint8(b)}
				light, dark := brand.legibleOn(lightSurface, black), brand.legibleOn(darkSurface, white)
				for _, pair := range [][2]rgb{
					{brand, inkOn(brand)},
					{light, lightSurface}, {light, white},
					{dark, darkSurface}, {dark, darkPaper},
				} {
					if got := pair[0].contrast(pair[1]); got < contrastNeeded {
						t.Fatalf("colour %s: %s on %s has a contrast of %.2f", brand, pair[0], pair[1], got)
					}
				}
			}
		}
	}
}

// TestStylesheetSurfaces holds the stylesheet and this file together.
func TestStylesheetSurfaces(t *testing.T) {
	t.Parallel()
	css := string(Sheet())
	for _, want := range []string{"--tint: " + lightSurface.String(), "--tint: " + darkSurface.String(), "--paper: " + darkPaper.String()} {
		if !strings.Contains(css, want+";") {
			t.Errorf("payseal.css has no %s", want)
		}
	}
}

func TestCompanyStyle(t *testing.T) {
	t.Parallel()
	style, err := Company("#ffcc00")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"--brand: #ffcc00;", "--on-brand: #000000;"} {
		if !strings.Contains(style, want) {
			t.Errorf("no %q in %s", want, style)
		}
	}
	for _, bad := range []string{"red", "#12345", "#1234567", "#gggggg", "#000;}a{"} {
		if _, err := Company(bad); !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("Company(%q): %v", bad, err)
		}
	}
}
