package identity

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// Breached is what is known of passwords that others have lost: the lists that are
// built in, and HashFile, if it is not empty. That file has the form in which the
// well-known list of breached passwords is published: a line per password, the SHA-1
// of its UTF-8 text in 40 hexadecimal digits, a colon and how often it was seen, in
// the order of the hashes. It is searched where it lies and may be replaced at any
// time; the zero value is the built-in lists alone.
type Breached struct{ HashFile string }

// Check reads the ends and the middle of the file, for a start of the program that
// would rather stop than find out later.
func (b Breached) Check() error {
	for _, probe := range []sha1Sum{{}, {0x80}, {0xff, 0xff, 0xff}} {
		if _, err := b.inFile(probe); err != nil {
			return fmt.Errorf("check the file of breached passwords: %w", err)
		}
	}
	return nil
}

// Holds says whether the text is known, in any case of its letters, or as it is in
// the file.
func (b Breached) Holds(text string) (bool, error) {
	k, err := readKnown()
	if err != nil {
		return false, err
	}
	if _, found := k.words[strings.ToLower(text)]; found {
		return true, nil
	}
	return b.inFile(sha1.Sum([]byte(text)))
}

type sha1Sum = [sha1.Size]byte

// hashLineMost is longer than any line of the file.
const hashLineMost = 96

var (
	errHashLine  = errors.New("a line is not 40 hexadecimal digits, a colon and a number")
	errHashOrder = errors.New("its lines are not in the order of the hashes")
	errNoHashes  = errors.New("it is empty")
)

func (b Breached) inFile(wanted sha1Sum) (bool, error) {
	if b.HashFile == "" {
		return false, nil
	}
	file, err := os.Open(b.HashFile)
	if err != nil {
		return false, fmt.Errorf("open %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return false, fmt.Errorf("look at %s: %w", b.HashFile, err)
	}
	if info.Size() == 0 {
		return false, fmt.Errorf("search %s: %w", b.HashFile, errNoHashes)
	}
	found, err := searchHashes(file, info.Size(), wanted)
	if err != nil {
		return false, fmt.Errorf("search %s: %w", b.HashFile, err)
	}
	return found, nil
}

// searchHashes halves the part of the file that may hold the line. from and to are
// always starts of lines, or the end; the hashes on both sides of them are kept, so
// that a file out of order is noticed where it would mislead.
func searchHashes(file io.ReaderAt, size int64, wanted sha1Sum) (bool, error) {
	var before, after *sha1Sum
	for from, to := int64(0), size; from < to; {
		start, end, hash, err := lineAt(file, from, to)
		if err != nil {
			return false, err
		}
		if before != nil && bytes.Compare(before[:], hash[:]) >= 0 || after != nil && bytes.Compare(hash[:], after[:]) >= 0 {
			return false, errHashOrder
		}
		switch bytes.Compare(wanted[:], hash[:]) {
		case 0:
			return true, nil
		case -1:
			to, after = start, &hash
		default:
			from, before = end, &hash
		}
	}
	return false, nil
}

// lineAt is the line that lies over the middle between from and to: where it starts,
// where the next one does, and its hash.
func lineAt(file io.ReaderAt, from, to int64) (start, end int64, hash sha1Sum, err error) {
	middle := from + (to-from)/2
	low := max(from, middle-hashLineMost)
	window := make([]byte, min(to, middle+hashLineMost)-low)
	if _, err := file.ReadAt(window, low); err != nil {
		return 0, 0, hash, fmt.Errorf("read: %w", err)
	}
	start = low
	if i := bytes.LastIndexByte(window[:middle-low], '\n'); i >= 0 {
		start = low + int64(i) + 1
	} else if low != from {
		return 0, 0, hash, errHashLine
	}
	line := window[start-low:]
	end = start + int64(len(line))
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line, end = line[:i], start+int64(i)+1
	} else if end != to {
		return 0, 0, hash, errHashLine
	}
	hash, err = parseHashLine(line)
	return start, end, hash, err
}

// parseHashLine reads "HASH:COUNT", with or without the CR of a line's end.
func parseHashLine(line []byte) (hash sha1Sum, err error) {
	digits, count, found := bytes.Cut(bytes.TrimSuffix(line, []byte("\r")), []byte(":"))
	if !found || len(digits) != hex.EncodedLen(len(hash)) || len(count) == 0 || len(count) > 20 {
		return hash, errHashLine
	}
	if bytes.ContainsFunc(count, func(r rune) bool { return r < '0' || r > '9' }) {
		return hash, errHashLine
	}
	if _, err := hex.Decode(hash[:], digits); err != nil {
		return hash, errHashLine
	}
	return hash, nil
}
