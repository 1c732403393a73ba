package trade

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/plazacloud/plaza/pkg/retail/centre"
	"github.com/plazacloud/plaza/pkg/retail/inventory"
	"github.com/plazacloud/plaza/pkg/retail/problem"
)

// Steps of a saga. Confirmed, cancelled and refused are terminal.
//
//	started ─reserve─▶ created ─payment─▶ paid ─confirm─▶ confirmed
//	   │ refused          │ cancel, time over   │ stock expired
//	   ├─▶ refused        ▼                     ▼
//	   └─ too old ─▶ cancelling ─release─▶ cancelled
const (
	started    = "started"
	created    = "created"
	paid       = "paid"
	cancelling = "cancelling"
	confirmed  = "confirmed"
	cancelled  = "cancelled"
	refusedEnd = "refused"
)

type saga struct {
	ID, Order, Reservation uuid.UUID
	Step                   string
	Plan                   Quote
	Caller, Key            string
	Env, Trace             string
	Attempts               int
	Old                    bool // too old to go on reserving
	Late                   bool // due: for a created order, its time to pay is over
	lease                  time.Duration
}

const sagaColumns = `id, order_id, reservation, step, plan, caller, key, dpath_env, traceparent, attempts,
	created_at < now() - make_interval(secs => $1), due_at <= now()`

func (s *Service) scan(row pgx.CollectableRow) (*saga, error) {
	sg := &saga{lease: s.RetryAfter}
	var plan []byte
	if err := row.Scan(&sg.ID, &sg.Order, &sg.Reservation, &sg.Step, &plan, &sg.Caller, &sg.Key, &sg.Env, &sg.Trace,
		&sg.Attempts, &sg.Old, &sg.Late); err != nil {
		return nil, err
	}
	return sg, json.Unmarshal(plan, &sg.Plan)
}

func (s *Service) sagaOf(ctx context.Context, order uuid.UUID) (*saga, error) {
	rows, err := s.Pool.Query(ctx, `SELECT `+sagaColumns+` FROM saga WHERE order_id = $2`, s.AbandonAge.Seconds(), order)
	if err != nil {
		return nil, err
	}
	return pgx.CollectExactlyOneRow(rows, s.scan)
}

