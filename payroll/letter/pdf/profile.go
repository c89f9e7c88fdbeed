package pdf

import (
	"encoding/binary"
	"math"
)

// sRGB is a colour profile of IEC 61966-2-1 in the form of ICC.1:2001-04
// (version 2), which every reader of PDF knows: three primaries as seen under
// D50, one curve for all.
func sRGB() []byte {
	xyz := func(x, y, z uint32) []byte { // XYZType in s15Fixed16
		return bigEndian("XYZ \x00\x00\x00\x00", x, y, z)
	}
	tags := []struct {
		name string
		data []byte
	}{
		{"desc", description("sRGB")},
		{"cprt", []byte("text\x00\x00\x00\x00No copyright\x00")},
		{"wtpt", xyz(0x0f6d6, 0x10000, 0x0d32d)},        // D50, as in the header
		{"rXYZ", xyz(28576, 14581, 912)},                // the primaries and D65 of the
		{"gXYZ", xyz(25239, 46983, 6362)},               // standard, by Bradford's matrix
		{"bXYZ", xyz(9375, 3972, 46787)},                // (a test works them out)
		{"rTRC", curve()}, {"gTRC", nil}, {"bTRC", nil}, // the same three times
	}
	table := bigEndian("", uint32(len(tags)))
	at := 128 + 4 + 12*len(tags)
	var body []byte
	begin, size := 0, 0
	for _, t := range tags {
		if t.data != nil {
			begin, size = at+len(body), len(t.data)
			body = append(body, t.data...)
			body = append(body, make([]byte, -len(body)&3)...) // to four bytes
		}
		table = append(table, bigEndian(t.name, uint32(begin), uint32(size))...)
	}
	header := make([]byte, 0, 128)
	header = append(header, bigEndian("", uint32(at+len(body)), 0, 0x02100000)...)
	header = append(header, "mntrRGB XYZ "...)
	header = append(header, 0x07, 0xea, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0) // 1 January 2026
	header = append(header, "acsp"...)
	header = append(header, make([]byte, 68-40)...)
	header = append(header, bigEndian("", 0x0f6d6, 0x10000, 0x0d32d)...) // the illuminant, D50
	header = header[:128]
	return append(append(header, table...), body...)
}

// bigEndian is a name and numbers after it.
func bigEndian(name string, numbers ...uint32) []byte {
	b := []byte(name)
	for _, n := range numbers {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return b
}

// description is a textDescriptionType with its name in ASCII alone.
func description(name string) []byte {
	b := bigEndian("desc", 0, uint32(len(name)+1))
	b = append(b, name...)
	return append(b, make([]byte, 1+4+4+2+1+67)...)
}

// curve is the curve of the standard from coded to linear, at equal steps. What
// lies between them is off by less than a tenth of a step of 8 bits.
func curve() []byte {
	const points = 64
	b := bigEndian("curv", 0, points)
	for i := range points {
		v := float64(i) / (points - 1)
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		b = binary.BigEndian.AppendUint16(b, uint16(math.Round(v*65535)))
	}
	return b
}
