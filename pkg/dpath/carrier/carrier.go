// Package carrier holds what the carriers of labels share, whatever the
// protocol: the place of a process on the path, what its guard admits, what a
// caller checks last, and how often it may try again.
package carrier

import (
	"errors"
	"math/rand/v2"
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
	// Rehearses says that what this process does for a rehearsal is kept apart
	// from what is real, as by a [dpath.Twin] of each store. Without it the
	// process refuses the calls of rehearsals, and leaves their work waiting.
	Rehearses bool
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
// is counted and taken out, and the call is common; that of a rehearsal stays,
// so that nobody further on takes the call for a real one.
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
	if !label.Shadow() {
		dpath.Remove(h)
	}
	return label
}

// Valid gives l as it is now; see [dpath.Label.At].
func (p *Peer) Valid(l dpath.Label) dpath.Label {
	switch {
	case !l.Valid():
		return l
	case p.Now != nil:
		return l.At(p.Now())
	}
	return l.Now()
}

// ErrMisdirected says that a call does not belong to the node it came to.
var ErrMisdirected = &dpath.RouteError{
	Reason:  ReasonMisdirected,
	Message: "this node serves one dedicated environment, and the call does not belong to it",
	Hint:    "send the call through the entry, or pick another node of the app",
}

// Admits tells why this process may not serve a call, nil when it may, and the
// environment it is dedicated to, if any. Of another node of the app only
// [ErrMisdirected] may be asked again.
func (p *Peer) Admits(cfg *dpath.Config, label dpath.Label) (lane string, refusal *dpath.RouteError) {
	lane, guarded := cfg.Lane(p.App, p.Addr)
	switch refusal := p.rehearses(cfg, label); {
	case refusal != nil:
		return lane, refusal
	case guarded && label.Env() != lane:
		return lane, ErrMisdirected
	}
	return lane, nil
}

// rehearses tells why a rehearsal's call can not be served here.
func (p *Peer) rehearses(cfg *dpath.Config, label dpath.Label) *dpath.RouteError {
	switch {
	case !label.Shadow():
		return nil
	case !label.Valid():
		return dpath.ErrShadowLost
	case !cfg.Rehearsal():
		return dpath.ErrRehearsalOff
	case !p.Rehearses:
		return dpath.ErrNoShadow
	}
	return nil
}

// Outside gives the label that a call to a host outside the registry carries:
// none, unless the rule document trusts the host. A rehearsal calls simulators only.
func (p *Peer) Outside(cfg *dpath.Config, host string, label dpath.Label) (dpath.Label, error) {
	if label = p.Valid(label); label.Shadow() && (cfg == nil || !cfg.Simulates(host)) {
		return label, &CallError{App: host, Env: label.Env(), Route: dpath.ErrNoShadow}
	}
	if cfg != nil && cfg.Trusts(host) {
		return label, nil
	}
	return dpath.Label{}, nil
}

// Probe gives the collector of an authenticated probe call, nil for others. A
// token that is not valid is removed, so that it travels no further.
func (p *Peer) Probe(h map[string][]string) *trail.Collector {
	if len(h[trail.HeaderProbe]) == 0 {
		return nil
	}
	probe, ok, err := trail.Read(p.ProbeKeys, h, p.Time())
	if err != nil {
		p.Metrics.LabelInvalid("probe", 1)
	}
	if !ok {
		delete(h, trail.HeaderProbe)
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
	lane, guarded := cfg.Lane(p.App, p.Addr)
	if !guarded && lane != env {
		lane = "" // on its way in or out of a lane a node refuses nothing, and breaks nothing
	}
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
