package typeset

import (
	"encoding/binary"
	"runtime"
	"sync"
	"weak"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/payseal/payseal/payroll/letter/pdf"
)

// glyphKey names one glyph of one design, or several that are drawn as one:
// then parts holds for each its number, its advance, and its offsets to the
// right and upwards, four bytes each, in the face's units.
type glyphKey struct {
	font  *font.Font
	glyph font.GID
	parts string
}

// nothing is the outline of a glyph that is not seen and takes no room.
var nothing = pdf.NewOutline(nil, 1000, 0)

// outlines finds the one outline of a glyph for all setters, since a stock knows
// its outlines by identity. It keeps none alive: a stock, a line or a setter
// does, and when the last of them is gone the outline is drawn anew.
type outlines struct {
	mu    sync.Mutex
	known map[glyphKey]weak.Pointer[pdf.Outline]
}

// of draws a glyph, or gives the outline that somebody still holds.
func (o *outlines) of(face *font.Face, key glyphKey) *pdf.Outline {
	o.mu.Lock()
	defer o.mu.Unlock()
	if held := o.known[key].Value(); held != nil {
		return held
	}
	drawn := key.draw(face)
	o.known[key] = weak.Make(drawn)
	runtime.AddCleanup(drawn, o.forget, key)
	return drawn
}

func (k glyphKey) draw(face *font.Face) *pdf.Outline {
	if k.parts == "" {
		path, _ := face.GlyphDataOutline(k.glyph)
		return pdf.NewOutline(path.Segments, float32(face.Upem()), face.HorizontalAdvance(k.glyph))
	}
	var whole []opentype.Segment
	var pen float32
	for parts := []byte(k.parts); len(parts) > 0; parts = parts[16:] {
		var v [4]int32
		for i := range v {
			v[i] = int32(binary.LittleEndian.Uint32(parts[4*i:]))
		}
		path, _ := face.GlyphDataOutline(font.GID(v[0]))
		for _, segment := range path.Segments {
			for i := range segment.Args {
				segment.Args[i].X += pen + float32(v[2])
				segment.Args[i].Y += float32(v[3])
			}
			whole = append(whole, segment)
		}
		pen += float32(v[1])
	}
	return pdf.NewOutline(whole, float32(face.Upem()), pen)
}

func (o *outlines) forget(key glyphKey) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.known[key].Value() == nil {
		delete(o.known, key)
	}
}
