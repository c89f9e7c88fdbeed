package intake

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/payseal/payseal/payroll"
)

var sheetHead = []string{"employee_id", "net"}

// sheetTests are worksheets, each alone in its workbook.
var sheetTests = []struct {
	name, sheet string
	want        []string
}{
	{"good", sheetOf(sheetHead, []string{"E001", "=3799.5"}), nil},
	{"noise", sheetOf(sheetHead, []string{"E001", "=3799.4999999999995"}, []string{"E002", "=1.2E3"}), nil},
	{"no noise", sheetOf(sheetHead, []string{"E001", "=33.333333333333336"}), []string{"error:too_many_decimals@2:net"}},
	{"text number", sheetOf(sheetHead, []string{"E001", "1.234,50"}), nil},
	{"undecidable text number", sheetOf(sheetHead, []string{"E001", "5,000"}), []string{"ask:decimal_unknown@2:net"}},
	{"exponent as text", sheetOf(sheetHead, []string{"E001", "1E3"}), []string{"error:exponent@2:net"}},
	{"formula with value", sheetOf(sheetHead, []string{"E001", "<c><f>1+1</f><v>2</v></c>"}), nil},
	{"formula without value", sheetOf(sheetHead, []string{"E001", "<c><f>1+1</f></c>"}), []string{"error:formula_without_value@2:net"}},
	{"formula with empty value", sheetOf(sheetHead, []string{"E001", "<c><f>1+1</f><v></v></c>"}), []string{"error:formula_without_value@2:net"}},
	{"text formula without value", sheetOf([]string{"employee_id", "net", "name"}, []string{"E001", "=1", `<c t="str"><f>A1</f></c>`}), []string{"error:formula_without_value@2:name"}},
	{"text formula that gave no text", sheetOf([]string{"employee_id", "net", "info:Note"}, []string{"E001", "=1", `<c t="str"><f>A1</f><v></v></c>`}, []string{"E002", "=1", `<c t="str"><f>A1</f><v/></c>`}), nil},
	{"text formula without amount", sheetOf(sheetHead, []string{"E001", `<c t="str"><f>A1</f></c>`}), []string{"error:formula_without_value@2:net"}},
	{"formula number without value", sheetOf(sheetHead, []string{"<c><f>A1</f></c>", "=1"}), []string{"error:formula_without_value@2:employee_id"}},
	{"formula without value in a header", sheetOf([]string{"employee_id", "net", "<c><f>A1</f></c>"}, []string{"E001", "=1"}), []string{"error:bad_header@1:"}},
	{"error cell", sheetOf(sheetHead, []string{"E001", `<c t="e"><v>#REF!</v></c>`}), []string{"error:error_cell@2:net"}},
	{"boolean", sheetOf(sheetHead, []string{"E001", `<c t="b"><v>1</v></c>`}), []string{"error:boolean_amount@2:net"}},
	{"boolean number", sheetOf(sheetHead, []string{`<c t="b"><v>1</v></c>`, "=1"}), []string{"error:boolean_text@2:employee_id"}},
	{"date", sheetOf(sheetHead, []string{"E001", `<c s="1"><v>46325</v></c>`}), []string{"error:date_as_amount@2:net"}},
	{"custom date", sheetOf(sheetHead, []string{"E001", `<c s="4"><v>46325</v></c>`}), []string{"error:date_as_amount@2:net"}},
	{"custom number", sheetOf(sheetHead, []string{"E001", `<c s="5"><v>46325</v></c>`}), nil},
	{"percentage", sheetOf(sheetHead, []string{"E001", `<c s="3"><v>0.5</v></c>`}), []string{"error:percent_as_amount@2:net"}},
	{"number without its zeros", sheetOf(sheetHead, []string{"=7", "=1"}), []string{"error:lost_leading_zeros@2:employee_id"}},
	{"number with a format of zeros", sheetOf(sheetHead, []string{`<c s="2"><v>7</v></c>`, "=1"}), nil},
	{"period as a date", sheetOf([]string{"employee_id", "net", "period"}, []string{"E001", "=1", `<c s="1"><v>46325</v></c>`}, []string{"E002", "=1", "2026-10"}), nil},
	{"merged", sheetOf(sheetHead, []string{"E001", "=1"}) + `<mergeCells><mergeCell ref="A1:B2"/></mergeCells>`, []string{"error:merged_cells@1:"}},
	{"merged below", sheetOf(sheetHead, []string{"E001", "=1"}) + `<mergeCells><mergeCell ref="A9:B9"/></mergeCells>`, nil},
	{"hidden row", strings.Replace(sheetOf(sheetHead, []string{"E001", "=1"}), `<row r="2"`, `<row r="2" hidden="1"`, 1), []string{"warning:hidden_rows@2:"}},
	{"hidden column", `<cols><col min="2" max="2" hidden="1"/></cols>` + sheetOf(sheetHead, []string{"E001", "=1"}), []string{"warning:hidden_columns@0:"}},
	{"value beside the table", sheetOf(sheetHead, []string{"E001", "=1", "note"}), []string{"error:column_without_header@2:"}},
	{"styled empty cells beside the table", sheetOf(sheetHead, []string{"E001", "=1", `<c s="1"></c>`, `<c s="1"/>`}), nil},
	{"empty rows", sheetOf(sheetHead, nil, []string{"", ""}, []string{"E001", "=1"}), nil},
	{"row bomb", strings.Replace(sheetOf(sheetHead, []string{"E001", "=1"}), "</sheetData>", strings.Repeat(`<row s="1" customFormat="1"/>`, maxEmptyRows+1)+"</sheetData>", 1), []string{"error:row_bomb@10003:"}},
	{"far cell", sheetOf(sheetHead, []string{"E001", "=1"}) + "", nil},
	{"far column", `<sheetData><row r="1"><c r="XFD1"><v>1</v></c></row></sheetData>`, []string{"error:too_many_columns@1:"}},
	{"rows out of order", strings.Replace(sheetOf(sheetHead, []string{"E001", "=1"}), `<row r="2"`, `<row r="1"`, 1), []string{"error:damaged_workbook@0:"}},
	{"doubled cell", `<sheetData><row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row></sheetData>`, []string{"error:damaged_workbook@0:"}},
	{"cell of another row", `<sheetData><row r="1"><c r="A2"><v>1</v></c></row></sheetData>`, []string{"error:damaged_workbook@0:"}},
	{"text that is not there", sheetOf(sheetHead, []string{"E001", `<c t="s"><v>7</v></c>`}), []string{"error:damaged_workbook@0:"}},
	{"unknown entity", sheetOf(sheetHead, []string{"&x;", "=1"}), []string{"error:entities@0:"}},
	{"unclosed element", "<sheetData><row>", []string{"error:damaged_workbook@0:"}},
	{"no rows", "<sheetData/>", []string{"error:empty_file@0:"}},
	{"comments, CDATA, prefixes, references", `<!-- a > b -- c --><x:sheetData xmlns:x='a>b'><x:row><x:c t="inlineStr"><x:is><x:t>employee_id</x:t></x:is></x:c><x:c t="inlineStr"><x:is><x:t><![CDATA[net]]></x:t></x:is></x:c></x:row>` +
		`<x:row><x:c t="str"><x:v>E&#48;&#x30;1</x:v></x:c><x:c><x:v>1</x:v></x:c></x:row></x:sheetData>`, nil},
	{"rich text without its phonetic guide", sheetOf(sheetHead, []string{`<c t="inlineStr"><is><r><t>E0</t></r><r><t>01</t></r><rPh sb="0" eb="1"><t>x</t></rPh></is></c>`, "=1"}), nil},
	{"escaped control character", sheetOf([]string{"employee_id", "net", "name"}, []string{"E001", "=1", "Alice_x0007_ Example"}), []string{"error:bad_name@2:name"}},
}

