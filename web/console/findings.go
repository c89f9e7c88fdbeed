package console

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/payseal/payseal/payroll"
)

// findingGroup is what was found of one severity.
type findingGroup struct {
	Chip  Chip
	ID    string
	Title string
	Items []findingItem
}

// findingItem is one thing that was found, in however many rows.
type findingItem struct {
	Code    string
	Column  string
	Message string
	Rows    []rowLink
	More    int // rows that are not listed
}

// rowLink leads to a row that the page shows; Href is "" for others.
type rowLink struct{ Row, Href string }

// maxRowLinks is how many rows of one finding are listed.
const maxRowLinks = 20

var severityTitles = []struct {
	severity payroll.Severity
	title    string
}{
	{payroll.SeverityError, "To mend"},
	{payroll.SeverityAsk, "To decide"},
	{payroll.SeverityWarning, "To look at"},
	{payroll.SeverityNote, "Good to know"},
}

// findingGroups puts findings together by severity, then by what they say.
// anchors are the rows that the page shows.
func findingGroups(findings []payroll.Finding, anchors map[int]bool) []findingGroup {
	var groups []findingGroup
	for _, kind := range severityTitles {
		group := findingGroup{Chip: severityChip(kind.severity), ID: "found-" + string(kind.severity), Title: kind.title}
		at := map[[2]string]int{}
		for _, f := range findings {
			if f.Severity != kind.severity {
				continue
			}
			message := messageOf(f)
			key := [2]string{f.Code + "\x00" + message, f.Column}
			i, found := at[key]
			if !found {
				i = len(group.Items)
				at[key] = i
				group.Items = append(group.Items, findingItem{Code: f.Code, Column: columnWord(f), Message: message})
			}
			group.Items[i].add(f.Row, anchors)
		}
		if group.Items != nil {
			groups = append(groups, group)
		}
	}
	return groups
}

// columnWord is the column that a finding is about: its header, or what no header
// stands for.
func columnWord(f payroll.Finding) string {
	if f.Code == "missing_header" {
		for _, kind := range columnKinds {
			if kind.Value == f.Column {
				return kind.Name
			}
		}
	}
	return f.Column
}

func (i *findingItem) add(row int, anchors map[int]bool) {
	switch {
	case row == 0:
	case len(i.Rows) == maxRowLinks:
		i.More++
	default:
		link := rowLink{Row: strconv.Itoa(row)}
		if anchors[row] {
			link.Href = "#row-" + link.Row
		}
		i.Rows = append(i.Rows, link)
	}
}

// asksOf are the messages of what a person must decide, by code.
func asksOf(findings []payroll.Finding) map[string]string {
	asks := map[string]string{}
	for _, f := range findings {
		if f.Severity == payroll.SeverityAsk {
			asks[f.Code] = cmp.Or(asks[f.Code], messageOf(f))
		}
	}
	return asks
}

// here are the messages that on a command line name an option, and on this page
// the field.
var here = map[string]string{
	"missing_header":        "No column of the file stands for this. Choose one below, under columns.",
	"mapped_header_missing": "Files of this source had this column, and this one does not. Choose another below, or upload the whole file.",
	"unmapped_column":       "This column is not used. To bring it onto the slip, say below what it stands for.",
	"doubled_header":        "Another column stands for the same. Choose below, or rename or remove one.",
	"mixed_decimals":        "The decimal character here is not the one of the other numbers. Use one in the whole file, or choose another below.",
	"no_currency":           "Nothing names the currency of the amounts. Write it below.",
	"no_period":             "Nothing names the month that is paid for. Choose it below.",
	"wrong_period":          "The row is for another month than was chosen below. A run pays for one month.",
	"wrong_currency":        "The row is in another currency than was chosen below. A run has one currency.",
	"decimal_unknown":       "The number can be read in two ways, and no other number of the file shows which character parts whole and decimals. Choose it below.",
	"negative_pay":          "Gross or net is below zero. If that is right, say so below.",
	"encoding_contradicts":  "The file is in another encoding than was chosen below. Leave it to the file.",
	"encoding_unknown":      "The file is not UTF-8. If it comes from an older Windows program choose Windows-1252 below and look at the names; otherwise save it as CSV UTF-8.",
	"separator_unclear":     "The header has more than one of comma, semicolon and tab. Choose below which one parts the columns.",
	"unknown_sheet":         "The workbook has no sheet of the chosen name. Choose another below.",
	"several_sheets":        "The workbook has several sheets with data. Choose below which one to read.",
	"sheet_unused":          "A text file has no sheets.",
}

// messageOf is what a finding says on this page.
func messageOf(f payroll.Finding) string {
	if text, found := here[f.Code]; found {
		return text
	}
	if f.Message == "" {
		return f.Code
	}
	text := strings.ToUpper(f.Message[:1]) + f.Message[1:]
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}
