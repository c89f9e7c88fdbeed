//go:build unix && !race

package intake

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/payseal/payseal/payroll"
)

// memoryLimit is what the check of any file may take, of the machine's memory.
const memoryLimit = 256 << 20

// childVariable names the file that a child of the test reads.
const childVariable = "PAYSEAL_INTAKE_TEST_FILE"

// TestMain lets the test run itself again as a program that checks one file, so
// that the kernel's own count of its memory can be read.
func TestMain(m *testing.M) {
	if path := os.Getenv(childVariable); path != "" {
		os.Exit(checkAsChild(path))
	}
	os.Exit(m.Run())
}

func checkAsChild(path string) int {
	debug.SetMemoryLimit(160 << 20) // as runs check does
	opened, err := os.Open(path)
	if err != nil {
		return 3
	}
	info, err := opened.Stat()
	if err != nil {
		return 3
	}
	result, err := Scan(File{Name: path, Content: opened, Size: info.Size()}, Options{}, func(payroll.Slip) error { return nil })
	if err != nil {
		return 3
	}
	peak, err := peakMemory()
	if err != nil {
		return 3
	}
	fmt.Println(result.Verdict(), peak)
	return 0
}

// TestMemory checks files that are made to be large or to look small, each in a
// process of its own, and reads how much memory that took at its highest.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("writes large files")
	}
	folder := t.TempDir()
	for name, write := range map[string]func(w *bufio.Writer){
		"accept-long.csv":       writeLongCSV,
		"refuse-doubled.csv":    func(w *bufio.Writer) { w.WriteString("employee_id,net\n" + strings.Repeat("E1,x\n", 500_000)) },
		"refuse-quote.csv":      func(w *bufio.Writer) { w.WriteString("employee_id,net\n\"" + strings.Repeat("x", 64<<20)) },
		"refuse-lines.csv":      func(w *bufio.Writer) { w.WriteString(strings.Repeat("\n", 64<<20)) },
		"refuse-wide.csv":       func(w *bufio.Writer) { w.WriteString(strings.Repeat("a,", 32<<20)) },
		"refuse-commas.csv":     func(w *bufio.Writer) { w.WriteString(strings.Repeat(",", maxTextBytes)) },
		"refuse-semicolons.csv": func(w *bufio.Writer) { w.WriteString("employee_id;net\n" + strings.Repeat(";", 64<<20)) },
		"refuse-commas16.csv":   func(w *bufio.Writer) { w.WriteString("\xff\xfe" + strings.Repeat(",\x00", 40<<20)) },
		"refuse-fields.csv":     func(w *bufio.Writer) { w.WriteString("employee_id,net\n" + strings.Repeat(`"",`, 30<<20)) },
		"refuse-rows.xlsx": func(w *bufio.Writer) {
			w.Write(zipOf(t, workbookParts("<sheetData>"+strings.Repeat(`<row s="1"/>`, 1_000_000)+"</sheetData>")...))
		},
		"refuse-text.xlsx": func(w *bufio.Writer) {
			w.Write(zipOf(t, append(workbookParts(sheetOf(sheetHead)), [2]string{"xl/sharedStrings.xml", "<sst><si><t>" + strings.Repeat("a", 48<<20)})...))
		},
		"refuse-strings.xlsx": func(w *bufio.Writer) { w.Write(zipOf(t, manyStrings()...)) },
		"refuse-directory.xlsx": func(w *bufio.Writer) {
			w.WriteString("PK\x03\x04" + strings.Repeat("PK\x01\x02"+strings.Repeat("\x00", 42), 1_000_000) + "PK\x05\x06" + strings.Repeat("\x00", 18))
		},
	} {
		path := filepath.Join(folder, name)
		writeFile(t, path, write)
		verdict, peak := runChild(t, path)
		if !strings.HasPrefix(name, verdict+"-") || peak > memoryLimit {
			t.Errorf("%s: %s with %d MB", name, verdict, peak>>20)
		}
		t.Logf("%s: %d MB", name, peak>>20)
		if err := os.Remove(path); err != nil {
			t.Error(err)
		}
	}
}

func runChild(t *testing.T, path string) (verdict string, peak int64) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+path)
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if _, err := fmt.Sscan(string(output), &verdict, &peak); err != nil {
		t.Fatal(err)
	}
	return verdict, peak
}

func writeFile(t *testing.T, path string, write func(w *bufio.Writer)) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() // flushed below
	w := bufio.NewWriter(file)
	write(w)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
}

func writeLongCSV(w *bufio.Writer) {
	w.WriteString("employee_id,email,gross,deductions,net\n")
	for i := range maxRows - 1 {
		number := strconv.Itoa(i)
		w.WriteString("E" + number + ",e" + number + "@acme.example,5000.00,1200.50,3799.50\n")
	}
}

func manyStrings() [][2]string {
	var b strings.Builder
	b.WriteString("<sst>")
	for i := range 3_900_000 {
		b.WriteString("<si><t>" + strconv.Itoa(i*7919) + "</t></si>")
	}
	b.WriteString("</sst>")
	return append(workbookParts(sheetOf(sheetHead)), [2]string{"xl/sharedStrings.xml", b.String()})
}

// peakMemory is the highest resident memory of this process so far, in bytes.
// Linux carries rusage over from the parent that forked it, so that the count of
// the new program alone stands in /proc.
func peakMemory() (int64, error) {
	if runtime.GOOS != "linux" {
		var usage syscall.Rusage
		err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
		return usage.Maxrss, err
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var kilobytes int64
	_, err = fmt.Sscan(rest, &kilobytes)
	return kilobytes << 10, err
}
