package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/intake"
)

// intakeFlags are the options by which a person decides what a payroll file does
// not say. `runs check` and `runs import` have the same.
type intakeFlags struct {
	mapping, period, currency   string
	encoding, separator, sheet  string
	decimal                     string
	headerRow                   int
	allowNegative               bool
	rosterPath, rosterMapping   string
	rosterEncoding, rosterSheet string
}

func (f *intakeFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.mapping, "map", "", "mapping file (TOML): which header stands for which column")
	flags.StringVar(&f.period, "period", "", "month that is paid for, such as 2026-10")
	flags.StringVar(&f.currency, "currency", "", "currency of the run, such as EUR")
	flags.StringVar(&f.decimal, "decimal", "", "point (1,234.56) or comma (1.234,56), where the file does not show it")
	flags.StringVar(&f.encoding, "encoding", "", "utf-8 or windows-1252, where the file is not UTF-8 or UTF-16")
	flags.StringVar(&f.separator, "separator", "", "comma, semicolon or tab, where the header does not show it")
	flags.StringVar(&f.sheet, "sheet", "", "name of the worksheet, where several have data")
	flags.IntVar(&f.headerRow, "header-row", 0, "row of the headers, where something else stands above them")
	flags.BoolVar(&f.allowNegative, "allow-negative", false, "slips with pay below zero are right")
}

func (f *intakeFlags) addRoster(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.rosterPath, "roster", "", "file of employees to compare with (at least employee_id, name, email)")
	flags.StringVar(&f.rosterMapping, "roster-map", "", "mapping file (TOML) for the roster's headers")
	flags.StringVar(&f.rosterEncoding, "roster-encoding", "", "utf-8 or windows-1252, for the roster")
	flags.StringVar(&f.rosterSheet, "roster-sheet", "", "name of the roster's worksheet, where several have data")
}

// options turns the flags into what the intake room takes. The roster stays to
// be filled in.
func (f *intakeFlags) options() (o intake.Options, err error) {
	o.AllowNegative = f.allowNegative
	o.Reading = intake.Reading{Encoding: f.encoding, Separator: f.separator, Sheet: f.sheet, Decimal: intake.Decimal(f.decimal), HeaderRow: f.headerRow}
	if err := o.Reading.Check(); err != nil {
		return o, usageError{err}
	}
	if f.period != "" {
		if o.Period, err = payroll.ParsePeriod(f.period); err != nil {
			return o, usageError{fmt.Errorf("--period: %w", err)}
		}
	}
	if f.currency != "" {
		if o.Currency, err = payroll.ParseCurrency(f.currency); err != nil {
			return o, usageError{fmt.Errorf("--currency: %w", err)}
		}
	}
	o.Mapping, err = readMapping(f.mapping, intake.ParseMapping)
	return o, err
}

func readMapping(path string, parse func([]byte) (intake.Mapping, error)) (intake.Mapping, error) {
	if path == "" {
		return intake.Mapping{}, nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return intake.Mapping{}, fmt.Errorf("read mapping: %w", err)
	}
	mapping, err := parse(content)
	if err != nil {
		return mapping, usageError{fmt.Errorf("%s: %w", path, err)}
	}
	return mapping, nil
}

// maxPipe bounds what is read from something that is no regular file.
const maxPipe = 64 << 20

// openIntakeFile opens a file to be read by the intake room, which may read it
// more than once. The caller calls close.
func openIntakeFile(path string) (file intake.File, closeFile func(), err error) {
	opened, err := os.Open(path)
	if err != nil {
		return file, nil, fmt.Errorf("open file: %w", err)
	}
	closeFile = func() { opened.Close() } // only read from
	info, err := opened.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s is a folder; name the files in it", path)
	}
	if err != nil {
		closeFile()
		return file, nil, err
	}
	if info.Mode().IsRegular() {
		return intake.File{Name: path, Content: opened, Size: info.Size()}, closeFile, nil
	}
	content, err := io.ReadAll(io.LimitReader(opened, maxPipe))
	if err != nil || len(content) == maxPipe {
		closeFile()
		return file, nil, fmt.Errorf("read %s: more than %d MB through a pipe, or broken: %w", path, maxPipe>>20, cmp.Or(err, io.ErrShortBuffer))
	}
	return intake.NewFile(path, content), closeFile, nil
}

