package inventory

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/jackc/pgx/v5"

	"github.com/plazacloud/plaza/pkg/retail/centre"
	"github.com/plazacloud/plaza/pkg/retail/problem"
)

// Requests for one SKU that arrive while a transaction is under way are combined: the next
// transaction applies them all, each with its own yes or no, so that the hot row is locked for
// one commit and not for one commit each. The guard is in the SQL; several processes stay exact.
const (
	queues   = 2
	maxBatch = 64
)

type ticket struct {
	ctx  context.Context //nolint:containedctx // lane and trace of the request, for the event of a batch that others share
	cmd  *centre.Command
	in   NewReservation
	line Line
	rec  *centre.Recorded
	err  error
	solo bool // could not be decided in the batch: to be tried by itself
	done chan struct{}
}

type queue struct {
	mu      sync.Mutex
	pending []*ticket
	busy    bool
}

// serveReserve answers POST /v1/inventory/reservations.
func (s *Service) serveReserve(w http.ResponseWriter, r *http.Request) {
	rec, err := s.tryReserve(r)
	if err != nil {
		s.Fail(w, r, err)
		return
	}
	rec.WriteTo(w)
}

func (s *Service) tryReserve(r *http.Request) (*centre.Recorded, error) {
	cmd, err := centre.ReadCommand(r)
	if err != nil {
		return nil, err
	}
	t := &ticket{ctx: r.Context(), cmd: cmd, done: make(chan struct{})}
	if err := centre.Decode(cmd.Body, &t.in); err != nil {
		return nil, err
	}
	if t.in.check() != nil || len(t.in.Lines) != 1 {
		return centre.Execute(s.Centre, r, cmd, s.reserve)
	}
	s.enqueue(t)
	select {
	case <-t.done:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if t.solo {
		return centre.Execute(s.Centre, r, cmd, s.reserve)
	}
	return t.rec, t.err
}

func (s *Service) enqueue(t *ticket) {
	q := &s.queues[xxhash.Sum64String(t.in.Lines[0].SKU)%queues]
	q.mu.Lock()
	defer q.mu.Unlock()
	q.pending = append(q.pending, t)
	if !q.busy {
		q.busy = true
		go s.serveQueue(q)
	}
}

// serveQueue works until the queue is empty.
func (s *Service) serveQueue(q *queue) {
	for {
		q.mu.Lock()
		n := min(len(q.pending), maxBatch)
		batch := slices.Clone(q.pending[:n])
		q.pending = slices.Delete(q.pending, 0, n)
		q.busy = n > 0
		q.mu.Unlock()
		if n == 0 {
			return
		}
		// One order of rows for every transaction, so that none waits for another in a circle.
		slices.SortStableFunc(batch, func(a, b *ticket) int { return strings.Compare(a.in.Lines[0].SKU, b.in.Lines[0].SKU) })
		s.serveBatch(batch)
	}
}

func (s *Service) serveBatch(batch []*ticket) {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	err := s.InTx(ctx, func(tx pgx.Tx) error { return combine(ctx, tx, batch) })
	for _, t := range batch {
		if err != nil {
			t.rec, t.err, t.solo = nil, nil, true
		}
		close(t.done)
	}
}

func combine(ctx context.Context, tx pgx.Tx, batch []*ticket) error {
	cmds := make([]*centre.Command, len(batch))
	for i, t := range batch {
		cmds[i], t.solo = t.cmd, false
	}
	recs, refusals, err := centre.Claims(ctx, tx, cmds)
	if err != nil {
		return err
	}
	var open []*ticket
	for i, t := range batch {
		if t.rec, t.err = recs[i], refusals[i]; t.rec == nil && t.err == nil {
			open = append(open, t)
		}
	}
	if len(open) == 0 {
		return nil
	}
	if err := choose(ctx, tx, open); err != nil {
		return err
	}
	return holdAll(ctx, tx, open)
}

// choose reads the stock once and places the tickets that leave the node open, taking earlier
// tickets of the batch into account.
func choose(ctx context.Context, tx pgx.Tx, batch []*ticket) error {
	var wanted []string
	for _, t := range batch {
		if t.line = t.in.Lines[0]; t.line.Node == "" {
			wanted = append(wanted, t.line.SKU)
		}
	}
	if wanted == nil {
		return nil
	}
	stock, err := candidates(ctx, tx, wanted)
	if err != nil {
		return err
	}
	for _, t := range batch {
		for i := range stock {
			s := &stock[i]
			if s.SKU == t.line.SKU && (t.line.Node == s.Node || (t.line.Node == "" && s.Qty >= t.line.Qty)) {
				t.line.Node = s.Node
				s.Qty -= t.line.Qty
				break
			}
		}
	}
	return nil
}

func holdAll(ctx context.Context, tx pgx.Tx, batch []*ticket) error {
	b := &pgx.Batch{}
	for _, t := range batch {
		l := t.line
		b.Queue(reserveSQL, []string{l.SKU}, []string{l.Node}, []int64{l.Qty}, t.in.ID.String(), t.in.ID, t.in.Ref, float64(t.in.TTL))
	}
	rows := tx.SendBatch(ctx, b)
	var end centre.Endings
	for _, t := range batch {
		var expires *time.Time
		var n int
		var free int64
		err := rows.QueryRow().Scan(&expires, &n, &free)
		if err == nil {
			err = t.end(&end, expires, free)
		}
		if err != nil {
			_ = rows.Close()
			return err
		}
	}
	if err := rows.Close(); err != nil {
		return err
	}
	return end.Write(ctx, tx)
}

func (t *ticket) end(e *centre.Endings, expires *time.Time, free int64) (err error) {
	switch {
	case expires != nil:
		res := Reservation{ID: *t.in.ID, Ref: t.in.Ref, State: Held, ExpiresAt: *expires, Lines: []Line{t.line}}
		if t.rec, err = e.Settle(t.cmd, http.StatusCreated, res); err != nil {
			return err
		}
		return e.Emit(t.ctx, "reservation", res.ID.String(), "inventory.reserved", res)
	case t.in.Lines[0].Node == "":
		// Another node may still have it: its own transaction looks again.
		t.solo = true
		e.Disclaim(t.cmd)
		return nil
	}
	short := insufficient([]Short{{SKU: t.line.SKU, Node: t.line.Node, Wanted: t.line.Qty, Available: free}})
	t.rec, err = e.Settle(t.cmd, problem.From(short).Status, short)
	return err
}
