package letter

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/payseal/payseal/payroll"
)

// wholeSlip has every part that a slip can have, and texts that want care.
func wholeSlip() payroll.Slip {
	money := func(minor int64) *payroll.Money { return &payroll.Money{Minor: minor, Currency: "EUR"} }
	return payroll.Slip{
		ID: "6f1c2d3e-0000-4000-8000-000000000001", Salt: "never shown",
		Employee: payroll.Employee{Number: "0007", Name: `Zoë "Zo" Dùbois\Nuñez <b>`, Email: "zoe@acme.example", Phone: "+33 1 55 50 01 11",
			Department: "Finance", Designation: "Controller", Country: "FR", BankAccount: "•••• 0189", Joined: payroll.Date{Year: 2015, Month: 9, Day: 1}},
		Period: payroll.Period{Year: 2026, Month: time.October}, PayDate: payroll.Date{Year: 2026, Month: 10, Day: 30}, Currency: "EUR",
		Gross: money(300000), Deductions: money(100005), Net: *money(199995), NetYearToDate: money(-5),
		Lines: []payroll.Line{{Kind: payroll.LineEarning, Label: "Heures", Amount: *money(300000), Quantity: "151.67", Rate: "19.7798", Base: money(1), YearToDate: money(2)},
			{Kind: payroll.LineDeduction, Label: "Impôt", Amount: *money(100005)},
			{Kind: payroll.LineTax, Label: "Net imposable", Amount: *money(250000), Rate: "3.99", Base: money(250000)}},
		Hours: []payroll.Fact{{Label: "Travail", Value: "151.67"}}, Leave: []payroll.Fact{{Label: "Congés", Value: "12"}},
		Info: []payroll.Fact{{Label: "Équipe", Value: "B"}}, Note: "Prime \"de\" fin d’année:\nversée en décembre.",
		Fields:   []payroll.FieldValue{{ID: "classification", Text: "Cadre"}, {ID: "net_social", Money: money(220000)}},
		Corrects: &payroll.Correction{Slip: "6f1c2d3e-0000-4000-8000-000000000000", PayDate: payroll.Date{Year: 2026, Month: 10, Day: 30}, Reason: "heures oubliées"},
	}
}

// TestAttachment holds the JSON of a whole slip and of the least one to the
// schema that is published, and keeps out what nobody else may learn.
func TestAttachment(t *testing.T) {
	t.Parallel()
	published, err := os.ReadFile("../../docs/payslip.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(published))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(attachmentSchema, document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile(attachmentSchema)
	if err != nil {
		t.Fatal(err)
	}
	h := &Letterhead{company: Company{Name: "ACME", Address: []string{"Main Street 1", ""}, KeyFingerprint: "9C1A0BD2E4F6578899AABBCCDDEEFF0011223344",
		Fields: map[payroll.FieldID]string{"siret": "123 456 789 00012", "ape": "6201Z"}}}
	least := payroll.Slip{Employee: payroll.Employee{Number: "7", Name: "Kiran"}, Period: payroll.Period{Year: 2026, Month: 1}, Currency: "JPY",
		Net: payroll.Money{Minor: -1, Currency: "JPY"}}
	for _, slip := range []payroll.Slip{wholeSlip(), least} {
		text := h.attachment(nil, &slip)
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
		for _, secret := range []string{"never shown", "zoe@", "55 50"} {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%q is in\n%s", secret, text)
			}
		}
	}
	var read struct {
		Net      string
		Note     string
		Employee struct{ Name string }
		Fields   map[string]string
		Sums     map[string]string `json:"year_to_date"`
	}
	whole := wholeSlip()
	if err := json.Unmarshal(h.attachment(nil, &whole), &read); err != nil || read.Net != "1999.95" || read.Note != whole.Note || read.Employee.Name != whole.Employee.Name ||
		read.Fields["net_social"] != "2200.00" || read.Sums["net"] != "-0.05" {
		t.Errorf("%+v, %v", read, err)
	}
}

