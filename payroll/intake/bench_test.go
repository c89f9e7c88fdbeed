package intake

import (
	"bytes"
	"fmt"
	"runtime"
	"strconv"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/payseal/payseal/payroll"
)

// benchRows is the size that the target of numbers speaks of.
const benchRows = 100_000

// benchHeader is a run as most payroll programs export it.
var benchHeader = []string{"employee_id", "name", "email", "period", "currency", "gross", "deductions", "net",
	"earning:Basic salary", "earning:Overtime", "deduction:Income tax", "deduction:Pension", "employer:Pension",
	"hours:Working time", "ytd:gross", "ytd:net"}

// benchRow gives the texts of one row; from column numbers on they are numbers.
func benchRow(i int) []string {
	cents := func(n int) string { return fmt.Sprintf("%d.%02d", n/100, n%100) }
	basic, overtime := 250000+i*7%400000, i*13%60000
	tax, pension := (basic+overtime)/5, basic/20
	gross, deductions := basic+overtime, tax+pension
	return []string{fmt.Sprintf("E%06d", i), "Employee " + strconv.Itoa(i), fmt.Sprintf("e%06d@acme.example", i),
		"2026-10", "EUR", cents(gross), cents(deductions), cents(gross - deductions), cents(basic), cents(overtime),
		cents(tax), cents(pension), cents(pension), "160.00", cents(gross * 10), cents((gross - deductions) * 10)}
}

func benchCSV(rows int) []byte {
	var b bytes.Buffer
	write := func(row []string) {
		for i, cell := range row {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(cell)
		}
		b.WriteByte('\n')
	}
	write(benchHeader)
	for i := range rows {
		write(benchRow(i))
	}
	return b.Bytes()
}

func benchXLSX(tb testing.TB, rows int) []byte {
	tb.Helper()
	book := excelize.NewFile()
	defer book.Close() // in memory
	stream, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		tb.Fatal(err)
	}
	put := func(row int, texts []string, numbersFrom int) {
		cells := make([]any, len(texts))
		for i, text := range texts {
			cells[i] = text
			if value, err := strconv.ParseFloat(text, 64); err == nil && i >= numbersFrom {
				cells[i] = value
			}
		}
		cell, err := excelize.CoordinatesToCellName(1, row)
		if err == nil {
			err = stream.SetRow(cell, cells)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	put(1, benchHeader, len(benchHeader))
	for i := range rows {
		put(i+2, benchRow(i), 5)
	}
	if err := stream.Flush(); err != nil {
		tb.Fatal(err)
	}
	var b bytes.Buffer
	if err := book.Write(&b); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func benchScan(b *testing.B, file File) {
	b.Helper()
	b.ReportAllocs()
	var peak uint64
	for b.Loop() {
		slips := 0
		result, err := Scan(file, Options{}, func(payroll.Slip) error {
			if slips++; slips%20_000 == 0 {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapInuse)
			}
			return nil
		})
		if err != nil || result.Verdict() != payroll.VerdictAccept || slips != benchRows {
			b.Fatalf("%d slips, %v, %v", slips, result.Findings, err)
		}
	}
	b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(peak)/(1<<20), "peak-MB")
}

func BenchmarkScanCSV(b *testing.B) {
	benchScan(b, NewFile("run.csv", benchCSV(benchRows)))
}

func BenchmarkScanXLSX(b *testing.B) {
	benchScan(b, NewFile("run.xlsx", benchXLSX(b, benchRows)))
}
