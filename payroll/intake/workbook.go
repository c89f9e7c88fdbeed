package intake

import (
	"errors"
	"io"
	"path"
	"strings"
)

// workbook is an XLSX file of which one sheet was chosen.
type workbook struct {
	zip      *workbookZip
	names    []string // of the visible sheets
	chosen   string   // the sheet's name; "" until one is
	sheet    string   // the part's name
	strings  *sharedStrings
	formats  []numberFormat // by the style index of a cell
	from1904 bool
}

// sheetEntry is a worksheet as the workbook lists it.
type sheetEntry struct {
	name, relation string
	hidden         bool
	part           string
}

func openWorkbook(f File, sheet string, found *findings) (*workbook, error) {
	z, err := openZip(f)
	if err != nil {
		return nil, err
	}
	if err := z.checkKind(); err != nil {
		return nil, err
	}
	if err := z.checkProlog(); err != nil {
		return nil, err
	}
	w := &workbook{zip: z}
	entries, err := w.readIndex()
	if err != nil {
		return nil, err
	}
	if err := w.readStyles(); err != nil {
		return nil, err
	}
	if w.strings, err = readSharedStrings(z); err != nil {
		return nil, err
	}
	if z.has("xl/vbaProject.bin") {
		found.warn("macros", 0, "", "the workbook holds macros; payseal does not run them")
	}
	return w, w.choose(entries, sheet, found)
}

// checkKind tells XLSX from the other documents that are zip files.
func (z *workbookZip) checkKind() error {
	switch {
	case z.has("xl/workbook.bin"):
		return refuse("wrong_file_type", "this is a binary workbook (.xlsb); save it as .xlsx or as CSV UTF-8")
	case z.has("mimetype") && z.has("content.xml"):
		return refuse("wrong_file_type", "this is an OpenDocument file (.ods); save it as .xlsx or as CSV UTF-8")
	case !z.has("xl/workbook.xml") || !z.has("[Content_Types].xml"):
		return refuse("wrong_file_type", "this is a zip archive or another Office document, not an Excel workbook; save the table as .xlsx or as CSV UTF-8")
	}
	return nil
}

// xml reads the part with visit, called for every element start.
func (z *workbookZip) xml(name string, visit func(x *xmlReader, element string) error) error {
	content, err := z.open(name)
	if err != nil {
		return err
	}
	defer content.Close() // only read from
	x := newXMLReader(content)
	return x.each(func(element string) error { return visit(x, element) })
}

