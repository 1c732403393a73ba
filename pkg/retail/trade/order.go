package trade

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/plazacloud/plaza/pkg/retail/centre"
	"github.com/plazacloud/plaza/pkg/retail/problem"
)

// NewOrder is the body of POST /v1/orders: a quote's token, or a basket priced on the spot.
type NewOrder struct {
	Quote string `json:"quote,omitempty"`
	Basket
}

// Order is one order. Amounts are minor units of Currency; Σ lines.payable + freight = payable.
type Order struct {
	ID          uuid.UUID    `json:"id"`
	State       string       `json:"state"`
	Reason      string       `json:"reason,omitempty"`
	Channel     string       `json:"channel"`
	Store       string       `json:"store"`
	Member      string       `json:"member,omitempty"`
	Currency    string       `json:"currency"`
	Goods       int64        `json:"goods"`
	Discount    int64        `json:"discount"`
	Freight     int64        `json:"freight"`
	Payable     int64        `json:"payable"`
	Paid        int64        `json:"paid"`
	Reservation uuid.UUID    `json:"reservation"`
	PayBefore   time.Time    `json:"payBefore"`
	Version     int64        `json:"version"`
	CreatedAt   time.Time    `json:"createdAt"`
	UpdatedAt   time.Time    `json:"updatedAt"`
	Lines       []PricedLine `json:"lines"`
	Payments    []Payment    `json:"payments"`
	Refunds     []Refund     `json:"refunds"`
}

// place answers POST /v1/orders. The key is claimed and the saga written in one transaction
// before anything is asked of another centre; the answer is recorded with the order.
func (s *Service) place(w http.ResponseWriter, r *http.Request) {
	rec, err := s.tryPlace(r)
	if err != nil {
		s.Fail(w, r, err)
		return
	}
	rec.WriteTo(w)
}

func (s *Service) tryPlace(r *http.Request) (*centre.Recorded, error) {
	ctx := r.Context()
	cmd, err := centre.ReadCommand(r)
	if err != nil {
		return nil, err
	}
	var in NewOrder
	if err := centre.Decode(cmd.Body, &in); err != nil {
		return nil, err
	}
	if rec, err := s.Find(ctx, cmd); rec != nil || err != nil {
		return rec, err
	}
	plan, err := s.plan(ctx, in)
	if err != nil {
		return nil, err
	}
	id := uuid.Must(uuid.NewV7())
	var rec *centre.Recorded
	err = s.InTx(ctx, func(tx pgx.Tx) error {
		if rec, err = centre.Claim(ctx, tx, cmd); rec != nil || err != nil {
			return err
		}
		return s.begin(ctx, tx, cmd, id, plan)
	})
	if rec != nil || err != nil {
		return rec, err
	}
	s.Boundary("saga.started")
	s.drive(ctx, id)
	rec, err = s.Find(ctx, cmd)
	if rec == nil && problem.From(err).Reason == "idempotency_in_progress" {
		err = problem.Unavailable("order_pending", "The order is recorded and its stock is still being reserved.", nil)
	}
	return rec, err
}

func (s *Service) plan(ctx context.Context, in NewOrder) (*Quote, error) {
	if in.Quote == "" {
		return s.price(ctx, in.Basket)
	}
	if len(in.Lines) > 0 {
		return nil, problem.Invalid("quote_and_basket", "An order is placed from a quote or from a basket, not both.", "Leave one out.")
	}
	q, err := unseal(s.QuoteKey, in.Quote)
	if err != nil {
		return nil, err
	}
	var fresh bool
	if err := s.Pool.QueryRow(ctx, `SELECT now() < $1`, q.ExpiresAt).Scan(&fresh); err != nil {
		return nil, err
	}
	if !fresh {
		return nil, problem.Conflict("quote_expired", "The quote is over.", "Ask for a new quote.")
	}
	return q, nil
}

func (s *Service) begin(ctx context.Context, tx pgx.Tx, cmd *centre.Command, order uuid.UUID, plan *Quote) error {
	body, err := json.Marshal(plan)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO saga (id, order_id, reservation, step, plan, caller, key, dpath_env, traceparent, due_at)
		VALUES ($1, $2, $3, 'started', $4, $5, $6, $7, $8, now() + make_interval(secs => $9))`,
		uuid.Must(uuid.NewV7()), order, uuid.Must(uuid.NewV7()), body, cmd.Caller, cmd.Key,
		centre.Env(ctx), centre.Traceparent(ctx), s.RetryAfter.Seconds())
	return err
}

// create writes the order of a saga whose stock is held, and the answer of the request that placed it.
func (s *Service) create(ctx context.Context, tx pgx.Tx, sg *saga) error {
	if ok, err := inStep(ctx, tx, sg, started, created); !ok || err != nil {
		return err
	}
	p := sg.Plan
	if _, err := tx.Exec(ctx, `INSERT INTO orders (id, channel, store, member, currency, goods, discount, freight, payable,
		state, reservation, pay_before) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,'awaiting_payment',$10, now() + make_interval(secs => $11))`,
		sg.Order, p.Channel, p.Store, p.Member, p.Currency, p.Goods, p.Discount, p.Freight, p.Payable,
		sg.Reservation, s.PayWithin.Seconds()); err != nil {
		return err
	}
	rows := make([][]any, 0, len(p.Lines))
	for i, l := range p.Lines {
		rows = append(rows, []any{sg.Order, i + 1, l.SKU, l.NameZH, l.NameEN, l.Qty, l.UnitPrice, l.Gross, l.Discount, l.Payable})
	}
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{"order_line"}, []string{"order_id", "n", "sku", "name_zh", "name_en", "qty",
		"unit_price", "gross", "discount", "payable"}, pgx.CopyFromRows(rows)); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE saga SET due_at = (SELECT pay_before FROM orders WHERE id = $2) WHERE id = $1`, sg.ID, sg.Order); err != nil {
		return err
	}
	o, err := load(ctx, tx, sg.Order)
	if err != nil {
		return err
	}
	body, err := json.Marshal(o)
	if err != nil {
		return err
	}
	if err := centre.Emit(ctx, tx, "order", o.ID.String(), "trade.order_placed", o); err != nil {
		return err
	}
	return centre.Settle(ctx, tx, sg.Caller, sg.Key, http.StatusCreated, body)
}

