package svg_test

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/payseal/payseal/payroll/letter/svg"
)

// head begins a drawing of 200 by 100.
const head = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 200 100">`

// logos are drawings as drawing programs write them, and what each of them is there
// for by its name.
var logos = map[string]string{
	"figma: even-odd, clip path": `<svg width="200" height="100" viewBox="0 0 200 100" fill="none" xmlns="http://www.w3.org/2000/svg">
<g clip-path="url(#clip0_1_2)"><path fill-rule="evenodd" clip-rule="evenodd" d="M50 10a40 40 0 1 0 0 80 40 40 0 0 0 0-80ZM50 30a20 20 0 1 0 0 40 20 20 0 0 0 0-40Z" fill="#0B4F6C"/>
<rect x="110" y="-20" width="120" height="80" rx="12" fill="url(#paint0_linear)"/><path d="M110 70h80v20h-80z" fill="#F2994A" fill-opacity="0.6"/></g>
<defs><linearGradient id="paint0_linear" x1="110" y1="20" x2="200" y2="60" gradientUnits="userSpaceOnUse"><stop stop-color="#56CCF2"/><stop offset="1" stop-color="#2F80ED"/></linearGradient>
<clipPath id="clip0_1_2"><rect width="190" height="100" fill="white" transform="translate(5)"/></clipPath></defs></svg>`,
	"figma: mask": `<svg width="200" height="100" viewBox="0 0 200 100" fill="none" xmlns="http://www.w3.org/2000/svg">
<mask id="mask0" style="mask-type:alpha" maskUnits="userSpaceOnUse" x="20" y="10" width="160" height="80"><circle cx="100" cy="50" r="45" fill="#D9D9D9"/></mask>
<g mask="url(#mask0)"><rect width="100" height="100" fill="#EB5757"/><rect x="100" width="100" height="100" fill="#27AE60"/></g></svg>`,
	"illustrator: classes": `<?xml version="1.0" encoding="utf-8"?>
<!-- Generator: Adobe Illustrator 27.0.0, SVG Export Plug-In . SVG Version: 6.00 Build 0)  -->
<svg version="1.1" id="Ebene_1" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" x="0px" y="0px" viewBox="0 0 200 100" style="enable-background:new 0 0 200 100;" xml:space="preserve">
<style type="text/css">
	.st0{fill:#7A1F3D;}
	.st1{fill-rule:evenodd;clip-rule:evenodd;fill:#0B4F6C;stroke:#000000;stroke-width:2;stroke-miterlimit:10;}
	.st2{fill:none;stroke:#3DA9D9;stroke-width:6;stroke-linecap:round;stroke-linejoin:round;}
	.st3{opacity:0.5;fill:url(#SVGID_1_);}
</style>
<g><polygon class="st1" points="60,10 75,60 30,28 90,28 45,60 "/><path class="st0" d="M120,80c0-11,9-20,20-20s20,9,20,20s-9,15-20,15S120,91,120,80z"/></g>
<polyline class="st2" points="110,20 130,45 150,15 175,40 "/>
<linearGradient id="SVGID_1_" gradientUnits="userSpaceOnUse" x1="10" y1="80" x2="100" y2="80"><stop offset="0" style="stop-color:#FFFFFF"/><stop offset="1" style="stop-color:#000000"/></linearGradient>
<rect x="10" y="70" class="st3" width="90" height="20"/></svg>`,
	"illustrator: switch and entities of an editor": `<?xml version="1.0" encoding="iso-8859-1"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns="http://www.w3.org/2000/svg" xmlns:i="http://ns.adobe.com/AdobeIllustrator/10.0/" viewBox="0 0 200 100"><title>Caf` + "\xe9" + `</title><switch>
<foreignObject requiredExtensions="http://ns.adobe.com/AdobeIllustrator/10.0/" width="1" height="1"/><g i:extraneous="self"><path fill="rgb(30%,60%,10%)" d="M20 20L100 20 60 90z"/></g></switch><i:pgf id="x">eJz</i:pgf></svg>`,
	"inkscape: layers, use, millimetres": `<svg width="100mm" height="50mm" viewBox="0 0 200 100" version="1.1" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
 xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd">
<sodipodi:namedview id="base" pagecolor="#ffffff"><inkscape:grid type="xygrid"/></sodipodi:namedview>
<defs id="defs2"><linearGradient id="a"><stop style="stop-color:#166534;stop-opacity:1" offset="0"/><stop style="stop-color:#166534;stop-opacity:0" offset="1"/></linearGradient>
<radialGradient xlink:href="#a" id="b" cx="50" cy="50" fx="35" fy="40" r="30" gradientUnits="userSpaceOnUse" gradientTransform="matrix(1 0 0 .8 0 10)"/></defs>
<g inkscape:label="Layer 1" inkscape:groupmode="layer" id="layer1" transform="translate(10,0)"><path id="leaf" style="fill:url(#b);stroke:#166534;stroke-width:1.5;stroke-linejoin:round" d="m 20,50 c 10,-40 50,-40 60,0 -10,30 -50,30 -60,0 z"/>
<use xlink:href="#leaf" transform="matrix(-0.8,0,0,0.8,180,10)" x="0" y="0" width="100%" height="100%"/></g></svg>`,
	"symbols with frames": head + `<symbol id="s" viewBox="0 0 10 10"><circle cx="5" cy="5" r="5"/><path d="M5 0v10" stroke="#fff"/></symbol>
<use href="#s" width="60" height="60" x="10" y="20" fill="hsl(210, 60%, 40%)"/><use xlink:href="#s" width="90" height="40" x="90" y="30" fill="rgba(200,30,30,.5)"/></svg>`,
	"a drawing in the drawing": head + `<svg x="10" y="10" width="80" height="80" viewBox="-10 -10 20 20"><circle r="12" fill="teal"/></svg>
<svg x="110" y="10" width="80" height="80" viewBox="0 0 40 20" preserveAspectRatio="xMinYMax meet"><rect width="100%" height="100%" fill="orange"/></svg></svg>`,
	"a viewBox from elsewhere": `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-100 50 1 .5"><rect x="-99.9" y="50.1" width=".3" height=".3" rx=".05" fill="#14532d"/><circle cx="-99.3" cy="50.25" r=".15" fill="none" stroke="#b45309" stroke-width=".05"/></svg>`,
	"joins and caps": head + `<g fill="none" stroke="#1e3a8a" stroke-width="10"><path d="M10 40L30 10 50 40"/><path stroke-linejoin="round" d="M70 40L90 10 110 40"/><path stroke-linejoin="bevel" d="M130 40L150 10 170 40z"/>
<path stroke-linecap="round" d="M20 60h40"/><path stroke-linecap="square" d="M90 60h40"/><path d="M10 90L60 85 10 80" stroke-width="4"/><path stroke-linecap="round" d="M170 75h0"/><path d="M80 90c20-30 40 20 60-10" stroke-width="3"/></g></svg>`,
	"dashes": head + `<g fill="none" stroke="#0b4f6c" stroke-width="6"><rect x="10" y="10" width="60" height="40" stroke-dasharray="15 8"/><circle cx="130" cy="35" r="25" stroke-dasharray="12" stroke-linecap="round" stroke-dashoffset="-4"/>
<path d="M10 70H90L100 60" stroke-dasharray="20,5,3" stroke-width="4"/><path d="M10 90H190" stroke-dasharray="0 9" stroke-linecap="round"/><path d="M120 75h60v-20" stroke-dasharray="5%" stroke-dashoffset="3"/></g></svg>`,
	"opacity of a group": head + `<g opacity=".5"><circle cx="70" cy="50" r="40" fill="red"/><circle cx="110" cy="50" r="40" fill="blue"/></g><g color="#7a2e5d"><path fill="currentColor" d="M160 10h30v80h-30z"/></g></svg>`,
	"gradients by the box, turned, repeated": head + `<defs><linearGradient id="g" gradientTransform="rotate(45)" x2="25%" spreadMethod="reflect"><stop offset="10%" stop-color="navy"/><stop offset=".9" stop-color="gold"/></linearGradient>
<radialGradient id="r" spreadMethod="repeat" r=".3"><stop stop-color="#fff"/><stop offset="1" stop-color="#0a0"/></radialGradient></defs><rect x="10" y="10" width="80" height="80" fill="url(#g)"/><ellipse cx="150" cy="50" rx="40" ry="30" fill="url(#r)" stroke="url(#g)" stroke-width="4"/></svg>`,
	"scale, skew, rotate": head + `<g transform="translate(40 50) scale(1.5)"><rect x="-10" y="-10" width="20" height="20" fill="#334155" transform="rotate(30)"/></g><g transform="rotate(-20 120 50) skewX(20)"><rect x="100" y="30" width="40" height="40" fill="none" stroke="#991b1b" stroke-width="4"/></g>
<path transform="matrix(.5 0 0 1 90 0)" d="M160 20h40v40h-40z" stroke="#000" stroke-width="8" fill="#eab308"/></svg>`,
	"compact paths": head + `<path d="M20 20a15 15 0 0130 0v.5.5.5l-5e-1-.5zm60.5 10q10-20 20 0t20 0 20 0V60H80.5zM150 40s10-30 20 0 20 0 20 0l-5 40-30-5.5z" fill="#0f766e"/><path d="M30 60A25 15 30 1 1 55 85" fill="none" stroke="#000" stroke-width="2"/></svg>`,
	"clip by text of classes": head + `<style>/* exported */ .a, #b { fill: #4d7c0f } g .c{fill:#78716c!important} path.a{opacity:.5}</style><clipPath id="k" clipPathUnits="objectBoundingBox"><circle cx=".5" cy=".5" r=".5"/></clipPath>
<rect class="a" x="10" y="10" width="50" height="80" clip-path="url(#k)"/><path id="b" d="M70 10h40v80z"/><g><path class="a c" d="M130 10h50l-25 80z"/></g></svg>`,
}

