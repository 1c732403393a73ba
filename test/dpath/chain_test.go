package dpath_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/httpdpath"
)

// calls is how many of a kind show that a path holds: no violation among them
// bounds the true rate to 0.03 % at 95 % confidence.
const calls = 10_000

func TestT03CommonNeverOnDedicated(t *testing.T) {
	r := newRig(t, setup{})
	for _, s := range r.many(calls, chain, only("")) {
		require.NoError(t, s.err)
		require.Equal(t, all("public"), pools(s.nodes))
	}
	require.Zero(t, r.effects(r.find("", lane)))
	require.Zero(t, r.count("dpath_guard_reject_total"), "no caller even tried")
	require.Equal(t, 4.0*calls, r.count("dpath_calls_total", "decision=common", "pool=public"))
}

func TestT04LabelledAlwaysOnDedicated(t *testing.T) {
	r := newRig(t, setup{})
	for _, s := range r.many(calls, chain, only(lane)) {
		require.NoError(t, s.err)
		require.Equal(t, all(lane), pools(s.nodes))
	}
	for _, app := range apps {
		require.Equal(t, calls, r.effects(r.find(app, lane), lane))
	}
	require.Zero(t, r.effects(r.find("", "")))
	require.Zero(t, r.count("dpath_label_invalid_total"))
}

// An app with no rule, or with empty lists, is shared; the next one is dedicated again.
func TestT05SharedHopThenDedicatedAgain(t *testing.T) {
	for name, change := range map[string]func(*dpath.EnvRule){
		"no rule":     func(e *dpath.EnvRule) { e.EnvAppRules = append(e.EnvAppRules[:1:1], e.EnvAppRules[2:]...) },
		"empty lists": func(e *dpath.EnvRule) { e.EnvAppRules[1].MachineGroups = nil },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, setup{document: func(d *dpath.Document) { change(&d.EnvRules[0]) }})
			for _, s := range r.many(300, chain, only(lane)) {
				require.NoError(t, s.err)
				at := strings.Fields(pools(s.nodes))
				require.Equal(t, []string{lane, lane, lane}, append(at[:1:1], at[2:]...))
			}
			require.NotZero(t, r.effects(r.find("app2", ""), lane), "app2 is shared")
			require.Equal(t, 300, r.effects(r.find("app2", ""), lane)+r.effects(r.find("app2", lane), lane))
			require.Equal(t, 300.0, r.count("dpath_calls_total", "decision=shared", "app=app2"))
			require.Equal(t, 1200.0, r.count("dpath_calls_total", "env="+lane))
		})
	}
}

// The calls that cannot be repeated are lost with the node that was serving them, and no others.
func TestT06OneDedicatedNodeKilled(t *testing.T) {
	r := newRig(t, setup{service: 20 * time.Millisecond})
	victim, other := r.find("app2", lane)[0], r.find("app2", lane)[1]
	ctx, stop := context.WithCancel(context.Background())
	var killed time.Time
	var inFlight atomic.Int64
	go func() {
		defer stop()
		r.until(func() bool { return r.effects([]*process{victim}) > 20 })
		inFlight.Store(int64(r.effects([]*process{victim})))
		victim.kill()
		killed = time.Now()
		have := r.effects([]*process{other})
		r.until(func() bool { return r.effects([]*process{other}) > have+100 })
	}()
	lost := 0
	samples := r.run(ctx, flow{env: lane, path: chain, method: http.MethodPost, rate: 100, limit: 32})
	for _, s := range samples {
		switch {
		case s.err != nil:
			lost++
			require.Less(t, s.begun, killed.Add(time.Second), "only calls in flight are lost: %v", s.err)
		case s.begun.After(killed):
			require.Equal(t, other.id, s.nodes[1])
		}
		if s.err == nil {
			require.Equal(t, all(lane), pools(s.nodes), "and the lane is not left")
		}
	}
	require.LessOrEqual(t, lost, 32, "no more than were under way")
	require.Greater(t, len(samples), 100)
	require.Zero(t, r.effects(r.find("", "")))
}

