// Package carrier holds what the carriers of labels share, whatever the
// protocol: the place of a process on the path, what its guard admits, what a
// caller checks last, and how often it may try again.
package carrier

import (
	"errors"
	"math/rand/v2"
	"net/http"
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
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Time is what the peer's clock tells.
func (p *Peer) Time() time.Time {
	if p.Now != nil {
		return p.Now()
	}
	return time.Now()
}

// Label gives the verified label of a call's headers. One that is not accepted
// is counted and taken out, and the call is common.
func (p *Peer) Label(h map[string][]string) dpath.Label {
	label, err := dpath.Verify(p.Keys, h, p.Time())
	if err == nil {
		return label
	}
	reason := "malformed"
	var l *dpath.LabelError
	if errors.As(err, &l) {
		reason = l.Reason
	}
	p.Metrics.LabelInvalid(reason, 1)
	dpath.Remove(h)
	return dpath.Label{}
}

// Valid gives l, or the zero label once l has expired.
func (p *Peer) Valid(l dpath.Label) dpath.Label {
	if p.Time().Before(l.Expiry()) {
		return l
	}
	return dpath.Label{}
}

// Admits tells whether this process may serve a call of env, and the
// environment it is dedicated to, if any.
func (p *Peer) Admits(cfg *dpath.Config, env string) (lane string, ok bool) {
	lane, guarded := cfg.Lane(p.App, p.Addr)
	return lane, !guarded || env == lane
}

// Probe gives the collector of an authenticated probe call, nil for others. A
// token that is not valid is removed, so that it travels no further.
func (p *Peer) Probe(h map[string][]string) *trail.Collector {
	probe, ok, err := trail.Read(p.ProbeKeys, h, p.Time())
	if err != nil {
		p.Metrics.LabelInvalid("probe", 1)
	}
	if !ok {
		http.Header(h).Del(trail.HeaderProbe)
		return nil
	}
	return trail.NewCollector(probe, p.ProbeKeys)
}

// Hop describes this process for the trail of a call; nil for an entry that is
// no app itself.
func (p *Peer) Hop(cfg *dpath.Config, env, decision string) *trail.Hop {
	if p.App == "" {
		return nil
	}
	lane, _ := cfg.Lane(p.App, p.Addr)
	return &trail.Hop{App: p.App, Node: p.Node, Lane: lane, Env: env, Version: cfg.Version(), Decision: decision}
}

// Check is the last line of defence on the caller's side: nil when d keeps to
// the guarantees, else it is counted and must not be sent.
func (p *Peer) Check(cfg *dpath.Config, app string, d dpath.Decision) error {
	if !cfg.Enabled() || d.Node.Env == "" || d.Node.Env == d.Env {
		return nil
	}
	kind := "exclusion"
	if d.Env != "" {
		kind = "cross_lane"
	}
	p.Metrics.Violation(kind)
	return &CallError{App: app, Env: d.Env, Route: dpath.ErrNoPublicNode}
}

// Source is the process-wide random source of [dpath.Pick].
type Source struct{}

// Uint64 implements dpath.Source.
func (Source) Uint64() uint64 { return rand.Uint64() } // #nosec G404 -- load balancing needs no secret
