package pdfrules

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"time"
)

// xmp reads the metadata as leaf elements: namespace and name, and their texts
// in order.
func (d *document) xmp() (map[xml.Name][]string, error) {
	o := d.object(d.catalog()["/Metadata"])
	if o == nil {
		return nil, errors.New("there is none")
	}
	all := map[xml.Name][]string{}
	r := xml.NewDecoder(bytes.NewReader(o.data))
	var path []xml.Name
	for {
		token, err := r.Token()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, errors.New("it is no XML")
		}
		switch token := token.(type) {
		case xml.StartElement:
			path = append(path, token.Name)
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			if n := len(path) - 1; n >= 0 {
				at := path[n]
				for i := n; at.Space == rdf && i > 0; i-- { // within a container
					at = path[i-1]
				}
				all[at] = append(all[at], string(token))
			}
		}
	}
}

// The namespaces of XMP and of PDF/A and PDF/UA.
const (
	rdf    = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	dc     = "http://purl.org/dc/elements/1.1/"
	xmpNS  = "http://ns.adobe.com/xap/1.0/"
	pdfNS  = "http://ns.adobe.com/pdf/1.3/"
	pdfa   = "http://www.aiim.org/pdfa/ns/id/"
	pdfua  = "http://www.aiim.org/pdfua/ns/id/"
	schema = "http://www.aiim.org/pdfa/ns/schema#"
)

// said is a property's text.
func (d *document) said(space, name string) string {
	all, err := d.xmp()
	if err != nil {
		return ""
	}
	return strings.Join(all[xml.Name{Space: space, Local: name}], "")
}

func metadata(d *document, _ []sheet) []string {
	if _, err := d.xmp(); err != nil {
		return []string{err.Error()}
	}
	o, v := d.object(d.catalog()["/Metadata"]), d.dict(d.catalog()["/Metadata"])
	well := v["/Type"] == "/Metadata" && v["/Subtype"] == "/XML" && v["/Filter"] == nil &&
		bytes.HasPrefix(o.data, []byte("<?xpacket begin=")) && bytes.HasSuffix(bytes.TrimSpace(o.data), []byte(`<?xpacket end="r"?>`))
	return one(well, "it is no plain packet of XMP")
}

// extension holds that the one property no edition of XMP knows is described.
func extension(d *document, _ []sheet) []string {
	return one(d.said(schema, "namespaceURI") == pdfua && d.said(schema, "prefix") == "pdfuaid", "the schema of PDF/UA is not described")
}

func archival(d *document, _ []sheet) []string {
	return one(d.said(pdfa, "part") == "3" && d.said(pdfa, "conformance") == "B", "the metadata does not say PDF/A-3b")
}

func universal(d *document, _ []sheet) []string {
	return one(d.said(pdfua, "part") == "1", "the metadata does not say PDF/UA-1")
}

func title(d *document, _ []sheet) []string {
	faults := one(d.said(dc, "title") != "", "the metadata has no title")
	return append(faults, one(d.dict(d.catalog()["/ViewerPreferences"])["/DisplayDocTitle"] == true, "the title is not displayed")...)
}

func markInfo(d *document, _ []sheet) []string {
	info := d.dict(d.catalog()["/MarkInfo"])
	return one(info["/Marked"] == true && info["/Suspects"] != true, "the document is not marked as tagged")
}

// tag is enough of BCP 47 for documents of ours.
var tag = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)

func language(d *document, _ []sheet) []string {
	return one(tag.MatchString(d.text(d.catalog()["/Lang"])), "the document has no language")
}

// infoAgrees compares the information dictionary with the metadata.
func infoAgrees(d *document, _ []sheet) []string {
	info := d.dict(d.trailer["/Info"])
	var faults []string
	for _, pair := range []struct{ key, space, name string }{
		{"/Title", dc, "title"}, {"/Author", dc, "creator"}, {"/Subject", dc, "description"}, {"/Producer", pdfNS, "Producer"},
	} {
		faults = append(faults, one(d.text(info[pair.key]) == d.said(pair.space, pair.name), "%s is another", pair.key)...)
	}
	for _, pair := range []struct{ key, name string }{{"/CreationDate", "CreateDate"}, {"/ModDate", "ModifyDate"}} {
		said := d.said(xmpNS, pair.name)
		if info[pair.key] == nil && said == "" {
			continue
		}
		a, err := time.Parse("D:20060102150405Z", d.text(info[pair.key]))
		b, err2 := time.Parse(time.RFC3339, said)
		faults = append(faults, one(err == nil && err2 == nil && a.Equal(b), "%s is another", pair.key)...)
	}
	return faults
}

func attachments(d *document, _ []sheet) []string {
	var faults []string
	associated := map[any]bool{}
	for _, v := range d.list(d.catalog()["/AF"]) {
		associated[v] = true
	}
	named := map[any]bool{}
	last := ""
	names := d.list(d.dict(d.dict(d.catalog()["/Names"])["/EmbeddedFiles"])["/Names"])
	for i := 0; i+1 < len(names); i += 2 {
		named[names[i+1]] = true
		key := d.text(names[i])
		faults = append(faults, one(key > last, "the names are not in order")...)
		last = key
	}
	for _, a := range d.attachments() {
		faults = append(faults, one(associated[a.reference] && named[a.reference], "%s is not associated with the document, or has no name there", a.reference)...)
		faults = append(faults, d.attached(a)...)
	}
	return faults
}

// attached looks at one attachment (also ISO 14289-1, 7.11).
func (d *document) attached(a attachment) []string {
	faults := one(d.text(a.spec["/F"]) != "" && d.text(a.spec["/UF"]) != "", "%s lacks F or UF", a.reference)
	faults = append(faults, one(a.spec["/AFRelationship"] == "/Data", "%s is not the page's data", a.reference)...)
	if a.stream == nil {
		return append(faults, a.reference+" has no file")
	}
	v, _ := a.stream.value.(dict)
	parameters := d.dict(v["/Params"])
	kind, _ := v["/Subtype"].(string)
	well := strings.Contains(kind[min(1, len(kind)):], "/") && d.number(parameters["/Size"]) == float64(len(a.stream.data)) &&
		strings.HasPrefix(d.text(parameters["/ModDate"]), "D:")
	return append(faults, one(well, "%s lacks its type, size or date", a.reference)...)
}
