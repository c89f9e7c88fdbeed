package console

func (s *Server) uploadRoutes() []route { return nil }

// UploadDesk is what these pages ask of the database.
type UploadDesk interface{}
