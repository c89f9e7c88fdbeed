package payroll

import (
	"strconv"
	"strings"
	"time"
)

// ReportHeader are the columns of a run's report.
var ReportHeader = []string{
	"employee", "name", "state", "hold", "attempts", "outcome", "phase", "code", "finished", "fingerprint", "message_id", "slip", "supersedes",
}

// ReportRow is a slip in its run's report; domain is that of the Message-IDs. Times
// are UTC, in the form of RFC 3339. No cell can be taken for a formula.
func (l SlipLine) ReportRow(domain string) []string {
	code, finished := "", ""
	if l.Code != 0 {
		code = strconv.Itoa(l.Code)
	}
	if l.FinishedAt != nil {
		finished = l.FinishedAt.UTC().Format(time.RFC3339)
	}
	row := []string{
		string(l.Employee), l.Name, string(l.State), string(l.Hold), strconv.Itoa(l.Attempts), string(l.Outcome), l.Phase, code, finished,
		string(l.Fingerprint), MessageID(l.ID, domain), string(l.ID), string(l.Supersedes),
	}
	for i := range row {
		row[i] = Unformulated(row[i])
	}
	return row
}

// Unformulated is a cell of a CSV file that no spreadsheet takes for a formula: one
// that begins as a formula does gets an apostrophe before it.
func Unformulated(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) || strings.HasPrefix(cell, "＝") || strings.HasPrefix(cell, "＋") ||
		strings.HasPrefix(cell, "－") || strings.HasPrefix(cell, "＠") {
		return "'" + cell
	}
	return cell
}

// RunReport is what a run's report on paper says. The lists are in the order in which
// they are printed.
type RunReport struct {
	Run        Run
	Counts     map[SlipState]int
	Made       time.Time // in the company's zone
	By         AdminName
	CSV        string // SHA-256 of the list as CSV, in hexadecimal
	Life       []AuditEntry
	Unaccepted []SlipLine // of which the relay has not accepted the letter; no more than ReportLines
	More       int        // how many more there are
}

// ReportLines is how many slips a report on paper lists; the CSV has all.
const ReportLines = 1000
