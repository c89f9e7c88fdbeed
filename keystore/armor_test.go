package keystore

import (
	"bytes"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"
)

// randomBytes are the same bytes in every run of the tests.
func randomBytes(n int) []byte {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// TestArmorIsWhatTheLibraryWrites compares with the library's armor, byte for
// byte but for its line ends.
func TestArmorIsWhatTheLibraryWrites(t *testing.T) {
	t.Parallel()
	for n := range 400 {
		message := randomBytes(n + 1)
		var want bytes.Buffer
		w, err := armor.EncodeWithChecksumOption(&want, openpgp.MessageType, nil, true)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(message); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		got := armorMessage(message)
		if text := strings.ReplaceAll(string(got), "\r\n", "\n"); text != want.String()+"\n" {
			t.Fatalf("%d bytes: got\n%s\nwant\n%s", len(message), text, want.String())
		}
		if strings.Count(string(got), "\n") != strings.Count(string(got), "\r\n") {
			t.Fatalf("%d bytes: a line does not end in CRLF", len(message))
		}
	}
}

func TestChecksum24(t *testing.T) {
	t.Parallel()
	bitwise := func(data []byte) uint32 { // as RFC 9580 §6.1.1 writes it
		sum := uint32(crc24Start)
		for _, b := range data {
			sum ^= uint32(b) << 16
			for range 8 {
				if sum <<= 1; sum&0x1000000 != 0 {
					sum ^= 0x1000000 | crc24Poly
				}
			}
		}
		return sum & 0xffffff
	}
	for _, n := range []int{0, 1, 2, 3, 15, 16, 17, 31, 32, 33, 1000} {
		if data := randomBytes(n); checksum24(data) != bitwise(data) {
			t.Errorf("%d bytes: %06x, want %06x", n, checksum24(data), bitwise(data))
		}
	}
}

func FuzzArmor(f *testing.F) {
	f.Add([]byte{0})
	f.Add(randomBytes(48))
	f.Add(randomBytes(97))
	f.Fuzz(func(t *testing.T, message []byte) {
		body, err := dearmor(armorMessage(message), openpgp.MessageType)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(body); err != nil || !bytes.Equal(got, message) {
			t.Fatalf("comes back as %x, %v", got, err)
		}
	})
}

func BenchmarkArmor(b *testing.B) {
	message := randomBytes(benchSize)
	b.SetBytes(benchSize)
	b.ReportAllocs()
	for b.Loop() {
		armorMessage(message)
	}
}
