package grpcdpath

import (
	"context"
	"net/http"
	"net/netip"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
)

// EntryOptions says how an entry identifies its traffic.
type EntryOptions struct {
	// Facts completes what is known of a call with verified claims: store,
	// member and channel from a token or certificate the entry has checked.
	// Metadata as header and cookies, full method as path, peer address and
	// verified client certificate are already there.
	Facts func(ctx context.Context, method string, f *dpath.Facts)
	// TTL is the lifetime of labels, also of those in long streams; 0 means
	// dpath.DefaultTTL.
	TTL time.Duration
}

// Entry gives the options of a server at the edge: it removes every label that
// came from outside, identifies the call, and sets the label once for the
// whole chain. A valid probe token chooses its environment itself.
func (p *Peer) Entry(opts EntryOptions) []grpc.ServerOption {
	return gate(func(ctx context.Context, method string) (context.Context, *served, error) {
		cfg := p.Store.Current()
		if cfg == nil {
			return nil, nil, noConfig(p.App)
		}
		md, _ := metadata.FromIncomingContext(ctx)
		h := headers(md)
		p.Metrics.LabelInvalid("outside", strip(h))
		s := &served{edge: true, trail: p.Probe(h)}
		label, err := p.Identify(cfg, h, s.trail, func() *dpath.Facts { return facts(ctx, h, method, opts) }, opts.TTL)
		if err != nil {
			return nil, nil, routeFailed(carrier.RouteFailed(p.App, label.Env(), err, nil))
		}
		label.Inject(h)
		s.seal = func() string { return s.trail.Seal(p.Hop(cfg, label.Env(), trail.Entered), cfg.Hash()) }
		return s.context(ctx, fromHeaders(h), label), s, nil
	}).options()
}

func facts(ctx context.Context, h http.Header, method string, opts EntryOptions) *dpath.Facts {
	f := &dpath.Facts{Header: h, Path: method}
	if caller, ok := peer.FromContext(ctx); ok {
		if ap, err := netip.ParseAddrPort(caller.Addr.String()); err == nil {
			f.Source = ap.Addr().Unmap()
		}
		if t, ok := caller.AuthInfo.(credentials.TLSInfo); ok && len(t.State.VerifiedChains) > 0 {
			f.TLSClient = t.State.VerifiedChains[0][0].Subject.String()
		}
	}
	if opts.Facts != nil {
		opts.Facts(ctx, method, f)
	}
	return f
}
