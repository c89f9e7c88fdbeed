package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/intake"
	"github.com/payseal/payseal/web/door"
)

func uploadOperations() []operation {
	return []operation{
		tells(operation{as: "GET /runs/new", method: "GET", path: "/uploads", scope: payroll.ScopeRuns, id: "uploads", tag: "uploads", summary: "One's own files that wait to become runs"},
			func(c *caller, ctx context.Context, _ *apiNothing) (apiList[payroll.Upload], error) {
				all, err := c.Desk.Uploads(ctx, c.by())
				return partOf(all, ""), err
			}),
		tells(operation{as: "POST /runs/new", method: "POST", path: "/uploads", scope: payroll.ScopeRuns, file: true, body: intake.MaxFileBytes, id: "upload", tag: "uploads", summary: "Hand in a payroll file",
			about: "CSV or XLSX. It is sealed as it comes in, seen by its owner alone, and gone after two days or once it is a run. Repeating it makes a second upload, which does no harm: one file becomes one run."}, (*caller).takeUpload),
		tells(operation{as: "GET /uploads/{id}", method: "GET", path: "/uploads/{upload}", scope: payroll.ScopeRuns, id: "get-upload", tag: "uploads", summary: "What was found in the file, as it is read",
			about: "The file is read beside the request: while state is reading, ask again. The rows and the sums are there for tokens that may see amounts."}, (*caller).upload),
		tells(operation{as: "POST /uploads/{id}", method: "PUT", path: "/uploads/{upload}/reading", scope: payroll.ScopeRuns, id: "put-reading", tag: "uploads", summary: "Say how the file is to be read",
			about: "Without columns a source that is known brings those of its last file."}, (*caller).putUploadReading),
		does(operation{as: "POST /uploads/{id}/again", method: "POST", path: "/uploads/{upload}/again", scope: payroll.ScopeRuns, id: "read-again", tag: "uploads", summary: "Read the file anew, for instance after the roster changed"},
			func(c *caller, ctx context.Context, in *OfUpload) error {
				u, err := c.Desk.Upload(ctx, in.Upload, c.by())
				if err == nil {
					c.uploads.forget(u.ID)
				}
				return err
			}),
		does(operation{as: "POST /uploads/{id}/delete", method: "DELETE", path: "/uploads/{upload}", scope: payroll.ScopeRuns, id: "delete-upload", tag: "uploads", summary: "Throw the file away"},
			func(c *caller, ctx context.Context, in *OfUpload) error {
				return c.Desk.DeleteUpload(ctx, in.Upload, c.by())
			}),
		sends(operation{as: "GET /uploads/{id}/bad.csv", method: "GET", path: "/uploads/{upload}/bad.csv", scope: payroll.ScopeAmounts, gives: "text/csv; charset=utf-8", slow: true, id: "bad-rows", tag: "uploads", summary: "The rows that cannot be taken, as a file to mend"},
			func(c *caller, ctx context.Context, in *OfUpload, out io.Writer) error {
				return c.writeBadRows(ctx, in.Upload, c.by(), out)
			}),
		tells(operation{as: "POST /uploads/{id}/import", method: "POST", path: "/uploads/{upload}/import", scope: payroll.ScopeRuns, id: "import-upload", tag: "uploads", summary: "Make a draft of the file",
			about: "Safe to repeat: an upload becomes one run, whose number every repetition gives. The same content is refused a second time while its first run is not void or rejected."}, (*caller).beginUploadImport),
		tells(operation{as: "GET /uploads/{id}/import", method: "GET", path: "/uploads/{upload}/import", scope: payroll.ScopeRuns, id: "get-import", tag: "uploads", summary: "How far the import is, and what run it has become"}, (*caller).uploadImport),
	}
}

func (c *caller) takeUpload(ctx context.Context, _ *apiFile) (payroll.Upload, error) {
	content := &broken{Reader: c.r.Body}
	u, err := c.Desk.StoreUpload(ctx, fileName(c.r), c.by(), content)
	if content.err != nil {
		err = door.BodyError(content.err)
	}
	return u, err
}

// apiReading is how a file is to be read.
type apiReading struct {
	Source     string            `json:"source,omitempty" maxLength:"100" doc:"Where the file comes from; files of one source are read the same way."`
	Sheet      string            `json:"sheet,omitempty" maxLength:"200"`
	Encoding   string            `json:"encoding,omitempty" enum:"utf-8,windows-1252"`
	Separator  string            `json:"separator,omitempty" enum:"comma,semicolon,tab"`
	Decimal    string            `json:"decimal,omitempty" enum:"point,comma"`
	HeaderRow  int               `json:"header_row,omitempty" minimum:"1" doc:"As a spreadsheet counts."`
	Currency   payroll.Currency  `json:"currency,omitempty" maxLength:"3"`
	Columns    map[string]string `json:"columns,omitempty" doc:"The header as it stands in the file, and what the column is: employee_id, net, earning:Basic salary; empty for one that is not used."`
	Period     string            `json:"period,omitempty" pattern:"^[0-9]{4}-[0-9]{2}$"`
	PayDate    string            `json:"pay_date,omitempty" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"`
	Negative   bool              `json:"negative,omitempty" doc:"The slips with negative pay are right."`
	Supplement bool              `json:"supplement,omitempty" doc:"A further payment of a month that is paid already."`
}

