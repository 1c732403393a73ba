package resource

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// OperationState is where an operation stands.
type OperationState string

const (
	OperationPending   OperationState = "pending"
	OperationRunning   OperationState = "running"
	OperationSucceeded OperationState = "succeeded"
	OperationFailed    OperationState = "failed"
	OperationCancelled OperationState = "cancelled"
)

// Operation is the work that one change of desired state entails, from the change until it was seen to be done.
type Operation struct {
	bun.BaseModel `bun:"table:operations" json:"-"`

	ID         string          `bun:",pk" json:"id"`
	Kind       string          `json:"kind" doc:"Kind of the object worked on"`
	ObjectID   string          `json:"objectId"`
	ObjectName string          `json:"objectName"`
	Project    string          `json:"project,omitempty"`
	Verb       string          `json:"verb" doc:"create, update, delete, or an action's name"`
	State      OperationState  `json:"state" enum:"pending,running,succeeded,failed,cancelled"`
	Generation int64           `json:"generation"`
	Progress   int             `json:"progress" doc:"Percent"`
	Message    string          `json:"message,omitempty" doc:"What is going on"`
	Problem    json.RawMessage `bun:",nullzero" json:"problem,omitempty" doc:"Why it failed or is being tried again"`
	Attempts   int             `json:"attempts"`
	Actor      string          `json:"actor"`
	CreatedAt  time.Time       `json:"createdAt"`
	StartedAt  *time.Time      `json:"startedAt,omitempty"`
	EndedAt    *time.Time      `json:"endedAt,omitempty"`
}

// Ended tells whether the operation is over.
func (o *Operation) Ended() bool { return o.EndedAt != nil }

// Why is what stands in an operation's way, with every field that is wrong, else what is going on.
func (o *Operation) Why() string {
	var p Problem
	if json.Unmarshal(o.Problem, &p) != nil || p.Detail == "" {
		return o.Message
	}
	return p.Error()
}

// Operation returns one operation that the view's scope sees.
func (v View) Operation(ctx context.Context, id string) (Operation, error) {
	var op Operation
	if !isID(id) {
		return op, notFound("operation", id)
	}
	err := v.limit(v.store.db.Read.NewSelect().Model(&op).Where("id = ?", id)).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return op, notFound("operation", id)
	}
	return op, err
}

// OperationQuery selects operations; they come newest first.
type OperationQuery struct {
	ObjectID string
	State    OperationState
	Before   string // id of the last one of the page before
	Limit    int
}

// Operations lists operations that the view's scope sees.
func (v View) Operations(ctx context.Context, q OperationQuery) ([]Operation, error) {
	sel := v.limit(v.store.db.Read.NewSelect().Model((*Operation)(nil)))
	if err := expectIDs("operation", q.ObjectID, q.Before); err != nil {
		return nil, err
	}
	if q.ObjectID != "" {
		sel = sel.Where("object_id = ?", q.ObjectID)
	}
	if q.State != "" {
		sel = sel.Where("state = ?", q.State)
	}
	if q.Before != "" {
		sel = sel.Where("id < ?", q.Before)
	}
	out := []Operation{}
	err := sel.Order("id DESC").Limit(clamp(q.Limit)).Scan(ctx, &out)
	return out, err
}

// expectIDs refuses what the database would not take for an id.
func expectIDs(kind, object, before string) error {
	if object != "" && !isID(object) {
		return Invalid(kind, "object", object, "is not an id")
	}
	if before != "" && !isID(before) {
		return Invalid(kind, "before", before, "is not a cursor")
	}
	return nil
}

func clamp(limit int) int64 {
	if limit < 1 || limit > 1000 {
		return 100
	}
	return int64(limit)
}

// Retry makes the engine look at a failed operation's object anew.
func (s *Store) Retry(ctx context.Context, actor Actor, id string) (Operation, error) {
	return s.steer(ctx, actor, id, "retry", func(op *Operation, _ bool) (Phase, error) {
		if op.State == OperationSucceeded {
			return "", Problemf(ReasonConflict, "operation", "", "operation %s has succeeded", id)
		}
		op.State, op.EndedAt, op.Problem, op.Message = OperationPending, nil, nil, "retried by "+actor.Name
		return PhaseWorking, nil
	})
}

