package resource

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/store"
)

// outcome is what one reconciliation found.
type outcome struct {
	def     *Definition
	holder  string
	before  Raw // as leased
	after   Raw // status, conditions and finalizers as seen
	result  Result
	problem *Problem // why it is not done
	final   bool     // trying again makes no sense
	notes   []*Audit
	mu      sync.Mutex
	touched []Job // looked at as soon as this is written
}

// touch asks for a look at another object, which is to see this one as the pass leaves it.
func (o *outcome) touch(kind, id, cause string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.touched = append(o.touched, Job{Kind: kind, ID: id, Cause: cause})
}

// writeTouched is part of the transaction that writes the outcome.
func (s *Store) writeTouched(ctx context.Context, tx bun.Tx, o *outcome) error {
	if len(o.touched) == 0 {
		return nil
	}
	return s.jobs.Insert(ctx, tx, o.touched)
}

// phase returns what the object's phase should be, if its desired state has not changed meanwhile.
func (o *outcome) phase() Phase {
	switch {
	case o.before.DeletingAt != nil:
		return PhaseDeleting
	case o.problem != nil && o.final:
		return PhaseFailed
	case o.problem == nil && o.result.Done:
		return PhaseReady
	case o.result.Degraded || o.before.Phase == PhaseReady && o.before.ObservedGeneration == o.before.Generation || o.before.Phase == PhaseDegraded:
		return PhaseDegraded
	}
	return PhaseWorking
}

// settle writes the Ready condition, which says in one place whether and why not.
func (o *outcome) settle() {
	c := Condition{Type: "Ready", Status: False, Reason: "Working", Message: o.result.Message}
	switch {
	case o.problem != nil:
		c.Reason, c.Message = string(o.problem.Reason), o.problem.Error()
	case o.result.Done:
		c.Status, c.Reason = True, "AsDesired"
	}
	o.after.SetCondition(c)
}

// observe writes what a reconciliation saw: status, phase, quota, usage, operations, audit notes and the watch event
// in one transaction. When nothing changed it writes nothing but the end of the lease.
func (s *Store) observe(ctx context.Context, o *outcome) error {
	o.settle()
	phase := o.phase()
	observed := o.before.ObservedGeneration
	if phase == PhaseReady {
		observed = o.before.Generation
	}
	same := phase == o.before.Phase && observed == o.before.ObservedGeneration && sameJSON(o.before.Status, o.after.Status) &&
		reflect.DeepEqual(o.before.Conditions, o.after.Conditions) && reflect.DeepEqual(o.before.Finalizers, o.after.Finalizers) && len(o.notes) == 0
	if same && phase == PhaseReady && len(o.touched) == 0 {
		return s.release(ctx, o)
	}
	err := s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.writeTouched(ctx, tx, o); err != nil {
			return err
		}
		if same && phase == PhaseReady {
			return s.releaseIn(ctx, tx, o)
		}
		if same {
			return errors.Join(s.writeOperations(ctx, tx, o, phase), s.releaseIn(ctx, tx, o))
		}
		rev, err := s.revision(ctx, tx)
		if err != nil {
			return err
		}
		now, err := s.writeObserved(ctx, tx, o, phase, observed, rev)
		if err != nil {
			return err
		}
		if now.Generation == o.before.Generation && phase == PhaseReady {
			if err := s.commitQuota(ctx, tx, o); err != nil {
				return err
			}
		}
		if err := s.writeOperations(ctx, tx, o, phase); err != nil {
			return err
		}
		return s.writeTrace(ctx, tx, o, now, phase, rev)
	})
	if err != nil {
		return fmt.Errorf("observe %s %s: %w", o.before.Kind, o.before.ID, err)
	}
	if !same {
		s.committed()
	} else if len(o.touched) > 0 {
		s.jobs.Wake()
	}
	return nil
}

