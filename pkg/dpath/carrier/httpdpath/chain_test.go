package httpdpath_test

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/httpdpath"
	"github.com/plazacloud/plaza/pkg/dpath/internal/rig"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const lane = "newRetail"

func only(env string) func(int) string { return func(int) string { return env } }

// pool is the pool part of a node id such as app1-public-0.
func pool(id string) string { return strings.Split(id, "-")[1] }

func pools(nodes []string) string {
	var out []string
	for _, n := range nodes {
		out = append(out, pool(n))
	}
	return strings.Join(out, " ")
}

func all(p string) string { return strings.TrimSpace(strings.Repeat(p+" ", len(rig.Apps))) }

func TestT03CommonNeverOnDedicated(t *testing.T) {
	r := rig.New(t, []string{lane}, nil)
	r.Many(10_000, only(""), func(_ string, nodes []string, err error) {
		require.NoError(t, err)
		require.Equal(t, all("public"), pools(nodes))
	})
	require.Zero(t, r.Count("dpath_guard_reject_total", nil))
	require.Equal(t, 40_000.0, r.Count("dpath_calls_total", map[string]string{"decision": "common", "pool": "public"}))
}

func TestT04LabelledAlwaysOnDedicated(t *testing.T) {
	r := rig.New(t, []string{lane}, nil)
	r.Many(10_000, only(lane), func(_ string, nodes []string, err error) {
		require.NoError(t, err)
		require.Equal(t, all(lane), pools(nodes))
	})
	require.Equal(t, 40_000.0, r.Count("dpath_calls_total", map[string]string{"decision": "dedicated", "env": lane}))
	require.Zero(t, r.Count("dpath_label_invalid_total", nil))
}

func TestT05SharedHopThenDedicatedAgain(t *testing.T) {
	r := rig.New(t, []string{lane}, func(d *dpath.Document) {
		d.EnvRules[0].EnvAppRules = append(d.EnvRules[0].EnvAppRules[:1:1], d.EnvRules[0].EnvAppRules[2:]...)
	})
	r.Many(500, only(lane), func(_ string, nodes []string, err error) {
		require.NoError(t, err)
		nodes2 := pools(nodes)
		require.Equal(t, lane, strings.Fields(nodes2)[0])
		require.Equal(t, lane, strings.Fields(nodes2)[2])
		require.Equal(t, lane, strings.Fields(nodes2)[3])
	})
	require.Equal(t, 500.0, r.Count("dpath_calls_total", map[string]string{"decision": "shared", "app": "app2"}))
}

func TestT06OneDedicatedNodeKilled(t *testing.T) {
	r := rig.New(t, []string{lane}, nil)
	_, err := r.Call(lane)
	require.NoError(t, err)
	r.Kill(func(n *rig.Node) bool { return n.ID == "app2-"+lane+"-0" })
	r.Many(1000, only(lane), func(_ string, nodes []string, err error) {
		require.NoError(t, err, "nothing was in flight")
		require.Equal(t, "app2-"+lane+"-1", nodes[1])
	})
}

func TestT07AllDedicatedOfOneAppKilled(t *testing.T) {
	for _, policy := range []dpath.Policy{dpath.PolicyFailover, dpath.PolicyStrict, dpath.PolicySpill} {
		t.Run(policy.String(), func(t *testing.T) {
			r := rig.New(t, []string{lane}, func(d *dpath.Document) {
				d.EnvRules[0].FailoverPolicy, d.EnvRules[0].SpillAt = policy, 100
			})
			_, err := r.Call(lane)
			require.NoError(t, err)
			r.Kill(func(n *rig.Node) bool { return n.App == "app2" && n.Env == lane })
			fastest := time.Hour
			for range 200 {
				start := time.Now()
				nodes, err := r.Call(lane)
				if policy != dpath.PolicyStrict {
					require.NoError(t, err)
					require.Equal(t, lane+" public "+lane+" "+lane, pools(nodes))
					continue
				}
				var status *rig.StatusError
				require.ErrorAs(t, err, &status)
				require.Equal(t, http.StatusServiceUnavailable, status.Status)
				require.Contains(t, status.Body, "lane_unavailable")
				fastest = min(fastest, time.Since(start))
			}
			if policy == dpath.PolicyStrict {
				require.Less(t, fastest, 50*time.Millisecond, "nothing is waited for; a busy machine may still be slow now and then")
			}
			nodes, err := r.Call("")
			require.NoError(t, err)
			require.Equal(t, all("public"), pools(nodes), "common traffic sees nothing of it")
			if policy == dpath.PolicyStrict {
				// app1 only passes the failure on and must not be ejected for it.
				require.Equal(t, 0.0, r.Count("dpath_calls_total", map[string]string{"app": "app1", "decision": "strict_fail"}))
			}
		})
	}
}

