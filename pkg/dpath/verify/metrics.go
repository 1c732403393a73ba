package verify

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are those of a watcher. A nil *metrics keeps nothing.
type metrics struct {
	probes     *prometheus.CounterVec
	violations *prometheus.CounterVec
	state      *prometheus.GaugeVec
	bound      prometheus.Gauge
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	if r == nil {
		return nil, nil
	}
	m := &metrics{
		probes: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dpath_verify_probes_total",
			Help: "Probes by environment and result: ok, violation or failed. Those of controls are not counted."}, []string{"env", "result"}),
		violations: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dpath_verify_violations_total",
			Help: "Broken guarantees that probes found, by kind; must stay 0."}, []string{"kind"}),
		state: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "dpath_verify_state",
			Help: "1 for the present state: ok, alarm, unknown or blind."}, []string{"state"}),
		bound: prometheus.NewGauge(prometheus.GaugeOpts{Name: "dpath_verify_bound",
			Help: "Upper bound of the rate of violations at 95 % confidence, from the window; it says something while none was found."}),
	}
	for _, kind := range []string{Exclusion, CrossLane, Preference, LabelLost, LabelMade, TrailGap} {
		m.violations.WithLabelValues(kind) // an alarm on a growing counter needs its 0
	}
	return m, errors.Join(r.Register(m.probes), r.Register(m.violations), r.Register(m.state), r.Register(m.bound))
}

// count takes in one probe.
func (m *metrics) count(p outcome) {
	if m == nil {
		return
	}
	r := newReport(nil)
	r.add(p)
	result := "ok"
	switch {
	case r.Failed > 0:
		result = "failed"
	case r.Violations > 0:
		result = "violation"
	}
	m.probes.WithLabelValues(p.env, result).Inc()
	for kind, n := range r.ByKind {
		m.violations.WithLabelValues(kind).Add(float64(n))
	}
}

func (m *metrics) tell(now State, bound float64) {
	if m == nil {
		return
	}
	for _, s := range states {
		is := 0.0
		if s == now {
			is = 1
		}
		m.state.WithLabelValues(string(s)).Set(is)
	}
	m.bound.Set(bound)
}
