package httpdpath_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/httpdpath"
	"github.com/plazacloud/plaza/pkg/dpath/internal/rig"
)

func TestRetriesRespectMethodAndBody(t *testing.T) {
	r := rig.New(t, nil, nil)
	var hits atomic.Int64
	r.Handle = func(_ *rig.Node, _ *http.Client, w http.ResponseWriter, req *http.Request) bool {
		n := hits.Add(1)
		body, _ := io.ReadAll(req.Body)
		if req.URL.Path == "/cut" && n == 1 {
			panic(http.ErrAbortHandler) // the connection breaks after the call was read
		}
		_, _ = w.Write(body)
		return true
	}
	send := func(method, path string, body io.Reader, header ...string) (string, error) {
		hits.Store(0)
		req, err := http.NewRequest(method, "http://app1"+path, body)
		require.NoError(t, err)
		for _, h := range header {
			req.Header.Set(h, "1")
		}
		resp, err := (&http.Client{Transport: r.Gateway}).Do(req)
		if err != nil {
			return "", err
		}
		defer func() { _ = resp.Body.Close() }()
		text, err := io.ReadAll(resp.Body)
		return string(text), err
	}
	_, err := send("POST", "/cut", strings.NewReader("x"))
	require.Error(t, err, "a POST that was sent is not repeated")
	require.EqualValues(t, 1, hits.Load())
	text, err := send("POST", "/cut", io.NopCloser(strings.NewReader("y")), "Idempotency-Key")
	require.Error(t, err, "a stream of unknown length cannot be repeated")
	require.Empty(t, text)
	text, err = send("POST", "/cut", strings.NewReader("z"), "Idempotency-Key")
	require.NoError(t, err)
	require.Equal(t, "z", text)
	require.EqualValues(t, 2, hits.Load())
	text, err = send("PUT", "/cut", strings.NewReader("p"))
	require.NoError(t, err)
	require.Equal(t, "p", text)

	_, err = send("GET", "/", nil)
	require.NoError(t, err)
	r.Kill(func(n *rig.Node) bool { return n.App == "app1" })
	r.Gateway.CloseIdleConnections() // else the break may only show once the call is sent
	_, err = send("POST", "/", strings.NewReader("x"))
	var call *carrier.CallError
	require.ErrorAs(t, err, &call)
	require.ErrorIs(t, err, dpath.ErrNoPublicNode)
	require.Error(t, call.Last)
	require.Contains(t, call.Error(), "app app1")
}

func TestWithoutConfiguration(t *testing.T) {
	store, err := dpath.NewStore(dpath.StoreOptions{})
	require.NoError(t, err)
	keys, err := dpath.NewKeyring("1", map[string][]byte{"1": make([]byte, 16)})
	require.NoError(t, err)
	p := &httpdpath.Peer{Peer: carrier.Peer{Store: store, Keys: keys, App: "x", Addr: "127.0.0.1:1"}}
	next := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("served") })
	for _, h := range []http.Handler{p.Entry(next, httpdpath.EntryOptions{}), p.Guard(next, httpdpath.GuardOptions{})} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		require.Equal(t, http.StatusServiceUnavailable, w.Code)
		require.Contains(t, w.Body.String(), carrier.ReasonNoConfig)
	}
	_, err = p.Transport(httpdpath.TransportOptions{}).RoundTrip(httptest.NewRequest("GET", "http://x/", strings.NewReader("a")))
	require.ErrorIs(t, err, carrier.ErrNoConfig)

	require.NoError(t, store.Set(&dpath.Document{Enable: true, EnvRules: []dpath.EnvRule{}}, &dpath.Registry{}))
	_, err = p.Transport(httpdpath.TransportOptions{Closed: true}).RoundTrip(httptest.NewRequest("GET", "http://x/", nil))
	require.ErrorIs(t, err, dpath.ErrUnknownApp)
	w := httptest.NewRecorder()
	httpdpath.WriteError(w, errors.New("dial"))
	require.Equal(t, http.StatusBadGateway, w.Code)
}

// A handler that streams keeps its trail and its flushes.
func TestStreamingAnswers(t *testing.T) {
	r := rig.New(t, nil, nil)
	r.Handle = func(_ *rig.Node, _ *http.Client, w http.ResponseWriter, _ *http.Request) bool {
		w.(http.Flusher).Flush()
		err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(time.Minute))
		_, _ = io.WriteString(w, "streamed")
		return err == nil
	}
	nodes, err := r.Call("")
	require.NoError(t, err)
	require.Equal(t, []string{"streamed"}, nodes)
	require.NotNil(t, r.Gateway.Health())
}

func TestFactsComeFromTheEntry(t *testing.T) {
	r := rig.New(t, []string{lane}, func(d *dpath.Document) {
		d.Identify = []dpath.IdentifyRule{{EnvName: lane, Conditions: []dpath.Condition{
			{Type: "memberId", Op: "equal", Value: []string{"m1"}}, {Type: "sourceCIDR", Op: "in", Value: []string{"192.0.2.0/24"}}}}}
	})
	p := &httpdpath.Peer{Peer: carrier.Peer{Store: r.Store, Keys: r.Keys}}
	var got string
	h := p.Entry(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) { got = dpath.Env(req.Context()) }),
		httpdpath.EntryOptions{Facts: func(req *http.Request, f *dpath.Facts) { f.MemberID = req.Header.Get("Verified-Member") }})
	req := httptest.NewRequest("GET", "/", nil) // from 192.0.2.1
	req.Header.Set("Verified-Member", "m1")
	h.ServeHTTP(httptest.NewRecorder(), req)
	require.Equal(t, lane, got)
	req.Header.Set("Verified-Member", "m2")
	h.ServeHTTP(httptest.NewRecorder(), req)
	require.Equal(t, "", got)
}

// The sidecar's outbound side serves a process without the toolkit.
func TestOutboundReadsForwardedLabels(t *testing.T) {
	r := rig.New(t, []string{lane}, nil)
	p := &httpdpath.Peer{Peer: carrier.Peer{Store: r.Store, Keys: r.Keys}, Sidecar: true}
	var env string
	h := p.Outbound(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) { env = dpath.Env(req.Context()) }))
	l, err := dpath.Sign(r.Keys, lane, dpath.NewTrace(), time.Now(), time.Minute)
	require.NoError(t, err)
	req := httptest.NewRequest("GET", "/", nil)
	l.Inject(req.Header)
	h.ServeHTTP(httptest.NewRecorder(), req)
	require.Equal(t, lane, env)
	req.Header.Set("Baggage", strings.Replace(req.Header.Get("Baggage"), lane, "other", 1))
	h.ServeHTTP(httptest.NewRecorder(), req)
	require.Equal(t, "", env)
	require.Empty(t, req.Header.Get("Baggage"))
}
