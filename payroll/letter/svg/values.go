package svg

import (
	"image/color"
	"math"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/image/colornames"
)

// aNumber is a number as paths and attributes write them.
var aNumber = regexp.MustCompile(`^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?`)

func number(text string) float64 {
	v, rest := leading(strings.TrimSpace(text))
	if rest != "" {
		refuse("it has a number that is none")
	}
	return v
}

// leading is the number that a text begins with, and the text after it.
func leading(text string) (v float64, rest string) {
	found := aNumber.FindString(text)
	v, err := strconv.ParseFloat(found, 64)
	if err != nil || math.Abs(v) > 1e9 {
		refuse("it has a number that is none, or too large")
	}
	return v, text[len(found):]
}

// numbers reads a list with spaces and commas between.
func numbers(text string) (all []float64) {
	const between = " \t\r\n,"
	for text = strings.Trim(text, between); text != ""; text = strings.TrimLeft(text, between) {
		var v float64
		v, text = leading(text)
		all = append(all, v)
	}
	return all
}

// length is a length in pixels; a percentage is of a whole.
func length(text string, whole float64) float64 { return lengthOr(text, whole, 0) }

// lengthOr is length, or another if none is given.
func lengthOr(text string, whole, otherwise float64) float64 {
	text = strings.TrimSpace(text)
	if text == "" || text == "auto" {
		return otherwise
	}
	v, unit := leading(text)
	switch unit {
	case "", "px":
		return v
	case "%":
		return v * whole / 100
	case "pt":
		return v * 96 / 72
	case "pc":
		return v * 16
	case "mm":
		return v * 96 / 25.4
	case "cm":
		return v * 96 / 2.54
	case "in":
		return v * 96
	}
	refuse("it has lengths in units that are not known here; save it with plain numbers")
	return 0
}

// part is a number between 0 and 1, or a percentage.
func part(text string) float64 { return min(max(length(text, 1), 0), 1) }

// transformation reads a list of transformations (SVG 1.1, 7.6).
func transformation(text string) matrix {
	m := identity
	for text = strings.TrimSpace(text); text != "" && text != "none"; {
		name, rest, found := strings.Cut(text, "(")
		inside, after, closed := strings.Cut(rest, ")")
		if !found || !closed {
			refuse("it has a transformation that is none")
		}
		v := numbers(strings.NewReplacer("deg", "", "px", "").Replace(inside))
		m = m.times(oneTransformation(strings.TrimSpace(name), v))
		text = strings.TrimLeft(after, " \t\r\n,")
	}
	return m
}

func oneTransformation(name string, v []float64) matrix {
	n := len(v)
	switch {
	case name == "matrix" && n == 6:
		return matrix{v[0], v[1], v[2], v[3], v[4], v[5]}
	case name == "translate" && n == 1:
		return translation(v[0], 0)
	case name == "translate" && n == 2:
		return translation(v[0], v[1])
	case name == "scale" && n == 1:
		return matrix{v[0], 0, 0, v[0], 0, 0}
	case name == "scale" && n == 2:
		return matrix{v[0], 0, 0, v[1], 0, 0}
	case name == "rotate" && (n == 1 || n == 3):
		sin, cos := math.Sincos(v[0] * math.Pi / 180)
		m := matrix{cos, sin, -sin, cos, 0, 0}
		if n == 3 {
			m = translation(v[1], v[2]).times(m).times(translation(-v[1], -v[2]))
		}
		return m
	case name == "skewX" && n == 1:
		return matrix{1, 0, math.Tan(v[0] * math.Pi / 180), 1, 0, 0}
	case name == "skewY" && n == 1:
		return matrix{1, math.Tan(v[0] * math.Pi / 180), 0, 1, 0, 0}
	}
	refuse("it has a transformation that is not known here")
	return identity
}

// tone is a colour with its opacity, each part from 0 to 1.
type tone struct{ r, g, b, a float64 }

// toneOf reads a colour; current is what currentColor means.
func toneOf(text, current string) tone {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "currentcolor" {
		if strings.EqualFold(strings.TrimSpace(current), "currentcolor") {
			current = "black"
		}
		text = strings.ToLower(strings.TrimSpace(current))
	}
	if digits, ok := strings.CutPrefix(text, "#"); ok {
		return hexadecimal(digits)
	}
	if name, rest, ok := strings.Cut(text, "("); ok {
		return function(name, strings.TrimSuffix(rest, ")"))
	}
	if text == "transparent" {
		return tone{}
	}
	named, ok := colornames.Map[text]
	if !ok && text == "rebeccapurple" {
		named, ok = color.RGBA{0x66, 0x33, 0x99, 0xff}, true
	}
	if !ok {
		refuse("it has a colour that is not known here; write it as #rrggbb")
	}
	return tone{float64(named.R) / 255, float64(named.G) / 255, float64(named.B) / 255, 1}
}

func hexadecimal(digits string) tone {
	if len(digits) == 3 || len(digits) == 4 {
		var twice strings.Builder
		for _, c := range digits {
			twice.WriteRune(c)
			twice.WriteRune(c)
		}
		digits = twice.String()
	}
	if len(digits) == 6 {
		digits += "ff"
	}
	v, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || len(digits) != 8 {
		refuse("it has a colour that is not known here; write it as #rrggbb")
	}
	at := func(shift int) float64 { return float64(v>>shift&255) / 255 }
	return tone{at(24), at(16), at(8), at(0)}
}

// function reads rgb(), rgba(), hsl() and hsla(), in the old notation and the new.
func function(name, inside string) tone {
	fields := strings.Fields(strings.NewReplacer(",", " ", "/", " ").Replace(inside))
	if len(fields) != 3 && len(fields) != 4 {
		refuse("it has a colour that is not known here; write it as #rrggbb")
	}
	t := tone{a: 1}
	if len(fields) == 4 {
		t.a = part(fields[3])
	}
	switch name {
	case "rgb", "rgba":
		of := func(text string) float64 { return min(max(length(text, 255)/255, 0), 1) }
		t.r, t.g, t.b = of(fields[0]), of(fields[1]), of(fields[2])
	case "hsl", "hsla":
		hue := math.Mod(math.Mod(number(strings.TrimSuffix(fields[0], "deg")), 360)+360, 360) / 30
		saturation, lightness := part(fields[1]), part(fields[2])
		of := func(n float64) float64 {
			k := math.Mod(n+hue, 12)
			return lightness - float64(saturation*min(lightness, 1-lightness))*max(-1, min(k-3, 9-k, 1))
		}
		t.r, t.g, t.b = of(0), of(8), of(4)
	default:
		refuse("it has a colour that is not known here; write it as #rrggbb")
	}
	return t
}
