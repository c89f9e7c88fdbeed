package console

func (s *Server) homeRoutes() []route { return nil }

// OfficeDesk is what these pages ask of the database.
type OfficeDesk interface{}
