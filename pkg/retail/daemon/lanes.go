package daemon

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/httpdpath"
	"github.com/plazacloud/plaza/pkg/retail/centre"
	"github.com/plazacloud/plaza/pkg/retail/schema"
)

// LaneFile is the configuration file of nodes and lanes, as JSON: the Dpath rule document, the
// registry of nodes and groups, and, if they are not to be derived from the platform's secret,
// the keys that sign labels (hex, at least 16 bytes, by key id).
type LaneFile struct {
	Document json.RawMessage   `json:"document"`
	Registry dpath.Registry    `json:"registry"`
	KeyID    string            `json:"keyId,omitempty"`
	Keys     map[string]string `json:"keys,omitempty"`
}

// LaneOptions say where a process stands. Node is its id in the registry, Advertise its ip:port
// there (looked up by Node if empty), Env the environment it is meant to be dedicated to ("" for
// public). File is a LaneFile; without one, Peers is the registry and there are no lanes.
type LaneOptions struct {
	File      string
	Peers     map[string][]string
	Node      string
	Advertise string
	Env       string
	Secret    string
	Metrics   *prometheus.Registry
	Log       *slog.Logger
}

// Lanes is this process on the dedicated path: the rules in force, the keys, and what is known of
// the health of the nodes.
type Lanes struct {
	opts      LaneOptions
	store     *dpath.Store
	keys      *dpath.Keyring
	probeKeys *dpath.Keyring
	metrics   *dpath.Metrics
	health    *dpath.Table
	seen      []byte
}

const derivedKey = "platform"

// NewLanes reads the file, or makes the registry of the peers.
func NewLanes(o LaneOptions) (*Lanes, error) {
	l := &Lanes{opts: o, health: dpath.NewTable()}
	var err error
	if l.metrics, err = dpath.NewMetrics(o.Metrics); err != nil {
		return nil, err
	}
	if l.store, err = dpath.NewStore(dpath.StoreOptions{Metrics: l.metrics}); err != nil {
		return nil, err
	}
	if l.probeKeys, err = ring(derivedKey, map[string][]byte{derivedKey: schema.Derive(o.Secret, "dpath-probe")}); err != nil {
		return nil, err
	}
	if l.keys, err = ring(derivedKey, map[string][]byte{derivedKey: schema.Derive(o.Secret, "dpath-label")}); err != nil {
		return nil, err
	}
	if o.File != "" {
		return l, l.Reload()
	}
	reg := dpath.Registry{Apps: map[string][]dpath.Endpoint{}}
	for app, addrs := range o.Peers {
		for i, a := range addrs {
			reg.Apps[app] = append(reg.Apps[app], dpath.Endpoint{ID: fmt.Sprintf("%s-%d", app, i+1), Addr: a})
		}
	}
	return l, l.store.Set(&dpath.Document{}, &reg)
}

func ring(id string, keys map[string][]byte) (*dpath.Keyring, error) {
	return dpath.NewKeyring(id, keys)
}

// Reload takes the file over if it changed. A file that is damaged, invalid or older than what is
// in force is refused and changes nothing.
func (l *Lanes) Reload() error {
	raw, err := os.ReadFile(l.opts.File)
	if err != nil {
		return err
	}
	if bytes.Equal(raw, l.seen) {
		return nil
	}
	var f LaneFile
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return fmt.Errorf("%s: %w", l.opts.File, err)
	}
	doc, err := dpath.Parse(bytes.NewReader(f.Document))
	if err != nil {
		return fmt.Errorf("%s: document: %w", l.opts.File, err)
	}
	if err := l.addKeys(f); err != nil {
		return fmt.Errorf("%s: keys: %w", l.opts.File, err)
	}
	if err := l.store.Set(doc, &f.Registry); err != nil {
		return fmt.Errorf("%s: %w", l.opts.File, err)
	}
	l.seen = raw
	l.opts.Log.Info("dedicated-path rules in force", "version", doc.Version, "enable", doc.Enable, "apps", len(f.Registry.Apps))
	return nil
}

func (l *Lanes) addKeys(f LaneFile) error {
	for id, text := range f.Keys {
		key, err := hex.DecodeString(text)
		if err == nil {
			err = l.keys.Add(id, key)
		}
		if err != nil {
			return err
		}
	}
	if f.KeyID == "" {
		return nil
	}
	return l.keys.Use(f.KeyID)
}

