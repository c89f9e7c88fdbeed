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
	writers    []keptWriter // the last ones used, latest first
	enclosed   []byte       // the attachment
	kept       page
}

// keptWriter writes documents of one stock.
type keptWriter struct {
	stock  *pdf.Stock
	writer *pdf.Writer
}

// mostWriters bounds the languages between which a core changes without beginning
// anew; mostEditions those that a letterhead keeps.
const (
	mostWriters  = 16
	mostEditions = 64
)

func (h *Letterhead) newDesk() *desk {
	return &desk{letterhead: h, canvas: &canvas{paper: h.paper, brand: h.color, setter: h.fonts.NewSetter()}}
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
func (h *Letterhead) compose(b []byte, what, tag, country string, draw func(d *desk) pdf.Info) (made []byte, err error) {
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
		if made, err = d.out.End(b, info); err != nil {
			err = fmt.Errorf("%s: %w", what, err)
		}
	})
	return made, err
}

// edit prepares the desk for a reader's language.
func (d *desk) edit(tag, country string) (err error) {
	if d.edition, err = d.letterhead.edition(d.setter, tag, country); err != nil {
		return err
	}
	d.out = d.writerFor(d.stock)
	d.setter.Use(d.stock)
	d.setter.Reset()
	d.cramped = false
	d.language, d.mirrored = d.locale.tag, d.locale.words.rightToLeft
	return nil
}

func (d *desk) writerFor(stock *pdf.Stock) *pdf.Writer {
	i := slices.IndexFunc(d.writers, func(k keptWriter) bool { return k.stock == stock })
	if i == 0 {
		return d.writers[0].writer
	}
	k := keptWriter{stock: stock}
	if i > 0 {
		k = d.writers[i]
		d.writers = slices.Delete(d.writers, i, i+1)
	} else {
		k.writer = stock.NewWriter()
	}
	d.writers = slices.Insert(d.writers, 0, k)
	if len(d.writers) > mostWriters {
		d.writers = slices.Delete(d.writers, mostWriters, len(d.writers))
	}
	return k.writer
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
