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

// Receipt is the body of POST /v1/inventory/receipts: goods that came in.
type Receipt struct {
	Ref   string `json:"ref"`
	Lines []Line `json:"lines"`
}

const receiveSQL = `
WITH w AS (SELECT sku, node, sum(qty)::bigint AS qty
           FROM unnest($1::text[], $2::text[], $3::bigint[]) AS t(sku, node, qty) GROUP BY 1, 2 ORDER BY 1, 2),
b AS (INSERT INTO balance (sku, node, on_hand) SELECT sku, node, qty FROM w
      ON CONFLICT (sku, node) DO UPDATE SET on_hand = balance.on_hand + excluded.on_hand, version = balance.version + 1
      RETURNING sku, node)
INSERT INTO movement (sku, node, kind, on_hand, reserved, ref)
SELECT w.sku, w.node, $4, w.qty, 0, $5 FROM w JOIN b USING (sku, node)`

func (s *Service) receive(ctx context.Context, tx pgx.Tx, _ *http.Request, in Receipt) (centre.Reply, error) {
	lines, err := merge(in.Lines)
	if err != nil {
		return centre.Reply{}, err
	}
	if err := add(ctx, tx, lines, "receive", in.Ref); err != nil {
		return centre.Reply{}, err
	}
	in.Lines = lines
	return centre.Reply{Status: http.StatusCreated, Body: in}, centre.Emit(ctx, tx, "stock", in.Ref, "inventory.received", in)
}

func add(ctx context.Context, tx pgx.Tx, lines []Line, kind, ref string) error {
	skus, nodes, qtys := columns(lines)
	_, err := tx.Exec(ctx, receiveSQL, skus, nodes, qtys, kind, ref)
	if centre.Violates(err, "balance_node_fkey") {
		return problem.NotFound("node", strings.Join(nodes, ","))
	}
	return err
}

// Adjustment is the body of POST /v1/inventory/adjustments: a counted difference, which may be
// negative but never takes what is reserved.
type Adjustment struct {
	SKU    string `json:"sku"`
	Node   string `json:"node"`
	Delta  int64  `json:"delta"`
	Reason string `json:"reason"`
}

const takeSQL = `
WITH b AS (UPDATE balance SET on_hand = on_hand + $3, version = version + 1
           WHERE sku = $1 AND node = $2 AND on_hand + $3 >= reserved RETURNING sku, node)
INSERT INTO movement (sku, node, kind, on_hand, reserved, ref) SELECT sku, node, $4, $3, 0, $5 FROM b`

// take changes on_hand by delta without touching what is reserved.
func take(ctx context.Context, tx pgx.Tx, sku, node string, delta int64, kind, ref string) error {
	tag, err := tx.Exec(ctx, takeSQL, sku, node, delta, kind, ref)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 1 {
		return nil
	}
	short, err := shortage(ctx, tx, []Line{{SKU: sku, Node: node, Qty: max(-delta, 1)}})
	if err != nil {
		return err
	}
	return insufficient(short)
}

func (s *Service) adjust(ctx context.Context, tx pgx.Tx, _ *http.Request, in Adjustment) (centre.Reply, error) {
	if in.Delta == 0 || in.Reason == "" {
		return centre.Reply{}, problem.Invalid("bad_adjustment", "An adjustment needs a delta other than 0 and a reason.", "Give both.")
	}
	if err := take(ctx, tx, in.SKU, in.Node, in.Delta, "adjust", in.Reason); err != nil {
		return centre.Reply{}, err
	}
	return centre.Reply{Status: http.StatusCreated, Body: in}, centre.Emit(ctx, tx, "stock", in.SKU, "inventory.adjusted", in)
}

// Transfer moves Qty of SKU through the transit node; the sum over all nodes never changes.
type Transfer struct {
	ID      uuid.UUID `json:"id"`
	SKU     string    `json:"sku"`
	From    string    `json:"from"`
	To      string    `json:"to"`
	Transit string    `json:"transit"`
	Qty     int64     `json:"qty"`
	State   string    `json:"state"`
}

