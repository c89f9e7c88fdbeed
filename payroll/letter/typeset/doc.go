// Package typeset turns text into glyphs: it chooses a face for every character,
// orders right-to-left text, shapes, and breaks lines. It knows nothing of pay.
//
// [Fonts] is what a machine can draw with, and [Setter] does the work. A text is
// set in steps, each in a file of its own: runs of one direction (direction.go),
// spans of one face and script in a run (span.go), the glyphs of a span
// (shape.go), and lines (lines.go). Faces are indexed in fonts.go and
// typeface.go, and chosen in choose.go.
//
// Lengths are in ems.
package typeset
