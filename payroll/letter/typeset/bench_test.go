package typeset_test

import (
	"testing"

	"github.com/payseal/payseal/payroll/letter/pdf"
	"github.com/payseal/payseal/payroll/letter/typeset"
)

// BenchmarkGlyphs shapes a name that was not seen before.
func BenchmarkGlyphs(b *testing.B) {
	for _, c := range []struct{ script, language, name string }{
		{"latin", "de", "Małgorzata Wiśniewska-Kowalczyk"},
		{"arabic", "ar", "محمد عبد الله الخوارزمي"},
		{"devanagari", "hi", "क्षत्रिय प्रिया शर्मा"},
		{"chinese", "zh-CN", "欧阳小明"},
	} {
		b.Run(c.script, func(b *testing.B) {
			s := installed(b).NewSetter()
			for b.Loop() {
				s.Glyphs(c.name, typeset.Style{Language: c.language})
			}
		})
	}
}

// BenchmarkLine prepares a text that was seen before, and an amount, which is
// not remembered.
func BenchmarkLine(b *testing.B) {
	for name, text := range map[string]string{"cached": "Sécurité sociale – déplafonnée", "figure": "1,234,567.89"} {
		b.Run(name, func(b *testing.B) {
			s := installed(b).NewSetter()
			stock, err := pdf.NewStock([]pdf.Font{{Name: "Base", Glyphs: s.Glyphs("0123456789.,", typeset.Style{})}}, nil)
			if err != nil {
				b.Fatal(err)
			}
			s.Use(stock)
			for b.Loop() {
				s.Line(text, typeset.Style{Language: "fr"})
			}
		})
	}
}