// TestAttachedSlip finds the slip's number in a PDF that another program saved.
func TestAttachedSlip(t *testing.T) {
	t.Parallel()
	whole := wholeSlip()
	text := (&Letterhead{company: Company{Name: "ACME"}}).attachment(nil, &whole)
	var deflated bytes.Buffer
	w := zlib.NewWriter(&deflated)
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		pdf  string
		want payroll.SlipID
	}{
		"deflated":       {"%PDF-1.7\n1 0 obj<<>>stream\nplain\nendstream\n2 0 obj<<>>stream\r\n" + deflated.String() + "\nendstream", whole.ID},
		"plain":          {"%PDF-1.7\n1 0 obj<<>>stream\n" + string(text) + "\nendstream", whole.ID},
		"torn":           {"%PDF-1.7\n1 0 obj<<>>stream\n" + deflated.String()[:deflated.Len()/2], ""},
		"another schema": {"stream\n{\"schema\":\"urn:payseal:payslip:12\",\"slip\":\"x\"}\nendstream", ""},
		"nothing":        {"", ""},
	} {
		if got, ok := AttachedSlip([]byte(c.pdf)); got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q, %v", name, got, ok)
		}
	}
}

// TestAttachedSlipSavedAnew: what other programs make of a PDF still names its
// slip, whoever else's pages are in it.
func TestAttachedSlipSavedAnew(t *testing.T) {
	t.Parallel()
	qpdf, err := exec.LookPath("qpdf")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("this test needs qpdf")
		}
		t.Skip("this test needs qpdf")
	}
	h, err := NewLetterhead(Company{Name: "ACME"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := wholeSlip()
	sent, err := h.Page(s)
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := AttachedSlip(sent); !ok || got != s.ID {
		t.Fatalf("as it was sent: %q, %v", got, ok)
	}
	path := filepath.Join(t.TempDir(), "slip.pdf")
	if err := os.WriteFile(path, sent, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, how := range [][]string{{"--linearize"}, {"--object-streams=disable"}, {"--object-streams=generate", "--recompress-flate"}, {"--qdf"}, {"--stream-data=uncompress"}} {
		saved, err := exec.Command(qpdf, append(how, path, "-")...).Output()
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := AttachedSlip(saved); !ok || got != s.ID || bytes.Equal(saved, sent) {
			t.Errorf("qpdf %v: %q, %v", how, got, ok)
		}
	}
}

// TestAttachedSlipBombs: neither a stream that swells nor streams in one another
// keep the program busy. Unbounded, each would take minutes.
func TestAttachedSlipBombs(t *testing.T) {
	t.Parallel()
	var swelling bytes.Buffer
	w := zlib.NewWriter(&swelling)
	for range 64 {
		if _, err := w.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	empty := []byte("\x00\x00\x00\xff\xff")                                  // a block of nothing
	inner := []byte("\x00\x08\x00\xf7\xffstream\x78\x9c")                    // a block in which a stream begins
	nested := append([]byte("stream\x78\x9c"), bytes.Repeat(inner, 4000)...) // each goes on to the end
	nested = append(nested, bytes.Repeat(empty, 8<<20/len(empty))...)
	for name, pdf := range map[string][]byte{
		"swelling": bytes.Repeat(append([]byte("stream\n"), swelling.Bytes()...), 300),
		"nested":   nested,
		"no end":   bytes.Repeat([]byte("stream "), 5<<20),
	} {
		if slip, ok := AttachedSlip(pdf); ok {
			t.Errorf("%s: %q", name, slip)
		}
	}
}

// FuzzAttachedSlip: whatever a stranger sends, it is read in bounds.
func FuzzAttachedSlip(f *testing.F) {
	f.Add([]byte("stream\n{\"schema\":\"urn:payseal:payslip:1\",\"slip\":\"x\"}\nendstream"))
	f.Add([]byte("streamstreamendstream"))
	f.Add([]byte("stream\r\n\x78\x9c\x01"))
	f.Fuzz(func(t *testing.T, pdf []byte) {
		if slip, ok := AttachedSlip(pdf); ok != (slip != "") {
			t.Errorf("%q, %v", slip, ok)
		}
	})
}
