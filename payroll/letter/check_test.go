package letter

import "testing"

// TestPlainTextHasItsGlyphs: what is not set to be checked lacks nothing if it is.
func TestPlainTextHasItsGlyphs(t *testing.T) {
	t.Parallel()
	ascii := ""
	for c := ' '; c <= '~'; c++ {
		ascii += string(c)
	}
	h, err := NewLetterhead(Company{Name: "ACME"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	h.with(func(d *desk) {
		for _, tag := range []string{"en", "ar", "hi", "zh"} {
			for _, text := range []string{ascii, ascii + ascii, "Ada O'Neill-Smith", "fi fl ffi"} {
				if missing := lacking(d.probe, tag, text); !plain(text) || len(missing) > 0 {
					t.Errorf("%s: %U have no glyph", tag, missing)
				}
			}
		}
	})
	for _, text := range []string{"a\x7f", "\t", "é", "a\u00a0b"} {
		if plain(text) {
			t.Errorf("%q is plain", text)
		}
	}
}
