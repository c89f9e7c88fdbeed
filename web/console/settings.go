package console

func (s *Server) settingsRoutes() []route { return nil }
