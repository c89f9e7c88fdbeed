package letter_test

import (
	"encoding/xml"
	"testing"
)

// wordBox is where poppler sees a word.
type wordBox struct {
	page                   int
	text                   string
	xMin, xMax, yMin, yMax float64
}

// overlaps allows for the lines of a paragraph touching and for rounding.
func (a wordBox) overlaps(b wordBox) bool {
	height := min(a.yMax-a.yMin, b.yMax-b.yMin)
	return a.page == b.page && min(a.xMax, b.xMax)-max(a.xMin, b.xMin) > 0.5 &&
		min(a.yMax, b.yMax)-max(a.yMin, b.yMin) > 0.45*height
}

// wordBoxes reads pdftotext's boxes.
func wordBoxes(t *testing.T, pdf []byte) []wordBox {
	t.Helper()
	var document struct {
		Pages []struct {
			Words []struct {
				Text string  `xml:",chardata"`
				XMin float64 `xml:"xMin,attr"`
				XMax float64 `xml:"xMax,attr"`
				YMin float64 `xml:"yMin,attr"`
				YMax float64 `xml:"yMax,attr"`
			} `xml:"word"`
		} `xml:"body>doc>page"`
	}
	if err := xml.Unmarshal([]byte(poppler(t, "pdftotext", pdf, "-bbox", "-", "-")), &document); err != nil {
		t.Fatal(err)
	}
	var boxes []wordBox
	for i, p := range document.Pages {
		for _, w := range p.Words {
			boxes = append(boxes, wordBox{page: i, text: w.Text, xMin: w.XMin, xMax: w.XMax, yMin: w.YMin, yMax: w.YMax})
		}
	}
	if len(boxes) == 0 {
		t.Fatal("there are no words on the page")
	}
	return boxes
}
