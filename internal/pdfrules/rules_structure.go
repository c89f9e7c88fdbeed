package pdfrules

import (
	"fmt"
	"slices"
	"strings"
)

// node is a structure element.
type node struct {
	reference, tag string
	value          dict
	parent         *node
	kids           []*node
	content        []sequence // what of the pages it holds
}

// sequence names a marked-content sequence.
type sequence struct {
	page string
	mcid int
}

// root reads the structure tree; nil if there is none. Elements that stand in
// it twice are read once.
func (d *document) root() *node {
	tree := d.dict(d.catalog()["/StructTreeRoot"])
	if tree == nil {
		return nil
	}
	seen := map[string]bool{}
	root := &node{reference: fmt.Sprint(d.catalog()["/StructTreeRoot"]), value: tree}
	d.grow(root, seen)
	return root
}

func (d *document) grow(n *node, seen map[string]bool) {
	kids := d.list(n.value["/K"])
	if kids == nil && n.value["/K"] != nil {
		kids = []any{n.value["/K"]}
	}
	for _, kid := range kids {
		v := d.dict(kid)
		switch {
		case v == nil:
			n.content = append(n.content, sequence{fmt.Sprint(n.value["/Pg"]), int(d.number(kid))})
		case v["/Type"] == "/MCR":
			n.content = append(n.content, sequence{fmt.Sprint(v["/Pg"]), int(d.number(v["/MCID"]))})
		case !seen[fmt.Sprint(kid)]:
			seen[fmt.Sprint(kid)] = true
			tag, _ := v["/S"].(string)
			child := &node{reference: fmt.Sprint(kid), tag: tag, value: v, parent: n}
			n.kids = append(n.kids, child)
			d.grow(child, seen)
		}
	}
}

// nodes are the elements in the order of reading.
func (d *document) nodes() []*node {
	var all []*node
	var walk func(*node)
	walk = func(n *node) {
		for _, kid := range n.kids {
			all = append(all, kid)
			walk(kid)
		}
	}
	if root := d.root(); root != nil {
		walk(root)
	}
	return all
}

func marked(_ *document, sheets []sheet) []string {
	var faults []string
	for _, s := range sheets {
		faults = append(faults, one(len(s.unmarked) == 0, "page %s paints outside: %s", s.reference, strings.Join(s.unmarked, " "))...)
	}
	return faults
}

func apart(_ *document, sheets []sheet) []string {
	var faults []string
	for _, s := range sheets {
		faults = append(faults, one(len(s.mixed) == 0, "page %s: %s", s.reference, strings.Join(s.mixed, ", "))...)
	}
	return faults
}

func nested(_ *document, sheets []sheet) []string {
	var faults []string
	for _, s := range sheets {
		faults = append(faults, one(len(s.nesting) == 0, "page %s: %s", s.reference, strings.Join(s.nesting, ", "))...)
	}
	return faults
}

// kinds are the standard types that files of ours have, and where they may
// stand; no entry: anywhere but in a table or list.
var kinds = map[string][]string{
	"/Document": {""}, "/Part": nil, "/Sect": nil, "/Div": nil, "/BlockQuote": nil, "/P": nil, "/Span": nil, "/Quote": nil,
	"/Note": nil, "/Figure": nil, "/H1": nil, "/H2": nil, "/H3": nil, "/H4": nil, "/L": nil, "/Table": nil,
	"/Caption": {"/Table", "/L", "/Figure"},
	"/LI":      {"/L"}, "/Lbl": {"/LI", "/Note"}, "/LBody": {"/LI"},
	"/THead": {"/Table"}, "/TBody": {"/Table"}, "/TFoot": {"/Table"}, "/TR": {"/Table", "/THead", "/TBody", "/TFoot"},
	"/TH": {"/TR"}, "/TD": {"/TR"},
}

func standardTypes(d *document, _ []sheet) []string {
	var faults []string
	for _, n := range d.nodes() {
		_, known := kinds[n.tag]
		faults = append(faults, one(known, "element %s is of the type %s", n.reference, n.tag)...)
	}
	return append(faults, one(d.dict(d.catalog()["/StructTreeRoot"])["/RoleMap"] == nil, "types are mapped")...)
}

func tree(d *document, _ []sheet) []string {
	root := d.root()
	if root == nil {
		return []string{"there is none"}
	}
	faults := one(len(root.kids) == 1 && root.kids[0].tag == "/Document", "its root is not one Document")
	for _, n := range d.nodes() {
		faults = append(faults, one(n.value["/P"] == n.parent.reference, "element %s names another parent", n.reference)...)
		where := kinds[n.tag]
		parent := n.parent.tag
		strict := slices.Contains([]string{"/L", "/LI", "/Table", "/THead", "/TBody", "/TFoot", "/TR"}, parent)
		well := where == nil && !strict || slices.Contains(where, parent)
		faults = append(faults, one(well, "element %s, %s, stands in %s", n.reference, n.tag, parent)...)
	}
	return faults
}

