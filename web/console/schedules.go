package console

func (s *Server) scheduleRoutes() []route { return nil }
