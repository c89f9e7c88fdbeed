package intake

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/payseal/payseal/payroll"
)

// boundColumn is a column of the file for which a canonical name was found.
type boundColumn struct {
	index     int    // in the row, from 0
	header    string // as it stands in the file
	canonical string // such as "net" or "earning:Basic salary"
}

// binder finds the columns of a header row.
type binder struct {
	found    *findings
	mapping  Mapping
	known    columnNamer
	required []string
	unmapped string         // what to do about a column that is not used
	headers  []string       // by index, "" where there is none
	byFold   map[string]int // folded header -> index
	taken    map[string]int // canonical -> index
	result   []boundColumn
	row      int
}

// bind finds the columns; it reports false if the file cannot be read with them.
func (b *binder) bind(header line) ([]boundColumn, bool) {
	before := b.found.errors
	b.row, b.byFold, b.taken = header.row, make(map[string]int), make(map[string]int)
	b.readHeaders(header)
	b.bindMapped()
	unmapped := b.bindCanonical()
	for _, name := range b.required {
		if _, found := b.taken[name]; !found {
			b.found.error("missing_header", b.row, name, fmt.Sprintf("the file has no column %s; name the header so, or say in a mapping file (--map) which header stands for it", name))
		}
	}
	// A file without a header row would show its data here.
	if _, found := b.taken[b.required[0]]; found {
		for _, index := range unmapped {
			b.found.note("unmapped_column", b.row, b.headers[index], b.unmapped)
		}
	}
	slices.SortFunc(b.result, func(x, y boundColumn) int { return x.index - y.index })
	return b.result, b.found.errors == before
}

func (b *binder) readHeaders(header line) {
	b.headers = make([]string, len(header.cells))
	for i, c := range header.cells {
		text := strings.Join(strings.Fields(nfc(c.text)), " ") // a header may have line breaks
		if text == "" {
			continue
		}
		if c.kind == cellError || c.kind == cellNoValue || payroll.CheckText("header", text) != nil {
			b.found.error("bad_header", header.row, "", fmt.Sprintf("the header of column %d is no plain text; type it again by hand", i+1))
			continue
		}
		if _, doubled := b.byFold[fold(text)]; doubled {
			b.found.error("doubled_header", header.row, b.quotable(text), "two columns have this header; rename or remove one")
			continue
		}
		b.headers[i] = text
		b.byFold[fold(text)] = i
	}
}

// quotable is a header, if it is likely to be one and not the first employee of
// a file without a header row.
func (b *binder) quotable(text string) string {
	if _, known := b.known(text); known {
		return text
	}
	for _, header := range b.mapping.Columns {
		if fold(header) == fold(text) {
			return text
		}
	}
	return ""
}

func (b *binder) bindMapped() {
	for _, canonical := range slices.Sorted(maps.Keys(b.mapping.Columns)) {
		header := b.mapping.Columns[canonical]
		index, found := b.byFold[fold(header)]
		if !found {
			b.found.error("mapped_header_missing", b.row, header, "the mapping file names this header, but the file does not have it; mend one of the two")
			b.taken[canonical] = -1
			continue
		}
		b.take(canonical, index)
	}
}

// bindCanonical takes the headers that are canonical names themselves and gives
// the others.
func (b *binder) bindCanonical() (unmapped []int) {
	done := make(map[int]bool)
	for _, index := range b.taken {
		done[index] = true
	}
	ignored := make(map[string]bool)
	for _, header := range b.mapping.Ignore {
		ignored[fold(header)] = true
	}
	for index, header := range b.headers {
		if header == "" || done[index] || ignored[fold(header)] {
			continue
		}
		canonical, known := b.known(header)
		_, doubled := b.taken[canonical]
		switch {
		case !known:
			unmapped = append(unmapped, index)
		case doubled:
			b.found.error("doubled_header", b.row, header, "another column stands for the same; rename or remove one, or mend the mapping file")
		default:
			b.take(canonical, index)
		}
	}
	return unmapped
}

func (b *binder) take(canonical string, index int) {
	b.taken[canonical] = index
	b.result = append(b.result, boundColumn{index: index, header: b.headers[index], canonical: canonical})
}

// checkWidth refuses rows that are longer or shorter than the header, and values
// under no header.
func (b *binder) checkWidth(l line) bool {
	if l.exact && len(l.cells) != len(b.headers) {
		b.found.error("ragged_row", l.row, "", fmt.Sprintf("the row has %d fields and the header %d; put a field that holds the separator in quotation marks", len(l.cells), len(b.headers)))
		return false
	}
	for i, c := range l.cells {
		if !c.empty() && (i >= len(b.headers) || b.headers[i] == "") {
			b.found.error("column_without_header", l.row, "", fmt.Sprintf("there is a value in column %d, which has no header; name the column or clear it", i+1))
			return false
		}
	}
	return true
}

// nfc is the composed form of Unicode text.
func nfc(text string) string { return norm.NFC.String(text) }

// lineColumns are the columns that carry a label after a colon. So does "field",
// whose labels are those of the countries' profiles.
var lineColumns = []string{"earning", "deduction", "employer", "tax", "ytd", "hours", "rate", "base", "leave", "info"}

// runColumns are the columns of a payroll run without a label.
var runColumns = []string{"employee_id", "name", "email", "period", "currency", "gross", "deductions", "net", "note"}

// runColumn names the columns of a payroll run. The kind of a labelled column is
// folded to lower case, its label is kept as it is written.
func runColumn(header string) (string, bool) {
	if slices.Contains(runColumns, fold(header)) {
		return fold(header), true
	}
	kind, label, found := strings.Cut(header, ":")
	kind, label = fold(kind), strings.TrimSpace(label)
	if kind == "field" {
		f, known := payroll.KnownField(payroll.FieldID(fold(label)))
		return "field:" + fold(label), known && f.Section != payroll.SectionEmployer // those come with the letterhead
	}
	if !found || label == "" || !slices.Contains(lineColumns, kind) || payroll.CheckText("label", label) != nil {
		return "", false
	}
	return kind + ":" + label, true
}
