package trade

import (
	"context"
	"crypto/hmac"
	"encoding/hex"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/plazacloud/plaza/pkg/retail/centre"
	"github.com/plazacloud/plaza/pkg/retail/problem"
)

// SimulatorTender names the payment channel that always pays at once.
const SimulatorTender = "simulator"

// SignatureHeader carries the hex HMAC-SHA256 of a callback's body under the channel's key.
const SignatureHeader = "X-Retail-Signature"

// Payment is one tender of an order. Applied is true once its amount counts towards the order.
type Payment struct {
	ID         uuid.UUID  `json:"id"`
	OrderID    uuid.UUID  `json:"orderId"`
	Tender     string     `json:"tender"`
	Amount     int64      `json:"amount"`
	Currency   string     `json:"currency"`
	State      string     `json:"state"`
	Applied    bool       `json:"applied"`
	ChannelRef string     `json:"channelRef,omitempty"`
	CreatedAt  time.Time  `json:"createdAt"`
	SettledAt  *time.Time `json:"settledAt,omitempty"`
}

// Refund is money that goes back: one at most per payment.
type Refund struct {
	ID        uuid.UUID `json:"id"`
	PaymentID uuid.UUID `json:"paymentId"`
	Amount    int64     `json:"amount"`
	Currency  string    `json:"currency"`
	Reason    string    `json:"reason"`
	State     string    `json:"state"`
}

// NewPayment is the body of POST /v1/payments. Amount nil means all that is still to pay.
type NewPayment struct {
	OrderID uuid.UUID `json:"orderId"`
	Tender  string    `json:"tender"`
	Amount  *int64    `json:"amount,omitempty"`
}

// Callback is what a payment channel reports, any number of times and in any order.
type Callback struct {
	PaymentID  uuid.UUID `json:"paymentId"`
	ChannelRef string    `json:"channelRef"`
	Result     string    `json:"result"` // succeeded or failed
	Amount     int64     `json:"amount"`
	Currency   string    `json:"currency"`
}

func (s *Service) pay(w http.ResponseWriter, r *http.Request) {
	var order uuid.UUID
	rec, err := centre.Do(s.Centre, r, func(ctx context.Context, tx pgx.Tx, _ *http.Request, in NewPayment) (centre.Reply, error) {
		order = in.OrderID
		return s.openPayment(ctx, tx, in)
	})
	if err != nil {
		s.Fail(w, r, err)
		return
	}
	if order != uuid.Nil && rec.Status == http.StatusCreated {
		s.Boundary("order.paid")
		s.drive(r.Context(), order)
	}
	rec.WriteTo(w)
}

func (s *Service) openPayment(ctx context.Context, tx pgx.Tx, in NewPayment) (centre.Reply, error) {
	o, err := lockOrder(ctx, tx, in.OrderID)
	if err != nil {
		return centre.Reply{}, err
	}
	left := o.Payable - o.Paid - o.Pending
	if in.Amount == nil {
		in.Amount = &left
	}
	switch {
	case o.State != "awaiting_payment" || o.Over:
		return centre.Reply{}, problem.Conflict("order_not_payable", "The order is "+o.State+", or its time to pay is over.", "Place a new order.")
	case *in.Amount > left || *in.Amount < 0 || (*in.Amount == 0 && o.Payable > 0):
		return centre.Reply{}, problem.Invalid("bad_amount", "The amount is not within what is still to pay.",
			"Wait for the open payments, or pay what is left.").With("left", left).With("pending", o.Pending)
	case in.Tender == "" || (in.Tender == SimulatorTender && !s.Simulator):
		return centre.Reply{}, problem.Invalid("bad_tender", "There is no such payment channel here.", "Name a channel that is set up.")
	}
	id := uuid.Must(uuid.NewV7())
	if _, err := tx.Exec(ctx, `INSERT INTO payment (id, order_id, tender, amount, currency, state) VALUES ($1,$2,$3,$4,$5,'pending')`,
		id, in.OrderID, in.Tender, *in.Amount, o.Currency); err != nil {
		return centre.Reply{}, err
	}
	if in.Tender == SimulatorTender {
		if err := s.settle(ctx, tx, in.OrderID, id, "succeeded", "simulated"); err != nil {
			return centre.Reply{}, err
		}
	}
	p, err := payment(ctx, tx, id)
	return centre.Reply{Status: http.StatusCreated, Body: p}, err
}

// callback answers POST /v1/payments/callbacks/{channel}. The payment's id is its key: a replay
// changes nothing and is answered alike.
func (s *Service) callback(w http.ResponseWriter, r *http.Request) {
	p, err := s.takeCallback(r)
	if err != nil {
		s.Fail(w, r, err)
		return
	}
	s.Boundary("order.paid")
	s.drive(r.Context(), p.OrderID)
	centre.WriteJSON(w, centre.Reply{Body: p})
}