func TestT09DedicatedFailingIsEjected(t *testing.T) {
	r := rig.New(t, []string{lane}, nil)
	r.Nodes["app4-"+lane+"-0"].Status.Store(500)
	r.Nodes["app4-"+lane+"-1"].Status.Store(500)
	failed := 0
	for range 200 {
		if nodes, err := r.Call(lane); err != nil {
			failed++
		} else {
			require.Equal(t, lane+" "+lane+" "+lane+" public", pools(nodes))
		}
	}
	require.LessOrEqual(t, failed, 2*2*dpath.EjectAfter, "two callers eject two nodes")
	nodes, err := r.Call("")
	require.NoError(t, err)
	require.Equal(t, all("public"), pools(nodes))
}

func TestT10AllPublicKilled(t *testing.T) {
	r := rig.New(t, []string{lane}, nil)
	r.Kill(func(n *rig.Node) bool { return n.App == "app3" && n.Env == "" })
	for range 50 {
		_, err := r.Call("")
		var status *rig.StatusError
		require.ErrorAs(t, err, &status)
		require.Equal(t, http.StatusServiceUnavailable, status.Status)
		require.Contains(t, status.Body, "no_public_node")
	}
	for _, n := range r.Nodes {
		if n.Env != "" {
			require.Zero(t, n.Served.Load())
		}
	}
	nodes, err := r.Call(lane)
	require.NoError(t, err)
	require.Equal(t, all(lane), pools(nodes))
}

func TestT11SpoofedLabelsAtTheEntry(t *testing.T) {
	r := rig.New(t, []string{lane}, nil)
	label, err := dpath.Sign(r.Keys, lane, dpath.NewTrace(), time.Now(), time.Hour)
	require.NoError(t, err)
	signed := http.Header{}
	label.Inject(signed)
	for name, h := range map[string]http.Header{
		"mirror":     {"X-Dpath-Env": {lane}},
		"mixed case": {"x-DPATH-env": {lane}},
		"mse tag":    {"X-Mse-Tag": {lane}},
		"baggage":    {"Baggage": {"a=1,dpath_env=" + lane}},
		"encoded":    {"Baggage": {"dpath%5fenv=" + lane}},
		"two":        {"Baggage": {"a=1", "DPATH_ENV=" + lane}},
		"9 KB":       {"Baggage": {"a=" + strings.Repeat("x", 9<<10) + ",dpath_env=" + lane}},
		"cookie":     {"Cookie": {"dpath_env=" + lane}},
		"genuine":    signed,
		"probe":      {"X-Dpath-Probe": {"v1.x.newRetail.99999999999.gf.p1.AAAA"}},
	} {
		before := r.Count("dpath_label_invalid_total", nil)
		body, err := rig.Get(context.Background(), r.Client, r.Entry.URL, h)
		require.NoError(t, err, name)
		require.Equal(t, all("public"), pools(strings.Fields(body)), name)
		require.Greater(t, r.Count("dpath_label_invalid_total", nil), before, name)
	}
}

// T12, T14: calls straight to a dedicated node.
func TestT14DirectCallToDedicated(t *testing.T) {
	r := rig.New(t, []string{lane, "other"}, nil)
	n := r.Nodes["app4-"+lane+"-0"]
	header := func(env string, ttl time.Duration, change func(http.Header)) http.Header {
		l, err := dpath.Sign(r.Keys, env, dpath.NewTrace(), time.Now().Add(-time.Hour), time.Hour+ttl)
		require.NoError(t, err)
		h := http.Header{}
		l.Inject(h)
		if change != nil {
			change(h)
		}
		return h
	}
	for name, h := range map[string]http.Header{
		"common":  nil,
		"spoofed": {"X-Dpath-Env": {lane}},
		"foreign": header("other", time.Minute, nil),
		"expired": header(lane, -time.Minute, nil),
		"replay":  header(lane, time.Minute, func(h http.Header) { h.Set("Traceparent", "00-"+dpath.NewTrace()+"-00f067aa0ba902b7-01") }),
		"forged":  header("other", time.Minute, func(h http.Header) { h.Set("Baggage", strings.Replace(h.Get("Baggage"), "other", lane, 1)) }),
	} {
		_, err := rig.Get(context.Background(), r.Client, "http://"+n.Addr+"/", h)
		var status *rig.StatusError
		require.ErrorAs(t, err, &status, name)
		require.Equal(t, http.StatusMisdirectedRequest, status.Status, name)
		require.Contains(t, status.Body, `"reason":"dpath-misdirected"`)
	}
	require.Zero(t, n.Served.Load(), "no side effect")
	require.Equal(t, 6.0, r.Count("dpath_guard_reject_total", map[string]string{"env": lane}))
	_, err := rig.Get(context.Background(), r.Client, "http://"+n.Addr+"/", header(lane, time.Minute, nil))
	require.NoError(t, err)
	_, err = rig.Get(context.Background(), r.Client, "http://"+n.Addr+"/healthz", nil)
	require.NoError(t, err, "exempt")
}

