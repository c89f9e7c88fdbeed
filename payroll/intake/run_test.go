package intake

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

const head = "employee_id,name,email,period,currency,gross,deductions,net\n"

const alice = "E001,Alice Example,alice@acme.example,2026-10,EUR,5000.00,1200.50,3799.50\n"

var runTests = []struct {
	name, file string
	want       []string // as codes gives them
}{
	{"good", head + alice, nil},
	{"no header but data", alice, []string{"error:missing_header@1:employee_id", "error:missing_header@1:net"}},
	{"header only", head, []string{"error:no_employees@0:"}},
	{"header case and spaces", strings.ToUpper(strings.ReplaceAll(head, ",", " , ")) + alice, nil},
	{"line break in a header", "employee_id,net,\"Cost\ncentre\"\nE001,1.00,7\nE002,x,7\n", []string{"error:bad_number@3:net"}},
	{"doubled header", "employee_id,net,Net\nE001,1.00,1.00\n", []string{"error:doubled_header@1:Net"}},
	{"doubled unknown header", "employee_id,net,x,X\nE001,1.00,a,b\n", []string{"error:doubled_header@1:"}},
	{"control character in header", "employee_id,net,a\u202eb\nE001,1.00,a\n", []string{"error:bad_header@1:"}},
	{"value under no header", "employee_id,net,\nE001,1.00,7\n", []string{"error:column_without_header@2:"}},
	{"empty column without header", "employee_id,net,\nE001,1.00,\n", nil},
	{"ragged short", "employee_id,name,net\nE001,1.00\n", []string{"error:ragged_row@2:"}},
	{"ragged long", "employee_id,net\nE001,1,200.00\n", []string{"error:ragged_row@2:"}},
	{"unclosed quote", "employee_id,net\nE001,\"1.00\nE002,2.00\n", []string{"error:unclosed_quote@2:"}},
	{"stray quote", "employee_id,net\nE0\"01,1.00\n", []string{"error:stray_quote@2:"}},
	{"text after quote", "employee_id,net\n\"E001\"x,1.00\n", []string{"error:stray_quote@2:"}},
	{"quoted newline and row numbers", "employee_id,net,info:Note\nE001,1.00,\"a\"\"b\"\n\nE002,x,\"\"\n", []string{"error:bad_number@4:net"}},
	{"newline inside a fact", "employee_id,net,info:Note\nE001,1.00,\"a\nb\"\nE002,x,c\n", []string{"error:control_character@2:info:Note", "error:bad_number@3:net"}},
	{"note", "employee_id,net,note\nE001,1.00,\"One.\r\n\r\nTwo.\"\nE002,1.00,a\u202eb\n0007,1.00," + strings.Repeat("ü", payroll.MostNote+1) + "\n",
		[]string{"error:control_character@3:note", "error:note_too_long@4:note"}},
	{"tax that adds up to nothing", "employee_id,gross,deductions,net,deduction:Tax,tax:Taxable pay,tax:Tax,rate:tax:Tax,base:tax:Tax\nE001,100.00,20.00,80.00,20.00,100.00,20.00,20,100.00\n", nil},
	{"leave in words", "employee_id,net,leave:Holiday\nE001,1.00,2.5\nE002,1.00,two days\n", []string{"error:bad_number@3:leave:Holiday"}},
	{"nul byte", "employee_id,net\nE0\x0001,1.00\n", []string{"error:nul_byte@2:"}},
	{"broken UTF-8", "employee_id,net,name\nE002,1.00,Bob Exámple\nE001,1.00,Al\xff\xfeice\n", []string{"error:invalid_bytes@3:"}},
	{"windows-1252", "employee_id,net,name\nE002,1.00,Bob Ex\xe1mple\n", []string{"ask:encoding_unknown@0:"}},
	{"unknown employee", "employee_id,net\nE003,1.00\n", []string{"error:unknown_employee@2:employee_id"}},
	{"lost zeros", "employee_id,net\n7,1.00\n", []string{"error:lost_leading_zeros@2:employee_id"}},
	{"case of the number", "employee_id,net\ne001,1.00\n", []string{"error:lost_leading_zeros@2:employee_id"}},
	{"space in the number", "employee_id,net\n\"E001 \",1.00\n", []string{"error:bad_employee_id@2:employee_id"}},
	{"duplicate", head + alice + alice, []string{"error:duplicate_employee@3:employee_id"}},
	{"missing number", "employee_id,name,net\n,Alice Example,1.00\n", []string{"error:missing_employee_id@2:employee_id"}},
	{"name differs", "employee_id,name,net\nE001,Alicia Example,1.00\n", []string{"error:name_differs@2:name"}},
	{"name in another case", "employee_id,name,net\nE001,alice example,1.00\n", []string{"error:name_differs@2:name"}},
	{"decomposed name, double space", "employee_id,name,net\nE002,Bob  Exa\u0301mple,1.00\n", nil},
	{"bidi override in a name", "employee_id,name,net\nE001,Alice \u202eExample,1.00\n", []string{"error:bad_name@2:name"}},
	{"zero width in a name", "employee_id,name,net\nE001,Ali\u200bce Example,1.00\n", []string{"error:bad_name@2:name"}},
	{"control in a name", "employee_id,name,net\nE001,Alice\x07 Example,1.00\n", []string{"error:bad_name@2:name"}},
	{"address differs", "employee_id,email,net\nE001," + markAddress + ",1.00\n", []string{"error:address_differs@2:email"}},
	{"address in another case", "employee_id,email,net\nE001,Alice@ACME.example,1.00\n", nil},
	{"no name in a row", "employee_id,name,net\nE001, ,1.00\nE002,Bob Exámple,1.00\n", []string{"warning:name_missing@2:name"}},
	{"no address in a row", "employee_id,email,net\nE001,,1.00\nE002,bob@acme.example,1.00\n", []string{"warning:address_missing@2:email"}},
	{"no name, unknown employee", "employee_id,name,net\nE003,,1.00\n", []string{"error:unknown_employee@2:employee_id"}},
	{"domain that only looks like an A-label", "employee_id,email,net\nE001,alice@xn--a.example,1.00\n", []string{"error:bad_address@2:email"}},
	{"quoted local part", "employee_id,email,net\nE001,\"\"\"a b\"\"@acme.example\",1.00\n", []string{"error:bad_address@2:email"}},
	{"one line of address for two", "employee_id,email,net\nE001,alice@acme.example,1.00\nE002,alice@acme.example,1.00\n", []string{"error:address_differs@3:email"}},
	{"left long ago", "employee_id,period,net\nE009,2026-10,1.00\n", []string{"warning:left_before_period@2:employee_id"}},
	{"mixed periods", "employee_id,period,net\nE001,2026-10,1.00\nE002,2026-11,1.00\n", []string{"error:mixed_periods@3:period"}},
	{"bad period", "employee_id,period,net\nE001,Oct-26,1.00\nE002,,1.00\n", []string{"error:bad_period@2:period", "error:bad_period@3:period"}},
	{"period as a day", "employee_id,period,net\nE001,2026-10,1.00\nE002,2026-10-31,1.00\n", nil},
	{"mixed currencies", "employee_id,currency,net\nE001,EUR,1.00\nE002,USD,1.00\n", []string{"error:mixed_currencies@3:currency"}},
	{"bad currency", "employee_id,currency,net\nE001,EURO,1.00\n", []string{"error:bad_currency@2:currency"}},
	{"currency beside the number", "employee_id,currency,net\nE001,EUR,EUR 1.00\nE002,EUR,1.00 €\n", nil},
	{"another currency beside the number", "employee_id,currency,net\nE001,EUR,USD 1.00\n", []string{"error:other_currency@2:net"}},
	{"a currency that nothing names", "employee_id,net\nE001,USD 1.00\n", []string{"ask:no_currency@2:net"}},
	{"yen have no decimals", "employee_id,currency,net\nE001,JPY,350000.5\nE002,JPY,350000\n", []string{"error:too_many_decimals@2:net"}},
	{"dinars have three", "employee_id,currency,net\nE001,KWD,0.125\n", nil},
	{"zeros beyond the cent", "employee_id,currency,net\nE001,EUR,1234.5000\n", nil},
	{"half a cent", "employee_id,currency,net\nE001,EUR,1234.505\n", []string{"error:too_many_decimals@2:net"}},
	{"missing net", "employee_id,name,net\nE001,Alice Example,\n", []string{"error:missing_net@2:net"}},
	{"net off by a cent", head + strings.Replace(alice, "3799.50", "3799.51", 1), []string{"error:net_differs@2:net"}},
	{"net from components", "employee_id,net,earning:Basic,deduction:Tax\nE001,80.00,100.00,20.00\nE002,80.01,100.00,20.00\n", []string{"error:net_differs@3:net"}},
	{"gross from components", "employee_id,gross,deductions,net,earning:A,earning:B\nE001,100.00,0.00,100.00,60.00,39.99\n", []string{"error:earnings_differ@2:gross"}},
	{"deductions from components", "employee_id,gross,deductions,net,deduction:A,deduction:B\nE001,100.00,20.00,80.00,10.00,9.00\n", []string{"error:deductions_differ@2:deductions"}},
	{"employer's part is information", "employee_id,gross,deductions,net,earning:A,employer:P\nE001,100.00,0.00,100.00,100.00,999.00\n", nil},
	{"negative net", "employee_id,gross,deductions,net\nE001,10.00,30.00,-20.00\n", []string{"ask:negative_pay@2:net"}},
	{"a refund is a negative deduction", "employee_id,gross,deductions,net,deduction:Tax\nE001,10.00,(5.00),15.00,-5.00\n", nil},
	{"not a number", "employee_id,net\nE001,NaN\n", []string{"error:not_a_number@2:net"}},
	{"exponent", "employee_id,net\nE001,1.5E3\n", []string{"error:exponent@2:net"}},
	{"Arabic digits", "employee_id,net\nE001,١٢٣\n", []string{"error:non_ascii_digits@2:net"}},
	{"overflow", "employee_id,net\nE001,99999999999999999999\n", []string{"error:too_large@2:net"}},
	{"boolean", "employee_id,net\nE001,TRUE\n", []string{"error:boolean_amount@2:net"}},
	{"error cell", "employee_id,net\nE001,#DIV/0!\n", []string{"error:error_cell@2:net"}},
	{"undecidable", "employee_id,gross,deductions,net\nE001,\"5,000\",1.200,\"3,800\"\n", []string{"ask:decimal_unknown@2:gross"}},
	{"decided further down", "employee_id;net\nE001;1.200\nE002;1.234,56\n", nil},
	{"decided by another column", "employee_id;net;ytd:net\nE001;1.200;12.345,6\n", nil},
	{"contradiction", "employee_id;net\nE001;1.234,56\nE002;1,234.56\n", []string{"error:mixed_decimals@3:net"}},
	{"contradiction after an unclear one", "employee_id;net\nE001;1.200\nE002;1.234,56\n0007;1,234.56\n", []string{"error:mixed_decimals@4:net"}},
	{"lakhs", "employee_id,net\nE001,\"1,23,456.00\"\n", nil},
	{"apostrophes", "employee_id,net\nE001,1'234.56\nE002,1’234.50\n", nil},
	{"hours", "employee_id,net,hours:Overtime\nE001,1.00,7.25\nE002,1.00,7.12345\n", []string{"error:hours_decimals@3:hours:Overtime"}},
	{"year to date of nothing", "employee_id,net,ytd:gross\nE001,1.00,2.00\n", []string{"error:ytd_without_column@1:ytd:gross"}},
	{"totals", head + alice + "Total,,,,,5000.00,1200.50,3799.50\n", nil},
	{"totals in German", head + alice + ",Summe:,,,,5000.00,1200.50,3799.50\n", nil},
	{"totals in Japanese", head + alice + "合計,,,,,5000.00,,3799.50\n", nil},
	{"totals that differ", head + alice + "TOTALS,,,,,5000.00,1200.50,3799.51\n", []string{"error:totals_differ@3:net"}},
	{"rows after totals", head + "Sum,,,,,0.00,0.00,0.00\n" + alice, []string{"error:rows_after_totals@3:"}},
	{"JSON", "{\"employee_id\": 1}", []string{"error:stray_quote@1:"}},
	{"random bytes", "\x8f\x01\xff\xfe\x80,\x00", []string{"error:nul_byte@1:"}},
	{"comma and semicolon in the header", "employee_id;a,b;net\nE001;x;1.00\n", nil},
	{"no way to tell the separator", "number,a;b\nE001,x;1\n", []string{"ask:separator_unclear@0:"}},
	{"separator line", "sep=;\nemployee_id;net\nE001;1.00\nE002;x\n", []string{"error:bad_number@4:net"}},
	{"Mac line ends", "employee_id,net\rE001,1.00\rE002,x\r", []string{"error:bad_number@3:net"}},
	{"Windows line ends, none at the end", "employee_id,net\r\nE001,1.00\r\nE002,x", []string{"error:bad_number@3:net"}},
	{"blank rows", "\n\nemployee_id,net\n\nE001,1.00\n,\nE002,x\n", []string{"error:bad_number@7:net"}},
	{"tabs", "employee_id\tnet\nE001\t1.00\n", nil},
	{"empty", "", []string{"error:empty_file@0:"}},
	{"blank", "\n\n\n", []string{"error:empty_file@0:"}},
	{"a web page", "<html><table><tr><td>employee_id</td></tr></table></html>", []string{"error:html_file@0:"}},
	{"a PDF", "%PDF-1.7\n", []string{"error:wrong_file_type@0:"}},
	{"old Excel", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600), []string{"error:old_xls_file@0:"}},
	{"encrypted Excel", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 70_000) + string(utf16le("EncryptedPackage")), []string{"error:encrypted_workbook@0:"}},
	{"half a zip", "PK\x03\x04" + strings.Repeat("x", 100), []string{"error:damaged_workbook@0:"}},
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, test := range runTests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			result := parse(NewFile("run", []byte(test.file)), Options{Roster: testRoster()})
			checkFindings(t, result.Findings)
			if diff := cmp.Diff(append([]string{}, test.want...), codes(result.Findings)); diff != "" {
				t.Error(diff)
			}
			if accepted := result.Verdict() == payroll.VerdictAccept; accepted != (result.Slips != nil) {
				t.Errorf("verdict %s with %d slips", result.Verdict(), len(result.Slips))
			}
		})
	}
}

