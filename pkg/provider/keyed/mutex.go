// Package keyed serialises what drivers do to one thing, by its key.
package keyed

import (
	"context"
	"slices"
	"sync"

	"github.com/plazacloud/plaza/pkg/provider"
)

// Mutex serialises work on one key and lets others go on. The zero value is ready.
type Mutex struct {
	mu   sync.Mutex
	held map[string]*place
}

type place struct {
	free chan struct{} // empty while somebody has the key
	n    int           // holders and waiters
}

// Lock takes the keys, one after the other, and returns what releases them, which may be called again. Timeout when ctx ends while
// others have one: nobody waits any more for what would be done then, and those who come after it must not wait for it either.
func (k *Mutex) Lock(ctx context.Context, keys ...string) (unlock func(), err error) {
	unlocks := make([]func(), 0, len(keys))
	unlock = sync.OnceFunc(func() {
		for _, one := range slices.Backward(unlocks) {
			one()
		}
	})
	for _, key := range keys {
		one, err := k.lock(ctx, key)
		if err != nil {
			unlock()
			return nil, err
		}
		unlocks = append(unlocks, one)
	}
	return unlock, nil
}

func (k *Mutex) lock(ctx context.Context, key string) (unlock func(), err error) {
	p := k.join(key)
	select {
	case <-p.free:
		return func() {
			p.free <- struct{}{}
			k.leave(key, p)
		}, nil
	case <-ctx.Done():
		k.leave(key, p)
		return nil, provider.Errorf(provider.ReasonTimeout, "try again when that has ended", "other work on %s goes on: %w", key, context.Cause(ctx))
	}
}

func (k *Mutex) join(key string) *place {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.held == nil {
		k.held = map[string]*place{}
	}
	p := k.held[key]
	if p == nil {
		p = &place{free: make(chan struct{}, 1)}
		p.free <- struct{}{}
		k.held[key] = p
	}
	p.n++
	return p
}

func (k *Mutex) leave(key string, p *place) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if p.n--; p.n == 0 {
		delete(k.held, key)
	}
}