// readIndex lists the worksheets in their order and finds their parts.
func (w *workbook) readIndex() ([]sheetEntry, error) {
	targets := make(map[string]string)
	err := w.zip.xml("xl/_rels/workbook.xml.rels", func(x *xmlReader, element string) error {
		if element == "Relationship" && strings.HasSuffix(x.attrText("Type"), "/worksheet") {
			targets[x.attrText("Id")] = partName(x.attrText("Target"))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var entries []sheetEntry
	listed := make(map[string]bool)
	err = w.zip.xml("xl/workbook.xml", func(x *xmlReader, element string) error {
		switch element {
		case "workbookPr":
			w.from1904 = x.attrTrue("date1904")
		case "sheet":
			state := x.attrText("state")
			entry := sheetEntry{name: x.attrText("name"), relation: x.attrText("id"), hidden: state != "" && state != "visible"}
			entry.part = targets[entry.relation]
			if listed[entry.part] {
				return damaged("two of its sheets are the same part")
			}
			if entry.part != "" {
				listed[entry.part] = true
				entries = append(entries, entry)
			}
		}
		if len(entries) > 256 {
			return damaged("it has more than 256 sheets")
		}
		return nil
	})
	return entries, err
}

// partName resolves a relation's target against xl/.
func partName(target string) string {
	if rooted, found := strings.CutPrefix(target, "/"); found {
		return path.Clean(rooted)
	}
	return path.Join("xl", target)
}

// choose picks the one visible sheet with data, or the named one.
func (w *workbook) choose(entries []sheetEntry, name string, found *findings) error {
	var filled []sheetEntry
	hidden, visible := 0, 0
	for _, entry := range entries {
		if !entry.hidden {
			w.names = append(w.names, entry.name)
		}
		if name != "" && !strings.EqualFold(strings.TrimSpace(entry.name), strings.TrimSpace(name)) {
			continue
		}
		if entry.hidden {
			hidden++
			continue
		}
		visible++
		w.sheet = entry.part
		if full, err := w.filled(); err != nil {
			return err
		} else if full {
			filled = append(filled, entry)
		}
	}
	switch {
	case visible == 0 && hidden == 0 && name != "":
		return refuse("unknown_sheet", "the workbook has no sheet of the name that --sheet gives; names are listed at the bottom of the spreadsheet program's window")
	case visible == 0 && hidden > 0:
		return refuse("hidden_sheets_only", "what should be read is on a hidden sheet, which nobody sees who checks the file; unhide it and save the workbook")
	case len(filled) == 0:
		return refuse("empty_file", "the workbook has no sheet with data in it")
	case len(filled) > 1:
		return askFile("several_sheets", "the workbook has several sheets with data; name the one to read with --sheet NAME")
	}
	if hidden > 0 {
		found.warn("hidden_sheets", 0, "", "the workbook has hidden sheets too; they are not read")
	}
	w.sheet, w.chosen = filled[0].part, filled[0].name
	return nil
}

// filled reports whether the current sheet has any cell.
func (w *workbook) filled() (bool, error) {
	t, err := w.openSheet()
	if err != nil {
		return false, err
	}
	defer t.content.Close() // only read from
	_, err = t.next()
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	return err == nil, err
}

// open starts reading the chosen sheet from its top.
func (w *workbook) open() (table, error) { return w.openSheet() }

// numberFormat is what a cell's style says about the number in it.
type numberFormat struct {
	date, percent bool
	width         int // of a format of zeros only, such as 0000
}

func (w *workbook) readStyles() error {
	if !w.zip.has("xl/styles.xml") {
		return nil
	}
	custom := make(map[int]string)
	inCells := false
	return w.zip.xml("xl/styles.xml", func(x *xmlReader, element string) error {
		switch element {
		case "numFmt":
			custom[x.attrInt("numFmtId", -1)] = x.attrText("formatCode")
		case "cellXfs":
			inCells = true
		case "cellStyles", "cellStyleXfs", "dxfs":
			inCells = false
		case "xf":
			if inCells {
				w.formats = append(w.formats, formatOf(x.attrInt("numFmtId", 0), custom))
			}
		}
		if len(w.formats) > 70_000 || len(custom) > 10_000 {
			return damaged("it has too many styles")
		}
		return nil
	})
}

// formatOf reads a number format: the built-in ones by their number (ECMA-376
// part 1, 18.8.30), the others by their code.
func formatOf(id int, custom map[int]string) numberFormat {
	code, found := custom[id]
	if !found {
		date := id >= 14 && id <= 22 || id >= 27 && id <= 36 || id >= 45 && id <= 47 || id >= 50 && id <= 58
		return numberFormat{date: date, percent: id == 9 || id == 10}
	}
	bare := bareFormat(code)
	format := numberFormat{
		date:    strings.ContainsAny(bare, "dmyhsDMYHS") && !strings.Contains(strings.ToLower(bare), "general"),
		percent: strings.Contains(bare, "%"),
	}
	if bare != "" && strings.Trim(bare, "0") == "" {
		format.width = min(len(bare), 64)
	}
	return format
}

// bareFormat drops quoted text, escapes and bracketed conditions from a format
// code, and all but its first section.
func bareFormat(code string) string {
	var bare strings.Builder
	for i := 0; i < len(code); i++ {
		switch code[i] {
		case '"':
			i = skipTo(code, i, '"')
		case '[':
			i = skipTo(code, i, ']')
		case '\\', '_', '*':
			i++
		case ';':
			return bare.String()
		default:
			bare.WriteByte(code[i])
		}
	}
	return bare.String()
}

func skipTo(s string, from int, end byte) int {
	if at := strings.IndexByte(s[from+1:], end); at >= 0 {
		return from + 1 + at
	}
	return len(s)
}
