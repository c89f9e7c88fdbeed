package letter

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	_ "image/jpeg" // a logo may be a JPEG
	_ "image/png"  // or a PNG

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter/pdf"
	"github.com/payseal/payseal/payroll/letter/svg"
	xdraw "golang.org/x/image/draw"
)

// The largest picture that is opened, and the largest that goes on the page:
// what it may take there at 300 dots an inch.
const (
	logoInput  = 4096
	logoPixels = 4 << 20 // which take 32 MB at most while it is opened
	logoWidth  = logoReach / 72 * 300
	logoHeight = 167 // of logoBox
)

// openLogo reads a PNG, a JPEG or an SVG, lays it on white and makes it no
// larger than it is drawn. Without content there is no logo.
func openLogo(content []byte) (*pdf.Picture, error) {
	switch {
	case len(content) == 0:
		return nil, nil
	case svg.Is(content):
		drawn, err := svg.Draw(content, logoWidth, logoHeight)
		if err != nil {
			return nil, fmt.Errorf("%w: the logo: %w", payroll.ErrInvalid, err)
		}
		return pictureOf(drawn), nil
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("%w: the logo is no PNG, JPEG or SVG picture", payroll.ErrInvalid)
	}
	if config.Width > logoInput || config.Height > logoInput || config.Width < 1 || config.Height < 1 ||
		config.Width*config.Height > logoPixels {
		return nil, fmt.Errorf("%w: the logo has more than %d megapixels, or a side longer than %d", payroll.ErrInvalid, logoPixels>>20, logoInput)
	}
	source, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("%w: the logo is damaged", payroll.ErrInvalid)
	}
	width, height := float64(config.Width), float64(config.Height)
	scale := min(1, logoWidth/width, logoHeight/height)
	flat := whitePaper(width*scale, height*scale)
	xdraw.CatmullRom.Scale(flat, flat.Bounds(), source, source.Bounds(), draw.Over, nil)
	return pictureOf(flat), nil
}

func whitePaper(width, height float64) *image.RGBA {
	paper := image.NewRGBA(image.Rect(0, 0, max(1, int(width)), max(1, int(height))))
	draw.Draw(paper, paper.Bounds(), image.White, image.Point{}, draw.Src)
	return paper
}

func pictureOf(flat *image.RGBA) *pdf.Picture {
	p := &pdf.Picture{Width: flat.Rect.Dx(), Height: flat.Rect.Dy(), RGB: make([]byte, 0, len(flat.Pix)/4*3)}
	for i := 0; i < len(flat.Pix); i += 4 {
		p.RGB = append(p.RGB, flat.Pix[i:i+3]...)
	}
	return p
}
