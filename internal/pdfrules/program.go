package pdfrules

import (
	"encoding/binary"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// program is a CID-keyed font program: the widths of its glyphs by CID.
type program struct{ widths []int }

// parseProgram reads a CFF font (Adobe Technical Note 5176) whose charset is the
// identity and whose one private dictionary leaves nominalWidthX at 0, which is
// all that files of ours have.
func parseProgram(b []byte) (p program, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("a font program ends too early")
		}
	}()
	b = slices.Clip(b) // offsets must not reach beyond
	if b[0] != 1 || b[2] != 4 {
		return p, errors.New("a font program is not in version 1 of CFF")
	}
	_, at := index(b, 4)
	tops, _ := index(b, at)
	top := operands(tops[0])
	if _, keyed := top[12<<8|30]; !keyed {
		return p, errors.New("a font program is not CID-keyed")
	}
	dicts, _ := index(b, top[12<<8|36][0])
	private := operands(dicts[0])[18]
	nominal := operands(b[private[1] : private[1]+private[0]])[21]
	if len(dicts) != 1 || len(nominal) != 1 || nominal[0] != 0 {
		return p, errors.New("a font program has widths that this reader does not know")
	}
	glyphs, _ := index(b, top[17][0])
	if charset := top[15][0]; b[charset] != 2 || binary.BigEndian.Uint16(b[charset+1:]) != 1 ||
		int(binary.BigEndian.Uint16(b[charset+3:])) != len(glyphs)-2 {
		return p, errors.New("a font program's charset is not the identity")
	}
	for _, g := range glyphs {
		width, rest := operand(g)
		if rest == 0 {
			return p, errors.New("a glyph begins without a width")
		}
		p.widths = append(p.widths, width)
	}
	return p, nil
}

// index reads an INDEX and where it ends.
func index(b []byte, at int) (all [][]byte, end int) {
	count, size := int(binary.BigEndian.Uint16(b[at:])), 0
	if count == 0 {
		return nil, at + 2
	}
	size = int(b[at+2])
	offset := func(i int) (v int) {
		for _, c := range b[at+3+i*size : at+3+(i+1)*size] {
			v = v<<8 | int(c)
		}
		return v
	}
	base := at + 3 + (count+1)*size - 1
	for i := range count {
		all = append(all, b[base+offset(i):base+offset(i+1)])
	}
	return all, base + offset(count)
}

// operands reads a DICT: the operands by operator, escaped ones with 12 in front.
func operands(b []byte) map[int][]int {
	all := map[int][]int{}
	var waiting []int
	for len(b) > 0 {
		if v, n := operand(b); n > 0 {
			waiting, b = append(waiting, v), b[n:]
			continue
		}
		op := int(b[0])
		if b = b[1:]; op == 12 {
			op, b = op<<8|int(b[0]), b[1:]
		}
		all[op], waiting = waiting, nil
	}
	return all
}

// operand reads a whole number and how long it is; 0 if there is none.
func operand(b []byte) (v, length int) {
	switch c := int(b[0]); {
	case c >= 32 && c <= 246:
		return c - 139, 1
	case c >= 247 && c <= 250:
		return (c-247)*256 + int(b[1]) + 108, 2
	case c >= 251 && c <= 254:
		return -(c-251)*256 - int(b[1]) - 108, 2
	case c == 28:
		return int(int16(binary.BigEndian.Uint16(b[1:]))), 3
	case c == 29:
		return int(int32(binary.BigEndian.Uint32(b[1:]))), 5
	}
	return 0, 0
}

var bfrange = regexp.MustCompile(`^<([0-9A-F]{4})><([0-9A-F]{4})><((?:[0-9A-F]{4})*)>$`)

// parseCMap reads a map to Unicode whose mappings are lines of bfrange.
func parseCMap(b []byte) (map[int]string, error) {
	all := map[int]string{}
	inside := false
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasSuffix(line, "beginbfrange"):
			inside = true
		case line == "endbfrange":
			inside = false
		case inside:
			m := bfrange.FindStringSubmatch(line)
			if m == nil || m[1][:2] != m[2][:2] || m[1] > m[2] {
				return nil, errors.New("a map to Unicode has a range that is none")
			}
			var units []uint16
			for i := 0; i < len(m[3]); i += 4 {
				units = append(units, uint16(digits(m[3][i:i+4])))
			}
			for code := digits(m[1]); code <= digits(m[2]); code++ {
				all[code] = string(utf16.Decode(units))
				if n := len(units) - 1; n >= 0 {
					units[n]++
					if units[n]&0xff == 0 && code < digits(m[2]) { // ISO 32000-1, 9.10.3
						return nil, errors.New("a range in a map to Unicode goes beyond the last byte")
					}
				}
			}
		}
	}
	return all, nil
}

func digits(s string) int {
	v, _ := strconv.ParseUint(s, 16, 16)
	return int(v)
}
