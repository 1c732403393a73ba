package product

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/plazacloud/plaza/pkg/retail/centre"
	"github.com/plazacloud/plaza/pkg/retail/money"
	"github.com/plazacloud/plaza/pkg/retail/problem"
)

type pgTime = time.Time

// instant reads ?at= (RFC 3339); nil means now by the database's clock.
func instant(r *http.Request) (*pgTime, error) {
	raw := r.URL.Query().Get("at")
	if raw == "" {
		return nil, nil
	}
	t, err := time.Parse(time.RFC3339, raw)
	if err != nil {
		return nil, problem.New(http.StatusBadRequest, "bad_instant", "at must be an RFC 3339 time.", "For example 2026-11-11T00:00:00+08:00.")
	}
	return &t, nil
}

// NewPrice is the body of a price change. From nil means now; the price holds until the next
// change of the same channel and store.
type NewPrice struct {
	Channel  string     `json:"channel,omitempty"`
	Store    string     `json:"store,omitempty"`
	Amount   int64      `json:"amount"`
	Currency string     `json:"currency"`
	From     *time.Time `json:"from,omitempty"`
}

func (n *NewPrice) check() error {
	if n.Channel == "" {
		n.Channel = "*"
	}
	if n.Store == "" {
		n.Store = "*"
	}
	if n.Amount < 0 || !money.ValidCurrency(n.Currency) {
		return problem.Invalid("bad_price", "A price is a non-negative amount in minor units of an ISO 4217 currency.",
			`For example {"amount": 1990, "currency": "CNY"} for ¥19.90.`)
	}
	return nil
}

// setPrice ends the price that covers From, and starts the new one up to the next planned change.
func (s *Service) setPrice(ctx context.Context, tx pgx.Tx, r *http.Request, in NewPrice) (centre.Reply, error) {
	if err := in.check(); err != nil {
		return centre.Reply{}, err
	}
	sku := r.PathValue("sku")
	// The row lock on the SKU puts concurrent price changes of one SKU in an order.
	if err := tx.QueryRow(ctx, `SELECT coalesce($2, now()) FROM sku WHERE code = $1 FOR UPDATE`, sku, in.From).Scan(&in.From); err != nil {
		return centre.Reply{}, notFound(err, sku)
	}
	var past, taken bool
	if err := tx.QueryRow(ctx, `SELECT $4::timestamptz < now() - interval '1 second', EXISTS (SELECT 1 FROM price_list
		WHERE sku = $1 AND channel = $2 AND store = $3 AND lower(active) = $4)`, sku, in.Channel, in.Store, in.From).Scan(&past, &taken); err != nil {
		return centre.Reply{}, err
	}
	if past {
		return centre.Reply{}, problem.Invalid("price_in_the_past", "A price cannot be changed for an instant that is over.", "Leave from out, or name a future instant.")
	}
	if taken {
		return centre.Reply{}, problem.Conflict("price_exists", "A price change is already planned for that very instant.", "Choose another instant.")
	}
	p := Price{ID: uuid.Must(uuid.NewV7()), SKU: sku, Channel: in.Channel, Store: in.Store, Amount: in.Amount, Currency: in.Currency, From: *in.From}
	if _, err := tx.Exec(ctx, `UPDATE price_list SET active = tstzrange(lower(active), $4::timestamptz)
		WHERE sku = $1 AND channel = $2 AND store = $3 AND active @> $4::timestamptz`, sku, p.Channel, p.Store, p.From); err != nil {
		return centre.Reply{}, err
	}
	err := tx.QueryRow(ctx, `INSERT INTO price_list (id, sku, channel, store, amount, currency, active)
		SELECT $1::uuid, $2::text, $3::text, $4::text, $5::bigint, $6::text, tstzrange($7::timestamptz, (SELECT min(lower(active)) FROM price_list
			WHERE sku = $2 AND channel = $3 AND store = $4 AND lower(active) > $7))
		RETURNING upper(active)`, p.ID, p.SKU, p.Channel, p.Store, p.Amount, p.Currency, p.From).Scan(&p.To)
	if err != nil {
		return centre.Reply{}, err
	}
	return centre.Reply{Status: http.StatusCreated, Body: p}, centre.Emit(ctx, tx, "product", sku, "product.price_set", p)
}

func notFound(err error, sku string) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return problem.NotFound("product", sku)
	}
	return err
}

func (s *Service) prices(ctx context.Context, r *http.Request) (centre.Reply, error) {
	limit, after, err := centre.Paging(r)
	if err != nil {
		return centre.Reply{}, err
	}
	rows, err := s.Pool.Query(ctx, `SELECT id, sku, channel, store, amount, currency, lower(active), upper(active)
		FROM price_list WHERE sku = $1 AND id::text > $2 ORDER BY id::text LIMIT $3`, r.PathValue("sku"), after, limit+1)
	if err != nil {
		return centre.Reply{}, err
	}
	items, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p Price, err error) {
		return p, row.Scan(&p.ID, &p.SKU, &p.Channel, &p.Store, &p.Amount, &p.Currency, &p.From, &p.To)
	})
	return centre.Reply{Body: centre.PageOf(items, limit, func(p Price) string { return p.ID.String() })}, err
}
