package dispatch

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/payseal/payseal/payroll"
)

// Metrics counts what a worker does. No label ever names a person, an address,
// a run or a slip.
type Metrics struct {
	outcomes *prometheus.CounterVec
	held     *prometheus.CounterVec
	step     *prometheus.HistogramVec
	relay    prometheus.Histogram
	underWay prometheus.Gauge
	lines    prometheus.Gauge
	failures prometheus.Gauge
	returned prometheus.Counter
	notices  *prometheus.CounterVec
	alarms   prometheus.Gauge
}

// NewMetrics registers a worker's metrics.
func NewMetrics(registry prometheus.Registerer) *Metrics {
	m := &Metrics{
		outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "payseal_attempts_total", Help: "Attempts to hand a slip to the relay, by outcome.",
		}, []string{"outcome"}),
		held: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "payseal_slips_held_total", Help: "Slips held just before sealing, by reason.",
		}, []string{"reason"}),
		step: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "payseal_step_seconds", Help: "Time of one slip's step: render, seal.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 3, 10),
		}, []string{"step"}),
		relay: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "payseal_relay_seconds", Help: "Time of one SMTP transaction.",
			Buckets: prometheus.ExponentialBuckets(0.001, 3, 12),
		}),
		underWay: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "payseal_slips_under_way", Help: "Slips that this worker holds at the moment.",
		}),
		lines: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "payseal_relay_connections", Help: "Connections to the relay that are open.",
		}),
		failures: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "payseal_relay_failures", Help: "Failures of the relay in a row, with nothing accepted between.",
		}),
		returned: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "payseal_slips_returned_total", Help: "Slips taken back from workers that died.",
		}),
		notices: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "payseal_notices_total", Help: "Tries to send a mail that is no slip, by its kind and outcome.",
		}, []string{"kind", "outcome"}),
		alarms: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "payseal_alarms_open", Help: "Alarms that nobody has settled, in the whole installation.",
		}),
	}
	registry.MustRegister(m.outcomes, m.held, m.step, m.relay, m.underWay, m.lines, m.failures, m.returned, m.notices, m.alarms)
	for _, kind := range []payroll.Kind{payroll.Accepted, payroll.Deferred, payroll.Refused, payroll.Unsure} {
		m.outcomes.WithLabelValues(string(kind))
	}
	return m
}

func (m *Metrics) outcome(kind payroll.Kind, took time.Duration) {
	m.outcomes.WithLabelValues(string(kind)).Inc()
	m.relay.Observe(took.Seconds())
}

// notice counts one try; outcome is a payroll.Kind, or "dropped".
func (m *Metrics) notice(kind payroll.NoticeKind, outcome string) {
	m.notices.WithLabelValues(string(kind), outcome).Inc()
}
