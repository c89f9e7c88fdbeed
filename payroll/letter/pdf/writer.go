package pdf

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math/bits"
	"strconv"
)

// Writer writes documents of one stock, one after the other. It is not safe for
// concurrent use. It keeps its buffers between documents; a mistake of the
// caller is kept, too, and [Writer.End] tells it.
type Writer struct {
	stock    *Stock
	err      error // the first
	language string
	pages    []page
	at       int // the current page
	elements []element
	marks    []mark
	figures  []figure
	palette  []Color
	own      *cast // glyphs that the stock lacks
	codes    map[meaning]uint16

	file    file
	fast    *squeezer
	objects objectStream // the document, its pages and its files
	tree    objectStream // the structure
	trees   []keptTree
	scratch []byte
}

// NewWriter makes a writer.
func (s *Stock) NewWriter() *Writer {
	return &Writer{
		stock: s, fast: newSqueezer(),
		own: newCast("Rare"), codes: map[meaning]uint16{},
	}
}

// Begin begins a document in a language (BCP 47), whatever became of the one
// before.
func (w *Writer) Begin(language string) {
	w.err, w.language = nil, language
	w.pages, w.at = w.pages[:0], -1
	w.marks, w.figures = w.marks[:0], w.figures[:0]
	w.palette = append(w.palette[:0], Color{})
	w.elements = append(w.elements[:0], element{}, element{tag: Document})
	w.own.reset()
	clear(w.codes)
	if !validLanguage(language) {
		w.fail(errors.New("begin a document: its language is no tag of BCP 47"))
	}
}

// validLanguage holds for what looks like a tag of BCP 47.
func validLanguage(tag string) bool {
	for i := range len(tag) {
		c := tag[i] | 0x20
		letter := c >= 'a' && c <= 'z'
		if !letter && (i == 0 || tag[i] != '-' && (tag[i] < '0' || tag[i] > '9')) {
			return false
		}
	}
	return len(tag) >= 2 && len(tag) <= 35
}

