package intake

import (
	"errors"
	"fmt"

	"github.com/payseal/payseal/payroll"
)

// maxPerCode is how many findings of one code are listed; the rest are counted.
const maxPerCode = 100

// findings collects remarks about one file. A file with a hundred thousand bad
// rows gets a hundred remarks of each kind and a count, so that memory stays flat.
type findings struct {
	list   []payroll.Finding
	counts map[string]int
	order  []string
	errors int
	heard  func(payroll.Finding) // told of every one, also of those that are only counted; nil for nobody
}

func newFindings() *findings {
	return &findings{list: []payroll.Finding{}, counts: make(map[string]int)}
}

func (f *findings) add(finding payroll.Finding) {
	if finding.Severity == payroll.SeverityError {
		f.errors++
	}
	if f.counts[finding.Code] == 0 {
		f.order = append(f.order, finding.Code)
	}
	f.counts[finding.Code]++
	if f.lists(finding.Code) {
		f.list = append(f.list, finding)
	}
	if f.heard != nil {
		f.heard(finding)
	}
}

// lists reports whether the last finding of that code is listed, not only counted.
func (f *findings) lists(code string) bool { return f.counts[code] <= maxPerCode }

func (f *findings) error(code string, row int, column, message string) {
	f.add(payroll.Finding{Severity: payroll.SeverityError, Code: code, Row: row, Column: column, Message: message})
}

func (f *findings) ask(code string, row int, column, message string) {
	f.add(payroll.Finding{Severity: payroll.SeverityAsk, Code: code, Row: row, Column: column, Message: message})
}

func (f *findings) warn(code string, row int, column, message string) {
	f.add(payroll.Finding{Severity: payroll.SeverityWarning, Code: code, Row: row, Column: column, Message: message})
}

func (f *findings) note(code string, row int, column, message string) {
	f.add(payroll.Finding{Severity: payroll.SeverityNote, Code: code, Row: row, Column: column, Message: message})
}

// fault adds an error that ended the reading, if it is one about the file, and
// gives back what is not.
func (f *findings) fault(err error) error {
	if err == nil {
		return nil
	}
	var trouble fault
	if !errors.As(err, &trouble) {
		return err
	}
	f.add(payroll.Finding(trouble))
	return nil
}

// all is the list with a closing count of what was left off.
func (f *findings) all() []payroll.Finding {
	list := f.list
	for _, code := range f.order {
		if more := f.counts[code] - maxPerCode; more > 0 {
			list = append(list, payroll.Finding{Severity: payroll.SeverityNote, Code: "more_findings",
				Message: fmt.Sprintf("%d more with the code %s, which are not listed; mend these first", more, code)})
		}
	}
	return list
}

// fault is a finding that ends the reading of a file: what comes after it cannot
// be understood.
type fault payroll.Finding

func (f fault) Error() string { return f.Code + ": " + f.Message }

// refuse makes a fault about the whole file.
func refuse(code, message string) fault { return refuseRow(code, 0, message) }

func refuseRow(code string, row int, message string) fault {
	return fault{Severity: payroll.SeverityError, Code: code, Row: row, Message: message}
}

func askFile(code, message string) fault {
	return fault{Severity: payroll.SeverityAsk, Code: code, Message: message}
}
