package letter

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"io"

	"github.com/payseal/payseal/payroll"
)

// The most that is read of a stranger's PDF: streams (the words that begin and end
// them), bytes of one before and after it is inflated, and bytes of all of them.
const (
	mostStreams = 4000
	mostStream  = 1 << 20
	mostOfAll   = 64 << 20
)

// AttachedSlip finds the slip that a PDF says it is, by the JSON file that
// payseal puts into each; false if there is none. It proves nothing: anybody can
// write such a file. Whatever program has saved the PDF anew has usually kept it.
func AttachedSlip(pdf []byte) (payroll.SlipID, bool) {
	taken := 0
	for range mostStreams {
		at := bytes.Index(pdf, []byte("stream"))
		if at < 0 || taken > mostOfAll {
			break
		}
		pdf = bytes.TrimLeft(pdf[at+len("stream"):], "\r\n")
		content, read := inflated(pdf[:min(len(pdf), mostStream)])
		taken += len(content) + read
		if slip, ok := slipOf(content); ok {
			return slip, true
		}
	}
	return "", false
}

// inflated is a stream as far as it can be read, and how many bytes of it were:
// most are deflated (ISO 32000-1 §7.4.4), and some programs leave an attachment
// plain.
func inflated(stream []byte) (content []byte, read int) {
	from := bytes.NewReader(stream)
	r, err := zlib.NewReader(from)
	if err != nil {
		end := bytes.Index(stream, []byte("endstream"))
		if end < 0 {
			return nil, len(stream)
		}
		return stream[:end], end
	}
	content, _ = io.ReadAll(io.LimitReader(r, mostStream)) // a torn end does not hide the beginning
	return content, len(stream) - from.Len()
}

func slipOf(content []byte) (payroll.SlipID, bool) {
	if !bytes.Contains(content, []byte(attachmentSchema)) {
		return "", false
	}
	var attached struct {
		Schema string         `json:"schema"`
		Slip   payroll.SlipID `json:"slip"`
	}
	err := json.Unmarshal(bytes.TrimSpace(content), &attached)
	return attached.Slip, err == nil && attached.Schema == attachmentSchema && attached.Slip != ""
}