// TestParseOptions decides each ask by its option.
func TestParseOptions(t *testing.T) {
	t.Parallel()
	november := payroll.Period{Year: 2026, Month: 11}
	for _, test := range []struct {
		name, file string
		o          Options
		want       []string
		net        string
	}{
		{"decimal point", "employee_id,net\nE001,\"5,000\"\n", Options{Reading: Reading{Decimal: DecimalPoint}}, nil, "5000.00"},
		{"decimal comma", "employee_id,net\nE001,\"5,000\"\n", Options{Reading: Reading{Decimal: DecimalComma}}, nil, "5.00"},
		{"decimal against the file", "employee_id,net\nE001,1234.56\n", Options{Reading: Reading{Decimal: DecimalComma}}, []string{"error:mixed_decimals@2:net"}, ""},
		{"windows-1252", "employee_id,name,net\nE002,Bob Ex\xe1mple,1.00\n", Options{Reading: Reading{Encoding: "windows-1252"}}, nil, "1.00"},
		{"windows-1252 for UTF-8", "employee_id,name,net\nE002,Bob Exámple,1.00\n", Options{Reading: Reading{Encoding: "windows-1252"}}, []string{"error:encoding_contradicts@0:"}, ""},
		{"a byte that windows-1252 lacks", "employee_id,name,net\nE002,Bob Ex\x81mple,1.00\n", Options{Reading: Reading{Encoding: "windows-1252"}}, []string{"error:invalid_bytes@0:"}, ""},
		{"utf-8 said of windows-1252", "employee_id,name,net\nE002,Bob Ex\xe1mple,1.00\n", Options{Reading: Reading{Encoding: "utf-8"}}, []string{"error:invalid_bytes@2:"}, ""},
		{"separator", "employee_id,a;net\nE001,a;1.00\n", Options{Reading: Reading{Separator: "semicolon"}}, []string{"error:missing_header@1:employee_id"}, ""},
		{"negative allowed", "employee_id,net\nE001,-5.00\n", Options{AllowNegative: true}, nil, "-5.00"},
		{"wrong period", head + alice, Options{Period: november}, []string{"error:wrong_period@2:period"}, ""},
		{"wrong currency", head + alice, Options{Currency: "USD"}, []string{"error:wrong_currency@2:currency"}, ""},
		{"import needs both", "employee_id,net\nE001,5.00\n", Options{ForImport: true}, []string{"ask:no_currency@0:", "ask:no_period@0:"}, ""},
		{"import has both", "employee_id,net\nE001,5.00\n", Options{ForImport: true, Currency: "EUR", Period: november}, nil, "5.00"},
		{"yen by option", "employee_id,net\nE001,500\n", Options{Currency: "JPY"}, nil, "500"},
		{"a slip's own findings", "employee_id,net\nE001,5.00\n", Options{CheckSlip: func(payroll.Slip) []payroll.Finding {
			return []payroll.Finding{{Severity: payroll.SeverityError, Code: "missing_glyph", Message: "m"}}
		}}, []string{"error:missing_glyph@2:"}, ""},
	} {
		test.o.Roster = testRoster()
		result := parse(NewFile("run.csv", []byte(test.file)), test.o)
		checkFindings(t, result.Findings)
		if diff := cmp.Diff(append([]string{}, test.want...), codes(result.Findings)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		} else if test.net != "" && result.Totals.Net != test.net {
			t.Errorf("%s: net %s", test.name, result.Totals.Net)
		}
	}
}