// parentTree holds the pages' sequences against the elements, both ways.
func parentTree(d *document, sheets []sheet) []string {
	owners := map[sequence]string{}
	var faults []string
	for _, n := range d.nodes() {
		for _, m := range n.content {
			faults = append(faults, one(owners[m] == "", "sequence %v is in two elements", m)...)
			owners[m] = n.reference
		}
	}
	nums := d.list(d.dict(d.dict(d.catalog()["/StructTreeRoot"])["/ParentTree"])["/Nums"])
	parents := map[float64][]any{}
	for i := 0; i+1 < len(nums); i += 2 {
		parents[d.number(nums[i])] = d.list(nums[i+1])
	}
	for _, s := range sheets {
		key, numbered := s.page["/StructParents"].(float64)
		faults = append(faults, one(numbered && len(parents[key]) == len(s.mcids), "page %s has %d sequences, the tree %d", s.reference, len(s.mcids), len(parents[key]))...)
		for mcid, times := range s.mcids {
			m := sequence{s.reference, mcid}
			well := times == 1 && mcid >= 0 && mcid < len(parents[key]) && owners[m] != "" && parents[key][mcid] == owners[m]
			faults = append(faults, one(well, "sequence %v does not lead to its element", m)...)
			delete(owners, m)
		}
	}
	return append(faults, one(len(owners) == 0, "%d sequences of elements are on no page", len(owners))...)
}

func figures(d *document, _ []sheet) []string {
	var faults []string
	for _, n := range d.nodes() {
		if n.tag == "/Figure" {
			a := d.dict(n.value["/A"])
			well := d.text(n.value["/Alt"]) != "" && a["/O"] == "/Layout" && len(d.list(a["/BBox"])) == 4
			faults = append(faults, one(well, "element %s has no alternative text or no place", n.reference)...)
		}
	}
	return faults
}

func headings(d *document, _ []sheet) []string {
	var faults []string
	level := 0
	for _, n := range d.nodes() {
		if len(n.tag) == 3 && n.tag[1] == 'H' && n.tag[2] >= '1' && n.tag[2] <= '6' {
			next := int(n.tag[2] - '0')
			faults = append(faults, one(next <= level+1, "element %s is %s after level %d", n.reference, n.tag, level)...)
			level = next
		}
	}
	return append(faults, one(level > 0, "there is no heading")...)
}

func scopeOfHeaders(d *document, _ []sheet) []string {
	var faults []string
	for _, n := range d.nodes() {
		if n.tag == "/TH" {
			scope := d.dict(n.value["/A"])["/Scope"]
			well := slices.Contains([]any{"/Column", "/Row", "/Both"}, scope) && d.dict(n.value["/A"])["/O"] == "/Table"
			faults = append(faults, one(well, "element %s heads nothing", n.reference)...)
		}
	}
	return faults
}

// tables holds that a table has header cells and rows of the same width.
func tables(d *document, _ []sheet) []string {
	var faults []string
	for _, n := range d.nodes() {
		if n.tag != "/Table" {
			continue
		}
		width, heads := -1, 0
		for _, row := range rows(n) {
			cells := 0
			for _, cell := range row.kids {
				cells += max(1, int(d.number(d.dict(cell.value["/A"])["/ColSpan"])))
				if cell.tag == "/TH" {
					heads++
				}
			}
			faults = append(faults, one(width < 0 || cells == width, "row %s has %d columns after %d", row.reference, cells, width)...)
			width = cells
		}
		faults = append(faults, one(heads > 0, "table %s has no header", n.reference)...)
	}
	return faults
}

func rows(table *node) []*node {
	var all []*node
	for _, n := range table.kids {
		if n.tag == "/TR" {
			all = append(all, n)
		} else {
			all = append(all, rows(n)...)
		}
	}
	return all
}

func lists(d *document, _ []sheet) []string {
	var faults []string
	for _, n := range d.nodes() {
		if n.tag == "/LI" {
			bodies := 0
			for _, kid := range n.kids {
				if kid.tag == "/LBody" {
					bodies++
				}
			}
			faults = append(faults, one(bodies > 0, "item %s has no body", n.reference)...)
		}
	}
	return faults
}

func notes(d *document, _ []sheet) []string {
	known := map[string]any{}
	names := d.list(d.dict(d.dict(d.catalog()["/StructTreeRoot"])["/IDTree"])["/Names"])
	for i := 0; i+1 < len(names); i += 2 {
		known[d.text(names[i])] = names[i+1]
	}
	var faults []string
	for _, n := range d.nodes() {
		if n.tag == "/Note" {
			id := d.text(n.value["/ID"])
			faults = append(faults, one(id != "" && known[id] == n.reference, "note %s has no identifier that leads to it", n.reference)...)
		}
	}
	return faults
}

func tabOrder(d *document, _ []sheet) []string {
	var faults []string
	for _, page := range d.pages() {
		faults = append(faults, one(d.dict(page)["/Tabs"] == "/S", "page %s has not the order of the structure", page)...)
	}
	return faults
}
