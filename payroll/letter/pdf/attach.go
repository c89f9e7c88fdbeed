package pdf

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Attachment is a file in the document: the data that the pages show
// (ISO 19005-3, annex E: AFRelationship Data).
type Attachment struct {
	Name        string // as it is saved
	MediaType   string // as "application/json"
	Description string
	Content     []byte
	Modified    time.Time
}

func checkAttachments(all []Attachment) error {
	for i, a := range all {
		same := func(b Attachment) bool { return plain(b.Name) == plain(a.Name) }
		switch {
		case a.Name == "" || max(len(a.Name), len(a.Description)) > longestText:
			return errors.New("attach a file: its name or description is too short or too long")
		case strings.Count(a.MediaType, "/") != 1 || len(a.MediaType) > 100 || !isASCII(a.MediaType):
			return errors.New("attach a file: its media type is none")
		case a.Modified.IsZero() || !writable(a.Modified):
			return errors.New("attach a file: it has no date of modification")
		case slices.ContainsFunc(all[:i], same):
			return errors.New("attach a file: another has its name")
		}
	}
	return nil
}

// embed writes the files' streams (ISO 32000-1, 7.11.4) and gives the number of
// the first.
func (w *Writer) embed(all []Attachment) (first int) {
	first = w.file.next()
	for _, a := range all {
		b := append(w.scratch[:0], "/Type/EmbeddedFile/Subtype"...)
		b = appendName(b, a.MediaType)
		b = strconv.AppendInt(append(b, "/Params<</Size "...), int64(len(a.Content)), 10)
		b = appendDate(append(b, "/ModDate"...), a.Modified)
		w.scratch = append(b, ">>"...)
		w.stream(string(w.scratch), a.Content)
	}
	return first
}

// appendName writes a name (ISO 32000-1, 7.3.5).
func appendName(b []byte, name string) []byte {
	b = append(b, '/')
	for i := range len(name) {
		c := name[i]
		if c > ' ' && c <= '~' && !strings.ContainsRune("#%()<>[]{}/", rune(c)) {
			b = append(b, c)
			continue
		}
		b = append(b, '#')
		b = append(b, "0123456789ABCDEF"[c>>4], "0123456789ABCDEF"[c&15])
	}
	return b
}

// fileSpecs writes the file specifications (ISO 32000-1, 7.11.3; ISO 19005-3,
// 6.8; ISO 14289-1, 7.11): F for readers that know no Unicode.
func (w *Writer) fileSpecs(first int, all []Attachment) {
	o := &w.objects
	for i, a := range all {
		o.add("<</Type/Filespec/AFRelationship/Data/F")
		o.body = appendText(o.body, strings.Map(toASCII, a.Name))
		o.body = appendText(append(o.body, "/UF"...), plain(a.Name))
		if a.Description != "" {
			o.body = appendText(append(o.body, "/Desc"...), plain(a.Description))
		}
		o.body = appendReference(append(o.body, "/EF<</F "...), first+i)
		o.body = appendReference(append(o.body, "/UF "...), first+i)
		o.body = append(o.body, ">>>>"...)
	}
}

func toASCII(r rune) rune {
	if r < ' ' || r > '~' {
		return '_'
	}
	return r
}

// attachmentNames writes the catalog's entries for attachments: by name, in
// order (ISO 32000-1, 7.9.6), and as files of the whole document.
func (w *Writer) attachmentNames(p plan, all []Attachment) {
	if len(all) == 0 {
		return
	}
	o := &w.objects
	type entry struct {
		key    string
		number int
	}
	names := make([]entry, len(all))
	for i, a := range all {
		names[i] = entry{string(appendUTF16(nil, plain(a.Name))), p.attachment + i}
	}
	slices.SortFunc(names, func(a, b entry) int { return strings.Compare(a.key, b.key) })
	o.body = append(o.body, "/Names<</EmbeddedFiles<</Names["...)
	for _, n := range names {
		o.body = append(append(append(o.body, "<FEFF"...), n.key...), '>')
		o.body = appendReference(o.body, n.number)
	}
	o.body = append(o.body, "]>>>>/AF["...)
	for i := range all {
		o.body = append(appendReference(o.body, p.attachment+i), ' ')
	}
	o.body = append(o.body, ']')
}
