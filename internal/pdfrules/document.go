package pdfrules

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// dict is a dictionary; keys and names begin with a slash, strings with u: or b:
// (qpdf's JSON, version 2).
type dict = map[string]any

// object is an indirect object; data is that of a stream, decoded.
type object struct {
	value  any
	stream bool
	data   []byte
}

// document is a file's objects by reference ("12 0 R").
type document struct {
	raw     []byte
	objects map[string]*object
	order   []string // of the objects, so that reports are stable
	trailer dict
}

// parse reads what qpdf wrote.
func parse(from, raw []byte) (*document, error) {
	type value struct {
		Value  any
		Stream *struct {
			Data []byte
			Dict dict
		}
	}
	var file struct{ QPDF []json.RawMessage }
	if err := json.Unmarshal(from, &file); err != nil || len(file.QPDF) != 2 {
		return nil, errors.Join(errors.New("read qpdf's JSON: not two parts"), err)
	}
	var values map[string]value
	if err := json.Unmarshal(file.QPDF[1], &values); err != nil {
		return nil, fmt.Errorf("read qpdf's objects: %w", err)
	}
	d := &document{raw: raw, objects: map[string]*object{}}
	for name, v := range values {
		reference, isObject := strings.CutPrefix(name, "obj:")
		switch {
		case !isObject:
			d.trailer, _ = v.Value.(dict)
		case v.Stream == nil:
			d.objects[reference] = &object{value: v.Value}
		case v.Stream.Dict["/Type"] != "/ObjStm" && v.Stream.Dict["/Type"] != "/XRef":
			d.objects[reference] = &object{value: v.Stream.Dict, stream: true, data: v.Stream.Data}
		}
		if isObject && d.objects[reference] != nil {
			d.order = append(d.order, reference)
		}
	}
	slices.Sort(d.order)
	return d, nil
}

var reference = regexp.MustCompile(`^[0-9]+ [0-9]+ R$`)

// object is what a reference points to, or nil.
func (d *document) object(v any) *object {
	if s, ok := v.(string); ok && reference.MatchString(s) {
		return d.objects[s]
	}
	return nil
}

// value follows references.
func (d *document) value(v any) any {
	if o := d.object(v); o != nil {
		return o.value
	}
	return v
}

func (d *document) dict(v any) dict {
	m, _ := d.value(v).(dict)
	return m
}

func (d *document) list(v any) []any {
	l, _ := d.value(v).([]any)
	return l
}

// number is a number, or 0.
func (d *document) number(v any) float64 {
	n, _ := d.value(v).(float64)
	return n
}

// text is a string's characters, or "".
func (d *document) text(v any) string {
	s, _ := d.value(v).(string)
	if t, ok := strings.CutPrefix(s, "u:"); ok {
		return t
	}
	if t, ok := strings.CutPrefix(s, "b:"); ok {
		b, err := hex.DecodeString(t)
		if err == nil {
			return string(b)
		}
	}
	return ""
}

// octets is how long a string is that is no text: qpdf shows it as characters
// where each of its bytes is one.
func (d *document) octets(v any) int {
	s, _ := d.value(v).(string)
	if t, ok := strings.CutPrefix(s, "u:"); ok {
		return utf8.RuneCountInString(t)
	}
	return len(strings.TrimPrefix(s, "b:")) / 2
}

func (d *document) catalog() dict { return d.dict(d.trailer["/Root"]) }

// each calls for every dictionary and string of the file, nested ones included.
func (d *document) each(visit func(where string, v any)) {
	var walk func(string, any)
	walk = func(where string, v any) {
		visit(where, v)
		switch v := v.(type) {
		case dict:
			for key, inner := range v {
				visit(where, key)
				walk(where, inner)
			}
		case []any:
			for _, inner := range v {
				walk(where, inner)
			}
		}
	}
	for _, where := range d.order {
		walk(where, d.objects[where].value)
	}
	walk("trailer", d.trailer)
}

// pages are the pages' references in order.
func (d *document) pages() []string {
	var all []string
	var walk func(v any, depth int)
	walk = func(v any, depth int) {
		node := d.dict(v)
		if node["/Type"] == "/Page" {
			all = append(all, fmt.Sprint(v))
			return
		}
		for _, kid := range d.list(node["/Kids"]) {
			if depth < 50 {
				walk(kid, depth+1)
			}
		}
	}
	walk(d.catalog()["/Pages"], 0)
	return all
}

// attachment is a file specification and the stream it names.
type attachment struct {
	reference string
	spec      dict
	stream    *object
}

func (d *document) attachments() []attachment {
	var all []attachment
	for _, where := range d.order {
		spec := d.dict(where)
		if ef := d.dict(spec["/EF"]); spec["/Type"] == "/Filespec" || ef != nil {
			all = append(all, attachment{where, spec, d.object(ef["/F"])})
		}
	}
	return all
}
