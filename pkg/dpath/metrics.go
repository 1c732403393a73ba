package dpath

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts what the toolkit decides. A nil *Metrics counts nothing.
type Metrics struct {
	calls      *prometheus.CounterVec
	violations *prometheus.CounterVec
	rejects    *prometheus.CounterVec
	invalid    *prometheus.CounterVec
	lost       *prometheus.CounterVec
	seconds    *prometheus.HistogramVec
	spill      *spillRatio
	refused    prometheus.Counter
	version    prometheus.Gauge
	usable     *prometheus.GaugeVec
}

// NewMetrics registers the collectors, or reuses those already registered.
func NewMetrics(r prometheus.Registerer) (*Metrics, error) {
	m := &Metrics{
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dpath_calls_total",
			Help: "Node selections by app, environment, pool and decision."}, []string{"app", "env", "pool", "decision"}),
		violations: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dpath_violation_total",
			Help: "Selections stopped because they broke a guarantee; must stay 0."}, []string{"kind"}),
		rejects: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dpath_guard_reject_total",
			Help: "Calls a dedicated node refused."}, []string{"app", "env"}),
		invalid: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dpath_label_invalid_total",
			Help: "Labels not accepted, by reason; the calls were common."}, []string{"reason"}),
		lost: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dpath_label_lost_total",
			Help: "Spans without the environment that their parent has."}, []string{"env"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "dpath_call_seconds",
			Help:    "Time of one attempt at a node until its answer begins, by app and pool.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 14)}, []string{"app", "pool"}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{Name: "dpath_config_refused_total",
			Help: "Rule documents and registries not taken over."}),
		version: prometheus.NewGauge(prometheus.GaugeOpts{Name: "dpath_config_version",
			Help: "Version of the rule document in force."}),
		usable: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "dpath_ded_usable",
			Help: "Usable dedicated nodes."}, []string{"env", "app"}),
	}
	err := errors.Join(register(r, &m.calls), register(r, &m.violations), register(r, &m.rejects), register(r, &m.invalid), register(r, &m.lost),
		register(r, &m.seconds), register(r, &m.refused), register(r, &m.version), register(r, &m.usable))
	m.spill = newSpillRatio(m.calls)
	return m, errors.Join(err, register(r, &m.spill))
}

func register[C prometheus.Collector](r prometheus.Registerer, c *C) error {
	err := r.Register(*c)
	var dup prometheus.AlreadyRegisteredError
	if errors.As(err, &dup) {
		if old, ok := dup.ExistingCollector.(C); ok {
			*c = old
			return nil
		}
	}
	return err
}

// Call counts one selection for app.
func (m *Metrics) Call(app string, d Decision) {
	if m != nil {
		m.calls.WithLabelValues(app, d.Env, d.Pool.String(), d.Label).Inc()
	}
}

// Now is when something begins that is timed; without metrics nobody asks the clock.
func (m *Metrics) Now() time.Time {
	if m == nil {
		return time.Time{}
	}
	return time.Now()
}

// Took notes how long a node of app, of a pool, took to begin its answer.
func (m *Metrics) Took(app string, pool Pool, began time.Time) {
	if m != nil {
		m.seconds.WithLabelValues(app, pool.String()).Observe(time.Since(began).Seconds())
	}
}

// LabelLost counts a span without the environment that its parent has.
func (m *Metrics) LabelLost(env string) {
	if m != nil {
		m.lost.WithLabelValues(env).Inc()
	}
}

// Violation counts a selection that was stopped: kind exclusion or cross_lane.
func (m *Metrics) Violation(kind string) {
	if m != nil {
		m.violations.WithLabelValues(kind).Inc()
	}
}

// GuardReject counts a call that a node of env refused.
func (m *Metrics) GuardReject(app, env string) {
	if m != nil {
		m.rejects.WithLabelValues(app, env).Inc()
	}
}

// LabelInvalid counts n labels that were not accepted.
func (m *Metrics) LabelInvalid(reason string, n int) {
	if m != nil && n > 0 {
		m.invalid.WithLabelValues(reason).Add(float64(n))
	}
}

// ConfigRefused counts a document or registry that was not taken over.
func (m *Metrics) ConfigRefused() {
	if m != nil {
		m.refused.Inc()
	}
}

// ConfigVersion notes the version in force.
func (m *Metrics) ConfigVersion(v uint64) {
	if m != nil {
		m.version.Set(float64(v))
	}
}

// DedicatedUsable notes the usable dedicated nodes of every lane of the apps
// that this process knows of.
func (m *Metrics) DedicatedUsable(cfg *Config, h Health, knows func(app string) bool) {
	if m == nil {
		return
	}
	m.usable.Reset()
	for _, p := range cfg.apps {
		if !knows(p.name) {
			continue
		}
		for _, l := range p.order {
			n := 0
			for _, node := range l.nodes {
				if l.serving && h.Usable(node) {
					n++
				}
			}
			m.usable.WithLabelValues(l.env, p.name).Set(float64(n))
		}
	}
}
