package web

// manageRoutes are the pages for those who are enrolled.
func (s *Server) manageRoutes() []route { return nil }