func (w *Writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// plan is the numbers of a document's objects that are no streams. Those of the
// document, its pages and its files stand in one object stream in this order,
// the structure in another.
type plan struct {
	catalog, info, pageTree, page, resources, attachment, font int
	tree, element                                              int
}

func (w *Writer) plan(attachments int) plan {
	var p plan
	p.catalog = w.file.next() + 1
	p.info = p.catalog + 1
	p.pageTree = p.info + 1
	p.page = p.pageTree + 1
	p.resources = p.page + len(w.pages)
	p.attachment = p.resources + 1
	p.font = p.attachment + attachments
	p.tree = p.font + 1
	if len(w.codes) > 0 {
		p.tree += fontDictionaries
	}
	p.element = p.tree + 1
	return p
}

// End writes the document behind b, which may be nil. It fails if a call since
// [Writer.Begin] was wrong, without a page or a title, and on texts that no PDF
// can hold; errors never hold a text.
func (w *Writer) End(b []byte, i Info) ([]byte, error) {
	if err := w.check(i); err != nil {
		return nil, err
	}
	f := &w.file
	f.out = append(f.out[:0], w.stock.prefix.out...)
	f.rows = append(f.rows[:0], w.stock.prefix.rows...)
	contents := f.next()
	for n := range w.pages {
		w.pages[n].finish()
		w.stream("", w.pages[n].ground, w.pages[n].content)
	}
	var own written
	if len(w.codes) > 0 {
		own = w.own.streams(w.stream)
	}
	files := w.embed(i.Attachments)
	metadata := w.metadata(i)
	p := w.plan(len(i.Attachments))
	w.objects.reset(p.catalog)
	w.catalog(p, metadata, i)
	w.info(i)
	w.pageObjects(p, contents)
	w.resources(p, own)
	w.fileSpecs(files, i.Attachments)
	if len(w.codes) > 0 {
		w.own.dictionaries(&w.objects, own)
	}
	o := &w.objects
	f.objects(o.count, len(o.index), "", o.index, o.body) // a kB, of which deflating would save a quarter at a tenth of the time
	id := w.identifier()
	w.structure(p)
	w.crossReferences(p, id)
	return append(b, f.out...), nil
}

// stream writes a stream, deflated unless it is too short for that to be worth
// its time. Charstrings are never worth it: only the slowest deflating makes them
// shorter.
func (w *Writer) stream(entries string, parts ...[]byte) (number int) {
	if entries == programEntries || len(parts) == 1 && len(parts[0]) < 1<<10 {
		return w.file.stream(entries, parts[0])
	}
	return w.file.stream(entries+flate, w.fast.pack(parts...))
}

// check finds what would make the file wrong.
func (w *Writer) check(i Info) error {
	switch {
	case w.err != nil:
		return w.err
	case len(w.pages) == 0:
		return errors.New("end a document: it has no page")
	case i.Title == "":
		return errors.New("end a document: it has no title") // ISO 14289-1, 7.1
	}
	return i.check()
}

// catalog writes the document's catalog (ISO 32000-1, 7.7.2): the language and
// the title's display are asked for by ISO 14289-1, 7.1 and 7.2.
func (w *Writer) catalog(p plan, metadata int, i Info) {
	o := &w.objects
	o.add("<</Type/Catalog/Pages ", reference(p.pageTree), "/Lang(", w.language, ")/MarkInfo<</Marked true>>",
		"/ViewerPreferences<</DisplayDocTitle true>>/StructTreeRoot ", reference(p.tree),
		"/Metadata ", reference(metadata), "/OutputIntents[", reference(w.stock.intent), "]")
	w.attachmentNames(p, i.Attachments)
	o.body = append(o.body, ">>"...)
}

// pageObjects writes the page tree and the pages (ISO 32000-1, 7.7.3). The order
// of tabs is that of the structure (ISO 14289-1, 7.18.3).
func (w *Writer) pageObjects(p plan, contents int) {
	o := &w.objects
	o.add("<</Type/Pages/Count ", strconv.Itoa(len(w.pages)), "/Kids[")
	for n := range w.pages {
		o.body = append(appendReference(o.body, p.page+n), ' ')
	}
	o.body = append(o.body, "]>>"...)
	for n := range w.pages {
		page := &w.pages[n]
		o.add("<</Type/Page/Parent ", reference(p.pageTree), "/Resources ", reference(p.resources),
			"/Contents ", reference(contents+n), "/StructParents ", strconv.Itoa(n), "/Tabs/S/MediaBox[0 0 ")
		o.body = append(appendHundredths(o.body, page.width), ' ')
		o.body = append(appendHundredths(o.body, page.height), "]>>"...)
	}
}

// resources writes the one resource dictionary of all pages.
func (w *Writer) resources(p plan, own written) {
	o := &w.objects
	o.add("<</Font<<", w.stock.fonts)
	if own.program != 0 {
		o.body = append(o.body, "/F"...)
		o.body = strconv.AppendInt(o.body, int64(w.stock.fontCount), 10)
		o.body = appendReference(append(o.body, ' '), p.font)
	}
	o.body = append(o.body, ">>/XObject<<"...)
	o.body = append(o.body, w.stock.xobjects...)
	o.body = append(o.body, ">>/ColorSpace<</P[/Indexed/DeviceRGB "...)
	o.body = strconv.AppendInt(o.body, int64(len(w.palette)-1), 10)
	o.body = append(o.body, '<')
	for _, c := range w.palette {
		o.body = fmt.Appendf(o.body, "%02X%02X%02X", c.R, c.G, c.B)
	}
	o.body = append(o.body, ">]>>>>"...)
}

// identifier is the file's (ISO 32000-1, 14.4), taken from the stock and all that
// is written by now, so that the same document is the same bytes.
func (w *Writer) identifier() []byte {
	sum := sha256.New()
	sum.Write(w.stock.digest[:])
	sum.Write(w.file.out[len(w.stock.prefix.out):])
	return sum.Sum(nil)[:16]
}

// crossReferences writes the cross-reference stream and the end of the file
// (ISO 32000-1, 7.5.8). The entries stay as they are: deflating them would cost
// an eighth of a document's time for half a kB.
func (w *Writer) crossReferences(p plan, id []byte) {
	f := &w.file
	at := len(f.out)
	f.rows = append(f.rows, row{kind: 1, at: at})
	members := 1
	for _, r := range f.rows {
		members = max(members, octets(r.member))
	}
	offsets := octets(at)
	b := w.scratch[:0]
	for _, r := range f.rows {
		b = appendBig(appendBig(append(b, r.kind), r.at, offsets), r.member, members)
	}
	w.scratch = b
	entries := fmt.Sprintf("/Type/XRef/Size %d/W[1 %d %d]/Root %d 0 R/Info %d 0 R/ID[<%x><%[6]x>]",
		len(f.rows), offsets, members, p.catalog, p.info, id)
	f.rows = f.rows[:len(f.rows)-1] // which stream counts itself
	f.stream(entries, b)
	f.out = append(f.out, "startxref\n"...)
	f.out = strconv.AppendInt(f.out, int64(at), 10)
	f.out = append(f.out, "\n%%EOF\n"...)
}

// octets is how many bytes hold numbers up to this one.
func octets(v int) int { return (bits.Len64(uint64(max(v, 1))) + 7) / 8 }
