package openstack

import (
	"context"
	"sync"
	"time"
)

const (
	pollFirst = 300 * time.Millisecond
	pollLast  = 2 * time.Second
	// heardFirst and heardLast are the pauses while the region's own messages wake who waits: each look costs Nova a tenth
	// of a second of CPU.
	heardFirst = time.Second
	heardLast  = 4 * time.Second
	// longest is how long one call may take; the next one goes on where it stopped.
	longest = 10 * time.Minute
)

// poll calls step, ever more slowly, until it is done, fails, or ctx ends.
func poll(ctx context.Context, what string, step func() (bool, error)) error {
	return pollWith(ctx, what, nil, pollFirst, pollLast, step)
}

// pollServer is poll for a step that looks at one server, which is looked at again at once when the region tells of it.
func (d *Driver) pollServer(ctx context.Context, backend, what string, step func() (bool, error)) error {
	wake, leave := d.news.listen(backend)
	defer leave()
	first, last := pollFirst, pollLast
	if d.news.live() {
		first, last = heardFirst, heardLast
	}
	return pollWith(ctx, what, wake, first, last, step)
}

func pollWith(ctx context.Context, what string, wake <-chan struct{}, first, last time.Duration, step func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	for pause := first; ; pause = min(pause*5/4, last) {
		done, err := step()
		if done || err != nil {
			return err
		}
		timer := time.NewTimer(pause)
		select {
		case <-wake:
			timer.Stop()
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return mapped(what+" takes longer", ctx.Err())
		}
	}
}

// news wakes those who wait for a server, by Nova's id, when the region tells that something was done to it. Its zero
// value is ready.
type news struct {
	mu        sync.Mutex
	listening int // sessions on the region's message bus
	waiting   map[string]map[chan struct{}]bool
}

// listen returns what is sent to when there is news of a server, and what ends that.
func (n *news) listen(backend string) (<-chan struct{}, func()) {
	ch := make(chan struct{}, 1)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.waiting == nil {
		n.waiting = map[string]map[chan struct{}]bool{}
	}
	if n.waiting[backend] == nil {
		n.waiting[backend] = map[chan struct{}]bool{}
	}
	n.waiting[backend][ch] = true
	return ch, func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		if delete(n.waiting[backend], ch); len(n.waiting[backend]) == 0 {
			delete(n.waiting, backend)
		}
	}
}

// heard wakes who waits for a server.
func (n *news) heard(backend string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for ch := range n.waiting[backend] {
		select {
		case ch <- struct{}{}:
		default: // it has not looked yet since the last news
		}
	}
}

// awaited tells whether anybody waits for a server.
func (n *news) awaited(backend string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.waiting[backend]) > 0
}

// live tells whether anything would be heard.
func (n *news) live() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.listening > 0
}

// hear counts a session on the message bus; what it returns ends it.
func (n *news) hear() func() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.listening++
	return func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.listening--
	}
}
