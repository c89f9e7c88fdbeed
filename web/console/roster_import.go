package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"sync"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/intake"
	"github.com/payseal/payseal/web/door"
)

func (s *Server) rosterImportRoutes() []route {
	return []route{
		{method: "GET", path: "/people/import", handle: s.importForm, roles: rosterRoles},
		{method: "POST", path: "/people/import", handle: s.takeRoster, roles: rosterRoles, rate: rateLoad, upload: true, body: intake.MaxFileBytes + maxForm},
		{method: "GET", path: "/people/imports/{upload}/preview", handle: s.previewRoster, roles: rosterRoles, rate: rateAsk},
		{method: "POST", path: "/people/imports/{upload}/preview", handle: s.importRoster, roles: rosterRoles, rate: rateLoad},
		{method: "POST", path: "/people/imports/{upload}/reading", handle: s.readRosterSo, roles: rosterRoles, rate: rateAsk},
		{method: "POST", path: "/people/imports/{upload}/discard", handle: s.discardRoster, roles: rosterRoles},
	}
}

// rosterReading is how a file of employees is to be read, as it is kept beside
// it.
type rosterReading struct {
	Encoding  string `json:"encoding,omitempty"`
	Separator string `json:"separator,omitempty"`
	Sheet     string `json:"sheet,omitempty"`
	Mapping   string `json:"mapping,omitempty"` // TOML, as employees import --map takes it
}

// options are what the reader is told; an error is what is wrong with the mapping.
func (r rosterReading) options() (intake.EmployeeOptions, error) {
	o := intake.EmployeeOptions{Reading: intake.Reading{Encoding: r.Encoding, Separator: r.Separator, Sheet: r.Sheet}}
	if err := o.Reading.Check(); err != nil {
		return o, err
	}
	if strings.TrimSpace(r.Mapping) == "" {
		return o, nil
	}
	var err error
	o.Mapping, err = intake.ParseEmployeeMapping([]byte(r.Mapping))
	return o, err
}

// importData is what people_import.html shows.
type importData struct{ Drop Drop }

func (importData) frame(f *Frame) { f.Trail = []Link{{Name: "People", Href: "/people"}} }

func (s *Server) importForm(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.showRosterForm(w, v, http.StatusOK, "")
}

func (s *Server) showRosterForm(w http.ResponseWriter, v *visit, status int, mistake string) error {
	return s.render(w, v, status, "people_import", importData{Drop{
		Name: "file", Label: "The file of HR", Hint: "CSV or XLSX, one row for each employee. It is shown to you before anything is kept.",
		Accept: ".csv,.tsv,.txt,.xlsx", Required: true, Error: mistake,
	}})
}

// takeRoster seals the file as it comes in and leads to what it says.
func (s *Server) takeRoster(w http.ResponseWriter, r *http.Request, v *visit) error {
	parts, err := r.MultipartReader()
	if err != nil {
		return door.ErrNoForm
	}
	part, err := filePart(parts)
	if errors.Is(err, io.EOF) || err == nil && part.FileName() == "" {
		return s.showRosterForm(w, v, http.StatusUnprocessableEntity, "Choose a file first.")
	}
	if err != nil {
		return door.BodyError(err)
	}
	defer part.Close() //nolint:errcheck // read to its end, or given up
	u, err := s.Desk.StoreRosterFile(r.Context(), payroll.FileName(part.FileName()), v.admin.Name, part)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return door.ErrTooLarge
	case err != nil:
		return err
	}
	return redirect(w, r, importPath(u.ID), "")
}

// filePart finds the file among the fields.
func filePart(parts *multipart.Reader) (*multipart.Part, error) {
	for {
		part, err := parts.NextPart()
		if err != nil || part.FormName() == "file" {
			return part, err
		}
	}
}

// rosterFile is an upload that was read, by the way that was written down with it.
type rosterFile struct {
	payroll.Upload
	reading rosterReading
	result  intake.EmployeeResult
	mistake string // what is wrong with the mapping; then nothing was read
}

func (s *Server) readRoster(ctx context.Context, id string, by payroll.AdminName) (f rosterFile, err error) {
	if f.Upload, err = s.Desk.RosterFile(ctx, id, by); err != nil {
		return f, err
	}
	if len(f.Reading) > 0 {
		if err := json.Unmarshal(f.Reading, &f.reading); err != nil {
			return f, fmt.Errorf("decode how the file is read: %w", err)
		}
	}
	o, err := f.reading.options()
	if err != nil {
		f.mistake = strings.TrimPrefix(err.Error(), payroll.ErrInvalid.Error()+": ")
		return f, nil
	}
	content, err := s.Desk.UploadContent(ctx, f.Upload)
	if err != nil {
		return f, err
	}
	f.result = intake.ParseEmployees(intake.NewFile(f.Name, content), o)
	return f, nil
}

