package console

func (s *Server) runRoutes() []route { return nil }

// RunDesk is what these pages ask of the database.
type RunDesk interface{}
