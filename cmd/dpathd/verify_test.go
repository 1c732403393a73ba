package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/cli"
	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/natsdpath"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
	"github.com/plazacloud/plaza/pkg/dpath/verify"
)

// hook is an operator's webhook. It is out of order when first called.
type hook struct {
	*httptest.Server
	t       *testing.T
	calls   atomic.Int64
	notices chan notice
}

func newHook(t *testing.T) *hook {
	h := &hook{t: t, notices: make(chan notice, 100)}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h.calls.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		var n notice
		if err := json.NewDecoder(r.Body).Decode(&n); err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
			t.Error(r.Method, r.Header, err)
		}
		h.notices <- n
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *hook) next(want verify.State) notice {
	h.t.Helper()
	select {
	case n := <-h.notices:
		require.Equal(h.t, want, n.State, n.Reason)
		return n
	case <-time.After(time.Minute):
		require.Fail(h.t, "the webhook was not told", "want %s", want)
	}
	return notice{}
}

// verifier starts dpathd verify beside the chain.
func (c *chain) verifier(h *hook) {
	path := c.write("verify.yaml", map[string]any{"entry": "http://" + c.addrs["gateway"], "paths": []string{"/shop/a"}, "envs": []string{"vip"}, "probeKeys": "probe.yaml",
		"every": "20ms", "probes": 2, "window": 20, "control": 50, "alarm": map[string]string{"webhook": h.URL + "/notices"}, "listen": "127.0.0.1:0"})
	ctx, cancel := context.WithCancel(context.Background())
	c.t.Cleanup(cancel)
	c.run(func(ready func(map[string]string)) error {
		return runVerify(ctx, path, slog.New(slog.DiscardHandler), ready)
	})
}

// move tells the sidecar of a node that another node of an app is at another address.
func (c *chain) move(of, app, node, to string) (back func()) {
	path := filepath.Join(c.dir, of+".yaml")
	before, err := os.ReadFile(path)
	require.NoError(c.t, err)
	var config struct {
		Registry struct {
			Apps map[string][]map[string]string
		}
	}
	require.NoError(c.t, json.Unmarshal(before, &config))
	put := func(text []byte) {
		require.NoError(c.t, os.WriteFile(path+".new", text, 0o600))
		require.NoError(c.t, os.Rename(path+".new", path))
	}
	for _, n := range config.Registry.Apps[app] {
		if n["id"] == node {
			put(bytes.ReplaceAll(before, []byte(n["addr"]), []byte(to)))
		}
	}
	return func() { put(before) }
}

// A node that was put into service without its sidecar is found by the next
// probes; the operator is told once of the alarm, and once of its end.
func TestVerifyRaisesAnAlarm(t *testing.T) {
	c, h := newChain(t), newHook(t)
	c.verifier(h)
	began := h.next(verify.OK)
	require.Equal(t, "http://"+c.addrs["gateway"], began.Entry)
	require.Zero(t, began.Report.Violations)
	require.Positive(t, began.Report.Labelled)
	require.EqualValues(t, 2, h.calls.Load(), "the webhook was tried again")

	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "bare") }))
	defer bare.Close()
	back := c.move("shop-vip", "stock", "stock-vip", strings.TrimPrefix(bare.URL, "http://"))
	alarmed := h.next(verify.Alarm)
	require.Equal(t, verify.TrailGap, alarmed.Violation.Kind)
	require.Equal(t, "vip", alarmed.Violation.Env)
	require.Positive(t, alarmed.Report.ByKind[verify.TrailGap])
	require.False(t, alarmed.Since.Before(began.Since))
	status, page := c.get(c.addrs["verify"] + "/report")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, "<h1>The dedicated paths do not hold</h1>")
	_, metrics := c.get(c.addrs["verify"] + "/metrics")
	require.Contains(t, metrics, `dpath_verify_state{state="alarm"} 1`)
	require.Contains(t, metrics, `dpath_verify_violations_total{kind="exclusion"} 0`)

	back()
	h.next(verify.OK)
	status, page = c.get(c.addrs["verify"] + "/report")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, "<h1>The dedicated paths hold</h1>")
	_, text := c.get(c.addrs["verify"] + "/report.json")
	var e verify.Evidence
	require.NoError(t, json.Unmarshal([]byte(text), &e))
	require.Equal(t, verify.OK, e.Status.State)
	require.True(t, e.Controls[0].Sees())
	require.Contains(t, e.Sender, "dpathd dev")
	_, metrics = c.get(c.addrs["verify"] + "/metrics")
	require.Contains(t, metrics, `dpath_verify_state{state="ok"} 1`)
	require.Contains(t, metrics, `dpath_verify_probes_total{env="vip",result="ok"}`)
	status, _ = c.get(c.addrs["verify"] + "/healthz")
	require.Equal(t, http.StatusNoContent, status)
	require.Empty(t, h.notices, "each change is told once")
}

