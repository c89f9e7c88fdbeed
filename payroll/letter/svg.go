package letter

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fyne-io/oksvg"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter/pdf"
	"github.com/srwiley/rasterx"
	"golang.org/x/image/math/fixed"
)

// The bounds of an SVG: a drawing, and not a program that makes one.
const (
	svgBytes    = 256 << 10
	svgElements = 5000
	svgDepth    = 40
	svgLines    = 400_000 // straight lines that all its curves become
	svgReach    = 8       // how many times its size a drawing may leave its frame
)

// svgNamespace is where the elements are that are drawn; those of editors are
// passed over.
const svgNamespace = "http://www.w3.org/2000/svg"

// svgShapes are the elements that are drawn as they ought to be. A drawing with
// any other is refused: it would not look like the company's logo.
var svgShapes = []string{"svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "defs",
	"linearGradient", "radialGradient", "stop", "title", "desc", "metadata", "style"}

func isSVG(content []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(content, []byte("\ufeff")), " \t\r\n"), []byte("<"))
}

// drawSVG draws a logo at 300 dots an inch of its largest size on the page.
func drawSVG(content []byte) (picture *pdf.Picture, err error) {
	if err := checkSVG(content); err != nil {
		return nil, fmt.Errorf("%w: the logo: %w", payroll.ErrInvalid, err)
	}
	defer func() {
		if recover() != nil { // of the library, or of boundedScanner
			picture, err = nil, fmt.Errorf("%w: the logo cannot be drawn; make it simpler, or a PNG", payroll.ErrInvalid)
		}
	}()
	icon, err := oksvg.ReadIconStream(bytes.NewReader(content), oksvg.IgnoreErrorMode)
	if err != nil || !(icon.ViewBox.W > 0 && icon.ViewBox.H > 0) {
		return nil, fmt.Errorf("%w: the logo is no SVG with a viewBox", payroll.ErrInvalid)
	}
	scale := min(logoWidth/icon.ViewBox.W, logoHeight/icon.ViewBox.H)
	flat := whitePaper(icon.ViewBox.W*scale, icon.ViewBox.H*scale)
	width, height := flat.Rect.Dx(), flat.Rect.Dy()
	icon.SetTarget(0, 0, float64(width), float64(height))
	scanner := &boundedScanner{Scanner: rasterx.NewScannerGV(width, height, flat, flat.Rect), left: svgLines, reach: fixed.I(svgReach * logoWidth)}
	icon.Draw(rasterx.NewDasher(width, height, scanner), 1)
	return pictureOf(flat), nil
}

// boundedScanner panics on a drawing that is endless or much larger than its
// frame: either would keep the rasteriser busy for hours.
type boundedScanner struct {
	rasterx.Scanner
	left  int
	reach fixed.Int26_6
}

func (s *boundedScanner) Start(a fixed.Point26_6) { s.Scanner.Start(s.bounded(a)) }
func (s *boundedScanner) Line(b fixed.Point26_6)  { s.Scanner.Line(s.bounded(b)) }

func (s *boundedScanner) bounded(p fixed.Point26_6) fixed.Point26_6 {
	s.left--
	if s.left < 0 || max(p.X, -p.X, p.Y, -p.Y) > s.reach {
		panic("a drawing out of bounds")
	}
	return p
}

// checkSVG refuses what is no plain drawing: anything from elsewhere, programs,
// entities, and elements that would be drawn wrongly.
func checkSVG(content []byte) error {
	if len(content) > svgBytes {
		return fmt.Errorf("it is larger than %d kB", svgBytes>>10)
	}
	decoder := xml.NewDecoder(bytes.NewReader(content))
	elements, depth := 0, 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errors.New("it is no well-formed XML in UTF-8")
		}
		switch t := token.(type) {
		case xml.Directive:
			if !bytes.HasPrefix(t, []byte("DOCTYPE svg PUBLIC")) || bytes.Contains(t, []byte("[")) {
				return errors.New("it has declarations; save it as plain SVG")
			}
		case xml.CharData:
			if err := checkReference(string(t)); err != nil {
				return err
			}
		case xml.StartElement:
			if elements, depth = elements+1, depth+1; elements > svgElements || depth > svgDepth {
				return errors.New("it has too many elements; make it simpler")
			}
			if err := checkSVGElement(t); err != nil {
				return err
			}
		case xml.EndElement:
			depth--
		}
	}
}

func checkSVGElement(e xml.StartElement) error {
	drawn := e.Name.Space == svgNamespace || e.Name.Space == ""
	if drawn && !slices.Contains(svgShapes, e.Name.Local) || !drawn && slices.Contains(svgShapes, e.Name.Local) && e.Name.Local != "title" {
		return errors.New("it has elements besides plain shapes, such as text, images or masks; turn text into paths")
	}
	for _, a := range e.Attr {
		switch {
		case strings.HasPrefix(strings.ToLower(a.Name.Local), "on"),
			a.Name.Local == "href" && !strings.HasPrefix(a.Value, "#"),
			strings.HasPrefix(a.Name.Local, "stroke-dash"):
			return errors.New("it has programs, dashes or references to elsewhere")
		}
		if a.Name.Space == "xmlns" || a.Name.Local == "xmlns" || !drawn {
			continue
		}
		if err := checkReference(a.Value); err != nil {
			return err
		}
	}
	return nil
}

// checkReference refuses what style could bring in.
func checkReference(text string) error {
	lower := strings.ToLower(text)
	for rest := lower; ; {
		_, after, found := strings.Cut(rest, "url(")
		if !found {
			break
		}
		if !strings.HasPrefix(strings.TrimLeft(after, ` "'`), "#") {
			return errors.New("it has references to elsewhere")
		}
		rest = after
	}
	if strings.Contains(lower, "@import") || strings.Contains(lower, "stroke-dash") || strings.Contains(lower, "javascript:") {
		return errors.New("it has programs, dashes or references to elsewhere")
	}
	return nil
}
