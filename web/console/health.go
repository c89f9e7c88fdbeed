package console

func (s *Server) healthRoutes() []route { return nil }
