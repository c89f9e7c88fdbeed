package web

// publicRoutes are the pages for everybody.
func (s *Server) publicRoutes() []route { return nil }
