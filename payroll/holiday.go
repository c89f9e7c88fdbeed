package payroll

import (
	"bufio"
	"fmt"
	"strings"
	"time"
)

// Holidays are the days on which no bank works, by what they are called.
type Holidays map[Date]string

// Off reports whether nobody works on the day: a weekend or a holiday.
func (h Holidays) Off(d Date) bool {
	_, holiday := h[d]
	return holiday || d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
}

// workingDay walks from d in steps of one day to a working day; d itself if there
// is none near.
func (h Holidays) workingDay(d Date, step int) Date {
	for n := 0; n <= mostShift; n++ {
		if day := d.AddDays(n * step); !h.Off(day) {
			return day
		}
	}
	return d
}

// Holiday is one line of the list.
type Holiday struct {
	Day  Date      `json:"day"`
	Name string    `json:"name"`
	By   AdminName `json:"by,omitempty"` // who wrote it down
}

// Limits of the list.
const (
	MostHolidays    = 1000 // in one paste
	longestHoliday  = 100  // characters of a name
	firstHolidaysOf = 2000
	lastHolidaysOf  = 2199
)

// Check refuses a day that is none of this age, and a name that is not one line.
func (h Holiday) Check() error {
	switch {
	case h.Day.Year < firstHolidaysOf || h.Day.Year > lastHolidaysOf:
		return fmt.Errorf("%w: a holiday lies between the years %d and %d", ErrInvalid, firstHolidaysOf, lastHolidaysOf)
	case strings.TrimSpace(h.Name) == "":
		return fmt.Errorf("%w: say what the holiday is called", ErrInvalid)
	case checkText("name", h.Name, longestHoliday) != nil:
		return fmt.Errorf("%w: a holiday's name is one line of at most %d characters", ErrInvalid, longestHoliday)
	}
	return nil
}

// ParseHolidays reads lines such as "2026-12-25 Christmas Day"; empty ones, and
// those that begin with #, count for nothing. Its error wraps ErrInvalid and names
// the first line that is wrong.
func ParseHolidays(text string) ([]Holiday, error) {
	var days []Holiday
	lines := bufio.NewScanner(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	seen := make(map[Date]int)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		h, err := parseHoliday(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		if first, twice := seen[h.Day]; twice {
			return nil, fmt.Errorf("line %d: %w: %s stands in line %d already", number, ErrInvalid, h.Day, first)
		}
		if len(days) == MostHolidays {
			return nil, fmt.Errorf("%w: more than %d holidays at once", ErrInvalid, MostHolidays)
		}
		seen[h.Day] = number
		days = append(days, h)
	}
	if lines.Err() != nil {
		return nil, fmt.Errorf("%w: a line is too long", ErrInvalid)
	}
	return days, nil
}

func parseHoliday(line string) (Holiday, error) {
	text, name, _ := strings.Cut(strings.ReplaceAll(line, "\t", " "), " ")
	day, err := ParseDate(strings.TrimRight(text, ",;"))
	if err != nil {
		return Holiday{}, fmt.Errorf("%w: a line is a date and a name, such as 2026-12-25 Christmas Day", ErrInvalid)
	}
	h := Holiday{Day: day, Name: strings.Join(strings.Fields(name), " ")}
	return h, h.Check()
}