// Watch rereads the file every few seconds and probes the nodes until ctx ends.
func (l *Lanes) Watch(ctx context.Context) error {
	t := (&httpdpath.Peer{Peer: carrier.Peer{Store: l.store, Keys: l.keys, Metrics: l.metrics}}).Transport(httpdpath.TransportOptions{Health: l.health})
	defer t.CloseIdleConnections()
	done := make(chan struct{})
	go func() { defer close(done); t.Probe(ctx, httpdpath.ProbeOptions{}) }()
	defer func() { <-done }()
	if l.opts.File == "" {
		<-ctx.Done()
		return nil
	}
	return centre.Every(ctx, l.opts.Log, 3*time.Second, "reload "+l.opts.File, func(context.Context) (bool, error) { return false, l.Reload() })
}

// Peer is this process as one app.
func (l *Lanes) Peer(app string) (*httpdpath.Peer, error) {
	addr := l.opts.Advertise
	if i := slices.IndexFunc(l.Nodes(app), func(n Node) bool { return n.ID == l.opts.Node }); addr == "" && i >= 0 {
		addr = l.Nodes(app)[i].Addr
	}
	if addr == "" && l.opts.File != "" && app != Gateway {
		return nil, fmt.Errorf("node %q is not in the registry of app %s: name it with --node, or give --advertise ip:port", l.opts.Node, app)
	}
	return &httpdpath.Peer{Peer: carrier.Peer{Store: l.store, Keys: l.keys, ProbeKeys: l.probeKeys, Metrics: l.metrics, App: app, Node: l.opts.Node, Addr: addr}}, nil
}

// Transport resolves http://app/… for calls of peer.
func (l *Lanes) Transport(peer *httpdpath.Peer) http.RoundTripper {
	return peer.Transport(httpdpath.TransportOptions{Health: l.health, Closed: true})
}

// Gateway is the app name of the entry.
const Gateway = "gw"

// Node is one node of an app as the rules in force see it. Env is "" for a public node.
type Node struct {
	App  string `json:"app"`
	ID   string `json:"node"`
	Addr string `json:"addr"`
	Pool string `json:"pool"`
	Env  string `json:"env,omitempty"`
}

// Nodes lists the nodes of an app.
func (l *Lanes) Nodes(app string) (out []Node) {
	cfg := l.store.Current()
	for _, n := range cfg.All(app) {
		env, _ := cfg.Lane(app, n.Addr)
		out = append(out, Node{App: app, ID: n.ID, Addr: n.Addr, Pool: n.Pool().String(), Env: env})
	}
	return out
}

// Usable tells whether calls go to the node: not while it is set aside for calls or probes of it that failed.
func (l *Lanes) Usable(n Node) bool {
	cfg := l.store.Current()
	for _, known := range cfg.All(n.App) {
		if known.ID == n.ID && known.Addr == n.Addr {
			return l.health.View(cfg).Usable(known)
		}
	}
	return false
}

// Standing tells the environment the rules give to peer, and an error if it is not the one this
// process was started for.
func (l *Lanes) Standing(peer *httpdpath.Peer) (string, error) {
	env, _ := l.store.Current().Lane(peer.App, peer.Addr)
	if l.opts.Env != "" && env != l.opts.Env {
		return env, fmt.Errorf("node %s was started for environment %q, the rules say %q", peer.Node, l.opts.Env, env)
	}
	return env, nil
}

// Label returns ctx with a label for env under ctx's trace, for work taken up again later.
func (l *Lanes) Label(ctx context.Context, env string) context.Context {
	ctx = centre.WithEnv(ctx, env)
	if env == "" {
		return ctx
	}
	trace, _, err := dpath.ParseTraceparent([]string{centre.Traceparent(ctx)})
	if err != nil {
		return ctx
	}
	label, err := dpath.Sign(l.keys, env, trace, time.Now(), 0)
	if err != nil {
		l.opts.Log.Warn("work goes on without its label", "env", env, "error", err.Error())
		return ctx
	}
	return dpath.WithLabel(ctx, label)
}
