package mailer

import (
	"strings"
	"testing"

	"github.com/payseal/payseal/payroll"
)

func TestVERP(t *testing.T) {
	t.Parallel()
	const token = "5d0c7d8e-4b1a-4b52-9d5e-0d9c5f6a7b8c"
	got, err := VERP("bounce@acme.example", token)
	if want := payroll.Address("bounce+" + token + "@acme.example"); err != nil || got != want {
		t.Fatalf("got %s, %v; want %s", got, err, want)
	}
	for came, want := range map[payroll.Address]string{
		got:                                  token,
		"BOUNCE+5D0C-A@ACME.EXAMPLE":         "5d0c-a",
		"bounce@acme.example":                "",
		"bounce+@acme.example":               "",
		"bounce+a+b@acme.example":            "",
		"bounce+abc@other.example":           "",
		"bouncer+abc@acme.example":           "",
		"x@y":                                "",
		"bounce+abc@acme.example.evil.test":  "",
		"bounce+a@acme.example@acme.example": "",
	} {
		token, ok := VERPToken("bounce@acme.example", came)
		if ok != (want != "") || ok && token != want {
			t.Errorf("%s: %q, %v; want %q", came, token, ok, want)
		}
	}
	for _, c := range []struct{ bounce, token string }{
		{"bounce@acme.example", ""}, {"bounce@acme.example", "UPPER"}, {"bounce@acme.example", "a+b"}, {"bounce@acme.example", "a@b"},
		{"bounce@acme.example", "-a"}, {"bounce@acme.example", "a\r\nb"}, {"bounce", token}, {"", token},
		{"a-very-long-local-part-indeed@acme.example", token}, // over 64 in all
	} {
		if got, err := VERP(payroll.Address(c.bounce), c.token); err == nil {
			t.Errorf("VERP(%q, %q) = %s", c.bounce, c.token, got)
		}
	}
}

func FuzzVERP(f *testing.F) {
	f.Add("bounce@acme.example", "5d0c7d8e-4b1a-4b52-9d5e-0d9c5f6a7b8c", "bounce+5d0c@acme.example")
	f.Add("b@a.b", "0", "b+@a.b")
	f.Add("b+c@a.b", "x", "b+c+x@a.b")
	f.Fuzz(func(t *testing.T, bounce, token, came string) {
		if token, ok := VERPToken(payroll.Address(bounce), payroll.Address(came)); ok && !verpToken.MatchString(token) {
			t.Fatalf("token %q", token)
		}
		address, err := VERP(payroll.Address(bounce), token)
		if err != nil {
			return
		}
		back, ok := VERPToken(payroll.Address(bounce), payroll.Address(strings.ToUpper(string(address))))
		if !ok || back != token {
			t.Fatalf("%s gives %q, %v; want %q", address, back, ok, token)
		}
	})
}
