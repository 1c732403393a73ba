package grpcdpath

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
)

// gate decides about a call before business code sees it: the context to serve
// it under, or an error that refuses it.
type gate func(ctx context.Context, method string) (context.Context, *served, error)

// options puts a gate before unary calls and streams alike.
func (g gate) options() []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(func(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
			ctx, s, err := g(ctx, info.FullMethod)
			if err != nil {
				return nil, err
			}
			resp, err := next(ctx, req)
			s.end(ctx, err)
			return resp, err
		}),
		grpc.ChainStreamInterceptor(func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
			ctx, s, err := g(ss.Context(), info.FullMethod)
			if err != nil {
				return err
			}
			err = next(srv, serverStream{ss, ctx})
			s.end(ctx, err)
			return err
		}),
	}
}

type serverStream struct {
	grpc.ServerStream
	ctx context.Context //nolint:containedctx // a grpc.ServerStream brings its context
}

// Context implements grpc.ServerStream.
func (s serverStream) Context() context.Context { return s.ctx }

// served is a call that a gate let through.
type served struct {
	carrier.Serving
	edge  bool             // nothing of ours may leave except a probe's trail
	trail *trail.Collector // nil unless a probe
	seal  func() string
}

// context is what the handler works under: the label, and the headers as the
// gate left them.
func (s *served) context(ctx context.Context, md metadata.MD, label dpath.Label) context.Context {
	ctx = metadata.NewIncomingContext(ctx, md)
	ctx = dpath.WithLabel(ctx, label)
	ctx = carrier.WithServing(ctx, &s.Serving)
	if s.trail != nil {
		ctx = trail.WithCollector(ctx, s.trail)
	}
	return ctx
}

// end adds to the trailer what the caller's carrier needs to know.
func (s *served) end(ctx context.Context, err error) {
	md := metadata.MD{}
	if !s.edge && failed(err) && s.Failed() {
		md.Set(trailerDownstream, "failed")
	}
	if s.trail != nil {
		md.Set(trailerTrail, s.seal())
	}
	if len(md) > 0 {
		_ = grpc.SetTrailer(ctx, md) // the caller is gone if this fails
	}
}
