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
// valid trace begins one there. ttl 0 means dpath.DefaultTTL.
func (p *Peer) Identify(cfg *dpath.Config, h http.Header, probe *trail.Collector, facts func() *dpath.Facts, ttl time.Duration) (dpath.Label, error) {
	trace, _, err := dpath.ParseTraceparent(h.Values(dpath.HeaderTraceparent))
	if err != nil {
		trace = dpath.NewTrace()
		h.Set(dpath.HeaderTraceparent, "00-"+trace+"-"+trace[:16]+"-01")
	}
	var env string
	if probe != nil {
		env = probe.Probe().Env
	} else {
		env = cfg.Identify(facts())
	}
	if env == "" {
		return dpath.Label{}, nil
	}
	return dpath.Sign(p.Keys, env, trace, p.Time(), ttl)
}
