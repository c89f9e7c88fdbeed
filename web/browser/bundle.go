// Package browser holds the scripts that run in browsers, as `make bundle` built
// them from src and npm's packages. A program that was built without them works,
// but for what a browser alone can do. It has one function to read: [Files].
package browser

import (
	"embed"
	"io/fs"
)

//go:embed dist
var dist embed.FS

// Placeholder stands in the folder, so that a program builds without the bundle.
const Placeholder = "README.txt"

// Files is the folder of the built scripts.
func Files() fs.FS {
	folder, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the name is no path
	}
	return folder
}

// Has reports whether every one of the scripts was built.
func Has(names ...string) bool {
	for _, name := range names {
		if info, err := fs.Stat(Files(), name); err != nil || info.IsDir() {
			return false
		}
	}
	return true
}