// orderVerb answers POST /v1/orders/{id}:cancel and :complete.
func (s *Service) orderVerb(w http.ResponseWriter, r *http.Request) {
	raw, verb, _ := strings.Cut(r.PathValue("verb"), ":")
	id, err := uuid.Parse(raw)
	if err != nil || (verb != "cancel" && verb != "complete") {
		problem.Write(w, problem.NotFound("order", r.PathValue("verb")))
		return
	}
	rec, err := centre.Do(s.Centre, r, func(ctx context.Context, tx pgx.Tx, _ *http.Request, _ struct{}) (centre.Reply, error) {
		if verb == "cancel" {
			return s.cancel(ctx, tx, id)
		}
		return s.complete(ctx, tx, id)
	})
	if err != nil {
		s.Fail(w, r, err)
		return
	}
	if verb == "cancel" && rec.Status == http.StatusOK {
		s.Boundary("order.cancelled")
		s.drive(r.Context(), id)
	}
	rec.WriteTo(w)
}

func (s *Service) cancel(ctx context.Context, tx pgx.Tx, id uuid.UUID) (centre.Reply, error) {
	o, err := lockOrder(ctx, tx, id)
	if err != nil {
		return centre.Reply{}, err
	}
	if o.State != "awaiting_payment" && o.State != "cancelled" {
		return centre.Reply{}, problem.Conflict("order_not_cancellable", "The order is "+o.State+".",
			"Only an order that awaits its payment can be cancelled; a paid one is returned.").With("state", o.State)
	}
	if o.State == "awaiting_payment" {
		if err := cancelOrder(ctx, tx, id, "cancelled_by_caller", "awaiting_payment"); err != nil {
			return centre.Reply{}, err
		}
		if _, err := tx.Exec(ctx, `UPDATE saga SET step = 'cancelling', updated_at = now(), due_at = now() + make_interval(secs => $2)
			WHERE order_id = $1 AND step = 'created'`, id, s.RetryAfter.Seconds()); err != nil {
			return centre.Reply{}, err
		}
	}
	out, err := load(ctx, tx, id)
	return centre.Reply{Status: http.StatusOK, Body: out}, err
}

func (s *Service) complete(ctx context.Context, tx pgx.Tx, id uuid.UUID) (centre.Reply, error) {
	if _, err := lockOrder(ctx, tx, id); err != nil {
		return centre.Reply{}, err
	}
	if err := transition(ctx, tx, id, "completed", "", "confirmed"); err != nil {
		return centre.Reply{}, err
	}
	out, err := load(ctx, tx, id)
	return centre.Reply{Status: http.StatusOK, Body: out}, err
}

// transition is the guarded edge of the order's state machine.
func transition(ctx context.Context, tx pgx.Tx, id uuid.UUID, to, reason string, from ...string) error {
	tag, err := tx.Exec(ctx, `UPDATE orders SET state = $2, reason = $3, version = version + 1, updated_at = now()
		WHERE id = $1 AND state = ANY ($4)`, id, to, reason, from)
	if err != nil {
		return err
	}
	if tag.RowsAffected() != 1 {
		return problem.Conflict("order_state", "The order is not "+strings.Join(from, " or ")+".", "Read the order and its state again.")
	}
	return centre.Emit(ctx, tx, "order", id.String(), "trade.order_"+to, map[string]any{"id": id, "state": to, "reason": reason})
}

// cancelOrder cancels and writes a refund for every payment that was taken.
func cancelOrder(ctx context.Context, tx pgx.Tx, id uuid.UUID, reason string, from ...string) error {
	if err := transition(ctx, tx, id, "cancelled", reason, from...); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `SELECT id FROM payment WHERE order_id = $1 AND state = 'succeeded' ORDER BY id`, id)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	for _, p := range ids {
		err = errors.Join(err, refund(ctx, tx, p, reason))
	}
	return err
}

type lockedOrder struct {
	State           string
	Payable, Paid   int64
	Currency        string
	Over            bool // the time to pay is over
	Pending         int64
	PendingPayments int
}

func lockOrder(ctx context.Context, tx pgx.Tx, id uuid.UUID) (o lockedOrder, err error) {
	err = tx.QueryRow(ctx, `SELECT state, payable, paid, currency, pay_before <= now() FROM orders WHERE id = $1 FOR UPDATE`, id).
		Scan(&o.State, &o.Payable, &o.Paid, &o.Currency, &o.Over)
	if errors.Is(err, pgx.ErrNoRows) {
		return o, problem.NotFound("order", id.String())
	}
	if err != nil {
		return o, err
	}
	err = tx.QueryRow(ctx, `SELECT coalesce(sum(amount), 0)::bigint, count(*) FROM payment WHERE order_id = $1 AND state = 'pending'`, id).
		Scan(&o.Pending, &o.PendingPayments)
	return o, err
}