func (a apiReading) reading() reading {
	how := reading{
		Source: plainText(a.Source), Sheet: plainText(a.Sheet), Encoding: a.Encoding, Separator: a.Separator, Decimal: a.Decimal, Currency: plainText(string(a.Currency)),
		Period: a.Period, PayDate: a.PayDate, Negative: a.Negative, Supplement: a.Supplement,
	}
	if a.HeaderRow > 0 {
		how.HeaderRow = strconv.Itoa(a.HeaderRow)
	}
	for header, as := range a.Columns {
		if how.Columns == nil {
			how.Columns = make(map[string]string)
		}
		how.Columns[plainText(header)] = plainText(as)
	}
	return how
}

func readingTo(how reading) apiReading {
	row, _ := strconv.Atoi(how.HeaderRow) // 0 for none
	return apiReading{
		Source: how.Source, Sheet: how.Sheet, Encoding: how.Encoding, Separator: how.Separator, Decimal: how.Decimal, HeaderRow: row,
		Currency: payroll.Currency(how.Currency), Columns: how.Columns, Period: how.Period, PayDate: how.PayDate, Negative: how.Negative, Supplement: how.Supplement,
	}
}

type apiPutReading struct {
	OfUpload
	Body apiReading
}

func (c *caller) putUploadReading(ctx context.Context, in *apiPutReading) (a apiUpload, err error) {
	u, err := c.Desk.Upload(ctx, in.Upload, c.by())
	if err != nil {
		return a, err
	}
	before, err := decodeReading(u.Reading)
	if err != nil {
		return a, err
	}
	how := in.Body.reading()
	if how.Columns == nil && how.Source != "" && payroll.CheckSource(how.Source) == nil {
		known, err := c.readingOf(ctx, how.Source)
		if err != nil {
			return a, err
		}
		if known.Columns != nil {
			known.Period, known.PayDate, known.Negative, known.Supplement = how.Period, how.PayDate, how.Negative, how.Supplement
			if before.Corrects != 0 {
				known.Currency = how.Currency
			}
			how = known
		}
	}
	if _, mistakes := how.options(); len(mistakes) > 0 {
		return a, fmt.Errorf("%w: %s", payroll.ErrInvalid, mistakes[0].Text)
	}
	how.Corrects, how.Correction = before.Corrects, before.Correction
	if err := c.Desk.PutReading(ctx, u.ID, c.by(), how.encode()); err != nil {
		return a, err
	}
	return c.upload(ctx, &in.OfUpload)
}

// apiUpload is a file and what was found in it.
type apiUpload struct {
	ID       string            `json:"id"`
	Name     string            `json:"name"`
	Size     int64             `json:"size" doc:"Bytes."`
	SHA256   string            `json:"sha256"`
	State    string            `json:"state" enum:"reading,read,importing,imported"`
	Percent  int               `json:"percent" doc:"How far the reading or the import is."`
	Run      payroll.RunID     `json:"run,omitempty" doc:"What it has become."`
	Reading  apiReading        `json:"reading"`
	Corrects payroll.RunID     `json:"corrects,omitempty" doc:"The run whose slips it takes the place of."`
	Verdict  payroll.Verdict   `json:"verdict,omitempty"`
	Count    int               `json:"count" doc:"Rows of employees."`
	Period   string            `json:"period,omitempty"`
	Currency payroll.Currency  `json:"currency,omitempty"`
	Ready    bool              `json:"ready" doc:"It can be imported as it is."`
	Findings []payroll.Finding `json:"findings" nullable:"false"`
	Headers  []apiHeader       `json:"headers" nullable:"false"`
	Rows     []apiRow          `json:"rows,omitempty" doc:"The first rows, raw and as understood."`
	Sums     []apiSum          `json:"sums,omitempty" doc:"The row of totals, compared."`
}

type (
	apiHeader struct {
		Text string `json:"text"`
		As   string `json:"as" doc:"What it stands for; empty if it is not used."`
	}
	apiRow struct {
		Row   int            `json:"row"`
		Part  intake.RowPart `json:"part"`
		Cells []apiCell      `json:"cells"`
	}
	apiCell struct {
		Raw        string `json:"raw"`
		Understood string `json:"understood"`
		Wrong      bool   `json:"wrong,omitempty"`
	}
	apiSum struct {
		Header     string `json:"header"`
		Stated     string `json:"stated"`
		Sum        string `json:"sum"`
		Difference string `json:"difference"`
		Agrees     bool   `json:"agrees"`
	}
)

func newAPIUpload(u payroll.Upload, how reading, state string, percent int) apiUpload {
	return apiUpload{
		ID: u.ID, Name: u.Name, Size: u.Size, SHA256: u.SHA256, State: state, Percent: percent, Reading: readingTo(how), Corrects: how.Corrects,
		Findings: []payroll.Finding{}, Headers: []apiHeader{},
	}
}

