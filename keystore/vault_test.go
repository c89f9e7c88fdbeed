package keystore

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/payseal/payseal/payroll"
)

func newMasterKey(t testing.TB) *MasterKey {
	t.Helper()
	key, err := OpenMasterKey(NewMasterKeyFile())
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestVaultOpensOnlyWhereTheRowBelongs(t *testing.T) {
	t.Parallel()
	master := newMasterKey(t)
	key, wrapped, err := master.NewDataKey(7)
	if err != nil {
		t.Fatal(err)
	}
	row, home := []byte("net 3799.50"), Binding{Run: 7, Employee: "007"}
	sealed := key.Seal(row, home)
	if bytes.Contains(sealed, row) || bytes.Equal(sealed, key.Seal(row, home)) {
		t.Fatal("a sealed row shows its content, or is the same twice")
	}
	again, err := master.Unwrap(wrapped, 7)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Open(sealed, home); err != nil || !bytes.Equal(got, row) {
		t.Fatalf("Open = %q, %v", got, err)
	}
	other, _, _ := master.NewDataKey(7)
	for name, open := range map[string]func() ([]byte, error){
		"another run":       func() ([]byte, error) { return key.Open(sealed, Binding{8, "007"}) },
		"another employee":  func() ([]byte, error) { return key.Open(sealed, Binding{7, "7"}) },
		"no employee":       func() ([]byte, error) { return key.Open(sealed, Binding{Run: 7}) },
		"another data key":  func() ([]byte, error) { return other.Open(sealed, home) },
		"cut off":           func() ([]byte, error) { return key.Open(sealed[:len(sealed)-1], home) },
		"shorter than that": func() ([]byte, error) { return key.Open(sealed[:5], home) },
		"empty":             func() ([]byte, error) { return key.Open(nil, home) },
		"one bit":           func() ([]byte, error) { return key.Open(append([]byte{sealed[0] ^ 1}, sealed[1:]...), home) },
	} {
		if got, err := open(); !errors.Is(err, payroll.ErrInvalid) || got != nil {
			t.Errorf("%s: Open = %q, %v", name, got, err)
		}
	}
}

func TestDataKeyUnwrapsOnlyForItsRun(t *testing.T) {
	t.Parallel()
	master := newMasterKey(t)
	_, wrapped, err := master.NewDataKey(7)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := master.Unwrap(wrapped, 8); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("another run: %v", err)
	}
	if _, err := newMasterKey(t).Unwrap(wrapped, 7); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("another master key: %v", err)
	}
	if _, err := master.Unwrap(nil, 7); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("nothing: %v", err)
	}
}

func TestMasterKeyFile(t *testing.T) {
	t.Parallel()
	good := NewMasterKeyFile()
	if lines := bytes.Count(good, []byte("\n")); lines != 1 {
		t.Errorf("%d lines", lines)
	}
	for name, file := range map[string][]byte{
		"empty":         nil,
		"no prefix":     good[len(masterKeyPrefix):],
		"short":         append(bytes.Clone(good[:len(good)-9]), '\n'),
		"other version": bytes.Replace(good, []byte("-1:"), []byte("-2:"), 1),
		"two keys":      append(bytes.Clone(good), good...),
	} {
		_, err := OpenMasterKey(file)
		if !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && len(file) > 40 && strings.Contains(err.Error(), string(file[30:40])) {
			t.Errorf("%s: the error shows the key", name)
		}
	}
	if _, err := OpenMasterKey(append(good[:len(good)-1], '\r', '\n')); err != nil {
		t.Errorf("CRLF: %v", err)
	}
}

func TestVaultKeysPrintAsDots(t *testing.T) {
	t.Parallel()
	master := newMasterKey(t)
	data, _, err := master.NewDataKey(1)
	if err != nil {
		t.Fatal(err)
	}
	for _, printed := range []string{fmt.Sprintf("%v %+v %#v %s", master, master, master, master), fmt.Sprintf("%v %+v %#v %s", data, data, data, data)} {
		if strings.Trim(printed, "• ") != "" {
			t.Errorf("prints %q", printed)
		}
	}
}

func FuzzOpenMasterKey(f *testing.F) {
	f.Add([]byte("payseal-master-key-1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"))
	f.Add([]byte("payseal-master-key-1:AAAA"))
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, file []byte) {
		key, err := OpenMasterKey(file)
		if (key == nil) == (err == nil) {
			t.Fatalf("key %v, error %v", key, err)
		}
	})
}

func BenchmarkVaultSeal(b *testing.B) {
	key, _, err := newMasterKey(b).NewDataKey(1)
	if err != nil {
		b.Fatal(err)
	}
	row := make([]byte, 2048)
	b.SetBytes(int64(len(row)))
	b.ReportAllocs()
	for b.Loop() {
		key.Seal(row, Binding{Run: 1, Employee: "E0001"})
	}
}
