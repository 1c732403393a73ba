// Package httpdpath carries dedicated-path labels over net/http: an entry
// middleware that sets the label, a provider guard, and a client transport that
// picks the node of an app.
//
// One [Peer] per process wires all three:
//
//	peer := &httpdpath.Peer{Store: store, Keys: keys, App: "trade", Node: "trade-1", Addr: "10.0.0.7:8080"}
//	client := &http.Client{Transport: peer.Transport(httpdpath.TransportOptions{})}
//	http.ListenAndServe(":8080", peer.Guard(mux, httpdpath.GuardOptions{}))
//
// A handler then calls other apps by name, http://inventory/v1/stock, with the
// context of the request it serves.
package httpdpath

import (
	"net/http"
	"sync"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
)

// Peer is one process on the path. Its fields are read-only once in use.
type Peer struct {
	Store *dpath.Store
	// Keys sign and verify labels.
	Keys *dpath.Keyring
	// ProbeKeys verify probes; nil refuses every probe.
	ProbeKeys *dpath.Keyring
	Metrics   *dpath.Metrics
	// App, Node and Addr ("ip:port") are what the registry knows this process
	// by. An entry that is no app itself leaves them empty.
	App, Node, Addr string
	// Sidecar joins the calls that come in by Guard and go out by Outbound, by
	// their trace.
	Sidecar bool
	// Now is the clock; nil means time.Now.
	Now func() time.Time

	active sync.Map // trace id → incoming
}

func (p *Peer) now() time.Time {
	if p.Now != nil {
		return p.Now()
	}
	return time.Now()
}

// probe gives the collector of an authenticated probe call, nil for others. A
// token that is not valid is removed, so that it travels no further.
func (p *Peer) probe(h http.Header) *trail.Collector {
	probe, ok, err := trail.Read(p.ProbeKeys, h, p.now())
	if err != nil {
		p.Metrics.LabelInvalid("probe", 1)
	}
	if !ok {
		h.Del(trail.HeaderProbe)
		return nil
	}
	return trail.NewCollector(probe, p.ProbeKeys)
}

// hop describes this process for the trail of a call.
func (p *Peer) hop(cfg *dpath.Config, env, decision string) *trail.Hop {
	if p.App == "" {
		return nil
	}
	lane, _ := cfg.Lane(p.App, p.Addr)
	return &trail.Hop{App: p.App, Node: p.Node, Lane: lane, Env: env, Version: cfg.Version(), Decision: decision}
}
