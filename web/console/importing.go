package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"time"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/intake"
)

// importDesk is what an import asks of the database.
type importDesk interface {
	CreateRun(ctx context.Context, run payroll.Run, slips iter.Seq2[payroll.Slip, error]) (payroll.RunID, error)
}

// importing is an upload on its way to becoming a draft.
type importing struct {
	work
	run payroll.RunID
	err error
}

// patience is how long a page waits for work before it shows how far it is.
const patience = 900 * time.Millisecond

// importUpload begins the import of an upload, once, and leads to where its
// progress is shown.
func (s *Server) importUpload(w http.ResponseWriter, r *http.Request, v *visit) error {
	u, err := s.Desk.Upload(r.Context(), r.PathValue("id"), v.admin.Name)
	if err != nil {
		return s.becameRun(w, r, v, err)
	}
	how, err := decodeReading(u.Reading)
	if err != nil {
		return err
	}
	o, mistakes := how.options()
	if len(mistakes) > 0 || o.Period.IsZero() || o.PayDate.IsZero() {
		return redirect(w, r, "/uploads/"+u.ID, "upload-incomplete")
	}
	job := s.beginImport(r.Context(), u, how, o, v.admin.Name)
	if job.over(r.Context(), patience) && job.err == nil {
		return redirect(w, r, checkPath(job.run), "run-imported")
	}
	return redirect(w, r, "/uploads/"+u.ID+"/import", "")
}

// beginImport starts an import, unless one of the same upload is under way.
func (s *Server) beginImport(ctx context.Context, u payroll.Upload, how reading, o intake.Options, by payroll.AdminName) *importing {
	s.uploads.mu.Lock()
	defer s.uploads.mu.Unlock()
	if job := s.uploads.imports[u.ID]; job != nil && !(job.over(ctx, 0) && job.err != nil) {
		return job
	}
	if s.uploads.imports == nil {
		s.uploads.imports = make(map[string]*importing)
	}
	for id, job := range s.uploads.imports {
		if time.Since(job.at) > lookKept {
			delete(s.uploads.imports, id)
		}
	}
	job := &importing{work: newWork()}
	s.uploads.imports[u.ID] = job
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
	go func() {
		defer cancel()
		defer close(job.done)
		defer s.caught(&job.err)
		job.run, job.err = s.importFile(ctx, job, u, how, o, by)
		s.uploads.forget(u.ID)
		if job.err != nil && !errors.Is(job.err, errNotAccepted) {
			s.Log.Error("import", "error", job.err)
		}
	}()
	return job
}

// errNotAccepted is said of a file that has findings by now, which its page shows.
var errNotAccepted = fmt.Errorf("%w: the file is not accepted as it is read now; look at what was found", payroll.ErrInvalid)

// importFile reads the file twice: to see that it is accepted, against the roster
// as it is now, and for its slips. Twice as far as the file is long is all.
func (s *Server) importFile(ctx context.Context, job *importing, u payroll.Upload, how reading, o intake.Options, by payroll.AdminName) (payroll.RunID, error) {
	back, err := s.uploads.turn(ctx)
	if err != nil {
		return 0, err
	}
	defer back()
	file, err := s.openUpload(ctx, u, &job.work)
	if err != nil {
		return 0, err
	}
	job.all.Store(2*file.Size + file.Size/4) // then it is compared with the run before
	looked, err := s.readFile(ctx, file, how, &o)
	if err != nil {
		return 0, err
	}
	if looked.Verdict() != payroll.VerdictAccept {
		return 0, errNotAccepted
	}
	job.now.Store(file.Size)
	run, err := s.Desk.CreateRun(ctx, payroll.Run{
		Period: o.Period, PayDate: o.PayDate, Currency: looked.Currency, Supplement: how.Supplement, FileSHA256: u.SHA256, ImportedBy: by,
		Source: how.Source, Upload: u.ID, Variance: s.Policy.Variance, Corrects: how.Corrects, Correction: how.Correction,
	}, slipsOf(file, o, looked.Count, job))
	if err == nil && how.Source != "" {
		err = s.Desk.PutMapping(ctx, how.Source, how.ofSource().encode(), by)
	}
	return run, err
}

// errStopped ends the reading when nobody takes slips any more.
var errStopped = errors.New("the store has given up")

