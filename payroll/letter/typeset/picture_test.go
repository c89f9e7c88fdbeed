package typeset_test

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/payseal/payseal/payroll/letter/typeset"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestPicture draws a name in every script. The golden picture was looked at:
// look again after -update.
func TestPicture(t *testing.T) {
	t.Parallel()
	s, stock := newSetter(t, installed(t))
	var rows []row
	for _, c := range typeset.Corpus {
		rows = append(rows, row{c.Texts[0], typeset.Style{Language: c.Language}})
	}
	document := sheet(t, s, stock, rows)
	if _, err := exec.LookPath("pdftoppm"); err != nil {
		typeset.Lacks(t, "pdftoppm of the package poppler-utils")
	}
	cmd := exec.Command("pdftoppm", "-r", "96", "-gray", "-png", "-singlefile", "-")
	cmd.Stdin = bytes.NewReader(document)
	drawn, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "scripts.png")
	if *update {
		if err := os.WriteFile(golden, drawn, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	looked, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	want, got := picture(t, looked), picture(t, drawn)
	if want.Bounds() != got.Bounds() {
		t.Fatalf("the picture is %v, not %v", got.Bounds(), want.Bounds())
	}
	other := make([]int, len(rows)+1)
	for y := range want.Bounds().Dy() {
		for x := range want.Bounds().Dx() {
			if gray(want, x, y)-gray(got, x, y) > 64 || gray(got, x, y)-gray(want, x, y) > 64 {
				other[min(len(rows), max(0, y*72/96-8)/22)]++
			}
		}
	}
	for i, n := range other {
		if n > 4 { // smoothing differs between versions of poppler
			t.Errorf("%q is drawn otherwise: %d pixels", rows[min(i, len(rows)-1)].text, n)
		}
	}
}

func picture(t *testing.T, content []byte) image.Image {
	t.Helper()
	p, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func gray(p image.Image, x, y int) int {
	return int(color.GrayModel.Convert(p.At(x, y)).(color.Gray).Y)
}
