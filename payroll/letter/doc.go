// Package letter turns a slip into the letter that an employee opens: one PDF
// page (more if the slip is long) and the MIME entity around it, which is then
// sealed.
//
// The room is pure. The same slip on the same letterhead gives the same bytes
// on any machine with the same fonts; nothing here reads a clock, a database or
// the environment. Files are read only through the fs.FS values that are given
// to [LoadFonts].
//
// It must never draw a box for a character that no font has: [Letterhead.Check]
// reports such a slip before its run is approved, and [Letterhead.Page] refuses
// it. It must never cut text off, and never put an amount anywhere but on the
// page and into the file that is attached to it.
//
// What stands on the page, and where, is a list of blocks (page.go). A small
// engine draws them: canvas.go knows the grid and the direction of the lines,
// block.go and table.go what blocks there are. Below it payroll/letter/typeset
// turns text into glyphs, and payroll/letter/pdf glyphs into bytes. What all
// slips in a language have in common is frozen once (edition.go).
//
// [Letterhead.Specimen] makes a test slip: a letter that is built like a slip's,
// holds no pay data and looks like none.
//
// Read [Letterhead] first, then (*page).blocks.
package letter
