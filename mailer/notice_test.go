package mailer

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const (
	someToken  = "mfrggzdfmztwq2lknnwg23tpobyxe43u"
	someCode   = "K7QF2-9XMPT"
	someOrigin = "https://payroll.acme.example"
)

var acme = Company{Name: "ACME", Contact: "hr@acme.example, +43 1 5550123", Origin: someOrigin}

var someDay = time.Date(2026, 11, 28, 14, 5, 0, 0, time.FixedZone("CET", 3600))

// told is one notice of each kind and topic, as its writer makes it.
type told struct {
	name  string
	write func(c Company, language string) (Notice, error)
	link  string // behind the origin and the language, where there is one
}

func everyNotice() []told {
	linked := func(f func(Company, string, string, time.Time) (Notice, error)) func(Company, string) (Notice, error) {
		return func(c Company, language string) (Notice, error) { return f(c, language, someToken, someDay) }
	}
	all := []told{
		{"invitation", linked(Company.Invitation), "/enter/" + someToken},
		{"link", linked(Company.FreshLink), "/enter/" + someToken},
		{"confirm_old", linked(Company.ConfirmOld), "/confirm/" + someToken},
		{"confirm_new", linked(Company.ConfirmNew), "/confirm/" + someToken},
		{"report", Company.ReportAlert, ""},
		{"alarm", Company.Alarm, ""},
		{"digest", func(c Company, language string) (Notice, error) {
			return c.Digest(language, payroll.DigestCounts{PayDate: payroll.Date{Year: 2026, Month: 12, Day: 18}, Employees: 120, Ready: 97, Ending: 5})
		}, ""},
		{"reminder", func(c Company, language string) (Notice, error) {
			return c.Reminder(language, payroll.Date{Year: 2026, Month: 12, Day: 18})
		}, "/"},
	}
	for topic := range english.changes {
		all = append(all, told{"change/" + topic, func(c Company, language string) (Notice, error) { return c.Change(language, topic) }, "/"})
	}
	for reason := range english.held.reasons {
		all = append(all, told{"held/" + string(reason), func(c Company, language string) (Notice, error) {
			n, told, err := c.Held(reason, language)
			if err == nil && !told {
				err = errors.New("the reason is not told")
			}
			return n, err
		}, "/"})
	}
	slices.SortFunc(all, func(a, b told) int { return strings.Compare(a.name, b.name) })
	return all
}

// Every kind, topic and reason in every language: it composes, is 7-bit, says
// who it is from and whom to ask, has nothing left to fill in, and its link once,
// on a line of its own.
func TestEveryNoticeInEveryLanguage(t *testing.T) {
	t.Parallel()
	for language := range wordings {
		for _, n := range everyNotice() {
			t.Run(language+"/"+n.name, func(t *testing.T) {
				t.Parallel()
				notice, err := n.write(acme, language+"-XX")
				if err != nil {
					t.Fatal(err)
				}
				body := composed(t, notice)
				if !strings.Contains(notice.subject, "ACME") || !strings.Contains(body, "ACME") || strings.ContainsAny(notice.subject+body, "{}") {
					t.Errorf("%q\n%s", notice.subject, body)
				}
				if n.name != "report" && n.name != "alarm" && n.name != "digest" && !strings.HasPrefix(n.name, "reminder") && !strings.Contains(body, acme.Contact) {
					t.Errorf("it does not say whom to ask:\n%s", body)
				}
				if link := "\r\n" + someOrigin + "/" + language + n.link + "\r\n"; n.link != "" && strings.Count(body, link) != 1 || strings.Contains(n.link, someToken) && strings.Count(body, someToken) != 1 {
					t.Errorf("no link, or more than one:\n%s", body)
				}
			})
		}
	}
}

