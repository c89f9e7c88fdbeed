package mailer

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

func TestReadReply(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]reply{
		"250 OK\r\n":                         {250, "", "OK"},
		"250\r\n":                            {250, "", ""},
		"250 2.0.0 Ok: queued as 4F2\r\n":    {250, "2.0.0", "Ok: queued as 4F2"},
		"550-5.1.1 no\r\n550 5.1.1 user\r\n": {550, "5.1.1", "no user"},
		"450 5.1.1 classes differ\r\n":       {450, "", "5.1.1 classes differ"},
		"550 5.1.1\r\n":                      {550, "5.1.1", ""},
		"250 bare line end\n":                {250, "", "bare line end"},
	} {
		for _, from := range []io.Reader{strings.NewReader(text), iotest.OneByteReader(strings.NewReader(text))} {
			got, err := readReply(bufio.NewReader(from))
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(reply{})); err != nil || diff != "" {
				t.Errorf("%q: %v (-want +got):\n%s", text, err, diff)
			}
		}
	}
	for _, text := range []string{"", "25", "250 no end", "250-more\r\n"} {
		if _, err := readReply(bufio.NewReader(strings.NewReader(text))); !errors.Is(err, io.EOF) {
			t.Errorf("%q: %v, want EOF", text, err)
		}
	}
	for _, text := range []string{
		"\r\n", "OK\r\n", "25 x\r\n", "150 x\r\n", "650 x\r\n", "2500 x\r\n", "250_x\r\n", "250-a\r\n550 b\r\n", "250-a\r\nb\r\n",
		"250 " + strings.Repeat("x", 5000) + "\r\n", strings.Repeat("250-x\r\n", replyLines+1) + "250 x\r\n",
	} {
		if _, err := readReply(bufio.NewReader(strings.NewReader(text))); !errors.Is(err, errNotSMTP) {
			t.Errorf("%.30q: %v, want errNotSMTP", text, err)
		}
	}
}

func TestSanitised(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, to, want string }{
		{"<kiran.a@acme.example>: Recipient address rejected: User unknown", "kiran.a@acme.example", "5.1.1 <<>>: Recipient address rejected: User unknown"},
		{"KIRAN.A@ACME.EXAMPLE is not here", "kiran.a@acme.example", "5.1.1 <> is not here"},
		{"user kiran.a unknown; forwarded to <boss@other.example>", "kiran.a@acme.example", "5.1.1 user <> unknown; forwarded to <<>>"},
		{"Mailbox of Kiran is full", "kiran.a@acme.example", "5.1.1 Mailbox of <> is full"},
		{"see http://help.example/?p=kiran.a%40acme.example", "kiran.a@acme.example", "5.1.1 see http://help.example/?p=<>%40acme.example"},
		{"a mailbox is absent: a", "a@acme.example", "5.1.1 <> mailbox is absent: <>"},
		{`"kiran a"@acme.example no`, "x@acme.example", "5.1.1 <> no"},
		{"caf\u00e9 \x1b[31mred\x00", "x@acme.example", "5.1.1 caf [31mred"},
		{strings.Repeat("long ", 100), "x@acme.example", "5.1.1 " + strings.Repeat("long ", 38) + "long"},
	} {
		got := reply{550, "5.1.1", c.text}.sanitised(payroll.Address(c.to))
		if got != c.want {
			t.Errorf("%q for %s:\n got %q\nwant %q", c.text, c.to, got, c.want)
		}
	}
}

// FuzzReply reads foreign bytes as an answer, and looks for the recipient in
// what is left after sanitising.
func FuzzReply(f *testing.F) {
	f.Add([]byte("250 2.0.0 Ok: queued\r\n"), "kiran.a@acme.example")
	f.Add([]byte("550-5.1.1 <kiran.a@acme.example>\r\n550 5.1.1 Kiran unknown\r\n"), "kiran.a@acme.example")
	f.Add([]byte("550 kikiran.aran.a kiran+a@x <@> \"a b\"@c\r\n"), "kiran.a@acme.example")
	f.Add([]byte("421\r\n"), "<>@acme.example")
	f.Add([]byte("550 a A aa\xffa\r\n"), "a@acme.example")
	f.Fuzz(func(t *testing.T, text []byte, address string) {
		got, err := readReply(bufio.NewReader(strings.NewReader(string(text))))
		if err != nil {
			return
		}
		if got.code < 200 || got.code > 599 || strings.ContainsAny(got.text, "\n") {
			t.Fatalf("%+v", got)
		}
		to, err := payroll.ParseAddress(address)
		if err != nil {
			return
		}
		shown := got.sanitised(to)
		if len(shown) > 200 || strings.Contains(shown, "@") || notVisible.MatchString(strings.ReplaceAll(shown, " ", "")) {
			t.Fatalf("shown %q", shown)
		}
		local, _, _ := strings.Cut(strings.ToLower(address), "@")
		rest := strings.ToLower(strings.TrimPrefix(shown, got.enhanced))
		if len(local) >= 3 && strings.Contains(rest, local) {
			t.Fatalf("%q is still in %q", local, rest)
		}
		for _, word := range strings.FieldsFunc(rest, func(r rune) bool { return r == ' ' }) {
			if word == local {
				t.Fatalf("%q still stands in %q", local, rest)
			}
		}
	})
}
