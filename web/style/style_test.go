package style_test

import (
	"bytes"
	"testing"

	"github.com/payseal/payseal/web/style"
)

func TestSheet(t *testing.T) {
	t.Parallel()
	all, some := style.Sheet(), style.Sheet("7-forms", "1-ground")
	if !bytes.HasPrefix(all, []byte("/*")) || len(some) >= len(all) {
		t.Errorf("all are %d bytes, two of them %d", len(all), len(some))
	}
	ground, forms := bytes.Index(some, []byte("color-scheme: light dark")), bytes.Index(some, []byte("/* Forms. */"))
	if ground < 0 || forms < ground {
		t.Errorf("the ground is at %d, the forms at %d", ground, forms)
	}
}

func TestSheetWithoutSuchAPart(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("a part that is not there was joined")
		}
	}()
	style.Sheet("1-ground", "no-such-part")
}
