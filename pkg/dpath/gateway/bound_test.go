package gateway_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/gateway"
	"github.com/plazacloud/plaza/pkg/dpath/internal/rig"
)

// alone keeps calls at the first app.
func alone(r *rig.Rig, f func(n *rig.Node, w http.ResponseWriter, req *http.Request)) {
	r.Handle = func(n *rig.Node, _ *http.Client, w http.ResponseWriter, req *http.Request) bool {
		f(n, w, req)
		return true
	}
}

func tellPath(n *rig.Node, w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err == nil {
		_, _ = fmt.Fprintf(w, "%s %s %s %d", n.App, req.Host, req.URL.RequestURI(), len(body))
	}
}

func TestRoutesByHostAndPath(t *testing.T) {
	r := rig.New(t, nil, nil)
	alone(r, tellPath)
	e := newEdge(t, r, nil,
		gateway.Route{Prefix: "/", App: "app1"},
		gateway.Route{Prefix: "/v1/orders", App: "app2"},
		gateway.Route{Host: "*.shop.example", Prefix: "/", App: "app3"},
		gateway.Route{Host: "api.shop.example", Prefix: "/v1/", App: "app4"})
	for call, app := range map[string]string{
		"any /": "app1", "any /v1/orders": "app2", "any /v1/orders/7?x=1": "app2", "any /v1/orders2": "app1",
		"any /x/../v1/orders": "app2", "any //v1/orders": "app2", "any /x/%2e%2e/v1/orders": "app2",
		"a.shop.example /v1/orders": "app3", "b.a.shop.example /": "app3", "shop.example /": "app1", "A.SHOP.example:80 /": "app3",
		"api.shop.example /v1/x": "app4", "api.shop.example. /v1/x": "app4", "api.shop.example /v2": "app3", "xshop.example /": "app1",
	} {
		host, path, _ := strings.Cut(call, " ")
		resp, body := e.call(http.MethodGet, path, nil, "Host", host)
		require.Equal(t, http.StatusOK, resp.StatusCode, call)
		require.True(t, strings.HasPrefix(body, app+" "+host+" "+path+" "), "%s: %s", call, body)
	}
	e.use(gateway.Route{Prefix: "/v1", App: "app1"})
	resp, _ := e.call(http.MethodGet, "/v2", nil)
	require.Equal(t, http.StatusNotFound, resp.StatusCode)

	limit := func(l gateway.Limit) gateway.Route { return gateway.Route{Prefix: "/", App: "a", Limit: &l} }
	for want, routes := range map[string][]gateway.Route{
		"routes is missing":         nil,
		"begins with /":             {{Prefix: "x", App: "a"}},
		"the app has a name":        {{Prefix: "/"}},
		"without //":                {{Prefix: "/a/../b", App: "a"}},
		"in lower case":             {{Host: "A.example", Prefix: "/", App: "a"}},
		"is not http/1.1 or h2c":    {{Prefix: "/", App: "a", Upstream: "spdy"}},
		"not negative":              {{Prefix: "/", App: "a", Timeout: -1}},
		"appears twice":             {{Prefix: "/", App: "a"}, {Prefix: "/", App: "b"}},
		"its nodes speak one":       {{Prefix: "/", App: "a"}, {Prefix: "/x", App: "a", Upstream: gateway.H2C}},
		"rate above 0":              {limit(gateway.Limit{})},
		`limit by "moon" is not`:    {limit(gateway.Limit{Rate: 1, Key: "moon"})},
		`limit by "header:" is not`: {limit(gateway.Limit{Rate: 1, Key: "header:"})},
	} {
		_, err := e.gateway.Plan(gateway.Config{Routes: routes})
		require.ErrorContains(t, err, want)
	}
}