// composed puts a notice into an envelope, reads it as a mail program does, and
// gives its text.
func composed(t *testing.T, n Notice) string {
	t.Helper()
	e := envelope(1)
	e.FromName = "Gehaltsb\u00fcro"
	m, err := ComposeNotice(e, n)
	if err != nil {
		t.Fatal(err)
	}
	header, body := readNotice(t, m)
	if header.Get("Auto-Submitted") != "auto-generated" || header.Get("Message-ID") != "<"+m.ID()+">" || header.Get("User-Agent") != "" {
		t.Errorf("header %v", header)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
	if err != nil || subject != n.subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	if body != n.body || !plainLines(m.Bytes()) {
		t.Errorf("body %q", body)
	}
	return body
}

// readNotice takes a notice apart with the standard library.
func readNotice(t *testing.T, m Message) (mail.Header, string) {
	t.Helper()
	message, err := mail.ReadMessage(bytes.NewReader(m.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if got := message.Header.Get("Content-Transfer-Encoding"); got != "quoted-printable" {
		t.Errorf("encoding %s", got)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(message.Body))
	if err != nil {
		t.Fatal(err)
	}
	return message.Header, string(body)
}

// The English and the Arabic notices, as they are read. In the Arabic ones the
// marks of direction are shown by their names.
func TestNoticesAsTheyAreRead(t *testing.T) {
	t.Parallel()
	marks := strings.NewReplacer(rightToLeftMark, "<RLM>", isolateRight, "<RLI>", isolateAny, "<FSI>", isolateEnd, "<PDI>", "\r\n", "\n")
	for _, language := range []string{"en", "ar"} {
		var all strings.Builder
		for _, n := range everyNotice() {
			notice, err := n.write(acme, language)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&all, "=== %s\nSubject: %s\n\n%s\n", n.name, notice.subject, marks.Replace(notice.body))
		}
		for _, l := range everyCode(t, language) {
			fmt.Fprintf(&all, "=== sealed\nSubject: %s\n\n%s\n", l.subject, marks.Replace(l.body))
		}
		cover, err := acme.Cover(language, "document.pdf.pgp")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&all, "=== beside a file\n%s\n", marks.Replace(cover.text))
		golden(t, "notices."+language+".txt", all.String())
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got); if it is meant, run go test -update:\n%s", name, diff)
	}
}

// Right-to-left text keeps its order in a program that looks at its letters and
// in one that does not: each line is marked and isolated, and so is what is
// filled in; links and codes stand bare.
func TestRightToLeftIsMarked(t *testing.T) {
	t.Parallel()
	for _, n := range everyNotice() {
		notice, err := n.write(acme, "ar")
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(notice.body, "\r\n") {
			arabic := strings.ContainsFunc(line, readsLeftwards)
			whole := strings.HasPrefix(line, rightToLeftMark+isolateRight) && strings.HasSuffix(line, isolateEnd)
			if arabic != whole || strings.Count(line, isolateRight)+strings.Count(line, isolateAny) != strings.Count(line, isolateEnd) {
				t.Errorf("%s: line %q", n.name, line)
			}
			if arabic && strings.Count(line, "ACME") != strings.Count(line, isolateAny+"ACME"+isolateEnd) {
				t.Errorf("%s: the company is not isolated in %q", n.name, line)
			}
		}
	}
}