const width, height = 400, 200

// TestAsOthersDraw compares each logo with the picture that librsvg makes of it.
// With PAYSEAL_PICTURES set, both are left there to be looked at.
func TestAsOthersDraw(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("rsvg-convert"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("this test needs the package librsvg2-bin")
		}
		t.Skip("this test needs the package librsvg2-bin")
	}
	for name, logo := range logos {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ours, err := svg.Draw([]byte(logo), width, height)
			if err != nil {
				t.Fatal(err)
			}
			theirs := rsvg(t, logo)
			leave(t, name+"-1", ours)
			leave(t, name+"-2", theirs)
			if mean, strong := differences(ours, theirs); mean > 0.0015 || strong > 0.0001 {
				t.Errorf("mean difference %.4f; %.4f of the pixels are of another colour", mean, strong)
			}
		})
	}
}

// refused are drawings that are not drawn, and of what the message speaks.
var refused = map[string]string{
	``:                                "no SVG",
	`<html/>`:                         "no SVG",
	head + `<g>`:                      "well-formed",
	head + `</svg>` + head + `</svg>`: "no SVG",
	head + `<path d="M0 0h9v9z"/></svg` + "\x00>":                                        "well-formed",
	`<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h1v1z"/></svg>`:                "viewBox",
	`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1e9 .1"/>`:                     "viewBox",
	`<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>` + head + `</svg>`: "declarations",
	`<!DOCTYPE svg SYSTEM "http://evil.example/x.dtd">` + head + `</svg>`:                "declarations",
	head + `</svg>`: "white paper",
	head + `<path d="M0 0h99v99z" fill="#fff"/></svg>`:                                                                            "white paper",
	head + `<script>alert(1)</script></svg>`:                                                                                      "programs",
	head + `<path onclick="alert(1)" d="M0 0h1v1z"/></svg>`:                                                                       "programs",
	head + `<rect width="9" height="9"><animate attributeName="x"/></rect><animate/></svg>`:                                       "animations",
	head + `<foreignObject/></svg>`:                                                                                               "web pages",
	head + `<image xlink:href="data:image/png;base64,iVBORw0KGgo="/></svg>`:                                                       "PNG",
	head + `<text x="1" y="1">ACME</text></svg>`:                                                                                  "text into paths",
	head + `<style>@import "http://evil.example/x.css";</style></svg>`:                                                            "@ rules",
	head + `<style>path:hover{fill:red}</style></svg>`:                                                                            "selectors",
	head + `<path style="fill:URL( http://evil.example/x )" d="M0 0h1v1z"/></svg>`:                                                "elsewhere",
	head + `<style>.a{fill:url(//evil.example/x#y)}</style><path class="a" d="M0 0h1v1z"/></svg>`:                                 "elsewhere",
	head + `<use xlink:href="other.svg#a"/></svg>`:                                                                                "elsewhere",
	head + `<use href="#nothing"/></svg>`:                                                                                         "not in it",
	head + `<path fill="url(#nothing)" d="M0 0h1v1z"/></svg>`:                                                                     "patterns",
	head + `<pattern id="p"/><path fill="url(#p)" d="M0 0h1v1z"/></svg>`:                                                          "patterns",
	head + `<filter id="f"/><g filter="url(#f)"><path d="M0 0h1v1z"/></g></svg>`:                                                  "filter",
	head + `<g style="mix-blend-mode:multiply"><path d="M0 0h1v1z"/></g></svg>`:                                                   "mixes",
	head + `<path stroke="#000" stroke-dasharray="0.0001" d="M0 0H9999"/></svg>`:                                                  "too long",
	head + `<path marker-end="url(#m)" d="M0 0H100"/></svg>`:                                                                      "markers",
	head + `<path stroke="red" vector-effect="non-scaling-stroke" d="M0 0H100"/></svg>`:                                           "strokes",
	head + `<circle style="r:5px"/></svg>`:                                                                                        "in a style",
	head + `<path fill="hsl(1,2,)" d="M0 0h1v1z"/></svg>`:                                                                         "colour",
	head + `<path fill="var(--brand)" d="M0 0h1v1z"/></svg>`:                                                                      "colour",
	head + `<path d="M0 0 L9"/></svg>`:                                                                                            "number",
	head + `<path d="L9 9"/></svg>`:                                                                                               "path",
	head + `<rect width="3em" height="2"/></svg>`:                                                                                 "units",
	head + `<path transform="turn(3)" d="M0 0h1v1z"/></svg>`:                                                                      "transformation",
	head + strings.Repeat(`<g/>`, 5001) + `</svg>`:                                                                                "too many",
	head + strings.Repeat(`<g>`, 50) + strings.Repeat(`</g>`, 50) + `</svg>`:                                                      "too many",
	head + strings.Repeat(" ", 300<<10) + `</svg>`:                                                                                "256 kB",
	head + `<g id="a"><use href="#a"/></g></svg>`:                                                                                 "too many",
	head + `<clipPath id="c"><path d="M0 0h1v1z" clip-path="url(#c)"/></clipPath><path clip-path="url(#c)" d="M0 0h1v1z"/></svg>`: "too many",
	head + `<linearGradient id="g" href="#g"/><path fill="url(#g)" d="M0 0h1v1z"/></svg>`:                                         "circle",
	head + `<path d="M0 0` + strings.Repeat("v100v-100", 20000) + `"/></svg>`:                                                     "too long",
}