func TestLimitsByCaller(t *testing.T) {
	r := rig.New(t, nil, nil)
	alone(r, tellPath)
	slow := func(key string) gateway.Route {
		return gateway.Route{Prefix: "/", App: "app1", Limit: &gateway.Limit{Rate: 0.01, Burst: 3, Key: key, Keys: 100}}
	}
	e := newEdge(t, r, nil, slow("header:X-Token"))
	passed := func(n int, header ...string) (ok int) {
		for range n {
			resp, body := e.call(http.MethodGet, "/", nil, header...)
			if resp.StatusCode == http.StatusOK {
				ok++
				continue
			}
			require.Equal(t, http.StatusTooManyRequests, resp.StatusCode)
			require.Contains(t, body, "rate_limited")
			after, err := strconv.Atoi(resp.Header.Get("Retry-After"))
			require.NoError(t, err)
			require.InDelta(t, 60, after, 40, "a token comes each 100 s")
		}
		return ok
	}
	require.Equal(t, 3, passed(5, "X-Token", "a"))
	require.Equal(t, 3, passed(5, "X-Token", "b"))
	require.Equal(t, 3, passed(5), "without the header the address counts")

	e.use(slow("header:X-Token"))
	require.Zero(t, passed(2, "X-Token", "a"), "a reload gives nobody a new allowance")
	for i := range 200 {
		passed(1, "X-Token", fmt.Sprint("other ", i))
	}
	require.Equal(t, 3, passed(5, "X-Token", "a"), "of many callers the longest silent are forgotten")
	e.use(slow("route"))
	require.Equal(t, 3, passed(2, "X-Token", "a")+passed(2, "X-Token", "b"))
	e.use(slow(""))
	require.Equal(t, 3, passed(2, "X-Token", "a")+passed(2, "X-Token", "b"))

	e.use(gateway.Route{Prefix: "/", App: "app1", Limit: &gateway.Limit{Rate: 5}})
	passedAll := func() bool { resp, _ := e.call(http.MethodGet, "/", nil); return resp.StatusCode == http.StatusOK }
	require.Eventually(t, func() bool { return !passedAll() }, 20*time.Second, time.Millisecond)
	require.Eventually(t, passedAll, 20*time.Second, 5*time.Millisecond, "allowance comes back")
}

func TestBoundsOfARequest(t *testing.T) {
	r := rig.New(t, nil, nil)
	alone(r, tellPath)
	e := newEdge(t, r, nil, gateway.Route{Prefix: "/", App: "app1", MaxBody: 1000, MaxHeader: 2000})
	known := func(n int) io.Reader { return bytes.NewReader(make([]byte, n)) }
	unknown := func(n int) io.Reader { return io.MultiReader(known(n)) }
	for range 10 { // enough to eject a node that were blamed for it
		for _, body := range []func(int) io.Reader{known, unknown} {
			resp, text := e.call(http.MethodPost, "/", body(1000))
			require.Equal(t, http.StatusOK, resp.StatusCode, text)
			require.Contains(t, text, " 1000")
			resp, text = e.call(http.MethodPost, "/", body(100_000))
			require.Equal(t, http.StatusRequestEntityTooLarge, resp.StatusCode, text)
			require.Contains(t, text, "body_too_large")
		}
	}
	resp, text := e.call(http.MethodGet, "/", nil, "X-Long", strings.Repeat("x", 3000))
	require.Equal(t, http.StatusRequestHeaderFieldsTooLarge, resp.StatusCode, text)
	e.use(gateway.Route{Prefix: "/", App: "app1"})
	resp, text = e.call(http.MethodPost, "/", unknown(3<<20), "X-Long", strings.Repeat("x", 9000))
	require.Equal(t, http.StatusOK, resp.StatusCode, text)
	require.Contains(t, text, fmt.Sprint(3<<20))
	resp, _ = e.call(http.MethodGet, "/", nil, "X-Long", strings.Repeat("x", 2<<20))
	require.Equal(t, http.StatusRequestHeaderFieldsTooLarge, resp.StatusCode)
}

func TestTimeoutsAndTries(t *testing.T) {
	r := rig.New(t, []string{lane}, nil)
	hold := make(chan struct{})
	var slow atomic.Int64
	alone(r, func(n *rig.Node, w http.ResponseWriter, req *http.Request) {
		if n.ID == "app1-"+lane+"-0" && req.URL.Path == "/" || req.URL.Path == "/hang" {
			slow.Add(1)
			select {
			case <-hold:
			case <-req.Context().Done():
				return
			}
		}
		_, _ = io.WriteString(w, n.ID)
	})
	e := newEdge(t, r, nil, gateway.Route{Prefix: "/", App: "app1", TryTimeout: 100 * time.Millisecond}, gateway.Route{Prefix: "/hang", App: "app1", Timeout: 100 * time.Millisecond})
	for slow.Load() == 0 {
		resp, body := e.call(http.MethodGet, "/", nil, rig.HeaderEnv, lane)
		require.Equal(t, http.StatusOK, resp.StatusCode)
		require.Equal(t, "app1-"+lane+"-1", body, "the other node of the lane answers")
	}
	resp, body := e.call(http.MethodGet, "/hang", nil)
	require.Equal(t, http.StatusGatewayTimeout, resp.StatusCode)
	require.Contains(t, body, `"timeout"`)

	// A lane that is full does not fill another.
	e.use(gateway.Route{Prefix: "/", App: "app1", MaxInFlight: 1})
	ended := make(chan int, 1)
	before := slow.Load()
	go func() {
		resp, _ := e.call(http.MethodGet, "/hang", nil, rig.HeaderEnv, lane)
		ended <- resp.StatusCode
	}()
	require.Eventually(t, func() bool { return slow.Load() > before }, 20*time.Second, time.Millisecond)
	resp, body = e.call(http.MethodGet, "/more", nil, rig.HeaderEnv, lane)
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	require.Contains(t, body, "lane_full")
	require.NotEmpty(t, resp.Header.Get("Retry-After"))
	resp, _ = e.call(http.MethodGet, "/", nil)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	close(hold)
	require.Equal(t, http.StatusOK, <-ended)
}

