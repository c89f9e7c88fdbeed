package console

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/intake"
	"github.com/payseal/payseal/web/door"
)

func (s *Server) uploadRoutes() []route {
	return []route{
		{method: "GET", path: "/runs/new", handle: s.newRun, roles: makers},
		{method: "POST", path: "/runs/new", handle: s.upload, roles: makers, upload: true, body: intake.MaxFileBytes + 1<<20, rate: rateLoad},
		{method: "GET", path: "/uploads/{id}", handle: s.showUpload, roles: makers},
		{method: "POST", path: "/uploads/{id}", handle: s.putReading, roles: makers, body: 1 << 20},
		{method: "POST", path: "/uploads/{id}/again", handle: s.readAgain, roles: makers, rate: rateAsk},
		{method: "POST", path: "/uploads/{id}/delete", handle: s.deleteUpload, roles: makers},
		{method: "GET", path: "/uploads/{id}/progress", handle: s.uploadProgress, roles: makers},
		{method: "GET", path: "/uploads/{id}/bad.csv", handle: s.badRows, roles: makers, stream: true, rate: rateAsk},
		{method: "GET", path: "/uploads/{id}/import", handle: s.showImport, roles: makers},
		{method: "POST", path: "/uploads/{id}/import", handle: s.importUpload, roles: makers, rate: rateAsk},
		{method: "GET", path: "/runs/{id}/check", handle: s.check, roles: makers},
		{method: "POST", path: "/runs/{id}/check/acknowledge", handle: s.acknowledge, roles: makers},
		{method: "POST", path: "/runs/{id}/check/submit", handle: s.submitRun, roles: makers},
		{method: "POST", path: "/runs/{id}/check/void", handle: s.voidDraft, roles: makers},
		{method: "POST", path: "/runs/{id}/check/sample", handle: s.sendSample, roles: makers, rate: rateAsk},
		{method: "GET", path: "/runs/{id}/slips/{number}/page.pdf", handle: s.slipPage, roles: amounts, rate: rateAsk},
	}
}

// UploadDesk is what these pages ask of the database.
type UploadDesk interface {
	// StoreUpload seals a file as it comes in; if content breaks off, nothing is
	// left. Only by can see it afterwards.
	StoreUpload(ctx context.Context, name string, by payroll.AdminName, content io.Reader) (payroll.Upload, error)
	Upload(ctx context.Context, id string, by payroll.AdminName) (payroll.Upload, error)
	Uploads(ctx context.Context, by payroll.AdminName) ([]payroll.Upload, error)
	UploadContent(ctx context.Context, u payroll.Upload) ([]byte, error)
	PutReading(ctx context.Context, id string, by payroll.AdminName, reading []byte) error
	DeleteUpload(ctx context.Context, id string, by payroll.AdminName) error
	// RunOfUpload is the run that an upload has become.
	RunOfUpload(ctx context.Context, id string, by payroll.AdminName) (payroll.RunID, error)

	Sources(ctx context.Context) ([]string, error)
	Mapping(ctx context.Context, source string) ([]byte, error)
	PutMapping(ctx context.Context, source string, reading []byte, by payroll.AdminName) error

	Employees(ctx context.Context) ([]payroll.Employee, error)
	// OverlappingRun is the newest run of the period that pays some of them already,
	// and how many; 0 for none.
	OverlappingRun(ctx context.Context, period payroll.Period, numbers []payroll.EmployeeNumber) (id payroll.RunID, shared int, err error)
	importDesk
	checkDesk
}

type newRunPage struct {
	Drop      Drop
	Source    Field
	NewSource Field
	Waiting   Table
	Script    bool
}

func (newRunPage) frame(f *Frame) { f.Trail = []Link{{Name: "Runs", Href: "/runs"}} }