// lastRoster is what the file that somebody looked at last would do. It stands
// until the file is read in another way, or anything at all is done.
type lastRoster struct {
	mu    sync.Mutex
	place rosterPlace
	data  rosterData
}

type rosterPlace struct {
	upload, reading string
	head            int64 // of the audit log
}

// of is what was kept for the place, or what find finds. One file is looked into
// at a time: each is read whole.
func (l *lastRoster) of(place rosterPlace, find func() (rosterData, error)) (rosterData, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.place == place {
		return l.data, nil
	}
	d, err := find()
	if err == nil {
		l.place, l.data = place, d
	}
	return d, err
}

// previewRoster shows what is in the file and what it would do, and keeps nothing.
func (s *Server) previewRoster(w http.ResponseWriter, r *http.Request, v *visit) error {
	u, err := s.Desk.RosterFile(r.Context(), r.PathValue("upload"), v.admin.Name)
	if err != nil {
		return err
	}
	last, err := s.Desk.LastAuditEntry(r.Context())
	if err != nil {
		return err
	}
	d, err := s.roster.of(rosterPlace{u.ID, string(u.Reading), last.Sequence}, func() (rosterData, error) {
		return s.wouldDo(r.Context(), u.ID, v)
	})
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "people_preview", d)
}

// wouldDo reads a file and tries it out.
func (s *Server) wouldDo(ctx context.Context, upload string, v *visit) (rosterData, error) {
	f, err := s.readRoster(ctx, upload, v.admin.Name)
	if err != nil {
		return rosterData{}, err
	}
	d := rosterView(f)
	if f.mistake != "" || f.result.Verdict() != payroll.VerdictAccept {
		return d, nil
	}
	change, err := s.Desk.PutEmployees(ctx, f.result.Employees, "file", v.admin.Name, true, f.result.Lacks...)
	if errors.Is(err, payroll.ErrInvalid) {
		d.Refused = strings.TrimPrefix(err.Error(), payroll.ErrInvalid.Error()+": ")
		return d, nil
	}
	if err == nil {
		err = s.changesInto(ctx, &d, f.result, change)
	}
	return d, err
}

// importRoster brings the file into the roster, all of it or nothing.
func (s *Server) importRoster(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := s.readRoster(r.Context(), r.PathValue("upload"), v.admin.Name)
	if err != nil {
		return err
	}
	if f.mistake != "" || f.result.Verdict() != payroll.VerdictAccept {
		return redirect(w, r, importPath(f.ID), "")
	}
	if _, err := s.Desk.PutEmployees(r.Context(), f.result.Employees, "file", v.admin.Name, false, f.result.Lacks...); err != nil {
		return err
	}
	s.census.forget()
	if err := s.Desk.DeleteUpload(r.Context(), f.ID, v.admin.Name); err != nil {
		return err
	}
	return redirect(w, r, "/people", "roster-imported")
}

// readRosterSo keeps how the file is to be read and shows it again.
func (s *Server) readRosterSo(w http.ResponseWriter, r *http.Request, v *visit) error {
	id := r.PathValue("upload")
	if _, err := s.Desk.RosterFile(r.Context(), id, v.admin.Name); err != nil {
		return err
	}
	reading, err := json.Marshal(rosterReading{
		Encoding: r.PostForm.Get("encoding"), Separator: r.PostForm.Get("separator"),
		Sheet: r.PostForm.Get("sheet"), Mapping: r.PostForm.Get("mapping"),
	})
	if err != nil {
		return fmt.Errorf("encode how the file is read: %w", err)
	}
	if err := s.Desk.PutReading(r.Context(), id, v.admin.Name, reading); err != nil {
		return err
	}
	return redirect(w, r, importPath(id), "")
}

func (s *Server) discardRoster(w http.ResponseWriter, r *http.Request, v *visit) error {
	id := r.PathValue("upload")
	if _, err := s.Desk.RosterFile(r.Context(), id, v.admin.Name); err != nil {
		return err
	}
	if err := s.Desk.DeleteUpload(r.Context(), id, v.admin.Name); err != nil {
		return err
	}
	return redirect(w, r, "/people", "roster-discarded")
}

// importPath is where a file is looked at, and taken.
func importPath(id string) string { return "/people/imports/" + id + "/preview" }
