package console

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/payseal/payseal/payroll"
)

func (s *Server) invitePerson(w http.ResponseWriter, r *http.Request, v *visit) error {
	number := numberOf(r)
	invited, err := s.Desk.InviteEmployees(r.Context(), []payroll.EmployeeNumber{number}, v.admin.Name)
	if err != nil {
		return err
	}
	said := "person-invited"
	if len(invited) == 0 {
		said = "invitation-waits"
	}
	return redirect(w, r, personPath(number), said)
}

func (s *Server) remindPerson(w http.ResponseWriter, r *http.Request, v *visit) error {
	number := numberOf(r)
	today := payroll.DateOf(s.Now().In(s.Company.Zone))
	if err := s.Desk.RemindEmployee(r.Context(), number, today, v.admin.Name); err != nil {
		return err
	}
	return redirect(w, r, personPath(number), "person-reminded")
}

// profileData is what person_profile.html shows.
type profileData struct {
	above
	Name                    string
	Action, Cancel          string
	Structure, Presentation Choices
}

// above is the trail of a page below a person's.
type above struct{ trail []Link }

func (a above) frame(f *Frame) { f.Trail = a.trail }

func aboveOf(p payroll.Person) above {
	return above{[]Link{{Name: "People", Href: "/people"}, {Name: p.Name, Href: personPath(p.Number)}}}
}

func (s *Server) profile(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.Desk.Person(r.Context(), numberOf(r))
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "person_profile", profileData{
		above: aboveOf(p), Name: p.Name, Action: personPath(p.Number) + "/profile", Cancel: personPath(p.Number),
		Structure:    choicesOf("structure", "How letter and signature lie in one another", structureOptions, p.Profile.Structure),
		Presentation: choicesOf("presentation", "How the mail program gets it", presentationOptions, p.Profile.Presentation),
	})
}

// What a mail profile may be, in words. "" is the company's default.
var (
	structureOptions = []Option{
		{Value: "", Name: "As the company does it"},
		{Value: payroll.StructureCombined, Name: "Signed and encrypted in one", Hint: "What most programs open."},
		{Value: payroll.StructureNested, Name: "Signed inside, encrypted around it", Hint: "For programs that show no signature otherwise."},
	}
	presentationOptions = []Option{
		{Value: "", Name: "As the company does it"},
		{Value: payroll.PresentationInline, Name: "As an encrypted mail", Hint: "PGP/MIME: the program opens it like any mail."},
		{Value: payroll.PresentationAttachment, Name: "As an ordinary mail with an encrypted file", Hint: "For programs that show attachments only."},
	}
)

func choicesOf(name, legend string, options []Option, chosen string) Choices {
	c := Choices{Name: name, Legend: legend}
	for _, o := range options {
		o.Chosen = o.Value == chosen
		c.Options = append(c.Options, o)
	}
	return c
}

// wordOf is what the chosen value is called.
func wordOf(options []Option, value string) string {
	for _, o := range options {
		if o.Value == value {
			return o.Name
		}
	}
	return value
}

func (s *Server) putProfile(w http.ResponseWriter, r *http.Request, v *visit) error {
	p := payroll.MailProfile{Structure: r.PostForm.Get("structure"), Presentation: r.PostForm.Get("presentation")}
	if wordOf(structureOptions, p.Structure) == p.Structure || wordOf(presentationOptions, p.Presentation) == p.Presentation {
		return fmt.Errorf("%w: there is no such mail profile", payroll.ErrInvalid)
	}
	if err := s.Desk.PutProfile(r.Context(), numberOf(r), p, v.admin.Name); err != nil {
		return err
	}
	return redirect(w, r, personPath(numberOf(r)), "profile-kept")
}

// confirmData is what person_confirm.html shows.
type confirmData struct {
	above
	Title       string
	Fingerprint payroll.Fingerprint // "" for none
	Confirm     Confirm
	stepUp      *StepUp
}

func (d confirmData) frame(f *Frame) {
	d.above.frame(f)
	f.StepUp = d.stepUp
}

func (s *Server) fileAddress(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.Desk.Person(r.Context(), numberOf(r))
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "person_confirm", confirmData{above: aboveOf(p), Title: "Take the address of HR's file", Confirm: Confirm{
		ID: "address", Action: personPath(p.Number) + "/file-address", Title: "Let the next import set the address again?",
		Text: "The employee confirmed the address of today in the form, and it outlives imports whose file still has the one before.",
		Points: []string{
			"Do this if it was not the employee who changed it. Import the file again afterwards: its address counts then, and both addresses are told.",
			"Until then nothing changes.",
		},
		Button: "Let the file count", Cancel: personPath(p.Number),
	}})
}

func (s *Server) forgetAddress(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := s.Desk.ForgetOwnAddress(r.Context(), numberOf(r), v.admin.Name); err != nil {
		return err
	}
	return redirect(w, r, personPath(numberOf(r)), "file-counts")
}

func (s *Server) settleReport(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := strconv.ParseInt(r.PostForm.Get("report"), 10, 64)
	if err != nil {
		return payroll.ErrNotFound
	}
	if err := s.Desk.SettleReport(r.Context(), id, v.admin.Name); err != nil {
		return err
	}
	return redirect(w, r, personPath(numberOf(r)), "report-settled")
}

// certificateOf finds the certificate that the path names, and whose it is.
func (s *Server) certificateOf(r *http.Request) (payroll.StoredCertificate, payroll.Person, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return payroll.StoredCertificate{}, payroll.Person{}, payroll.ErrNotFound
	}
	c, err := s.Desk.Certificate(r.Context(), id)
	if err != nil {
		return c, payroll.Person{}, err
	}
	p, err := s.Desk.Person(r.Context(), c.Employee)
	return c, p, err
}

func (s *Server) endCertificate(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, p, err := s.certificateOf(r)
	if err != nil {
		return err
	}
	ready, err := s.Desk.HasStepUp(r.Context(), v.secret, r.URL.Path, payroll.StepUpFresh)
	if err != nil {
		return err
	}
	d := confirmData{above: aboveOf(p), Title: "End a certificate's use", Fingerprint: c.Fingerprint, Confirm: Confirm{
		ID: "end", Action: r.URL.Path, Title: "End its use, at once and for good?",
		Points: []string{
			"No slip is sealed to it any more. Slips that wait for it are held until the employee has another one.",
			"The company's certification of it is revoked, for others who rely on it.",
			"The employee is told by mail, and needs a new key; this one is never taken again.",
		},
		Reason: true, ReasonHint: "It is kept with the certificate. No amounts, no key material.",
		StepUp: !ready, Button: "End its use", Tone: ToneBad, Cancel: personPath(p.Number),
	}}
	if !ready {
		d.stepUp = &StepUp{Act: "end a certificate's use", Href: stepUpPath(r.URL.Path)}
	}
	return s.render(w, v, http.StatusOK, "person_confirm", d)
}

func (s *Server) endCertificateNow(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, _, err := s.certificateOf(r)
	if err != nil {
		return err
	}
	if err := s.endUseOf(r.Context(), c, r.PostForm.Get("reason"), v.admin.Name); err != nil {
		return err
	}
	return redirect(w, r, personPath(c.Employee), "use-ended")
}
