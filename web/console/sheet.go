package console

import (
	"embed"

	"github.com/payseal/payseal/web/door"
	"github.com/payseal/payseal/web/style"
)

//go:embed style/*.css
var styleFiles embed.FS

// stylesheet is what the console shares with the form, and then its own; it is
// served as console.css.
func stylesheet() []byte {
	own, err := door.StyleSheet(styleFiles, "style/*.css")
	if err != nil {
		panic(err) // embedded
	}
	return append(style.Sheet(), own...)
}
