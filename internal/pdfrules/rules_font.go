package pdfrules

import (
	"fmt"
	"slices"
	"strings"
)

// typeface is a composite font with what the rules need of it.
type typeface struct {
	reference  string
	font       dict
	descendant dict
	file       *object
	widths     map[int]int // by CID, of the array W
}

// typefaces are the fonts of the document.
func (d *document) typefaces() []typeface {
	var all []typeface
	for _, where := range d.order {
		font := d.dict(where)
		if font["/Type"] != "/Font" || strings.HasPrefix(fmt.Sprint(font["/Subtype"]), "/CIDFont") {
			continue
		}
		f := typeface{reference: where, font: font, widths: map[int]int{}}
		if l := d.list(font["/DescendantFonts"]); len(l) == 1 {
			f.descendant = d.dict(l[0])
		}
		f.file = d.object(d.dict(f.descendant["/FontDescriptor"])["/FontFile3"])
		w := d.list(f.descendant["/W"])
		for i := 0; i+1 < len(w); i += 2 {
			for n, width := range d.list(w[i+1]) {
				f.widths[int(d.number(w[i]))+n] = int(d.number(width))
			}
		}
		all = append(all, f)
	}
	return all
}

// codes are the different codes that the pages show in a font.
func codes(sheets []sheet, font string) []int {
	var all []int
	for _, s := range sheets {
		all = append(all, s.codes[font]...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func composite(d *document, _ []sheet) []string {
	var faults []string
	for _, f := range d.typefaces() {
		info := d.dict(f.descendant["/CIDSystemInfo"])
		well := f.font["/Subtype"] == "/Type0" && f.font["/Encoding"] == "/Identity-H" && f.descendant["/Subtype"] == "/CIDFontType0" &&
			d.text(info["/Registry"]) == "Adobe" && d.text(info["/Ordering"]) == "Identity" && f.font["/BaseFont"] == f.descendant["/BaseFont"]
		faults = append(faults, one(well, "font %s is not composite, or its parts do not fit", f.reference)...)
	}
	return faults
}

func embedded(d *document, sheets []sheet) []string {
	var faults []string
	for _, f := range d.typefaces() {
		if f.file == nil || d.dict(d.dict(f.descendant["/FontDescriptor"])["/FontFile3"])["/Subtype"] != "/CIDFontType0C" {
			faults = append(faults, "font "+f.reference+" is not embedded")
			continue
		}
		p, err := parseProgram(f.file.data)
		if err != nil {
			faults = append(faults, "font "+f.reference+": "+err.Error())
			continue
		}
		for _, code := range codes(sheets, f.reference) {
			faults = append(faults, one(code < len(p.widths), "font %s has no glyph for code %d", f.reference, code)...)
		}
	}
	return faults
}

func widths(d *document, _ []sheet) []string {
	var faults []string
	for _, f := range d.typefaces() {
		if f.file == nil {
			continue
		}
		p, err := parseProgram(f.file.data)
		if err != nil {
			continue // another rule's
		}
		for cid, width := range p.widths[1:] {
			said, ok := f.widths[cid+1]
			faults = append(faults, one(ok && said == width, "font %s: glyph %d is %d wide, the dictionary says %d", f.reference, cid+1, width, said)...)
		}
	}
	return faults
}

func noNotdef(d *document, sheets []sheet) []string {
	var faults []string
	for _, f := range d.typefaces() {
		faults = append(faults, one(!slices.Contains(codes(sheets, f.reference), 0), "font %s: .notdef is shown", f.reference)...)
	}
	return faults
}

func toUnicode(d *document, sheets []sheet) []string {
	var faults []string
	for _, f := range d.typefaces() {
		o := d.object(f.font["/ToUnicode"])
		if o == nil {
			faults = append(faults, "font "+f.reference+" has no map")
			continue
		}
		m, err := parseCMap(o.data)
		if err != nil {
			faults = append(faults, "font "+f.reference+": "+err.Error())
		}
		for _, code := range codes(sheets, f.reference) {
			text, ok := m[code]
			faults = append(faults, one(ok && !strings.ContainsAny(text, "\x00\ufeff\ufffe"), "font %s: code %d has no text, or none that is allowed", f.reference, code)...)
		}
	}
	return faults
}
