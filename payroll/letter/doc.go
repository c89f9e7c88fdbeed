// Package letter turns a slip into the letter that an employee opens: one PDF
// page (more if the slip is long) and the MIME entity around it, which is then
// sealed.
//
// The room is pure. The same slip on the same letterhead gives the same bytes
// on any machine with the same fonts; nothing here reads a clock, a database or
// the environment. Files are read only through the fs.FS values that are given
// to [LoadFonts]: the headers of every font once, and a font's outlines when a
// slip first needs them.
//
// It must never draw a box for a character that no font has: [Letterhead.Check]
// reports such a slip before its run is approved, and [Letterhead.Page] refuses
// it. It must never cut text off, and never put an amount anywhere but on the
// page.
//
// The PDF is written by a small writer of our own (pdf.go). Latin, Greek and
// Cyrillic text is set in one base face, cut and compressed once per letterhead
// into small 8-bit fonts, so that no slip pays for parsing or subsetting. Every
// other script is shaped and drawn as outlines, under an invisible line of text
// from which it can be searched and copied.
//
// Labels are in English, German, French and Spanish; a slip in any other
// language has English labels with that language's numbers. The page runs from
// left to right in every language: names and components in Arabic or Hebrew are
// ordered and joined as their readers expect, but the columns are not mirrored.
// Figures are always Western digits.
//
// [Letterhead.Specimen] makes a test slip: a letter that is built like a slip's,
// holds no pay data and looks like none. It speaks Hindi and Arabic too.
//
// Read [Letterhead] and [Fonts] first.
package letter
