package dpath

import (
	"sync"
	"sync/atomic"
	"time"
)

// Ejection of nodes that answer but fail.
const (
	EjectAfter = 5                // consecutive failed calls
	EjectFor   = 10 * time.Second // first ejection; doubles with each further one
	ejectMax   = 5 * time.Minute
	downAfter  = 3 // consecutive failed probes
)

// Table is the caller's live knowledge of nodes: calls in flight, passive
// outlier ejection and the results of active probes. It survives changes of
// configuration. An ejection may empty a set; there is no panic mode.
type Table struct {
	mu     sync.Mutex
	states map[nodeKey]*nodeState
	last   atomic.Pointer[View]
	called sync.Map // apps that this process calls
	probed sync.Map // apps whose nodes are probed
	now    func() time.Time
}

type nodeKey struct{ app, id, addr string }

type nodeState struct {
	inflight   atomic.Int64
	failures   atomic.Int32 // consecutive failed calls
	ejections  atomic.Int32 // consecutive ejections
	ejected    atomic.Int64 // until, Unix nanoseconds; 0: not ejected
	misses     atomic.Int32 // consecutive failed probes
	unprobable atomic.Bool  // probed down
	called     atomic.Bool
}

// NewTable makes an empty table: every node is usable until it fails. Once the
// nodes of an app are probed, those that come later are usable when they first
// answered.
func NewTable() *Table {
	return &Table{states: map[nodeKey]*nodeState{}, now: time.Now}
}

// View is a table seen through one configuration; it implements [Health].
type View struct {
	cfg    *Config
	table  *Table
	states []*nodeState
}

// View gives the table's view for cfg. Nodes no longer in cfg are forgotten.
func (t *Table) View(cfg *Config) *View {
	if v := t.last.Load(); v != nil && sameNodes(v.cfg, cfg) {
		return v
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	v := &View{cfg: cfg, table: t, states: make([]*nodeState, len(cfg.nodes))}
	kept := make(map[nodeKey]*nodeState, len(cfg.nodes))
	for i, n := range cfg.nodes {
		k := nodeKey{n.App, n.ID, n.Addr}
		s := t.states[k]
		if s == nil {
			s = &nodeState{}
			_, probed := t.probed.Load(n.App)
			s.unprobable.Store(probed)
		}
		kept[k], v.states[i] = s, s
	}
	t.states = kept
	t.last.Store(v)
	return v
}

// sameNodes tells whether two configurations number their nodes alike.
func sameNodes(a, b *Config) bool { return a.open == b.open }

// Usable implements [Health].
func (v *View) Usable(n *Node) bool {
	s := v.states[n.index]
	if s.unprobable.Load() {
		return false
	}
	until := s.ejected.Load()
	return until == 0 || v.table.now().UnixNano() >= until
}

// InFlight implements [Health].
func (v *View) InFlight(n *Node) int { return int(v.states[n.index].inflight.Load()) }

// Begin notes that a call to the node starts.
func (v *View) Begin(n *Node) {
	s := v.states[n.index]
	s.inflight.Add(1)
	if !s.called.Load() {
		s.called.Store(true)
		v.table.called.Store(n.App, true)
	}
}

// Called tells whether an app was ever called by this table's process.
func (v *View) Called(app string) bool {
	_, called := v.table.called.Load(app)
	return called
}

// End notes that a call begun with Begin is over.
func (v *View) End(n *Node) { v.states[n.index].inflight.Add(-1) }

// Report notes how a call went. A refusal by the provider guard is neither
// and must not be reported.
func (v *View) Report(n *Node, ok bool) {
	s := v.states[n.index]
	if ok {
		if s.failures.Load() != 0 {
			s.failures.Store(0)
		}
		if s.ejections.Load() != 0 && v.Usable(n) {
			s.ejections.Store(0)
			s.ejected.Store(0)
		}
		return
	}
	if !v.Usable(n) {
		return // of calls that were under way when it was taken out
	}
	if s.failures.Add(1) < EjectAfter {
		return
	}
	s.failures.Store(0)
	pause := EjectFor << min(s.ejections.Add(1)-1, 5)
	s.ejected.Store(v.table.now().Add(min(pause, ejectMax)).UnixNano())
}

// Probed notes the result of one active probe: three misses in a row take the
// node down, one success brings it back.
func (v *View) Probed(n *Node, ok bool) {
	s := v.states[n.index]
	v.table.probed.Store(n.App, true)
	if ok {
		s.misses.Store(0)
		s.unprobable.Store(false)
		return
	}
	if s.misses.Add(1) >= downAfter {
		s.unprobable.Store(true)
	}
}
