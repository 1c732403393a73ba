package kvm

import (
	"context"
	"sync"

	"github.com/plazacloud/plaza/pkg/provider"
)

// copies are what takes longer than a call may wait. A call that ends leaves its copy running, and the next call for the
// same thing waits for it. The zero value is ready.
type copies struct {
	mu      sync.Mutex
	running map[string]*running
	closed  bool
	all     sync.WaitGroup
}

type running struct {
	cancel context.CancelFunc
	done   chan struct{}
	err    error // once done
}

// do runs f, or waits for the one that runs for key already. Timeout when ctx ends first.
func (c *copies) do(ctx context.Context, key, what string, f func(context.Context) error) error {
	r, err := c.join(ctx, key, f)
	if err != nil {
		return err
	}
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return provider.Errorf(provider.ReasonTimeout, "it goes on; ask again", "%s takes longer: %w", what, ctx.Err())
	}
}

func (c *copies) join(ctx context.Context, key string, f func(context.Context) error) (*running, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, provider.Errorf(provider.ReasonUnavailable, "ask again when it is back", "the agent is stopping")
	}
	if r := c.running[key]; r != nil {
		return r, nil
	}
	if c.running == nil {
		c.running = map[string]*running{}
	}
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r := &running{cancel: cancel, done: make(chan struct{})}
	c.running[key] = r
	c.all.Go(func() {
		defer cancel()
		r.err = f(work)
		c.mu.Lock()
		delete(c.running, key)
		c.mu.Unlock()
		close(r.done)
	})
	return r, nil
}

// stop ends the copy for key, if one runs, and waits for its end.
func (c *copies) stop(key string) {
	c.mu.Lock()
	r := c.running[key]
	c.mu.Unlock()
	if r != nil {
		r.cancel()
		<-r.done
	}
}

// close ends all copies and takes no more.
func (c *copies) close() {
	c.mu.Lock()
	c.closed = true
	for _, r := range c.running {
		r.cancel()
	}
	c.mu.Unlock()
	c.all.Wait()
}
