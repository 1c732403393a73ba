package httpdpath

import (
	"net/http"
	"slices"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
)

// GuardOptions says what the guard lets through. The zero value is strict.
type GuardOptions struct {
	// Exempt lists exact paths served to anybody, such as /healthz. They must
	// have no effect beyond their answer.
	Exempt []string
}

// Guard protects a provider: it verifies the label of each call, puts it into
// the request's context, and lets a dedicated node serve only calls of its own
// environment. Others get 421 with reason dpath-misdirected before next sees
// them, and calls of a rehearsal that is not kept apart here 403. Without any configuration it answers 503, since the node cannot know
// whether it is dedicated.
func (p *Peer) Guard(next http.Handler, opts GuardOptions) http.Handler {
	exempt := slices.Clone(opts.Exempt)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if slices.Contains(exempt, r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		p.guard(w, r, next)
	})
}

func (p *Peer) guard(w http.ResponseWriter, r *http.Request, next http.Handler) {
	cfg := p.Store.Current()
	if cfg == nil {
		WriteError(w, carrier.ErrNoConfig)
		return
	}
	label := p.Label(r.Header)
	out := &response{ResponseWriter: w, trail: p.Probe(r.Header)}
	lane, refusal := p.Admits(cfg, label)
	var decision string
	if v := r.Header[trail.HeaderDecision]; len(v) > 0 {
		decision = v[0]
		delete(r.Header, trail.HeaderDecision)
	}
	if out.trail != nil {
		if refusal == carrier.ErrMisdirected && out.trail.Probe().NoGuard {
			refusal = nil
		}
		if refusal != nil {
			decision = trail.Refused
		}
		out.seal = func() string { return out.trail.Seal(p.Hop(cfg, label.Env(), decision), cfg.Hash()) }
	}
	if refusal != nil {
		p.Metrics.GuardReject(p.App, lane)
		status := http.StatusForbidden
		if refusal == carrier.ErrMisdirected {
			status = http.StatusMisdirectedRequest
		}
		writeProblem(out, problem{Status: status, Reason: refusal.Reason, Detail: refusal.Message, Hint: refusal.Hint})
		return
	}
	defer p.join(out, r, label)()
	out.serve(next, r, label)
}

// serve runs the handler under the call's label.
func (w *response) serve(next http.Handler, r *http.Request, label dpath.Label) {
	ctx := w.serving.Under(w.label.Under(r.Context(), label))
	if w.trail != nil {
		ctx = trail.WithCollector(ctx, w.trail)
	}
	w.request = *r.WithContext(ctx)
	next.ServeHTTP(w, &w.request)
	w.header(http.StatusOK) // a handler that wrote nothing
}
