package pdf

import (
	"errors"
	"strings"
	"time"
	"unicode/utf8"
)

// Info is what the document says about itself. Only the title is required.
type Info struct {
	Title, Author, Subject string
	Created                time.Time
	Attachments            []Attachment
}

// longestText keeps text strings within the 32,767 bytes that ISO 19005-3,
// 6.1.13 allows, in UTF-16.
const longestText = 16000

var errTextTooLong = errors.New("write a document: a text is longer than a PDF can hold")

func (i Info) check() error {
	if max(len(i.Title), len(i.Author), len(i.Subject)) > longestText {
		return errTextTooLong
	}
	if !writable(i.Created) {
		return errors.New("write a document: its date has no year of four digits")
	}
	return checkAttachments(i.Attachments)
}

// writable holds for a date that both notations can say, and for none at all.
func writable(t time.Time) bool { return t.IsZero() || t.UTC().Year() >= 1 && t.UTC().Year() <= 9999 }

// plain is the text without what XML cannot hold, so that both places that tell
// a title tell the same.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == utf8.RuneError || r == 0xfffe || r == 0xffff || r == 0xfeff {
			return utf8.RuneError
		}
		return r
	}, text)
}

const producer = "payseal"

// info writes the information dictionary (ISO 32000-1, 14.3.3).
func (w *Writer) info(i Info) {
	o := &w.objects
	o.add("<</Producer(", producer, ")")
	for _, entry := range [3]struct{ key, text string }{{"/Title", i.Title}, {"/Author", i.Author}, {"/Subject", i.Subject}} {
		if entry.text != "" {
			o.body = append(o.body, entry.key...)
			o.body = appendText(o.body, plain(entry.text))
		}
	}
	if !i.Created.IsZero() {
		o.body = appendDate(append(o.body, "/CreationDate"...), i.Created)
		o.body = appendDate(append(o.body, "/ModDate"...), i.Created)
	}
	o.body = append(o.body, ">>"...)
}

// appendDate writes a date (ISO 32000-1, 7.9.4), in UTC.
func appendDate(b []byte, t time.Time) []byte {
	return t.UTC().AppendFormat(b, "(D:20060102150405Z)")
}

// metadata writes the XMP packet, which says the same as the information
// dictionary and which standards the file keeps (ISO 19005-3, 6.6; ISO 14289-1,
// clause 5). It is not deflated, so that it is found without knowing PDF. The
// schema of PDF/UA is none of those that PDF/A knows and is described in it.
func (w *Writer) metadata(i Info) (number int) {
	w.scratch = appendXMP(w.scratch[:0], i, w.language)
	return w.file.stream("/Type/Metadata/Subtype/XML", w.scratch)
}

func appendXMP(b []byte, i Info, language string) []byte {
	b = append(b, xmpHead...)
	b = append(b, "<dc:format>application/pdf</dc:format><dc:language><rdf:Bag><rdf:li>"...)
	b = append(append(b, language...), "</rdf:li></rdf:Bag></dc:language>"...)
	b = appendXMPText(b, "dc:title", `rdf:Alt><rdf:li xml:lang="x-default"`, "rdf:Alt", i.Title)
	b = appendXMPText(b, "dc:creator", "rdf:Seq><rdf:li", "rdf:Seq", i.Author)
	b = appendXMPText(b, "dc:description", `rdf:Alt><rdf:li xml:lang="x-default"`, "rdf:Alt", i.Subject)
	if !i.Created.IsZero() {
		for _, name := range [2]string{"xmp:CreateDate>", "xmp:ModifyDate>"} {
			b = append(append(b, '<'), name...)
			b = i.Created.UTC().AppendFormat(b, "2006-01-02T15:04:05Z")
			b = append(append(b, "</"...), name...)
		}
	}
	return append(b, xmpTail...)
}

// appendXMPText writes a text in the container that its property has.
func appendXMPText(b []byte, name, open, end, text string) []byte {
	if text == "" {
		return b
	}
	b = append(append(append(b, '<'), name...), "><"...)
	b = append(append(b, open...), '>')
	for _, r := range plain(text) {
		switch r {
		case '&':
			b = append(b, "&amp;"...)
		case '<':
			b = append(b, "&lt;"...)
		case '>':
			b = append(b, "&gt;"...)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	b = append(append(b, "</rdf:li></"...), end...)
	return append(append(append(b, "></"...), name...), '>')
}

const xmpHead = "<?xpacket begin=\"\ufeff\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>" +
	`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
	`<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"` +
	` xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"` +
	` xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"` +
	` xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">` +
	`<pdfaid:part>3</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance><pdfuaid:part>1</pdfuaid:part>` +
	`<pdf:Producer>` + producer + `</pdf:Producer>`

const xmpTail = `<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">` +
	`<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>` +
	`<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>` +
	`<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">` +
	`<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>` +
	`<pdfaProperty:category>internal</pdfaProperty:category>` +
	`<pdfaProperty:description>part of ISO 14289 that the file conforms to</pdfaProperty:description>` +
	`</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas>` +
	`</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>`
