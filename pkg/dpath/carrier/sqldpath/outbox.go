package sqldpath

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath/carrier"
)

// Emit writes an event into the outbox inside tx, with label and trace of ctx:
// it exists exactly if its cause is committed. ID, Subject and Data are kept.
//
// Events of one aggregate are published in the order of their rows. Whoever
// writes them must serialise writers of an aggregate, as a lock on its row does.
func (c *Carrier) Emit(ctx context.Context, tx Execer, aggregate string, m *carrier.Message) error {
	l, err := c.park(ctx)
	if err != nil {
		return err
	}
	data := m.Data
	if data == nil {
		data = []byte{}
	}
	_, err = c.exec(ctx, tx, `INSERT INTO dpath_outbox (id, aggregate, subject, data, dpath_env, baggage, traceparent, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, m.ID, aggregate, m.Subject, data, l.env, l.baggage, l.traceparent, c.Peer.Time().UnixMilli())
	if err != nil {
		return fmt.Errorf("outbox: event %s: %w", m.ID, err)
	}
	return nil
}

// RelayOptions says how a relay works. The zero value is sensible.
type RelayOptions struct {
	Batch int           // rows read at once; 0 means 100
	Pause time.Duration // between two looks; 0 means a second
	// Lease is how long the outbox waits for a relay that died; 0 means 15 s.
	// Publishing one event must take less.
	Lease time.Duration
	Log   *slog.Logger // nil means the default logger
}

// Relay publishes the rows of the outbox until ctx ends, each under its own
// label and trace, and deletes what was published. An event is published at
// least once; what follows a failed one of the same aggregate waits for it.
//
// Of all processes that relay one outbox one does it at a time, for all lanes,
// since an aggregate's events may come from several. It only passes them on, so
// a dedicated node leaves that to public ones.
func (c *Carrier) Relay(ctx context.Context, o RelayOptions, publish carrier.Handler) error {
	if o.Batch <= 0 {
		o.Batch = 100
	}
	if o.Pause <= 0 {
		o.Pause = time.Second
	}
	if o.Lease <= 0 {
		o.Lease = 15 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	r := &relay{c, o, carrier.NewLanes(c.Peer, 0, o.Log), c.holder(), publish}
	defer r.release(context.WithoutCancel(ctx))
	for {
		if err := r.pass(ctx); err != nil && ctx.Err() == nil {
			o.Log.WarnContext(ctx, "outbox not relayed", "error", err.Error(), "again_in", o.Pause.String())
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(o.Pause):
		}
	}
}

type relay struct {
	*Carrier
	RelayOptions
	lanes   *carrier.Lanes
	holder  string
	publish carrier.Handler
}

const relayLease = "relay"

func (r *relay) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_, _ = r.exec(ctx, r.DB, `DELETE FROM dpath_lease WHERE name = $1 AND holder = $2`, relayLease, r.holder) // else it runs out
}

type event struct {
	seq       int64
	aggregate string
	message   carrier.Message
	label
}

// pass goes once through the outbox.
func (r *relay) pass(ctx context.Context) error {
	var failed error
	waits := map[string]bool{} // aggregates with an unpublished event
	for last := int64(0); ctx.Err() == nil && r.lanes.Takes(carrier.CommonLane); {
		until := r.Peer.Time().Add(r.Lease)
		if held, err := r.lease(ctx, relayLease, r.holder, until); err != nil || !held {
			return errors.Join(failed, err)
		}
		events, err := r.read(ctx, last)
		if err != nil || len(events) == 0 {
			return errors.Join(failed, err)
		}
		for _, e := range events {
			if !r.Peer.Time().Before(until.Add(-r.Lease / 2)) {
				break // renew the lease first
			}
			last = e.seq
			if waits[e.aggregate] {
				continue
			}
			if err := r.relay(ctx, &e); err != nil {
				waits[e.aggregate], failed = true, err
			}
		}
	}
	return failed
}

func (r *relay) read(ctx context.Context, after int64) ([]event, error) {
	rows, err := r.DB.QueryContext(ctx, `SELECT seq, aggregate, id, subject, data, dpath_env, baggage, traceparent
		FROM dpath_outbox WHERE seq > $1 ORDER BY seq LIMIT $2`, after, r.Batch)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var events []event
	for rows.Next() {
		var e event
		if err := rows.Scan(&e.seq, &e.aggregate, &e.message.ID, &e.message.Subject, &e.message.Data, &e.env, &e.baggage, &e.traceparent); err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	return events, rows.Err()
}

func (r *relay) relay(ctx context.Context, e *event) error {
	cfg := r.Peer.Store.Current()
	if cfg == nil {
		return carrier.ErrNoConfig
	}
	under, _ := r.Peer.Restore(ctx, cfg, e.header())
	if err := r.publish(under, &e.message); err != nil {
		return fmt.Errorf("event %s: %w", e.message.ID, err)
	}
	_, err := r.exec(ctx, r.DB, `DELETE FROM dpath_outbox WHERE seq = $1`, e.seq)
	return err
}
