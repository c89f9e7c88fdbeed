package console

import (
	"errors"
	"net/http"
	"strings"
	"unicode"

	"github.com/payseal/payseal/payroll"
)

// ask is a page with one form, for ask.html.
type ask struct {
	Head, Lead string
	Trail      []Link
	Action     string // where the form is posted
	Facts      []Fact // what it is about, above the form
	Points     []string
	Fields     []Field
	Choices    []Choices
	Hidden     []Hidden
	Button     string
	Tone       Tone
	Cancel     string
	Mistakes   []Mistake
	Wanted     bool // a fresh second factor is wanted first: the form is not shown yet
	banner     *StepUp
}

func (a ask) frame(f *Frame) {
	f.Trail, f.StepUp = a.Trail, a.banner
	f.Narrow = true
}

// askStepUp puts the banner over a form that wants a fresh second factor which the
// visitor has not given yet.
func (s *Server) askStepUp(r *http.Request, v *visit, a *ask) error {
	p, err := s.purpose(a.Action)
	if err != nil {
		return err
	}
	has, err := s.Desk.HasStepUp(r.Context(), v.secret, p.Text, payroll.StepUpFresh)
	if err != nil || has {
		return err
	}
	a.Wanted, a.banner = true, &StepUp{Act: p.Act, Href: stepUpPath(p.Text)}
	return nil
}

// wantsStepUp is for routes whose handlers take the fresh second factor themselves,
// so that a slip of the pen in a form does not cost another one: it must be there
// before the form is looked at, and is used up (useStepUp) once the form is right.
func (s *Server) wantsStepUp(r *http.Request, v *visit) error {
	has, err := s.Desk.HasStepUp(r.Context(), v.secret, purposeOf(r), payroll.StepUpFresh)
	if err == nil && !has {
		err = errStepUp
	}
	return err
}

func (s *Server) useStepUp(r *http.Request, v *visit) error {
	return s.stepUpError(s.Desk.TakeStepUp(r.Context(), v.secret, purposeOf(r), payroll.StepUpFresh))
}

// askPage shows a form that wants a fresh second factor.
func (s *Server) askPage(w http.ResponseWriter, r *http.Request, v *visit, a ask) error {
	if err := s.askStepUp(r, v, &a); err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "ask", a)
}

// askAgain shows the form again with what the rules say against it. Other errors
// are the adapter's.
func (s *Server) askAgain(w http.ResponseWriter, v *visit, a ask, err, pageErr error) error {
	if pageErr != nil || !errors.Is(err, payroll.ErrInvalid) && !errors.Is(err, payroll.ErrWrongState) && !errors.Is(err, payroll.ErrNotAllowed) {
		return errors.Join(err, pageErr)
	}
	a.Mistakes = append(a.Mistakes, Mistake{Text: plainly(err)})
	return s.render(w, v, http.StatusUnprocessableEntity, "ask", a)
}

// shown is a page that shows something once, for shown.html.
type shown struct {
	Head, Text string
	Trail      []Link
	Secret     string   // a link or a token
	Code       string   // what is read out or typed
	List       []string // recovery codes
	Points     []string // what to do with it
	Back       string
}

func (p shown) frame(f *Frame) { f.Trail, f.Narrow = p.Trail, true }

// oneLine is what somebody typed into a field of one line: blanks and control
// characters are single blanks.
func oneLine(text string) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	return strings.Join(strings.Fields(clean), " ")
}
