package resource

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/store"
)

// Handover gives an object to another project. What entitles to it, an object of the project that has it, goes with it: of two who
// come with the same, and of who takes it back in the same moment, one is late.
type Handover struct {
	Kind, ID string
	To       string // project
	Name     string // there; "" for the one that it has
	By       Raw    // what entitles to it; it must still be as it is here
	Actor    Actor  // who takes it, and may create such objects there
	// Refuse says why it can not go. It is asked when nobody else can change the object any more.
	Refuse func(ctx context.Context, r Reader, o Raw) error

	IdempotencyKey, IdempotencyHash string
}

// HandOver moves the object, with its id, its secrets and all that it is; the quota of both projects changes with it, in one
// transaction. The operation is what is left to do in its place.
func (s *Store) HandOver(ctx context.Context, h Handover) (Applied, error) {
	def, err := s.registry.Kind(h.Kind)
	if err != nil {
		return Applied{}, err
	}
	req := Request{Kind: def.Name, ID: h.ID, Actor: h.Actor, Verb: "accept", IdempotencyKey: h.IdempotencyKey, IdempotencyHash: h.IdempotencyHash}
	return insist(ctx, req, func() (Applied, error) { return s.handOver(ctx, def, h, req) })
}

func (s *Store) handOver(ctx context.Context, def *Definition, h Handover, req Request) (Applied, error) {
	by, o, err := s.entitled(ctx, def, h)
	// Keys are read after the objects: whoever sees what a request did sees its key too.
	if a, done, err := s.replay(ctx, req); done || err != nil {
		return a, err
	}
	if err != nil {
		return Applied{}, err
	}
	if err := s.permit(ctx, &req, "create", def.Name, h.To); err != nil {
		return Applied{}, err
	}
	changes, err := s.handoverChanges(def, h, req, by, o)
	if err != nil {
		return Applied{}, err
	}
	take := changes[1]
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.write(ctx, tx, changes); err != nil {
			return err
		}
		return h.Refuse(ctx, s.reader(), o) // the row is ours now: whoever relies on it waits, or was before us and is seen
	})
	if err != nil {
		if a, done, replayErr := s.replay(ctx, req); done {
			return a, replayErr
		}
		return Applied{}, explainHandover(take, err)
	}
	s.committed()
	hidden, err := s.View(Everything).Get(ctx, def.Name, "", o.ID)
	return Applied{Object: hidden, Operation: take.operation, Changed: true}, err
}

// entitled reads what entitles to the object, and the object.
func (s *Store) entitled(ctx context.Context, def *Definition, h Handover) (by, o Raw, err error) {
	by, err = s.reader().Get(ctx, h.By.Kind, h.By.Project, h.By.ID)
	switch {
	case err != nil:
		return by, o, err
	case by.DeletingAt != nil:
		return by, o, notFound(by.Kind, by.ID)
	case by.Version != h.By.Version:
		return by, o, stale(by, h.By.Version)
	}
	o, err = s.reader().Get(ctx, def.Name, by.Project, h.ID)
	switch {
	case err != nil:
		return by, o, err
	case o.Project != by.Project: // it may use it, and can not give it away
		return by, o, notFound(def.Name, h.ID)
	case o.Project == h.To:
		return by, o, Invalid(def.Name, "project", h.To, "is the project that has it")
	}
	return by, o, nil
}

func explainHandover(take *change, err error) error {
	if _, dup := store.UniqueViolation(err); dup {
		p := taken(take.object.Meta)
		p.Hint, p.Err = "accept it under another name", nil // it is there to stay
		return p
	}
	return explain(take, err)
}

// handoverChanges are the end of what entitles to it, and the move.
func (s *Store) handoverChanges(def *Definition, h Handover, req Request, by, o Raw) ([]*change, error) {
	byDef, err := s.registry.Kind(by.Kind)
	if err != nil {
		return nil, err
	}
	charges, err := def.charges(o)
	if err != nil {
		return nil, err
	}
	measures, err := def.meter(o)
	if err != nil {
		return nil, err
	}
	moved, was := o, o.Meta
	if moved.Project = h.To; h.Name != "" {
		moved.Name = h.Name
	}
	if err := s.place(def, Request{Name: moved.Name, Project: h.To}); err != nil {
		return nil, err
	}
	moved.Version, moved.UpdatedAt, moved.Generation, moved.Phase = o.Version+1, s.now(), o.Generation+1, PhaseWorking
	give := &change{def: byDef, actor: req.Actor, verb: req.Verb, object: &by, before: by.Spec, expect: by.Version, remove: true, usage: s.used(byDef, by.Meta)}
	take := &change{def: def, actor: req.Actor, verb: req.Verb, object: &moved, expect: o.Version, keepSpec: true, from: &was, charges: charges,
		usage: s.usage(moved.Meta, "handover", measures), operation: s.operation(req, moved.Meta), idempotency: idempotency(req, moved.ID, moved.UpdatedAt)}
	return []*change{give, take}, errors.Join(s.prepare(give), s.prepare(take))
}

// moveHoldings lets what an object holds count for the project that it comes to, and no longer for the one that it leaves. What it
// holds of pools stays.
func (s *Store) moveHoldings(ctx context.Context, tx bun.Tx, from, to Meta) error {
	var held []Holding
	if err := tx.NewSelect().Model(&held).Where("object_id = ? AND project = ?", to.ID, from.Project).Scan(ctx); err != nil {
		return err
	}
	if _, err := tx.NewUpdate().Table("quota_holdings").Set("project = ?", to.Project).Where("object_id = ? AND project = ?", to.ID, from.Project).Exec(ctx); err != nil {
		return err
	}
	totals := map[quotaKey]quotaDelta{}
	for _, x := range held {
		totals[quotaKey{from.Project, x.Metric}] = quotaDelta{node: from.Project, metric: x.Metric, reserve: -x.Reserved, commit: -x.Committed}
		totals[quotaKey{to.Project, x.Metric}] = quotaDelta{node: to.Project, metric: x.Metric, reserve: x.Reserved, commit: x.Committed}
	}
	if err := s.writeTotals(ctx, tx, totals); err != nil {
		return err
	}
	return s.chargeAbove(ctx, tx, totals)
}

// leaving are the records of the project that an object leaves: there it is gone.
func (s *Store) leaving(c *change, rev int64) (eventRow, *Audit) {
	event := eventRow{Revision: rev, Kind: c.from.Kind, ObjectID: c.from.ID, Project: c.from.Project, Name: c.from.Name, Change: "delete", At: s.now()}
	return event, s.audit(c.actor, "handed-over", *c.from, "", c.row.Spec, nil, "to another project")
}

// Rely makes the change wait for who is about to hand an object over, or to be refused by them: what names it is written while it
// is in its project, or not at all.
func (a *Admission) Rely(m Meta) { a.relies = append(a.relies, m) }

// hold keeps what a change relies on in its project until the transaction ends.
func (s *Store) hold(ctx context.Context, tx bun.Tx, relies ...Meta) error {
	for _, m := range relies {
		q := tx.NewSelect().Table("objects").Column("id").Where("id = ? AND project = ?", m.ID, m.Project)
		if s.db.Dialect == store.Postgres {
			q = q.For("SHARE")
		}
		var id string
		if err := q.Scan(ctx, &id); err != nil {
			if !errors.Is(err, sql.ErrNoRows) {
				return err
			}
			return &Problem{Reason: ReasonStale, Kind: m.Kind, Hint: "read it again, then repeat the change", Err: errMoved, Detail: m.Kind + " " + m.Name + " went in the same moment"}
		}
	}
	return nil
}
