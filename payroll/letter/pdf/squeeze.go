package pdf

import (
	"encoding/binary"
	"hash/adler32"
	"math/bits"
	"slices"
)

// squeezer deflates what is short and differs from document to document, fast: in
// one pass and one block, with the codes that RFC 1951, 3.2.6 fixes, of which a
// reader knows the tables already. Its output is a zlib stream (RFC 1950).
type squeezer struct {
	in, out []byte
	seen    [1 << squeezeBits]int32 // by hash of four bytes: where they stood, counted from base
	base    int32                   // of the text at work

	literals  [256]bitCode
	lengths   [maxMatch + 1]bitCode // with their extra bits
	distances [30]bitCode
}

// bitCode is bits in the order of the stream.
type bitCode struct {
	bits   uint32
	length uint8
}

const (
	squeezeBits = 12
	minMatch    = 4
	maxMatch    = 258
	maxDistance = 1 << 15
)

func newSqueezer() *squeezer {
	s := &squeezer{base: maxDistance}
	for v := range s.literals {
		s.literals[v] = fixedCode(v)
	}
	for symbol := 257; symbol < 286; symbol++ {
		code, extra, first := fixedCode(symbol), lengthExtra(symbol), lengthBase(symbol)
		for v := range 1 << extra {
			if length := first + v; length < maxMatch || symbol == 285 {
				s.lengths[min(length, maxMatch)] = bitCode{code.bits | uint32(v)<<code.length, code.length + uint8(extra)}
			}
		}
	}
	for symbol := range s.distances {
		s.distances[symbol] = bitCode{bits.Reverse32(uint32(symbol)) >> 27, 5}
	}
	return s
}

// fixedCode is the code of a literal or length (RFC 1951, 3.2.6).
func fixedCode(symbol int) bitCode {
	var code, length int
	switch {
	case symbol < 144:
		code, length = 0x30+symbol, 8
	case symbol < 256:
		code, length = 0x190+symbol-144, 9
	case symbol < 280:
		code, length = symbol-256, 7
	default:
		code, length = 0xc0+symbol-280, 8
	}
	return bitCode{bits.Reverse32(uint32(code)) >> (32 - length), uint8(length)}
}

// lengthExtra and lengthBase are the extra bits of a length's symbol and the
// shortest length that it stands for (RFC 1951, 3.2.5).
func lengthExtra(symbol int) int {
	if symbol < 265 || symbol == 285 {
		return 0
	}
	return (symbol - 261) / 4
}

func lengthBase(symbol int) int {
	switch {
	case symbol < 265:
		return symbol - 254
	case symbol == 285:
		return maxMatch
	}
	return 3 + (4+(symbol-1)%4)<<lengthExtra(symbol)
}

// pack deflates the parts as one. The bytes are good until it is called again.
func (s *squeezer) pack(parts ...[]byte) []byte {
	s.in = s.in[:0]
	for _, part := range parts {
		s.in = append(s.in, part...)
	}
	if s.base > 1<<30 || len(s.in) > 1<<29 {
		s.base = maxDistance
		clear(s.seen[:])
	}
	s.out = slices.Grow(s.out[:0], len(s.in)*9/8+24)
	s.block()
	s.base += int32(len(s.in)) + maxDistance
	return binary.BigEndian.AppendUint32(s.out, adler32.Checksum(s.in))
}

// block writes the text as one block of literals and references to what stood
// before. The bits that are not written yet are variables of the loop, which is
// where its speed comes from.
func (s *squeezer) block() {
	in, out := s.in, s.out[:cap(s.out)]
	out[0], out[1] = 0x78, 0x01                 // RFC 1950, 2.2: a window of 32 kB, the fastest way
	to, word, held := 2, uint64(0b011), uint(3) // the last block, of fixed codes
	at := 0
	for at+8 <= len(in) {
		four := binary.LittleEndian.Uint32(in[at:])
		slot := s.slot(four)
		before := int(*slot - s.base)
		*slot = s.base + int32(at)
		if before < 0 || binary.LittleEndian.Uint32(in[before:]) != four || at-before > maxDistance {
			literal := &s.literals[byte(four)]
			word |= uint64(literal.bits) << held
			held += uint(literal.length)
			at++
		} else {
			size := minMatch + same(in[before+minMatch:], in[at+minMatch:])
			length, distance := &s.lengths[size], s.distance(at-before)
			word |= uint64(length.bits) << held
			held += uint(length.length)
			word |= uint64(distance.bits) << held
			held += uint(distance.length)
			if at += size; at+3 < len(in) {
				*s.slot(binary.LittleEndian.Uint32(in[at-1:])) = s.base + int32(at-1)
			}
		}
		if held >= 32 {
			binary.LittleEndian.PutUint32(out[to:], uint32(word))
			to, word, held = to+4, word>>32, held-32
		}
	}
	s.out = s.end(out[:to], in[at:], word, held)
}

// end writes the last bytes as literals, and the end of the block.
func (s *squeezer) end(out, rest []byte, word uint64, held uint) []byte {
	for _, c := range rest {
		literal := &s.literals[c]
		word |= uint64(literal.bits) << held
		for held += uint(literal.length); held >= 8; held -= 8 {
			out = append(out, byte(word))
			word >>= 8
		}
	}
	out = binary.LittleEndian.AppendUint64(out, word)
	return out[:len(out)-8+int(held+7+7)/8] // the end's code is seven zeros
}

// slot is where the last place of four bytes is kept.
func (s *squeezer) slot(four uint32) *int32 { return &s.seen[four*0x9e3779b1>>(32-squeezeBits)] }

// same is how many bytes two texts begin with alike, as far as a match can reach.
func same(a, b []byte) (n int) {
	b = b[:min(len(b), maxMatch-minMatch)]
	for ; n+8 <= len(b); n += 8 {
		if differ := binary.LittleEndian.Uint64(a[n:]) ^ binary.LittleEndian.Uint64(b[n:]); differ != 0 {
			return n + bits.TrailingZeros64(differ)>>3
		}
	}
	for n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// distance is the code of how far back a match lies (RFC 1951, 3.2.5).
func (s *squeezer) distance(distance int) bitCode {
	d := uint(distance - 1)
	if d < 4 {
		return s.distances[d]
	}
	extra := uint(bits.Len(d)) - 2
	c := s.distances[2*extra+d>>extra]
	return bitCode{c.bits | uint32(d&(1<<extra-1))<<c.length, c.length + uint8(extra)}
}
