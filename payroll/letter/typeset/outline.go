package typeset

import (
	"runtime"
	"sync"
	"weak"

	"github.com/go-text/typesetting/font"
	"github.com/payseal/payseal/payroll/letter/pdf"
)

// glyphKey names one glyph of one design.
type glyphKey struct {
	font  *font.Font
	glyph font.GID
}

// outlines finds the one outline of a glyph for all setters, since a stock knows
// its outlines by identity. It keeps none alive: a stock, a line or a setter
// does, and when the last of them is gone the outline is drawn anew.
type outlines struct {
	mu    sync.Mutex
	known map[glyphKey]weak.Pointer[pdf.Outline]
}

// of draws a glyph, or gives the outline that somebody still holds.
func (o *outlines) of(face *font.Face, glyph font.GID) *pdf.Outline {
	key := glyphKey{face.Font, glyph}
	o.mu.Lock()
	defer o.mu.Unlock()
	if held := o.known[key].Value(); held != nil {
		return held
	}
	path, _ := face.GlyphDataOutline(glyph)
	drawn := pdf.NewOutline(path.Segments, float32(face.Upem()), face.HorizontalAdvance(glyph))
	o.known[key] = weak.Make(drawn)
	runtime.AddCleanup(drawn, o.forget, key)
	return drawn
}

func (o *outlines) forget(key glyphKey) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.known[key].Value() == nil {
		delete(o.known, key)
	}
}
