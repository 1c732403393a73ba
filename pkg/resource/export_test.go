package resource

import (
	"context"
	"time"
)

// SetClock replaces the clock that stamps what is written.
func (s *Store) SetClock(now func() time.Time) { s.now = now }

// Lease is lease, for tests of who may work on an object.
func (s *Store) Lease(ctx context.Context, kind, id, holder string, ttl time.Duration) (Raw, bool, error) {
	return s.lease(ctx, kind, id, holder, ttl)
}

// SetPieces makes lists look at rows in pieces that begin with so many, and end a page when patience is over.
func (s *Store) SetPieces(first int, patience time.Duration) { s.pieces = pieces{first, patience} }
