package inventory

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/plazacloud/plaza/pkg/retail/centre"
	"github.com/plazacloud/plaza/pkg/retail/problem"
)

// endSQL moves one held reservation to a terminal state and gives its stock back, or out, in one
// statement. The guard on the state makes the terminal state unique: a second end finds no row.
const endSQL = `
WITH r AS (
    UPDATE reservation SET state = $2, ended_at = now() WHERE id = $1 AND state = 'held' RETURNING id),
l AS MATERIALIZED (
    SELECT b.sku, b.node, rl.qty FROM reservation_line rl JOIN r ON r.id = rl.reservation
    JOIN balance b ON b.sku = rl.sku AND b.node = rl.node ORDER BY b.sku, b.node FOR UPDATE OF b),
upd AS (
    UPDATE balance b SET reserved = b.reserved - l.qty, version = b.version + 1,
        on_hand = b.on_hand - CASE WHEN $2 = 'confirmed' THEN l.qty ELSE 0 END
    FROM l WHERE b.sku = l.sku AND b.node = l.node RETURNING b.sku, b.node, l.qty),
mov AS (
    INSERT INTO movement (sku, node, kind, on_hand, reserved, ref)
    SELECT sku, node, $3, CASE WHEN $2 = 'confirmed' THEN -qty ELSE 0 END, -qty, $1::text FROM upd RETURNING 1)
SELECT (SELECT count(*) FROM r), (SELECT count(*) FROM mov)`

var movementKind = map[string]string{Confirmed: "confirm", Released: "release", Expired: "expire"}

// end brings the reservation to the state it names. It is true if this call did it.
func end(ctx context.Context, tx pgx.Tx, id uuid.UUID, state string) (bool, error) {
	var ended, moved int
	err := tx.QueryRow(ctx, endSQL, id, state, movementKind[state]).Scan(&ended, &moved)
	if err != nil || ended == 0 {
		return false, err
	}
	return true, centre.Emit(ctx, tx, "reservation", id.String(), "inventory."+state, map[string]any{"id": id, "lines": moved})
}

// reservationVerb answers POST /v1/inventory/reservations/{id}:confirm and :release.
func (s *Service) reservationVerb(w http.ResponseWriter, r *http.Request) {
	raw, verb, _ := strings.Cut(r.PathValue("verb"), ":")
	id, err := uuid.Parse(raw)
	state := map[string]string{"confirm": Confirmed, "release": Released}[verb]
	if err != nil || state == "" {
		problem.Write(w, problem.NotFound("reservation", r.PathValue("verb")))
		return
	}
	centre.Post(s.Centre, func(ctx context.Context, tx pgx.Tx, _ *http.Request, _ struct{}) (centre.Reply, error) {
		return s.finish(ctx, tx, id, state)
	})(w, r)
}

func (s *Service) finish(ctx context.Context, tx pgx.Tx, id uuid.UUID, state string) (centre.Reply, error) {
	if _, err := end(ctx, tx, id, state); err != nil {
		return centre.Reply{}, err
	}
	res, err := load(ctx, tx, id)
	if isNotFound(err) && state == Released {
		// A release that overtakes its reserve leaves a tombstone, so that the late reserve is refused.
		res, err = tombstone(ctx, tx, id)
	}
	if err != nil {
		return centre.Reply{}, err
	}
	if res.State != state {
		return centre.Reply{}, problem.Conflict("reservation_ended", "The reservation is already "+res.State+".",
			"A reservation ends once; make a new one.").With("state", res.State)
	}
	return centre.Reply{Status: http.StatusOK, Body: res}, nil
}

func tombstone(ctx context.Context, tx pgx.Tx, id uuid.UUID) (*Reservation, error) {
	_, err := tx.Exec(ctx, `INSERT INTO reservation (id, ref, state, expires_at, ended_at)
		VALUES ($1, 'released before it was made', 'released', now(), now()) ON CONFLICT DO NOTHING`, id)
	if err != nil {
		return nil, err
	}
	return load(ctx, tx, id)
}

func isNotFound(err error) bool {
	var p *problem.Error
	return errors.As(err, &p) && p.Status == http.StatusNotFound
}

func load(ctx context.Context, q interface {
	Query(context.Context, string, ...any) (pgx.Rows, error)
}, id uuid.UUID) (*Reservation, error) {
	rows, err := q.Query(ctx, `SELECT r.ref, r.state, r.expires_at, l.sku, l.node, l.qty FROM reservation r
		LEFT JOIN reservation_line l ON l.reservation = r.id WHERE r.id = $1 ORDER BY l.sku, l.node`, id)
	if err != nil {
		return nil, err
	}
	res := &Reservation{ID: id, Lines: []Line{}}
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (x struct{}, err error) {
		var sku, node *string
		var qty *int64
		if err = row.Scan(&res.Ref, &res.State, &res.ExpiresAt, &sku, &node, &qty); err == nil && sku != nil {
			res.Lines = append(res.Lines, Line{SKU: *sku, Node: *node, Qty: *qty})
		}
		return x, err
	})
	if err == nil && res.State == "" {
		err = problem.NotFound("reservation", id.String())
	}
	return res, err
}

func (s *Service) get(ctx context.Context, r *http.Request) (centre.Reply, error) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return centre.Reply{}, problem.NotFound("reservation", r.PathValue("id"))
	}
	res, err := load(ctx, s.Pool, id)
	return centre.Reply{Body: res}, err
}

// Expire ends up to limit reservations whose time is over and returns how many it ended.
func (s *Service) Expire(ctx context.Context, limit int) (n int, err error) {
	err = s.InTx(ctx, func(tx pgx.Tx) error {
		n = 0
		rows, err := tx.Query(ctx, `SELECT id FROM reservation WHERE state = 'held' AND expires_at <= now()
			ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED`, limit)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		if err != nil {
			return err
		}
		for _, id := range ids {
			done, err := end(ctx, tx, id, Expired)
			if err != nil {
				return err
			}
			if done {
				n++
			}
		}
		return nil
	})
	return n, err
}
