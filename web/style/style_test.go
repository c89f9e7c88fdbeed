package style_test

import (
	"bytes"
	"testing"
	"testing/fstest"

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

func TestJoin(t *testing.T) {
	t.Parallel()
	folder := fstest.MapFS{
		"2-b.css": {Data: []byte("b{}")}, "1-a.css": {Data: []byte("a{}")}, "notes.txt": {Data: []byte("no")}, "deep/3-c.css": {Data: []byte("c{}")},
	}
	for _, test := range []struct {
		parts []string
		want  string
	}{
		{nil, "a{}\nb{}\n"},
		{[]string{"2-b", "1-a"}, "a{}\nb{}\n"},
		{[]string{"2-b"}, "b{}\n"},
	} {
		got, err := style.Join(folder, test.parts...)
		if err != nil || string(got) != test.want {
			t.Errorf("Join(%q) is %q, %v; want %q", test.parts, got, err, test.want)
		}
	}
	if _, err := style.Join(folder, "1-a", "4-d"); err == nil {
		t.Error("a part that is not there was joined")
	}
}
