package httpdpath

import (
	"net/http"
	"net/netip"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
)

// EntryOptions says how an entry identifies its traffic.
type EntryOptions struct {
	// Facts completes what is known of a request with verified claims: store,
	// member and channel from a token or certificate the entry has checked.
	// Header, cookies, query, path, peer address and verified client
	// certificate are already there.
	Facts func(*http.Request, *dpath.Facts)
	// TTL is the lifetime of labels; 0 means dpath.DefaultTTL.
	TTL time.Duration
}

// Entry is the middleware at the edge: it removes every label that came from
// outside, identifies the request, and sets the label once for the whole
// chain. A valid probe token chooses its environment itself.
func (p *Peer) Entry(next http.Handler, opts EntryOptions) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cfg := p.Store.Current()
		if cfg == nil {
			WriteError(w, carrier.ErrNoConfig)
			return
		}
		p.Metrics.LabelInvalid("outside", dpath.Strip(r.Header))
		out := &response{ResponseWriter: w, edge: true, trail: p.Probe(r.Header)}
		label, err := p.Identify(cfg, r.Header, out.trail, func() *dpath.Facts { return p.facts(r, opts) }, opts.TTL)
		if err != nil {
			WriteError(w, err)
			return
		}
		label.Inject(r.Header)
		if out.trail != nil {
			out.seal = func() string { return out.trail.Seal(p.Hop(cfg, label.Env(), trail.Entered), cfg.Hash()) }
		}
		out.serve(next, r, label)
	})
}

func (p *Peer) facts(r *http.Request, opts EntryOptions) *dpath.Facts {
	f := &dpath.Facts{Header: r.Header, Path: r.URL.Path, RawQuery: r.URL.RawQuery}
	if ap, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		f.Source = ap.Addr().Unmap()
	}
	if r.TLS != nil && len(r.TLS.VerifiedChains) > 0 {
		f.TLSClient = r.TLS.VerifiedChains[0][0].Subject.String()
	}
	if opts.Facts != nil {
		opts.Facts(r, f)
	}
	return f
}
