package style

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/payseal/payseal/payroll"
)

// contrastNeeded is what text must have against what it stands on (WCAG 2.2
// §1.4.3, level AA).
const contrastNeeded = 4.5

// defaultColor is the letterhead's.
const defaultColor = "#0b4f6c"

// The surfaces that text in the company's colour may
// stand on: the least legible of the light and of the dark ones.
var (
	lightSurface = rgb{0xef, 0xed, 0xe6} // --tint
	darkSurface  = rgb{0x25, 0x2c, 0x31} // --tint
	darkPaper    = rgb{0x14, 0x18, 0x1b} // --paper
)

// rgb is a colour as sRGB has it.
type rgb [3]uint8

// parseColor reads "#0b4f6c"; "" is the default.
func parseColor(text string) (rgb, error) {
	if text == "" {
		text = defaultColor
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(text, "#"), 16, 32)
	if err != nil || len(text) != 7 || text[0] != '#' {
		return rgb{}, fmt.Errorf("%w: a colour is written #0b4f6c", payroll.ErrInvalid)
	}
	return rgb{uint8(n >> 16), uint8(n >> 8), uint8(n)}, nil
}

// String writes the colour as CSS has it.
func (c rgb) String() string { return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2]) }

// luminance is the relative luminance of WCAG 2.
func (c rgb) luminance() float64 {
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c[0]) + 0.7152*linear(c[1]) + 0.0722*linear(c[2])
}

// contrast is WCAG 2's ratio between two colours, 1 to 21.
func (c rgb) contrast(with rgb) float64 {
	a, b := c.luminance(), with.luminance()
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}

// toward moves the colour to another one, by parts of a hundred.
func (c rgb) toward(other rgb, percent int) rgb {
	for i := range c {
		c[i] = uint8((int(c[i])*(100-percent) + int(other[i])*percent) / 100)
	}
	return c
}

// legibleOn is the colour, or the nearest to it on the way to pole, that can be
// read on the surface.
func (c rgb) legibleOn(surface, pole rgb) rgb {
	for percent := 0; percent < 100; percent++ {
		if moved := c.toward(pole, percent); moved.contrast(surface) >= contrastNeeded {
			return moved
		}
	}
	return pole
}

// inkOn is black or white, whichever reads better; one of them always has 4.5.
func inkOn(c rgb) rgb {
	black, white := rgb{}, rgb{255, 255, 255}
	if c.contrast(white) >= c.contrast(black) {
		return white
	}
	return black
}

// Company is the stylesheet with the company's colour. The band of the page
// has the very colour with legible ink on it; links, buttons and marks have a
// shade of it that can be read on every surface, lighter in dark surroundings.
// The styles themselves may hold no colour of a company, and the Content
// Security Policy no inline style.
func Company(color string) (string, error) {
	brand, err := parseColor(color)
	if err != nil {
		return "", err
	}
	black, white := rgb{}, rgb{255, 255, 255}
	light := brand.legibleOn(lightSurface, black)
	dark := brand.legibleOn(darkSurface, white)
	return fmt.Sprintf(`:root {
  --brand: %s;
  --on-brand: %s;
  --accent: %s;
  --on-accent: %s;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --accent: %s;
    --on-accent: %s;
  }
}
`, brand, inkOn(brand), light, white, dark, darkPaper), nil
}