func TestParseSheet(t *testing.T) {
	t.Parallel()
	for _, test := range sheetTests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			content := zipOf(t, workbookParts(test.sheet)...)
			result := parse(NewFile("run.xlsx", content), Options{Roster: testRoster()})
			checkFindings(t, result.Findings)
			if diff := cmp.Diff(append([]string{}, test.want...), codes(result.Findings)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestParseSheetText refuses a row, and a sheet, of more text than a payroll can
// have: a text that is shared costs a workbook nothing to name again.
func TestParseSheetText(t *testing.T) {
	t.Parallel()
	shared := func(length int) [2]string {
		return [2]string{"xl/sharedStrings.xml", "<sst><si><t>" + strings.Repeat("a", length) + "</t></si></sst>"}
	}
	const long = `<c t="s"><v>0</v></c>`
	rows := [][]string{{"employee_id", "net", "info:a", "info:b"}}
	for range maxSheetText/maxRecordBytes + 1 {
		rows = append(rows, []string{"E001", "=1", long, long})
	}
	for name, test := range map[string]struct {
		parts [][2]string
		want  string
	}{
		"value in pieces":   {workbookParts(sheetOf(sheetHead, []string{`<c t="str"><v>` + strings.Repeat("<![CDATA["+strings.Repeat("a", 1000)+"]]>", maxRecordBytes/1000+1) + `</v></c>`, "=1"})), "error:row_too_long@2:"},
		"row of long texts": {append(workbookParts(sheetOf(rows[:2]...)), shared(maxRecordBytes/2+1)), "error:row_too_long@2:"},
		"long rows":         {append(workbookParts(sheetOf(rows...)), shared(maxRecordBytes/2-10)), "error:file_too_large@0:"},
	} {
		got := codes(parse(NewFile("run.xlsx", packZip(t, zip.Store, test.parts)), Options{}).Findings)
		if len(got) == 0 || got[len(got)-1] != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

const (
	doctype   = `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>`
	twoSheets = `<workbook xmlns:r="r"><sheets><sheet name="Pay" sheetId="1" r:id="rId1"/><sheet name="More" sheetId="2" STATE r:id="rId2"/></sheets></workbook>`
)

// TestParseWorkbook looks at what is wrong around the sheet.
func TestParseWorkbook(t *testing.T) {
	t.Parallel()
	good := workbookParts(sheetOf(sheetHead, []string{"E001", "=1"}))
	relations := `<Relationships><Relationship Id="rId1" Type="` + sheetType + `" Target="/xl/worksheets/sheet1.xml"/><Relationship Id="rId2" Type="` + sheetType + `" Target="worksheets/sheet2.xml"/></Relationships>`
	second := withPart(withPart(good, "xl/_rels/workbook.xml.rels", relations), "xl/worksheets/sheet2.xml", good[4][1])
	visible := withPart(second, "xl/workbook.xml", strings.Replace(twoSheets, "STATE", "", 1))
	for _, test := range []struct {
		name  string
		parts [][2]string
		sheet string
		want  []string
	}{
		{"good", good, "", nil},
		{"hidden second", withPart(second, "xl/workbook.xml", strings.Replace(twoSheets, "STATE", `state="veryHidden"`, 1)), "", []string{"warning:hidden_sheets@0:"}},
		{"hidden only", withPart(good, "xl/workbook.xml", strings.Replace(oneSheet, " r:id", ` state="hidden" r:id`, 1)), "", []string{"error:hidden_sheets_only@0:"}},
		{"two with data", visible, "", []string{"ask:several_sheets@0:"}},
		{"two with data, one named", visible, "more", nil},
		{"one named that is not there", visible, "Other", []string{"error:unknown_sheet@0:"}},
		{"two, one empty", withPart(visible, "xl/worksheets/sheet2.xml", "<worksheet><sheetData/></worksheet>"), "", nil},
		{"doubled part", append(good[:5:5], good[4]), "", []string{"error:doubled_part@0:"}},
		{"doubled part in other case", append(good[:5:5], [2]string{"XL/Worksheets/sheet1.xml", good[4][1]}), "", []string{"error:doubled_part@0:"}},
		{"document type in the sheet", withPart(good, "xl/worksheets/sheet1.xml", doctype+good[4][1]), "", []string{"error:entities@0:"}},
		{"document type in the workbook", withPart(good, "xl/workbook.xml", "<?xml version='1.0'?>"+doctype+good[1][1]), "", []string{"error:entities@0:"}},
		{"document type in a part that is not read", withPart(good, "docProps/app.xml", doctype+"<x/>"), "", []string{"error:entities@0:"}},
		{"UTF-16 part", withPart(good, "docProps/app.xml", string(wide(binary.LittleEndian, "\ufeff"+doctype+"<x/>"))), "", []string{"error:damaged_workbook@0:"}},
		{"declared encoding", withPart(good, "docProps/app.xml", `<?xml version="1.0" encoding="UTF-7"?><x/>`), "", []string{"error:damaged_workbook@0:"}},
		{"binary workbook", withPart(good, "xl/workbook.bin", "x"), "", []string{"error:wrong_file_type@0:"}},
		{"OpenDocument", [][2]string{{"mimetype", "application/vnd.oasis.opendocument.spreadsheet"}, {"content.xml", "<x/>"}}, "", []string{"error:wrong_file_type@0:"}},
		{"a Word document", [][2]string{{"[Content_Types].xml", contentTypes}, {"word/document.xml", "<x/>"}}, "", []string{"error:wrong_file_type@0:"}},
		{"one part for two sheets", withPart(visible, "xl/_rels/workbook.xml.rels", strings.Replace(relations, "sheet2", "sheet1", 1)), "", []string{"error:damaged_workbook@0:"}},
		{"sheet part missing", good[:4], "", []string{"error:damaged_workbook@0:"}},
		{"macros", withPart(good, "xl/vbaProject.bin", "x"), "", []string{"warning:macros@0:"}},
		{"zip bomb", withPart(good, "xl/media/zeros.bin", strings.Repeat("\x00", 5<<20)), "", []string{"error:zip_bomb@0:"}},
		{"text bomb", withPart(good, "xl/sharedStrings.xml", "<sst><si><t>"+strings.Repeat("a", maxXMLToken+1)+"</t></si></sst>"), "", []string{"error:damaged_workbook@0:"}},
		{"deep nesting", withPart(good, "xl/styles.xml", strings.Repeat("<a>", 100)), "", []string{"error:damaged_workbook@0:"}},
	} {
		result := parse(NewFile("run.xlsx", zipOf(t, test.parts...)), Options{Roster: testRoster(), Reading: Reading{Sheet: test.sheet}})
		checkFindings(t, result.Findings)
		if diff := cmp.Diff(append([]string{}, test.want...), codes(result.Findings)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

// TestDirectory breaks the zip's directory itself.
func TestDirectory(t *testing.T) {
	t.Parallel()
	good := zipOf(t, workbookParts(sheetOf(sheetHead, []string{"E001", "=1"}))...)
	edit := func(change func(b []byte) []byte) []byte { return change(bytes.Clone(good)) }
	many := make([][2]string, 0, maxParts+1)
	for range maxParts + 1 {
		many = append(many, [2]string{"x", ""})
	}
	end := len(good) - 22
	for name, test := range map[string]struct {
		content []byte
		want    string
	}{
		"many entries":   {zipOf(t, many...), "zip_bomb"},
		"trailing bytes": {append(bytes.Clone(good), 'x'), "damaged_workbook"},
		"cut off":        {good[:len(good)-40], "damaged_workbook"},
		"lying count":    {edit(func(b []byte) []byte { b[end+10]--; b[end+8]--; return b }), "damaged_workbook"},
		"lying size":     {edit(func(b []byte) []byte { b[end+12]--; return b }), "damaged_workbook"},
		"bytes before":   {append([]byte("PK\x03\x04"), good...), "damaged_workbook"},
		"flipped content": {edit(func(b []byte) []byte {
			at := bytes.LastIndex(b[:end], []byte("PK\x07\x08"))
			b[at-3] ^= 0xff
			return b
		}), "damaged_workbook"},
	} {
		got := codes(parse(NewFile("run.xlsx", test.content), Options{}).Findings)
		if len(got) != 1 || !strings.HasPrefix(got[0], "error:"+test.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestExcelize reads workbooks that a stranger wrote, plain and streamed.
func TestExcelize(t *testing.T) {
	t.Parallel()
	book := excelize.NewFile()
	defer book.Close() // in memory
	for cell, value := range map[string]any{
		"A1": "employee_id", "B1": "name", "C1": "gross", "D1": "deductions", "E1": "net",
		"A2": "E001", "B2": "Alice Example", "C2": 5000, "D2": 1200.5, "E2": 3799.5,
		"A3": "0007", "B3": markName, "C3": 0.1 + 0.2, "D3": 0, "E3": "0,30",
		"A4": "Total", "C4": 5000.3, "E4": 3799.8,
	} {
		if err := book.SetCellValue("Sheet1", cell, value); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := book.Write(&b); err != nil {
		t.Fatal(err)
	}
	result := parse(NewFile("run.xlsx", b.Bytes()), Options{Roster: testRoster(), Currency: "EUR"})
	if result.Verdict() != payroll.VerdictAccept || len(result.Slips) != 2 || result.Totals.Net != "3799.80" {
		t.Errorf("%+v", result)
	}
	streamed := parse(NewFile("run.xlsx", benchXLSX(t, 50)), Options{})
	plain := parse(NewFile("run.csv", benchCSV(50)), Options{})
	if diff := cmp.Diff(plain.Slips, streamed.Slips); diff != "" || len(plain.Slips) != 50 {
		t.Error(diff, streamed.Findings)
	}
	b.Reset()
	if err := book.Write(&b, excelize.Options{Password: "secret"}); err != nil {
		t.Fatal(err)
	}
	if got := codes(parse(NewFile("run.xlsx", b.Bytes()), Options{}).Findings); !cmp.Equal(got, []string{"error:encrypted_workbook@0:"}) {
		t.Error(got)
	}
}
