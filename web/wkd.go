package web

// wkdRoutes are the Web Key Directory.
func (s *Server) wkdRoutes() []route { return nil }
