package intake

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/payseal/payseal/payroll"
)

// Mapping says which header of a company's own file stands for which column,
// and how its files are to be read. It is a TOML file, kept once and used for
// every run:
//
//	employee_id = "Personalnummer"
//	net = "Auszahlung"
//	ignore = ["Kostenstelle"]
//	[earning]
//	"Basic salary" = "Grundgehalt"
//	[reading]
//	decimal = "comma"
//	currency = "EUR"
type Mapping struct {
	Columns  map[string]string // canonical column, such as "net" or "earning:Basic salary" -> header in the file
	Ignore   []string          // headers that are known and not needed
	Reading  Reading
	Currency payroll.Currency // "" if the file names it
}

const maxMappingBytes = 64 << 10

// ParseMapping reads a mapping file for payroll runs. Unknown columns, doubled
// headers and anything that is no text are errors that say how to mend them.
func ParseMapping(content []byte) (Mapping, error) { return parseMapping(content, runColumn) }

// ParseEmployeeMapping reads a mapping file for employees.
func ParseEmployeeMapping(content []byte) (Mapping, error) {
	return parseMapping(content, employeeColumn)
}

// columnNamer gives the canonical name of a column, or false if there is none
// of that name.
type columnNamer func(header string) (canonical string, known bool)

func parseMapping(content []byte, known columnNamer) (Mapping, error) {
	m := Mapping{Columns: make(map[string]string)}
	if len(content) > maxMappingBytes {
		return m, invalid("a mapping file is at most 64 kB")
	}
	var keys map[string]any
	if err := toml.Unmarshal(content, &keys); err != nil {
		return m, fmt.Errorf("%w: the mapping is not TOML: %w", payroll.ErrInvalid, err)
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if err := m.take(key, keys[key], known); err != nil {
			return m, err
		}
	}
	return m, m.checkHeaders()
}

func (m *Mapping) take(key string, value any, known columnNamer) error {
	switch value := value.(type) {
	case string:
		return m.takeColumn(key, value, known)
	case map[string]any:
		if key == "reading" {
			return m.takeReading(value)
		}
		for _, label := range slices.Sorted(maps.Keys(value)) {
			header, ok := value[label].(string)
			if !ok {
				return invalid(fmt.Sprintf("mapping: %s.%s must be a header in quotation marks", key, label))
			}
			if err := m.takeColumn(key+":"+label, header, known); err != nil {
				return err
			}
		}
		return nil
	case []any:
		return m.takeIgnore(key, value)
	}
	return invalid(fmt.Sprintf("mapping: %s must be a header in quotation marks", key))
}

func (m *Mapping) takeColumn(key, header string, known columnNamer) error {
	canonical, ok := known(key)
	if !ok {
		return invalid(fmt.Sprintf("mapping: there is no column %q", key))
	}
	if _, doubled := m.Columns[canonical]; doubled {
		return invalid(fmt.Sprintf("mapping: the column %q is there twice", canonical))
	}
	if header = strings.TrimSpace(header); header == "" || payroll.CheckText("header", header) != nil {
		return invalid(fmt.Sprintf("mapping: the header for %q is empty or not plain text", canonical))
	}
	m.Columns[canonical] = header
	return nil
}

func (m *Mapping) takeIgnore(key string, values []any) error {
	for _, value := range values {
		header, ok := value.(string)
		if key != "ignore" || !ok {
			return invalid(fmt.Sprintf("mapping: %s must be a header in quotation marks; only ignore is a list of them", key))
		}
		m.Ignore = append(m.Ignore, header)
	}
	return nil
}

func (m *Mapping) takeReading(values map[string]any) error {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		text, ok := values[key].(string)
		if !ok {
			return invalid(fmt.Sprintf("mapping: reading.%s must be a text in quotation marks", key))
		}
		switch key {
		case "encoding":
			m.Reading.Encoding = text
		case "separator":
			m.Reading.Separator = text
		case "sheet":
			m.Reading.Sheet = text
		case "decimal":
			m.Reading.Decimal = Decimal(text)
		case "currency":
			currency, err := payroll.ParseCurrency(text)
			if err != nil {
				return fmt.Errorf("mapping: reading.currency: %w", err)
			}
			m.Currency = currency
		default:
			return invalid(fmt.Sprintf("mapping: there is no reading.%s", key))
		}
	}
	return m.Reading.Check()
}

// checkHeaders refuses one header for two columns.
func (m *Mapping) checkHeaders() error {
	owner := make(map[string]string)
	for _, canonical := range slices.Sorted(maps.Keys(m.Columns)) {
		header := fold(m.Columns[canonical])
		if other, doubled := owner[header]; doubled {
			return invalid(fmt.Sprintf("mapping: %q and %q have the same header", other, canonical))
		}
		owner[header] = canonical
	}
	return nil
}