// TestParseEncodings reads one file in every encoding to the same slips.
func TestParseEncodings(t *testing.T) {
	t.Parallel()
	const text = "employee_id,name,net,info:Čeština\r\nE002,Bob Exámple,1.00,日本語 €\r\n"
	want := parse(NewFile("run.csv", []byte(text)), Options{Roster: testRoster()})
	if want.Verdict() != payroll.VerdictAccept || want.Slips[0].Info[0].Value != "日本語 €" {
		t.Fatal(want.Findings)
	}
	for name, content := range map[string][]byte{
		"UTF-8 with mark":     append([]byte("\xef\xbb\xbf"), text...),
		"UTF-16LE with mark":  wide(binary.LittleEndian, "\ufeff"+text),
		"UTF-16BE with mark":  wide(binary.BigEndian, "\ufeff"+text),
		"UTF-16LE":            wide(binary.LittleEndian, text),
		"UTF-16BE":            wide(binary.BigEndian, text),
		"UTF-8, tabs":         []byte(strings.ReplaceAll(text, ",", "\t")),
		"UTF-8, old Mac ends": []byte(strings.ReplaceAll(text, "\r\n", "\r")),
	} {
		got := parse(NewFile("run.csv", content), Options{Roster: testRoster()})
		if diff := cmp.Diff(want.Slips, got.Slips); diff != "" {
			t.Errorf("%s: %v %s", name, got.Findings, diff)
		}
	}
	odd := append(wide(binary.LittleEndian, "\ufeff"+text), 0)
	if got := codes(parse(NewFile("run.csv", odd), Options{}).Findings); !cmp.Equal(got, []string{"error:invalid_bytes@0:"}) {
		t.Errorf("odd UTF-16: %v", got)
	}
	lone := wide(binary.LittleEndian, "\ufeff"+text)
	binary.LittleEndian.PutUint16(lone[len(lone)-8:], 0xd800)
	if got := codes(parse(NewFile("run.csv", lone), Options{}).Findings); !cmp.Equal(got, []string{"error:invalid_bytes@2:"}) {
		t.Errorf("lone surrogate: %v", got)
	}
}

