package haproxy_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/gateway"
	"github.com/plazacloud/plaza/pkg/dpath/haproxy"
	"github.com/plazacloud/plaza/pkg/dpath/internal/rig"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const lane = "newRetail"

// edge is HAProxy before the rig's chain; the nodes' guards judge the labels it signs.
type edge struct {
	t       *testing.T
	rig     *rig.Rig
	options haproxy.Options
	client  *http.Client
}

func newEdge(t *testing.T, r *rig.Rig, routes ...gateway.Route) *edge {
	if _, err := exec.LookPath("haproxy"); err != nil {
		t.Skip("haproxy is not installed; .ci/packages.txt lists what tests need")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	if len(routes) == 0 {
		routes = []gateway.Route{{Prefix: "/", App: "app1"}}
	}
	e := &edge{t: t, rig: r, client: &http.Client{Transport: &http.Transport{}}, options: haproxy.Options{
		Rules: r.Doc, Config: r.Store.Current(), Routes: routes, Listen: l.Addr().String(), KeyID: "k1", Key: []byte("label key of sixteen or more")}}
	text, _, err := haproxy.Render(e.options)
	require.NoError(t, err)
	path := check(t, text)
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, "haproxy", "-db", "-f", path)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		e.client.CloseIdleConnections()
		cancel()
		_ = cmd.Wait() // killed
		if t.Failed() {
			t.Log(text, said.String())
		}
	})
	require.Eventually(t, func() bool { _, err := e.try(""); return err == nil }, 20*time.Second, 20*time.Millisecond)
	return e
}

// check asks HAProxy itself whether a file is one of its own; a warning counts as a fault.
func check(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "haproxy.cfg")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	out, err := exec.Command("haproxy", "-c", "-dW", "-f", path).CombinedOutput()
	require.NoError(t, err, "%s\n%s", out, text)
	return path
}

// try calls the chain; headers are name, value.
func (e *edge) try(path string, header ...string) (string, error) {
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h[header[i]] = append(h[header[i]], header[i+1])
	}
	return rig.Get(context.Background(), e.client, "http://"+e.options.Listen+"/"+path, h)
}

func (e *edge) lanes(path string, header ...string) int {
	e.t.Helper()
	body, err := e.try(path, header...)
	require.NoError(e.t, err)
	return strings.Count(body, lane)
}

// Common calls never reach a dedicated node, and labelled ones travel their
// lane on a label that HAProxy signed and every guard verified.
func TestHAProxySignsTheRealLabel(t *testing.T) {
	r := rig.New(t, []string{lane}, nil)
	var mu sync.Mutex
	var seen []http.Header
	r.Handle = func(n *rig.Node, _ *http.Client, _ http.ResponseWriter, req *http.Request) bool {
		if n.App == "app1" {
			mu.Lock()
			seen = append(seen, req.Header.Clone())
			mu.Unlock()
		}
		return false
	}
	e := newEdge(t, r)
	for i := range 200 {
		require.Zero(t, e.lanes(fmt.Sprint("c", i)))
		require.Equal(t, len(rig.Apps), e.lanes(fmt.Sprint("l", i), rig.HeaderEnv, lane))
	}
	require.Zero(t, r.Count("dpath_guard_reject_total", nil))
	require.Zero(t, r.Count("dpath_label_invalid_total", nil))

	const trace = "0af7651916cd43dd8448eb211c80319c"
	given := "00-" + trace + "-b7ad6b7169203331-01"
	seen = nil
	e.lanes("", rig.HeaderEnv, lane, "Traceparent", given, "Baggage", "tenant=7")
	e.lanes("", rig.HeaderEnv, lane)
	e.lanes("", rig.HeaderEnv, lane, "Traceparent", "00-"+strings.Repeat("0", 32)+"-b7ad6b7169203331-01")
	require.Len(t, seen, 3)
	for i, h := range seen {
		label, err := dpath.Verify(r.Keys, h, time.Now())
		require.NoError(t, err)
		require.Equal(t, lane, label.Env())
		require.Equal(t, lane, h.Get("X-Dpath-Env"))
		require.WithinDuration(t, time.Now().Add(dpath.DefaultTTL), label.Expiry(), time.Minute)
		require.Equal(t, i == 0, label.Trace() == trace, "a trace that begins outside goes on")
	}
	require.Equal(t, given, seen[0].Get("Traceparent"))
	require.True(t, strings.HasSuffix(seen[0].Get("Baggage"), ",tenant=7"))
	_, err := dpath.Verify(r.Keys, seen[1], time.Now().Add(time.Hour))
	require.Error(t, err)
}

