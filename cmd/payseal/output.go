package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/rivo/uniseg"
	"golang.org/x/term"
)

// printJSON writes one value as one line. Single things are one object; of a
// list each element is one, so that an empty list prints nothing (printLines).
func printJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("print JSON: %w", err)
	}
	return nil
}

// printTable writes rows under a header in columns that are aligned in every
// script.
func printTable(w io.Writer, header []string, rows [][]string) error {
	return printRows(w, append([][]string{header}, rows...))
}

// printRows writes rows of as many cells each, in columns that are aligned.
func printRows(w io.Writer, all [][]string) error {
	widths := make([]int, len(all[0]))
	for _, row := range all {
		for i, cell := range row {
			widths[i] = max(widths[i], uniseg.StringWidth(cell))
		}
	}
	var b strings.Builder
	for _, row := range all {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString(cell)
			line.WriteString(strings.Repeat(" ", widths[i]-uniseg.StringWidth(cell)+2))
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// printLines writes one JSON object per value, one a line.
func printLines[T any](w io.Writer, values []T) error {
	for i := range values {
		if err := printJSON(w, values[i]); err != nil {
			return err
		}
	}
	return nil
}

// sayList prints a list: a table for people, one JSON object a line for
// programs.
func sayList[T any](a *app, w io.Writer, values []T, header []string, row func(T) []string) error {
	if a.json {
		return printLines(w, values)
	}
	rows := make([][]string, len(values))
	for i, value := range values {
		rows[i] = row(value)
	}
	return printTable(w, header, rows)
}

// isTerminal reports whether a person watches what is written to w.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// moment writes a time for a person, to the minute, or a dash for none.
func moment(t *time.Time) string {
	if t == nil || t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04Z")
}

// dash stands for an empty cell.
func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
