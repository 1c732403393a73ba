package dpath

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
)

func smallDoc(version uint64) (*Document, *Registry) {
	return &Document{Enable: true, Version: version, EntryApps: []string{"x"}, EnvRules: []EnvRule{
			{EnvName: "a", EnvAppRules: []EnvAppRule{{AppName: "x", MachineGroups: []string{"ga"}}}},
			{EnvName: "b", EnvAppRules: []EnvAppRule{{AppName: "x", MachineGroups: []string{"gb"}}}},
		}}, &Registry{
			Apps: map[string][]Endpoint{"x": {{"p1", "10.0.0.1:80"}, {"n2", "10.0.0.2:80"}, {"n3", "10.0.0.3:80"}}},
			Groups: map[string][]string{
				"ga": {"10.0.0.2"}, "gb": {"10.0.0.3:80"},
			}}
}

func TestStoreIsFailStatic(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	metrics, err := NewMetrics(reg)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "snapshot.json")
	s, err := NewStore(StoreOptions{Snapshot: path, Metrics: metrics})
	require.NoError(t, err)
	require.Nil(t, s.Current())

	doc, nodes := smallDoc(5)
	require.NoError(t, s.Set(doc, nodes))
	good := s.Current()
	require.Equal(t, uint64(5), good.Version())
	doc.EnvRules[0].EnvName = "changed later" // the store has its own copy

	older, _ := smallDoc(4)
	require.ErrorIs(t, s.Apply(older), ErrOlderVersion)
	other, _ := smallDoc(5)
	other.Enable = false
	require.ErrorIs(t, s.Apply(other), ErrSameVersion)
	same, _ := smallDoc(5)
	require.NoError(t, s.Apply(same), "the same again is no change")
	bad, _ := smallDoc(6)
	bad.EnvRules[1].EnvName = "a"
	require.ErrorContains(t, s.Apply(bad), "appears twice")
	unknown, _ := smallDoc(6)
	unknown.EnvRules[0].EnvAppRules[0].MachineGroups = []string{"nowhere"}
	require.Equal(t, []string{"$.envRules[0].envAppRules[0].machineGroups[0] unknown_group"}, problemsOf(s.Apply(unknown)))
	require.Equal(t, good.Hash(), s.Current().Hash(), "the last good one stays")
	require.Error(t, s.SetRegistry(&Registry{Apps: map[string][]Endpoint{"x": {{"p1", "nonsense"}}}}))
	require.Equal(t, 5.0, value(t, metrics.version))
	require.Equal(t, 5.0, value(t, metrics.refused))

	// Cold start with the centre down.
	cold, err := NewStore(StoreOptions{Snapshot: path})
	require.NoError(t, err)
	require.Equal(t, good.Hash(), cold.Current().Hash())
	require.Equal(t, []string{"n2"}, idsOf(cold.Current().Dedicated("a", "x")))
	require.ErrorIs(t, cold.Apply(older), ErrOlderVersion, "also after a restart")

	// Half-written and altered snapshots.
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, damage := range [][]byte{text[:len(text)/2], []byte("{}"), append([]byte("x"), text...), {}} {
		require.NoError(t, os.WriteFile(path, damage, 0o600))
		s, err := NewStore(StoreOptions{Snapshot: path})
		require.ErrorIs(t, err, ErrSnapshot)
		require.Nil(t, s.Current())
		require.NoError(t, s.Set(older, nodes), "a damaged snapshot does not stop a centre")
	}
	leftovers, err := filepath.Glob(path + ".*")
	require.NoError(t, err)
	require.Empty(t, leftovers)

	blocked, err := NewStore(StoreOptions{Snapshot: filepath.Join(path, "below-a-file")})
	require.ErrorIs(t, err, ErrSnapshot)
	require.ErrorIs(t, blocked.Set(older, nodes), ErrSnapshot)
	require.NotNil(t, blocked.Current(), "in force although not saved")
}

