package dpath_test

import (
	"strings"
	"sync"

	"github.com/stretchr/testify/require"
)

// ledger holds a row for each call that reached business code: the effects it would have had.
type ledger struct {
	mu   sync.Mutex
	rows map[row]int
}

type row struct{ node, env string }

func (l *ledger) write(r row) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows[r]++
}

// effects counts the rows at some nodes, of the environments or of all.
func (r *rig) effects(at []*process, envs ...string) int {
	r.ledger.mu.Lock()
	defer r.ledger.mu.Unlock()
	sum := 0
	for key, n := range r.ledger.rows {
		for _, p := range at {
			matches := len(envs) == 0
			for _, e := range envs {
				matches = matches || e == key.env
			}
			if p.id == key.node && matches {
				sum += n
			}
		}
	}
	return sum
}

// trespasses counts the calls served by a lane that is not theirs.
func (r *rig) trespasses() int {
	sum := 0
	for _, env := range r.lanes {
		at := r.find("", env)
		sum += r.effects(at) - r.effects(at, env)
	}
	return sum
}

// count sums a metric over all labels that contain the given pairs.
func (r *rig) count(name string, pairs ...string) float64 {
	families, err := r.gathered.Gather()
	require.NoError(r.t, err)
	sum := 0.0
	for _, f := range families {
		for _, m := range f.Metric {
			have := ""
			for _, l := range m.Label {
				have += " " + l.GetName() + "=" + l.GetValue() + " "
			}
			wanted := f.GetName() == name
			for _, p := range pairs {
				wanted = wanted && strings.Contains(have, " "+p+" ")
			}
			if wanted {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return sum
}
