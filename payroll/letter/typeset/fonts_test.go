package typeset_test

import (
	"os"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/payseal/payseal/payroll/letter/typeset"
)

// TestLoadFonts: broken fonts are passed over, a directory that is not there is
// an error, and the order does not depend on where a font lies.
func TestLoadFonts(t *testing.T) {
	t.Parallel()
	broken, err := typeset.LoadFonts(fstest.MapFS{"a.ttf": {}, "b.otf": {Data: []byte("OTTO\x00\x01")},
		"c.ttc": {Data: []byte("ttcf\x00\x01\x00\x00\xff\xff\xff\xff")}, "d.txt": {Data: []byte("x")}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Liberation Sans"}, broken.Families()); diff != "" {
		t.Errorf("families (-want +got):\n%s", diff)
	}
	if broken.Digest() != builtIn(t).Digest() {
		t.Error("broken fonts count in the digest")
	}
	if _, err := typeset.LoadFonts(os.DirFS(t.TempDir() + "/none")); err == nil {
		t.Error("a missing directory is no error")
	}
	whole := installed(t)
	parted, err := typeset.LoadFonts(os.DirFS(typeset.SystemFonts+"/opentype"), os.DirFS(typeset.SystemFonts+"/truetype"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whole.Families(), parted.Families()); diff != "" {
		t.Errorf("order of fonts (-whole +parted):\n%s", diff)
	}
	if whole.Digest() != parted.Digest() || whole.Digest() == broken.Digest() {
		t.Error("the digest is not that of the fonts")
	}
}