// NewTransfer is the body of POST /v1/inventory/transfers.
type NewTransfer struct {
	SKU  string `json:"sku"`
	From string `json:"from"`
	To   string `json:"to"`
	Qty  int64  `json:"qty"`
}

func (s *Service) ship(ctx context.Context, tx pgx.Tx, _ *http.Request, in NewTransfer) (centre.Reply, error) {
	t := Transfer{ID: uuid.Must(uuid.NewV7()), SKU: in.SKU, From: in.From, To: in.To, Qty: in.Qty, State: "in_transit"}
	if in.Qty <= 0 || in.From == in.To {
		return centre.Reply{}, problem.Invalid("bad_transfer", "A transfer needs a positive quantity and two different nodes.", "Correct the request.")
	}
	err := tx.QueryRow(ctx, `INSERT INTO transfer (id, from_node, to_node, transit, sku, qty, state)
		SELECT $1, $2, $3, code, $4, $5, 'in_transit' FROM node WHERE kind = 'transit' ORDER BY priority, code LIMIT 1
		RETURNING transit`, t.ID, t.From, t.To, t.SKU, t.Qty).Scan(&t.Transit)
	switch {
	case centre.Violates(err, "transfer_from_node_fkey"):
		return centre.Reply{}, problem.NotFound("node", t.From)
	case centre.Violates(err, "transfer_to_node_fkey"):
		return centre.Reply{}, problem.NotFound("node", t.To)
	case err != nil:
		return centre.Reply{}, err
	}
	if err := take(ctx, tx, t.SKU, t.From, -t.Qty, "transfer_out", t.ID.String()); err != nil {
		return centre.Reply{}, err
	}
	if err := add(ctx, tx, []Line{{SKU: t.SKU, Node: t.Transit, Qty: t.Qty}}, "transfer_in", t.ID.String()); err != nil {
		return centre.Reply{}, err
	}
	return centre.Reply{Status: http.StatusCreated, Body: t}, centre.Emit(ctx, tx, "transfer", t.ID.String(), "inventory.shipped", t)
}

// transferVerb answers POST /v1/inventory/transfers/{id}:arrive.
func (s *Service) transferVerb(w http.ResponseWriter, r *http.Request) {
	raw, verb, _ := strings.Cut(r.PathValue("verb"), ":")
	id, err := uuid.Parse(raw)
	if err != nil || verb != "arrive" {
		problem.Write(w, problem.NotFound("transfer", r.PathValue("verb")))
		return
	}
	centre.Post(s.Centre, func(ctx context.Context, tx pgx.Tx, _ *http.Request, _ struct{}) (centre.Reply, error) {
		return s.arrive(ctx, tx, id)
	})(w, r)
}

func (s *Service) arrive(ctx context.Context, tx pgx.Tx, id uuid.UUID) (centre.Reply, error) {
	var t Transfer
	err := tx.QueryRow(ctx, `UPDATE transfer SET state = 'arrived' WHERE id = $1 AND state = 'in_transit'
		RETURNING id, sku, from_node, to_node, transit, qty, state`, id).
		Scan(&t.ID, &t.SKU, &t.From, &t.To, &t.Transit, &t.Qty, &t.State)
	if err != nil {
		if errors.Is(err, pgx.ErrNoRows) {
			err = problem.Conflict("transfer_not_in_transit", "There is no such transfer on its way.", "A transfer arrives once.")
		}
		return centre.Reply{}, err
	}
	if err := take(ctx, tx, t.SKU, t.Transit, -t.Qty, "transfer_out", id.String()); err != nil {
		return centre.Reply{}, err
	}
	if err := add(ctx, tx, []Line{{SKU: t.SKU, Node: t.To, Qty: t.Qty}}, "transfer_in", id.String()); err != nil {
		return centre.Reply{}, err
	}
	return centre.Reply{Status: http.StatusOK, Body: t}, centre.Emit(ctx, tx, "transfer", id.String(), "inventory.arrived", t)
}
