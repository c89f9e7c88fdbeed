package keystore

import (
	"encoding/base64"
	"encoding/binary"
)

const (
	armorHead = "-----BEGIN PGP MESSAGE-----\r\n\r\n"
	armorTail = "-----END PGP MESSAGE-----\r\n"

	armorLine  = 64                // characters a line (RFC 9580 §6.2 allows up to 76)
	armorBytes = armorLine / 4 * 3 // bytes that a line holds

	crc24Start = 0xb704ce // RFC 9580 §6.1
	crc24Poly  = 0x864cfb
)

// crc24Table advances a CRC24 by sixteen bytes at once: entry [k][b] is what the
// byte b, followed by k zero bytes, does to the sum. The sum stands in the upper
// 24 bits.
var crc24Table = makeCRC24Table()

func makeCRC24Table() (table [16][256]uint32) {
	for b := range 256 {
		sum := uint32(b) << 24
		for range 8 {
			carry := sum >> 31
			sum = sum<<1 ^ carry*(crc24Poly<<8)
		}
		table[0][b] = sum
	}
	for k := 1; k < len(table); k++ {
		for b := range 256 {
			before := table[k-1][b]
			table[k][b] = before<<8 ^ table[0][before>>24]
		}
	}
	return table
}

// checksum24 is the checksum of ASCII armor. RFC 9580 makes it optional; gpg 2.2 and
// rnp fail without it on bodies whose length divides by three. Half the time that
// gopenpgp takes to encrypt goes into computing it bit by bit.
func checksum24(data []byte) uint32 {
	sum, t := uint32(crc24Start)<<8, &crc24Table
	for len(data) >= 16 {
		d := data[:16:16]
		sum = t[15][byte(sum>>24)^d[0]] ^ t[14][byte(sum>>16)^d[1]] ^ t[13][byte(sum>>8)^d[2]] ^ t[12][d[3]] ^
			t[11][d[4]] ^ t[10][d[5]] ^ t[9][d[6]] ^ t[8][d[7]] ^
			t[7][d[8]] ^ t[6][d[9]] ^ t[5][d[10]] ^ t[4][d[11]] ^
			t[3][d[12]] ^ t[2][d[13]] ^ t[1][d[14]] ^ t[0][d[15]]
		data = data[16:]
	}
	for _, b := range data {
		sum = sum<<8 ^ t[0][byte(sum>>24)^b]
	}
	return sum >> 8
}

// base64Pairs holds the two base64 characters of every twelve bits, the first in
// the lower byte.
var base64Pairs = makeBase64Pairs()

func makeBase64Pairs() (pairs [4096]uint16) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for i := range pairs {
		pairs[i] = uint16(alphabet[i>>6]) | uint16(alphabet[i&63])<<8
	}
	return pairs
}

// armorMessage is the ASCII armor of an OpenPGP message with CRLF line ends and
// without Version or Comment lines.
func armorMessage(message []byte) []byte { return armorWithin(message, 0, 0) }

// armorWithin is armorMessage with so many bytes free before it, and room for as
// many behind it as tail says.
func armorWithin(message []byte, head, tail int) []byte {
	length := base64.StdEncoding.EncodedLen(len(message))
	lines := (length + armorLine - 1) / armorLine
	armored := make([]byte, head, head+len(armorHead)+length+2*lines+len("=xxxx\r\n")+len(armorTail)+tail)
	armored = append(armored, armorHead...)
	rest := message
	for len(rest) >= armorBytes {
		armored = armored[:len(armored)+armorLine+2]
		encodeLine(armored[len(armored)-armorLine-2:], rest)
		rest = rest[armorBytes:]
	}
	if len(rest) > 0 {
		armored = append(base64.StdEncoding.AppendEncode(armored, rest), '\r', '\n')
	}
	sum := checksum24(message)
	armored = append(armored, '=')
	armored = base64.StdEncoding.AppendEncode(armored, []byte{byte(sum >> 16), byte(sum >> 8), byte(sum)})
	armored = append(armored, '\r', '\n')
	return append(armored, armorTail...)
}

// encodeLine writes one full line: six bytes become eight characters at a time.
func encodeLine(line, data []byte) {
	line, data = line[:armorLine+2], data[:armorBytes]
	for i, j := 0, 0; i < armorBytes; i, j = i+6, j+8 {
		d := data[i : i+6 : i+6]
		v := uint64(d[0])<<40 | uint64(d[1])<<32 | uint64(d[2])<<24 | uint64(d[3])<<16 | uint64(d[4])<<8 | uint64(d[5])
		p := &base64Pairs
		binary.LittleEndian.PutUint64(line[j:], uint64(p[v>>36&0xfff])|uint64(p[v>>24&0xfff])<<16|
			uint64(p[v>>12&0xfff])<<32|uint64(p[v&0xfff])<<48)
	}
	line[armorLine], line[armorLine+1] = '\r', '\n'
}
