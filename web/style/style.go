// Package style is the ground that the enrolment form and the HR console stand
// on together: colours, type, boxes, forms and tables, written once. Each server
// joins the parts that it needs with those of its own into one stylesheet. It
// must never get a rule that only one page needs. Read [Sheet] and the head of
// 1-ground.css first.
package style

import (
	"embed"
	"slices"

	"github.com/payseal/payseal/web/door"
)

//go:embed *.css
var files embed.FS

// Favicon is favicon.svg, the mark of both in a browser's tabs.
//
//go:embed favicon.svg
var Favicon []byte

// Sheet joins the named parts ("1-ground", "7-forms") in the order of the
// folder, whatever the order of the names; without a name it joins all of them.
// It panics if there is no such part: the names stand in code.
func Sheet(parts ...string) []byte {
	if len(parts) == 0 {
		parts = []string{"*"}
	}
	var all []byte
	for _, part := range slices.Sorted(slices.Values(parts)) {
		sheet, err := door.StyleSheet(files, part+".css")
		if err != nil {
			panic(err) // embedded
		}
		all = append(all, sheet...)
	}
	return all
}
