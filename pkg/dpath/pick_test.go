package dpath

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// fixedHealth is a Health made of plain values.
type fixedHealth struct {
	down     []bool
	inflight []int
}

func (h *fixedHealth) Usable(n *Node) bool  { return !h.down[n.index] }
func (h *fixedHealth) InFlight(n *Node) int { return h.inflight[n.index] }

var t0 = time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)

// world is a random configuration with the state of its nodes.
type world struct {
	cfg    *Config
	health *fixedHealth
	env    string
	app    string
	tried  []string
}

// randomWorld draws documents with up to 3 environments over 3 apps of up to 6
// nodes, any policy, state and window, and any health.
func randomWorld(intn func(int) int) (world, error) {
	reg := &Registry{Apps: map[string][]Endpoint{}, Groups: map[string][]string{}}
	doc := &Document{Enable: intn(8) > 0, Version: 1}
	var apps []string
	for a := range 1 + intn(3) {
		app := fmt.Sprintf("app%d", a)
		apps = append(apps, app)
		for i := range intn(8) {
			reg.Apps[app] = append(reg.Apps[app], Endpoint{ID: fmt.Sprintf("%s-%d", app, i), Addr: fmt.Sprintf("10.0.%d.%d:80", a, i+1)})
		}
	}
	for e := range intn(4) {
		doc.EnvRules = append(doc.EnvRules, randomEnv(intn, fmt.Sprintf("env%d", e), apps, reg))
	}
	cfg, err := Compile(doc, reg, t0)
	if err != nil {
		return world{}, err
	}
	w := world{cfg: cfg, health: &fixedHealth{make([]bool, len(cfg.nodes)), make([]int, len(cfg.nodes))}}
	w.redraw(intn, apps)
	return w, nil
}

// redraw changes health, call and attempts, but not the configuration.
func (w *world) redraw(intn func(int) int, apps []string) {
	bad := intn(5)
	for i := range w.health.down {
		w.health.down[i] = intn(4) < bad
		w.health.inflight[i] = intn(5)
	}
	w.env = []string{"", "", "env0", "env0", "env0", "env1", "env2", "nobody"}[intn(8)]
	w.app = apps[intn(len(apps))]
	if intn(20) == 0 {
		w.app = "nobody"
	}
	w.tried = w.tried[:0]
	few := intn(3) == 0
	for _, n := range w.cfg.All(w.app) {
		if few && intn(6) == 0 {
			w.tried = append(w.tried, n.ID)
		}
	}
}

func randomEnv(intn func(int) int, name string, apps []string, reg *Registry) EnvRule {
	e := EnvRule{EnvName: name, FailoverPolicy: Policy(intn(3)), SpillAt: 1 + intn(4), MinHealthy: Quorum{N: 1 + intn(3)}}
	if intn(4) == 0 {
		e.MinHealthy = Quorum{N: 1 + intn(100), Percent: true}
	}
	before, after := t0.Add(-time.Hour), t0.Add(time.Hour)
	switch intn(8) {
	case 0:
		e.NotBefore = &after
	case 1:
		e.NotAfter = &before
	case 2:
		e.NotBefore, e.NotAfter = &before, &after
	}
	for _, app := range apps {
		if intn(4) == 0 {
			continue
		}
		r := EnvAppRule{AppName: app, AllowNoPublic: true, State: []State{"", StateActive, StateActive, StatePreparing, StateDraining}[intn(5)]}
		group := name + "-" + app
		for _, n := range reg.Apps[app] {
			// Environment k may take every third node, so none is taken twice.
			if int(n.Addr[len(n.Addr)-4]-'0')%3 != int(name[3]-'0') || intn(3) == 0 {
				continue
			}
			if intn(2) == 0 {
				r.IPs = append(r.IPs, n.Addr)
			} else {
				reg.Groups[group] = append(reg.Groups[group], n.Addr)
			}
		}
		if len(reg.Groups[group]) > 0 || intn(4) == 0 {
			reg.Groups[group] = append(reg.Groups[group], "10.9.9.9") // not registered
			r.MachineGroups = []string{group}
		}
		e.EnvAppRules = append(e.EnvAppRules, r)
	}
	return e
}

