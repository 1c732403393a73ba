package dpath

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// Flow is what one process decided within some seconds, as it reports to the
// centre. A map of all lanes is the sum of the flows of all processes.
type Flow struct {
	Seconds float64     `json:"seconds"`
	Calls   []FlowCalls `json:"calls,omitempty"`
	Lanes   []FlowLane  `json:"lanes,omitempty"`
	// Violations counts selections stopped because they broke a guarantee,
	// Rejects calls that this process refused as a dedicated node, Invalid
	// labels not accepted; all within the seconds.
	Violations float64 `json:"violations,omitempty"`
	Rejects    float64 `json:"rejects,omitempty"`
	Invalid    float64 `json:"invalid,omitempty"`
}

// FlowCalls counts the selections of one decision.
type FlowCalls struct {
	App      string  `json:"app"`
	Env      string  `json:"env,omitempty"`
	Pool     string  `json:"pool"`
	Decision string  `json:"decision"`
	Calls    float64 `json:"calls"`
}

// FlowLane tells how many of the nodes that an environment has of an app can
// be used, as seen from the process; also before the environment is active.
type FlowLane struct {
	App    string `json:"app"`
	Env    string `json:"env"`
	Nodes  int    `json:"nodes"`
	Usable int    `json:"usable"`
}

// Lanes counts the nodes of every environment.
func (c *Config) Lanes(h Health) []FlowLane {
	var out []FlowLane
	for _, app := range c.Apps() {
		for _, l := range c.apps[app].order {
			lane := FlowLane{App: app, Env: l.env, Nodes: len(l.nodes)}
			for _, n := range l.nodes {
				if h.Usable(n) {
					lane.Usable++
				}
			}
			out = append(out, lane)
		}
	}
	return out[:min(len(out), maxFlowCalls)]
}

// maxFlowCalls bounds a report; what is called least is left out.
const maxFlowCalls = 128

// FlowMeter tells the flow since it was asked last. It is safe for concurrent
// use.
type FlowMeter struct {
	metrics *Metrics
	mu      sync.Mutex
	at      time.Time
	before  map[FlowCalls]float64 // by decision, with no calls
	sums    [3]float64
}

// NewFlowMeter begins with what is counted from now on.
func NewFlowMeter(m *Metrics) *FlowMeter {
	f := &FlowMeter{metrics: m}
	f.Flow()
	return f
}

// Flow is what was decided since the last call of it.
func (f *FlowMeter) Flow() Flow {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	out := Flow{Seconds: now.Sub(f.at).Seconds()}
	calls := map[FlowCalls]float64{}
	each(f.metrics.calls, func(label map[string]string, n float64) {
		k := FlowCalls{App: label["app"], Env: label["env"], Pool: label["pool"], Decision: label["decision"]}
		calls[k] = n
		if more := n - f.before[k]; more > 0 {
			k.Calls = more
			out.Calls = append(out.Calls, k)
		}
	})
	sums := [3]float64{total(f.metrics.violations), total(f.metrics.rejects), total(f.metrics.invalid)}
	out.Violations, out.Rejects, out.Invalid = sums[0]-f.sums[0], sums[1]-f.sums[1], sums[2]-f.sums[2]
	f.at, f.before, f.sums = now, calls, sums
	slices.SortFunc(out.Calls, func(a, b FlowCalls) int {
		return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.App, b.App), cmp.Compare(a.Env, b.Env), cmp.Compare(a.Decision, b.Decision), cmp.Compare(a.Pool, b.Pool))
	})
	out.Calls = out.Calls[:min(len(out.Calls), maxFlowCalls)]
	return out
}

func total(c *prometheus.CounterVec) (sum float64) {
	each(c, func(_ map[string]string, n float64) { sum += n })
	return sum
}

// each reads every counter of a family.
func each(c *prometheus.CounterVec, f func(label map[string]string, n float64)) {
	ch := make(chan prometheus.Metric, 64)
	go func() { c.Collect(ch); close(ch) }()
	for m := range ch {
		var d dto.Metric
		if m.Write(&d) != nil {
			continue
		}
		label := map[string]string{}
		for _, p := range d.GetLabel() {
			label[p.GetName()] = p.GetValue()
		}
		f(label, d.GetCounter().GetValue())
	}
}
