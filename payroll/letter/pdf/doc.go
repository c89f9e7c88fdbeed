// Package pdf writes tagged, archival PDF files: glyphs, boxes and pictures in;
// structure, metadata and bytes out. It knows PDF and fonts and nothing of
// payroll, and it reads no clock, no file and no environment: the same calls
// give the same bytes.
//
// What it writes is PDF 1.7 (ISO 32000-1) that keeps the rules of PDF/A-3b
// (ISO 19005-3) and PDF/UA-1 (ISO 14289-1). Clauses are named where they
// dictate a line; internal/pdfrules holds those rules as a test.
//
// Every font in a file is made here: a glyph is an [Outline], whatever format
// its face had, and a font is a CID-keyed CFF put together from the outlines'
// ready charstrings. A character identifier stands for one outline and one
// source text, so that what is copied out of the page is what was typed in.
//
// What documents have in common stands in a [Stock]: fonts, pictures and colour
// profile, serialised and deflated once. A [Writer] copies that and adds what
// is new. Coordinates are points from the upper left corner of the page.
//
// Read [Stock] and [Writer] first.
package pdf
