package carrier

import (
	"net/http"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
)

// Identify signs the label of a call that comes in from outside: of the
// probe's environment, or of the one its facts belong to; the zero label for a
// common call. h is the call's headers after dpath.Strip; a call without a
// valid trace begins one there. ttl 0 means dpath.DefaultTTL. The error is a
// [*dpath.RouteError] when the call is a rehearsal's that may not be served.
func (p *Peer) Identify(cfg *dpath.Config, h http.Header, probe *trail.Collector, facts func() *dpath.Facts, ttl time.Duration) (dpath.Label, error) {
	trace, _, err := dpath.ParseTraceparent(h[dpath.HeaderTraceparent])
	if err != nil {
		trace = dpath.NewTrace()
		h[dpath.HeaderTraceparent] = []string{"00-" + trace + "-" + trace[:16] + "-01"}
	}
	var env string
	var shadow bool
	if probe != nil {
		env = probe.Probe().Env
	} else {
		f := facts()
		env, shadow = cfg.Identify(f), cfg.Rehearses(f)
	}
	switch {
	case shadow:
		label, err := dpath.SignShadow(p.Keys, env, trace, p.Time(), ttl)
		if refusal := p.enters(cfg, label); err == nil && refusal != nil {
			return label, refusal
		}
		return label, err
	case env == "":
		return dpath.Label{}, nil
	}
	return dpath.Sign(p.Keys, env, trace, p.Time(), ttl)
}

// enters tells why a rehearsal's call goes no further than the entry. One that
// is no app itself keeps nothing.
func (p *Peer) enters(cfg *dpath.Config, label dpath.Label) *dpath.RouteError {
	refusal := p.rehearses(cfg, label)
	if p.App == "" && refusal == dpath.ErrNoShadow {
		return nil
	}
	return refusal
}
