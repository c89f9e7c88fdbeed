package web

import (
	"errors"
	"net/http"
	"slices"

	"github.com/payseal/payseal/payroll"
)

// specimenPage sends test slips and asks what became of them.
type specimenPage struct {
	Climb   climb
	Enrolee payroll.Enrolee
	Tried   payroll.MailProfile // in full words: how the last one was made, or the next one will be
	Before  bool                // one was sent or answered before
	Choices []payroll.Seen
	Mistake string
}

// allSeen are the answers that can be given, in the order of the page.
var allSeen = []payroll.Seen{payroll.SeenGood, payroll.SeenOpened, payroll.SeenAttachments, payroll.SeenNothing}

func (s *Server) specimen(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.showSpecimen(w, r, v, http.StatusOK, "")
}

func (s *Server) showSpecimen(w http.ResponseWriter, r *http.Request, v *visit, status int, mistake string) error {
	e, c, moved, err := s.onRung(w, r, v, proven)
	if err != nil || moved {
		return err
	}
	return s.render(w, v, status, "specimen", specimenPage{
		Climb: s.climbAt(rungSpecimen, c), Enrolee: e, Tried: s.inFull(e.Profile), Choices: allSeen, Mistake: mistake,
		Before: e.SpecimenSent != nil || e.Seen != "",
	})
}

// inFull is a profile with the company's defaults written out.
func (s *Server) inFull(p payroll.MailProfile) payroll.MailProfile {
	if p.Structure == "" {
		p.Structure = s.Structure
	}
	if p.Presentation == "" {
		p.Presentation = payroll.PresentationInline
	}
	return p
}

// requestSpecimen sends a test slip as the employee's slips will be sent.
func (s *Server) requestSpecimen(w http.ResponseWriter, r *http.Request, v *visit) error {
	e, c, moved, err := s.onRung(w, r, v, proven)
	if err != nil || moved {
		return err
	}
	return s.sendSpecimen(w, r, v, e.Number, c.Fingerprint, s.inFull(e.Profile))
}

func (s *Server) sendSpecimen(w http.ResponseWriter, r *http.Request, v *visit, number payroll.EmployeeNumber, f payroll.Fingerprint, p payroll.MailProfile) error {
	err := s.Desk.RequestSpecimen(r.Context(), number, f, p)
	if errors.Is(err, payroll.ErrTooMany) {
		return s.showSpecimen(w, r, v, http.StatusTooManyRequests, "too_many")
	}
	if err != nil {
		return err
	}
	return redirect(w, r, v, "/specimen")
}

// seen takes what the employee saw. If another way of sending may do better, a
// test slip goes out that way at once; the same answer to both ways ends it. An
// answer about a way that is not the last one any more is old, and counts not.
func (s *Server) seen(w http.ResponseWriter, r *http.Request, v *visit) error {
	e, c, moved, err := s.onRung(w, r, v, proven)
	if err != nil || moved {
		return err
	}
	answer, tried := payroll.Seen(r.PostFormValue("seen")), s.inFull(e.Profile)
	if !slices.Contains(allSeen, answer) {
		return s.showSpecimen(w, r, v, http.StatusUnprocessableEntity, "no_answer")
	}
	if r.PostFormValue("structure") != tried.Structure || r.PostFormValue("presentation") != tried.Presentation {
		return redirect(w, r, v, "/specimen")
	}
	next, change := answer.Next(tried, s.Structure)
	again := change && answer != e.Seen
	switch {
	case !again && answer == payroll.SeenNothing:
		next = payroll.MailProfile{} // neither way arrives; HR has to look
	case !again:
		next = tried
	}
	if err := s.Desk.PutSeen(r.Context(), e.Number, answer, next); err != nil {
		return err
	}
	if again {
		return s.sendSpecimen(w, r, v, e.Number, c.Fingerprint, next)
	}
	return redirect(w, r, v, "/done")
}
