package letter_test

import (
	"testing"
	"testing/fstest"

	"github.com/payseal/payseal/payroll/letter"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/gofont/gosmallcaps"
)

// FuzzLoadFonts: a damaged font file is passed over, whatever is in it.
func FuzzLoadFonts(f *testing.F) {
	f.Add(gosmallcaps.TTF[:2048], 0, byte(0))
	f.Add(goregular.TTF[:4096], 100, byte(0xff))
	f.Add(goregular.TTF, 60000, byte(0x80))
	f.Add([]byte("ttcf\x00\x02\x00\x00\x00\x00\x00\x01\x00\x00\x00\x10"), 3, byte('g'))
	f.Fuzz(func(t *testing.T, font []byte, at int, value byte) {
		damaged := append([]byte(nil), font...)
		if at >= 0 && at < len(damaged) {
			damaged[at] = value
		}
		fonts, err := letter.LoadFonts(fstest.MapFS{"damaged.ttf": {Data: damaged}})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(fonts.Families()); n > 1 && damaged[0] != 't' {
			t.Errorf("%d families in one font", n)
		}
	})
}
