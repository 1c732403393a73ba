package grpcdpath

import (
	"context"
	"net"
	"net/url"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/resolver"

	"github.com/plazacloud/plaza/pkg/dpath"
)

// Outside gives the options of a plain connection to a host that is no app:
// the label leaves only for hosts that the rule document trusts, and calls of a
// rehearsal only for simulators.
func (p *Peer) Outside() []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithChainUnaryInterceptor(func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, next grpc.UnaryInvoker, opts ...grpc.CallOption) error {
			out, err := p.outside(ctx, cc)
			if err != nil {
				return err
			}
			return next(out, method, req, reply, cc, append(opts, noted(ctx))...)
		}),
		grpc.WithChainStreamInterceptor(func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, next grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
			out, err := p.outside(ctx, cc)
			if err != nil {
				return nil, err
			}
			return next(out, desc, cc, method, append(opts, noted(ctx))...)
		}),
	}
}

func noted(ctx context.Context) grpc.CallOption {
	return grpc.OnFinish(func(err error) { note(ctx, err) })
}

func (p *Peer) outside(ctx context.Context, cc *grpc.ClientConn) (context.Context, error) {
	md, _ := metadata.FromOutgoingContext(ctx)
	h := headers(md)
	clearHop(h)
	label, err := p.Peer.Outside(p.Store.Current(), host(cc.CanonicalTarget()), dpath.FromContext(ctx))
	if err != nil {
		return nil, routeFailed(err)
	}
	label.Inject(h)
	return metadata.NewOutgoingContext(ctx, fromHeaders(h)), nil
}

// host gives the host of a target such as dns:///pay.example:443, "" when it
// names none.
func host(target string) string {
	u, err := url.Parse(target)
	if err != nil {
		return ""
	}
	endpoint := resolver.Target{URL: *u}.Endpoint()
	if h, _, err := net.SplitHostPort(endpoint); err == nil {
		return h
	}
	return endpoint
}
