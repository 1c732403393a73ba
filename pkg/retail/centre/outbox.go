package centre

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"
)

const emitSQL = `INSERT INTO outbox (aggregate, aggregate_id, type, payload, dpath_env, traceparent)
	VALUES ($1, $2, $3, $4, $5, $6)`

// Emit writes one event into the outbox inside tx, with the lane label and the trace of ctx, so
// that an event exists exactly if its cause was committed.
func Emit(ctx context.Context, tx pgx.Tx, aggregate, id, eventType string, payload any) error {
	body, err := json.Marshal(payload)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, emitSQL, aggregate, id, eventType, body, Env(ctx), Traceparent(ctx))
	return err
}
