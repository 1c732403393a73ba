package dpath_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
)

// A call straight to the address of a dedicated node, from outside and from a
// node of the path, has no effect there.
func TestT14DirectCallToDedicated(t *testing.T) {
	r := newRig(t, setup{lanes: []string{lane, "other"}})
	label := func(env string, ttl time.Duration) http.Header {
		l, err := dpath.Sign(r.keys, env, dpath.NewTrace(), time.Now().Add(-time.Hour), time.Hour+ttl)
		require.NoError(t, err)
		h := http.Header{}
		l.Inject(h)
		return h
	}
	inside := r.find("app3", "")[0]
	raw := &http.Client{Transport: &http.Transport{DialContext: inside.dial}}
	defer raw.CloseIdleConnections()
	victims := r.find("", lane)
	for _, from := range []*http.Client{r.client, raw} {
		for _, victim := range victims {
			for name, h := range map[string]http.Header{
				"common":  nil,
				"spoofed": {"X-Dpath-Env": {lane}, "Baggage": {"dpath_env=" + lane}},
				"foreign": label("other", time.Minute),
				"expired": label(lane, -time.Minute),
			} {
				_, err := send(t.Context(), from, http.MethodPost, "http://"+victim.addr()+"/", h)
				var status *statusError
				require.ErrorAs(t, err, &status, name)
				require.Equal(t, http.StatusMisdirectedRequest, status.status, name)
				require.Contains(t, status.body, `"reason":"dpath-misdirected"`)
			}
		}
	}
	require.Zero(t, r.effects(victims), "no row")
	require.Equal(t, float64(2*4*len(victims)), r.count("dpath_guard_reject_total", "env="+lane))
	_, err := send(t.Context(), raw, http.MethodPost, "http://"+victims[0].addr()+"/", label(lane, time.Minute))
	require.NoError(t, err)
	require.Equal(t, 1, r.effects(victims, lane))
}

// The label is the same on every hop of whatever shape a call takes, and so is its size.
func TestT21ShapesOfCalls(t *testing.T) {
	deep := "/app1"
	for i := range 19 {
		deep += fmt.Sprintf("/app%d", (i+1)%len(apps)+1)
	}
	for name, c := range map[string]struct {
		path string
		hops int
	}{
		"there and back": {"/app1/app2/app1", 3},
		"to itself":      {"/app1/app1/app1/app1", 4},
		"fan-out":        {"/app1/10*app2/3*app3", 1 + 10 + 30},
		"deep":           {deep, 20},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, setup{})
			var mu sync.Mutex
			seen := map[string]int{} // what hops saw of the label → hops
			for _, p := range r.nodes {
				p.behave(func(w http.ResponseWriter, req *http.Request) {
					l, size := dpath.FromContext(req.Context()), 0
					for _, h := range []string{dpath.HeaderBaggage, dpath.HeaderMirror, dpath.HeaderTraceparent} {
						for _, v := range req.Header.Values(h) {
							size += len(v)
						}
					}
					mu.Lock()
					seen[fmt.Sprint(l.Env(), l.Trace(), l.Expiry().Unix(), size)]++
					mu.Unlock()
					r.usual(p, w, req)
				})
			}
			nodes, err := r.get(lane, c.path)
			require.NoError(t, err)
			require.Len(t, nodes, c.hops)
			require.Len(t, seen, 1, "one label, of one size: %v", seen)
			require.Equal(t, c.hops, r.effects(r.find("", lane), lane))
			nodes, err = r.get("", c.path)
			require.NoError(t, err)
			require.Len(t, nodes, c.hops)
			require.Equal(t, c.hops, r.effects(r.find("", ""), ""))
			require.Zero(t, r.trespasses())
		})
	}
}

func TestT22RetriesStayInTheLane(t *testing.T) {
	for attempts := 1; attempts <= 3; attempts++ {
		for _, policy := range []dpath.Policy{dpath.PolicyFailover, dpath.PolicyStrict} {
			t.Run(fmt.Sprint(attempts, " ", policy), func(t *testing.T) {
				const n = 10 // within the budget's first few
				r := newRig(t, setup{attempts: attempts, document: func(d *dpath.Document) { d.EnvRules[0].FailoverPolicy = policy }})
				dedicated, public := r.find("app1", lane), r.find("app1", "")
				kill(dedicated[:1])
				failed := 0
				for range n {
					if _, err := r.get(lane, "/app1"); err != nil {
						failed++
					}
				}
				require.Equal(t, n-failed, r.effects(dedicated, lane))
				require.Zero(t, r.effects(public), "the lane is not left while it has a node")
				require.True(t, attempts == 1 || failed == 0, "%d calls failed", failed)

				kill(dedicated)
				_, err := r.get(lane, "/app1")
				switch {
				case policy == dpath.PolicyFailover && attempts == 3:
					require.NoError(t, err, "both tried, then a public node")
				case policy == dpath.PolicyStrict && attempts == 3:
					require.ErrorContains(t, err, "lane_unavailable")
				}
				require.True(t, policy == dpath.PolicyFailover || r.effects(public) == 0, "strict never leaves")
			})
		}
	}
}