// check holds one choice against the guarantees and the selection table. It
// uses the document's terms only, not the code under test.
func (w *world) check(d Decision, err error) error {
	cfg := w.cfg
	p := cfg.plan(w.app)
	usable := func(nodes []*Node, free bool) (n int) {
		for _, node := range nodes {
			if w.health.Usable(node) && (!free || !slices.Contains(w.tried, node.ID)) {
				n++
			}
		}
		return n
	}
	if (err == nil) != (d.Node != nil) {
		return fmt.Errorf("error %w with node %v", err, d.Node)
	}
	l := p.lanes[w.env]
	inForce := cfg.HasEnv(w.env)
	if d.Node != nil {
		if !w.health.Usable(d.Node) || slices.Contains(w.tried, d.Node.ID) || d.Node.App != w.app {
			return fmt.Errorf("node %s is down, tried or of another app", d.Node.ID)
		}
		if owner, _ := cfg.Lane(w.app, d.Node.Addr); owner != "" && !inForce {
			return fmt.Errorf("G1: common call on node of %s", owner)
		} else if owner != "" && owner != w.env {
			return fmt.Errorf("G4: call of %s on node of %s", w.env, owner)
		}
	}
	switch {
	case p == noPlan:
		if !errors.Is(err, ErrUnknownApp) {
			return fmt.Errorf("unknown app: %w", err)
		}
	case !cfg.enable:
		if (err == nil) != (usable(p.all, true) > 0) {
			return fmt.Errorf("off: all nodes are equal")
		}
	case !inForce || l == nil || !l.declared:
		if (err == nil) != (usable(p.public, true) > 0) { // G3 too
			return fmt.Errorf("public nodes decide: %w", err)
		}
	default:
		return w.checkLane(l, p, d, err, usable)
	}
	return nil
}

func (w *world) checkLane(l *lane, p *appPlan, d Decision, err error, usable func([]*Node, bool) int) error {
	ded, free, public := 0, 0, usable(p.public, true)
	if l.serving {
		ded, free = usable(l.nodes, false), usable(l.nodes, true)
	}
	onLane := d.Node != nil && d.Node.Env == l.env
	switch {
	case l.policy == PolicyStrict:
		if d.Node != nil && !onLane || (err == nil) != (free > 0) || err != nil && !errors.Is(err, ErrLaneUnavailable) {
			return fmt.Errorf("strict left its lane or failed with nodes left: %w", err)
		}
	case l.policy == PolicySpill:
		room := func(nodes []*Node) (n int) {
			for _, m := range nodes {
				if w.health.Usable(m) && !slices.Contains(w.tried, m.ID) && w.health.InFlight(m) < l.spillAt {
					n++
				}
			}
			return n
		}
		own, help := 0, public // without a usable lane the public nodes take everything
		if ded > 0 {
			own, help = room(l.nodes), room(p.public)
		}
		if own > 0 && !onLane || own == 0 && help > 0 && onLane || own+help == 0 && free > 0 && !onLane || (err == nil) != (free+public > 0) {
			return fmt.Errorf("spill: room %d and %d, on lane %v: %w", own, help, onLane, err)
		}
	case ded >= l.min && free > 0 && !onLane:
		return fmt.Errorf("G2: left the lane with %d of %d usable", ded, l.min)
	case (err == nil) != (free+public > 0):
		return fmt.Errorf("failover gave up: %w", err)
	}
	return nil
}

func TestT02PickKeepsGuaranteesRapid(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		intn := func(n int) int { return rapid.IntRange(0, n-1).Draw(rt, "") }
		w, err := randomWorld(intn)
		if err != nil {
			rt.Fatal(err)
		}
		src := rand.NewPCG(rapid.Uint64().Draw(rt, ""), 1)
		d, err := Pick(w.cfg, w.env, w.app, w.health, w.tried, src)
		if err := w.check(d, err); err != nil {
			rt.Fatal(err)
		}
	})
}