// readRoster reads the employees of --roster. A roster that is not accepted
// makes every file refused: nobody in it can be trusted.
func (f *intakeFlags) readRoster() (roster *intake.Roster, refused *checkedRun, err error) {
	if f.rosterPath == "" {
		return nil, nil, nil
	}
	mapping, err := readMapping(f.rosterMapping, intake.ParseEmployeeMapping)
	if err != nil {
		return nil, nil, err
	}
	reading := intake.Reading{Encoding: f.rosterEncoding, Sheet: f.rosterSheet}
	if err := reading.Check(); err != nil {
		return nil, nil, usageError{err}
	}
	file, closeFile, err := openIntakeFile(f.rosterPath)
	if err != nil {
		return nil, nil, err
	}
	defer closeFile()
	result := intake.ParseEmployees(file, intake.EmployeeOptions{Mapping: mapping, Reading: reading})
	if result.Verdict() != payroll.VerdictAccept {
		return nil, &checkedRun{File: f.rosterPath, Verdict: result.Verdict(), Totals: noTotals(), Findings: result.Findings}, nil
	}
	return intake.NewRoster(result.Employees), nil, nil
}

// checkedRun is the answer about one file.
type checkedRun struct {
	File     string            `json:"file"`
	Verdict  payroll.Verdict   `json:"verdict"`
	Slips    int               `json:"slips"`
	Totals   intake.Totals     `json:"totals"`
	Findings []payroll.Finding `json:"findings"`
}

func newRunsCheck(a *app) *cobra.Command {
	var flags intakeFlags
	cmd := &cobra.Command{
		Use:   "check [--roster FILE] [--map FILE] FILE...",
		Short: "Check payroll files without a database and say what is wrong with them",
		Long: "Check payroll files (CSV or XLSX) and say for each, by row and column, what is\n" +
			"wrong and how to mend it. The verdict of a file is accept, ask (a person must\n" +
			"decide something; the finding names the option that decides it) or refuse.\n\n" +
			"Columns by header: employee_id and net are needed; name, email, period, currency,\n" +
			"gross, deductions, earning:LABEL, deduction:LABEL, employer:LABEL, tax:LABEL,\n" +
			"ytd:COLUMN, rate:LABEL, base:LABEL, hours:LABEL, leave:LABEL, field:NAME, info:LABEL\n" +
			"and note are used. A mapping file (--map) says which headers of your own stand for\n" +
			"them:\n\n" +
			"  employee_id = \"Personalnummer\"\n" +
			"  net = \"Auszahlung\"\n" +
			"  ignore = [\"Kostenstelle\"]\n" +
			"  [earning]\n" +
			"  \"Basic salary\" = \"Grundgehalt\"\n" +
			"  [reading]\n" +
			"  decimal = \"comma\"\n" +
			"  currency = \"EUR\"\n\n" +
			"Exit codes: 0 all files accepted, 1 otherwise, 2 wrong usage, 3 a file cannot be\n" +
			"read (the others are checked all the same) or something broke.",
		Args: atLeastOne("FILE..."),
		RunE: func(cmd *cobra.Command, args []string) error { return a.checkRuns(cmd, &flags, args) },
	}
	flags.add(cmd)
	flags.addRoster(cmd)
	return cmd
}

// checkMemory is what the check of a file of any size stays under, for the most
// part; the collector works harder when it comes near.
const checkMemory = 160 << 20

