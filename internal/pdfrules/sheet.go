package pdfrules

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// sheet is what a page's content stream does.
type sheet struct {
	reference string
	page      dict
	err       error            // of syntax
	unmarked  []string         // what paints outside every sequence
	mixed     []string         // content in artifacts, artifacts in content
	nesting   []string         // sequences, text objects and states that cross
	unknown   []string         // operators and resources that there are none of
	mcids     map[int]int      // how often each identifier begins
	codes     map[string][]int // character codes by the font's reference
	colours   map[string]bool  // colour spaces: gray, rgb, other
	depth     int              // of saved states, at most
}

func (d *document) sheets() []sheet {
	var all []sheet
	for _, reference := range d.pages() {
		s := sheet{reference: reference, page: d.dict(reference), mcids: map[int]int{}, codes: map[string][]int{}, colours: map[string]bool{}}
		w := walker{d: d, sheet: &s}
		s.err = w.walk(d.content(s.page))
		all = append(all, s)
	}
	return all
}

// content is a page's content, its streams put together.
func (d *document) content(page dict) []byte {
	parts := []any{page["/Contents"]}
	if l := d.list(page["/Contents"]); l != nil {
		parts = l
	}
	var data []byte
	for _, part := range parts {
		if o := d.object(part); o != nil {
			data = append(append(data, o.data...), '\n')
		}
	}
	return data
}

// walker goes through a content stream.
type walker struct {
	d     *document
	sheet *sheet
	open  []string // what is open: "BT", "q", "artifact", "span" or "content"
	font  string   // reference
}

func (w *walker) walk(data []byte) error {
	l := lexer{data: data}
	var operands []any
	for {
		token, err := l.next()
		if errors.Is(err, errEnd) {
			break
		}
		if err != nil {
			return err
		}
		op, isOperator := token.(keyword)
		if !isOperator {
			operands = append(operands, token)
			continue
		}
		if err := w.operator(string(op), operands); err != nil {
			return err
		}
		operands = nil
	}
	if len(w.open) > 0 {
		w.sheet.nesting = append(w.sheet.nesting, "open at the end: "+strings.Join(w.open, " "))
	}
	return nil
}

// The operators by what they do (ISO 32000-1, annex A).
var (
	painting = strings.Fields("f F f* B B* b b* S s sh Do Tj TJ ' \" EI")
	quiet    = strings.Fields("w J j M d ri i cm m l c v y h re n W W* Tc Tw Tz TL Tr Ts Td TD Tm T*")
)

func (w *walker) operator(op string, operands []any) error {
	if slices.Contains(painting, op) && !w.within("artifact") && !w.within("content") {
		w.sheet.unmarked = append(w.sheet.unmarked, op)
	}
	switch op {
	case "BT", "q":
		w.begin(op)
	case "ET":
		w.end(op, "BT")
	case "Q":
		w.end(op, "q")
	case "BMC", "BDC":
		return w.mark(operands)
	case "EMC":
		w.end(op, "artifact", "span", "content")
	case "Tf":
		return w.setFont(operands)
	case "Tj", "TJ":
		return w.show(operands)
	case "Do":
		w.resource("/XObject", operands)
	case "g", "G":
		w.sheet.colours["gray"] = true
	case "rg", "RG":
		w.sheet.colours["rgb"] = true
	case "cs", "CS":
		w.sheet.colours[w.space(operands)] = true
	case "sc", "SC": // a colour of that space
	case "k", "K", "scn", "SCN":
		w.sheet.colours["other"] = true
	case "gs":
		w.resource("/ExtGState", operands)
	default:
		if !slices.Contains(painting, op) && !slices.Contains(quiet, op) {
			w.sheet.unknown = append(w.sheet.unknown, "operator "+op)
		}
	}
	return nil
}

func (w *walker) within(what string) bool { return slices.Contains(w.open, what) }

func (w *walker) begin(what string) {
	if what == "BT" && w.within("BT") || what == "q" && w.within("BT") {
		w.sheet.nesting = append(w.sheet.nesting, what+" in a text object")
	}
	w.open = append(w.open, what)
	depth := 0
	for _, o := range w.open {
		if o == "q" {
			depth++
		}
	}
	w.sheet.depth = max(w.sheet.depth, depth)
}

// end ends what was begun last, which has to be one of these.
func (w *walker) end(op string, whats ...string) {
	n := len(w.open)
	if n == 0 || !slices.Contains(whats, w.open[n-1]) {
		w.sheet.nesting = append(w.sheet.nesting, op+" ends what is not the last begun")
		return
	}
	w.open = w.open[:n-1]
}

func (w *walker) mark(operands []any) error {
	if len(operands) == 0 {
		return errors.New("a marked-content sequence has no tag")
	}
	properties, _ := operands[len(operands)-1].(dict)
	id, numbered := properties["/MCID"].(float64)
	kind := "span"
	switch {
	case operands[0] == name("/Artifact"):
		kind = "artifact"
	case numbered:
		kind = "content"
		w.sheet.mcids[int(id)]++
	}
	if kind != "span" && (w.within("artifact") || w.within("content")) {
		w.sheet.mixed = append(w.sheet.mixed, kind+" within another sequence")
	}
	w.begin(kind)
	return nil
}

func (w *walker) setFont(operands []any) error {
	if len(operands) != 2 {
		return errors.New("Tf has not two operands")
	}
	w.font = fmt.Sprint(w.resource("/Font", operands[:1]))
	return nil
}

// resource is the page's resource of a category that an operand names.
func (w *walker) resource(category string, operands []any) any {
	if len(operands) == 1 {
		if n, ok := operands[0].(name); ok {
			if v := w.d.dict(w.d.dict(w.sheet.page["/Resources"])[category])[string(n)]; v != nil {
				return v
			}
		}
	}
	w.sheet.unknown = append(w.sheet.unknown, "resource in "+category)
	return nil
}

// space is what the colours of a named colour space are: rgb for a palette of
// such (ISO 32000-1, 8.6.6.3), of as many as it says.
func (w *walker) space(operands []any) string {
	palette := w.d.list(w.resource("/ColorSpace", operands))
	if len(palette) == 4 && palette[0] == "/Indexed" && palette[1] == "/DeviceRGB" &&
		float64(w.d.octets(palette[3])) == 3*(w.d.number(palette[2])+1) {
		return "rgb"
	}
	return "other"
}

// show notes the codes that are shown, of two bytes each.
func (w *walker) show(operands []any) error {
	var parts []any
	if len(operands) == 1 {
		if l, ok := operands[0].([]any); ok {
			parts = l
		} else {
			parts = operands
		}
	}
	for _, part := range parts {
		if s, ok := part.([]byte); ok {
			if len(s)%2 != 0 {
				return errors.New("a shown string ends in half a code")
			}
			for i := 0; i < len(s); i += 2 {
				w.sheet.codes[w.font] = append(w.sheet.codes[w.font], int(s[i])<<8|int(s[i+1]))
			}
		}
	}
	return nil
}