func TestT11HAProxyTakesLabelsAway(t *testing.T) {
	r := rig.New(t, []string{lane}, nil)
	e := newEdge(t, r)
	stolen, err := dpath.Sign(r.Keys, lane, dpath.NewTrace(), time.Now(), time.Minute)
	require.NoError(t, err)
	h := http.Header{}
	stolen.Inject(h)
	member := h.Get("Baggage")
	for _, header := range [][]string{
		{"X-Dpath-Env", lane}, {"x-dpath-env", lane}, {"X_Dpath_Env", lane}, {"X-Mse-Tag", lane},
		{"Baggage", member, "Traceparent", h.Get("Traceparent")}, {"baggage", "a=b, " + member, "Traceparent", h.Get("Traceparent")},
		{"Baggage", "a=b", "baggage", member, "Traceparent", h.Get("Traceparent")},
		{"Baggage", strings.Replace(member, "dpath", "DPath", 1), "Traceparent", h.Get("Traceparent")},
		{"Baggage", strings.Replace(member, "dpath", "%64path", 1), "Traceparent", h.Get("Traceparent")},
		{"Baggage", strings.Repeat("a=b,", 64) + member, "Traceparent", h.Get("Traceparent")},
	} {
		require.Zero(t, e.lanes("", header...), "%v", header)
	}
	require.Zero(t, r.Count("dpath_label_invalid_total", nil), "no guard saw any of them")
	require.Zero(t, r.Count("dpath_guard_reject_total", nil))
}

// served gives the nodes of app1 that serve calls until it has seen so many.
func (e *edge) served(n int, header ...string) (string, map[string]bool) {
	nodes := map[string]bool{}
	for range n {
		body, err := e.try("", header...)
		if err != nil {
			return err.Error(), nodes
		}
		nodes[strings.Fields(body)[0]] = true
	}
	return "", nodes
}

func TestHAProxyFollowsThePolicies(t *testing.T) {
	for _, policy := range []dpath.Policy{dpath.PolicyFailover, dpath.PolicyStrict, dpath.PolicySpill} {
		t.Run(policy.String(), func(t *testing.T) {
			r := rig.New(t, []string{lane, "other"}, func(d *dpath.Document) {
				d.EnvRules[0].FailoverPolicy, d.EnvRules[0].SpillAt = policy, 100
				if policy == dpath.PolicyFailover {
					d.EnvRules[0].MinHealthy = dpath.Quorum{N: 2}
				}
			})
			r.Handle = func(n *rig.Node, _ *http.Client, w http.ResponseWriter, _ *http.Request) bool {
				_, err := fmt.Fprint(w, n.ID)
				return err == nil
			}
			e := newEdge(t, r)
			first, second, publics := "app1-"+lane+"-0", "app1-"+lane+"-1", []string{"app1-public-0", "app1-public-1"}
			soon := func(why, failure string, want ...string) {
				t.Helper()
				require.Eventually(t, func() bool {
					said, nodes := e.served(40, rig.HeaderEnv, lane)
					_, common := e.served(10)
					for n := range common {
						require.Contains(t, n, "public")
					}
					for n := range nodes {
						require.NotContains(t, n, "other")
						require.False(t, policy == dpath.PolicyStrict && strings.Contains(n, "public"), "a strict lane is never left")
					}
					if failure != "" {
						return strings.Contains(said, failure)
					}
					for _, n := range want {
						if !nodes[n] {
							return false
						}
					}
					return said == "" && len(nodes) == len(want)
				}, time.Minute, 50*time.Millisecond, why)
			}
			kill := func(ids ...string) {
				r.Kill(func(n *rig.Node) bool { return strings.Contains(strings.Join(ids, " "), n.ID) })
			}
			soon("both are well", "", first, second)
			kill(first)
			if policy == dpath.PolicyFailover {
				soon("too few are left: public nodes help", "", second, publics[0], publics[1])
			} else {
				soon("one is left", "", second)
			}
			kill(second)
			if policy == dpath.PolicyStrict {
				soon("none is left", "lane_unavailable")
			} else {
				soon("none is left", "", publics...)
			}
			kill(publics...)
			require.Eventually(t, func() bool {
				said, nodes := e.served(1)
				require.Empty(t, nodes["app1-other-0"] || nodes["app1-other-1"])
				return strings.Contains(said, "no_public_node")
			}, time.Minute, 50*time.Millisecond)
			said, nodes := e.served(5, rig.HeaderEnv, "other")
			require.Empty(t, said, "another lane sees nothing of it")
			require.NotContains(t, nodes, first)
		})
	}
}

