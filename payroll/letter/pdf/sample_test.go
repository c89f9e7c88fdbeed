package pdf_test

import (
	"bytes"
	"strconv"
	"strings"
	"testing"
	"time"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"github.com/go-text/typesetting/font"

	"github.com/payseal/payseal/payroll/letter/pdf"
)

// typeface sets text one character to a glyph, which is enough to write with.
type typeface struct {
	face     *font.Face
	outlines map[rune]*pdf.Outline
}

func newTypeface(t testing.TB, ttf []byte) *typeface {
	t.Helper()
	face, err := font.ParseTTF(bytes.NewReader(ttf))
	if err != nil {
		t.Fatal(err)
	}
	return &typeface{face: face, outlines: map[rune]*pdf.Outline{}}
}

func regular(t testing.TB) *typeface { return newTypeface(t, liberationsansregular.TTF) }
func bold(t testing.TB) *typeface    { return newTypeface(t, liberationsansbold.TTF) }

func (f *typeface) glyphs(text string) []pdf.Glyph {
	upem := float32(f.face.Upem())
	var all []pdf.Glyph
	for _, r := range text {
		gid, _ := f.face.NominalGlyph(r)
		advance := f.face.HorizontalAdvance(gid)
		o, ok := f.outlines[r]
		if !ok {
			outline, _ := f.face.GlyphDataOutline(gid)
			o = pdf.NewOutline(outline.Segments, upem, advance)
			f.outlines[r] = o
		}
		all = append(all, pdf.Glyph{Outline: o, Text: string(r), Advance: advance / upem})
	}
	return all
}

const (
	letters = " !\"%&'()*+,-./0123456789:;ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz·×–€ÄÖÜäöüß"
)

// desk is what a test writes with.
type desk struct {
	stock *pdf.Stock
	faces [2]*typeface // regular, bold
	w     *pdf.Writer
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	d := &desk{faces: [2]*typeface{regular(t), bold(t)}}
	var err error
	d.stock, err = pdf.NewStock([]pdf.Font{
		{Name: "LiberationSans", Glyphs: d.faces[0].glyphs(letters)},
		{Name: "LiberationSans-Bold", Glyphs: d.faces[1].glyphs(letters)},
	}, []pdf.Picture{logo()})
	if err != nil {
		t.Fatal(err)
	}
	d.w = d.stock.NewWriter()
	return d
}

// logo is a slope of colour with a dark corner.
func logo() pdf.Picture {
	p := pdf.Picture{Width: 60, Height: 20}
	for y := range p.Height {
		for x := range p.Width {
			if x < 10 && y < 10 {
				p.RGB = append(p.RGB, 20, 20, 60)
				continue
			}
			p.RGB = append(p.RGB, byte(4*x), byte(12*y), 128)
		}
	}
	return p
}

func (d *desk) line(text string) pdf.Line     { return d.stock.Line(d.faces[0].glyphs(text)) }
func (d *desk) boldLine(text string) pdf.Line { return d.stock.Line(d.faces[1].glyphs(text)) }

var (
	ink   = pdf.Color{R: 20, G: 20, B: 20}
	grey  = pdf.Color{R: 110, G: 110, B: 110}
	brand = pdf.Color{R: 0, G: 90, B: 160}
	rule  = pdf.Color{R: 220, G: 220, B: 220}
)

// slip is a page about as full as a payslip: its lines are ready, as they are
// from the second slip on.
type slip struct {
	title, foot    pdf.Line
	heads          [3]pdf.Line
	names, figures []pdf.Line
}

func (d *desk) slip(name string) slip {
	s := slip{
		title: d.boldLine("Payslip for November 2026"), foot: d.line("Page 1 of 1 · " + name),
		heads: [3]pdf.Line{d.boldLine("Component"), d.boldLine("This period"), d.boldLine("Year to date")},
	}
	for i := range 38 {
		s.names = append(s.names, d.line("Allowance for night work "+strconv.Itoa(i)))
		s.figures = append(s.figures, d.line(strconv.Itoa(1000+i*37)+".50"), d.line(strconv.Itoa(12000+i*431)+".25"))
	}
	return s
}

// draw makes some 200 elements and 120 texts.
func (s slip) draw(w *pdf.Writer) {
	w.Begin("en-GB")
	w.Page(595.28, 841.89)
	w.Picture(w.AddFigure(w.Root(), "Logo of the Example Works", [4]float64{50, 40, 90, 30}), 0, 50, 40, 90, 30)
	w.Text(w.Add(w.Root(), pdf.H1), 50, 100, 18, brand, s.title)
	table := w.Add(w.Root(), pdf.Table)
	row := w.Add(w.Add(table, pdf.THead), pdf.TR)
	for i, head := range s.heads {
		w.Text(w.AddCell(row, pdf.TH, pdf.Column, 1), column(i, head, 9), 130, 9, grey, head)
	}
	body := w.Add(table, pdf.TBody)
	y := 146.0
	for i, name := range s.names {
		row := w.Add(body, pdf.TR)
		w.Text(w.AddCell(row, pdf.TH, pdf.Row, 1), 50, y, 9, ink, name)
		for j := range 2 {
			figure := s.figures[2*i+j]
			w.Text(w.AddCell(row, pdf.TD, pdf.None, 1), column(1+j, figure, 9), y, 9, ink, figure)
		}
		if i%5 == 4 {
			w.Box(50, y+4, 495, 0.5, rule)
		}
		y += 17
	}
	w.Text(pdf.Artifact, 50, 810, 7, grey, s.foot)
}

func column(n int, l pdf.Line, size float64) float64 {
	if n == 0 {
		return 50
	}
	return 400 + 145*float64(n-1) - l.Width*size
}

func info(content []byte) pdf.Info {
	at := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	return pdf.Info{
		Title: "Payslip for November 2026", Author: "Example Works Ltd", Subject: "Slip 2026-11-000123", Created: at,
		Attachments: []pdf.Attachment{{
			Name: "slip.json", MediaType: "application/json", Description: "The slip as data", Content: content, Modified: at,
		}},
	}
}

// content is an attachment of about 2 kB.
func content() []byte {
	var b strings.Builder
	for i := range 38 {
		b.WriteString(`{"component":"night` + strconv.Itoa(i) + `","amount":"` + strconv.Itoa(1000+i*37) + `.50"},`)
	}
	return []byte("[" + b.String() + "{}]")
}

func (d *desk) whole(t testing.TB) []byte {
	t.Helper()
	d.slip("Zoë Ångström").draw(d.w)
	out, err := d.w.End(nil, info(content()))
	if err != nil {
		t.Fatal(err)
	}
	return out
}
