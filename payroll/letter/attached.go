package letter

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"io"

	"github.com/payseal/payseal/payroll"
)

// The most that is read of a stranger's PDF: streams, bytes of one, bytes of all.
const (
	mostStreams    = 2000
	mostStream     = 1 << 20
	mostOfAllTaken = 64 << 20
)

// AttachedSlip finds the slip that a PDF says it is, by the JSON file that
// payseal puts into each; false if there is none. It proves nothing: anybody can
// write such a file. Whatever program has saved the PDF anew has usually kept it.
func AttachedSlip(pdf []byte) (payroll.SlipID, bool) {
	taken := 0
	for range mostStreams {
		at := bytes.Index(pdf, []byte("stream"))
		if at < 0 || taken > mostOfAllTaken {
			break
		}
		pdf = bytes.TrimLeft(pdf[at+len("stream"):], "\r\n")
		content := inflated(pdf)
		taken += len(content)
		if slip, ok := slipOf(content); ok {
			return slip, true
		}
	}
	return "", false
}

// inflated is the beginning of a stream, as far as it can be read: most are
// deflated (ISO 32000-1 §7.4.4), and some programs leave an attachment plain.
func inflated(stream []byte) []byte {
	r, err := zlib.NewReader(bytes.NewReader(stream))
	if err != nil {
		end := bytes.Index(stream, []byte("endstream"))
		return stream[:min(max(end, 0), mostStream)]
	}
	content, _ := io.ReadAll(io.LimitReader(r, mostStream)) // a torn end does not hide the beginning
	return content
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
