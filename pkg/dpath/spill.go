package dpath

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// spillWindow is the least time over which a ratio is taken.
const spillWindow = 10 * time.Second

// spillRatio tells which part of the calls of each lane went to public nodes
// because its own were full. It is worked out from the counters when it is
// asked for, so that calls pay nothing.
type spillRatio struct {
	calls *prometheus.CounterVec
	desc  *prometheus.Desc
	now   func() time.Time

	mu     sync.Mutex
	at     time.Time
	before map[laneName]share
	ratios map[laneName]float64
}

type laneName struct{ app, env string }

type share struct{ all, spilled float64 }

func newSpillRatio(calls *prometheus.CounterVec) *spillRatio {
	return &spillRatio{calls: calls, now: time.Now, ratios: map[laneName]float64{},
		desc: prometheus.NewDesc("dpath_spill_ratio", "Part of a lane's calls that public nodes took because its own were full, over ten seconds or since it was asked last.", []string{"app", "env"}, nil)}
}

// Describe implements prometheus.Collector.
func (s *spillRatio) Describe(ch chan<- *prometheus.Desc) { ch <- s.desc }

// Collect implements prometheus.Collector.
func (s *spillRatio) Collect(ch chan<- prometheus.Metric) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.now(); now.Sub(s.at) >= spillWindow {
		s.at = now
		s.look()
	}
	for l, r := range s.ratios {
		ch <- prometheus.MustNewConstMetric(s.desc, prometheus.GaugeValue, r, l.app, l.env)
	}
}

// look compares the counters with what they were.
func (s *spillRatio) look() {
	sums := map[laneName]share{}
	each(s.calls, func(label map[string]string, n float64) {
		l := laneName{label["app"], label["env"]}
		if l.env == "" {
			return
		}
		c := sums[l]
		c.all += n
		if label["decision"] == Spill {
			c.spilled += n
		}
		sums[l] = c
	})
	for l, c := range sums {
		s.ratios[l] = 0
		if more := c.all - s.before[l].all; more > 0 {
			s.ratios[l] = (c.spilled - s.before[l].spilled) / more
		}
	}
	s.before = sums
}