// writeObserved updates the object, ends its lease, and returns it as it now is: its desired state may have changed
// during the pass. A phase that someone else set meanwhile, by a change or a cancellation, is theirs to set.
func (s *Store) writeObserved(ctx context.Context, tx bun.Tx, o *outcome, phase Phase, observed, rev int64) (Raw, error) {
	r, err := s.toRow(o.after, nil)
	if err != nil {
		return Raw{}, err
	}
	stored := &row{}
	err = tx.NewRaw(`UPDATE objects SET status = ?, conditions = ?, finalizers = ?, observed_generation = ?, version = version + 1, revision = ?, updated_at = ?,
		lease_holder = '', lease_until = 0, phase = CASE WHEN deleting_at IS NOT NULL THEN 'Deleting' WHEN generation > ? THEN phase
		WHEN version <> ? AND phase = 'Failed' AND ? <> 'Ready' THEN phase ELSE ? END
		WHERE id = ? AND lease_holder = ? RETURNING *`,
		string(r.Status), string(r.Conditions), string(r.Finalizers), observed, rev, s.now(), o.before.Generation, o.before.Version, string(phase), string(phase),
		r.ID, o.holder).Scan(ctx, stored)
	if errors.Is(err, sql.ErrNoRows) {
		return Raw{}, errors.New("lease was lost")
	}
	if err != nil {
		return Raw{}, err
	}
	now, err := s.toRaw(stored, true)
	if err != nil || len(o.def.Indexed) == 0 || sameJSON(o.before.Status, o.after.Status) {
		return now, err
	}
	if _, err := tx.NewDelete().Table("object_index").Where("object_id = ?", r.ID).Exec(ctx); err != nil {
		return now, err
	}
	return now, insertAll(ctx, tx, indexRows(o.def, now))
}

// commitQuota turns what the object reserved into what it holds, and gives back what a shrunk one no longer needs.
func (s *Store) commitQuota(ctx context.Context, tx bun.Tx, o *outcome) error {
	charges, err := o.def.charges(o.after)
	if err != nil || charges == nil {
		return err
	}
	region, err := s.regionOf(ctx, o.after, charges)
	if err != nil {
		return err
	}
	deltas, err := s.deltas(ctx, tx, &change{object: &o.after, charges: charges, region: region, commit: true})
	if err != nil {
		return err
	}
	for i := range deltas {
		deltas[i].owed = strings.ContainsAny(deltas[i].metric, regionMark+":") // by region or part what is there is counted, also when a limit came later
	}
	return s.applyDeltas(ctx, tx, deltas)
}

// writeOperations moves the object's open operations along.
func (s *Store) writeOperations(ctx context.Context, tx bun.Tx, o *outcome, phase Phase) error {
	q := tx.NewUpdate().Model((*Operation)(nil)).Where("object_id = ? AND ended_at IS NULL AND generation <= ?", o.before.ID, o.before.Generation).
		Set("attempts = attempts + 1").Set("started_at = COALESCE(started_at, ?)", s.now())
	switch {
	case phase == PhaseReady:
		q = q.Set("state = ?", OperationSucceeded).Set("progress = 100").Set("message = ''").Set("problem = NULL").Set("ended_at = ?", s.now())
	case phase == PhaseFailed:
		q = q.Set("state = ?", OperationFailed).Set("ended_at = ?", s.now()).Set("message = ?", o.problem.Detail).Set("problem = ?", problemJSON(o.problem))
	case o.problem != nil:
		q = q.Set("state = ?", OperationRunning).Set("message = ?", "trying again: "+o.problem.Detail).Set("problem = ?", problemJSON(o.problem))
	default:
		q = q.Set("state = ?", OperationRunning).Set("progress = ?", o.result.Progress).Set("message = ?", o.result.Message).Set("problem = NULL")
	}
	_, err := q.Exec(ctx)
	return err
}

func problemJSON(p *Problem) string {
	b, err := json.Marshal(p)
	if err != nil {
		return "{}"
	}
	return string(b)
}

// writeTrace writes the watch event, what usage is metered by when it changed, audit notes, and a job for the owner.
func (s *Store) writeTrace(ctx context.Context, tx bun.Tx, o *outcome, now Raw, phase Phase, rev int64) error {
	m := now.Meta // it may be another project's since the pass began
	if err := s.writeEvent(ctx, tx, m, "put", rev); err != nil {
		return err
	}
	// A change of spec during the pass has metered itself with the old status.
	then := now
	then.Status, then.Conditions = o.before.Status, o.before.Conditions
	was, err := o.def.meter(then)
	if err != nil {
		return err
	}
	is, err := o.def.meter(now)
	if err != nil {
		return err
	}
	if !maps.Equal(was, is) {
		if err := insertAll(ctx, tx, []*Usage{s.usage(m, "observe", is)}); err != nil {
			return err
		}
	}
	if err := insertAll(ctx, tx, o.notes); err != nil {
		return err
	}
	return s.tellOwner(ctx, tx, o.before, phase)
}

