package console

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/intake"
	"github.com/payseal/payseal/web/door"
)

// correctBody is the most bytes of a file with corrected rows, and its form.
const correctBody = intake.MaxFileBytes + 1<<20

// correctPage takes the file with the corrected rows.
type correctPage struct {
	Title    string
	Action   string
	Cancel   string
	Mistakes []Mistake
	Reason   Field
	Drop     Drop
	Run      payroll.Run
}

func (p correctPage) frame(f *Frame) { f.Trail = runTrail(p.Run.ID) }

func newCorrectPage(run payroll.Run) correctPage {
	return correctPage{
		Title: fmt.Sprintf("Correct slips of run %d", run.ID), Action: runPath(run.ID, "correct"), Cancel: runPath(run.ID), Run: run,
		Reason: Field{Name: "reason", Label: "Why are they corrected?", Required: true, Max: 200,
			Hint: "It stands on each corrected slip, as the employee reads it, and in the audit log. No name and no amount."},
		Drop: Drop{Name: "file", Label: "Drop the file with the corrected rows here, or choose it", Accept: ".csv,.tsv,.txt,.xlsx", Required: true,
			Hint: "Only the employees whose slips are corrected, each row complete: a correction takes the whole slip's place."},
	}
}

func (s *Server) correctForm(w http.ResponseWriter, r *http.Request, v *visit) error {
	run, err := s.correctedRun(r)
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "correct", newCorrectPage(run))
}

// correctedRun is the run that the path names, if its slips can be corrected.
func (s *Server) correctedRun(r *http.Request) (payroll.Run, error) {
	id, err := runOf(r)
	if err != nil {
		return payroll.Run{}, err
	}
	run, err := s.Desk.Run(r.Context(), id)
	if err != nil {
		return run, err
	}
	trial := payroll.Run{Period: run.Period, Currency: run.Currency, Correction: "to see whether it can be"}
	return run, trial.MayCorrect(&run)
}

// correct takes the file in, and leads on to where any payroll file is checked.
func (s *Server) correct(w http.ResponseWriter, r *http.Request, v *visit) error {
	run, err := s.correctedRun(r)
	if err != nil {
		return err
	}
	control := http.NewResponseController(w)
	deadline := time.Now().Add(uploadTimeout)
	if err := errors.Join(control.SetReadDeadline(deadline), control.SetWriteDeadline(deadline.Add(time.Minute))); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	form, err := r.MultipartReader()
	if err != nil {
		return door.ErrNoForm
	}
	reason, file, err := correctionForm(form)
	if err != nil {
		return err
	}
	if err := payroll.CheckReason(reason); err != nil {
		page := newCorrectPage(run)
		page.Reason.Value, page.Reason.Error = reason, sentenceOf(err)
		page.Mistakes = []Mistake{{Field: "reason", Text: page.Reason.Error}}
		return s.render(w, v, http.StatusUnprocessableEntity, "correct", page)
	}
	content := &broken{Reader: file}
	u, err := s.Desk.StoreUpload(r.Context(), file.FileName(), v.admin.Name, content)
	if content.err != nil {
		err = door.BodyError(content.err)
	}
	if err != nil {
		return err
	}
	how, err := s.readingOf(r.Context(), run.Source)
	if err != nil {
		return err
	}
	how.correcting(&run, reason)
	if err := s.Desk.PutReading(r.Context(), u.ID, v.admin.Name, how.encode()); err != nil {
		return err
	}
	return redirect(w, r, "/uploads/"+u.ID, "correction-uploaded")
}

// correctionForm reads the form as far as the file, which comes last.
func correctionForm(form *multipart.Reader) (reason string, file *multipart.Part, err error) {
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return "", nil, errNoFile
		}
		if err != nil {
			return "", nil, door.BodyError(err)
		}
		if part.FormName() == "file" {
			if part.FileName() == "" {
				return "", nil, errNoFile
			}
			return reason, part, nil
		}
		text, err := io.ReadAll(io.LimitReader(part, 4<<10))
		if err != nil {
			return "", nil, door.BodyError(err)
		}
		if part.FormName() == "reason" {
			reason = strings.Join(strings.Fields(plainText(string(text))), " ")
		}
	}
}
