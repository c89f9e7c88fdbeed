package payroll

import (
	"errors"
	"net/mail"
	"strings"
	"testing"
)

func TestParseAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Address{
		"kiran.a@acme.example":                   "kiran.a@acme.example",
		"Kiran.A@ACME.Example":                   "Kiran.A@acme.example",
		"o'brien+pay@sub.acme.example":           "o'brien+pay@sub.acme.example",
		"a@xn--mnchen-3ya.example":               "a@xn--mnchen-3ya.example",
		"a@1.example":                            "a@1.example",
		strings.Repeat("a", 64) + "@x.example":   Address(strings.Repeat("a", 64) + "@x.example"),
		"{weird}|but`legal`=1/2?#!$%&*^~_-@x.io": "{weird}|but`legal`=1/2?#!$%&*^~_-@x.io",
	} {
		if got, err := ParseAddress(text); err != nil || got != want {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

func TestParseAddressRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "@", "a", "a@", "@b.example", "a@b", "a@b.", "a@.b", "a@b..c", "a@-b.example", "a@b-.example",
		".a@b.example", "a.@b.example", "a..b@c.example", `"a b"@c.example`, `"a"@c.example`, "a b@c.example", " a@c.example", "a@c.example ",
		"a@b@c.example", "a,b@c.example", "a;b@c.example", "a<b@c.example", "<a@c.example>", "Kiran <a@c.example>", "a(b)@c.example",
		"a@[192.0.2.1]", "a@192.0.2.1", "a@acme.123", "ä@c.example", "a@münchen.example", "a@b.example\n", "a\r\n@b.example", "a\x00@b.example",
		"a@b.exa_mple", "a@" + strings.Repeat("b", 64) + ".example", strings.Repeat("a", 65) + "@x.example",
		"a@" + strings.Repeat("b.", 130) + "example",
		strings.Repeat("a", 64) + "@" + strings.Repeat("bbbbbbbb.", 21) + "example", // legal parts, but too long for a mail command
	} {
		got, err := ParseAddress(text)
		if !errors.Is(err, ErrInvalid) {
			t.Errorf("%q was taken as %q, %v", text, got, err)
			continue
		}
		if len(text) > 8 && strings.Contains(err.Error(), text) {
			t.Errorf("the error quotes the address: %v", err)
		}
	}
}

func TestAddressSame(t *testing.T) {
	t.Parallel()
	if !Address("Kiran@acme.example").Same("kiran@ACME.example") || Address("kiran@acme.example").Same("kiran@acme.examples") {
		t.Error("the same mailbox is not told from another")
	}
	if got := Address("a@ACME.example").Domain(); got != "acme.example" {
		t.Errorf("domain %q", got)
	}
}

// Whatever is accepted is one plain address to the standard library too, and
// is accepted again as it is.
func FuzzParseAddress(f *testing.F) {
	for _, seed := range []string{"kiran@acme.example", `"a"@b.example`, "a@b@c.example", "a@[1.2.3.4]", "ä@b.example", "a@b.example\r\nRCPT TO:<x@y.z>", "a@xn--a.example"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		address, err := ParseAddress(text)
		if err != nil {
			if !errors.Is(err, ErrInvalid) || address != "" {
				t.Fatalf("%q: %q, %v", text, address, err)
			}
			return
		}
		if again, err := ParseAddress(string(address)); err != nil || again != address {
			t.Fatalf("%q became %q, which became %q, %v", text, address, again, err)
		}
		parsed, err := mail.ParseAddress(string(address))
		if err != nil || parsed.Address != string(address) || parsed.Name != "" {
			t.Fatalf("the standard library reads %q otherwise: %+v, %v", address, parsed, err)
		}
		if !address.Same(Address(text)) || strings.ContainsAny(string(address), "\r\n\x00 <>\"") {
			t.Fatalf("%q became %q", text, address)
		}
	})
}
