package console

func (s *Server) peopleRoutes() []route { return nil }

// PeopleDesk is what these pages ask of the database.
type PeopleDesk interface{}
