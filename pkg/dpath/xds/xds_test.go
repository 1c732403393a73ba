package xds_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/grpcdpath"
	chain "github.com/plazacloud/plaza/pkg/dpath/internal/rig"
)

func TestT03T04EveryCallKeepsToItsLane(t *testing.T) {
	r := newRig(t, dpath.PolicyFailover)
	want := map[string][]string{"": {"shop-public-0", "shop-public-1"}, "a": {"shop-a-0", "shop-a-1"}, "b": {"shop-b-0", "shop-b-1"},
		"nobody": {"shop-public-0", "shop-public-1"}}
	for env, nodes := range want {
		r.soon("shop", env, nodes...)
	}
	envs := []string{"", "a", "b", "nobody"}
	chain.Many(8, 4000, func(i int) string { return envs[i%len(envs)] }, func(env string) ([]string, error) {
		id, err := r.call("shop", env)
		return []string{id}, err
	}, func(env string, by []string, err error) {
		require.NoError(t, err)
		require.Contains(t, want[env], by[0])
	})
	require.Zero(t, r.refused())
	require.Zero(t, chain.Count(t, r.metrics, "dpath_label_invalid_total", nil))

	// The header alone leads to the lane, and to its guard.
	for i := range 10 {
		_, err := r.send("shop", http.Header{dpath.HeaderMirror: {"a"}})
		require.Equal(t, codes.FailedPrecondition, status.Code(err))
		require.Equal(t, carrier.ReasonMisdirected, grpcdpath.Reason(err))
		require.EqualValues(t, i+1, r.refused())
	}
}

func TestT05AppWithoutRuleIsShared(t *testing.T) {
	r := newRig(t, dpath.PolicyStrict)
	r.soon("stock", "a", "stock-public-0", "stock-public-1")
	r.soon("shop", "a", "shop-a-0", "shop-a-1")
	r.soon("stock", "b", "stock-b-0", "stock-b-1")
	r.soon("stock", "", "stock-public-0", "stock-public-1")
	require.Zero(t, r.refused())
}

// fails waits until a call fails as one that reaches no node, and sees that
// further ones do at once.
func (r *rig) fails(app, env string) {
	r.t.Helper()
	require.Eventually(r.t, func() bool { _, err := r.call(app, env); return err != nil }, patient, 10*time.Millisecond)
	for range 20 {
		by, err := r.call(app, env)
		require.Equal(r.t, codes.Unavailable, status.Code(err), by)
	}
}

func TestT07AllDedicatedKilled(t *testing.T) {
	for _, policy := range []dpath.Policy{dpath.PolicyFailover, dpath.PolicyStrict, dpath.PolicySpill} {
		t.Run(policy.String(), func(t *testing.T) {
			r := newRig(t, policy)
			r.soon("shop", "a", "shop-a-0", "shop-a-1")
			r.kill("shop-a-0")
			r.soon("shop", "a", "shop-a-1")
			r.kill("shop-a-1")
			if policy == dpath.PolicyStrict {
				r.fails("shop", "a")
			} else {
				r.soon("shop", "a", "shop-public-0", "shop-public-1")
			}
			r.soon("shop", "b", "shop-b-0", "shop-b-1")
			r.soon("shop", "", "shop-public-0", "shop-public-1")
			r.restart("shop-a-1")
			r.soon("shop", "a", "shop-a-1")
			require.Zero(t, r.refused())
		})
	}
}

// T10 and T19: neither common calls nor those of another lane enter a lane
// when all else is dead.
func TestT19EndOfOneLaneSparesTheOther(t *testing.T) {
	r := newRig(t, dpath.PolicyFailover)
	for _, env := range []string{"", "a", "b"} {
		_, err := r.call("shop", env)
		require.NoError(t, err)
	}
	r.kill("shop-a-0", "shop-a-1", "shop-public-0", "shop-public-1")
	r.fails("shop", "a")
	r.fails("shop", "")
	r.soon("shop", "b", "shop-b-0", "shop-b-1")
	require.Zero(t, r.refused())
}

// T16 and T17: nodes come to a lane and go back under load, a lane ends, all
// lanes are switched off, and no call fails or comes to a node it may not use.
func TestT16RulesChangeUnderLoad(t *testing.T) {
	r := newRig(t, dpath.PolicyFailover)
	moved := r.nodes["shop-public-0"]
	rule := func(state dpath.State, ips ...string) func(*dpath.Document) {
		return func(d *dpath.Document) {
			a := &d.EnvRules[0].EnvAppRules[0]
			a.State, a.IPs = state, ips
		}
	}
	r.soon("shop", "", "shop-public-0", "shop-public-1")
	stop := r.load("shop", "", "", "a", "b")

	r.publish(rule(dpath.StatePreparing, moved.addr))
	r.soon("shop", "", "shop-public-1")
	r.soon("shop", "a", "shop-public-1")
	r.publish(rule(dpath.StateActive, moved.addr))
	r.soon("shop", "a", "shop-a-0", "shop-a-1", "shop-public-0")
	r.soon("shop", "", "shop-public-1")

	r.publish(rule(dpath.StateDraining, moved.addr))
	r.soon("shop", "a", "shop-public-1")
	r.publish(rule(dpath.StateActive))
	r.soon("shop", "a", "shop-a-0", "shop-a-1")
	r.soon("shop", "", "shop-public-0", "shop-public-1")

	r.publish(func(d *dpath.Document) { d.EnvRules = d.EnvRules[:1] })
	open := []string{"shop-b-0", "shop-b-1", "shop-public-0", "shop-public-1"}
	r.soon("shop", "b", open...)
	r.soon("shop", "", open...)
	r.soon("shop", "a", "shop-a-0", "shop-a-1")

	r.publish(func(d *dpath.Document) { d.Enable = false })
	every := append([]string{"shop-a-0", "shop-a-1"}, open...)
	for _, env := range []string{"", "a", "b"} {
		r.soon("shop", env, every...)
	}
	calls, faults := stop()
	require.NoError(t, errors.Join(faults[:min(len(faults), 3)]...), "%d of %d calls failed", len(faults), calls)
	require.Zero(t, r.refused())
}

// A node that is registered while clients run is used, and one that is gone is
// not; the document stays the same.
func TestNodesComeAndGo(t *testing.T) {
	r := newRig(t, dpath.PolicyFailover)
	r.soon("shop", "a", "shop-a-0", "shop-a-1")
	r.add("shop-a", "127.0.0.1:0")
	gone := r.registry.Groups["shop-a"][0]
	r.registry.Apps["shop"] = slices.DeleteFunc(r.registry.Apps["shop"], func(e dpath.Endpoint) bool { return e.Addr == gone })
	require.NoError(t, r.store.SetRegistry(r.registry))
	r.soon("shop", "a", "shop-a-1", "shop-a-2")
	require.Zero(t, r.refused())
}
