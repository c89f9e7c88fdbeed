package svg

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// namespace is where the elements are that are drawn; those of editors are passed
// over with all that is in them.
const namespace = "http://www.w3.org/2000/svg"

// drawing is an SVG that was read.
type drawing struct {
	root  *node
	ids   map[string]*node
	rules []rule

	width, height int // in pixels
	drawn, work   int
	crossings     [][]crossing // by row, empty but while a shape is filled
}

// node is an element.
type node struct {
	name       string
	attributes map[string]string
	parent     *node
	children   []*node
	size       int // of the values of its attributes
}

// reference is the identifier that the element's link refers to.
func (n *node) reference() string {
	return strings.TrimPrefix(strings.TrimSpace(n.attributes["href"]), "#")
}

// viewBox is the one that the element gives, if it does.
func (n *node) viewBox() (rectangle, bool) {
	v := numbers(n.attributes["viewBox"])
	if len(v) != 4 || !(v[2] > 0 && v[3] > 0) {
		return rectangle{}, false
	}
	return rectangle{v[0], v[1], v[2], v[3]}, true
}

// read makes a tree of what is in the file, and refuses at once what no logo needs.
func read(content []byte) *drawing {
	if len(content) > mostBytes {
		refuse("it is larger than 256 kB; make it simpler, or save it as PNG")
	}
	d := &drawing{ids: map[string]*node{}}
	decoder := xml.NewDecoder(bytes.NewReader(content))
	decoder.CharsetReader = latin
	var open *node
	var sheet strings.Builder
	elements, depth := 0, 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			refuse("it is no well-formed XML in UTF-8")
		}
		switch t := token.(type) {
		case xml.Directive:
			checkDirective(t)
		case xml.CharData:
			if open != nil && open.name == "style" {
				sheet.Write(t)
			}
		case xml.StartElement:
			if elements, depth = elements+1, depth+1; elements > mostElements || depth > mostDepth {
				refuse("it has too many elements; make it simpler")
			}
			if t.Name.Space != namespace && t.Name.Space != "" {
				elements += skip(decoder)
				depth--
				continue
			}
			open = d.begin(t, open)
		case xml.EndElement:
			depth--
			open = open.parent
		}
	}
	if d.root == nil {
		refuse("it is no SVG")
	}
	d.rules = sheetRules(sheet.String())
	return d
}

// latin reads what older programs write. Of the two encodings only letters matter,
// in names of classes, and these they have in common.
func latin(label string, input io.Reader) (io.Reader, error) {
	switch strings.ToLower(label) {
	case "iso-8859-1", "latin1", "windows-1252", "us-ascii", "ascii":
	default:
		return nil, errors.New("another encoding")
	}
	content, err := io.ReadAll(input)
	if err != nil {
		return nil, fmt.Errorf("read a drawing: %w", err)
	}
	letters := make([]rune, len(content))
	for i, c := range content {
		letters[i] = rune(c)
	}
	return strings.NewReader(string(letters)), nil
}

// checkDirective lets only the declaration pass that old programs write.
func checkDirective(d xml.Directive) {
	if !bytes.HasPrefix(d, []byte("DOCTYPE svg")) || bytes.Contains(d, []byte("[")) ||
		bytes.Contains(d, []byte("SYSTEM")) {
		refuse("it has declarations; save it as plain SVG")
	}
}

// skip passes over an element of an editor, and counts what is in it.
func skip(decoder *xml.Decoder) (elements int) {
	for depth := 1; depth > 0; {
		token, err := decoder.Token()
		if err != nil || depth > mostDepth {
			refuse("it is no well-formed XML in UTF-8")
		}
		switch token.(type) {
		case xml.StartElement:
			depth, elements = depth+1, elements+1
		case xml.EndElement:
			depth--
		}
	}
	return elements
}

// begin makes a node of an element.
func (d *drawing) begin(t xml.StartElement, parent *node) *node {
	n := &node{name: t.Name.Local, attributes: map[string]string{}, parent: parent}
	if parent == nil {
		if d.root != nil || n.name != "svg" {
			refuse("it is no SVG")
		}
		d.root = n
	} else {
		parent.children = append(parent.children, n)
	}
	for _, a := range t.Attr {
		switch {
		case a.Name.Space == "xmlns" || a.Name.Local == "xmlns":
		case strings.HasPrefix(strings.ToLower(a.Name.Local), "on"):
			refuse("it has programs in it; save it as plain SVG")
		case a.Name.Local == "href" && n.name != "a" && !strings.HasPrefix(strings.TrimSpace(a.Value), "#"):
			if n.name == "image" {
				drawer(n.name) // refuses
			}
			refuse("it refers to something elsewhere; save it as one file")
		case a.Name.Local == "href" && (a.Name.Space == "" || n.attributes["href"] == ""), a.Name.Space == "":
			n.attributes[a.Name.Local] = a.Value
			n.size += len(a.Value)
		}
	}
	if id := n.attributes["id"]; id != "" && d.ids[id] == nil {
		d.ids[id] = n
	}
	if n.name == "script" {
		drawer(n.name) // refuses
	}
	return n
}