// What the carrier does about nodes that fail holds for calls through the gateway.
func TestFailingNodes(t *testing.T) {
	r := rig.New(t, []string{lane}, func(d *dpath.Document) { d.EnvRules[0].FailoverPolicy = dpath.PolicyStrict })
	alone(r, func(n *rig.Node, w http.ResponseWriter, req *http.Request) {
		if status := n.Status.Load(); status != 0 {
			w.WriteHeader(int(status))
		}
		_, _ = io.WriteString(w, n.ID)
	})
	e := newEdge(t, r, nil, gateway.Route{Prefix: "/", App: "app1"})
	r.Nodes["app1-"+lane+"-0"].Status.Store(500)
	var last string
	for failed, n := 0, 0; n < 20; { // it fails at most as often as ejects it
		resp, body := e.call(http.MethodGet, "/", nil, rig.HeaderEnv, lane)
		require.Contains(t, body, lane)
		if n++; resp.StatusCode == 500 {
			failed, n = failed+1, 0
			require.LessOrEqual(t, failed, dpath.EjectAfter)
		}
		last = body
	}
	require.Equal(t, "app1-"+lane+"-1", last)
	r.Kill(func(n *rig.Node) bool { return n.ID == "app1-public-0" })
	for range 50 {
		resp, body := e.call(http.MethodPost, "/", strings.NewReader("order"))
		require.Equal(t, http.StatusOK, resp.StatusCode, body)
		require.Equal(t, "app1-public-1", body)
	}
	r.Kill(func(n *rig.Node) bool { return n.ID == "app1-"+lane+"-1" })
	require.Eventually(t, func() bool {
		resp, body := e.call(http.MethodGet, "/", nil, rig.HeaderEnv, lane)
		require.NotContains(t, body, "app1-public", "a strict lane is never left")
		return resp.StatusCode == http.StatusServiceUnavailable && strings.Contains(body, "lane_unavailable")
	}, 20*time.Second, time.Millisecond)

	ctx, stop := context.WithCancel(context.Background())
	probed := make(chan struct{})
	go func() { e.gateway.Probe(ctx, "/healthz"); close(probed) }()
	defer func() { stop(); <-probed }()
	down := r.Store.Current().All("app1")[1] // app1-public-1
	r.Kill(func(n *rig.Node) bool { return n.ID == down.ID })
	require.Eventually(t, func() bool { return !e.gateway.Health().View(r.Store.Current()).Usable(down) }, 30*time.Second, 10*time.Millisecond)
}

// An answer that breaks off is not made to look whole.
func TestBrokenAnswers(t *testing.T) {
	r := rig.New(t, nil, nil)
	alone(r, func(_ *rig.Node, w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/known" {
			w.Header().Set("Content-Length", "100")
		}
		_, _ = io.WriteString(w, "half")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	e := newEdge(t, r, nil, gateway.Route{Prefix: "/", App: "app1"})
	for _, path := range []string{"/known", "/stream"} {
		resp, err := e.client.Get("http://" + e.clear + path)
		if err != nil {
			continue // not even its head was sent
		}
		text, err := io.ReadAll(resp.Body)
		require.Error(t, err)
		require.Equal(t, "half", string(text))
		require.NoError(t, resp.Body.Close())
	}
}

// A client that leaves ends its call at the node.
func TestClientLeaves(t *testing.T) {
	r := rig.New(t, nil, nil)
	left := make(chan struct{})
	alone(r, func(_ *rig.Node, w http.ResponseWriter, req *http.Request) {
		w.(http.Flusher).Flush()
		<-req.Context().Done()
		close(left)
	})
	e := newEdge(t, r, nil, gateway.Route{Prefix: "/", App: "app1"})
	c, err := net.Dial("tcp", e.clear)
	require.NoError(t, err)
	_, err = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	_, err = c.Read(make([]byte, 1))
	require.NoError(t, err)
	require.NoError(t, c.Close())
	select {
	case <-left:
	case <-time.After(20 * time.Second):
		require.Fail(t, "the node was not told")
	}
}