func wide(order binary.AppendByteOrder, text string) []byte {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, unit)
	}
	return b
}

// TestParseSlip looks at every field of one slip.
func TestParseSlip(t *testing.T) {
	t.Parallel()
	const file = "employee_id,period,currency,gross,deductions,net,earning:Basic salary,Earning: Overtime ,deduction:Tax,employer:Pension," +
		"hours:Overtime,hours:Working time,info:Tax class,ytd:gross,ytd:net,ytd:deductions,ytd:Overtime,ytd:deduction:Tax,extra\n" +
		"0007,2026-10,EUR,110.00,10.00,100.00,110.00,,10.00,5.50,,160.00, II ,1100.00,1000.00,100.00,12.34,99.00,x\n" +
		"E001,2026-10,EUR,110.00,10.00,100.00,100.00,10.00,10.00,,1.125,160,,,,,,,\n"
	pay := payroll.Date{Year: 2026, Month: 10, Day: 30}
	result := parse(NewFile("run.csv", []byte(file)), Options{Roster: testRoster(), PayDate: pay})
	if result.Verdict() != payroll.VerdictAccept || result.Count != 2 || result.Period.String() != "2026-10" || result.Currency != "EUR" {
		t.Fatalf("%+v", result)
	}
	eur := func(minor int64) payroll.Money { return payroll.Money{Minor: minor, Currency: "EUR"} }
	ref := func(minor int64) *payroll.Money { m := eur(minor); return &m }
	want := []payroll.Slip{{
		Employee: payroll.Employee{Number: "0007", Name: markName, Email: markAddress},
		Period:   payroll.Period{Year: 2026, Month: 10}, PayDate: pay, Currency: "EUR",
		Gross: ref(11000), Deductions: ref(1000), Net: eur(10000),
		Lines: []payroll.Line{
			{Kind: payroll.LineEarning, Label: "Basic salary", Amount: eur(11000)},
			{Kind: payroll.LineDeduction, Label: "Tax", Amount: eur(1000), YearToDate: ref(9900)},
			{Kind: payroll.LineEmployer, Label: "Pension", Amount: eur(550)},
			{Kind: payroll.LineEarning, Label: "Overtime", Amount: eur(0), YearToDate: ref(1234)},
		},
		Hours:                []payroll.Fact{{Label: "Working time", Value: "160.00"}},
		Info:                 []payroll.Fact{{Label: "Tax class", Value: "II"}},
		GrossYearToDate:      ref(110000),
		NetYearToDate:        ref(100000),
		DeductionsYearToDate: ref(10000),
	}, {
		Employee: payroll.Employee{Number: "E001", Name: "Alice Example", Email: "alice@acme.example"},
		Period:   payroll.Period{Year: 2026, Month: 10}, PayDate: pay, Currency: "EUR",
		Gross: ref(11000), Deductions: ref(1000), Net: eur(10000),
		Lines: []payroll.Line{
			{Kind: payroll.LineEarning, Label: "Basic salary", Amount: eur(10000)},
			{Kind: payroll.LineEarning, Label: "Overtime", Amount: eur(1000), Quantity: "1.1250"},
			{Kind: payroll.LineDeduction, Label: "Tax", Amount: eur(1000)},
		},
		Hours: []payroll.Fact{{Label: "Working time", Value: "160.00"}},
	}}
	if diff := cmp.Diff(want, result.Slips); diff != "" {
		t.Error(diff)
	}
	notes := []string{}
	for _, f := range result.Findings {
		notes = append(notes, f.Code+":"+f.Column)
	}
	if diff := cmp.Diff([]string{"unmapped_column:extra", "employees_without_row:"}, notes); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Totals{Currency: "EUR", Gross: "220.00", Deductions: "20.00", Net: "200.00", Columns: []ColumnTotal{
		{"earning:Basic salary", "210.00"}, {"earning:Overtime", "10.00"}, {"deduction:Tax", "20.00"}, {"employer:Pension", "5.50"},
		{"hours:Overtime", "1.1250"}, {"hours:Working time", "320.0000"}, {"ytd:gross", "1100.00"}, {"ytd:net", "1000.00"},
		{"ytd:deductions", "100.00"}, {"ytd:Overtime", "12.34"}, {"ytd:deduction:Tax", "99.00"}}}, result.Totals); diff != "" {
		t.Error(diff)
	}
}

