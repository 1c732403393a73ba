package openstack

import (
	"context"
	"sync"
)

// locks serialises work on one object; unlike a mutex it does not make a caller wait past its deadline.
type locks struct {
	mu   sync.Mutex
	held map[string]*holder
}

type holder struct {
	turn chan struct{} // holds one token while free
	n    int           // holders and waiters
}

// lock takes the key and returns what releases it; it fails when ctx ends first.
func (l *locks) lock(ctx context.Context, key string) (func(), error) {
	l.mu.Lock()
	if l.held == nil {
		l.held = map[string]*holder{}
	}
	h := l.held[key]
	if h == nil {
		h = &holder{turn: make(chan struct{}, 1)}
		h.turn <- struct{}{}
		l.held[key] = h
	}
	h.n++
	l.mu.Unlock()
	select {
	case <-h.turn:
		return func() { h.turn <- struct{}{}; l.leave(key, h) }, nil
	case <-ctx.Done():
		l.leave(key, h)
		return nil, mapped("wait for the turn", ctx.Err())
	}
}

func (l *locks) leave(key string, h *holder) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if h.n--; h.n == 0 {
		delete(l.held, key)
	}
}
