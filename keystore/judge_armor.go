package keystore

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// block is one ASCII-armored part of a file (RFC 9580 §6.2).
type block struct {
	label string // "PGP PUBLIC KEY BLOCK"
	data  []byte // decoded as far as it could be
	code  Code   // "" or what is wrong with the armor
}

const (
	blockBegin = "-----BEGIN "
	blockEnd   = "-----END "
	blockDash  = "-----"
)

// unarmor finds every armored block in a text. It is lenient where mail
// programs and editors do harm without changing the key: text around the block,
// also on its first and last line, any line end, white space at either end of a line, header lines, missing or
// repeated blank lines, a missing checksum. It is strict where bytes may have
// changed: foreign characters, a wrong checksum, a missing end.
func unarmor(text []byte) []block {
	var blocks []block
	lines := splitLines(text)
	for i := 0; i < len(lines); i++ {
		label, found := openingLabel(lines[i])
		if !found {
			continue
		}
		end := i + 1
		for end < len(lines) && !bytes.HasPrefix(lines[end], []byte(blockEnd)) && !bytes.Contains(lines[end], []byte(blockBegin)) {
			end++
		}
		b := decodeBlock(label, lines[i+1:end])
		if end == len(lines) || !bytes.HasPrefix(lines[end], []byte(blockEnd)) {
			b.code = CodeArmorCut
			end--
		} else if closing := closingLabel(lines[end]); closing != label && b.code == "" {
			b.code = CodeArmorDamaged
		}
		blocks = append(blocks, b)
		i = end
	}
	return blocks
}

// splitLines cuts at LF, CRLF and CR, and trims white space.
func splitLines(text []byte) [][]byte {
	text = bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
	lines := bytes.Split(text, []byte("\n"))
	for i := range lines {
		lines[i] = bytes.Trim(lines[i], " \t\v\f\u00a0\u200b\ufeff")
	}
	return lines
}

// openingLabel reads a line that ends as a block's first one does. Where text
// follows, the line only speaks of such a line.
func openingLabel(line []byte) (string, bool) {
	_, text, found := strings.Cut(string(line), blockBegin)
	if !found {
		return "", false
	}
	label, whole := strings.CutSuffix(text, blockDash)
	return label, whole && !strings.Contains(label, blockDash)
}

// closingLabel reads a line that begins as a block's last one does.
func closingLabel(line []byte) string {
	label, _, _ := strings.Cut(strings.TrimPrefix(string(line), blockEnd), blockDash)
	return label
}

func decodeBlock(label string, lines [][]byte) block {
	b := block{label: label}
	var encoded bytes.Buffer
	var checksum []byte
	for _, line := range lines {
		switch {
		case len(line) == 0, encoded.Len() == 0 && bytes.IndexByte(line, ':') >= 0:
		case checksum != nil:
			b.code = CodeArmorDamaged // data after the checksum
		case line[0] == '=' && len(line) > 2:
			checksum = line[1:]
		default:
			encoded.Write(line)
		}
	}
	data, err := base64.StdEncoding.DecodeString(encoded.String())
	b.data = data
	if err != nil {
		b.code = CodeArmorDamaged
	}
	if checksum != nil && b.code == "" {
		b.code = checkBlockSum(checksum, data)
	}
	return b
}

func checkBlockSum(encoded, data []byte) Code {
	want, err := base64.StdEncoding.DecodeString(string(encoded))
	if err != nil || len(want) != 3 {
		return CodeArmorDamaged
	}
	sum := checksum24(data)
	if !bytes.Equal(want, []byte{byte(sum >> 16), byte(sum >> 8), byte(sum)}) {
		return CodeArmorChecksum
	}
	return ""
}