func TestStoreFollowsRegistryAndWindows(t *testing.T) {
	now := t0
	s, err := NewStore(StoreOptions{Now: func() time.Time { return now }})
	require.NoError(t, err)
	doc, nodes := smallDoc(1)
	start, end := t0.Add(time.Hour), t0.Add(2*time.Hour)
	doc.EnvRules[0].NotBefore, doc.EnvRules[0].NotAfter = &start, &end
	require.NoError(t, s.SetRegistry(nodes))
	require.Nil(t, s.Current())
	require.NoError(t, s.Apply(doc))

	check := func(envs, public []string, lane string, guarded bool) {
		t.Helper()
		c := s.Current()
		require.Equal(t, envs, c.Envs())
		require.Equal(t, public, idsOf(c.Public("x")))
		env, on := c.Lane("x", "10.0.0.2:80")
		require.Equal(t, lane, env)
		require.Equal(t, guarded, on)
	}
	require.Equal(t, start, s.Current().ValidUntil())
	check([]string{"b"}, []string{"p1"}, "a", false) // reserved
	now = start
	check([]string{"a", "b"}, []string{"p1"}, "a", true)
	now = end
	check([]string{"b"}, []string{"p1", "n2"}, "", false) // returned
	require.True(t, s.Current().ValidUntil().IsZero())

	// A node that a change of membership gives to two environments serves nobody.
	now = start
	_, twice := smallDoc(1)
	twice.Groups["gb"] = []string{"10.0.0.3", "10.0.0.2"}
	require.NoError(t, s.SetRegistry(twice))
	c := s.Current()
	require.Equal(t, []string{"p1"}, idsOf(c.Public("x")))
	require.Empty(t, c.Dedicated("a", "x"))
	require.Equal(t, []string{"n3"}, idsOf(c.Dedicated("b", "x")))
	env, on := c.Lane("x", "10.0.0.2:80")
	require.Equal(t, Blocked, env)
	require.True(t, on)
	require.Equal(t, "node_in_two_envs", c.Warnings()[len(c.Warnings())-1].Reason)
	fresh, _ := smallDoc(2)
	require.Equal(t, []string{"$.envRules[1].envAppRules[0] node_in_two_envs"}, problemsOf(s.Apply(fresh)), "published, it is refused")

	// Groups that vanish or empty leave the lane unreachable, not absent.
	gone := &Registry{Apps: nodes.Apps, Groups: map[string][]string{"gb": nil}}
	require.NoError(t, s.SetRegistry(gone))
	var reasons []string
	for _, w := range s.Current().Warnings() {
		reasons = append(reasons, w.Reason)
	}
	require.Equal(t, []string{"unknown_group", "empty_group"}, reasons)
}

func TestCompileChecksNodes(t *testing.T) {
	doc, nodes := smallDoc(1)
	nodes.Apps["x"] = nodes.Apps["x"][1:]
	_, err := Compile(doc, nodes, t0)
	require.Equal(t, []string{"$.envRules no_public_node"}, problemsOf(err))
	doc.EnvRules[0].EnvAppRules[0].AllowNoPublic = true
	_, err = Compile(doc, nodes, t0)
	require.NoError(t, err)

	for _, reg := range []*Registry{
		{Apps: map[string][]Endpoint{"a b": nil}},
		{Apps: map[string][]Endpoint{"x": {{"a", "10.0.0.1"}}}},
		{Apps: map[string][]Endpoint{"x": {{"", "10.0.0.1:1"}}}},
		{Apps: map[string][]Endpoint{"x": {{"a", "10.0.0.1:1"}, {"a", "10.0.0.2:1"}}}},
		{Apps: map[string][]Endpoint{"x": {{"a", "10.0.0.1:1"}, {"b", "10.0.0.1:1"}}}},
		{Groups: map[string][]string{"g": {"nonsense"}}},
	} {
		_, err := Compile(&Document{Enable: true}, reg, t0)
		require.ErrorContains(t, err, "registry")
	}

	c, err := Compile(&Document{Enable: true, Trust: &Trust{Hosts: []string{"Pay.Example"}}},
		&Registry{Apps: map[string][]Endpoint{"newRetailEntryApp": {{"a", "[fd00::1]:80"}}, "newretailentryapp": nil}}, t0)
	require.NoError(t, err)
	require.Equal(t, "app_case", c.Warnings()[0].Reason)
	app, ok := c.App("newRetailEntryApp")
	require.True(t, ok)
	require.Len(t, c.All(app), 1)
	_, ok = c.App("NEWRETAILENTRYAPP")
	require.True(t, ok)
	_, ok = c.App("nobody")
	require.False(t, ok)
	require.True(t, c.Trusts("pay.example"))
	require.False(t, c.Trusts("elsewhere.example"))
	require.Empty(t, c.Dedicated("a", "nobody"))
	require.Len(t, c.Hash(), 64)
}

