package web

import (
	"strings"
	"testing"
)

func TestHeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	v := newForm(t, nil).visitor(t)
	for _, path := range []string{"/", "/healthz", "/robots.txt", "/nothing", "/de/nothing", "/static/company.css", "/en/", "/ar/link", "/en/enter/x"} {
		a := v.get(t, path)
		for name, want := range map[string]string{
			"Content-Security-Policy":      policy,
			"X-Content-Type-Options":       "nosniff",
			"X-Frame-Options":              "DENY",
			"Referrer-Policy":              "no-referrer",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Strict-Transport-Security":    "max-age=63072000",
			"X-Robots-Tag":                 "noindex, nofollow",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		if a.header.Get("X-Request-Id") == "" || a.header.Get("Permissions-Policy") == "" {
			t.Errorf("%s: headers %v", path, a.header)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") || strings.Contains(policy, "http") {
		t.Errorf("the policy lets others in: %s", policy)
	}
}
