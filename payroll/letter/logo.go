package letter

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	_ "image/jpeg" // a logo may be a JPEG
	"image/png"

	"github.com/payseal/payseal/payroll"
	xdraw "golang.org/x/image/draw"
)

// logo is the company's picture as an opaque PNG of modest size, which fpdf
// copies without decoding it again for every slip.
type logo struct {
	png           []byte
	width, height int // pixels
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
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&out, flat); err != nil {
		return nil, fmt.Errorf("encode logo: %w", err)
	}
	return &logo{png: out.Bytes(), width: size.Dx(), height: size.Dy()}, nil
}
