package inventory

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/plazacloud/plaza/pkg/retail/centre"
	"github.com/plazacloud/plaza/pkg/retail/problem"
)

// NewReservation is the body of POST /v1/inventory/reservations. ID may be chosen by the caller,
// who can then release it without having seen the answer. TTL is in seconds (1 to 86400).
type NewReservation struct {
	ID    *uuid.UUID `json:"id,omitempty"`
	Ref   string     `json:"ref"`
	TTL   int64      `json:"ttl"`
	Lines []Line     `json:"lines"`
}

// maxLines bounds one batch.
const maxLines = 200

// merge sums the lines of one SKU at one node, so that a batch is checked as a whole.
func merge(lines []Line) ([]Line, error) {
	if len(lines) == 0 || len(lines) > maxLines {
		return nil, problem.Invalid("bad_lines", fmt.Sprintf("A batch has 1 to %d lines.", maxLines), "Split the batch.")
	}
	out := make([]Line, 0, len(lines))
	for _, l := range lines {
		if l.SKU == "" || l.Qty <= 0 || l.Qty > 1<<40 {
			return nil, problem.Invalid("bad_quantity", "Every line needs a sku and a quantity from 1 to 2^40.", "Correct the line.")
		}
		i := slices.IndexFunc(out, func(o Line) bool { return o.SKU == l.SKU && o.Node == l.Node })
		if i < 0 {
			out = append(out, l)
			continue
		}
		out[i].Qty += l.Qty
	}
	slices.SortFunc(out, func(a, b Line) int { return strings.Compare(a.SKU+"\x00"+a.Node, b.SKU+"\x00"+b.Node) })
	return out, nil
}

func columns(lines []Line) (skus, nodes []string, qtys []int64) {
	for _, l := range lines {
		skus, nodes, qtys = append(skus, l.SKU), append(nodes, l.Node), append(qtys, l.Qty)
	}
	return skus, nodes, qtys
}

// One statement locks the rows in one order, raises reserved and writes the movements. It changes
// nothing unless every line fits; "fits" is read under the lock, and a CHECK stands behind it.
const reserveSQL = `
WITH want AS (
    SELECT sku, node, sum(qty)::bigint AS qty
    FROM unnest($1::text[], $2::text[], $3::bigint[]) AS t(sku, node, qty) GROUP BY sku, node),
locked AS MATERIALIZED (
    SELECT b.sku, b.node, w.qty, b.on_hand - b.reserved AS free, b.on_hand - b.reserved >= w.qty AS fits
    FROM balance b JOIN want w ON w.sku = b.sku AND w.node = b.node
    ORDER BY b.sku, b.node FOR UPDATE OF b),
upd AS (
    UPDATE balance b SET reserved = b.reserved + l.qty, version = b.version + 1
    FROM locked l
    WHERE b.sku = l.sku AND b.node = l.node
      AND (SELECT count(*) FILTER (WHERE fits) FROM locked) = (SELECT count(*) FROM want)
    RETURNING b.sku, b.node, l.qty),
mov AS (
    INSERT INTO movement (sku, node, kind, on_hand, reserved, ref)
    SELECT sku, node, 'reserve', 0, qty, $4 FROM upd RETURNING 1),
res AS (
    INSERT INTO reservation (id, ref, state, expires_at)
    SELECT $5::uuid, $6, 'held', now() + make_interval(secs => $7)
    WHERE (SELECT count(*) FROM mov) = (SELECT count(*) FROM want)
    RETURNING id, expires_at),
lin AS (
    INSERT INTO reservation_line (reservation, sku, node, qty)
    SELECT res.id, upd.sku, upd.node, upd.qty FROM upd, res RETURNING 1)
SELECT (SELECT expires_at FROM res), (SELECT count(*) FROM lin), coalesce((SELECT max(free) FROM locked), 0)`

// check completes the request: its lines summed, its id chosen.
func (n *NewReservation) check() (err error) {
	if n.Lines, err = merge(n.Lines); err != nil {
		return err
	}
	if n.TTL < 1 || n.TTL > 86400 || n.Ref == "" {
		return problem.Invalid("bad_reservation", "A reservation needs a ref and a ttl of 1 to 86400 seconds.", "Give both.")
	}
	if n.ID == nil {
		id := uuid.Must(uuid.NewV7())
		n.ID = &id
	}
	return nil
}

func (s *Service) reserve(ctx context.Context, tx pgx.Tx, _ *http.Request, in NewReservation) (centre.Reply, error) {
	if err := in.check(); err != nil {
		return centre.Reply{}, err
	}
	res, err := hold(ctx, tx, *in.ID, in.Ref, in.TTL, in.Lines)
	if err != nil {
		return centre.Reply{}, err
	}
	return centre.Reply{Status: http.StatusCreated, Body: res},
		centre.Emit(ctx, tx, "reservation", res.ID.String(), "inventory.reserved", res)
}

