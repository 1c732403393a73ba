package dpath_test

import (
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath"
)

// settle waits until calls that set out for these nodes before a change are over.
func (r *rig) settle(nodes []*process) {
	idle := func() bool {
		cfg := r.entry.store.Current()
		for _, n := range cfg.All(nodes[0].app) {
			if slices.ContainsFunc(nodes, func(p *process) bool { return p.id == n.ID }) && r.entry.transport.Health().View(cfg).InFlight(n) > 0 {
				return false
			}
		}
		return true
	}
	for range 2 { // a call picked just before the change may not be counted yet
		time.Sleep(pushLag)
		r.until(idle)
	}
}

// Two nodes leave the public ones for a lane in two phases, while common calls
// go on: first no caller sends any, then the guard refuses them.
func TestT16PublicToDedicated(t *testing.T) {
	var moved []dpath.EnvAppRule
	r := newRig(t, setup{document: func(d *dpath.Document) {
		apps := d.EnvRules[0].EnvAppRules
		moved = apps[:1:1]
		d.EnvRules[0].EnvAppRules = apps[1:]
	}})
	nodes := r.find("app1", lane)
	var after int
	samples := r.beside(lane, "/app1", 500, 50, func() {
		r.until(func() bool { return r.effects(nodes, "") > 100 })
		moved[0].State = dpath.StatePreparing
		r.publish(func(d *dpath.Document) {
			d.EnvRules[0].EnvAppRules = append(moved[:1:1], d.EnvRules[0].EnvAppRules...)
		})
		r.settle(nodes)
		r.publish(func(d *dpath.Document) { d.EnvRules[0].EnvAppRules[0].State = dpath.StateActive })
		after = r.effects(nodes, "")
		r.until(func() bool { return r.effects(nodes, lane) > 50 })
		public := r.effects(r.find("app1", ""), "")
		r.until(func() bool { return r.effects(r.find("app1", ""), "") > public+200 })
	})
	require.NoError(t, failures(samples))
	require.Greater(t, len(samples), 300)
	require.Equal(t, after, r.effects(nodes, ""), "no common call is served once the rule is active")
	require.Zero(t, r.count("dpath_guard_reject_total"), "none even had to be refused")
	for _, s := range r.many(100, "/app1", only(lane)) {
		require.NoError(t, s.err)
		require.Equal(t, lane, pools(s.nodes))
	}
}

// Dedicated nodes go back to all traffic, by whatever road, and no call fails.
func TestT17DedicatedToPublic(t *testing.T) {
	for name, change := range map[string]func(r *rig){
		"disabled": func(r *rig) { r.publish(func(d *dpath.Document) { d.Enable = false }) },
		"draining": func(r *rig) {
			r.publish(func(d *dpath.Document) { d.EnvRules[0].EnvAppRules[0].State = dpath.StateDraining })
			r.settle(r.find("app1", lane))
			before := r.effects(r.find("app1", lane))
			public := r.effects(r.find("app1", ""), lane)
			r.until(func() bool { return r.effects(r.find("app1", ""), lane) > public+20 })
			require.Equal(r.t, before, r.effects(r.find("app1", lane)), "it takes nothing new")
			r.publish(func(d *dpath.Document) { d.EnvRules[0].EnvAppRules = d.EnvRules[0].EnvAppRules[1:] })
		},
		"window end": func(r *rig) {
			end := time.Now().Add(time.Second)
			r.publish(func(d *dpath.Document) { d.EnvRules[0].NotAfter = &end })
			time.Sleep(time.Until(end))
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, setup{service: 20 * time.Millisecond}) // so that calls are under way
			nodes := r.find("app1", lane)
			samples := r.beside(lane, "/app1", 100, 50, func() {
				r.until(func() bool { return r.effects(nodes, lane) > 20 })
				require.Zero(t, r.effects(nodes, ""))
				change(r)
				begun := time.Now()
				r.until(func() bool { return r.effects(nodes, "") > 0 })
				t.Logf("traffic returned after %v", time.Since(begun))
				r.until(func() bool { return r.effects(nodes, "") > 50 })
			})
			require.NoError(t, failures(samples))
		})
	}
}

