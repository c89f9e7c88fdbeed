package pdfrules

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"github.com/go-text/typesetting/font"

	"github.com/payseal/payseal/payroll/letter/pdf"
)

// good is a document that has one of everything: two pages, a table, a list, a
// note, a figure, a font in stock and one of its own, an attachment.
func good(t *testing.T) []byte {
	t.Helper()
	face, err := font.ParseTTF(bytes.NewReader(liberationsansregular.TTF))
	if err != nil {
		t.Fatal(err)
	}
	outlines := map[rune]*pdf.Outline{}
	glyphs := func(text string) (all []pdf.Glyph) {
		upem := float32(face.Upem())
		for _, r := range text {
			gid, _ := face.NominalGlyph(r)
			advance := face.HorizontalAdvance(gid)
			if outlines[r] == nil {
				o, _ := face.GlyphDataOutline(gid)
				outlines[r] = pdf.NewOutline(o.Segments, upem, advance)
			}
			all = append(all, pdf.Glyph{Outline: outlines[r], Text: string(r), Advance: advance / upem})
		}
		return all
	}
	stock, err := pdf.NewStock([]pdf.Font{{Name: "Sans", Glyphs: glyphs("abcdefghijklmnopqrstuvwxyz 0123456789")}},
		[]pdf.Picture{{Width: 2, Height: 1, RGB: make([]byte, 6)}})
	if err != nil {
		t.Fatal(err)
	}
	w := stock.NewWriter()
	compose(w, func(text string) pdf.Line {
		return stock.Line(glyphs(text))
	})
	at := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	out, err := w.End(nil, pdf.Info{Title: "A page", Author: "Somebody", Subject: "Rules", Created: at, Attachments: []pdf.Attachment{
		{Name: "b.json", MediaType: "application/json", Content: []byte("{}"), Modified: at},
		{Name: "a.json", MediaType: "application/json", Content: []byte("[]"), Modified: at},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func compose(w *pdf.Writer, line func(string) pdf.Line) {
	w.Begin("en")
	w.Page(300, 400)
	y := 10.0
	text := func(e pdf.Element, s string) {
		w.Text(e, 20, y, 10, pdf.Color{}, line(s))
		y += 12
	}
	text(w.Add(w.Root(), pdf.H1), "heading")
	text(w.Add(w.Root(), pdf.H2), "lower")
	w.Picture(w.AddFigure(w.Root(), "a dot", [4]float64{200, 10, 20, 10}), 0, 200, 10, 20, 10)
	w.Box(10, 200, 280, 1, pdf.Color{R: 200, G: 100})
	table := w.Add(w.Root(), pdf.Table)
	head := w.Add(table, pdf.TR)
	text(w.AddCell(head, pdf.TH, pdf.Column, 1), "one")
	text(w.AddCell(head, pdf.TH, pdf.Column, 1), "two")
	text(w.AddCell(w.Add(table, pdf.TR), pdf.TD, pdf.None, 2), "both")
	item := w.Add(w.Add(w.Root(), pdf.L), pdf.LI)
	text(w.Add(item, pdf.Lbl), "1")
	text(w.Add(item, pdf.LBody), "item")
	text(w.Add(w.Root(), pdf.Note), "Łódź")
	long := w.Add(w.Root(), pdf.P)
	text(long, "on one page")
	w.Page(300, 400)
	text(long, "and the next")
	w.Select(0)
	text(pdf.Artifact, "page 1")
}

func TestGood(t *testing.T) {
	t.Parallel()
	Check(t, good(t))
}

// Changes to a good document, by what they are to make of it.

// first is the first object of a type or subtype, or structure type.
func (d *document) first(key, is string) dict {
	for _, where := range d.order {
		if v := d.dict(where); v != nil && v[key] == is {
			return v
		}
	}
	return dict{}
}

func set(key, is, what string, v any) func(*document) {
	return func(d *document) { d.first(key, is)[what] = v }
}

// content changes the first page's operators.
func content(before, after string) func(*document) {
	return func(d *document) {
		o := d.object(d.dict(d.pages()[0])["/Contents"])
		o.data = []byte(strings.Replace(string(o.data), before, after, 1))
	}
}

func xmpText(before, after string) func(*document) {
	return func(d *document) {
		o := d.object(d.catalog()["/Metadata"])
		o.data = []byte(strings.Replace(string(o.data), before, after, 1))
	}
}

func raw(change func([]byte) []byte) func(*document) {
	return func(d *document) { d.raw = change(slices.Clone(d.raw)) }
}

func data(key, is string, change func([]byte) []byte) func(*document) {
	return func(d *document) {
		for _, where := range d.order {
			if d.objects[where].stream && d.dict(where)[key] == is {
				d.objects[where].data = change(slices.Clone(d.objects[where].data))
			}
		}
	}
}

// cmap changes the maps to Unicode.
func cmap(before, after string) func(*document) {
	return func(d *document) {
		for _, f := range d.typefaces() {
			o := d.object(f.font["/ToUnicode"])
			o.data = []byte(strings.Replace(string(o.data), before, after, 1))
		}
	}
}

// breakings are changes by the rule that is to notice them.
var breakings = map[string][]func(*document){
	"header":                {raw(func(b []byte) []byte { return b[1:] }), raw(func(b []byte) []byte { b[10] = 'x'; return b })},
	"identifier":            {func(d *document) { delete(d.trailer, "/ID") }},
	"no encryption":         {func(d *document) { d.trailer["/Encrypt"] = "9 0 R" }},
	"nothing after the end": {raw(func(b []byte) []byte { return append(b, "x"...) }), raw(func(b []byte) []byte { return append(b, "\n\n"...) })},
	"filters":               {set("/Type", "/EmbeddedFile", "/Filter", "/LZWDecode"), set("/Type", "/EmbeddedFile", "/F", "u:x")},
	"limits": {set("/Type", "/Page", "/MediaBox", []any{0.0, 0.0, 2.0, 300.0}), set("/Type", "/Page", "/MediaBox", nil),
		set("/S", "/Figure", "/Alt", "u:"+strings.Repeat("x", 40000)), set("/Type", "/Page", "/StructParents", 1e12)},
	"operators and resources": {content("TJ", "TK"), content("/F0", "/F9"), content("(", "(("), set("/Type", "/Page", "/Resources", nil),
		content("q ", strings.Repeat("q ", 40)), content("/I0", "/I1"), content("TJ", "MP")},
	"output intent": {func(d *document) { delete(d.catalog(), "/OutputIntents") }, set("/S", "/GTS_PDFA1", "/S", "/GTS_PDFX"),
		func(d *document) { d.object(d.first("/S", "/GTS_PDFA1")["/DestOutputProfile"]).data[36] = 0 }},
	"device colours":       {content("1 sc", "1 g 1 k"), content("/P cs", "/Q cs"), set("/Subtype", "/Image", "/ColorSpace", "/DeviceCMYK")},
	"images":               {set("/Subtype", "/Image", "/Interpolate", true), set("/Subtype", "/Image", "/Width", 3.0), set("/Subtype", "/Image", "/Subtype", "/Form")},
	"no transparency":      {set("/Subtype", "/Image", "/SMask", "9 0 R")},
	"composite fonts":      {set("/Subtype", "/Type0", "/Encoding", "/WinAnsiEncoding"), set("/Subtype", "/Type0", "/BaseFont", "/Other")},
	"fonts embedded":       {set("/Type", "/FontDescriptor", "/FontFile3", nil), data("/Subtype", "/CIDFontType0C", func(b []byte) []byte { return b[:200] })},
	"widths agree":         {func(d *document) { d.list(d.list(d.first("/Subtype", "/CIDFontType0")["/W"])[1])[0] = 1.0 }},
	"no .notdef":           {content("[(\x00", "[(\x00\x00\x00")},
	"no annotations":       {set("/Type", "/Page", "/Annots", []any{}), set("/Type", "/Catalog", "/AcroForm", dict{})},
	"no actions":           {set("/Type", "/Catalog", "/OpenAction", dict{}), set("/Type", "/Page", "/AA", dict{})},
	"metadata":             {func(d *document) { delete(d.catalog(), "/Metadata") }, xmpText("</x:xmpmeta>", ""), set("/Type", "/Metadata", "/Filter", "/FlateDecode")},
	"schemas described":    {xmpText("<pdfaSchema:prefix>pdfuaid", "<pdfaSchema:prefix>x")},
	"PDF/A identification": {xmpText("<pdfaid:part>3", "<pdfaid:part>2"), xmpText("<pdfaid:conformance>B</pdfaid:conformance>", "")},
	"attachments": {set("/Type", "/Filespec", "/AFRelationship", "/Source"), set("/Type", "/Filespec", "/UF", nil), set("/Type", "/Catalog", "/AF", nil),
		func(d *document) { d.dict(d.first("/Type", "/EmbeddedFile")["/Params"])["/Size"] = 1.0 },
		data("/Type", "/EmbeddedFile", func([]byte) []byte { return []byte("!!!") }), set("/Type", "/EmbeddedFile", "/Subtype", "/json"),
		func(d *document) {
			slices.Reverse(d.list(d.dict(d.dict(d.catalog()["/Names"])["/EmbeddedFiles"])["/Names"]))
		}},
	"PDF/UA identification":       {xmpText("<pdfuaid:part>1</pdfuaid:part>", "")},
	"all content is marked":       {content("/Artifact BMC", ""), content("EMC\nET", "EMC\n0 0 1 1 re f ET")},
	"artifacts and content apart": {content("/H1<<", "/Artifact BMC /H1<<")},
	"title is shown":              {set("/Type", "/Catalog", "/ViewerPreferences", nil), xmpText(">A page<", "><")},
	"marked document":             {set("/Type", "/Catalog", "/MarkInfo", dict{})},
	"standard structure types":    {set("/S", "/H2", "/S", "/Subtitle"), set("/Type", "/StructTreeRoot", "/RoleMap", dict{})},
	"language":                    {set("/Type", "/Catalog", "/Lang", nil), set("/Type", "/Catalog", "/Lang", "u:English language")},
	"figures have alternatives":   {set("/S", "/Figure", "/Alt", nil), set("/S", "/Figure", "/A", nil)},
	"headings in order":           {set("/S", "/H2", "/S", "/H3"), set("/S", "/H1", "/S", "/H2")},
	"header cells have scope":     {set("/S", "/TH", "/A", nil)},
	"lists":                       {set("/S", "/LBody", "/S", "/Lbl")},
	"notes have identifiers":      {set("/S", "/Note", "/ID", nil), set("/Type", "/StructTreeRoot", "/IDTree", nil)},
	"tab order":                   {set("/Type", "/Page", "/Tabs", "/R")},
	"fonts map to Unicode": {set("/Subtype", "/Type0", "/ToUnicode", nil),
		cmap("<0001>", "<0001><0001><0000>\n<FFFE>"), cmap("<0001>", "<FFFF>"), cmap("<0001>", "<0001"),
	},
	"information is metadata": {func(d *document) { d.dict(d.trailer["/Info"])["/Title"] = "u:Other" },
		func(d *document) { d.dict(d.trailer["/Info"])["/ModDate"] = "u:D:20270101000000Z" }, xmpText("Somebody", "Anybody")},
	"sequences are nested": {content("EMC\nET", "ET\nEMC"), content("EMC", "")},
	"structure tree": {set("/S", "/H1", "/P", "1 0 R"), set("/Type", "/Catalog", "/StructTreeRoot", nil), set("/S", "/TD", "/S", "/P"),
		set("/S", "/Document", "/S", "/Sect")},
	"parent tree": {set("/S", "/H1", "/K", 1.0), set("/S", "/H1", "/K", nil), content("/MCID 0", "/MCID 1"), set("/Type", "/Page", "/StructParents", 7.0),
		func(d *document) {
			slices.Reverse(d.list(d.list(d.dict(d.first("/Type", "/StructTreeRoot")["/ParentTree"])["/Nums"])[1]))
		}},
	"tables are regular": {set("/S", "/TD", "/A", nil),
		func(d *document) {
			for _, where := range d.order {
				if v := d.dict(where); v["/S"] == "/TH" {
					v["/S"] = "/TD"
				}
			}
		}},
}

// TestRulesBreak shows that each rule notices what goes against it.
func TestRulesBreak(t *testing.T) {
	t.Parallel()
	file := good(t)
	json := ask(t, written(t, file))
	if len(breakings) != len(rules) {
		t.Errorf("%d rules, and ways to break %d", len(rules), len(breakings))
	}
	for _, r := range rules {
		if len(breakings[r.name]) == 0 {
			t.Errorf("%s, %s: nothing shows that it can break", r.clause, r.name)
		}
		for i, change := range breakings[r.name] {
			d, err := parse(json, file)
			if err != nil {
				t.Fatal(err)
			}
			change(d)
			if len(r.faults(d, d.sheets())) == 0 {
				t.Errorf("%s, %s, change %d: not noticed; others: %q", r.clause, r.name, i, d.broken())
			}
		}
	}
}