func TestHAProxyIdentifies(t *testing.T) {
	rule := func(logic string, c ...dpath.Condition) []dpath.IdentifyRule {
		return []dpath.IdentifyRule{{EnvName: lane, Logic: logic, Conditions: c}}
	}
	cond := func(kind, key, op string, v ...string) dpath.Condition {
		return dpath.Condition{Type: kind, Key: key, Op: op, Value: v}
	}
	var rules []dpath.IdentifyRule
	for _, r := range [][]dpath.IdentifyRule{
		rule("", cond("header", "X-A", "equal", "it's"), cond("header", "X-B", "not_in", "no", "never")),
		rule("any", cond("cookie", "lane", "in", "x", "y"), cond("path", "", "prefix", "/vip/")),
		rule("", cond("query", "q", "regex", "^a b?c+$")),
		rule("", cond("sourceCIDR", "", "not_in", "127.0.0.0/8")),
		rule("", cond("memberId", "", "equal", "1")),
		rule("any", cond("header", "X-C", "present"), cond("header", "X-D", "percentage", "50")),
	} {
		rules = append(rules, r...)
	}
	r := rig.New(t, []string{lane}, func(d *dpath.Document) { d.Identify = rules })
	e := newEdge(t, r, gateway.Route{Prefix: "/", App: "app1"}, gateway.Route{Prefix: "/orders", App: "app2"}, gateway.Route{Host: "*.shop.example", Prefix: "/", App: "app3"})
	for want, calls := range map[bool][][]string{
		true:  {{"", "X-A", "it's"}, {"", "X-A", "it's", "X-B", "maybe"}, {"", "Cookie", "a=b; lane=y"}, {"vip/x"}, {"%76ip/x"}, {"?q=a+bc"}, {"?p=1&q=a%20cc"}},
		false: {{"", "X-A", "its"}, {"", "X-A", "it's", "X-B", "never"}, {"", "Cookie", "lane=z"}, {"vipx"}, {"?q=abc"}, {""}, {"", "X-C", "1", "X-D", "1"}},
	} {
		for _, c := range calls {
			require.Equal(t, want, e.lanes(c[0], c[1:]...) > 0, "%v", c)
		}
	}
	for path, app := range map[string]string{"orders": "app2", "orders/7": "app2", "orders2": "app1", "%6frders": "app2"} {
		body, err := e.try(path)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(body, app), "%s: %s", path, body)
	}
	req, err := http.NewRequest(http.MethodGet, "http://"+e.options.Listen+"/orders", nil)
	require.NoError(t, err)
	req.Host = "A.shop.example"
	resp, err := e.client.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Positive(t, r.Nodes["app3-public-0"].Served.Load()+r.Nodes["app3-public-1"].Served.Load())
	_, err = e.try("x//orders")
	require.ErrorContains(t, err, "untidy_path")

	text, notes, err := haproxy.Render(e.options)
	require.NoError(t, err)
	again, _, err := haproxy.Render(e.options)
	require.NoError(t, err)
	require.Equal(t, text, again)
	require.Len(t, notes, 2)
	require.Contains(t, notes[0], "does not know memberId")
	require.Contains(t, notes[1], "can not compute percentage")
	require.Contains(t, text, "# Note: "+notes[1])
}

func TestHAProxyRefusesRehearsals(t *testing.T) {
	r := rig.New(t, []string{lane}, func(d *dpath.Document) {
		d.Rehearsal = &dpath.Rehearsal{Enable: true, Conditions: []dpath.Condition{{Type: "header", Key: "X-Rehearsal", Op: "present"}}}
	})
	e := newEdge(t, r)
	_, err := e.try("", "X-Rehearsal", "1", rig.HeaderEnv, lane)
	require.ErrorContains(t, err, dpath.ErrNoShadow.Reason)
	_, err = e.try("", dpath.HeaderShadow, "1")
	require.NoError(t, err, "what poses as one is an ordinary call")
	require.Positive(t, e.lanes("", rig.HeaderEnv, lane))
	e.options.Rules.Rehearsal.Conditions[0] = dpath.Condition{Type: "memberId", Op: "present"}
	_, _, err = haproxy.Render(e.options)
	require.ErrorContains(t, err, "would be real ones")
}

func TestWhatCanNotBeWrittenForHAProxy(t *testing.T) {
	r := rig.New(t, []string{lane}, nil)
	for want, spoil := range map[string]func(o *haproxy.Options){
		"ip:port":         func(o *haproxy.Options) { o.Listen = "here" },
		"16 bytes":        func(o *haproxy.Options) { o.Key = []byte("short") },
		"a key id":        func(o *haproxy.Options) { o.KeyID = "a b" },
		"routes":          func(o *haproxy.Options) { o.Routes = nil },
		"health path":     func(o *haproxy.Options) { o.Health = "/a b" },
		"route \"/a b\"":  func(o *haproxy.Options) { o.Routes = []gateway.Route{{Prefix: "/a b", App: "x"}} },
		"of host \"a }\"": func(o *haproxy.Options) { o.Routes = []gateway.Route{{Host: "a }", Prefix: "/", App: "x"}} },
	} {
		o := haproxy.Options{Rules: r.Doc, Config: r.Store.Current(), Routes: []gateway.Route{{Prefix: "/", App: "app1"}}, Listen: "127.0.0.1:1", KeyID: "k1", Key: make([]byte, 16)}
		spoil(&o)
		_, _, err := haproxy.Render(o)
		require.ErrorContains(t, err, want)
	}
	r.Publish(func(d *dpath.Document) { d.Enable = false })
	text, _, err := haproxy.Render(haproxy.Options{Rules: r.Doc, Config: r.Store.Current(), Routes: []gateway.Route{{Prefix: "/", App: "app1", Upstream: gateway.H2C}}, Listen: "127.0.0.1:1", KeyID: "k1", Key: make([]byte, 16)})
	require.NoError(t, err)
	require.Equal(t, 4, strings.Count(text, "    server app1-"), "every node serves everybody")
	require.Equal(t, 4, strings.Count(text, " proto h2"))
	check(t, text)
}