func TestT02PickKeepsGuaranteesMillion(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	const cases, perConfig = 1_000_000, 40
	labels := map[string]int{}
	for done := 0; done < cases; {
		w, err := randomWorld(rnd.IntN)
		require.NoError(t, err)
		apps := append(w.cfg.Apps(), "nobody")[:max(1, len(w.cfg.Apps()))]
		for range perConfig {
			w.redraw(rnd.IntN, apps)
			d, err := Pick(w.cfg, w.env, w.app, w.health, w.tried, rnd)
			if err := w.check(d, err); err != nil {
				t.Fatalf("%v\n%+v", err, w)
			}
			labels[d.Label]++
			done++
		}
	}
	for _, l := range []string{Off, Common, CommonEmpty, Shared, Dedicated, Failover, StrictFail, Spill, Retry} {
		require.Positive(t, labels[l], "the cases reach %s", l)
	}
	t.Log(labels)
}

// fixture: app x with 2 public and 2 nodes each in environments a and b.
func fixture(t testing.TB, change func(*Document, *Registry)) *Config {
	t.Helper()
	reg := &Registry{Apps: map[string][]Endpoint{"x": {
		{"p1", "10.0.0.1:80"}, {"p2", "10.0.0.2:80"}, {"a1", "10.0.1.1:80"}, {"a2", "10.0.1.2:80"}, {"b1", "10.0.2.1:80"}, {"b2", "10.0.2.2:80"},
	}}, Groups: map[string][]string{"gb": {"10.0.2.1", "10.0.2.2"}}}
	doc := &Document{Enable: true, Version: 1, EntryApps: []string{"x"}, EnvRules: []EnvRule{
		{EnvName: "a", EnvAppRules: []EnvAppRule{{AppName: "x", IPs: []string{"10.0.1.1", "10.0.1.2:80"}}}},
		{EnvName: "b", FailoverPolicy: PolicyStrict, EnvAppRules: []EnvAppRule{{AppName: "x", MachineGroups: []string{"gb"}}}},
	}}
	if change != nil {
		change(doc, reg)
	}
	cfg, err := Compile(doc, reg, t0)
	require.NoError(t, err)
	return cfg
}

func idsOf(nodes []*Node) []string {
	var out []string
	for _, n := range nodes {
		out = append(out, n.ID)
	}
	return out
}

func health(cfg *Config, down ...string) *fixedHealth {
	h := &fixedHealth{make([]bool, len(cfg.nodes)), make([]int, len(cfg.nodes))}
	for i, n := range cfg.nodes {
		h.down[i] = slices.Contains(down, n.ID)
	}
	return h
}

