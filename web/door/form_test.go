package door

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const plainForm = "application/x-www-form-urlencoded"

func TestReadForm(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		kind, body string
		multipart  bool
		want       error
	}{
		"a form":                  {plainForm, "a=b", false, nil},
		"with its alphabet":       {plainForm + "; charset=utf-8", "a=b", false, nil},
		"as large as it may be":   {plainForm, "a=b&c=" + strings.Repeat("x", 14), false, nil},
		"too large":               {plainForm, "a=b&c=" + strings.Repeat("x", 15), false, ErrTooLarge},
		"broken":                  {plainForm, "a=%zz", false, ErrNoForm},
		"of another kind":         {"application/json", `{"a":"b"}`, false, ErrNoForm},
		"of no kind":              {"", "a=b", false, ErrNoForm},
		"a file that none wants":  {"multipart/form-data; boundary=b", "--b--", false, ErrNoForm},
		"a file":                  {"multipart/form-data; boundary=b", "--b--", true, nil},
		"no file but a form":      {plainForm, "a=b", true, ErrNoForm},
		"a file that is too much": {"multipart/form-data; boundary=b", strings.Repeat("x", 21), true, ErrTooLarge},
	} {
		for _, length := range []bool{true, false} { // a body may come in chunks, its length untold
			r := httptest.NewRequest(http.MethodPost, "/?a=query", io.LimitReader(strings.NewReader(test.body), 1000))
			r.Header.Set("Content-Type", test.kind)
			if length {
				r.ContentLength = int64(len(test.body))
			}
			w := httptest.NewRecorder()
			err := ReadForm(w, r, 20, test.multipart)
			if test.multipart && err == nil {
				_, err = io.ReadAll(r.Body)
				err = BodyError(err)
			}
			if !errors.Is(err, test.want) || (test.want == nil) != (err == nil) {
				t.Errorf("%s, length told: %t: %v", name, length, err)
			}
			if err == nil && !test.multipart && r.PostForm.Get("a") != "b" {
				t.Errorf("%s: read as %v", name, r.PostForm)
			}
		}
	}
}
