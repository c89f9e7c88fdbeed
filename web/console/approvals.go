package console

func (s *Server) approvalRoutes() []route { return nil }

// ApprovalDesk is what these pages ask of the database.
type ApprovalDesk interface{}
