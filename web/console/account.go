package console

func (s *Server) accountRoutes() []route { return nil }

// AccountDesk is what these pages ask of the database.
type AccountDesk interface{}
