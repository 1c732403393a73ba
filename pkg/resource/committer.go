package resource

import (
	"context"
	"sync"

	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/store"
)

// maxBatch bounds how many changes share a transaction.
const maxBatch = 64

// committer gathers changes that wait at the same time into one transaction: the engine's flush to disk is then paid
// once for all. When a batch is refused, each of its changes is tried alone, so that only the guilty one fails.
type committer struct {
	store  *Store
	queue  chan *change
	closed chan struct{}
	once   sync.Once
	wg     sync.WaitGroup
}

func newCommitter(s *Store) *committer {
	c := &committer{store: s, queue: make(chan *change, 4*maxBatch), closed: make(chan struct{})}
	workers := 1
	if s.db.Dialect == store.Postgres {
		workers = 4
	}
	for range workers {
		c.wg.Go(c.run)
	}
	return c
}

// commit writes the change and returns when it is durable or refused. A caller that gives up does not undo it.
func (c *committer) commit(ctx context.Context, ch *change) error {
	ch.ctx, ch.done = context.WithoutCancel(ctx), make(chan error, 1)
	select {
	case c.queue <- ch:
	case <-c.closed:
		return Problemf(ReasonUnavailable, "", "try again in a moment", "the server is stopping")
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-ch.done:
		return err
	case <-c.closed:
		select {
		case err := <-ch.done:
			return err
		default:
			return Problemf(ReasonUnavailable, "", "read whether it was done, then try again", "the server is stopping")
		}
	}
}

func (c *committer) run() {
	for {
		select {
		case first := <-c.queue:
			c.flush(c.gather(first))
		case <-c.closed:
			return
		}
	}
}

func (c *committer) gather(first *change) []*change {
	batch := []*change{first}
	for len(batch) < maxBatch {
		select {
		case next := <-c.queue:
			batch = append(batch, next)
		default:
			return batch
		}
	}
	return batch
}

func (c *committer) flush(batch []*change) {
	err := c.transact(batch)
	if err == nil || len(batch) == 1 {
		for _, ch := range batch {
			c.answer(ch, err)
		}
	} else {
		for _, ch := range batch {
			c.answer(ch, c.transact([]*change{ch}))
		}
	}
	c.store.committed()
}

func (c *committer) answer(ch *change, err error) {
	if err != nil {
		err = explain(ch, err)
	}
	ch.done <- err
}

func (c *committer) transact(batch []*change) error {
	return c.store.db.Tx(batch[0].ctx, func(ctx context.Context, tx bun.Tx) error { return c.store.write(ctx, tx, batch) })
}

func (c *committer) close() {
	c.once.Do(func() { close(c.closed) })
	c.wg.Wait()
}

// committed tells watchers and workers that there is something new.
func (s *Store) committed() {
	s.hub.poke()
	if s.jobs != nil {
		s.jobs.Wake()
	}
}
