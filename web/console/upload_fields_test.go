package console

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/payseal/payseal/payroll"
)

// TestFieldsOfACountry: a maker says which columns are a country's fields, rates
// and bases; the next file of the source is read the same way, and the page says
// in which rows the law wants more.
func TestFieldsOfACountry(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	_, err := c.store.PutEmployees(t.Context(), []payroll.Employee{
		{Number: "E001", Name: "Ana Novak", Email: "e001@acme.example", Country: "US-CA"},
		{Number: "E002", Name: "Bruno Okafor", Email: "e002@acme.example", Country: "FR", Designation: "Cadre"},
	}, "test", "ada", false)
	must(t, err)
	b := c.as("ada")
	const file = "employee_id,gross,net,Pay,Time,Per hour,Tax,Percent,Of,Sick,Grade,Free,Rest,Word\n" +
		"E001,3000.00,2700.00,3000.00,160,18.75,300.00,10,3000.00,12,,2400.00,7.5,\"Two days\nare left.\"\n" +
		"E002,3000.00,2700.00,3000.00,160,18.75,300.00,10,3000.00,,Cadre,,,\n"
	upload := b.sent("pay.csv", file, "new_source", "West")
	page := b.look(upload)
	page.wants(t, http.StatusOK, "Field of a country", "Rate of", "Base of the rate of", "Note to the employee", "Leave …",
		`<option value="sick_leave_balance" label="Sick leave available, US-CA">`, `<option value="address" label="Address">`,
		`placeholder="Sick" list="country-fields"`, `placeholder="gross" autocomplete`)
	if strings.Contains(page.body, `value="siret"`) {
		t.Error("a field of the employer is offered for a column")
	}
	b.post(upload, "source", "West", "period", "2026-10", "pay_date", "2026-10-30", "currency", "EUR",
		"header-9", "Sick", "as-9", "field", "label-9", "sick").leads(t, upload)
	b.look(upload).wants(t, http.StatusOK, "no country has a field of this name")
	b.post(upload, "source", "West", "period", "2026-10", "pay_date", "2026-10-30", "currency", "EUR",
		"header-3", "Pay", "as-3", "earning", "label-3", "Wage", "header-4", "Time", "as-4", "hours", "label-4", "Wage",
		"header-5", "Per hour", "as-5", "rate", "label-5", "Wage", "header-6", "Tax", "as-6", "deduction", "label-6", "Tax",
		"header-7", "Percent", "as-7", "rate", "label-7", "Tax", "header-8", "Of", "as-8", "base", "label-8", "Tax",
		"header-9", "Sick", "as-9", "field", "label-9", "sick_leave_balance",
		"header-10", "Grade", "as-10", "field", "label-10", "classification", "header-11", "Free", "as-11", "tax", "label-11", "Taxed pay",
		"header-12", "Rest", "as-12", "leave", "label-12", "", "header-13", "Word", "as-13", "note").leads(t, upload)
	lacks := []string{"Make a draft of 2 slips", `value="sick_leave_balance"`, `value="classification"`,
		"The law of FR", "field:net_before_tax", "company.fields", "siret"}
	page = b.look(upload)
	page.wants(t, http.StatusOK, lacks...)
	if strings.Contains(page.body, "law of US-CA") {
		t.Error("a whole slip of California lacks something")
	}

	b.draft(upload)

	upload = b.sent("pay.csv", file, "source", "West")
	b.look(upload).wants(t, http.StatusOK, lacks[1:]...)
	slip, err := c.store.Slip(t.Context(), 1, "E001", "bea")
	must(t, err)
	if len(slip.Fields) != 1 || slip.Fields[0] != (payroll.FieldValue{ID: "sick_leave_balance", Text: "12"}) ||
		slip.Lines[0].Rate != "18.75" || slip.Lines[0].Quantity != "160.00" || slip.Lines[1].Base == nil {
		t.Errorf("the slip has %+v, %+v", slip.Fields, slip.Lines)
	}
	if len(slip.Lines) != 3 || slip.Lines[2].Kind != payroll.LineTax || slip.Lines[2].Label != "Taxed pay" ||
		!slices.Equal(slip.Leave, []payroll.Fact{{Label: "Rest", Value: "7.5"}}) || slip.Note != "Two days\nare left." {
		t.Errorf("the slip has %+v, %+v, %q", slip.Lines, slip.Leave, slip.Note)
	}
}
