package web

// guideRoutes are the guides to mail programs.
func (s *Server) guideRoutes() []route { return nil }