func (c *caller) upload(ctx context.Context, in *OfUpload) (a apiUpload, err error) {
	u, err := c.Desk.Upload(ctx, in.Upload, c.by())
	if err != nil {
		return a, err
	}
	how, err := decodeReading(u.Reading)
	if err != nil {
		return a, err
	}
	if job := c.importOf(u.ID); job != nil && !job.over(ctx, 0) {
		return newAPIUpload(u, how, "importing", job.percent()), nil
	}
	o, _ := how.options()
	at := c.lookAt(ctx, u, how, o)
	if !at.over(ctx, patience) {
		return newAPIUpload(u, how, "reading", at.percent()), nil
	}
	a = newAPIUpload(u, how, "read", 100)
	if at.err == nil {
		a.found(at.looked, c.sees())
		a.Ready = a.Verdict == payroll.VerdictAccept && !o.Period.IsZero() && !o.PayDate.IsZero()
	}
	return a, at.err
}

// found adds what was found. Rows and sums quote the file.
func (a *apiUpload) found(l intake.Looked, sees bool) {
	a.Verdict, a.Count, a.Currency, a.Findings = l.Verdict(), l.Count, l.Currency, l.Findings
	if !l.Period.IsZero() {
		a.Period = l.Period.String()
	}
	for _, h := range l.Headers {
		a.Headers = append(a.Headers, apiHeader{h.Text, h.Canonical})
	}
	if !sees {
		return
	}
	for _, row := range l.First {
		cells := make([]apiCell, len(row.Cells))
		for i, cell := range row.Cells {
			cells[i] = apiCell(cell)
		}
		a.Rows = append(a.Rows, apiRow{row.Row, row.Part, cells})
	}
	for _, sum := range l.Checksums {
		a.Sums = append(a.Sums, apiSum(sum))
	}
}

// apiImport is an import on its way.
type apiImport struct {
	State   string        `json:"state" enum:"importing,imported"`
	Percent int           `json:"percent"`
	Run     payroll.RunID `json:"run,omitempty" doc:"Once it is imported."`
}

func (c *caller) beginUploadImport(ctx context.Context, in *OfUpload) (a apiImport, err error) {
	u, err := c.Desk.Upload(ctx, in.Upload, c.by())
	if errors.Is(err, payroll.ErrNotFound) {
		return c.became(ctx, in.Upload)
	}
	if err != nil {
		return a, err
	}
	how, err := decodeReading(u.Reading)
	if err != nil {
		return a, err
	}
	o, mistakes := how.options()
	if len(mistakes) > 0 || o.Period.IsZero() || o.PayDate.IsZero() {
		return a, fmt.Errorf("%w: say first for which month it is and when it is paid (PUT reading)", payroll.ErrInvalid)
	}
	return c.importState(ctx, c.beginImport(ctx, u, how, o, c.by()), u.ID)
}

func (c *caller) uploadImport(ctx context.Context, in *OfUpload) (a apiImport, err error) {
	u, err := c.Desk.Upload(ctx, in.Upload, c.by())
	if errors.Is(err, payroll.ErrNotFound) {
		return c.became(ctx, in.Upload)
	}
	if err != nil {
		return a, err
	}
	job := c.importOf(u.ID)
	if job == nil {
		return a, fmt.Errorf("%w: nobody has begun to import it", payroll.ErrWrongState)
	}
	return c.importState(ctx, job, u.ID)
}

func (c *caller) importState(ctx context.Context, job *importing, upload string) (apiImport, error) {
	switch {
	case !job.over(ctx, patience):
		return apiImport{"importing", job.percent(), 0}, nil
	case job.err != nil:
		c.dropImport(upload)
		return apiImport{}, job.err
	}
	return apiImport{"imported", 100, job.run}, nil
}

// became is the run that an upload is by now.
func (c *caller) became(ctx context.Context, upload string) (apiImport, error) {
	run, err := c.Desk.RunOfUpload(ctx, upload, c.by())
	if err != nil {
		return apiImport{}, err
	}
	return apiImport{"imported", 100, run}, nil
}

// writeBadRows writes the bad rows of a file as one.
func (s *Server) writeBadRows(ctx context.Context, id string, by payroll.AdminName, w io.Writer) error {
	u, err := s.Desk.Upload(ctx, id, by)
	if err != nil {
		return err
	}
	how, err := decodeReading(u.Reading)
	if err != nil {
		return err
	}
	back, err := s.uploads.turn(ctx)
	if err != nil {
		return err
	}
	defer back()
	at := newWork()
	file, err := s.openUpload(ctx, u, &at)
	if err != nil {
		return err
	}
	employees, err := s.Desk.Employees(ctx)
	if err != nil {
		return err
	}
	o, _ := how.options()
	o.Roster, o.CheckSlip = intake.NewRoster(employees), s.Letterhead().Check
	if _, err := io.WriteString(w, byteOrderMark); err != nil { // or spreadsheet programs take it for another encoding
		return err
	}
	_, err = intake.WriteBadRows(w, file, o)
	return err
}
