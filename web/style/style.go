// Package style is the ground that the enrolment form and the HR console stand
// on together: colours, type, boxes, forms and tables, written once. Each server
// joins the parts that it needs with those of its own into one stylesheet. It
// holds no colour of a company, and must never get a rule that only one page
// needs. Read [Sheet] first, then the head of 1-ground.css.
package style

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed *.css
var files embed.FS

// Sheet joins the named parts ("1-ground", "7-forms"), in the order of the
// folder whatever the order of the names; without a name it joins all of them.
// It panics if there is no such part: the names stand in code.
func Sheet(parts ...string) []byte {
	sheet, err := Join(files, parts...)
	if err != nil {
		panic(err)
	}
	return sheet
}

// Join is Sheet for the stylesheets at the top of any folder. It fails if a
// named part is not there.
func Join(folder fs.FS, parts ...string) ([]byte, error) {
	names, err := fs.Glob(folder, "*.css")
	if err != nil {
		return nil, fmt.Errorf("list stylesheets: %w", err)
	}
	wanted := make(map[string]bool, len(parts))
	for _, part := range parts {
		wanted[part+".css"] = true
	}
	var all []byte
	for _, name := range names {
		if len(parts) > 0 && !wanted[name] {
			continue
		}
		delete(wanted, name)
		content, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, fmt.Errorf("read stylesheet: %w", err)
		}
		all = append(append(all, content...), '\n')
	}
	for name := range wanted {
		return nil, fmt.Errorf("find stylesheet %s: there is none", strings.TrimSuffix(name, ".css"))
	}
	return all, nil
}