func (s *Service) takeCallback(r *http.Request) (p *Payment, err error) {
	ctx, channel := r.Context(), r.PathValue("channel")
	body, err := centre.ReadBody(r)
	if err != nil {
		return nil, err
	}
	mac, err := hex.DecodeString(r.Header.Get(SignatureHeader))
	if err != nil || s.CallbackKey == nil || !hmac.Equal(mac, sign(s.CallbackKey(channel), body)) {
		return nil, problem.New(http.StatusUnauthorized, "bad_signature", "The callback is not signed by channel "+channel+".",
			"Send "+SignatureHeader+": hex(HMAC-SHA256(channel key, body)).")
	}
	var in Callback
	if err := centre.Decode(body, &in); err != nil {
		return nil, err
	}
	err = s.InTx(ctx, func(tx pgx.Tx) error {
		if p, err = payment(ctx, tx, in.PaymentID); err != nil {
			return err
		}
		if p.Tender != channel {
			return problem.NotFound("payment", in.PaymentID.String())
		}
		if p.Amount != in.Amount || p.Currency != in.Currency || (in.Result != "succeeded" && in.Result != "failed") {
			return problem.Invalid("callback_mismatch", "The callback's result, amount or currency is not the payment's.",
				"Reconcile the channel's record with the payment.").With("amount", p.Amount).With("currency", p.Currency)
		}
		if err := s.settle(ctx, tx, p.OrderID, p.ID, in.Result, in.ChannelRef); err != nil {
			return err
		}
		p, err = payment(ctx, tx, in.PaymentID)
		return err
	})
	return p, err
}

// settle records a channel's result once. Money that the order cannot use any more (it is
// cancelled, over, or the payment had failed before) is refunded.
func (s *Service) settle(ctx context.Context, tx pgx.Tx, order, id uuid.UUID, result, channelRef string) error {
	o, err := lockOrder(ctx, tx, order)
	if err != nil {
		return err
	}
	var before string
	var amount int64
	if err := tx.QueryRow(ctx, `SELECT state, amount FROM payment WHERE id = $1 FOR UPDATE`, id).Scan(&before, &amount); err != nil {
		return err
	}
	if before == "succeeded" || before == result {
		return nil
	}
	use := result == "succeeded" && before == "pending" && o.State == "awaiting_payment"
	if _, err := tx.Exec(ctx, `UPDATE payment SET state = $2, applied = $3, channel_ref = $4, settled_at = now()
		WHERE id = $1 AND state = $5`, id, result, use, channelRef, before); err != nil {
		return err
	}
	switch {
	case result == "failed":
		return centre.Emit(ctx, tx, "payment", id.String(), "trade.payment_failed", map[string]any{"id": id, "order": order})
	case !use:
		return refund(ctx, tx, id, "order_"+o.State)
	}
	return s.apply(ctx, tx, order, amount, o.Paid+amount == o.Payable)
}

func (s *Service) apply(ctx context.Context, tx pgx.Tx, order uuid.UUID, amount int64, full bool) error {
	if _, err := tx.Exec(ctx, `UPDATE orders SET paid = paid + $2, version = version + 1, updated_at = now()
		WHERE id = $1 AND state = 'awaiting_payment'`, order, amount); err != nil || !full {
		return err
	}
	if err := transition(ctx, tx, order, "paid", "", "awaiting_payment"); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE saga SET step = 'paid', attempts = 0, updated_at = now(), due_at = now() + make_interval(secs => $2)
		WHERE order_id = $1 AND step = 'created'`, order, s.RetryAfter.Seconds())
	return err
}

func refund(ctx context.Context, tx pgx.Tx, id uuid.UUID, reason string) error {
	tag, err := tx.Exec(ctx, `INSERT INTO refund (id, payment_id, order_id, amount, currency, reason)
		SELECT $1, id, order_id, amount, currency, $3 FROM payment WHERE id = $2 ON CONFLICT (payment_id) DO NOTHING`,
		uuid.Must(uuid.NewV7()), id, reason)
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	return centre.Emit(ctx, tx, "payment", id.String(), "trade.refund_due", map[string]any{"payment": id, "reason": reason})
}

const paymentSQL = `SELECT id, order_id, tender, amount, currency, state, applied, channel_ref, created_at, settled_at FROM payment `

func payment(ctx context.Context, q querier, id uuid.UUID) (*Payment, error) {
	rows, err := q.Query(ctx, paymentSQL+`WHERE id = $1`, id)
	if err != nil {
		return nil, err
	}
	p, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Payment])
	if errors.Is(err, pgx.ErrNoRows) {
		err = problem.NotFound("payment", id.String())
	}
	return &p, err
}
