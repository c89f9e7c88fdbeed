package letter

import (
	"fmt"
	"slices"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter/pdf"
	"github.com/payseal/payseal/payroll/letter/typeset"
)

// desk is what one core draws with. There are only as many as cores: each keeps
// the faces that it has drawn with, and those of a Chinese, Japanese or Korean
// font are large.
type desk struct {
	*canvas
	*edition
	letterhead *Letterhead
	probe      *typeset.Setter // finds out what can be drawn
	tools      []tools         // the last ones used, latest first
	enclosed   []byte          // the attachment
	kept       page
}

// tools are what draws with one stock.
type tools struct {
	stock  *pdf.Stock
	writer *pdf.Writer
	setter *typeset.Setter
}

// mostTools bounds the languages between which a core changes without beginning
// anew; mostEditions those that a letterhead keeps.
const (
	mostTools    = 4
	mostEditions = 64
)

func (h *Letterhead) newDesk() *desk {
	return &desk{letterhead: h, canvas: &canvas{paper: h.paper, brand: h.color}, probe: h.fonts.NewSetter()}
}

// with runs f with a desk of its own. One that f leaves by a panic is thrown away.
func (h *Letterhead) with(f func(d *desk)) {
	d := <-h.desks
	done := false
	defer func() {
		if !done {
			d = nil
		}
		h.desks <- d
	}()
	if d == nil {
		d = h.newDesk()
	}
	f(d)
	done = true
}

// compose draws a document in the language of whoever reads it. A font is
// foreign bytes, and its shaper may trip over them: that is this document's
// error, and nobody else's.
func (h *Letterhead) compose(what, tag, country string, draw func(d *desk) pdf.Info) (made []byte, err error) {
	defer func() {
		if recover() != nil {
			made, err = nil, fmt.Errorf("%s: a font cannot be used", what)
		}
	}()
	h.with(func(d *desk) {
		if err = d.edit(tag, country); err != nil {
			err = fmt.Errorf("%s: %w", what, err)
			return
		}
		info := draw(d)
		if err = d.setter.Err(); err != nil {
			err = fmt.Errorf("%s: %w", what, err)
			return
		}
		if missing := d.setter.Missing(); len(missing) > 0 {
			err = fmt.Errorf("%w: %s: %s", payroll.ErrInvalid, what, typeset.MissingMessage(missing))
			return
		}
		if d.cramped {
			err = fmt.Errorf("%w: %s: %w", payroll.ErrInvalid, what, errCramped)
			return
		}
		if made, err = d.out.End(info); err != nil {
			err = fmt.Errorf("%s: %w", what, err)
		}
	})
	return made, err
}

// edit prepares the desk for a reader's language.
func (d *desk) edit(tag, country string) (err error) {
	if d.edition, err = d.letterhead.edition(d.probe, tag, country); err != nil {
		return err
	}
	t := d.toolsFor(d.stock)
	d.out, d.setter = t.writer, t.setter
	d.setter.Reset()
	d.cramped = false
	d.language, d.mirrored = d.locale.tag, d.locale.words.rightToLeft
	return nil
}

func (d *desk) toolsFor(stock *pdf.Stock) tools {
	i := slices.IndexFunc(d.tools, func(t tools) bool { return t.stock == stock })
	if i == 0 {
		return d.tools[0]
	}
	var t tools
	if i > 0 {
		t = d.tools[i]
		d.tools = slices.Delete(d.tools, i, i+1)
	} else {
		t = tools{stock, stock.NewWriter(), d.letterhead.fonts.NewSetter()}
		t.setter.Use(stock)
	}
	d.tools = slices.Insert(d.tools, 0, t)
	if len(d.tools) > mostTools {
		d.tools = slices.Delete(d.tools, mostTools, len(d.tools))
	}
	return t
}

// begin begins the document.
func (d *desk) begin(language string) {
	d.out.Begin(language)
	d.y = topEdge
}

// footOf sets the foot of every page.
func (d *desk) footOf(words *footWords) foot {
	f := foot{page: words.page}
	for _, text := range words.lines {
		f.lines = append(f.lines, d.lines(text, false, footSize, d.full-90)...)
	}
	return f
}