// T13: an inner app that sets another environment by hand is refused.
func TestT13InnerAppCannotChangeTheLabel(t *testing.T) {
	r := rig.New(t, []string{lane, "other"}, nil)
	var mu sync.Mutex
	var seen []string
	r.Handle = func(n *rig.Node, c *http.Client, w http.ResponseWriter, req *http.Request) bool {
		if n.App != "app2" {
			return false
		}
		forged := http.Header{"Baggage": {"dpath_env=other;kid=k1;exp=99999999999;s=AAAAAAAAAAA"}, "X-Dpath-Env": {"other"}}
		body, err := rig.Get(req.Context(), c, "http://app3/", forged)
		mu.Lock()
		seen = append(seen, pools(strings.Fields(body)))
		mu.Unlock()
		_, _ = io.WriteString(w, n.ID)
		return err == nil
	}
	for range 20 {
		_, err := r.Call(lane)
		require.NoError(t, err)
		_, err = r.Call("")
		require.NoError(t, err)
	}
	for i := range seen {
		require.Equal(t, []string{lane + " " + lane, "public public"}[i%2], seen[i])
	}
}

func TestT19EndOfOneLaneSparesTheOther(t *testing.T) {
	r := rig.New(t, []string{"a", "b"}, nil)
	r.Kill(func(n *rig.Node) bool { return n.Env == "a" })
	envs := []string{"a", "b", ""}
	r.Many(600, func(i int) string { return envs[i%3] }, func(env string, nodes []string, err error) {
		require.NoError(t, err)
		want := map[string]string{"a": "public", "b": "b", "": "public"}[env]
		require.Equal(t, all(want), pools(nodes))
	})
}

// T24: the same connections serve common and labelled calls in turn.
func TestT24RoutingIsPerRequest(t *testing.T) {
	r := rig.New(t, []string{lane}, nil)
	r.Client.Transport.(*http.Transport).MaxConnsPerHost = 2
	r.Many(2000, func(int) string { return []string{"", lane}[rand.IntN(2)] }, func(env string, nodes []string, err error) {
		require.NoError(t, err)
		if env == "" {
			env = "public"
		}
		require.Equal(t, all(env), pools(nodes))
	})
}

func TestT32LabelStaysInside(t *testing.T) {
	var mu sync.Mutex
	got := map[string]http.Header{}
	third := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		got[req.URL.Path] = req.Header.Clone()
	}))
	defer third.Close()
	trusted := strings.Replace(third.URL, "127.0.0.1", "localhost", 1)
	r := rig.New(t, []string{lane}, func(d *dpath.Document) { d.Trust = &dpath.Trust{Hosts: []string{"localhost"}} })
	r.Handle = func(n *rig.Node, c *http.Client, _ http.ResponseWriter, req *http.Request) bool {
		if n.App != "app4" {
			return false
		}
		_, err := rig.Get(req.Context(), c, third.URL+"/outside", http.Header{"Baggage": {req.Header.Get("Baggage") + ",user=7"}, "X-Dpath-Env": {lane}})
		require.NoError(t, err)
		_, err = rig.Get(req.Context(), c, trusted+"/trusted", nil)
		require.NoError(t, err)
		return false
	}
	_, err := r.Call(lane)
	require.NoError(t, err)
	require.Equal(t, "user=7", got["/outside"].Get("Baggage"))
	require.Empty(t, got["/outside"].Get("X-Dpath-Env"))
	require.Equal(t, lane, got["/trusted"].Get("X-Dpath-Env"))
}

// T17 in small: enable false returns every node to all traffic.
func TestT17Disabled(t *testing.T) {
	r := rig.New(t, []string{lane}, nil)
	r.Publish(func(d *dpath.Document) { d.Enable = false })
	seen := map[string]bool{}
	r.Many(400, only(""), func(_ string, nodes []string, err error) {
		require.NoError(t, err)
		for _, n := range nodes {
			seen[n] = true
		}
	})
	require.Len(t, seen, len(r.Nodes))
}

func TestProbeLoopTakesNodesOut(t *testing.T) {
	r := rig.New(t, []string{lane}, nil)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		r.Gateway.Probe(ctx, httpdpath.ProbeOptions{Interval: 10 * time.Millisecond, Timeout: time.Second})
	})
	defer wg.Wait()
	defer cancel()
	usable := func(want float64) func() bool {
		return func() bool { return r.Count("dpath_ded_usable", map[string]string{"app": "app1", "env": lane}) == want }
	}
	r.Many(1, only(lane), func(_ string, _ []string, err error) { require.NoError(t, err) })
	require.Eventually(t, usable(2), 5*time.Second, 5*time.Millisecond)
	require.Zero(t, r.Count("dpath_ded_usable", map[string]string{"app": "app2", "env": lane}), "the gateway does not call it, nor know how")
	r.Kill(func(n *rig.Node) bool { return n.ID == "app1-"+lane+"-0" })
	require.Eventually(t, usable(1), 5*time.Second, 5*time.Millisecond)
}
