package letter_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/internal/pdfrules"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter"
)

// shown is a slip of docs/payslips.md: who gets it, under which law, and what
// stands on it, one component or fact to a line.
type shown struct {
	name     string
	currency payroll.Currency
	employee payroll.Employee
	sums     string // gross, deductions, net; then the same for the year
	lines    string // KIND|label|amount|year to date|quantity|rate|base
	hours    string // label|value
	leave    string // label|value
	note     string
	fields   string // field|value, amounts with a leading =
	corrects *payroll.Correction
	company  func(*letter.Company)
}

// gallery are thirteen slips: languages, laws, both directions, long and short.
var gallery = []shown{
	{name: "english", currency: "GBP", sums: "3850.00 1012.43 2837.57 26950.00 7087.01 19862.99",
		employee: payroll.Employee{Number: "0417", Name: "Siobhán O’Connor", Department: "Finance", Designation: "Payroll accountant", Language: "en-GB", Country: "GB", BankAccount: "•••• 4821"},
		lines: `earning|Salary|3600.00|25200.00
earning|Overtime at 1.5|250.00|1750.00|8.00|31.25
deduction|Income tax (PAYE)|560.40|3922.80
deduction|National Insurance|224.16|1569.12
deduction|Pension (employee)|192.50|1347.50
deduction|Season ticket loan|35.37|247.59
employer|Pension (employer)|308.00|2156.00
employer|National Insurance|432.98|3030.86
tax|Tax-free allowance (1257L)|1048.00|7336.00
tax|Taxable pay|2802.00|19614.00
tax|Tax at the basic rate|560.40|3922.80||20|2802.00`,
		note:  "From January the company pays 8.5 % into your pension instead of 8 %; your own part stays as it is, and you need do nothing. Come to the canteen on 12 November at noon if you would like to ask about it.\nDecember’s pay leaves on the 18th.",
		hours: "Contracted hours|162.50\nOvertime hours|8.00", fields: "ni_number|QQ 12 34 56 C\ntax_code|1257L\ntax_period|Month 7\nleave_balance|9.5"},
	{name: "german", currency: "EUR", sums: "4820.00 1872.36 2947.64 48200.00 18723.60 29476.40",
		employee: payroll.Employee{Number: "0052", Name: "Jürgen Groß", Department: "Recht", Designation: "Justiziar", Language: "de", Country: "DE", BankAccount: "•••• 3000", Joined: payroll.Date{Year: 2009, Month: 10, Day: 1}},
		lines: `earning|Grundgehalt|4600.00|46000.00
earning|Nachtzuschlag 25 %|120.00|1200.00|19.20|6.25
earning|Fahrtkostenzuschuss|100.00|1000.00
deduction|Lohnsteuer|842.16|8421.60
deduction|Solidaritätszuschlag|0.00|0.00
deduction|Kirchensteuer|75.79|757.90
deduction|Krankenversicherung|395.24|3952.40||8.20|4820.00
deduction|Pflegeversicherung|110.86|1108.60||2.30|4820.00
deduction|Rentenversicherung|448.31|4483.10||9.30|4820.00
employer|Sozialversicherung (AG)|984.49|9844.90`,
		fields: "address|Lindenallee 12, 10115 Berlin\nbirth_date|1979-07-07\ninsurance_number|15 070749 C 103\ncontribution_group|1111\nhealth_insurer|AOK Nordost\ntax_days|30\nsv_days|30\ntax_id|86 095 742 719\ntax_class|I\nchurch_tax|ev\nchild_allowances|0.5\nstatutory_net|=2947.64\nleave_balance|12"},
	{name: "french", currency: "EUR", sums: "3260.00 742.88 2517.12 32600.00 7428.80 25171.20",
		employee: payroll.Employee{Number: "0011", Name: "Zoë Dùbois-Nuñez", Department: "Finance", Designation: "Contrôleuse de gestion", Language: "fr", Country: "FR", BankAccount: "•••• 0189", Joined: payroll.Date{Year: 2015, Month: 9, Day: 1}},
		lines: `earning|Salaire de base|3120.00|31200.00|151.67|20.5710
earning|Heures supplémentaires 25 %|140.00|1400.00|5.44|25.7137
deduction|Santé, maladie|0.00|0.00
deduction|Retraite plafonnée|224.94|2249.40||6.90|3260.00
deduction|Retraite complémentaire|102.69|1026.90||3.15|3260.00
deduction|CSG déductible|217.80|2178.00||6.80|3202.95
deduction|CSG/CRDS non déductible|92.89|928.90||2.90|3202.95
deduction|Impôt sur le revenu prélevé à la source|104.56|1045.60||3.99|2621.68
employer|Santé, famille, retraite|1304.00|13040.00||40.00|3260.00`,
		hours: "Heures normales|151.67\nHeures majorées|5.44", fields: "classification|Cadre, position 2.3\ninsurance_number|2 84 05 75 115 423 57\nnet_before_tax|=2621.68\nnet_social|=2621.68\nemployer_cost|=4564.00\nleave_balance|14.5",
		company: func(c *letter.Company) {
			c.Name, c.Address = "Atelier Lumière SAS", []string{"8 rue des Écoles", "75005 Paris"}
			c.Color, c.Fields = "#7a2e5d", map[payroll.FieldID]string{"siret": "123 456 789 00012", "ape": "6201Z", "collective_agreement": "Syntec"}
		}},
	{name: "hindi", currency: "INR", sums: "125000.00 24860.00 100140.00 875000.00 174020.00 700980.00",
		employee: payroll.Employee{Number: "0033", Name: "अनन्या श्रीवास्तव", Department: "अभियांत्रिकी", Designation: "वरिष्ठ अभियंता", Language: "hi", Country: "IN", BankAccount: "•••• 8901", Joined: payroll.Date{Year: 2012, Month: 7, Day: 2}},
		lines: `earning|मूल वेतन|62500.00|437500.00
earning|मकान किराया भत्ता|31250.00|218750.00
earning|विशेष भत्ता|31250.00|218750.00
deduction|भविष्य निधि|7500.00|52500.00||12|62500.00
deduction|आयकर (टीडीएस)|17160.00|120120.00
deduction|व्यवसाय कर|200.00|1400.00
employer|भविष्य निधि (नियोक्ता)|7500.00|52500.00`,
		fields: "uan|100904319456\npan|ABCPS1234K\nwage_rate|=125000.00\nworking_days|22\npaid_days|22\nunpaid_days|0",
		leave:  "अर्जित अवकाश, शेष|8.5\nआकस्मिक अवकाश, शेष|4\nबीमारी अवकाश, शेष|6",
		company: func(c *letter.Company) {
			c.Name, c.Address, c.Color = "सूर्या टेक्नोलॉजी प्राइवेट लिमिटेड", []string{"12 एमजी रोड", "बेंगलुरु 560001"}, "#b45309"
		}},
	{name: "arabic", currency: "AED", sums: "18500.00 925.00 17575.00 129500.00 6475.00 123025.00",
		employee: payroll.Employee{Number: "1024", Name: "محمد عبد الله الخوارزمي", Department: "المالية", Designation: "محلل مالي أول", Language: "ar", Country: "AE", BankAccount: "•••• 7733", Joined: payroll.Date{Year: 2018, Month: 1, Day: 14}},
		lines: `earning|الراتب الأساسي|12000.00|84000.00
earning|بدل السكن|5000.00|35000.00
earning|بدل النقل|1500.00|10500.00
deduction|التأمين الصحي|425.00|2975.00
deduction|سلفة|500.00|3500.00`,
		fields: "working_days|22\npaid_days|22\nleave_balance|17",
		note:   "تُصرف رواتب شهر ديسمبر يوم 23 بسبب العطلة. للاستفسار عن التأمين الصحي يمكن التواصل مع قسم الموارد البشرية.",
		company: func(c *letter.Company) {
			c.Name, c.Address, c.Color = "شركة النخلة للتقنية", []string{"شارع الشيخ زايد", "دبي"}, "#14532d"
		}},
	{name: "japanese", currency: "JPY", sums: "412000 86540 325460 4120000 865400 3254600",
		employee: payroll.Employee{Number: "0301", Name: "山田 さくら", Department: "開発部", Designation: "主任", Language: "ja", Country: "JP", BankAccount: "•••• 5512"},
		lines: `earning|基本給|360000|3600000
earning|時間外手当|37000|370000|14.5|2551.7241
earning|通勤手当|15000|150000
deduction|健康保険料|20320|203200
deduction|厚生年金保険料|36600|366000
deduction|雇用保険料|2472|24720
deduction|所得税|9148|91480
deduction|住民税|18000|180000`,
		fields: "working_days|21\npaid_days|21\nleave_balance|11.5", company: func(c *letter.Company) {
			c.Name, c.Address, c.Color = "株式会社みらい", []string{"東京都千代田区丸の内1-1"}, "#1e3a8a"
		}},
	{name: "chinese", currency: "CNY", sums: "21500.00 4386.40 17113.60 215000.00 43864.00 171136.00",
		employee: payroll.Employee{Number: "0888", Name: "王小明", Department: "研发部", Designation: "高级工程师", Language: "zh-CN", Country: "CN", BankAccount: "•••• 6217"},
		lines: `earning|基本工资|18000.00|180000.00
earning|绩效奖金|3500.00|35000.00
deduction|养老保险|1720.00|17200.00||8|21500.00
deduction|医疗保险|430.00|4300.00||2|21500.00
deduction|失业保险|107.50|1075.00||0.5|21500.00
deduction|住房公积金|1505.00|15050.00||7|21500.00
deduction|个人所得税|623.90|6239.00`,
		fields: "working_days|22\npaid_days|22", company: func(c *letter.Company) {
			c.Name, c.Address, c.Color = "华星科技有限公司", []string{"上海市浦东新区世纪大道100号"}, "#991b1b"
		}},
	{name: "taiwan", currency: "TWD", sums: "62000.00 4695.00 57305.00 620000.00 46950.00 573050.00",
		employee: payroll.Employee{Number: "0612", Name: "張雅婷", Department: "產品部", Designation: "資深設計師", Language: "zh-TW", Country: "TW", BankAccount: "•••• 3308", Joined: payroll.Date{Year: 2019, Month: 3, Day: 4}},
		lines: `earning|基本薪資|56000.00|560000.00
earning|伙食津貼|3000.00|30000.00
earning|加班費|3000.00|30000.00|9|333.3333
deduction|勞工保險費|1145.00|11450.00
deduction|全民健康保險費|958.00|9580.00
deduction|所得稅|2592.00|25920.00
employer|勞工退休金提繳|3720.00|37200.00||6|62000.00`,
		fields: "working_days|22\npaid_days|22", leave: "特別休假，剩餘|7\n補休，剩餘|1.5", note: "十二月薪資將提前至二十四日發放。\n員工健康檢查自十一月二日起開放預約。",
		company: func(c *letter.Company) {
			c.Name, c.Address, c.Color = "雲海科技股份有限公司", []string{"臺北市信義區松仁路100號"}, "#155e75"
		}},
	{name: "polish", currency: "PLN", sums: "9800.00 2916.78 6883.22 98000.00 29167.80 68832.20",
		employee: payroll.Employee{Number: "0076", Name: "Łukasz Żółkiewski", Department: "Logistyka", Designation: "Kierownik zmiany", Language: "pl", Country: "PL", BankAccount: "•••• 2201"},
		lines: `earning|Wynagrodzenie zasadnicze|9200.00|92000.00
earning|Dodatek nocny|600.00|6000.00|48.00|12.50
deduction|Składka emerytalna|956.48|9564.80||9.76|9800.00
deduction|Składka rentowa|147.00|1470.00||1.50|9800.00
deduction|Składka chorobowa|240.10|2401.00||2.45|9800.00
deduction|Składka zdrowotna|761.08|7610.80||9.00|8456.42
deduction|Zaliczka na podatek|812.12|8121.20`,
		fields: "leave_balance|8"},
	{name: "california", currency: "USD", sums: "5346.00 1368.21 3977.79 53460.00 13682.10 39777.90",
		employee: payroll.Employee{Number: "2207", Name: "María José Hernández", Department: "Fulfillment", Designation: "Line lead", Language: "en-US", Country: "US-CA", BankAccount: "•••• 9034"},
		lines: `earning|Regular hours|4752.00|47520.00|160.00|29.70
earning|Overtime at 1.5|445.50|4455.00|10.00|44.55
earning|Meal period premium|148.50|1485.00|5.00|29.70
deduction|Federal income tax|612.40|6124.00
deduction|Social Security|331.45|3314.50||6.20|5346.00
deduction|Medicare|77.52|775.20||1.45|5346.00
deduction|CA income tax|282.69|2826.90
deduction|CA SDI|64.15|641.50||1.20|5346.00`,
		fields: "ssn_last4|6789\nsick_leave_balance|31.5", company: func(c *letter.Company) {
			c.Name, c.Address, c.PageSize = "Redwood Fulfillment, Inc.", []string{"400 Mission Street", "San Francisco, CA 94105"}, "Letter"
			c.Color, c.Logo = "#166534", []byte(tree)
		}},
	{name: "correction", currency: "EUR", sums: "3120.00 905.12 2214.88 31200.00 9051.20 22148.80",
		employee: payroll.Employee{Number: "0044", Name: "Aitana Ruiz Ibáñez", Department: "Atención al cliente", Designation: "Coordinadora", Language: "es", Country: "ES", BankAccount: "•••• 1332"},
		lines: `earning|Salario base|2700.00|27000.00
earning|Horas extraordinarias|420.00|4200.00|14.00|30.00
deduction|IRPF|702.32|7023.20||22.51|3120.00
deduction|Contingencias comunes|146.64|1466.40||4.70|3120.00
deduction|Desempleo|48.36|483.60||1.55|3120.00
deduction|Formación profesional|7.80|78.00||0.25|3120.00`,
		fields:   "leave_balance|6",
		corrects: &payroll.Correction{Slip: "0b54d8e2-7a3f-4c11-9e55-3d2a6f8c9b01", PayDate: payroll.Date{Year: 2026, Month: 10, Day: 30}, Reason: "faltaban catorce horas extraordinarias"}},
	{name: "long", currency: "EUR", sums: "7200.00 2160.00 5040.00",
		employee: payroll.Employee{Number: "0099", Name: "Prof. Dr. Wilhelmina Johanna Catharina van der Steenhoven-Oudekerk", Department: "Onderzoek en ontwikkeling van duurzame verpakkingen", Designation: "Hoofd onderzoek", Language: "nl", Country: "NL", BankAccount: "•••• 4300"},
		lines:    longLines(), fields: "leave_balance|11\nleave_taken|14"},
	{name: "plain", currency: "EUR", sums: "1450.00 174.00 1276.00",
		employee: payroll.Employee{Number: "0003", Name: "Γεώργιος Παπαδόπουλος", Language: "it", BankAccount: "•••• 0021"},
		lines:    "earning|Retribuzione|1450.00\ndeduction|Contributi INPS|133.26||| 9.19|1450.00\ndeduction|IRPEF|40.74",
		company:  func(c *letter.Company) { c.Logo, c.Color, c.Name = nil, "#334155", "Panetteria Rossi" }},
}

