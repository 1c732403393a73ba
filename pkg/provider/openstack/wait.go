package openstack

import (
	"context"
	"sync"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
)

const (
	pollFirst = 300 * time.Millisecond
	pollLast  = 2 * time.Second
	// heardFirst and heardLast are the pauses while the region's own messages wake who waits: each look costs Nova a tenth
	// of a second of CPU.
	heardFirst = time.Second
	heardLast  = 4 * time.Second
	// eachWaiter is the least pause for each server that is waited for: looks at a hundred are hardly more a second than at ten.
	eachWaiter = 150 * time.Millisecond
	// spareTime is left of a call's time when it stops waiting, so that it is not cut off amid a question.
	spareTime = 3 * time.Second
	// longest is how long one call may take; the next one goes on where it stopped.
	longest = 10 * time.Minute
)

// poll calls step, ever more slowly, until it is done, fails, or ctx ends.
func poll(ctx context.Context, what string, step func() (bool, error)) error {
	return pollWith(ctx, what, nil, func(n int) time.Duration { return backOff(pollFirst, pollLast, n) }, step)
}

// pollServer is poll for a step that looks at one server, which is looked at again at once when the region tells of it.
func (d *Driver) pollServer(ctx context.Context, backend, what string, step func() (bool, error)) error {
	wake, leave := d.news.listen(backend)
	defer leave()
	first, last := pollFirst, pollLast
	if d.news.live() {
		first, last = heardFirst, heardLast
	}
	return pollWith(ctx, what, wake, func(n int) time.Duration {
		return max(backOff(first, last, n), time.Duration(d.news.crowd())*eachWaiter)
	}, step)
}

// backOff is the n-th pause, from 0: a quarter longer each time.
func backOff(first, last time.Duration, n int) time.Duration {
	for ; n > 0 && first < last; n-- {
		first = first * 5 / 4
	}
	return min(first, last)
}

func pollWith(ctx context.Context, what string, wake <-chan struct{}, pause func(n int) time.Duration, step func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	end, _ := ctx.Deadline()
	spare := min(time.Until(end)/10, spareTime)
	for n := 0; ; n++ {
		done, err := step()
		if done || err != nil {
			return err
		}
		if time.Until(end) <= spare {
			return provider.Errorf(provider.ReasonUnderWay, "it goes on by itself", "%s takes longer", what)
		}
		timer := time.NewTimer(min(pause(n), time.Until(end)-spare))
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

// crowd is how many servers are waited for.
func (n *news) crowd() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.waiting)
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