func (s *Store) tellOwner(ctx context.Context, tx bun.Tx, o Raw, phase Phase) error {
	if o.Owner == nil || phase == o.Phase {
		return nil
	}
	return s.jobs.Insert(ctx, tx, []Job{{Kind: o.Owner.Kind, ID: o.Owner.ID, Cause: fmt.Sprintf("%s %s is %s", o.Kind, o.Name, phase)}})
}

// gone removes an object of which nothing is left, releases what it held, and ends its operations.
func (s *Store) gone(ctx context.Context, o *outcome) error {
	m := o.before.Meta
	err := s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		rev, err := s.revision(ctx, tx)
		if err != nil {
			return err
		}
		res, err := tx.NewDelete().Table("objects").Where("id = ? AND lease_holder = ?", m.ID, o.holder).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, errors.New("lease was lost"))
		}
		deltas, err := s.deltas(ctx, tx, &change{object: &o.before, remove: true})
		if err != nil {
			return err
		}
		if err := s.applyDeltas(ctx, tx, deltas); err != nil {
			return err
		}
		now := s.now()
		if _, err := tx.NewUpdate().Model((*Operation)(nil)).Where("object_id = ? AND ended_at IS NULL", m.ID).
			Set("state = CASE WHEN verb = 'delete' THEN 'succeeded' ELSE 'cancelled' END").Set("message = CASE WHEN verb = 'delete' THEN '' ELSE 'deleted meanwhile' END").
			Set("progress = 100").Set("problem = NULL").Set("started_at = COALESCE(started_at, ?)", now).Set("ended_at = ?", now).Exec(ctx); err != nil {
			return err
		}
		if err := insertAll(ctx, tx, append(o.notes, s.audit(System("reconciler"), "deleted", m, "", nil, nil, ""))); err != nil {
			return err
		}
		if u := s.used(o.def, m); u != nil {
			if err := insertAll(ctx, tx, []*Usage{u}); err != nil {
				return err
			}
		}
		if err := s.writeEvent(ctx, tx, m, "delete", rev); err != nil {
			return err
		}
		return errors.Join(s.writeTouched(ctx, tx, o), s.tellOwner(ctx, tx, o.before, "gone"))
	})
	if err != nil {
		return fmt.Errorf("remove %s %s: %w", m.Kind, m.ID, err)
	}
	s.committed()
	return nil
}

// lease takes an object for one reconciliation: no one else reconciles it until it is released or ttl is over.
// It returns false when someone else has it, ReasonNotFound when there is no such object.
func (s *Store) lease(ctx context.Context, kind, id, holder string, ttl time.Duration) (Raw, bool, error) {
	// Nodes' clocks differ; the database has one.
	now := bun.SafeQuery("?", time.Now().UnixMilli())
	if s.db.Dialect == store.Postgres {
		now = bun.SafeQuery("(extract(epoch FROM clock_timestamp()) * 1000)::bigint")
	}
	r := &row{}
	err := s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		return tx.NewRaw(`UPDATE objects SET lease_holder = ?, lease_until = ? + ? WHERE id = ? AND kind = ? AND lease_until < ? RETURNING *`,
			holder, now, ttl.Milliseconds(), id, kind, now).Scan(ctx, r)
	})
	if err == nil {
		o, err := s.toRaw(r, true)
		if err != nil {
			return o, false, errors.Join(err, s.release(ctx, &outcome{holder: holder, before: Raw{Meta: Meta{ID: id}}}))
		}
		return o, true, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return Raw{}, false, err
	}
	_, err = s.reader().Get(ctx, kind, "", id)
	return Raw{}, false, err
}

func (s *Store) release(ctx context.Context, o *outcome) error {
	return s.releaseIn(ctx, s.db.Write, o)
}

func (s *Store) releaseIn(ctx context.Context, db bun.IDB, o *outcome) error {
	_, err := db.NewUpdate().Table("objects").Set("lease_holder = ''").Set("lease_until = 0").Where("id = ? AND lease_holder = ?", o.before.ID, o.holder).Exec(context.WithoutCancel(ctx))
	return err
}

// ReleaseLeases ends the leases of a node that has just started, and so can not be using any of them.
func (s *Store) ReleaseLeases(ctx context.Context, node string) error {
	_, err := s.db.Write.NewUpdate().Table("objects").Set("lease_holder = ''").Set("lease_until = 0").Where("substr(lease_holder, 1, ?) = ?", len(node)+1, node+"/").Exec(ctx)
	return err
}
