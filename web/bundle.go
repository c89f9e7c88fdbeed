package web

import (
	"errors"
	"html/template"
	"slices"

	"github.com/payseal/payseal/web/browser"
)

// The files of the bundle. OpenPGP.js is one of its own, which the scripts import
// by this name.
const (
	openPGPFile     = "openpgp.min.mjs"
	makeKeyScript   = "make-key.js"
	checkMailScript = "check-mail.js"
	vouchScript     = "vouch.js"
	licencesFile    = "LICENSES.txt"
)

// Bundle reports whether the program was built with the scripts that run in the
// browser: `make bundle` makes them, from npm's packages. Without them, making a
// key, checking a mail and signing for a new certificate in the browser are not
// offered; all else works.
func Bundle() bool {
	return browser.Has(openPGPFile, makeKeyScript, checkMailScript, vouchScript, licencesFile)
}

// scriptNames are the scripts that a page may load.
func scriptNames() []string { return []string{makeKeyScript, checkMailScript, vouchScript} }

// script is what a page puts where it wants one of the bundle's scripts: the
// script as a module, and before it OpenPGP.js, which the script imports. Both
// name the hash that their contents must have. In a program without the bundle
// it is nothing.
func (s *Server) script(name string) template.HTML {
	if !Bundle() || !slices.Contains(scriptNames(), name) {
		return ""
	}
	library, libraryErr := s.shelf.Integrity(openPGPFile)
	path, pathErr := s.shelf.Path(name)
	hash, hashErr := s.shelf.Integrity(name)
	if errors.Join(libraryErr, pathErr, hashErr) != nil {
		return ""
	}
	return template.HTML(`<link rel="modulepreload" href="/static/` + openPGPFile + `" integrity="` + library + `">` + "\n" + //nolint:gosec // made of our own file names and of hashes
		`<script type="module" src="` + path + `" integrity="` + hash + `"></script>`)
}
