package pdfrules

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// one is a single fault, unless all is well.
func one(well bool, format string, args ...any) []string {
	if well {
		return nil
	}
	return []string{fmt.Sprintf(format, args...)}
}

// heading is the first line and a comment of four bytes that no text has.
var heading = regexp.MustCompile(`\A%PDF-1\.[0-7]\r?\n%[^\x00-\x7f\n]{4}`)

func header(d *document, _ []sheet) []string {
	return one(latin1(heading, d.raw), "the file does not begin with %%PDF-1.n and a binary comment")
}

// latin1 matches bytes as if each were a character.
func latin1(r *regexp.Regexp, b []byte) bool {
	var s strings.Builder
	for _, c := range b[:min(len(b), 64)] {
		s.WriteRune(rune(c))
	}
	return r.MatchString(s.String())
}

func identifier(d *document, _ []sheet) []string {
	id := d.list(d.trailer["/ID"])
	return one(len(id) == 2 && len(d.text(id[0])) >= 16 && len(d.text(id[1])) >= 16, "the trailer has no identifier of two strings")
}

func unencrypted(d *document, _ []sheet) []string {
	return one(d.trailer["/Encrypt"] == nil, "the file is encrypted")
}

func ending(d *document, _ []sheet) []string {
	end := bytes.TrimRight(d.raw, "\r\n")
	return one(bytes.HasSuffix(end, []byte("%%EOF")) && len(d.raw)-len(end) <= 2, "the file does not end with %%%%EOF and one end of line")
}

func filters(d *document, _ []sheet) []string {
	var faults []string
	for _, where := range d.order {
		o := d.objects[where]
		if !o.stream {
			continue
		}
		v := d.dict(where)
		for _, key := range []string{"/F", "/FFilter", "/FDecodeParms"} {
			faults = append(faults, one(v[key] == nil, "stream %s lies outside the file", where)...)
		}
		names := d.list(v["/Filter"])
		if names == nil && v["/Filter"] != nil {
			names = []any{v["/Filter"]}
		}
		for _, f := range names {
			faults = append(faults, one(f == "/FlateDecode" || f == "/DCTDecode", "stream %s has the filter %v", where, f)...)
		}
	}
	return faults
}

func limits(d *document, _ []sheet) []string {
	var faults []string
	d.each(func(where string, v any) {
		switch v := v.(type) {
		case string:
			faults = append(faults, one(len(v) <= 127 || !strings.HasPrefix(v, "/"), "%s: a name is longer than 127 bytes", where)...)
			faults = append(faults, one(len(d.text(v)) <= 32767/2, "%s: a string is longer than 32,767 bytes in UTF-16", where)...)
		case float64:
			faults = append(faults, one(v <= 2147483647 && v >= -2147483648, "%s: a number is out of range", where)...)
		}
	})
	for _, page := range d.pages() {
		box := d.list(d.dict(page)["/MediaBox"])
		if len(box) != 4 {
			faults = append(faults, "page "+page+" has no size")
			continue
		}
		for i := range 2 {
			side := d.number(box[2+i]) - d.number(box[i])
			faults = append(faults, one(side >= 3 && side <= 14400, "page %s is %g points wide or high", page, side)...)
		}
	}
	return append(faults, one(len(d.objects) < 8388607, "too many objects")...)
}

func operators(d *document, sheets []sheet) []string {
	faults := one(len(sheets) > 0, "there is no page")
	for _, s := range sheets {
		if s.err != nil {
			faults = append(faults, "page "+s.reference+": "+s.err.Error())
		}
		for _, u := range s.unknown {
			faults = append(faults, "page "+s.reference+": unknown "+u)
		}
		faults = append(faults, one(s.depth <= 28, "page %s saves its state %d times over", s.reference, s.depth)...)
		faults = append(faults, one(d.dict(s.page["/Resources"]) != nil, "page %s has no resources of its own", s.reference)...)
	}
	return faults
}

func outputIntent(d *document, _ []sheet) []string {
	intents := d.list(d.catalog()["/OutputIntents"])
	if len(intents) != 1 {
		return []string{"there is not one output intent"}
	}
	intent := d.dict(intents[0])
	profile := d.object(intent["/DestOutputProfile"])
	if intent["/S"] != "/GTS_PDFA1" || d.text(intent["/OutputConditionIdentifier"]) == "" || profile == nil {
		return []string{"the output intent is none of PDF/A, or has no profile"}
	}
	b := profile.data
	well := len(b) > 132 && string(b[36:40]) == "acsp" && string(b[16:20]) == "RGB " &&
		(string(b[12:16]) == "mntr" || string(b[12:16]) == "prtr") && b[8] <= 4 &&
		int(b[0])<<24|int(b[1])<<16|int(b[2])<<8|int(b[3]) == len(b) && d.number(d.dict(intent["/DestOutputProfile"])["/N"]) == 3
	return one(well, "the colour profile is none of a display or printer in RGB")
}

func colours(d *document, sheets []sheet) []string {
	var faults []string
	for _, s := range sheets {
		faults = append(faults, one(!s.colours["other"], "page %s has colours that the output intent does not cover", s.reference)...)
	}
	for where, image := range d.images() {
		space := image["/ColorSpace"]
		faults = append(faults, one(space == "/DeviceRGB" || space == "/DeviceGray", "image %s has colours that the output intent does not cover", where)...)
	}
	return faults
}

func (d *document) images() map[string]dict {
	all := map[string]dict{}
	for _, where := range d.order {
		if v := d.dict(where); v["/Subtype"] == "/Image" {
			all[where] = v
		}
	}
	return all
}

func images(d *document, _ []sheet) []string {
	var faults []string
	for where, image := range d.images() {
		faults = append(faults, one(image["/Interpolate"] != true && image["/Alternates"] == nil && image["/OPI"] == nil,
			"image %s is interpolated or has alternates", where)...)
		pixels := d.number(image["/Width"]) * d.number(image["/Height"])
		channels := map[any]float64{"/DeviceRGB": 3, "/DeviceGray": 1}[image["/ColorSpace"]]
		faults = append(faults, one(float64(len(d.objects[where].data)) == pixels*channels, "image %s has not the pixels that it says", where)...)
	}
	for _, where := range d.order {
		subtype := d.dict(where)["/Subtype"]
		faults = append(faults, one(subtype != "/PS" && subtype != "/Form", "%s is a form or PostScript", where)...)
	}
	return faults
}

func opaque(d *document, _ []sheet) []string {
	var faults []string
	d.each(func(where string, v any) {
		faults = append(faults, one(v != "/SMask" && v != "/ExtGState" && v != "/Group", "%s has what %v is for", where, v)...)
	})
	return faults
}

func noAnnotations(d *document, _ []sheet) []string {
	faults := one(d.catalog()["/AcroForm"] == nil, "the document has a form")
	for _, page := range d.pages() {
		faults = append(faults, one(d.dict(page)["/Annots"] == nil, "page %s has annotations", page)...)
	}
	return faults
}

// actions are keys that only actions have, and scripts.
var actions = []string{"/AA", "/OpenAction", "/JavaScript", "/JS", "/Launch", "/SubmitForm", "/ImportData"}

func noActions(d *document, _ []sheet) []string {
	var faults []string
	d.each(func(where string, v any) {
		key, ok := v.(string)
		faults = append(faults, one(!ok || !slices.Contains(actions, key), "%s has %v", where, v)...)
	})
	return faults
}
