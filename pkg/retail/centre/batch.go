package centre

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Claims claims the keys of several commands in one round trip. For each it gives what Claim
// would; the last error is that of the transaction.
func Claims(ctx context.Context, tx pgx.Tx, cmds []*Command) ([]*Recorded, []error, error) {
	b := &pgx.Batch{}
	for _, c := range cmds {
		b.Queue(claimSQL, c.Caller, c.Key, c.Hash)
	}
	rows := tx.SendBatch(ctx, b)
	recs, refusals := make([]*Recorded, len(cmds)), make([]error, len(cmds))
	for i, c := range cmds {
		rec, sound, err := scanClaim(rows.QueryRow(), c)
		if !sound {
			_ = rows.Close()
			return nil, nil, err
		}
		recs[i], refusals[i] = rec, err
	}
	return recs, refusals, rows.Close()
}

// Endings gathers the outbox rows and answers of several commands, to be written in one round trip.
type Endings struct{ batch pgx.Batch }

// Emit is like the function Emit.
func (e *Endings) Emit(ctx context.Context, aggregate, id, eventType string, payload any) error {
	body, err := json.Marshal(payload)
	if err == nil {
		e.batch.Queue(emitSQL, aggregate, id, eventType, body, Env(ctx), Traceparent(ctx))
	}
	return err
}

// Settle is like the function Settle and returns what is recorded.
func (e *Endings) Settle(cmd *Command, status int, answer any) (*Recorded, error) {
	body, err := json.Marshal(answer)
	if err == nil {
		e.batch.Queue(settleSQL, cmd.Caller, cmd.Key, status, body)
	}
	return &Recorded{Status: status, Body: body}, err
}

// Disclaim gives the key back, as if it had not been claimed.
func (e *Endings) Disclaim(cmd *Command) {
	e.batch.Queue(`DELETE FROM idempotency WHERE caller = $1 AND key = $2 AND status IS NULL`, cmd.Caller, cmd.Key)
}

// Write sends what was gathered; each statement must have changed one row.
func (e *Endings) Write(ctx context.Context, tx pgx.Tx) error {
	rows := tx.SendBatch(ctx, &e.batch)
	for i := range e.batch.Len() {
		tag, err := rows.Exec()
		if err == nil && tag.RowsAffected() != 1 {
			err = fmt.Errorf("ending %d changed %d rows", i, tag.RowsAffected())
		}
		if err != nil {
			_ = rows.Close()
			return err
		}
	}
	return rows.Close()
}