// Recover takes up to limit sagas that are due, with a lease so that two processes do not do the
// same work, and drives each one on. It is true if there may be more.
func (s *Service) Recover(ctx context.Context, limit int) (bool, error) {
	var due []*saga
	err := s.InTx(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT `+sagaColumns+` FROM saga
			WHERE step IN ('started', 'created', 'paid', 'cancelling') AND due_at <= now()
			ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED`, s.AbandonAge.Seconds(), limit)
		if err != nil {
			return err
		}
		if due, err = pgx.CollectRows(rows, s.scan); err != nil {
			return err
		}
		for _, sg := range due {
			wait := s.RetryAfter * time.Duration(min(1+sg.Attempts, 6))
			if _, err := tx.Exec(ctx, `UPDATE saga SET attempts = attempts + 1, due_at = now() + make_interval(secs => $2)
				WHERE id = $1`, sg.ID, wait.Seconds()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	for _, sg := range due {
		ctx := s.Lane(centre.WithTraceparent(ctx, sg.Trace), sg.Env)
		if err := s.advance(ctx, sg); err != nil {
			s.Log.WarnContext(ctx, "saga waits", "saga", sg.ID, "order", sg.Order, "step", sg.Step, "error", err.Error())
			_, _ = s.Pool.Exec(ctx, `UPDATE saga SET last_error = left($2, 500) WHERE id = $1`, sg.ID, err.Error())
		}
	}
	return len(due) == limit, nil
}

// drive advances the saga of an order in the request that caused the work. What it cannot finish
// is left to Recover, so its error is logged and not given to the caller.
func (s *Service) drive(ctx context.Context, order uuid.UUID) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	sg, err := s.sagaOf(ctx, order)
	if err == nil && sg.Step != created {
		err = s.advance(ctx, sg)
	}
	if err != nil {
		s.Log.WarnContext(ctx, "saga is left to recovery", "order", order, "error", err.Error())
	}
}

// advance makes the next step of the saga. Each branch may run twice: its calls carry keys of the
// saga, and its transaction is guarded by the step.
func (s *Service) advance(ctx context.Context, sg *saga) error {
	switch sg.Step {
	case started:
		return s.reserve(ctx, sg)
	case created:
		if sg.Late {
			return s.expire(ctx, sg)
		}
	case paid:
		return s.confirm(ctx, sg)
	case cancelling:
		return s.release(ctx, sg)
	}
	return nil
}

func (s *Service) reserve(ctx context.Context, sg *saga) error {
	in := inventory.NewReservation{ID: &sg.Reservation, Ref: "order/" + sg.Order.String(),
		TTL: int64((s.PayWithin + 10*time.Minute).Seconds())}
	for _, l := range sg.Plan.Lines {
		in.Lines = append(in.Lines, inventory.Line{SKU: l.SKU, Node: l.Node, Qty: l.Qty})
	}
	_, err := s.stock.Reserve(ctx, sg.ID.String()+":reserve", in)
	switch {
	case refused(err):
		return s.refuse(ctx, sg, problem.From(err))
	case err != nil && sg.Old:
		return s.abandon(ctx, sg, err)
	case err != nil:
		return err
	}
	s.Boundary("stock.reserved")
	if err := s.InTx(ctx, func(tx pgx.Tx) error { return s.create(ctx, tx, sg) }); err != nil {
		return err
	}
	s.Boundary("order.created")
	return nil
}

// refused tells a final answer of another centre from a failure that may pass.
func refused(err error) bool {
	var p *problem.Error
	if !errors.As(err, &p) || p.Reason == "idempotency_in_progress" || p.Reason == "dpath_misdirected" {
		return false
	}
	switch p.Status {
	case http.StatusRequestTimeout, http.StatusMisdirectedRequest, http.StatusTooManyRequests:
		return false
	}
	return p.Status >= 400 && p.Status < 500
}

func (s *Service) refuse(ctx context.Context, sg *saga, p *problem.Error) error {
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return s.InTx(ctx, func(tx pgx.Tx) error {
		if ok, err := inStep(ctx, tx, sg, started, refusedEnd); !ok || err != nil {
			return err
		}
		return centre.Settle(ctx, tx, sg.Caller, sg.Key, p.Status, body)
	})
}

// abandon gives up a saga whose reservation's outcome stays unknown; release settles it.
func (s *Service) abandon(ctx context.Context, sg *saga, cause error) error {
	body, err := json.Marshal(problem.Conflict("order_abandoned", "The stock could not be reserved in time; nothing was bought.",
		"Place the order again with a fresh Idempotency-Key."))
	if err != nil {
		return err
	}
	err = s.InTx(ctx, func(tx pgx.Tx) error {
		if ok, err := inStep(ctx, tx, sg, started, cancelling); !ok || err != nil {
			return err
		}
		return centre.Settle(ctx, tx, sg.Caller, sg.Key, http.StatusConflict, body)
	})
	if err != nil {
		return err
	}
	s.Log.WarnContext(ctx, "saga abandoned", "saga", sg.ID, "cause", cause.Error())
	return s.release(ctx, sg)
}

func (s *Service) confirm(ctx context.Context, sg *saga) error {
	err := s.stock.Confirm(ctx, sg.ID.String()+":confirm", sg.Reservation)
	if err != nil && !refused(err) {
		return err
	}
	if err != nil {
		s.Log.ErrorContext(ctx, "paid order lost its stock, refunding", "order", sg.Order, "error", err.Error())
		return s.InTx(ctx, func(tx pgx.Tx) error {
			if ok, err := inStep(ctx, tx, sg, paid, cancelled); !ok || err != nil {
				return err
			}
			return cancelOrder(ctx, tx, sg.Order, "stock_expired", "paid")
		})
	}
	s.Boundary("stock.confirmed")
	return s.InTx(ctx, func(tx pgx.Tx) error {
		if ok, err := inStep(ctx, tx, sg, paid, confirmed); !ok || err != nil {
			return err
		}
		return transition(ctx, tx, sg.Order, "confirmed", "", "paid")
	})
}

// expire cancels an order that was not paid in time.
func (s *Service) expire(ctx context.Context, sg *saga) error {
	err := s.InTx(ctx, func(tx pgx.Tx) error {
		if _, err := lockOrder(ctx, tx, sg.Order); err != nil {
			return err
		}
		if ok, err := inStep(ctx, tx, sg, created, cancelling); !ok || err != nil {
			return err
		}
		return cancelOrder(ctx, tx, sg.Order, "not_paid_in_time", "awaiting_payment")
	})
	if err != nil {
		return err
	}
	sg.Step = cancelling
	return s.release(ctx, sg)
}

func (s *Service) release(ctx context.Context, sg *saga) error {
	err := s.stock.Release(ctx, sg.ID.String()+":release", sg.Reservation)
	var p *problem.Error
	if errors.As(err, &p) && p.Reason == "reservation_ended" {
		if p.Extra["state"] == inventory.Confirmed {
			return fmt.Errorf("reservation %s of a cancelled order was confirmed", sg.Reservation)
		}
		err = nil // it expired by itself: the stock is back
	}
	if err != nil {
		return err
	}
	s.Boundary("stock.released")
	return s.InTx(ctx, func(tx pgx.Tx) error {
		_, err := inStep(ctx, tx, sg, cancelling, cancelled)
		return err
	})
}
