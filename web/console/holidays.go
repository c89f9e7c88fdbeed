package console

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/payseal/payseal/payroll"
)

// holidaysData is what holidays.html shows.
type holidaysData struct {
	Years    Filters
	Year     int
	Days     Table
	May      bool
	Given    Field
	Mistakes []Mistake
}

func (holidaysData) frame(f *Frame) { f.Trail = schedulesTrail }

func (s *Server) holidays(w http.ResponseWriter, r *http.Request, v *visit) error {
	year := s.Now().In(s.Company.Zone).Year()
	if text := r.URL.Query().Get("year"); text != "" {
		var err error
		if year, err = strconv.Atoi(text); err != nil || year < 2000 || year > 2199 {
			return errNoPage
		}
	}
	return s.showHolidays(w, r, v, year, http.StatusOK, "", "")
}

func (s *Server) showHolidays(w http.ResponseWriter, r *http.Request, v *visit, year, status int, given, mistake string) error {
	days, err := s.Desk.HolidaysOf(r.Context(), year)
	if err != nil {
		return err
	}
	years, err := s.Desk.HolidayYears(r.Context())
	if err != nil {
		return err
	}
	d := holidaysData{Year: year, May: v.is(calendarRoles...), Years: Filters{Label: "Holidays by year"}, Given: Field{
		Name: "days", Label: "Days", Kind: "textarea", Value: given, Error: mistake, Required: true,
		Hint: "One a line, or paste a whole list: 2026-12-25 Christmas Day. A day that is there gets the new name.",
	}}
	if mistake != "" {
		d.Mistakes = []Mistake{{Field: "days", Text: mistake}}
	}
	if !slices.Contains(years, year) {
		years = append(years, year)
	}
	if this := s.Now().In(s.Company.Zone).Year(); !slices.Contains(years, this+1) {
		years = append(years, this+1)
	}
	slices.Sort(years)
	for _, y := range slices.Compact(years) {
		d.Years.Chips = append(d.Years.Chips, Filter{Name: strconv.Itoa(y), Href: holidaysPath(y), Here: y == year})
	}
	d.Days = holidayTable(days, year, d.May)
	return s.render(w, v, status, "holidays", d)
}

func holidaysPath(year int) string { return "/schedules/holidays?year=" + strconv.Itoa(year) }

func holidayTable(days []payroll.Holiday, year int, may bool) Table {
	t := Table{Caption: "Holidays of " + strconv.Itoa(year), Quiet: true, Columns: []Column{{Name: "Day"}, {Name: "Weekday"}, {Name: "Name"}, {Name: "Written down by"}},
		Empty: &Empty{Drawing: "calendar", Title: "No holidays in " + strconv.Itoa(year), Text: "Only weekends count, until you write them down."}}
	if may {
		t.Columns = append(t.Columns, Column{Name: "Remove", Quiet: true})
	}
	for _, h := range days {
		row := Row{Cells: []Cell{{Day: h.Day}, {Text: h.Day.Weekday().String()}, {Text: h.Name}, {Text: string(h.By)}}}
		if may {
			row.Cells = append(row.Cells, Cell{Act: &Act{Action: "/schedules/holidays/remove", Name: "Remove", About: dayWords(h.Day), Hidden: []Hidden{{"day", h.Day.String()}}, Icon: "cross"}})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (s *Server) addHolidays(w http.ResponseWriter, r *http.Request, v *visit) error {
	given := r.PostForm.Get("days")
	days, err := payroll.ParseHolidays(given)
	if err == nil {
		_, err = s.Desk.PutHolidays(r.Context(), days, v.admin.Name)
	}
	if errors.Is(err, payroll.ErrInvalid) {
		year := s.Now().In(s.Company.Zone).Year()
		return s.showHolidays(w, r, v, year, http.StatusUnprocessableEntity, given, plainly(err))
	}
	if err != nil {
		return err
	}
	return redirectAnd(w, r, holidaysPath(days[0].Day.Year), "holidays-added")
}

func (s *Server) removeHoliday(w http.ResponseWriter, r *http.Request, v *visit) error {
	day, err := payroll.ParseDate(r.PostForm.Get("day"))
	if err == nil {
		err = s.Desk.RemoveHoliday(r.Context(), day, v.admin.Name)
	}
	if err != nil {
		return err
	}
	return redirectAnd(w, r, holidaysPath(day.Year), "holiday-removed")
}
