package letter

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	_ "image/jpeg" // a logo may be a JPEG
	_ "image/png"  // or a PNG

	"github.com/payseal/payseal/payroll"
	xdraw "golang.org/x/image/draw"
)

// logo is the company's picture as opaque pixels of modest size, as they
// stand in the PDF.
type logo struct {
	pixels        []byte // RGB, deflated
	width, height int    // pixels
}

// The largest picture that is opened, and the largest that goes on the page:
// 120 by 40 points at 300 dots an inch.
const (
	logoInput  = 4096
	logoWidth  = 500
	logoHeight = 167
)

// openLogo reads a PNG or JPEG, lays it on white and makes it no larger than
// it is drawn. Without content there is no logo.
func openLogo(content []byte) (*logo, error) {
	if len(content) == 0 {
		return nil, nil
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("%w: the logo is neither a PNG nor a JPEG picture", payroll.ErrInvalid)
	}
	if config.Width > logoInput || config.Height > logoInput || config.Width < 1 || config.Height < 1 {
		return nil, fmt.Errorf("%w: the logo is larger than %d by %d pixels", payroll.ErrInvalid, logoInput, logoInput)
	}
	source, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("%w: the logo is damaged", payroll.ErrInvalid)
	}
	scale := min(1, float64(logoWidth)/float64(config.Width), float64(logoHeight)/float64(config.Height))
	size := image.Rect(0, 0, max(1, int(float64(config.Width)*scale)), max(1, int(float64(config.Height)*scale)))
	flat := image.NewNRGBA(size)
	draw.Draw(flat, size, image.White, image.Point{}, draw.Src)
	xdraw.CatmullRom.Scale(flat, size, source, source.Bounds(), draw.Over, nil)
	rgb := make([]byte, 0, 3*size.Dx()*size.Dy())
	for i := 0; i < len(flat.Pix); i += 4 {
		rgb = append(rgb, flat.Pix[i:i+3]...)
	}
	pixels, err := deflate(rgb)
	return &logo{pixels: pixels, width: size.Dx(), height: size.Dy()}, err
}
