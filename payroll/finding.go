package payroll

import "slices"

// Severity says what a finding means for the file it was found in.
type Severity string

// The severities, from the worst down. An error refuses the file; an ask is
// something that a person must decide, and its message names the option that
// decides it; a warning is worth a look; a note is information.
const (
	SeverityError   Severity = "error"
	SeverityAsk     Severity = "ask"
	SeverityWarning Severity = "warning"
	SeverityNote    Severity = "note"
)

// Finding is one remark about one place in a file. Message says what is wrong
// and how to mend it; it may quote a header, but never an amount, a name or an
// address, so that it can be shown and logged anywhere.
type Finding struct {
	Severity Severity `json:"severity"`
	Code     string   `json:"code"`   // stable, snake_case
	Row      int      `json:"row"`    // as a spreadsheet counts them, from 1; 0: the whole file
	Column   string   `json:"column"` // the header as it stands in the file; "": the whole row
	Message  string   `json:"message"`
}

// Verdict is the answer for a whole file.
type Verdict string

// The verdicts of a file.
const (
	VerdictAccept Verdict = "accept"
	VerdictAsk    Verdict = "ask"
	VerdictRefuse Verdict = "refuse"
)

// VerdictOf is the verdict that the findings add up to.
func VerdictOf(findings []Finding) Verdict {
	has := func(s Severity) bool {
		return slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity == s })
	}
	switch {
	case has(SeverityError):
		return VerdictRefuse
	case has(SeverityAsk):
		return VerdictAsk
	}
	return VerdictAccept
}