// until waits for what should be so soon.
func (r *rig) until(is func() bool) {
	r.t.Helper()
	require.Eventually(r.t, is, patience, 2*time.Millisecond)
}

func TestT07AllDedicatedOfOneAppKilled(t *testing.T) {
	for _, policy := range []dpath.Policy{dpath.PolicyFailover, dpath.PolicyStrict, dpath.PolicySpill} {
		t.Run(policy.String(), func(t *testing.T) {
			r := newRig(t, setup{document: func(d *dpath.Document) {
				d.EnvRules[0].FailoverPolicy, d.EnvRules[0].SpillAt = policy, 100
			}})
			_, err := r.get(lane, chain)
			require.NoError(t, err)
			kill(r.find("app2", lane))
			r.learn(r.find("app1", lane), r.find("app2", lane))
			samples := r.many(200, chain, only(lane))
			for _, s := range samples {
				if policy != dpath.PolicyStrict {
					require.NoError(t, s.err)
					require.Equal(t, lane+" public "+lane+" "+lane, pools(s.nodes), "the next hop is dedicated again")
					continue
				}
				var status *statusError
				require.ErrorAs(t, s.err, &status)
				require.Equal(t, http.StatusServiceUnavailable, status.status)
				require.Contains(t, status.body, "lane_unavailable")
			}
			if policy == dpath.PolicyStrict {
				took := quantile(samples, lane, 0.5)
				t.Logf("half of the calls were refused within %v", took)
				require.Less(t, took, time.Second, "at once, not after some deadline")
				require.Zero(t, r.effects(r.find("", "")), "and not retried elsewhere")
				require.Zero(t, r.count("dpath_calls_total", "app=app1", "decision=strict_fail"), "app1 only passes it on")
			}
			nodes, err := r.get("", chain)
			require.NoError(t, err)
			require.Equal(t, all("public"), pools(nodes), "common traffic sees nothing of it")
			require.Zero(t, r.trespasses())
		})
	}
}

// A node that vanishes without a word is found out by probes; until then a call
// to it ends with its deadline, and after that no call goes there.
func TestT08DedicatedVanishes(t *testing.T) {
	const deadline = 3 * time.Second
	r := newRig(t, setup{})
	ctx, stop := context.WithCancel(context.Background())
	var probers sync.WaitGroup
	defer probers.Wait()
	defer stop()
	for _, p := range r.find("app1", lane) {
		probers.Go(func() {
			p.transport.Probe(ctx, httpdpath.ProbeOptions{Interval: 200 * time.Millisecond, Timeout: time.Second, Asks: everything})
		})
	}
	_, err := r.get(lane, chain)
	require.NoError(t, err)
	vanish := func(victim *process, then string) {
		victim.cut()
		known, cancel := context.WithCancel(ctx)
		go func() {
			defer cancel()
			for _, caller := range r.find("app1", lane) {
				r.until(func() bool { return !r.usable(caller, victim) })
			}
		}()
		for _, s := range r.run(known, flow{env: lane, path: chain, method: http.MethodGet, rate: 20, limit: 100, deadline: deadline}) {
			require.Less(t, s.took, deadline+patience/4, "a call ends with its deadline")
		}
		for _, s := range r.many(100, chain, only(lane)) {
			require.NoError(t, s.err)
			require.Equal(t, then, pools(s.nodes))
			require.NotEqual(t, victim.id, s.nodes[1])
		}
	}
	vanish(r.find("app2", lane)[0], all(lane))
	vanish(r.find("app2", lane)[1], lane+" public "+lane+" "+lane)
	require.Zero(t, r.trespasses())
}

func everything(string) bool { return true }

