// Package intake reads foreign bytes (CSV and XLSX, as payroll programs and
// spreadsheets write them) into slips and employees, or says with findings, by
// row and column, what is wrong and how to mend it.
//
// It must never store anything, write a temporary file, use the network, guess
// where a person should decide, choose an employee by anything but the exact
// number, or quote an amount, a name or an address in a finding. Amounts never
// pass through floating point, except that a spreadsheet's own binary numbers
// are brought back to the decimal that they stand for.
//
// Workbooks are read by this package's own streaming reader and not through a
// library: every part is read once from front to back, so that memory does not
// grow with the sheet, nothing is unpacked to disk, and what a hostile or broken
// workbook hides (doubled parts, entities, formulas without values) is seen.
//
// Read [Options] and [Result] first.
package intake
