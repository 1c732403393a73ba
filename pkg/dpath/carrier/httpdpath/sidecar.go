package httpdpath

import (
	"net/http"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
)

// incoming is a call being served, as its outgoing calls need to know it.
type incoming struct {
	trail   *trail.Collector
	serving *carrier.Serving
	shadow  bool
}

// join remembers a call by its trace while it is served. Of calls of one trace
// at the same node (A → B → A) the outermost counts: it ends last.
func (p *Peer) join(w *response, r *http.Request, label dpath.Label) (leave func()) {
	if !p.Sidecar {
		return func() {}
	}
	trace, _, err := dpath.ParseTraceparent(r.Header.Values(dpath.HeaderTraceparent))
	if err != nil {
		return func() {}
	}
	if _, taken := p.active.LoadOrStore(trace, incoming{w.trail, &w.serving, label.Shadow()}); taken {
		return func() {}
	}
	return func() { p.active.Delete(trace) }
}

// Outbound is the middleware before a [Transport] that serves a local process
// without the toolkit: the label is read from the headers that process passed
// on, and verified like any other. Listen on loopback only. With Peer.Sidecar
// set, trails and failures find their way back to the call being served, and
// what a rehearsal's call causes is refused when that process dropped its label.
func (p *Peer) Outbound(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		label := p.Label(r.Header)
		clearHop(r.Header)
		ctx := dpath.WithLabel(r.Context(), label)
		if trace, _, err := dpath.ParseTraceparent(r.Header.Values(dpath.HeaderTraceparent)); err == nil {
			if found, ok := p.active.Load(trace); ok {
				in := found.(incoming)
				if in.shadow && !label.Shadow() {
					WriteError(w, dpath.ErrShadowLost)
					return
				}
				ctx = carrier.WithServing(ctx, in.serving)
				if in.trail != nil {
					ctx = trail.WithCollector(ctx, in.trail)
				}
			}
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
