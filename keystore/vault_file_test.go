package keystore

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/payseal/payseal/payroll"
)

func TestFilesOpenOnlyAsTheyWere(t *testing.T) {
	t.Parallel()
	vault := newMasterKey(t)
	key, wrapped, err := vault.NewFileKey("a")
	if err != nil {
		t.Fatal(err)
	}
	first, second := key.Seal(0, []byte("first ")), key.Seal(1, []byte("second"))
	again, err := vault.UnwrapFile(wrapped, "a")
	if err != nil {
		t.Fatal(err)
	}
	file, err := again.Open(nil, 0, first)
	if err == nil {
		file, err = again.Open(file, 1, second)
	}
	if err != nil || string(file) != "first second" {
		t.Errorf("%q, %v", file, err)
	}
	other, _, err := vault.NewFileKey("b")
	if err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func() error{
		"parts exchanged":    func() error { _, err := key.Open(nil, 0, second); return err },
		"another file's key": func() error { _, err := other.Open(nil, 0, first); return err },
		"another file":       func() error { _, err := vault.UnwrapFile(wrapped, "b"); return err },
		"another vault":      func() error { _, err := newMasterKey(t).UnwrapFile(wrapped, "a"); return err },
		"damaged":            func() error { _, err := key.Open(nil, 0, bytes.ToUpper(first)); return err },
	} {
		if err := open(); !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if text := fmt.Sprintf("%v %#v", key, key); text != hidden+" "+hidden {
		t.Errorf("the key prints as %s", text)
	}
}
