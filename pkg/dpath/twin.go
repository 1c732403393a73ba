package dpath

import "context"

// Twin is something of which rehearsals have one of their own, so that nothing
// real comes of them: a pool of connections, a bucket, a bank's client. Take it
// out by the context of the call that is served:
//
//	orders := dpath.NewTwin(real, shadow) // *sql.DB as two roles; the shadow's has no right on real schemas
//	db, err := orders.Of(ctx)
type Twin[T any] struct {
	real, shadow T
	twofold      bool
}

// NewTwin makes a twin of what is real and what rehearsals use.
func NewTwin[T any](real, shadow T) Twin[T] { return Twin[T]{real, shadow, true} }

// Single makes one of which rehearsals have nothing.
func Single[T any](real T) Twin[T] { return Twin[T]{real: real} }

// Of gives what the call that a context belongs to may use. The error is
// [ErrNoShadow], or [ErrShadowLost] when the call's label is not valid any more.
func (t Twin[T]) Of(ctx context.Context) (T, error) {
	var none T
	label := FromContext(ctx)
	switch {
	case !label.shadow:
		return t.real, nil
	case !label.Valid():
		return none, ErrShadowLost
	case !t.twofold:
		return none, ErrNoShadow
	}
	return t.shadow, nil
}