// learn lets callers probe until they know that some nodes are dead, so that
// what follows does not hang on when an ejection ends or a budget is used up.
func (r *rig) learn(callers, dead []*process) {
	ctx, stop := context.WithCancel(context.Background())
	var probers sync.WaitGroup
	for _, p := range callers {
		probers.Go(func() {
			p.transport.Probe(ctx, httpdpath.ProbeOptions{Interval: 50 * time.Millisecond, Timeout: patience, Asks: everything})
		})
	}
	defer probers.Wait()
	defer stop()
	for _, caller := range callers {
		for _, node := range dead {
			r.until(func() bool { return !r.usable(caller, node) })
		}
	}
}

// usable tells what a caller knows of a node.
func (r *rig) usable(caller, node *process) bool {
	cfg := caller.store.Current()
	for _, n := range cfg.All(node.app) {
		if n.ID == node.id {
			return caller.transport.Health().View(cfg).Usable(n)
		}
	}
	return false
}

func TestT09DedicatedFailingIsEjected(t *testing.T) {
	r := newRig(t, setup{})
	for _, p := range r.find("app4", lane) {
		p.behave(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	}
	ejected := func() bool {
		for _, caller := range r.find("app3", lane) {
			for _, p := range r.find("app4", lane) {
				if r.usable(caller, p) {
					return false
				}
			}
		}
		return true
	}
	failed, begun := 0, time.Now()
	r.until(func() bool {
		if nodes, err := r.get(lane, chain); err != nil {
			failed++
			require.NotContains(t, err.Error(), "no_public_node")
		} else {
			require.Equal(t, lane+" "+lane+" "+lane+" public", pools(nodes))
		}
		return ejected()
	})
	if time.Since(begun) < dpath.EjectFor { // later they get another chance
		require.Equal(t, 2*2*dpath.EjectAfter, failed, "two callers eject two nodes")
	}
	nodes, err := r.get("", chain)
	require.NoError(t, err)
	require.Equal(t, all("public"), pools(nodes))
	for _, caller := range r.find("app2", lane) {
		for _, p := range r.find("app3", lane) {
			require.True(t, r.usable(caller, p), "a node that passes a failure on is not ejected")
		}
	}
}

// Without public nodes common calls are refused; the lane does not help out.
func TestT10AllPublicKilled(t *testing.T) {
	r := newRig(t, setup{})
	kill(r.find("", ""))
	for range 30 {
		_, err := r.get("", chain)
		var status *statusError
		require.ErrorAs(t, err, &status)
		require.Equal(t, http.StatusServiceUnavailable, status.status)
		require.Contains(t, status.body, "no_public_node")
	}
	require.Zero(t, r.effects(r.nodes))
	nodes, err := r.get(lane, chain)
	require.NoError(t, err)
	require.Equal(t, all(lane), pools(nodes))
	node := r.find("app1", lane)[0]
	_, err = send(t.Context(), r.client, http.MethodPost, "http://"+node.addr()+"/", nil)
	require.ErrorContains(t, err, "status 421", "not even when asked directly")
	require.Zero(t, r.trespasses())
}

// The end of one lane is no reason to enter the other.
func TestT19EndOfOneLaneSparesTheOther(t *testing.T) {
	for _, policy := range []dpath.Policy{dpath.PolicyFailover, dpath.PolicyStrict} {
		t.Run(policy.String(), func(t *testing.T) {
			r := newRig(t, setup{lanes: []string{"a", "b"}, document: func(d *dpath.Document) { d.EnvRules[0].FailoverPolicy = policy }})
			kill(r.find("", "a"))
			r.learn(append(r.find("", ""), r.entry), r.find("", "a"))
			envs := []string{"a", "b", ""}
			for _, s := range r.many(600, chain, func(i int) string { return envs[i%len(envs)] }) {
				if s.env == "a" && policy == dpath.PolicyStrict {
					require.ErrorContains(t, s.err, "lane_unavailable")
					continue
				}
				require.NoError(t, s.err)
				require.Equal(t, all(map[string]string{"a": "public", "b": "b", "": "public"}[s.env]), pools(s.nodes))
			}
			require.Zero(t, r.trespasses())
			require.Equal(t, 200*len(apps), r.effects(r.find("", "b")))
		})
	}
}
