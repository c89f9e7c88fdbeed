package console

import (
	"io"
	"net/http"
	"runtime"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
)

// BenchmarkAMonth takes a file of 100,000 rows from the upload to its check. Each
// step's time is a metric, as is how much memory the process took at most.
func BenchmarkAMonth(b *testing.B) {
	const people = 100_000
	c := newConsole(b)
	c.exec(`insert into employees (number, name, email) select 'E' || lpad(i::text, 6, '0'), md5(i::text) || ' ' || md5('x' || i), 'e' || i || '@acme.example' from generate_series(1, $1) i`, people)
	month := payroll.Period{Year: 2026, Month: time.January}
	for b.Loop() {
		peak := watchMemory()
		client := c.as("ada")
		at := time.Now()
		step := func(name string) {
			b.ReportMetric(float64(time.Since(at).Milliseconds()), name+"-ms")
			at = time.Now()
		}
		upload := client.sent("a.csv", largeFile(people, month), "new_source", "all")
		step("upload")
		client.post(upload, "source", "all", "period", month.String(), "pay_date", month.Last().String(), "currency", "EUR").leads(b, upload)
		client.look(upload).wants(b, http.StatusOK, "Make a draft of ")
		step("read")
		client.look(upload)
		step("again")
		check := client.draft(upload)
		step("import")
		for _, table := range []string{"twins", "remarks"} {
			c.exec(`update ` + table + ` set acknowledged_at = clock_timestamp(), acknowledged_by = 'ada'`)
		}
		at = time.Now()
		client.get(check).wants(b, http.StatusOK, "Submit for approval")
		step("check")
		client.post(check+"/submit").leads(b, check)
		step("submit")
		c.exec(`update runs set state = 'approved', approved_by = 'bea' where state = 'submitted'`)
		b.ReportMetric(float64(peak()>>20), "peak-MB")
		month = month.Next()
	}
}

// BenchmarkLargeUpload stores a file of 50 MB and opens it again.
func BenchmarkLargeUpload(b *testing.B) {
	c := newConsole(b)
	const size = 50 << 20
	for b.Loop() {
		peak := watchMemory()
		u, err := c.store.StoreUpload(b.Context(), "a.csv", "ada", io.LimitReader(zeros{}, size))
		must(b, err)
		b.ReportMetric(float64(peak()>>20), "storing-peak-MB")
		peak = watchMemory()
		content, err := c.store.UploadContent(b.Context(), u)
		must(b, err)
		b.ReportMetric(float64(peak()>>20), "opening-peak-MB")
		if len(content) != size {
			b.Errorf("%d bytes", len(content))
		}
		must(b, c.store.DeleteUpload(b.Context(), u.ID, "ada"))
	}
	b.SetBytes(size)
}

// watchMemory gives the most bytes of heap that were in use until it is called
// again, over what was in use before.
func watchMemory() (peak func() uint64) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, most := m.HeapInuse, m.HeapInuse
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapInuse)
			}
		}
	}()
	return func() uint64 {
		close(done)
		<-ended
		return most - before
	}
}
