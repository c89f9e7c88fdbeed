package web

import (
	"embed"
	"io/fs"
)

//go:embed all:static
var bundleFiles embed.FS

// bundle is the folder of the built scripts.
func bundle() fs.FS {
	folder, err := fs.Sub(bundleFiles, "static")
	if err != nil {
		panic(err)
	}
	return folder
}

// browserRoutes are the pages that need a script.
func (s *Server) browserRoutes() []route { return nil }