// Rules that change ten times a second, app3's nodes changing sides each time,
// disturb nobody, and nothing of it is left behind.
func TestT18FlappingRules(t *testing.T) {
	r := newRig(t, setup{})
	rule := r.doc.EnvRules[0].EnvAppRules
	without := append(rule[:2:2], rule[3])
	calm := func() int {
		for range 3 {
			_, err := r.get(lane, chain)
			require.NoError(t, err)
		}
		r.client.CloseIdleConnections()
		for _, p := range r.processes() {
			p.transport.CloseIdleConnections()
		}
		time.Sleep(pushLag)
		return runtime.NumGoroutine()
	}
	before := calm()
	versions := map[*process]uint64{}
	samples := r.beside(lane, chain, 20, 20, func() {
		for i := range 30 {
			begun := time.Now()
			r.publish(func(d *dpath.Document) {
				d.EnvRules[0].EnvAppRules = [][]dpath.EnvAppRule{rule, without}[i%2]
				d.EnvRules[0].FailoverPolicy = dpath.Policy(i % 2)
			})
			for _, p := range r.processes() {
				require.Greater(t, p.store.Current().Version(), versions[p])
				versions[p] = p.store.Current().Version()
			}
			time.Sleep(time.Until(begun.Add(100 * time.Millisecond)))
		}
	})
	require.NoError(t, failures(samples))
	require.NotEmpty(t, samples)
	for _, app := range []string{"app1", "app2", "app4"} {
		require.Zero(t, r.effects(r.find(app, lane), ""))
	}
	r.until(func() bool { return calm() <= before+5 })
}

// What is invalid, older, or differs under the same number changes nothing.
func TestT18BadRulesAreRefused(t *testing.T) {
	r := newRig(t, setup{})
	first := *r.doc
	r.publish(func(d *dpath.Document) { d.EnvRules[0].MinHealthy = dpath.Quorum{N: 1} })
	hash := r.entry.store.Current().Hash()
	unknown, twin := *r.doc, *r.doc
	unknown.Version, twin.Enable = 9, false
	unknown.EnvRules = []dpath.EnvRule{{EnvName: lane, EnvAppRules: []dpath.EnvAppRule{{AppName: "app1", MachineGroups: []string{"nobody"}}}}}
	bad := []*dpath.Document{&first, &unknown, &twin}
	samples := r.beside(lane, chain, 50, 50, func() {
		for range 5 {
			for _, p := range r.processes() {
				require.ErrorIs(t, p.store.Apply(bad[0]), dpath.ErrOlderVersion)
				var invalid *dpath.InvalidError
				require.ErrorAs(t, p.store.Apply(bad[1]), &invalid)
				require.ErrorIs(t, p.store.Apply(bad[2]), dpath.ErrSameVersion)
			}
		}
		r.until(func() bool { return r.effects(r.find("app4", lane)) > 20 && r.effects(r.find("app4", "")) > 20 })
	})
	require.NoError(t, failures(samples))
	for _, p := range r.processes() {
		require.Equal(t, hash, p.store.Current().Hash())
	}
	require.Equal(t, float64(5*len(bad)*len(r.processes())), r.count("dpath_config_refused_total"))
	require.Zero(t, r.trespasses())
}

// Everything is started anew while nobody is there to tell the rules. What has
// a snapshot goes on by it; what has half of one serves nothing until told.
func TestT18ColdStartWithoutCentre(t *testing.T) {
	r := newRig(t, setup{snapshots: t.TempDir()})
	r.publish(func(d *dpath.Document) { d.EnvRules[0].FailoverPolicy = dpath.PolicyStrict })
	restart := func(p *process) error {
		p.kill()
		p.transport.CloseIdleConnections()
		err := r.boot(p)
		r.serve(p)
		return err
	}
	for _, p := range r.processes() {
		require.NoError(t, restart(p))
		require.EqualValues(t, 2, p.store.Current().Version())
	}
	for _, s := range r.many(100, chain, func(i int) string { return []string{"", lane}[i%2] }) {
		require.NoError(t, s.err)
		require.Equal(t, all(map[string]string{"": "public", lane: lane}[s.env]), pools(s.nodes))
	}
	half := r.find("app4", lane)[rand.IntN(2)]
	text, err := os.ReadFile(half.snapshot)
	require.NoError(t, err)
	for _, size := range []int{0, 1, len(text) / 2, len(text) - 1} {
		require.NoError(t, os.WriteFile(half.snapshot, text[:size], 0o600))
		require.ErrorIs(t, restart(half), dpath.ErrSnapshot)
		require.Nil(t, half.store.Current())
		before := r.effects([]*process{half})
		_, err := send(t.Context(), r.client, http.MethodGet, "http://"+half.addr()+"/", nil)
		require.ErrorContains(t, err, "dpath-no-config")
		require.Equal(t, before, r.effects([]*process{half}), "it cannot know whose it is")
	}
	require.NoError(t, half.store.Set(r.doc, r.registry))
	require.NoError(t, restart(half), "the snapshot is whole again")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { _, _ = r.get(lane, chain) })
	}
	wg.Wait()
	before := r.effects([]*process{half})
	r.until(func() bool { _, err := r.get(lane, chain); return err == nil && r.effects([]*process{half}) > before })
	require.Zero(t, r.trespasses())
}
