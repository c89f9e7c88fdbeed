package pdf_test

import (
	"bytes"
	"encoding/hex"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/internal/pdfrules"
	"github.com/payseal/payseal/payroll/letter/pdf"
)

// tool runs a program of poppler on a file.
func tool(t *testing.T, file []byte, name string, arguments ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("this test needs the package poppler-utils")
		}
		t.Skip("this test needs the package poppler-utils")
	}
	path := filepath.Join(t.TempDir(), "page.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(name, append(arguments, path, "-")...).Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return string(out)
}

func TestWhole(t *testing.T) {
	t.Parallel()
	file := newDesk(t).whole(t)
	pdfrules.Check(t, file)
	text := tool(t, file, "pdftotext", "-layout")
	for _, want := range []string{"Payslip for November 2026", "Page 1 of 1 · Zoë Ångström"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q", want)
		}
	}
	if row := regexp.MustCompile(`Allowance for night work 37 +2369\.50 +27947\.25`); !row.MatchString(text) {
		t.Errorf("the text lacks the last row:\n%s", text)
	}
}

// TestAbroad has strangers read what rules of ours have passed.
func TestAbroad(t *testing.T) {
	t.Parallel()
	pdfrules.Abroad(t, newDesk(t).whole(t))
}

func TestAttachmentIsIntact(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "page.pdf")
	if err := os.WriteFile(file, newDesk(t).whole(t), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("pdfdetach"); err != nil {
		t.Skip("this test needs the package poppler-utils")
	}
	out := filepath.Join(dir, "slip.json")
	if all, err := exec.Command("pdfdetach", "-savefile", "slip.json", "-o", out, file).CombinedOutput(); err != nil {
		t.Fatalf("pdfdetach: %v\n%s", err, all)
	}
	got, err := os.ReadFile(out)
	if err != nil || !bytes.Equal(got, content()) {
		t.Errorf("what was detached is another (%v)", err)
	}
}

// TestSameBytes holds that a document does not depend on those before it, nor on
// which writer or stock made it.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	want := d.whole(t)
	for i := range 50 {
		d.w.Begin("de")
		for range 1 + i { // more structures than are kept
			d.w.Page(300, 300)
			d.w.Text(d.w.Add(d.w.Root(), pdf.H1), 10, 50, 12, ink, d.line(strings.Repeat("Łódź ", i)))
		}
		if _, err := d.w.End(nil, pdf.Info{Title: "Another"}); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(want, d.whole(t)) {
		t.Error("the same document has other bytes after others")
	}
	other := newDesk(t)
	if other.stock.Digest() != d.stock.Digest() || !bytes.Equal(want, other.whole(t)) {
		t.Error("another writer makes another document")
	}
}

// TestIdentifier holds that documents which say something else are told apart.
func TestIdentifier(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := regexp.MustCompile(`/ID\[<([0-9a-f]{32})><([0-9a-f]{32})>\]`)
	seen := map[string]bool{}
	for _, title := range []string{"One", "Two"} {
		d.w.Begin("en")
		d.w.Page(100, 100)
		file, err := d.w.End(nil, pdf.Info{Title: title})
		if err != nil {
			t.Fatal(err)
		}
		m := id.FindSubmatch(file)
		if m == nil || !bytes.Equal(m[1], m[2]) || seen[string(m[1])] {
			t.Fatalf("identifier %q", m)
		}
		seen[string(m[1])] = true
	}
}

func TestTextComesBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	glyphs := d.faces[0].glyphs("office (5) \\ Łódź")
	cluster := d.faces[0].glyphs("A!")
	cluster[0].Text = "क्षि"
	raised := d.faces[0].glyphs("up!")
	raised[1].Y, raised[1].X = 0.1, 0.02
	d.w.Begin("en")
	d.w.Page(300, 200)
	y := 20.0
	for _, l := range []pdf.Line{
		d.stock.Line(glyphs),
		d.stock.Line(cluster), d.stock.Line(raised),
	} {
		d.w.Text(d.w.Add(d.w.Root(), pdf.H1), 20, y, 12, ink, l)
		y += 20
	}
	file, err := d.w.End(nil, pdf.Info{Title: "Text"})
	if err != nil {
		t.Fatal(err)
	}
	pdfrules.Check(t, file)
	want := []string{"office (5) \\ Łódź", "क्षि!", "up!"}
	if diff := cmp.Diff(want, strings.Fields(strings.NewReplacer(" ", "_", "\n", " ", "\f", "").Replace(tool(t, file, "pdftotext"))),
		cmp.Transformer("spaces", func(s string) string { return strings.ReplaceAll(s, "_", " ") })); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

// TestRangesComeBack shows characters that follow each other across the last
// byte of codes and of characters, from a font in stock and one of the document's.
func TestRangesComeBack(t *testing.T) {
	t.Parallel()
	outline := regular(t).glyphs("x")[0].Outline
	var glyphs []pdf.Glyph
	for r := rune(0x4e00); r < 0x4e00+1200; r++ {
		glyphs = append(glyphs, pdf.Glyph{Outline: outline, Text: string(r), Advance: 0.5})
	}
	stock, err := pdf.NewStock([]pdf.Font{{Name: "Half", Glyphs: glyphs[:600]}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	w := stock.NewWriter()
	w.Begin("ja")
	w.Page(500, 900)
	var want strings.Builder
	head := w.Add(w.Root(), pdf.H1)
	for i := 0; i < len(glyphs); i += 40 {
		w.Text(head, 20, 20+float64(i/2), 10, ink, stock.Line(glyphs[i:i+40]))
		for _, g := range glyphs[i : i+40] {
			want.WriteString(g.Text)
		}
	}
	file, err := w.End(nil, pdf.Info{Title: "Ranges"})
	if err != nil {
		t.Fatal(err)
	}
	pdfrules.Check(t, file)
	if got := strings.Join(strings.Fields(tool(t, file, "pdftotext")), ""); got != want.String() {
		t.Errorf("%d characters of text, want %d", len([]rune(got)), len(glyphs))
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	fine := info([]byte("{}"))
	with := func(change func(*pdf.Info)) pdf.Info {
		i := info([]byte("{}"))
		change(&i)
		return i
	}
	page := func(w *pdf.Writer) { w.Page(100, 100) }
	tests := map[string]struct {
		language string
		draw     func(*pdf.Writer)
		info     pdf.Info
	}{
		"no language":             {"", page, fine},
		"language":                {"en) /X (", page, fine},
		"no page":                 {"en", func(*pdf.Writer) {}, fine},
		"drawn on no page":        {"en", func(w *pdf.Writer) { w.Box(0, 0, 1, 1, ink); w.Page(9, 9) }, fine},
		"no title":                {"en", page, with(func(i *pdf.Info) { i.Title = "" })},
		"long title":              {"en", page, with(func(i *pdf.Info) { i.Title = strings.Repeat("x", 20000) })},
		"date":                    {"en", page, with(func(i *pdf.Info) { i.Created = time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC) })},
		"figure without alt":      {"en", func(w *pdf.Writer) { page(w); w.AddFigure(w.Root(), "", [4]float64{}) }, fine},
		"header without scope":    {"en", func(w *pdf.Writer) { page(w); w.AddCell(w.Root(), pdf.TH, pdf.None, 1) }, fine},
		"line of another stock":   {"en", func(w *pdf.Writer) { page(w); w.Text(pdf.Artifact, 0, 0, 9, ink, newDesk(t).line("x")) }, fine},
		"no such element":         {"en", func(w *pdf.Writer) { page(w); w.Text(99, 0, 0, 9, ink, d.line("x")) }, fine},
		"no such parent":          {"en", func(w *pdf.Writer) { page(w); w.Add(pdf.Artifact, pdf.P) }, fine},
		"no such tag":             {"en", func(w *pdf.Writer) { page(w); w.Add(w.Root(), 200) }, fine},
		"no such picture":         {"en", func(w *pdf.Writer) { page(w); w.Picture(pdf.Artifact, 1, 0, 0, 1, 1) }, fine},
		"too many colours":        {"en", colourful, fine},
		"no such page":            {"en", func(w *pdf.Writer) { page(w); w.Select(1) }, fine},
		"attachment without name": {"en", page, with(func(i *pdf.Info) { i.Attachments[0].Name = "" })},
		"attachment without type": {"en", page, with(func(i *pdf.Info) { i.Attachments[0].MediaType = "json" })},
		"attachment without date": {"en", page, with(func(i *pdf.Info) { i.Attachments[0].Modified = time.Time{} })},
		"attachments of one name": {"en", page, with(func(i *pdf.Info) { i.Attachments = append(i.Attachments, i.Attachments[0]) })},
	}
	for name, test := range tests {
		d.w.Begin(test.language)
		test.draw(d.w)
		if _, err := d.w.End(nil, test.info); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	d.w.Begin("en") // and none of it is left
	page(d.w)
	if _, err := d.w.End(nil, fine); err != nil {
		t.Errorf("after mistakes: %v", err)
	}
}

// colourful draws in one colour more than a document can have beside black.
func colourful(w *pdf.Writer) {
	w.Page(100, 100)
	for i := range 256 {
		w.Box(0, 0, 1, 1, pdf.Color{R: uint8(i), G: 1})
	}
}

// TestFigures holds that the table sets a text as its glyphs are set.
func TestFigures(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	table := map[rune]pdf.Glyph{}
	for _, r := range "0123456789,.−€ A" { // the stock has no minus sign
		table[r] = d.faces[0].glyphs(string(r))[0]
	}
	figures := d.stock.Figures(table)
	document := func(l pdf.Line) []byte {
		d.w.Begin("en")
		d.w.Page(300, 300)
		d.w.Text(d.w.Add(d.w.Root(), pdf.P), 10, 50, 12, ink, l)
		file, err := d.w.End(nil, pdf.Info{Title: "Figures"})
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	for _, text := range []string{"0", "1,234.50 €", "A 1", strings.Repeat("1,234,567.89 ", 30)} {
		for range 100 { // more than one block
			figures.Line([]byte(text))
		}
		l, ok := figures.Line([]byte(text))
		want := d.line(text)
		if !ok || l.Width != want.Width || !bytes.Equal(document(l), document(want)) {
			t.Errorf("%q is set otherwise", text)
		}
		figures.Reset()
	}
	for _, text := range []string{"", "A", "1b", "−1", "1\xff"} {
		if _, ok := figures.Line([]byte(text)); ok {
			t.Errorf("%q is taken for figures", text)
		}
	}
}

func TestStockRefuses(t *testing.T) {
	t.Parallel()
	glyphs := regular(t).glyphs("a")
	for name, err := range map[string]error{
		"font name":      second(pdf.NewStock([]pdf.Font{{Name: "A B", Glyphs: glyphs}}, nil)),
		"empty font":     second(pdf.NewStock([]pdf.Font{{Name: "A"}}, nil)),
		"font of no own": second(pdf.NewStock([]pdf.Font{{Name: "A", Glyphs: glyphs}, {Name: "B", Glyphs: glyphs}}, nil)),
		"pixels":         second(pdf.NewStock(nil, []pdf.Picture{{Width: 2, Height: 2, RGB: make([]byte, 11)}})),
		"no pixels":      second(pdf.NewStock(nil, []pdf.Picture{{}})),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func second(_ *pdf.Stock, err error) error { return err }

// TestAllocations holds the budget of a document by count.
func TestAllocations(t *testing.T) {
	d := newDesk(t)
	for name, test := range map[string]struct {
		slip   slip
		budget float64
	}{"stock": {d.slip("Zoe"), 24}, "rare": {d.slip("Zoë Ångström"), 40}} {
		i := info(content())
		got := testing.AllocsPerRun(20, func() {
			test.slip.draw(d.w)
			if _, err := d.w.End(nil, i); err != nil {
				t.Fatal(err)
			}
		})
		if got > test.budget {
			t.Errorf("%s: %g allocations, budget %g", name, got, test.budget)
		}
	}
}

// FuzzDocument holds that no text and no number makes a file that breaks a rule.
func FuzzDocument(f *testing.F) {
	f.Add("Title", "text", "slip.json", 10.0, 20.0, 12.0, float32(0.5))
	f.Add("Tîtle (\\) <&>\r\n]]>", "\x00\xff\ufeff\ufffe\U0001F600(", "../a\\b\r.json", math.NaN(), math.Inf(1), math.Inf(-1), float32(math.NaN()))
	f.Add("\u2028\x7f", strings.Repeat("(\\", 300), "日本\x01", -1e300, 1e300, -1.0, float32(math.Inf(1)))
	f.Add("\xff", "", "\xff", 1e-300, 0.004, 0.0, float32(-1e30))
	d := newDesk(f)
	f.Fuzz(func(t *testing.T, title, text, name string, x, y, size float64, advance float32) {
		glyphs := d.faces[0].glyphs("abcd")
		for i := range glyphs {
			glyphs[i].Text, glyphs[i].Advance, glyphs[i].Y = text, advance, float32(y)
		}
		w := d.w
		w.Begin("en")
		w.Page(size, y)
		w.Text(w.Add(w.Root(), pdf.H1), x, y, size, ink, d.stock.Line(glyphs))
		w.Box(x, y, size, x, brand)
		alt := "a" + strings.ToValidUTF8(text, "")
		w.Picture(w.AddFigure(w.Root(), alt, [4]float64{x, y, size, x}), 0, x, y, size, y)
		i := info([]byte(text))
		i.Title, i.Author, i.Attachments[0].Name, i.Attachments[0].Description = title, text, name, title
		if file, err := w.End(nil, i); err == nil {
			pdfrules.Check(t, file)
		}
	})
}

func TestStructureOrder(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.w.Begin("en")
	d.w.Page(200, 200)
	head, first, second := d.w.Add(d.w.Root(), pdf.H1), d.w.Add(d.w.Root(), pdf.P), d.w.Add(d.w.Root(), pdf.P)
	d.w.Text(second, 20, 80, 10, ink, d.line("second"))
	d.w.Text(first, 20, 60, 10, ink, d.line("first"))
	d.w.Page(200, 200)
	d.w.Text(first, 20, 60, 10, ink, d.line("goes on"))
	d.w.Select(0)
	d.w.Text(head, 20, 20, 10, ink, d.line("head"))
	file, err := d.w.End(nil, pdf.Info{Title: "Order"})
	if err != nil {
		t.Fatal(err)
	}
	pdfrules.Check(t, file)
	path := filepath.Join(t.TempDir(), "page.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdfinfo", "-struct-text", path).Output()
	if err != nil {
		t.Skip("this test needs the package poppler-utils")
	}
	got := strings.Fields(strings.NewReplacer("\"", " ", "\n", " ").Replace(string(out)))
	want := strings.Fields("Document H1 (block) head P (block) first goes on P (block) second")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("structure (-want +got):\n%s", diff)
	}
}

func TestDigestIsOfTheBytes(t *testing.T) {
	t.Parallel()
	glyphs := regular(t).glyphs("ab")
	a, err := pdf.NewStock([]pdf.Font{{Name: "A", Glyphs: glyphs[:1]}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := pdf.NewStock([]pdf.Font{{Name: "A", Glyphs: glyphs}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if x, y := a.Digest(), b.Digest(); x == y {
		t.Errorf("two stocks have the digest %s", hex.EncodeToString(x[:]))
	}
}
