// Package typeset turns text into glyphs: it chooses a face for every character,
// orders right-to-left text, shapes, and breaks lines. It knows nothing of pay.
//
// [Fonts] is what a machine can draw with, and [Setter] does the work. A text is
// cut by [Setter.Glyphs] and its kin in four steps, each in a file of its own:
// runs of one direction (direction.go), spans of one face and script in a run
// (span.go), shaping (shape.go), and lines (lines.go).
//
// Lengths are in ems. Nothing here is for a page of more than a few texts of a
// few hundred characters each.
package typeset
