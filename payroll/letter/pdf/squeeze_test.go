package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"strings"
	"testing"
)

func unsqueezed(t testing.TB, b []byte) []byte {
	t.Helper()
	r, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func FuzzSqueeze(f *testing.F) {
	f.Add([]byte{}, 0)
	f.Add([]byte("abc"), 1)
	f.Add([]byte(strings.Repeat("a", 1000)), 400)
	f.Add(operators(400), 7)
	f.Fuzz(func(t *testing.T, text []byte, cut int) {
		cut = min(max(cut, 0), len(text))
		s := newSqueezer()
		for range 2 { // what it has seen of an earlier text must not matter
			if back := unsqueezed(t, s.pack(text[:cut], text[cut:])); !bytes.Equal(back, text) {
				t.Errorf("%d bytes come back as %d others", len(text), len(back))
			}
		}
	})
}

// TestSqueezeEverySymbol has matches of every length at distances of every
// magnitude, and every byte as a literal.
func TestSqueezeEverySymbol(t *testing.T) {
	var b []byte
	for i := range 256 {
		b = append(b, byte(i), byte(i*7), byte(i*13))
	}
	for length := 4; length < 300; length++ {
		for _, distance := range [...]int{1, 2, 3, 4, 5, 100, 700, 5000, 20_000, 1 << 15, 1<<15 + 1} {
			for range length {
				b = append(b, b[max(len(b)-distance, 0)])
			}
			b = append(b, byte(length), byte(distance), byte(length*distance>>3))
		}
	}
	s := newSqueezer()
	s.base = 1<<30 - 1 // it soon begins to count anew
	for range 3 {
		if back := unsqueezed(t, s.pack(b)); !bytes.Equal(back, b) {
			t.Fatal("a text does not come back")
		}
	}
}

// operators are rows of a table as a content stream has them.
func operators(rows int) []byte {
	var b []byte
	for i := range rows {
		b = fmt.Appendf(b, "/TD<</MCID %d>>BDC\n%d sc\n%d.%02d -16.5 Td\n[(\x00%c\x00%c\x00\x13\x00%c)]TJ\nEMC\n",
			i, i%3, 40+i%7, i*37%100, 'A'+i%23, 'a'+i*i%19, 'a'+i%29)
	}
	return b
}

// BenchmarkSqueeze is beside the library at its fastest.
func BenchmarkSqueeze(b *testing.B) {
	text := operators(200)
	library := newPacker(1)
	for _, way := range []struct {
		name string
		pack func(...[]byte) []byte
	}{{"ours", newSqueezer().pack}, {"klauspost", library.pack}} {
		b.Run(way.name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				way.pack(text)
			}
			b.ReportMetric(float64(len(way.pack(text)))/float64(len(text)), "of-size")
		})
	}
}
