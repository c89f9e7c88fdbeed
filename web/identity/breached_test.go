package identity

import (
	"bytes"
	"crypto/sha1"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

const hashLines = 100_000

// hashFile is a file in the published form: the passwords "lost-0" to "lost-99999".
func hashFile(end string, lower bool) []byte {
	lines := make([]string, hashLines)
	for i := range lines {
		lines[i] = fmt.Sprintf("%X:%d", sha1.Sum(fmt.Appendf(nil, "lost-%d", i)), i*i%1_000_003+1)
		if lower {
			lines[i] = strings.ToLower(lines[i])
		}
	}
	slices.Sort(lines)
	return []byte(strings.Join(lines, end) + end)
}

func write(t testing.TB, content []byte) Breached {
	t.Helper()
	path := filepath.Join(t.TempDir(), "breached.txt")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return Breached{HashFile: path}
}

func TestBreachedFile(t *testing.T) {
	t.Parallel()
	for name, content := range map[string][]byte{
		"LF": hashFile("\n", false), "CRLF": hashFile("\r\n", false), "lower case": hashFile("\n", true),
		"no last line end": bytes.TrimSuffix(hashFile("\r\n", false), []byte("\r\n")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := write(t, content)
			if err := b.Check(); err != nil {
				t.Fatal(err)
			}
			if known, err := b.Holds("lost-7"); !known || err != nil {
				t.Fatalf("lost-7: %t, %v", known, err)
			}
			for i := range hashLines {
				if i%37 != 0 {
					continue
				}
				if known, err := b.inFile(sha1.Sum(fmt.Appendf(nil, "lost-%d", i))); !known || err != nil {
					t.Fatalf("lost-%d: %t, %v", i, known, err)
				}
				if known, err := b.inFile(sha1.Sum(fmt.Appendf(nil, "kept-%d", i))); known || err != nil {
					t.Fatalf("kept-%d: %t, %v", i, known, err)
				}
			}
		})
	}
}

// The ends of the file are where a search goes wrong by one.
func TestBreachedFileEnds(t *testing.T) {
	t.Parallel()
	content := hashFile("\n", false)
	lines := bytes.Split(bytes.TrimSpace(content), []byte("\n"))
	for _, count := range []int{1, 2, 3, 7} {
		part := append(bytes.Join(lines[:count], []byte("\n")), '\n')
		for i, line := range lines[:count+1] {
			hash, err := parseHashLine(line)
			if err != nil {
				t.Fatal(err)
			}
			if known, err := searchHashes(bytes.NewReader(part), int64(len(part)), hash); known != (i < count) || err != nil {
				t.Errorf("line %d of %d: %t, %v", i, count, known, err)
			}
		}
	}
}

// counter counts the reads of a file.
type counter struct {
	*bytes.Reader
	reads atomic.Int64
}

func (c *counter) ReadAt(p []byte, at int64) (int, error) {
	c.reads.Add(1)
	return c.Reader.ReadAt(p, at)
}

func TestBreachedFileIsNotLoaded(t *testing.T) {
	t.Parallel()
	content := hashFile("\r\n", false)
	file := &counter{Reader: bytes.NewReader(content)}
	for i := range 100 {
		before := file.reads.Load()
		if _, err := searchHashes(file, file.Size(), sha1.Sum(fmt.Appendf(nil, "lost-%d", i))); err != nil {
			t.Fatal(err)
		}
		if reads := file.reads.Load() - before; reads > 24 { // log2 of 4.8 MB is 23
			t.Errorf("lost-%d: %d reads", i, reads)
		}
	}
}

func TestBreachedFileDamaged(t *testing.T) {
	t.Parallel()
	good := hashFile("\n", false)
	lines := bytes.SplitAfter(good, []byte("\n"))
	reversed := slices.Clone(lines[:hashLines])
	slices.Reverse(reversed)
	short := make([][]byte, 0, len(lines))
	for _, line := range lines {
		short = append(short, bytes.Replace(line, []byte(":"), nil, 1))
	}
	for name, content := range map[string][]byte{
		"empty":               {},
		"not such a list":     []byte(strings.Repeat("correct horse battery staple\n", 1000)),
		"one long line":       bytes.Repeat([]byte("A"), 10_000),
		"in reverse":          bytes.Join(reversed, nil),
		"without its colon":   bytes.Join(short, nil),
		"a hash per line":     []byte(strings.Repeat(strings.Repeat("A", 40)+"\n", 100)),
		"NTLM hashes":         []byte(strings.Repeat(strings.Repeat("A", 32)+":3\n", 100)),
		"zeros":               make([]byte, 10_000),
		"zipped":              append([]byte("PK\x03\x04"), bytes.Repeat([]byte{0x9c, 0x0a, 0xff}, 5000)...),
		"counts in words":     []byte(strings.Repeat(strings.Repeat("A", 40)+":many\n", 100)),
		"zeros in the middle": slices.Concat(good[:len(good)/2-5000], make([]byte, 10_000), good[len(good)/2+5000:]),
	} {
		b := write(t, content)
		if err := b.Check(); err == nil {
			t.Errorf("%s: passes", name)
		}
	}
	if err := (Breached{HashFile: t.TempDir()}).Check(); err == nil {
		t.Error("a folder passes")
	}
	if err := (Breached{HashFile: filepath.Join(t.TempDir(), "none")}).Check(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if err := (Breached{}).Check(); err != nil {
		t.Errorf("without a file: %v", err)
	}
	cut := write(t, good[:len(good)-20])
	if err := cut.Check(); !errors.Is(err, errHashLine) {
		t.Errorf("the last line is cut off: %v", err)
	}
}

func TestBreachedListsAreBuiltIn(t *testing.T) {
	t.Parallel()
	for text, wanted := range map[string]bool{
		"trustno1": true, "TrustNo1": true, "unfortunately": true, "higginbotham": true, "nettapanda olif": false, "": false,
	} {
		if known, err := (Breached{}).Holds(text); known != wanted || err != nil {
			t.Errorf("%q: %t, %v", text, known, err)
		}
	}
}

func FuzzSearchHashes(f *testing.F) {
	line := fmt.Sprintf("%X:12", sha1.Sum([]byte("a")))
	f.Add([]byte(line+"\r\n"), []byte("a"))
	f.Add([]byte(strings.ToLower(line)), []byte("a"))
	f.Add([]byte("\n\n\n"+line+"\n\n"), []byte("b"))
	f.Add(hashFile("\n", false)[:500], []byte("lost-1"))
	f.Fuzz(func(t *testing.T, file, password []byte) {
		wanted := sha1.Sum(password)
		found, err := searchHashes(bytes.NewReader(file), int64(len(file)), wanted)
		if found && (err != nil || !bytes.Contains(bytes.ToUpper(file), fmt.Appendf(nil, "%X:", wanted))) {
			t.Fatalf("found in %q, %v", file, err)
		}
	})
}

func FuzzParseHashLine(f *testing.F) {
	f.Add([]byte("0000000000000000000000000000000000000000:1\r"))
	f.Add([]byte("0000000000000000000000000000000000000000:"))
	f.Fuzz(func(t *testing.T, line []byte) {
		hash, err := parseHashLine(line)
		if err == nil && !bytes.EqualFold(line[:40], fmt.Appendf(nil, "%x", hash)) {
			t.Fatalf("%q reads as %x", line, hash)
		}
	})
}

func BenchmarkBreachedFile(b *testing.B) {
	list := write(b, hashFile("\r\n", false))
	for b.Loop() {
		if _, err := list.inFile(sha1.Sum([]byte("lost-5"))); err != nil {
			b.Fatal(err)
		}
	}
}