func TestPickTable(t *testing.T) {
	spill := func(d *Document, _ *Registry) { d.EnvRules[0].FailoverPolicy, d.EnvRules[0].SpillAt = PolicySpill, 2 }
	half := func(d *Document, _ *Registry) { d.EnvRules[0].MinHealthy = Quorum{N: 2} }
	for _, c := range []struct {
		name   string
		change func(*Document, *Registry)
		env    string
		down   []string
		busy   map[string]int
		tried  []string
		label  string
		on     []string
		err    error
	}{
		{name: "off", change: func(d *Document, _ *Registry) { d.Enable = false }, env: "a", label: Off, on: []string{"p1", "p2", "a1", "a2", "b1", "b2"}},
		{name: "common", label: Common, on: []string{"p1", "p2"}},
		{name: "unknown env is common", env: "zzz", label: Common, on: []string{"p1", "p2"}},
		{name: "no public", down: []string{"p1", "p2"}, label: CommonEmpty, err: ErrNoPublicNode},
		{name: "shared", change: func(d *Document, _ *Registry) { d.EnvRules[0].EnvAppRules[0].IPs = nil }, env: "a", label: Shared, on: []string{"p1", "p2", "a1", "a2"}},
		{name: "dedicated", env: "a", label: Dedicated, on: []string{"a1", "a2"}},
		{name: "one down", env: "a", down: []string{"a1"}, label: Dedicated, on: []string{"a2"}},
		{name: "below min", change: half, env: "a", down: []string{"a1"}, label: Failover, on: []string{"a2", "p1", "p2"}},
		{name: "failover", env: "a", down: []string{"a1", "a2"}, label: Failover, on: []string{"p1", "p2"}},
		{name: "failover empty", env: "a", down: []string{"a1", "a2", "p1", "p2"}, label: Failover, err: ErrNoPublicNode},
		{name: "strict", env: "b", down: []string{"b1"}, label: Dedicated, on: []string{"b2"}},
		{name: "strict fail", env: "b", down: []string{"b1", "b2"}, label: StrictFail, err: ErrLaneUnavailable},
		{name: "strict retry stays", env: "b", tried: []string{"b1"}, label: Retry, on: []string{"b2"}},
		{name: "strict retries over", env: "b", tried: []string{"b1", "b2"}, label: StrictFail, err: ErrLaneUnavailable},
		{name: "unresolved group is unreachable, not absent", change: func(_ *Document, r *Registry) { r.Groups["gb"] = nil }, env: "b", label: StrictFail, err: ErrLaneUnavailable},
		{name: "spill room", change: spill, env: "a", busy: map[string]int{"a1": 2, "a2": 1}, label: Dedicated, on: []string{"a2"}},
		{name: "spill full", change: spill, env: "a", busy: map[string]int{"a1": 2, "a2": 2}, label: Spill, on: []string{"p1", "p2"}},
		{name: "spill to who has room", change: spill, env: "a", busy: map[string]int{"a1": 2, "a2": 3, "p1": 2, "p2": 1}, label: Spill, on: []string{"p2"}},
		{name: "spill with no room left", change: spill, env: "a", busy: map[string]int{"a1": 2, "a2": 3, "p1": 2, "p2": 2}, label: Dedicated, on: []string{"a1"}},
		{name: "spill down", change: spill, env: "a", down: []string{"a1", "a2"}, label: Failover, on: []string{"p1", "p2"}},
		{name: "spill without public", change: spill, env: "a", busy: map[string]int{"a1": 2, "a2": 2}, down: []string{"p1", "p2"}, label: Dedicated, on: []string{"a1", "a2"}},
		{name: "preparing is reserved", change: func(d *Document, _ *Registry) { d.EnvRules[0].EnvAppRules[0].State = StatePreparing }, env: "a", label: Failover, on: []string{"p1", "p2"}},
		{name: "before the window is reserved", change: func(d *Document, _ *Registry) { at := t0.Add(time.Hour); d.EnvRules[0].NotBefore = &at }, env: "a", label: Common, on: []string{"p1", "p2"}},
		{name: "after the window is public", change: func(d *Document, _ *Registry) { d.EnvRules[0].NotAfter = &t0 }, env: "a", label: Common, on: []string{"p1", "p2", "a1", "a2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := fixture(t, c.change)
			h := health(cfg, c.down...)
			for i, n := range cfg.nodes {
				h.inflight[i] = c.busy[n.ID]
			}
			seen := map[string]bool{}
			for seed := range uint64(200) {
				d, err := Pick(cfg, c.env, "x", h, c.tried, rand.NewPCG(seed, seed))
				require.Equal(t, c.label, d.Label)
				if c.err != nil {
					require.ErrorIs(t, err, c.err)
					require.Nil(t, d.Node)
					continue
				}
				require.NoError(t, err)
				seen[d.Node.ID] = true
			}
			require.Len(t, seen, len(c.on), "%v", seen)
			for _, id := range c.on {
				require.True(t, seen[id], id)
			}
		})
	}
}

