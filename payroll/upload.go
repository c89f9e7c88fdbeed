package payroll

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Upload is a file on its way to becoming a run. It is sealed, belongs to whoever
// brought it, and is gone once it is a run, or after UploadsKept.
type Upload struct {
	ID      string          `json:"id"` // a UUID
	Name    string          `json:"name"`
	Size    int64           `json:"size"` // bytes
	SHA256  string          `json:"sha256"`
	Reading json.RawMessage `json:"reading,omitempty"` // how it is to be read, as the console writes it down; nil: nobody said
	By      AdminName       `json:"by"`
	At      time.Time       `json:"at"`
}

// What may wait to become a run at a time. A file that is still coming in counts as
// the largest.
const (
	MaxUploadBytes     = 97 << 20 // of one file; a little more than is ever read
	MaxUploads         = 100      // of one admin
	MaxUploadsBytes    = 1 << 30  // of one admin
	MaxAllUploadsBytes = 4 << 30  // of all admins
)

// Uploads are how many files wait, and how many bytes they have.
type Uploads struct {
	Own, OwnBytes, AllBytes int64 // of whoever brings another, and of all
}

// Room says with an error why there is no room for another file.
func (u Uploads) Room() error {
	switch {
	case u.Own >= MaxUploads:
		return fmt.Errorf("%w: %d of your files wait already; make runs of them or throw some away", ErrInvalid, MaxUploads)
	case u.OwnBytes > MaxUploadsBytes-MaxUploadBytes:
		return fmt.Errorf("%w: your files that wait take up the room there is for one person; make runs of them, throw some away, or wait for one that is coming in", ErrInvalid)
	case u.AllBytes > MaxAllUploadsBytes-MaxUploadBytes:
		return fmt.Errorf("%w: the files that wait take up the room there is for all; whoever brought some should make runs of them or throw them away", ErrInvalid)
	}
	return nil
}

// UploadsKept is how long an upload waits to become a run.
const UploadsKept = 48 * time.Hour

// FileName is the last part of a file's name, as it can be shown: without
// characters that cannot be seen or turn the text around them, and not longer than
// 120 characters.
func FileName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.TrimSpace(visible(name, '_'))
	if runes := []rune(name); len(runes) > 120 {
		name = string(runes[:60]) + "…" + string(runes[len(runes)-59:])
	}
	if name == "" {
		return "file"
	}
	return name
}

// Visible is a foreign text as it can be shown: what cannot be seen in it, or turns
// the text around it, is U+FFFD.
func Visible(text string) string { return visible(text, utf8.RuneError) }

func visible(text string, instead rune) string {
	return strings.Map(func(r rune) rune {
		if unprintable(r) || r == utf8.RuneError {
			return instead
		}
		return r
	}, text)
}

// CheckSource refuses a name for the source of files that cannot be shown or
// stored: at most 100 characters, printable.
func CheckSource(name string) error { return checkText("source", name, 100) }
