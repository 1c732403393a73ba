package trade

import (
	"context"
	"errors"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/plazacloud/plaza/pkg/retail/centre"
	"github.com/plazacloud/plaza/pkg/retail/problem"
)

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

const orderSQL = `SELECT id, state, reason, channel, store, member, currency, goods, discount, freight, payable, paid,
	reservation, pay_before, version, created_at, updated_at FROM orders `

func scanOrder(row pgx.CollectableRow) (o Order, err error) {
	o.Lines, o.Payments, o.Refunds = []PricedLine{}, []Payment{}, []Refund{}
	return o, row.Scan(&o.ID, &o.State, &o.Reason, &o.Channel, &o.Store, &o.Member, &o.Currency, &o.Goods, &o.Discount,
		&o.Freight, &o.Payable, &o.Paid, &o.Reservation, &o.PayBefore, &o.Version, &o.CreatedAt, &o.UpdatedAt)
}

func load(ctx context.Context, q querier, id uuid.UUID) (*Order, error) {
	rows, err := q.Query(ctx, orderSQL+`WHERE id = $1`, id)
	if err != nil {
		return nil, err
	}
	o, err := pgx.CollectExactlyOneRow(rows, scanOrder)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, problem.NotFound("order", id.String())
	}
	if err != nil {
		return nil, err
	}
	return &o, fill(ctx, q, &o)
}

func fill(ctx context.Context, q querier, o *Order) error {
	rows, err := q.Query(ctx, `SELECT sku, name_zh, name_en, '', qty, unit_price, gross, discount, payable
		FROM order_line WHERE order_id = $1 ORDER BY n`, o.ID)
	if err != nil {
		return err
	}
	if o.Lines, err = pgx.CollectRows(rows, pgx.RowToStructByPos[PricedLine]); err != nil {
		return err
	}
	if rows, err = q.Query(ctx, paymentSQL+`WHERE order_id = $1 ORDER BY id`, o.ID); err != nil {
		return err
	}
	if o.Payments, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Payment]); err != nil {
		return err
	}
	if rows, err = q.Query(ctx, `SELECT id, payment_id, amount, currency, reason, state FROM refund
		WHERE order_id = $1 ORDER BY id`, o.ID); err != nil {
		return err
	}
	o.Refunds, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Refund])
	return err
}

func (s *Service) get(ctx context.Context, r *http.Request) (centre.Reply, error) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return centre.Reply{}, problem.NotFound("order", r.PathValue("id"))
	}
	o, err := load(ctx, s.Pool, id)
	if err != nil {
		return centre.Reply{}, err
	}
	return centre.Reply{Body: o, ETag: centre.ETag(o.Version)}, nil
}

// list answers GET /v1/orders?state=&channel=&store=, newest first, without lines.
func (s *Service) list(ctx context.Context, r *http.Request) (centre.Reply, error) {
	limit, after, err := centre.Paging(r)
	if err != nil {
		return centre.Reply{}, err
	}
	q := r.URL.Query()
	rows, err := s.Pool.Query(ctx, orderSQL+`WHERE ($1 = '' OR state = $1) AND ($2 = '' OR channel = $2) AND ($3 = '' OR store = $3)
		AND ($4 = '' OR id < nullif($4, '')::uuid) ORDER BY id DESC LIMIT $5`, q.Get("state"), q.Get("channel"), q.Get("store"), after, limit+1)
	if err != nil {
		return centre.Reply{}, err
	}
	items, err := pgx.CollectRows(rows, scanOrder)
	return centre.Reply{Body: centre.PageOf(items, limit, func(o Order) string { return o.ID.String() })}, err
}

func (s *Service) getPayment(ctx context.Context, r *http.Request) (centre.Reply, error) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return centre.Reply{}, problem.NotFound("payment", r.PathValue("id"))
	}
	p, err := payment(ctx, s.Pool, id)
	return centre.Reply{Body: p}, err
}

// Breach is one broken invariant; a sound centre has none.
type Breach struct {
	Invariant string `json:"invariant"`
	Subject   string `json:"subject"`
	Want      int64  `json:"want"`
	Have      int64  `json:"have"`
}

func (s *Service) invariants(ctx context.Context, _ *http.Request) (centre.Reply, error) {
	items, err := s.Breaches(ctx)
	return centre.Reply{Body: centre.Page[Breach]{Items: items}}, err
}

// Breaches checks, in one snapshot, the sums of orders: Σ line.payable + freight = payable,
// Σ applied tenders = paid, every payment taken is kept or refunded, and no saga is stuck.
func (s *Service) Breaches(ctx context.Context) ([]Breach, error) {
	rows, err := s.Pool.Query(ctx, `
SELECT 'lines_sum_to_payable', o.id::text, o.payable, coalesce(sum(l.payable), 0)::bigint + o.freight
FROM orders o LEFT JOIN order_line l ON l.order_id = o.id GROUP BY o.id HAVING coalesce(sum(l.payable), 0) + o.freight <> o.payable
UNION ALL
SELECT 'tenders_sum_to_paid', o.id::text, o.paid, coalesce(sum(p.amount), 0)::bigint
FROM orders o LEFT JOIN payment p ON p.order_id = o.id AND p.applied GROUP BY o.id HAVING coalesce(sum(p.amount), 0) <> o.paid
UNION ALL
SELECT 'kept_or_refunded', p.id::text, p.amount, coalesce(r.amount, 0)
FROM payment p JOIN orders o ON o.id = p.order_id LEFT JOIN refund r ON r.payment_id = p.id
WHERE p.state = 'succeeded' AND (p.applied AND o.state <> 'cancelled') = (r.id IS NOT NULL)
UNION ALL
SELECT 'saga_matches_order', g.order_id::text, 0, 1
FROM saga g LEFT JOIN orders o ON o.id = g.order_id
WHERE (g.step = 'created' AND o.state IS DISTINCT FROM 'awaiting_payment')
   OR (g.step = 'paid' AND o.state IS DISTINCT FROM 'paid')
   OR (g.step = 'confirmed' AND coalesce(o.state, '') NOT IN ('confirmed', 'completed'))
   OR (g.step IN ('cancelling', 'cancelled') AND coalesce(o.state, 'cancelled') <> 'cancelled')
   OR (g.step IN ('started', 'refused') AND o.id IS NOT NULL)
UNION ALL
SELECT 'saga_not_stuck', g.id::text, 0, g.attempts
FROM saga g WHERE g.step IN ('started', 'paid', 'cancelling') AND g.due_at < now() - interval '10 minutes'
LIMIT 100`)
	if err != nil {
		return nil, err
	}
	items, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Breach])
	if items == nil {
		items = []Breach{}
	}
	return items, err
}