func TestTableEjectsAndRecovers(t *testing.T) {
	cfg := fixture(t, nil)
	table := NewTable()
	now := t0
	table.now = func() time.Time { return now }
	v := table.View(cfg)
	n := cfg.nodes[0]
	fail := func(times int) {
		for range times {
			v.Report(n, false)
		}
	}
	fail(EjectAfter - 1)
	v.Report(n, true)
	fail(EjectAfter - 1)
	require.True(t, v.Usable(n), "only failures in a row count")
	fail(1)
	require.False(t, v.Usable(n))
	now = now.Add(EjectFor)
	require.True(t, v.Usable(n))
	fail(EjectAfter)
	now = now.Add(EjectFor)
	require.False(t, v.Usable(n), "the second ejection lasts longer")
	v.Report(n, true)
	require.False(t, v.Usable(n), "a late answer does not end it")
	now = now.Add(EjectFor)
	v.Report(n, true)
	fail(EjectAfter)
	now = now.Add(EjectFor)
	require.True(t, v.Usable(n), "success resets the back-off")
	for range 20 {
		fail(EjectAfter)
	}
	now = now.Add(ejectMax)
	require.True(t, v.Usable(n), "back-off is bounded")

	v.Probed(n, false)
	v.Probed(n, false)
	require.True(t, v.Usable(n))
	v.Probed(n, false)
	require.False(t, v.Usable(n))
	v.Begin(n)

	// Another configuration of the same nodes keeps what is known.
	next := fixture(t, func(d *Document, _ *Registry) { d.Version = 2 })
	w := table.View(next)
	require.Same(t, w, table.View(next))
	require.False(t, w.Usable(next.nodes[0]))
	require.Equal(t, 1, w.InFlight(next.nodes[0]))
	v.End(n)
	require.Equal(t, 0, w.InFlight(next.nodes[0]))
	w.Probed(next.nodes[0], true)
	require.True(t, w.Usable(next.nodes[0]))
}

func TestMetrics(t *testing.T) {
	var none *Metrics
	none.Call("x", Decision{})
	none.Violation("x")
	none.GuardReject("x", "a")
	none.LabelInvalid("x", 1)
	none.ConfigRefused()
	none.ConfigVersion(1)
	none.DedicatedUsable(nil, nil, nil)

	reg := prometheus.NewPedanticRegistry()
	m, err := NewMetrics(reg)
	require.NoError(t, err)
	twin, err := NewMetrics(reg)
	require.NoError(t, err, "a second user shares the collectors")
	cfg := fixture(t, nil)
	twin.Call("x", Decision{Env: "a", Pool: PoolDedicated, Label: Dedicated})
	twin.Violation("exclusion")
	twin.GuardReject("x", "a")
	twin.LabelInvalid("expired", 2)
	m.DedicatedUsable(cfg, health(cfg, "a1"), func(string) bool { return false })
	require.Zero(t, value(t, m.usable.WithLabelValues("a", "x")))
	m.DedicatedUsable(cfg, health(cfg, "a1"), func(string) bool { return true })
	require.Equal(t, 1.0, value(t, m.calls.WithLabelValues("x", "a", "dedicated", "dedicated")))
	require.Equal(t, 2.0, value(t, m.invalid.WithLabelValues("expired")))
	require.Equal(t, 1.0, value(t, m.usable.WithLabelValues("a", "x")))
	_, err = NewMetrics(clashing{})
	require.Error(t, err)
}

type clashing struct{ prometheus.Registerer }

func (clashing) Register(prometheus.Collector) error { return os.ErrExist }

func value(t testing.TB, m prometheus.Metric) float64 {
	t.Helper()
	var out dto.Metric
	require.NoError(t, m.Write(&out))
	return out.GetCounter().GetValue() + out.GetGauge().GetValue()
}