// breaks makes a node drop every other connection in the middle of a call.
func breaks(r *rig, p *process) {
	var n atomic.Int64
	p.behave(func(w http.ResponseWriter, req *http.Request) {
		if n.Add(1)%2 == 1 {
			panic(http.ErrAbortHandler)
		}
		r.usual(p, w, req)
	})
}

// However many calls fail, retries stay below a tenth of them, beyond a first
// few; also those that a kept connection which breaks asks for.
func TestT22RetryBudget(t *testing.T) {
	for name, fresh := range map[string]bool{"fresh connections": true, "kept connections": false} {
		t.Run(name, func(t *testing.T) {
			const n, burst = 600, 20
			r := newRig(t, setup{fresh: fresh, document: func(d *dpath.Document) { d.EnvRules[0].FailoverPolicy = dpath.PolicyStrict }})
			dedicated := r.find("app1", lane)
			for _, p := range dedicated {
				breaks(r, p)
			}
			failed := 0
			for range n { // one after the other, so that no node fails many times in a row
				if _, err := r.get(lane, "/app1"); err != nil {
					failed++
				}
			}
			reached := r.effects(dedicated, lane)
			require.Equal(t, reached, r.effects(r.nodes), "nothing went elsewhere")
			require.LessOrEqual(t, reached, n+n/10+burst)
			require.Greater(t, reached, n+burst, "the budget is made use of")
			require.Positive(t, failed, "and used up")
		})
	}
}

// A connection carries common and labelled calls in turn.
func TestT24RoutingIsPerRequest(t *testing.T) {
	r := newRig(t, setup{document: func(d *dpath.Document) { d.EnvRules[0].EnvAppRules[1].MachineGroups = nil }})
	base := r.client.Transport.(*http.Transport)
	base.MaxConnsPerHost = 2
	for _, s := range r.many(1500, chain, func(int) string { return []string{"", lane}[rand.IntN(2)] }) {
		require.NoError(t, s.err)
		want := lane
		if s.env == "" {
			want = "public"
		}
		at := strings.Fields(pools(s.nodes))
		require.Equal(t, []string{want, want, want}, append(at[:1:1], at[2:]...), "app2 is shared, also its connections")
	}
	require.Less(t, r.entry.conns.Load(), int64(10), "a few connections carried them all")
}

// A host that is no app gets nothing of the path, unless the document trusts it.
func TestT32LabelStaysInside(t *testing.T) {
	const third, trusted = "10.77.8.1", "10.77.8.2"
	r := newRig(t, setup{document: func(d *dpath.Document) { d.Trust = &dpath.Trust{Hosts: []string{trusted}} }})
	var mu sync.Mutex
	got := map[string][]http.Header{}
	for _, host := range []string{third, trusted} {
		l := r.net.plug(netip.MustParseAddr(host)).listen()
		s := &http.Server{ReadHeaderTimeout: patience, Handler: http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			got[host] = append(got[host], req.Header.Clone())
		})}
		var ended sync.WaitGroup
		ended.Go(func() { _ = s.Serve(l) })
		t.Cleanup(func() { _ = s.Close(); ended.Wait() })
	}
	for _, p := range r.find("app4", lane) {
		p.behave(func(w http.ResponseWriter, req *http.Request) {
			for _, host := range []string{third, trusted} {
				_, err := send(req.Context(), p.client, http.MethodPost, "http://"+host+"/pay",
					http.Header{"Baggage": {req.Header.Get("Baggage") + ",user=7"}, "X-Dpath-Env": {lane}})
				if err != nil {
					w.WriteHeader(http.StatusBadGateway)
					return
				}
			}
			r.usual(p, w, req)
		})
	}
	_, err := r.get(lane, chain)
	require.NoError(t, err)
	probe := trail.Mint(r.probes, trail.Probe{Env: lane}, time.Now(), time.Minute)
	_, err = send(t.Context(), r.client, http.MethodGet, "http://"+r.entry.addr()+chain, http.Header{trail.HeaderProbe: {probe.Token()}})
	require.NoError(t, err)
	require.Len(t, got[third], 2)
	require.Len(t, got[trusted], 2)
	for _, h := range got[third] {
		require.Equal(t, "user=7", h.Get("Baggage"))
		require.NotContains(t, strings.ToLower(fmt.Sprint(h)), "dpath")
		require.NotContains(t, fmt.Sprint(h), lane)
	}
	for _, h := range got[trusted] {
		require.Equal(t, lane, h.Get("X-Dpath-Env"))
		require.Empty(t, h.Get(trail.HeaderProbe), "a probe is nobody's business outside")
	}
}
