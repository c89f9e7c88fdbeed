// Package svg draws a logo as drawing programs save it, once and as a picture: shapes,
// groups, styles, gradients, clips, masks and repeated parts of SVG 1.1 and 2. It
// draws what it understands as the standard says, and refuses everything else in
// words that say what to mend: a company's logo is drawn right or not at all.
//
// Read [Draw] first, then drawing.element, which draws one element of a tree of
// them; layer and mask are what it draws on and through.
//
// A drawing is foreign bytes. Nothing is ever fetched, and the work that one may
// cause is bounded.
package svg
