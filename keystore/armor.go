package keystore

import (
	"encoding/base64"
	"slices"
)

const (
	armorHead = "-----BEGIN PGP MESSAGE-----\r\n\r\n"
	armorTail = "-----END PGP MESSAGE-----\r\n"

	armorLine  = 64                // characters a line (RFC 9580 §6.2 allows up to 76)
	armorBytes = armorLine / 4 * 3 // bytes that a line holds

	crc24Start = 0xb704ce // RFC 9580 §6.1
	crc24Poly  = 0x864cfb
)

// crc24Table advances a CRC24 by eight bytes at once: entry [k][b] is what the
// byte b, followed by k zero bytes, does to the sum. The sum stands in the upper
// 24 bits.
var crc24Table = makeCRC24Table()

func makeCRC24Table() (table [8][256]uint32) {
	for b := range 256 {
		sum := uint32(b) << 24
		for range 8 {
			carry := sum >> 31
			sum = sum<<1 ^ carry*(crc24Poly<<8)
		}
		table[0][b] = sum
	}
	for k := 1; k < 8; k++ {
		for b := range 256 {
			before := table[k-1][b]
			table[k][b] = before<<8 ^ table[0][before>>24]
		}
	}
	return table
}

// checksum24 is the checksum of ASCII armor. RFC 9580 makes it optional; gpg 2.2 and
// rnp fail without it on bodies whose length divides by three.
func checksum24(data []byte) uint32 {
	sum, t := uint32(crc24Start)<<8, &crc24Table
	for len(data) >= 8 {
		d := data[:8]
		sum = t[7][byte(sum>>24)^d[0]] ^ t[6][byte(sum>>16)^d[1]] ^ t[5][byte(sum>>8)^d[2]] ^ t[4][d[3]] ^
			t[3][d[4]] ^ t[2][d[5]] ^ t[1][d[6]] ^ t[0][d[7]]
		data = data[8:]
	}
	for _, b := range data {
		sum = sum<<8 ^ t[0][byte(sum>>24)^b]
	}
	return sum >> 8
}

// armorMessage is the ASCII armor of an OpenPGP message with CRLF line ends and
// without Version or Comment lines. scratch is overwritten and returned, so
// that it can be used again.
func armorMessage(message, scratch []byte) (armored, again []byte) {
	encoding := base64.StdEncoding
	length := encoding.EncodedLen(len(message))
	scratch = slices.Grow(scratch[:0], length)[:length]
	encoding.Encode(scratch, message)
	lines := (length + armorLine - 1) / armorLine
	armored = make([]byte, 0, len(armorHead)+length+2*lines+len("=xxxx\r\n")+len(armorTail))
	armored = append(armored, armorHead...)
	for rest := scratch; len(rest) > 0; {
		n := min(armorLine, len(rest))
		armored = append(append(armored, rest[:n]...), '\r', '\n')
		rest = rest[n:]
	}
	sum := checksum24(message)
	armored = append(armored, '=')
	armored = encoding.AppendEncode(armored, []byte{byte(sum >> 16), byte(sum >> 8), byte(sum)})
	armored = append(armored, '\r', '\n')
	return append(armored, armorTail...), scratch
}