// chooseTries bounds the races lost between choosing a node and holding its stock.
const chooseTries = 5

func hold(ctx context.Context, tx pgx.Tx, id uuid.UUID, ref string, ttl int64, lines []Line) (*Reservation, error) {
	open := slices.ContainsFunc(lines, func(l Line) bool { return l.Node == "" })
	for range chooseTries {
		placed, short := lines, []Short(nil)
		if open {
			var err error
			if placed, short, err = place(ctx, tx, lines); err != nil {
				return nil, err
			}
		}
		if short != nil {
			return nil, insufficient(short)
		}
		res, err := holdAt(ctx, tx, id, ref, ttl, placed)
		if res != nil || err != nil {
			return res, err
		}
		if !open {
			break
		}
	}
	short, err := shortage(ctx, tx, lines)
	if err != nil {
		return nil, err
	}
	return nil, insufficient(short)
}

func holdAt(ctx context.Context, tx pgx.Tx, id uuid.UUID, ref string, ttl int64, lines []Line) (*Reservation, error) {
	skus, nodes, qtys := columns(lines)
	var expires *time.Time
	var n int
	var free int64
	err := tx.QueryRow(ctx, reserveSQL, skus, nodes, qtys, id.String(), id, ref, float64(ttl)).Scan(&expires, &n, &free)
	if centre.Violates(err, "reservation_pkey") {
		return nil, problem.Conflict("reservation_exists", "This reservation id was used, or released before it was made.",
			"Use a fresh id for a new reservation.")
	}
	if err != nil || expires == nil {
		return nil, err
	}
	if n != len(lines) {
		return nil, fmt.Errorf("reservation %s: %d of %d lines were held", id, n, len(lines))
	}
	return &Reservation{ID: id, Ref: ref, State: Held, ExpiresAt: *expires, Lines: lines}, nil
}

func insufficient(short []Short) error {
	return problem.Conflict("insufficient_stock", "Some lines cannot be promised in full.",
		"Lower the quantities to what is available, or choose another node.").With("short", short)
}

// place gives each line without a node the first one that can promise the rest of its SKU after
// the batch's fixed lines, and then sums again.
func place(ctx context.Context, tx pgx.Tx, lines []Line) ([]Line, []Short, error) {
	skus, _, _ := columns(lines)
	stock, err := candidates(ctx, tx, skus)
	if err != nil {
		return nil, nil, err
	}
	var short []Short
	placed := slices.Clone(lines)
	for i, want := range placed {
		if want.Node != "" {
			continue
		}
		best := int64(0)
		for _, have := range stock {
			left := have.Qty - fixed(lines, have.SKU, have.Node)
			if have.SKU != want.SKU {
				continue
			}
			best = max(best, left)
			if left >= want.Qty {
				placed[i].Node = have.Node
				break
			}
		}
		if placed[i].Node == "" {
			short = append(short, Short{SKU: want.SKU, Wanted: want.Qty, Available: best})
		}
	}
	if short != nil {
		return nil, short, nil
	}
	placed, err = merge(placed)
	return placed, nil, err
}

// candidates lists what each node can promise of skus, by the nodes' priority.
func candidates(ctx context.Context, tx pgx.Tx, skus []string) ([]Line, error) {
	rows, err := tx.Query(ctx, `SELECT b.sku, b.node, b.on_hand - b.reserved FROM balance b JOIN node n ON n.code = b.node
		WHERE b.sku = ANY ($1) AND n.kind <> 'transit' ORDER BY n.priority, n.code`, skus)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (l Line, err error) {
		return l, r.Scan(&l.SKU, &l.Node, &l.Qty)
	})
}

func fixed(lines []Line, sku, node string) (qty int64) {
	for _, l := range lines {
		if l.SKU == sku && l.Node == node {
			qty += l.Qty
		}
	}
	return qty
}

func shortage(ctx context.Context, tx pgx.Tx, lines []Line) ([]Short, error) {
	skus, nodes, qtys := columns(lines)
	rows, err := tx.Query(ctx, `SELECT w.sku, w.node, w.qty, coalesce(max(b.on_hand - b.reserved), 0)
		FROM unnest($1::text[], $2::text[], $3::bigint[]) AS w(sku, node, qty)
		LEFT JOIN balance b ON b.sku = w.sku AND (b.node = w.node OR w.node = '')
		GROUP BY w.sku, w.node, w.qty
		HAVING coalesce(max(b.on_hand - b.reserved), 0) < w.qty ORDER BY 1, 2`, skus, nodes, qtys)
	if err != nil {
		return nil, err
	}
	short, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (x Short, err error) {
		return x, r.Scan(&x.SKU, &x.Node, &x.Wanted, &x.Available)
	})
	if short == nil {
		short = []Short{}
	}
	return short, err
}