// Cancel ends an operation that has not ended. When it was the newest, the object keeps its desired state and the
// engine stops working towards it until the next change; older operations, which only the newest could end, end too.
func (s *Store) Cancel(ctx context.Context, actor Actor, id string) (Operation, error) {
	return s.steer(ctx, actor, id, "cancel", func(op *Operation, newest bool) (Phase, error) {
		if op.Ended() {
			return "", Problemf(ReasonConflict, "operation", "", "operation %s has ended: %s", id, op.State)
		}
		if op.Verb == "delete" {
			return "", Problemf(ReasonConflict, "operation", "it is being retried until nothing is left", "a deletion can not be cancelled")
		}
		now := s.now()
		op.State, op.EndedAt, op.Message = OperationCancelled, &now, "cancelled by "+actor.Name
		if !newest {
			return "", nil
		}
		return PhaseFailed, nil
	})
}

// steer changes an operation and its object's phase in one transaction, audited.
func (s *Store) steer(ctx context.Context, actor Actor, id, verb string, change func(op *Operation, newest bool) (Phase, error)) (Operation, error) {
	op, err := s.View(actor.Scope).Operation(ctx, id)
	if err != nil {
		return op, err
	}
	if err := s.admit(ctx, &actor, verb, op.Kind, op.Project); err != nil {
		return op, err
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		rev, err := s.revision(ctx, tx)
		if err != nil {
			return err
		}
		// The object's row is locked first, as by every writer; then nothing can end the operation meanwhile.
		var generation int64
		err = tx.NewRaw("UPDATE objects SET version = version + 1, revision = ? WHERE id = ? RETURNING generation", rev, op.ObjectID).Scan(ctx, &generation)
		gone := errors.Is(err, sql.ErrNoRows)
		if err != nil && !gone {
			return err
		}
		if err := tx.NewSelect().Model(&op).WherePK().Scan(ctx); err != nil {
			return err
		}
		phase, err := change(&op, op.Generation >= generation)
		if err != nil {
			return err
		}
		if gone {
			return Problemf(ReasonNotFound, op.Kind, "create it anew", "the %s %s is gone", op.Kind, op.ObjectName)
		}
		return s.writeSteering(ctx, tx, actor, &op, verb, phase, rev)
	})
	if p := (*Problem)(nil); err != nil && !errors.As(err, &p) {
		err = fmt.Errorf("%s operation %s: %w", verb, id, err)
	}
	if err != nil {
		return op, err
	}
	s.committed()
	return op, nil
}

func (s *Store) writeSteering(ctx context.Context, tx bun.Tx, actor Actor, op *Operation, verb string, phase Phase, rev int64) error {
	if _, err := tx.NewUpdate().Model(op).WherePK().Exec(ctx); err != nil {
		return err
	}
	if phase != "" {
		if _, err := tx.NewUpdate().Table("objects").Set("phase = ?", phase).Where("id = ? AND phase <> ?", op.ObjectID, PhaseDeleting).Exec(ctx); err != nil {
			return err
		}
	}
	if phase == PhaseFailed {
		if _, err := tx.NewUpdate().Model((*Operation)(nil)).Set("state = ?", op.State).Set("ended_at = ?", op.EndedAt).Set("message = ?", op.Message).
			Where("object_id = ? AND ended_at IS NULL", op.ObjectID).Exec(ctx); err != nil {
			return err
		}
	}
	o := Meta{ID: op.ObjectID, Kind: op.Kind, Project: op.Project, Name: op.ObjectName}
	if err := s.writeEvent(ctx, tx, o, "put", rev); err != nil {
		return err
	}
	if err := insertAll(ctx, tx, []*Audit{s.audit(actor, "operation."+verb, o, op.ID, nil, nil, op.Message)}); err != nil {
		return err
	}
	return s.jobs.Insert(ctx, tx, []Job{{Kind: op.Kind, ID: op.ObjectID, Generation: op.Generation}})
}
