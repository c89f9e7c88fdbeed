package console

func (s *Server) callRoutes() []route { return nil }