// A queue alone is verified: its consumers answer probes, and one that takes from the wrong lane is found.
func TestVerifyOfAQueue(t *testing.T) {
	b, h := newBroker(t, 1<<20), newHook(t)
	h.calls.Store(1) // this one is in order
	c := &chain{t: t, dir: t.TempDir(), addrs: map[string]string{}}
	rings := map[string]*dpath.Keyring{}
	for name, text := range map[string]string{"keys": "label key of sixteen", "probe": "probe key of sixteen"} {
		path := c.write(name+".yaml", map[string]any{"current": "1", "keys": map[string]string{"1": base64.StdEncoding.EncodeToString([]byte(text))}})
		var err error
		rings[name], err = readKeys(path)
		require.NoError(t, err)
	}
	js, err := jetstream.New(b.place().Conn)
	require.NoError(t, err)
	_, err = js.CreateStream(context.Background(), jetstream.StreamConfig{Name: "T", Subjects: []string{"orders.>"}, Retention: jetstream.WorkQueuePolicy})
	require.NoError(t, err)
	reg := &dpath.Registry{Apps: map[string][]dpath.Endpoint{"stock": {{ID: "public", Addr: "10.0.0.1:80"}, {ID: "vip", Addr: "10.0.0.2:80"}}}}
	doc := &dpath.Document{Enable: true, Version: 1, EnvRules: []dpath.EnvRule{{EnvName: "vip", EnvAppRules: []dpath.EnvAppRule{{AppName: "stock", IPs: []string{"10.0.0.2:80"}}}}}}
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	store, err := dpath.NewStore(dpath.StoreOptions{})
	require.NoError(t, err)
	require.NoError(t, store.Set(doc, reg))
	for _, n := range reg.Apps["stock"] {
		at := &natsdpath.Carrier{JS: js, Peer: &carrier.Peer{Store: store, Keys: rings["keys"], ProbeKeys: rings["probe"], App: "stock", Node: n.ID, Addr: n.Addr}}
		all.Go(func() {
			err := at.Consume(ctx, natsdpath.Subscription{Stream: "T", Durable: "stock", Subject: "orders.made", Log: slog.New(slog.DiscardHandler)}, func(context.Context, *carrier.Message) error {
				t.Error("a handler saw a probe")
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	path := c.write("verify.yaml", map[string]any{"envs": []string{"vip"}, "probeKeys": "probe.yaml", "keys": "keys.yaml", "queues": []map[string]string{{"url": b.url, "login": b.login, "subject": "orders.made"}},
		"every": "20ms", "probes": 2, "window": 20, "control": 50, "alarm": map[string]string{"webhook": h.URL + "/notices"}, "listen": "127.0.0.1:0"})
	all.Go(func() {
		if err := runVerify(ctx, path, slog.New(slog.DiscardHandler), nil); err != nil {
			t.Error(err)
		}
	})
	held := h.next(verify.OK)
	require.Positive(t, held.Report.Hops["stock"]["dedicated"])

	// A program with ways of its own, on the dedicated node, takes common work as well.
	common, err := js.Consumer(context.Background(), "T", "stock-_")
	require.NoError(t, err)
	peer := &carrier.Peer{Store: store, ProbeKeys: rings["probe"], App: "stock", Node: "vip", Addr: "10.0.0.2:80"}
	careless, err := common.Consume(func(m jetstream.Msg) {
		probe := peer.Probe(m.Headers())
		answer := nats.NewMsg(m.Headers().Get(carrier.HeaderReply))
		answer.Header.Set(trail.HeaderTrail, probe.Seal(peer.Hop(store.Current(), "", dpath.Common), store.Current().Hash()))
		_, _ = m.Ack(), js.Conn().PublishMsg(answer)
	})
	require.NoError(t, err)
	defer careless.Stop()
	alarmed := h.next(verify.Alarm)
	require.Equal(t, "nats:orders.made", alarmed.Violation.Path)
	require.Equal(t, verify.Exclusion, alarmed.Violation.Kind)
}

// The operator's command writes the evidence, and fails when its own control finds nothing.
func TestEvidenceByCommand(t *testing.T) {
	c := newChain(t)
	page := filepath.Join(c.dir, "evidence.html")
	verifies := func(more ...string) (code int, said string) {
		var out bytes.Buffer
		args := []string{"dpath", "verify", "--entry", "http://" + c.addrs["gateway"], "--key", "1:" + hex.EncodeToString([]byte("probe key of sixteen")), "--env", "vip", "--path", "/shop/a", "--common", "50", "--labelled", "50"}
		code = cli.Run(context.Background(), append(args, more...), cli.Env{Out: &out, Err: &out, Getenv: func(string) string { return "" }, Now: time.Now, Version: "test"})
		return code, out.String()
	}
	code, said := verifies("--control", "--report", page)
	require.Zero(t, code, said)
	require.Regexp(t, "Control without guard and filter: [1-9][0-9]* violations in 200 probes, of which there must be some.", said)
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Contains(t, string(text), "<h1>The dedicated paths hold</h1>")
	require.Contains(t, string(text), "found, as must be")
	require.Contains(t, string(text), "50 common, 50 vip")

	code, said = verifies("--control", "--report", filepath.Join(c.dir, "evidence.json"), "-o", "jq=.controls[0].control[0]")
	require.Zero(t, code, said)
	require.True(t, strings.HasSuffix(said, "guard\n"), said)
	var e verify.Evidence
	text, err = os.ReadFile(filepath.Join(c.dir, "evidence.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &e))
	require.NoError(t, e.Err())
	require.Equal(t, []string{"/shop/a"}, e.Paths)
	require.Equal(t, 50, e.Report.ByEnv["vip"])

	c.doc.Enable, c.doc.Version = false, 2
	c.write("rules.json", c.doc)
	require.Eventually(t, func() bool {
		code, said = verifies("--control", "--report", page)
		return code == 1 && strings.Contains(said, "the report proves nothing")
	}, time.Minute, 100*time.Millisecond, "without rules there is nothing to find")
	text, err = os.ReadFile(page)
	require.NoError(t, err)
	require.Contains(t, string(text), "the check is blind")
}

func TestVerifyRefusesBadConfiguration(t *testing.T) {
	c := &chain{t: t, dir: t.TempDir()}
	c.write("probe.yaml", map[string]any{"current": "1", "keys": map[string]string{"1": base64.StdEncoding.EncodeToString(make([]byte, 16))}})
	for want, change := range map[string]map[string]any{
		"probeKeys is missing":                   {"probeKeys": ""},
		"no such file":                           {"probeKeys": "none.yaml"},
		"not an http URL":                        {"entry": "x"},
		"alarm.webhook must be an https URL":     {"alarm": map[string]string{"webhook": "http://example.net/x"}},
		"http on a loopback address":             {"alarm": map[string]string{"webhook": "file:///x"}},
		"unknown field":                          {"colour": 1},
		"each needs url and subject":             {"queues": []map[string]string{{"url": "nats://127.0.0.1:1"}}},
		"keys.yaml: no such file":                {"keys": "keys.yaml", "queues": []map[string]string{{"url": "nats://127.0.0.1:1", "subject": "x"}}},
		"queue x: ":                              {"keys": "probe.yaml", "queues": []map[string]string{{"url": "nats://127.0.0.1:1", "subject": "x", "ca": "none.pem"}}},
		"by which work in queues is labelled":    {"queues": []map[string]string{{"url": "nats://127.0.0.1:1", "subject": "x"}}},
		"listen for reports":                     {"listen": "nowhere:x"},
		"a window of 1 probes is less than one":  {"window": 1},
		"Every and Patience can not be negative": {"every": "-1s"},
	} {
		config := map[string]any{"entry": "http://127.0.0.1:1", "probeKeys": "probe.yaml", "envs": []string{"vip"}, "listen": "127.0.0.1:0", "alarm": map[string]string{"webhook": "https://example.net/x"}}
		for k, v := range change {
			config[k] = v
		}
		require.ErrorContains(t, runVerify(context.Background(), c.write("c.yaml", config), slog.New(slog.DiscardHandler), nil), want)
	}
	root := newRoot()
	root.SetArgs([]string{"verify"})
	require.ErrorContains(t, root.Execute(), "config")
}

// A notice is sent again while that may help, and nothing said about it tells the URL.
func TestNoticesAreSentAgain(t *testing.T) {
	var calls atomic.Int64
	status := http.StatusBadRequest
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.WriteHeader(status)
	}))
	a := newAlarm(&verifyConfig{Alarm: alarmConfig{Webhook: s.URL + "/secret"}}, slog.New(slog.DiscardHandler))
	require.ErrorContains(t, a.send(context.Background(), notice{}), "400")
	require.EqualValues(t, 1, calls.Load(), "it does not want it")
	a.client.CloseIdleConnections()
	s.Close()
	ctx, cancel := context.WithCancel(context.Background())
	var err error
	var sending sync.WaitGroup
	sending.Go(func() { err = a.send(ctx, notice{}) })
	cancel()
	sending.Wait()
	require.Error(t, err)
	require.NotContains(t, err.Error(), "secret")
	for range noticesWaiting + 1 {
		a.tell(verify.Status{}, verify.Report{})
	}
	require.Len(t, a.waiting, noticesWaiting, "it never waits")
}
