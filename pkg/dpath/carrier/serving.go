package carrier

import (
	"context"
	"sync/atomic"
)

// Serving is what the calls made while a call is served report back, whatever
// protocol they use, so that a node is not blamed for a failure it only passes
// on. The zero value is ready; it is safe for concurrent use.
type Serving struct {
	context.Context //nolint:containedctx // see Under
	failed          atomic.Bool
}

type servingKey struct{}

// WithServing puts the state of the call being served into its context.
func WithServing(ctx context.Context, s *Serving) context.Context {
	return context.WithValue(ctx, servingKey{}, s)
}

// Under gives [WithServing] of ctx and s, for the call that s was made for: the context is s itself, so that nothing
// more is made for each call.
func (s *Serving) Under(ctx context.Context) context.Context {
	s.Context = ctx
	return s
}

// Value implements context.Context.
func (s *Serving) Value(key any) any {
	if key == (servingKey{}) {
		return s
	}
	return s.Context.Value(key)
}

// DownstreamFailed notes that a call made under ctx failed. Without a
// [Serving] in ctx it does nothing.
func DownstreamFailed(ctx context.Context) {
	if s, ok := ctx.Value(servingKey{}).(*Serving); ok {
		s.failed.Store(true)
	}
}

// Failed tells whether a call further down has failed.
func (s *Serving) Failed() bool { return s.failed.Load() }
