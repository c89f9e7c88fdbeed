package console

import (
	"net/http"
)

// inviteAll asks before everyone is written to who has no certificate.
func (s *Server) inviteAll(w http.ResponseWriter, r *http.Request, v *visit) error {
	n, err := s.Desk.CountUninvited(r.Context())
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "people_invite", inviteData{N: n, Confirm: Confirm{
		ID: "invite", Action: "/people/invite", Title: "Invite " + people(n) + "?",
		Points: []string{
			"Everyone gets a mail with a link of their own to the form, where they make a key or hand one in.",
			"It goes to those who have no certificate in use, are not on paper and have not left.",
			"Whoever has an invitation that still waits to be sent gets no second one. Whoever was invited before and did nothing is reminded by it.",
		},
		Button: "Invite " + people(n), Cancel: "/people",
	}})
}

// inviteData is what people_invite.html shows.
type inviteData struct {
	N       int
	Confirm Confirm
}

func (inviteData) frame(f *Frame) { f.Trail = []Link{{Name: "People", Href: "/people"}} }

func (s *Server) inviteAllNow(w http.ResponseWriter, r *http.Request, v *visit) error {
	invited, err := s.Desk.InviteEmployees(r.Context(), nil, v.admin.Name)
	if err != nil {
		return err
	}
	if len(invited) == 0 {
		return redirect(w, r, "/people", "nobody-invited")
	}
	return redirect(w, r, "/people", "invited")
}