// T19: the end of one environment never makes the other a candidate.
func TestT19OtherLaneIsNeverACandidate(t *testing.T) {
	cfg := fixture(t, nil)
	h := health(cfg, "a1", "a2", "p1")
	for seed := range uint64(2000) {
		d, err := Pick(cfg, "a", "x", h, nil, rand.NewPCG(seed, 7))
		require.NoError(t, err)
		require.Equal(t, "p2", d.Node.ID)
	}
}

func TestPickPrefersTheLessBusy(t *testing.T) {
	cfg := fixture(t, nil)
	h := health(cfg)
	h.inflight[0] = 100 // p1
	for seed := range uint64(100) {
		d, err := Pick(cfg, "", "x", h, nil, rand.NewPCG(seed, 7))
		require.NoError(t, err)
		require.Equal(t, "p2", d.Node.ID)
		require.Equal(t, "public", d.Pool.String())
	}
}

func TestPickIsUniform(t *testing.T) {
	cfg := fixture(t, func(d *Document, _ *Registry) { d.Enable = false })
	h, seen, src := health(cfg), map[string]int{}, rand.NewPCG(3, 4)
	for range 60_000 {
		d, _ := Pick(cfg, "", "x", h, nil, src)
		require.Equal(t, PoolAll, d.Pool)
		seen[d.Node.ID]++
	}
	for id, n := range seen {
		require.InDelta(t, 10_000, n, 500, id)
	}
}

// In a large set two nodes are found by chance; where few can be taken, all are looked at.
func TestPickIsUniformAmongMany(t *testing.T) {
	reg := &Registry{Apps: map[string][]Endpoint{}}
	for i := range 100 {
		reg.Apps["x"] = append(reg.Apps["x"], Endpoint{ID: fmt.Sprint(i), Addr: fmt.Sprintf("10.0.0.%d:80", i+1)})
	}
	cfg, err := Compile(&Document{Enable: true, Version: 1}, reg, t0)
	require.NoError(t, err)
	for _, up := range []int{100, 50, 3, 1} {
		h, src, seen := health(cfg), rand.NewPCG(uint64(up), 4), map[string]int{}
		for i := range h.down {
			h.down[i] = i%(100/up) != 0 || i/(100/up) >= up
		}
		for range up * 1000 {
			d, err := Pick(cfg, "", "x", h, nil, src)
			require.NoError(t, err)
			seen[d.Node.ID]++
		}
		require.Len(t, seen, up)
		for id, n := range seen {
			require.InDelta(t, 1000, n, 200, id)
		}
	}
}

func TestPickAllocatesNothing(t *testing.T) {
	cfg := fixture(t, nil)
	h, src := NewTable().View(cfg), rand.NewPCG(1, 1)
	tried, both := []string{"a1"}, []string{"b1", "b2"}
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		_, _ = Pick(cfg, "a", "x", h, tried, src)
		_, _ = Pick(cfg, "", "x", h, nil, src)
		_, _ = Pick(cfg, "b", "x", h, both, src)
	}))
}

func BenchmarkPick(b *testing.B) {
	for _, size := range []int{2, 20, 200} {
		b.Run(fmt.Sprintf("nodes=%d", size), func(b *testing.B) {
			reg := &Registry{Apps: map[string][]Endpoint{}}
			doc := &Document{Enable: true, EnvRules: []EnvRule{{EnvName: "a", EnvAppRules: []EnvAppRule{{AppName: "x"}}}}}
			for i := range 2 * size {
				addr := fmt.Sprintf("10.0.%d.%d:80", i/200, 1+i%200)
				reg.Apps["x"] = append(reg.Apps["x"], Endpoint{ID: addr, Addr: addr})
				if i%2 == 0 {
					doc.EnvRules[0].EnvAppRules[0].IPs = append(doc.EnvRules[0].EnvAppRules[0].IPs, addr)
				}
			}
			cfg, err := Compile(doc, reg, t0)
			require.NoError(b, err)
			h, src := NewTable().View(cfg), rand.NewPCG(1, 1)
			b.ReportAllocs()
			for b.Loop() {
				_, _ = Pick(cfg, "a", "x", h, nil, src)
			}
		})
	}
}
