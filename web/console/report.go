package console

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/payseal/payseal/payroll"
)

// reportPage asks in which form a run's report is taken.
type reportPage struct {
	askPage
	Action string
	Forms  Choices
	StepUp bool
}

// reportForms are the forms in which a report is taken.
var reportForms = []Option{
	{Value: "csv", Name: "The list as CSV", Hint: "Every slip with its state, the relay's code, attempts, fingerprint and Message-ID. No amounts. No cell can be taken for a formula.", Chosen: true},
	{Value: "signed", Name: "The report as PDF, signed, with the list", Hint: "A ZIP with report.pdf, the company's signature of it (report.pdf.asc), and list.csv, whose hash stands in the report."},
}

func (s *Server) reportForm(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := runOf(r)
	if err != nil {
		return err
	}
	if _, err := s.Desk.Run(r.Context(), id); err != nil {
		return err
	}
	path := runPath(id, "report")
	banner, err := s.stepUpBanner(r.Context(), v, path)
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "report", reportPage{
		askPage: askPage{Title: fmt.Sprintf("Report of run %d", id), trail: runTrail(id), stepUp: banner},
		Action:  path, StepUp: banner != nil, Forms: Choices{Name: "form", Legend: "What do you need?", Options: reportForms},
	})
}

// reportWithin is how long a report of a hundred thousand slips may take to be
// sent to a slow reader.
const reportWithin = 10 * time.Minute

// report answers with the file itself. It is kept who took it.
func (s *Server) report(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := runOf(r)
	if err != nil {
		return err
	}
	run, err := s.Desk.Run(r.Context(), id)
	if err != nil {
		return err
	}
	form := r.PostForm.Get("form")
	write, known := map[string]func(context.Context, io.Writer, *payroll.Run, payroll.AdminName) error{"csv": s.writeList, "signed": s.writeSigned}[form]
	if !known {
		return fmt.Errorf("%w: choose the list or the signed report", payroll.ErrInvalid)
	}
	if err := s.Desk.NoteReport(r.Context(), id, v.admin.Name, form, s.Now()); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), reportWithin)
	defer cancel()
	if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(reportWithin)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	kind, name := "text/csv; charset=utf-8", fmt.Sprintf("run-%d-slips.csv", id)
	if form == "signed" {
		kind, name = "application/zip", fmt.Sprintf("run-%d-report.zip", id)
	}
	out := &lateHeader{w: w, kind: kind, name: name}
	if err := write(ctx, out, &run, v.admin.Name); err != nil {
		if out.begun { // the file ends in the middle, so that nobody takes it for whole
			panic(http.ErrAbortHandler)
		}
		return err
	}
	return nil
}

// lateHeader says what comes only once it does, so that an error before it is
// answered with a page.
type lateHeader struct {
	w          http.ResponseWriter
	kind, name string
	begun      bool
}

func (l *lateHeader) Write(b []byte) (int, error) {
	if !l.begun {
		l.begun = true
		l.w.Header().Set("Content-Type", l.kind)
		l.w.Header().Set("Content-Disposition", `attachment; filename="`+l.name+`"`)
	}
	return l.w.Write(b)
}

// byteOrderMark tells spreadsheets that the file is UTF-8.
const byteOrderMark = "\ufeff"

func (s *Server) writeList(ctx context.Context, w io.Writer, run *payroll.Run, _ payroll.AdminName) error {
	return s.writeCSV(ctx, w, run.ID, func(payroll.SlipLine) {})
}

// writeCSV writes every slip of a run as it is read; seen is called with each.
func (s *Server) writeCSV(ctx context.Context, w io.Writer, run payroll.RunID, seen func(payroll.SlipLine)) error {
	domain := s.messageDomain()
	out := csv.NewWriter(w)
	out.UseCRLF = true // RFC 4180
	begun := false
	begin := func() error {
		if begun {
			return nil
		}
		begun = true
		if _, err := io.WriteString(w, byteOrderMark); err != nil {
			return err
		}
		return out.Write(payroll.ReportHeader)
	}
	err := s.Desk.WalkSlips(ctx, run, func(l payroll.SlipLine) error {
		if err := begin(); err != nil {
			return err
		}
		seen(l)
		return out.Write(l.ReportRow(domain))
	})
	if err != nil {
		return fmt.Errorf("write the list: %w", err)
	}
	if err := begin(); err != nil {
		return fmt.Errorf("write the list: %w", err)
	}
	out.Flush()
	return out.Error()
}

// writeSigned writes the list, the report on paper with the list's hash, and the
// company's signature of the report.
func (s *Server) writeSigned(ctx context.Context, w io.Writer, run *payroll.Run, by payroll.AdminName) error {
	now := s.Now().In(s.Company.Zone)
	r := payroll.RunReport{Run: *run, Counts: make(map[payroll.SlipState]int), Made: now, By: by}
	var err error
	if r.Life, err = s.Desk.RunLife(ctx, run.ID); err != nil {
		return err
	}
	archive := zip.NewWriter(w)
	list, err := entryOf(archive, "list.csv", now)
	if err != nil {
		return err
	}
	sum := sha256.New()
	if err := s.writeCSV(ctx, io.MultiWriter(list, sum), run.ID, func(l payroll.SlipLine) { tallySlip(&r, l) }); err != nil {
		return err
	}
	r.CSV = hex.EncodeToString(sum.Sum(nil))
	pdf, err := s.Letterhead().Report(r)
	if err != nil {
		return err
	}
	signature, err := s.Signer.SignDetached(pdf)
	if err != nil {
		return err
	}
	for _, file := range []struct {
		name    string
		content []byte
	}{{"report.pdf", pdf}, {"report.pdf.asc", signature}} {
		entry, err := entryOf(archive, file.name, now)
		if err != nil {
			return err
		}
		if _, err := entry.Write(file.content); err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
	}
	return archive.Close()
}

func entryOf(archive *zip.Writer, name string, at time.Time) (io.Writer, error) {
	entry, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: at})
	if err != nil {
		return nil, fmt.Errorf("write the report: %w", err)
	}
	return entry, nil
}

// tallySlip counts a slip for the report, and lists it if the relay has not
// accepted it.
func tallySlip(r *payroll.RunReport, l payroll.SlipLine) {
	r.Counts[l.State]++
	if l.State == payroll.SlipAccepted {
		return
	}
	if len(r.Unaccepted) == payroll.ReportLines {
		r.More++
		return
	}
	r.Unaccepted = append(r.Unaccepted, l)
}