// tree is a logo as SVG.
const tree = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 60"><path d="M30 4 52 40H38v14H22V40H8z" fill="#166534"/>` +
	`<path d="M78 14 95 42H84v12H72V42H61z" fill="#4d7c0f"/><rect x="4" y="55" width="112" height="3" fill="#78716c"/></svg>`

// longLines are so many components that they go over three pages.
func longLines() string {
	var b strings.Builder
	for i := range 60 {
		b.WriteString("earning|Toeslag voor bijzondere werkzaamheden nummer " + string(rune('A'+i%26)) + "|120.00||4.00|30.00\n")
	}
	for range 20 {
		b.WriteString("deduction|Inhouding op grond van een eerder verstrekt voorschot voor reiskosten|108.00\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// slip makes the slip that is shown.
func (s *shown) slip(t testing.TB) payroll.Slip {
	t.Helper()
	optional := func(text string) *payroll.Money {
		if text == "" {
			return nil
		}
		m := money(t, text, s.currency)
		return &m
	}
	sums := append(strings.Fields(s.sums), "", "", "")
	slip := payroll.Slip{ID: "5f0c1f6a-3b1e-4b52-9d0a-6b1d2f3e4a5b", Employee: s.employee, Period: payroll.Period{Year: 2026, Month: time.October},
		PayDate: payroll.Date{Year: 2026, Month: 10, Day: 30}, Currency: s.currency, Gross: optional(sums[0]), Deductions: optional(sums[1]), Net: *optional(sums[2]),
		GrossYearToDate: optional(sums[3]), DeductionsYearToDate: optional(sums[4]), NetYearToDate: optional(sums[5]), Corrects: s.corrects}
	slip.Employee.Email = "somebody@acme.example"
	for text := range strings.SplitSeq(s.lines, "\n") {
		f := append(strings.Split(text, "|"), "", "", "", "")
		slip.Lines = append(slip.Lines, payroll.Line{Kind: payroll.LineKind(f[0]), Label: f[1], Amount: *optional(f[2]), YearToDate: optional(f[3]),
			Quantity: f[4], Rate: strings.TrimSpace(f[5]), Base: optional(f[6])})
	}
	facts := func(text string) (facts []payroll.Fact) {
		for text := range strings.Lines(text) {
			label, value, _ := strings.Cut(strings.TrimSuffix(text, "\n"), "|")
			facts = append(facts, payroll.Fact{Label: label, Value: value})
		}
		return facts
	}
	slip.Hours, slip.Leave, slip.Note = facts(s.hours), facts(s.leave), s.note
	for text := range strings.Lines(s.fields) {
		id, value, _ := strings.Cut(strings.TrimSuffix(text, "\n"), "|")
		field := payroll.FieldValue{ID: payroll.FieldID(id), Text: value}
		if amount, ok := strings.CutPrefix(value, "="); ok {
			field.Text, field.Money = "", optional(amount)
		}
		slip.Fields = append(slip.Fields, field)
	}
	return slip
}

// TestGallery holds the slips of docs/payslips.md to the rules of PDF/A and
// PDF/UA and to the profile of their country, has another's reader validate
// them, and finds each name on its page; with PAYSEAL_PICTURES it takes their
// pictures, too.
func TestGallery(t *testing.T) {
	t.Parallel()
	fonts := installedFonts(t)
	drawn := make([][]byte, len(gallery))
	t.Cleanup(func() { pdfrules.Abroad(t, drawn...) })
	for i := range gallery {
		s := &gallery[i]
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			c := company()
			if s.company != nil {
				s.company(&c)
			}
			h, err := letter.NewLetterhead(c, fonts)
			if err != nil {
				t.Fatal(err)
			}
			slip := s.slip(t)
			if profile := payroll.ProfileOf(slip.Employee.Country); len(profile.Missing(&slip)) > 0 || len(profile.MissingOf(c.Fields)) > 0 {
				t.Errorf("the law of %s misses %v, %v", profile.Country, profile.Missing(&slip), profile.MissingOf(c.Fields))
			}
			pdf := page(t, h, slip)
			drawn[i] = pdf
			pdfrules.Check(t, pdf)
			if text := pdfText(t, pdf); !strings.Contains(text, slip.Employee.Name) && slip.Employee.Language != "ar" {
				t.Errorf("the name is not on\n%s", text)
			}
			takePicture(t, s.name, pdf)
		})
	}
}

// takePicture draws the first page into the folder for pictures, if there is one.
func takePicture(t *testing.T, name string, pdf []byte) {
	t.Helper()
	folder := os.Getenv("PAYSEAL_PICTURES")
	if folder == "" {
		return
	}
	path := filepath.Join(t.TempDir(), name+".pdf")
	if err := os.WriteFile(path, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftoppm", "-r", "96", "-png", "-singlefile", path, filepath.Join(folder, "payslip-"+name)).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}
