package carrier

import (
	"net/http"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
)

// HeaderReply says where a consumer sends the trail of a probe that came to it as work, as its broker names places.
const HeaderReply = "X-Dpath-Reply"

// ProbeHeader is that of a probe that waits as work does: labelled as it is at an entry, to be answered at reply.
func ProbeHeader(keys *dpath.Keyring, p trail.Probe, reply string, now time.Time) (http.Header, error) {
	h := http.Header{}
	if p.Env != "" {
		label, err := dpath.Sign(keys, p.Env, dpath.NewTrace(), now, trail.MaxTTL)
		if err != nil {
			return nil, err
		}
		label.Inject(h)
		small(h)
	}
	h.Set(trail.HeaderProbe, p.Token())
	h.Set(HeaderReply, reply)
	return h, nil
}

// Answer is what a probe among the work of a lane gets instead of being handled. Without a Trail it is dropped.
type Answer struct{ Reply, Trail string }

// Answer tells what becomes of a probe, once [Lanes.Open] has said of it where it belongs and whether it is to be
// done here. No handler ever sees a probe, not even one that is out of date; but one that belongs elsewhere goes there
// like any other work, and found is false, unless it says that it does without the guard.
func (l *Lanes) Answer(h map[string][]string, belongs string, ok bool) (a Answer, found bool) {
	if len(h[trail.HeaderProbe]) == 0 {
		return a, false
	}
	probe, cfg := l.peer.Probe(h), l.peer.Store.Current()
	reply := h[HeaderReply]
	switch {
	case probe == nil, len(reply) != 1, cfg == nil:
		return a, true
	case !ok && !probe.Probe().NoGuard:
		return a, false
	}
	env, _ := strings.CutSuffix(belongs, ShadowLane)
	if env == CommonLane {
		env = ""
	}
	own, _ := cfg.Lane(l.peer.App, l.peer.Addr)
	return Answer{reply[0], probe.Seal(l.peer.Hop(cfg, env, l.decision(cfg, own, env).Label), cfg.Hash())}, true
}

// decision is why a process with this lane of its own does work of env.
func (l *Lanes) decision(cfg *dpath.Config, own, env string) dpath.Decision {
	if own != "" {
		return dpath.Decision{Pool: dpath.PoolDedicated, Env: env, Label: dpath.Dedicated}
	}
	d := dpath.Decision{Pool: dpath.PoolPublic, Env: env, Label: l.decide(cfg, env)}
	if d.Label == dpath.Dedicated || d.Label == dpath.StrictFail {
		d.Label = dpath.Failover // taken before the dedicated ones were back
	}
	return d
}

// count notes why this process does the work; work of an environment that a
// public node does is also logged, once for each reason.
func (l *Lanes) count(cfg *dpath.Config, own, env string) {
	d := l.decision(cfg, own, env)
	l.peer.Metrics.Call(l.peer.App, d)
	if own != "" || env == "" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if key := env + " " + d.Label; !l.noted[key] {
		l.noted[key] = true
		l.log.Info("public consumers take work of an environment", "app", l.peer.App, "env", env, "decision", d.Label)
	}
}
