package console

// Identity is how admins prove who they are.
type Identity struct{}

func (s *Server) signInRoutes() []route { return nil }
