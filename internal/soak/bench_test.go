package soak

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/payseal/payseal/internal/smtptest"
)

var benchEmployees = flag.Int("bench-employees", 20000, "size of the company in BenchmarkService")

// BenchmarkService sends a whole run, from `runs send` to the last slip in the
// ledger: one worker process, Postgres and the relay's sink on the same machine.
// Its peer in the same run is what people build from wkhtmltopdf and gpg.
func BenchmarkService(b *testing.B) {
	for range b.N {
		b.StopTimer()
		var mails atomic.Int64
		plant := NewPlant(b, *benchEmployees, smtptest.Options{Sink: true, Took: func(smtptest.Message) { mails.Add(1) }})
		peer := chain(b, plant)
		worker := plant.Command("worker")
		if err := worker.Start(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		start := time.Now()
		plant.Payseal("runs", "send", "1", "--as", "olga")
		plant.Payseal("runs", "status", "1", "--watch")
		took := time.Since(start)
		b.StopTimer()
		peak := peakMB(b, worker.Process.Pid)
		_ = worker.Process.Signal(syscall.SIGTERM)
		if err := worker.Wait(); err != nil {
			b.Error(err)
		}
		if int(mails.Load()) != *benchEmployees {
			b.Errorf("%d mails for %d employees", mails.Load(), *benchEmployees)
		}
		rate := float64(*benchEmployees) / took.Seconds()
		usage := worker.ProcessState.SysUsage().(*syscall.Rusage)
		b.ReportMetric(rate, "slips/s")
		b.ReportMetric(peak, "worker-MB")
		b.ReportMetric(float64(time.Duration(usage.Utime.Nano()+usage.Stime.Nano()).Microseconds())/float64(*benchEmployees), "worker-us/slip")
		if peer > 0 {
			b.ReportMetric(rate/peer, "x-wkhtmltopdf+gpg")
		}
	}
}

// peakMB is the largest memory of a running process. (The maximum that wait
// reports begins with that of the process that forked it.)
func peakMB(b *testing.B, pid int) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Log("no /proc here, so no peak of memory")
		return 0
	}
	_, line, _ := strings.Cut(string(status), "VmHWM:")
	kB, err := strconv.ParseFloat(strings.Fields(line)[0], 64)
	if err != nil {
		b.Fatal(err)
	}
	return kB / 1024
}

// chain measures slips a second of wkhtmltopdf and a gpg process, two at a time
// as on two cores; 0 where wkhtmltopdf is not installed.
func chain(b *testing.B, plant *Plant) float64 {
	b.Helper()
	if _, err := exec.LookPath("wkhtmltopdf"); err != nil {
		b.Log("no wkhtmltopdf here, so no peer; apt-get install wkhtmltopdf")
		return 0
	}
	home := b.TempDir()
	certificate, err := plant.Members[0].Certificate()
	plant.must(err)
	gpg := func(stdin []byte, args ...string) error {
		cmd := exec.Command("gpg", append([]string{"--homedir", home, "--batch", "--quiet", "--trust-model", "always"}, args...)...)
		cmd.Stdin = bytes.NewReader(stdin)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("gpg: %w: %s", err, out)
		}
		return nil
	}
	plant.must(gpg(certificate, "--import"))
	plant.must(gpg(nil, "--passphrase", "", "--quick-gen-key", "ACME <payroll@acme.example>", "ed25519", "default", "never"))
	const slips = 20
	failed := make(chan error, 2)
	start := time.Now()
	for range 2 {
		go func() {
			for range slips / 2 {
				render := exec.Command("wkhtmltopdf", "--quiet", "-", "-")
				render.Stdin = bytes.NewReader([]byte(slipPage))
				pdf, err := render.Output()
				if err == nil {
					err = gpg(pdf, "--armor", "--recipient", string(plant.Members[0].Email), "--local-user", "payroll@acme.example", "--sign", "--encrypt", "--output", "-")
				}
				if err != nil {
					failed <- err
					return
				}
			}
			failed <- nil
		}()
	}
	for range 2 {
		plant.must(<-failed)
	}
	return slips / time.Since(start).Seconds()
}

// slipPage is a page of about the same content as a slip.
const slipPage = `<html><body style="font-family: Noto Sans"><h1>ACME Widgets Ltd</h1><h2>Salary slip October 2026</h2>
<p>Kiran Rao, 0007, Engineering</p><table width="100%"><tr><th>Earnings</th><th>EUR</th><th>Deductions</th><th>EUR</th></tr>
<tr><td>Basic salary</td><td>5,200.00</td><td>Income tax</td><td>989.04</td></tr>
<tr><td>Overtime</td><td>0.00</td><td>Social insurance</td><td>408.20</td></tr>
<tr><td>Bonus</td><td>0.00</td><td>Pension</td><td>260.00</td></tr></table><h2>Net pay 3,542.76</h2></body></html>`
