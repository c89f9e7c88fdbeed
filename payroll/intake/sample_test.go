package intake

import (
	"archive/zip"
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/payseal/payseal/payroll"
)

// Marks stand in for pay data in the tests: no finding may quote them.
const (
	markName    = "Kiran Marksen"
	markAddress = "kiran.marksen@acme.example"
	markAmount  = "48151.62"
)

// testRoster is the company of the tests.
func testRoster() *Roster {
	return NewRoster([]payroll.Employee{
		{Number: "E001", Name: "Alice Example", Email: "alice@acme.example"},
		{Number: "E002", Name: "Bob Exámple", Email: "bob@acme.example"},
		{Number: "0007", Name: markName, Email: markAddress},
		{Number: "E009", Name: "Gone Example", Email: "gone@acme.example", Left: payroll.Date{Year: 2026, Month: 3, Day: 31}},
	})
}

// codes lists findings as severity:code@row:column, without notes.
func codes(findings []payroll.Finding) []string {
	list := []string{}
	for _, f := range findings {
		if f.Severity != payroll.SeverityNote {
			list = append(list, fmt.Sprintf("%s:%s@%d:%s", f.Severity, f.Code, f.Row, f.Column))
		}
	}
	return list
}

// checkFindings holds what is true of every finding: it says something, its code
// is snake_case, an ask names its option, and nothing of an employee is in it.
func checkFindings(t *testing.T, findings []payroll.Finding) {
	t.Helper()
	for _, f := range findings {
		whole := fmt.Sprintf("%+v", f)
		for _, mark := range []string{markName, markAddress, markAmount, "Alice", "alice@", "3799", "5000.00"} {
			if strings.Contains(whole, mark) {
				t.Errorf("finding %s quotes %q", f.Code, mark)
			}
		}
		if f.Message == "" || strings.Trim(f.Code, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || f.Code == "" {
			t.Errorf("finding without message or with a bad code: %+v", f)
		}
		if f.Severity == payroll.SeverityAsk && !strings.Contains(f.Message, "--") {
			t.Errorf("ask %s names no option", f.Code)
		}
	}
}

// zipOf packs parts in the order given.
func zipOf(tb testing.TB, parts ...[2]string) []byte {
	tb.Helper()
	return packZip(tb, zip.Deflate, parts)
}

func packZip(tb testing.TB, method uint16, parts [][2]string) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, part := range parts {
		content, err := w.CreateHeader(&zip.FileHeader{Name: part[0], Method: method})
		if err == nil {
			_, err = content.Write([]byte(part[1]))
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

const (
	contentTypes = `<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`
	sheetType    = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
	oneSheet     = `<workbook xmlns:r="r"><sheets><sheet name="Pay" sheetId="1" r:id="rId1"/></sheets></workbook>`
	oneRelation  = `<Relationships><Relationship Id="rId1" Type="` + sheetType + `" Target="worksheets/sheet1.xml"/></Relationships>`
	plainStyles  = `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="0000"/><numFmt numFmtId="165" formatCode="yyyy\-mm;@"/><numFmt numFmtId="166" formatCode="#,##0.00\ &quot;days&quot;"/></numFmts>` +
		`<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="10"/><xf numFmtId="165"/><xf numFmtId="166"/></cellXfs></styleSheet>`
)

// workbookParts are the parts of a small workbook around the inside of its sheet.
func workbookParts(sheetData string) [][2]string {
	return [][2]string{
		{"[Content_Types].xml", contentTypes},
		{"xl/workbook.xml", oneSheet},
		{"xl/_rels/workbook.xml.rels", oneRelation},
		{"xl/styles.xml", plainStyles},
		{"xl/worksheets/sheet1.xml", `<worksheet>` + sheetData + `</worksheet>`},
	}
}

// withPart replaces or adds a part.
func withPart(parts [][2]string, name, content string) [][2]string {
	parts = slices.Clone(parts)
	for i := range parts {
		if parts[i][0] == name {
			parts[i][1] = content
			return parts
		}
	}
	return append(parts, [2]string{name, content})
}

// sheetOf writes rows of raw cell elements; texts become inline strings, and what
// begins with < stands as it is.
func sheetOf(rows ...[]string) string {
	var b strings.Builder
	b.WriteString("<sheetData>")
	for i, row := range rows {
		fmt.Fprintf(&b, `<row r="%d">`, i+1)
		for j, cell := range row {
			reference := fmt.Sprintf("%c%d", 'A'+j, i+1)
			switch {
			case strings.HasPrefix(cell, "<c"):
				b.WriteString(strings.Replace(cell, "<c", `<c r="`+reference+`"`, 1))
			case strings.HasPrefix(cell, "="):
				fmt.Fprintf(&b, `<c r="%s"><v>%s</v></c>`, reference, cell[1:])
			case cell != "":
				fmt.Fprintf(&b, `<c r="%s" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>`, reference, cell)
			}
		}
		b.WriteString("</row>")
	}
	b.WriteString("</sheetData>")
	return b.String()
}

// parsed is what was read of a file, with the slips of an accepted one.
type parsed struct {
	Result
	Slips []payroll.Slip
}

// parse reads a whole payroll file out of memory.
func parse(file File, o Options) parsed {
	var p parsed
	var err error
	p.Result, err = Scan(file, o, func(s payroll.Slip) error {
		p.Slips = append(p.Slips, s)
		return nil
	})
	if err != nil {
		panic(err)
	}
	if p.Verdict() != payroll.VerdictAccept {
		p.Slips = nil
	}
	return p
}