// TestParseLimits holds the caps and the cut of the findings.
func TestParseLimits(t *testing.T) {
	t.Parallel()
	bad := parse(NewFile("run.csv", []byte("employee_id,net\n"+strings.Repeat("E001,x\n", 5000))), Options{})
	if n := len(bad.Findings); n > 2*maxPerCode+8 {
		t.Errorf("%d findings", n)
	}
	if last := bad.Findings[len(bad.Findings)-1]; last.Code != "more_findings" || !strings.HasPrefix(last.Message, "4") {
		t.Errorf("%+v", last)
	}
	for name, test := range map[string]struct{ content, want string }{
		"rows":                 {"employee_id,net\n" + strings.Repeat("\n", maxRows) + "E001,1.00\n", "error:too_many_rows@0:"},
		"columns":              {strings.Repeat("a,", maxColumns) + "b\n", "error:too_many_columns@1:"},
		"empty columns":        {strings.Repeat(",", maxColumns) + "\n", "error:too_many_columns@1:"},
		"columns after header": {"employee_id;net\n" + strings.Repeat(";", 1<<20), "error:too_many_columns@2:"},
		"record":               {"employee_id,net\nE001," + strings.Repeat("1", maxRecordBytes+1), "error:row_too_long@2:"},
		"quote":                {"employee_id,net\n\"" + strings.Repeat("1", maxRecordBytes+1), "error:unclosed_quote@2:"},
	} {
		got := codes(parse(NewFile("run.csv", []byte(test.content)), Options{}).Findings)
		if len(got) != 1 || got[0] != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	huge := File{Name: "run.csv", Content: bytes.NewReader([]byte("employee_id,net\n")), Size: maxTextBytes + 1}
	if got := codes(parse(huge, Options{}).Findings); len(got) != 1 || got[0] != "error:file_too_large@0:" {
		t.Error(got)
	}
}

// TestNamedWrongly refuses what its name denies.
func TestNamedWrongly(t *testing.T) {
	t.Parallel()
	book := zipOf(t, workbookParts(sheetOf([]string{"employee_id", "net"}, []string{"E001", "=1"}))...)
	for name, content := range map[string][]byte{"run.xlsx": []byte(head + alice), "run.xls": []byte(head + alice), "run.csv": book} {
		if got := codes(parse(NewFile(name, content), Options{}).Findings); len(got) != 1 || got[0] != "error:wrong_file_type@0:" {
			t.Errorf("%s: %v", name, got)
		}
	}
}
