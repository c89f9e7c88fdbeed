package web

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// BenchmarkPage writes the form's first page, from the request to its last byte.
func BenchmarkPage(b *testing.B) {
	f := newForm(b, nil)
	for _, language := range []string{"en", "ar"} {
		b.Run(language, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest(http.MethodGet, f.Origin.String()+"/"+language+"/", nil)
				w := httptest.NewRecorder()
				f.site.Config.Handler.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
			}
		})
	}
}