// All languages say the same things with the same placeholders, and nobody is
// told what is HR's alone.
func TestWordingsAgree(t *testing.T) {
	t.Parallel()
	placeholder := regexp.MustCompile(`\{[^}]*\}`)
	fillIns := func(w *wording) map[string][]string {
		found := make(map[string][]string)
		put := func(name string, texts ...string) {
			found[name] = slices.Compact(slices.Sorted(slices.Values(placeholder.FindAllString(strings.Join(texts, " "), -1))))
			if slices.Contains(texts, "") && !strings.HasPrefix(name, "file") {
				found[name] = append(found[name], "nothing said")
			}
		}
		for name, p := range map[string]passage{"invitation": w.invitation, "link": w.link, "old": w.confirmOld, "new": w.confirmNew,
			"reminder": w.reminder, "digest": w.digest, "report": w.report, "alarm": w.alarm, "proof": w.proofCode, "sign-in": w.signInCode, "file": w.file} {
			put(name, append(p.text, p.subject)...)
			put(name+" in paragraphs", p.text...)
		}
		for topic, p := range w.changes {
			put("change "+topic, append(p.text, p.subject)...)
		}
		for reason, text := range w.held.reasons {
			put("held "+string(reason), text)
		}
		for i, text := range []string{w.held.subject, w.held.waiting, w.held.ask, w.caution, w.genuine, w.unknown, w.lookHere, w.mendHere, w.handIn, w.handInTo, w.counts, w.neverTell} {
			put(fmt.Sprint("text ", i), text)
		}
		return found
	}
	for language, w := range wordings {
		if diff := cmp.Diff(fillIns(&english), fillIns(w)); diff != "" {
			t.Errorf("%s says other things (-en +%s):\n%s", language, language, diff)
		}
	}
	for _, reason := range []payroll.HoldReason{payroll.HoldTwin, payroll.HoldContentChanged, payroll.HoldLetterheadChanged, payroll.HoldLeft, payroll.HoldOnPaper, payroll.HoldAddressChanged, ""} {
		if n, told, err := acme.Held(reason, "en"); told || err != nil || !n.IsZero() {
			t.Errorf("%q is told: %v", reason, err)
		}
	}
}

// Without a form a notice leads nowhere, and one that must lead somewhere is not
// written.
func TestNoticesWithoutAForm(t *testing.T) {
	t.Parallel()
	c := acme
	c.Origin, c.Contact = "", ""
	for _, n := range everyNotice() {
		notice, err := n.write(c, "en")
		if strings.Contains(n.link, someToken) {
			if !errors.Is(err, payroll.ErrInvalid) {
				t.Errorf("%s: %v", n.name, err)
			}
			continue
		}
		if err != nil || strings.Contains(notice.body, "/en/") || strings.ContainsAny(notice.body, "{}") {
			t.Errorf("%s: %q, %v", n.name, notice.body, err)
		}
	}
}

func TestNoticeRefuses(t *testing.T) {
	t.Parallel()
	if n, _, err := acme.Held(payroll.HoldExpired, "tlh"); err != nil || !strings.HasPrefix(n.subject, "Your salary slip") {
		t.Errorf("an unknown language: %q, %v", n.subject, err)
	}
	for _, c := range []Company{
		{Name: "ACME\r\nBcc: x@y.example", Contact: "HR"}, {Name: "ACME", Contact: "HR\nx"}, {Contact: "HR"},
		{Name: "ACME", Contact: strings.Repeat("x", 201)}, {Name: "ACME {link}"},
		{Name: "ACME", Origin: "http://payroll.acme.example"}, {Name: "ACME", Origin: "https://payroll.acme.example/"},
		{Name: "ACME", Origin: "https://payroll.acme.example/x"}, {Name: "ACME", Origin: "https://a@payroll.acme.example"},
		{Name: "ACME", Origin: "https://"}, {Name: "ACME", Origin: "https://p\u0430yroll.example"}, {Name: "ACME", Origin: "javascript:x"},
	} {
		if _, told, err := c.Held(payroll.HoldExpired, "en"); told || !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("%q: %v, %v", c, told, err)
		}
	}
	for _, secret := range []string{"", "short", someToken + "/../x", someToken + "\r\n"} {
		if n, err := acme.Invitation("en", secret, someDay); !errors.Is(err, payroll.ErrInvalid) || !n.IsZero() {
			t.Errorf("%q: %v", secret, err)
		}
	}
	if _, err := acme.Invitation("en", someToken, time.Time{}); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("a link without an end: %v", err)
	}
	if _, err := acme.Change("en", "salary"); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("an unknown topic: %v", err)
	}
	if _, err := ComposeNotice(envelope(1), Notice{}); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("an empty notice: %v", err)
	}
	n, _, err := acme.Held(payroll.HoldExpired, "en")
	if err != nil {
		t.Fatal(err)
	}
	e := envelope(1)
	e.To = "kiran@acme"
	if _, err := ComposeNotice(e, n); !errors.Is(err, payroll.ErrInvalid) || strings.Contains(err.Error(), "kiran") {
		t.Errorf("a bad envelope: %v", err)
	}
}