// slipsOf reads the file once more and gives its slips one by one.
func slipsOf(file intake.File, o intake.Options, all int, job *importing) iter.Seq2[payroll.Slip, error] {
	o.CheckSlip = nil // done
	return func(yield func(payroll.Slip, error) bool) {
		done := int64(0)
		_, err := intake.Scan(file, o, func(s payroll.Slip) error {
			done++
			job.now.Store(file.Size + file.Size*done/int64(max(all, 1)))
			if !yield(s, nil) {
				return errStopped
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(payroll.Slip{}, err)
		}
	}
}

// showImport shows how far an import is.
func (s *Server) showImport(w http.ResponseWriter, r *http.Request, v *visit) error {
	u, err := s.Desk.Upload(r.Context(), r.PathValue("id"), v.admin.Name)
	if err != nil {
		return s.becameRun(w, r, v, err)
	}
	job := s.importOf(u.ID)
	switch {
	case job == nil:
		return redirect(w, r, "/uploads/"+u.ID, "")
	case !job.over(r.Context(), patience):
		return s.wait(w, v, u, &job.work, "The draft is being made", "Importing")
	case errors.Is(job.err, errNotAccepted):
		return redirect(w, r, "/uploads/"+u.ID, "upload-not-accepted")
	case job.err != nil:
		s.dropImport(u.ID)
		return job.err
	}
	return redirect(w, r, checkPath(job.run), "run-imported")
}

func (s *Server) importOf(id string) *importing {
	s.uploads.mu.Lock()
	defer s.uploads.mu.Unlock()
	return s.uploads.imports[id]
}

func (s *Server) dropImport(id string) {
	s.uploads.mu.Lock()
	defer s.uploads.mu.Unlock()
	delete(s.uploads.imports, id)
}

// becameRun leads on to the run that an upload has become.
func (s *Server) becameRun(w http.ResponseWriter, r *http.Request, v *visit, err error) error {
	if !errors.Is(err, payroll.ErrNotFound) {
		return err
	}
	run, lost := s.Desk.RunOfUpload(r.Context(), r.PathValue("id"), v.admin.Name)
	if lost != nil {
		return lost
	}
	return redirect(w, r, checkPath(run), "")
}

func checkPath(run payroll.RunID) string { return fmt.Sprintf("/runs/%d/check", run) }

// waitPage is shown while a file is read or imported.
type waitPage struct {
	Title    string
	Upload   payroll.Upload
	Progress Progress
	Poll     string
}

func (p waitPage) frame(f *Frame) {
	f.Trail = []Link{{Name: "Runs", Href: "/runs"}, {Name: "New run", Href: "/runs/new"}}
}

func (s *Server) wait(w http.ResponseWriter, v *visit, u payroll.Upload, at *work, title, label string) error {
	percent := at.percent()
	return s.render(w, v, http.StatusOK, "upload-wait", waitPage{Title: title, Upload: u, Poll: "/uploads/" + u.ID + "/progress", Progress: Progress{
		ID: "progress", Label: label, Done: percent, All: 100, Text: percentWords(percent), Said: percentWords(percent), Live: true,
	}})
}

func percentWords(percent int) string { return fmt.Sprintf("%d percent", percent) }

// progress is how far a file is, for the page's script.
type progress struct {
	Done int    `json:"done"`
	All  int    `json:"all"`
	Text string `json:"text"`
	To   string `json:"to,omitempty"` // where to go now; "" while it lasts
}

func (s *Server) uploadProgress(w http.ResponseWriter, r *http.Request, v *visit) error {
	id := r.PathValue("id")
	u, err := s.Desk.Upload(r.Context(), id, v.admin.Name)
	if err != nil && !errors.Is(err, payroll.ErrNotFound) {
		return err
	}
	answer := progress{All: 100, To: "/uploads/" + id}
	if job := s.importOf(id); job != nil && err == nil {
		answer.To = "/uploads/" + id + "/import"
		answer.add(r.Context(), &job.work)
	} else if err == nil {
		how, err := decodeReading(u.Reading)
		if err != nil {
			return err
		}
		o, _ := how.options()
		answer.add(r.Context(), &s.lookAt(r.Context(), u, how, o).work)
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(answer)
}

func (p *progress) add(ctx context.Context, at *work) {
	if !at.over(ctx, 0) {
		p.To, p.Done = "", at.percent()
	}
	p.Text = percentWords(p.Done)
}
