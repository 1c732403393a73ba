package verify_test

import (
	"context"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/httpdpath"
	"github.com/plazacloud/plaza/pkg/dpath/internal/rig"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
	"github.com/plazacloud/plaza/pkg/dpath/verify"
)

const patience = time.Minute // for what should be so soon

// watch is a running watcher and what it tells.
type watch struct {
	*verify.Watcher
	t       testing.TB
	told    chan verify.Status
	reports chan verify.Report
	metrics *prometheus.Registry
}

// watching runs a watcher over a rig with little time between rounds.
func watching(t *testing.T, r *rig.Rig, change func(*verify.WatchOptions)) *watch {
	w := &watch{t: t, told: make(chan verify.Status, 100), reports: make(chan verify.Report, 100), metrics: prometheus.NewRegistry()}
	o := verify.WatchOptions{
		Options: verify.Options{Entry: r.Entry.URL, Paths: []string{"/v1/a", "/v1/b"}, Envs: []string{"a", "b"}, Key: r.Probes},
		Every:   5 * time.Millisecond, Window: 60, Canary: 5, Registerer: w.metrics, Log: slog.New(slog.DiscardHandler),
		Tell: func(s verify.Status, r verify.Report) { w.told <- s; w.reports <- r },
	}
	if change != nil {
		change(&o)
	}
	var err error
	w.Watcher, err = verify.NewWatcher(o)
	require.NoError(t, err)
	require.Equal(t, verify.Unknown, w.Status().State)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { w.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	return w
}

// next waits for the next state that is told.
func (w *watch) next(want verify.State) (verify.Status, verify.Report) {
	w.t.Helper()
	select {
	case s := <-w.told:
		require.Equal(w.t, want, s.State, s.Reason)
		require.WithinDuration(w.t, time.Now(), s.Since, patience)
		require.Eventually(w.t, func() bool { return w.count("dpath_verify_state", map[string]string{"state": string(want)}) == 1 }, patience, time.Millisecond)
		return s, <-w.reports
	case <-time.After(patience):
		require.Fail(w.t, "no state was told", "want %s, is %+v", want, w.Status())
	}
	return verify.Status{}, verify.Report{}
}

func (w *watch) count(name string, labels map[string]string) float64 {
	return rig.Count(w.t, w.metrics, name, labels)
}

// rounds waits until more probes were sent; whatever is told meanwhile is too much.
func (w *watch) rounds(probes float64) {
	w.t.Helper()
	before := w.count("dpath_verify_probes_total", nil)
	require.Eventually(w.t, func() bool { return w.count("dpath_verify_probes_total", nil) >= before+probes }, patience, time.Millisecond)
	require.Empty(w.t, w.told)
}

// stand puts a process in the place of a node, with the rules that store holds.
// guarded or not, its trail tells the truth.
func stand(t *testing.T, r *rig.Rig, id string, store *dpath.Store, guarded bool) (end func()) {
	n := r.Nodes[id]
	peer := &httpdpath.Peer{Peer: carrier.Peer{Store: store, Keys: r.Keys, ProbeKeys: r.Probes, App: n.App, Node: n.ID, Addr: n.Addr}}
	client := &http.Client{Transport: peer.Transport(httpdpath.TransportOptions{})}
	var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if n.App != "app4" {
			if _, err := rig.Get(req.Context(), client, "http://app4/", nil); err != nil {
				http.Error(w, err.Error(), http.StatusBadGateway)
			}
		}
	})
	if guarded {
		h = peer.Guard(h, httpdpath.GuardOptions{})
	} else {
		h = careless(peer)
	}
	r.Kill(func(o *rig.Node) bool { return o == n })
	l, err := net.Listen("tcp", n.Addr)
	require.NoError(t, err)
	server := &http.Server{Handler: h, ReadHeaderTimeout: patience}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = server.Serve(l) }()
	end = sync.OnceFunc(func() { _ = server.Close(); <-ended; client.CloseIdleConnections() })
	t.Cleanup(end)
	return end
}

// careless is a guard that lets everybody in.
func careless(peer *httpdpath.Peer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		cfg, label := peer.Store.Current(), peer.Label(req.Header)
		if c := peer.Probe(req.Header); c != nil {
			w.Header().Set(trail.HeaderTrail, c.Seal(peer.Hop(cfg, label.Env(), req.Header.Get(trail.HeaderDecision)), cfg.Hash()))
		}
	})
}

