package svg

import (
	"cmp"
	"image"
	"math"
	"slices"
)

// mask is how much of each pixel is covered, from 0 to 1.
type mask struct {
	width, height int
	cover         []float32
}

func (d *drawing) newMask() *mask {
	d.spend(d.width * d.height / 4)
	return &mask{d.width, d.height, make([]float32, d.width*d.height)}
}

func (m *mask) fill(v float64) {
	for i := range m.cover {
		m.cover[i] = float32(v)
	}
}

// intersect leaves what both cover.
func (m *mask) intersect(other *mask) {
	for i, v := range other.cover {
		m.cover[i] *= v
	}
}

// unite covers what either does.
func (m *mask) unite(other *mask) {
	for i, v := range other.cover {
		m.cover[i] = 1 - float32((1-m.cover[i])*(1-v))
	}
}

// rows is in how many rows of a pixel its coverage is measured; mostCrossings
// bounds how often one shape may cross them.
const (
	rows          = 16
	mostCrossings = 4_000_000
)

// crossing is where a line crosses a row, and which way.
type crossing struct {
	x  float64
	up int
}

// cover is how much of each pixel is inside the contours, filled by one of the two
// rules (SVG 1.1, 11.3). Every row of a pixel is covered exactly.
func (d *drawing) cover(m matrix, all []contour, evenOdd bool) *mask {
	covered, before := d.newMask(), d.work
	if d.crossings == nil {
		d.crossings = make([][]crossing, rows*d.height)
	}
	for _, c := range all {
		from := snapped(m.at(c.points[len(c.points)-1]))
		for _, p := range c.points {
			to := snapped(m.at(p))
			d.cross(from, to)
			if from = to; d.work-before > mostCrossings {
				d.spend(mostWork)
			}
		}
	}
	line := make([]float32, d.width+2)
	for y := range d.height {
		inside := false
		for row := y * rows; row < (y+1)*rows; row++ {
			if len(d.crossings[row]) > 0 {
				inside = true
				spans(line, d.crossings[row], evenOdd)
				d.crossings[row] = d.crossings[row][:0]
			}
		}
		if !inside {
			continue
		}
		sum := float32(0)
		for x := range d.width {
			sum += line[x]
			covered.cover[y*d.width+x] = min(max(sum/rows, 0), 1)
		}
		clear(line)
	}
	return covered
}

// spans covers what of a row is inside. The line holds differences from pixel to
// pixel.
func spans(line []float32, row []crossing, evenOdd bool) {
	slices.SortFunc(row, func(a, b crossing) int { return cmp.Compare(a.x, b.x) })
	winding := 0
	for i, c := range row[:len(row)-1] {
		winding += c.up
		if winding != 0 && !evenOdd || evenOdd && i%2 == 0 {
			ramp(line, c.x, 1)
			ramp(line, row[i+1].x, -1)
		}
	}
}

// snapped puts a point on a fine grid, and far points where they do no harm.
func snapped(p point) point {
	if math.IsNaN(p.x) || math.IsNaN(p.y) {
		refuse("it has numbers that are too large")
	}
	at := func(v float64) float64 { return math.Round(min(max(v, -1e6), 1e6)*256) / 256 }
	return point{at(p.x), at(p.y)}
}

// cross notes which rows a line crosses: at the middle of each.
func (d *drawing) cross(from, to point) {
	up := 1
	if from.y > to.y {
		from, to, up = to, from, -1
	}
	first := max(0, int(math.Ceil(max(from.y, 0)*rows-0.5)))
	last := min(len(d.crossings), int(math.Ceil(min(to.y, float64(d.height))*rows-0.5)))
	if first >= last {
		return
	}
	d.spend(last - first)
	slope := (to.x - from.x) / (to.y - from.y)
	for row := first; row < last; row++ {
		y := (float64(row) + 0.5) / rows
		x := from.x + float64((y-from.y)*slope)
		d.crossings[row] = append(d.crossings[row], crossing{min(max(x, 0), float64(d.width)), up})
	}
}

// ramp lets the coverage change by so much from x on.
func ramp(line []float32, x float64, by float32) {
	at := int(x)
	part := float32(x - float64(at))
	line[at] += by * (1 - part)
	line[at+1] += by * part
}

// layer is pixels of colours that are multiplied by their opacity.
type layer struct {
	width, height int
	pixels        []pixel
}

type pixel struct{ r, g, b, a float32 }

func (d *drawing) newLayer() *layer {
	d.spend(d.width * d.height)
	return &layer{d.width, d.height, make([]pixel, d.width*d.height)}
}

// over lays a colour onto a pixel, through a cover.
func (p *pixel) over(q pixel, cover float32) {
	rest := 1 - float32(q.a*cover)
	*p = pixel{
		float32(q.r*cover) + float32(p.r*rest), float32(q.g*cover) + float32(p.g*rest),
		float32(q.b*cover) + float32(p.b*rest), float32(q.a*cover) + float32(p.a*rest),
	}
}

// put lays a layer on this one, through a mask.
func (l *layer) put(above *layer, through *mask) {
	for i, v := range through.cover {
		if v > 0 {
			l.pixels[i].over(above.pixels[i], v)
		}
	}
}

// paint paints what a mask covers.
func (l *layer) paint(covered *mask, at paint) {
	for i, v := range covered.cover {
		if v > 0 {
			l.pixels[i].over(at(point{float64(i%l.width) + 0.5, float64(i/l.width) + 0.5}), v)
		}
	}
}

// onWhite is the layer on paper.
func (l *layer) onWhite() *image.RGBA {
	picture := image.NewRGBA(image.Rect(0, 0, l.width, l.height))
	eight := func(v, a float32) uint8 { return uint8(math.Round(float64(min(max(v+1-a, 0), 1)) * 255)) }
	for i, p := range l.pixels {
		copy(picture.Pix[4*i:], []uint8{eight(p.r, p.a), eight(p.g, p.a), eight(p.b, p.a), 255})
	}
	return picture
}