// TestRefused: what cannot be drawn as it is meant is refused, soon, and with a
// word of what to mend that quotes nothing.
func TestRefused(t *testing.T) {
	t.Parallel()
	for logo, word := range refused {
		_, err := svg.Draw([]byte(logo), width, height)
		if err == nil || !strings.Contains(err.Error(), word) || strings.Contains(err.Error(), "evil") {
			t.Errorf("%.200s: %v, which does not speak of %q", logo, err, word)
		}
	}
}

// FuzzDraw: no drawing breaks the program or keeps it busy.
func FuzzDraw(f *testing.F) {
	for _, logo := range logos {
		f.Add([]byte(logo))
	}
	f.Fuzz(func(t *testing.T, logo []byte) {
		if _, err := svg.Draw(logo, 80, 40); err != nil && strings.Contains(err.Error(), "it cannot be drawn") {
			t.Error(err)
		}
	})
}

func rsvg(t *testing.T, logo string) image.Image {
	t.Helper()
	cmd := exec.Command("rsvg-convert", "-b", "white", "-w", "400", "-h", "200")
	cmd.Stdin = strings.NewReader(logo)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

// differences are the mean one of all parts of colours, and the share of pixels of
// which a part is a quarter of the range away. Pixels on the edge are of one width
// in both, but not of one shade.
func differences(a, b image.Image) (mean, strong float64) {
	for y := range height {
		for x := range width {
			r1, g1, b1, _ := a.At(x, y).RGBA()
			r2, g2, b2, _ := b.At(x, y).RGBA()
			worst := 0.0
			for _, d := range [3]float64{float64(r1) - float64(r2), float64(g1) - float64(g2), float64(b1) - float64(b2)} {
				mean += max(d, -d) / 0xffff / 3
				worst = max(worst, d/0xffff, -d/0xffff)
			}
			if worst > 0.25 {
				strong++
			}
		}
	}
	return mean / width / height, strong / width / height
}

func leave(t *testing.T, name string, picture image.Image) {
	t.Helper()
	folder := os.Getenv("PAYSEAL_PICTURES")
	if folder == "" {
		return
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		t.Fatal(err)
	}
	name = "logo-" + strings.NewReplacer(" ", "-", ":", "", ",", "").Replace(name) + ".png"
	if err := os.WriteFile(filepath.Join(folder, name), b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}
