package pdf

import (
	"encoding/binary"
	"math"
	"testing"
)

type matrix [3][3]float64

func (m matrix) times(v [3]float64) (out [3]float64) {
	for i := range 3 {
		for j := range 3 {
			out[i] += m[i][j] * v[j]
		}
	}
	return out
}

// inverse by the adjugate.
func (m matrix) inverse() (out matrix) {
	minor := func(i, j int) float64 {
		a, b, c, d := (i+1)%3, (i+2)%3, (j+1)%3, (j+2)%3
		return m[a][c]*m[b][d] - m[a][d]*m[b][c]
	}
	det := m[0][0]*minor(0, 0) + m[0][1]*minor(0, 1) + m[0][2]*minor(0, 2)
	for i := range 3 {
		for j := range 3 {
			out[j][i] = minor(i, j) / det
		}
	}
	return out
}

func xyz(x, y float64) [3]float64 { return [3]float64{x / y, 1, (1 - x - y) / y} }

// TestPrimaries works out the profile's primaries from those of IEC 61966-2-1:
// scaled to make its white, and seen under D50 by Bradford's matrix.
func TestPrimaries(t *testing.T) {
	t.Parallel()
	primaries := [3][3]float64{xyz(0.64, 0.33), xyz(0.30, 0.60), xyz(0.15, 0.06)}
	d65 := xyz(0.3127, 0.3290)
	var columns matrix
	for i := range 3 {
		for j := range 3 {
			columns[j][i] = primaries[i][j]
		}
	}
	scales := columns.inverse().times(d65)
	bradford := matrix{{0.8951, 0.2664, -0.1614}, {-0.7502, 1.7135, 0.0367}, {0.0389, -0.0685, 1.0296}}
	d50 := [3]float64{0.9642, 1, 0.8249}
	from, to := bradford.times(d65), bradford.times(d50)
	profile := sRGB()
	for i, name := range []string{"rXYZ", "gXYZ", "bXYZ"} {
		var scaled [3]float64
		for j := range 3 {
			scaled[j] = primaries[i][j] * scales[i]
		}
		cone := bradford.times(scaled)
		for j := range 3 {
			cone[j] *= to[j] / from[j]
		}
		want := bradford.inverse().times(cone)
		data := tagOf(t, profile, name)
		for j := range 3 {
			got := float64(binary.BigEndian.Uint32(data[8+4*j:])) / 65536
			if math.Abs(got-want[j]) > 1.0/65536 {
				t.Errorf("%s: %g is %d, want %d", name, got, int(got*65536), int(math.Round(want[j]*65536)))
			}
		}
	}
}

// tagOf finds the data of a tag.
func tagOf(t *testing.T, profile []byte, name string) []byte {
	t.Helper()
	for i := range int(binary.BigEndian.Uint32(profile[128:])) {
		entry := profile[132+12*i:]
		if string(entry[:4]) == name {
			begin := binary.BigEndian.Uint32(entry[4:])
			return profile[begin : begin+binary.BigEndian.Uint32(entry[8:])]
		}
	}
	t.Fatalf("no tag %s", name)
	return nil
}
