package keystore

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// The packet types that a certificate file can hold or is mistaken for (RFC
// 9580 §5).
const (
	tagSessionKey       = 1
	tagSignature        = 2
	tagSymmetricKey     = 3
	tagOnePassSignature = 4
	tagSecretKey        = 5
	tagPublicKey        = 6
	tagSecretSubkey     = 7
	tagCompressed       = 8
	tagEncrypted        = 9
	tagMarker           = 10
	tagLiteral          = 11
	tagTrust            = 12
	tagUserID           = 13
	tagPublicSubkey     = 14
	tagUserAttribute    = 17
	tagSealed           = 18
	tagAEADEncrypted    = 20
	tagPadding          = 21
)

var (
	errNotPackets   = errors.New("not OpenPGP packets")
	errCutShort     = errors.New("packet is cut short")
	errOpenEnded    = errors.New("packet without a definite length")
	errZeroTag      = errors.New("packet of reserved type 0")
	errBadSignature = errors.New("signature does not verify")
)

// frame is one packet as it stands in the file: its type and its body, which
// points into the input.
type frame struct {
	tag  uint8
	body []byte
}

// splitFrames cuts data into packets without looking into them. Where the data
// go wrong it returns what came before, and the damaged packet as far as it
// goes, so that secret material is seen even in a file that is cut short.
func splitFrames(data []byte) ([]frame, error) {
	frames, _, err := splitFront(data)
	return frames, err
}

// splitFront is splitFrames and also returns the data from where they go wrong.
func splitFront(data []byte) (frames []frame, rest []byte, err error) {
	for len(data) > 0 {
		head, length, tag, err := readHeader(data)
		if err != nil {
			if errors.Is(err, errOpenEnded) {
				frames = append(frames, frame{tag: tag, body: data[head:]})
			}
			return frames, data, err
		}
		if tag == 0 {
			return frames, data, errZeroTag
		}
		body := data[head:]
		if length > len(body) {
			return append(frames, frame{tag: tag, body: body}), nil, errCutShort
		}
		frames = append(frames, frame{tag: tag, body: body[:length:length]})
		data = body[length:]
	}
	return frames, nil, nil
}

// readHeader reads one packet header (RFC 9580 §4.2). Partial and indeterminate
// lengths are for data packets only (§4.2.1.4), so no certificate has one.
func readHeader(data []byte) (head, length int, tag uint8, err error) {
	first := data[0]
	if first&0x80 == 0 {
		return 0, 0, 0, errNotPackets
	}
	if first&0x40 == 0 {
		return readOldHeader(data)
	}
	tag = first & 0x3f
	if len(data) < 2 {
		return 0, 0, tag, errCutShort
	}
	switch second := data[1]; {
	case second < 192:
		return 2, int(second), tag, nil
	case second < 224:
		if len(data) < 3 {
			return 0, 0, tag, errCutShort
		}
		return 3, int(second-192)<<8 + int(data[2]) + 192, tag, nil
	case second < 255:
		return 2, 0, tag, errOpenEnded
	}
	if len(data) < 6 {
		return 0, 0, tag, errCutShort
	}
	return 6, int(binary.BigEndian.Uint32(data[2:])), tag, nil
}

func readOldHeader(data []byte) (head, length int, tag uint8, err error) {
	tag = data[0] >> 2 & 0x0f
	kind := data[0] & 3
	if kind == 3 {
		return 1, 0, tag, errOpenEnded
	}
	octets := 1 << kind
	if len(data) < 1+octets {
		return 0, 0, tag, errCutShort
	}
	for _, b := range data[1 : 1+octets] {
		length = length<<8 | int(b)
	}
	return 1 + octets, length, tag, nil
}

// write appends the packet to w with a header in the current format.
func (f frame) write(w *bytes.Buffer) {
	w.WriteByte(0xc0 | f.tag)
	switch n := len(f.body); {
	case n < 192:
		w.WriteByte(byte(n))
	case n < 8384:
		w.WriteByte(byte((n-192)>>8) + 192)
		w.WriteByte(byte(n - 192))
	default:
		w.WriteByte(255)
		w.Write(binary.BigEndian.AppendUint32(nil, uint32(n)))
	}
	w.Write(f.body)
}

// bytes is the packet with its header.
func (f frame) bytes() []byte {
	var w bytes.Buffer
	f.write(&w)
	return w.Bytes()
}