// newRun shows where a file is dropped, and those that wait to become runs.
func (s *Server) newRun(w http.ResponseWriter, r *http.Request, v *visit) error {
	uploads, err := s.Desk.Uploads(r.Context(), v.admin.Name)
	if err != nil {
		return err
	}
	sources, err := s.Desk.Sources(r.Context())
	if err != nil {
		return err
	}
	page := newRunPage{
		Drop: Drop{Name: "file", Label: "Drop the payroll file here, or choose it", Accept: ".csv,.tsv,.txt,.xlsx", Required: true,
			Hint: "CSV up to 96 MB or an Excel workbook (.xlsx) up to 64 MB. It is sealed as it comes in."},
		NewSource: Field{Name: "new_source", Label: "Or a new source", Optional: true, Max: 100, Hint: "For instance the payroll program and the plant. Next month the columns are known."},
		Waiting:   waitingUploads(uploads),
	}
	if len(sources) > 0 {
		page.Source = Field{Name: "source", Label: "Where the file comes from", Hint: "Files of one source are read the same way.", Options: []Option{{Name: "Nobody said"}}}
		for i, name := range sources {
			page.Source.Options = append(page.Source.Options, Option{Value: name, Name: name, Chosen: i == 0})
		}
	} else {
		page.NewSource.Label = "Where the file comes from"
	}
	return s.render(w, v, http.StatusOK, "run-new", page)
}

func waitingUploads(uploads []payroll.Upload) Table {
	t := Table{Caption: "Files that wait to become a run", Quiet: true, Columns: []Column{{Name: "File"}, {Name: "Size", Number: true}, {Name: "Uploaded"}, {Name: "Throw away", Quiet: true}}}
	for _, u := range uploads {
		t.Rows = append(t.Rows, Row{Cells: []Cell{
			{Text: u.Name, Href: "/uploads/" + u.ID}, {Text: bytesWords(u.Size)}, {At: u.At},
			{Act: &Act{Action: "/uploads/" + u.ID + "/delete", Name: "Throw away", About: u.Name, Icon: "cross"}},
		}})
	}
	return t
}

// upload takes a file in, part by part.
func (s *Server) upload(w http.ResponseWriter, r *http.Request, v *visit) error {
	control := http.NewResponseController(w)
	deadline := time.Now().Add(uploadTimeout)
	if err := errors.Join(control.SetReadDeadline(deadline), control.SetWriteDeadline(deadline.Add(time.Minute))); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	form, err := r.MultipartReader()
	if err != nil {
		return door.ErrNoForm
	}
	u, source, err := s.takeFile(r.Context(), form, v.admin.Name)
	if err != nil {
		return err
	}
	if err := s.rememberSource(r.Context(), u, source, v); err != nil {
		return err
	}
	return redirect(w, r, "/uploads/"+u.ID, "")
}

// takeFile reads the form: the source's name, then the file, which ends it.
func (s *Server) takeFile(ctx context.Context, form *multipart.Reader, by payroll.AdminName) (u payroll.Upload, source string, err error) {
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return u, "", errNoFile
		}
		if err != nil {
			return u, "", door.BodyError(err)
		}
		if part.FormName() != "file" {
			text, err := io.ReadAll(io.LimitReader(part, 1<<10))
			if err != nil {
				return u, "", door.BodyError(err)
			}
			if name := strings.TrimSpace(plainText(string(text))); name != "" && strings.HasSuffix(part.FormName(), "source") {
				source = name
			}
			continue
		}
		if part.FileName() == "" {
			return u, "", errNoFile
		}
		content := &broken{Reader: part}
		u, err := s.Desk.StoreUpload(ctx, part.FileName(), by, content)
		if content.err != nil {
			err = door.BodyError(content.err)
		}
		return u, source, err
	}
}

var errNoFile = errors.Join(payroll.ErrInvalid, errors.New("choose a file first"))

// broken remembers that what it reads broke off.
type broken struct {
	io.Reader
	err error
}

func (b *broken) Read(into []byte) (int, error) {
	n, err := b.Reader.Read(into)
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

// rememberSource reads a new file as the files of its source are read.
func (s *Server) rememberSource(ctx context.Context, u payroll.Upload, source string, v *visit) error {
	if source == "" || payroll.CheckSource(source) != nil {
		return nil //nolint:nilerr // a source that cannot be has nothing to remember; the page says what is wrong
	}
	how, err := s.readingOf(ctx, source)
	if err != nil {
		return err
	}
	return s.Desk.PutReading(ctx, u.ID, v.admin.Name, how.encode())
}

func (s *Server) deleteUpload(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := s.Desk.DeleteUpload(r.Context(), r.PathValue("id"), v.admin.Name); err != nil {
		return err
	}
	return redirect(w, r, "/runs/new", "upload-deleted")
}
