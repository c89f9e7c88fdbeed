package web

// entryRoutes are the ways in: links, and codes sealed to the current certificate.
func (s *Server) entryRoutes() []route { return nil }