// checkRuns checks every file, also behind one that cannot be read.
func (a *app) checkRuns(cmd *cobra.Command, flags *intakeFlags, paths []string) error {
	debug.SetMemoryLimit(checkMemory)
	o, err := flags.options()
	if err != nil {
		return err
	}
	roster, refused, err := flags.readRoster()
	if err == nil && refused != nil {
		err = a.sayRoster(cmd.OutOrStdout(), *refused)
	}
	if err != nil {
		return err
	}
	o.Roster = roster
	settings, err := a.config()
	if err != nil {
		return err
	}
	letterhead, err := openBlankLetterhead(settings.Company)
	if err != nil {
		return err
	}
	o.CheckSlip = letterhead.Check
	var broken, answer error
	for _, path := range paths {
		checked := refusedRoster(path)
		if refused == nil {
			if checked, err = checkRun(path, o); err != nil {
				if broken != nil {
					fmt.Fprintln(cmd.ErrOrStderr(), "payseal:", broken)
				}
				broken = err
				continue
			}
		}
		if checked.Verdict != payroll.VerdictAccept {
			answer = errNo
		}
		if err := a.sayChecked(cmd.OutOrStdout(), checked); err != nil {
			return err
		}
	}
	return cmp.Or(broken, answer)
}

// checkRun reads one file in flat memory.
func checkRun(path string, o intake.Options) (checkedRun, error) {
	file, closeFile, err := openIntakeFile(path)
	if err != nil {
		return checkedRun{}, err
	}
	defer closeFile()
	result, err := intake.Scan(file, o, nil)
	if err != nil {
		return checkedRun{}, fmt.Errorf("check %s: %w", path, err)
	}
	return checkedRun{File: path, Verdict: result.Verdict(), Slips: result.Count, Totals: result.Totals, Findings: result.Findings}, nil
}

func refusedRoster(path string) checkedRun {
	return checkedRun{File: path, Verdict: payroll.VerdictRefuse, Totals: noTotals(),
		Findings: []payroll.Finding{{Severity: payroll.SeverityError, Code: "roster_refused",
			Message: "the roster itself is not accepted, so no employee can be compared; mend it first, its findings stand above (--roster-map, --roster-encoding and --roster-sheet say how to read it)"}}}
}

func noTotals() intake.Totals { return intake.Totals{Columns: []intake.ColumnTotal{}} }

// sayRoster prints what is wrong with the roster: for programs a line like that
// of a payroll file, before theirs.
func (a *app) sayRoster(w io.Writer, refused checkedRun) error {
	if a.json {
		return printJSON(w, refused)
	}
	return printFindings(w, refused.File, refused.Findings)
}

func (a *app) sayChecked(w io.Writer, checked checkedRun) error {
	if a.json {
		return printJSON(w, checked)
	}
	if err := printFindings(w, checked.File, checked.Findings); err != nil {
		return err
	}
	slips := strconv.Itoa(checked.Slips) + " slips"
	if checked.Slips == 1 {
		slips = "1 slip"
	}
	line := checked.File + ": " + string(checked.Verdict) + ", " + slips
	if checked.Totals.Net != "" {
		line += strings.TrimRight(", net "+checked.Totals.Net+" "+string(checked.Totals.Currency), " ")
	}
	if _, err := fmt.Fprintln(w, line); err != nil {
		return fmt.Errorf("print verdict: %w", err)
	}
	return nil
}

// printFindings lists findings for people: where, what, and how to mend it.
func printFindings(w io.Writer, path string, findings []payroll.Finding) error {
	if len(findings) == 0 {
		return nil
	}
	rows := make([][]string, len(findings))
	for i, f := range findings {
		row := "-"
		if f.Row > 0 {
			row = strconv.Itoa(f.Row)
		}
		rows[i] = []string{string(f.Severity), row, cmp.Or(f.Column, "-"), f.Code, f.Message}
	}
	if _, err := fmt.Fprintln(w, path); err != nil {
		return fmt.Errorf("print findings: %w", err)
	}
	return printTable(w, []string{"SEVERITY", "ROW", "COLUMN", "CODE", "WHAT TO DO"}, rows)
}
