// Package keyed serialises work by key.
package keyed

import "sync"

// Mutex serialises work on one key and lets others go on. The zero value is ready.
type Mutex struct {
	mu   sync.Mutex
	held map[string]*waiters
}

type waiters struct {
	sync.Mutex
	n int // holders and waiters
}

// Lock takes the key and returns what releases it.
func (k *Mutex) Lock(key string) func() {
	k.mu.Lock()
	if k.held == nil {
		k.held = map[string]*waiters{}
	}
	w := k.held[key]
	if w == nil {
		w = &waiters{}
		k.held[key] = w
	}
	w.n++
	k.mu.Unlock()
	w.Lock()
	return func() {
		w.Unlock()
		k.mu.Lock()
		defer k.mu.Unlock()
		if w.n--; w.n == 0 {
			delete(k.held, key)
		}
	}
}
