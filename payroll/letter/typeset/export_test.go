package typeset

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// SystemFonts is where Debian keeps them.
const SystemFonts = "/usr/share/fonts"

// Lacks skips a test that needs something of the machine; not in CI.
func Lacks(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("this test needs %s", what)
	}
	t.Skipf("this test needs %s", what)
}

// Normal is a text as it is set.
func Normal(text string) string { return normal(text) }

// Remembered counts the texts that a setter remembers.
func Remembered(s *Setter) int { return len(s.set.young) + len(s.set.old) }

// TableAt says where a table of a font begins.
func TableAt(font []byte, tag string) (offset int, ok bool) {
	_, tables, _ := directory(bytes.NewReader(font), 0, int64(len(font)))
	for _, t := range tables {
		if t.tag == tag {
			return int(t.offset), true
		}
	}
	return 0, false
}

// LeftToRight says that a text runs in one direction.
func LeftToRight(text string) bool { return !strings.ContainsFunc(text, rightToLeft) }

// BuiltInRunes are the characters of the built-in face.
func BuiltInRunes(f *Fonts) (runes []rune) {
	for _, span := range f.base(false).spans {
		for r := span[0]; r <= span[1]; r++ {
			runes = append(runes, r)
		}
	}
	return runes
}

// Plans counts the ways to shape that a setter keeps.
func Plans(s *Setter) int { return len(s.plans) }