// A guard that lets everybody in, and a caller that has no rules any more: the
// next rounds find it, tell it once, and tell when it is over.
func TestWatchRaisesAnAlarm(t *testing.T) {
	r := rig.New(t, []string{"a", "b"}, nil)
	w := watching(t, r, func(o *verify.WatchOptions) { o.Window = 600 }) // a violation is always in it, while it lasts
	s, report := w.next(verify.OK)
	require.Contains(t, s.Reason, "no violation in")
	require.NoError(t, report.Err())
	w.rounds(100)

	stale, err := dpath.NewStore(dpath.StoreOptions{})
	require.NoError(t, err)
	require.NoError(t, stale.Set(&dpath.Document{Enable: true, Version: 1, EntryApps: r.Doc.EntryApps}, r.Registry))
	open, astray := stand(t, r, "app4-a-0", r.Store, false), stand(t, r, "app3-public-0", stale, true)
	s, report = w.next(verify.Alarm)
	require.Equal(t, verify.Exclusion, s.Violation.Kind)
	require.Equal(t, "app4-a-0", s.Violation.Hop.Node)
	require.Regexp(t, "exclusion: common probe of /v1/[ab] → app1 .* → app3 app3-public-0 .*→ app4 app4-a-0 ", s.Reason)
	require.Positive(t, report.ByKind[verify.Exclusion])
	require.Positive(t, w.count("dpath_verify_violations_total", map[string]string{"kind": verify.Exclusion}))
	require.Positive(t, w.count("dpath_verify_probes_total", map[string]string{"env": "", "result": "violation"}))
	w.rounds(100)
	require.Equal(t, s.Since, w.Status().Since)

	open()
	astray()
	stand(t, r, "app4-a-0", r.Store, true)
	stand(t, r, "app3-public-0", r.Store, true)
	_, report = w.next(verify.OK)
	require.Zero(t, report.Violations)
	require.LessOrEqual(t, report.Common+report.Labelled, 600)
	require.Eventually(t, func() bool {
		r := w.Report()
		return r.Failed == 0 && r.Common == 200 && maps.Equal(r.ByEnv, map[string]int{"a": 200, "b": 200})
	}, patience, time.Millisecond, "the window is forty rounds")

	e := w.Evidence()
	require.Equal(t, verify.OK, e.Status.State)
	require.True(t, e.Controls[0].Sees())
	require.Equal(t, []string{"guard", "filter"}, e.Controls[0].Control)
	require.False(t, e.Ended.Before(e.Begun))
}

// Probes that do not come back prove nothing: that is told as well, also when it is so from the beginning.
func TestWatchDoesNotKnowWhileTheEntryIsDown(t *testing.T) {
	r := rig.New(t, []string{"a", "b"}, nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := l.Addr().String()
	var serving sync.WaitGroup
	serve := func(l net.Listener) *http.Server {
		s := &http.Server{Handler: r.Entry.Config.Handler, ReadHeaderTimeout: patience}
		serving.Go(func() { _ = s.Serve(l) })
		t.Cleanup(func() { _ = s.Close(); serving.Wait() })
		return s
	}
	require.NoError(t, l.Close())
	w := watching(t, r, func(o *verify.WatchOptions) { o.Entry = "http://" + addr })
	s, report := w.next(verify.Unknown)
	require.Contains(t, s.Reason, "came back in 3 rounds: ")
	require.Contains(t, s.Reason, "connection refused")
	require.Equal(t, 1.0, report.Bound)
	w.rounds(50)

	for range 2 {
		l, err = net.Listen("tcp", addr)
		require.NoError(t, err)
		server := serve(l)
		w.next(verify.OK)
		require.NoError(t, server.Close())
		w.next(verify.Unknown)
	}
	require.Positive(t, w.count("dpath_verify_probes_total", map[string]string{"env": "b", "result": "failed"}))
}

// One environment that does not answer is enough not to know.
func TestWatchDoesNotKnowOfOneEnvironment(t *testing.T) {
	r := rig.New(t, []string{"a", "b"}, func(d *dpath.Document) { d.EnvRules[1].FailoverPolicy = dpath.PolicyStrict })
	w := watching(t, r, nil)
	w.next(verify.OK)
	r.Kill(func(n *rig.Node) bool { return n.App == "app1" && n.Env == "b" })
	s, report := w.next(verify.Unknown)
	require.Contains(t, s.Reason, "no b probe of /v1/")
	require.Positive(t, report.Common)
	require.Zero(t, report.Violations)
}

// When protections can be off without a violation being found, it is not the
// guarantees that hold: the verifier sees nothing.
func TestWatchKnowsThatItIsBlind(t *testing.T) {
	r := rig.New(t, []string{"a", "b"}, func(d *dpath.Document) { d.Enable = false })
	w := watching(t, r, nil)
	s, report := w.next(verify.Blind)
	require.Contains(t, s.Reason, "200 common probes found no violation")
	require.Zero(t, report.Violations)
	require.False(t, w.Evidence().Controls[0].Sees())
	r.Publish(func(d *dpath.Document) { d.Enable = true })
	w.next(verify.OK)

	w = watching(t, r, func(o *verify.WatchOptions) { o.Canary = -1 })
	w.next(verify.OK)
	require.Empty(t, w.Evidence().Controls)
}

func TestWatchRefusesWhatItCanNotDo(t *testing.T) {
	keys, err := dpath.NewKeyring("1", map[string][]byte{"1": make([]byte, 16)})
	require.NoError(t, err)
	whole := verify.Options{Entry: "http://127.0.0.1:1", Envs: []string{"a"}, Key: keys}
	for want, change := range map[string]func(*verify.WatchOptions){
		"leave Control empty": func(o *verify.WatchOptions) { o.Control = []string{"guard"} },
		"not an http URL":     func(o *verify.WatchOptions) { o.Entry = "" },
		"give 10 or more":     func(o *verify.WatchOptions) { o.Window = 9 },
		"be negative":         func(o *verify.WatchOptions) { o.Every = -1 },
	} {
		o := verify.WatchOptions{Options: whole}
		change(&o)
		_, err := verify.NewWatcher(o)
		require.ErrorContains(t, err, want)
	}
	reg := prometheus.NewRegistry()
	_, err = verify.NewWatcher(verify.WatchOptions{Options: whole, Registerer: reg})
	require.NoError(t, err)
	_, err = verify.NewWatcher(verify.WatchOptions{Options: whole, Registerer: reg})
	require.Error(t, err, "two watchers need a registry each")
}
