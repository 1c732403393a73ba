package resource

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/store"
)

// change is everything that one change of an object writes: all of it in one transaction.
type change struct {
	def         *Definition
	actor       Actor
	verb        string
	object      *Raw            // as it will be, secrets included
	row         *row            // the same, ready for the database
	before      json.RawMessage // spec before, for the audit
	insert      bool
	respec      bool // the spec is another than before
	remove      bool
	keepSpec    bool  // spec and sealed columns stay as they are
	expect      int64 // version the object must still have
	charges     Charges
	region      string // where the charges are counted, too; "" while nobody knows
	commit      bool   // charges are committed at once instead of reserved
	usage       *Usage
	operation   *Operation
	idempotency *idempotencyRow
	auditRow    *Audit
	from        *Meta     // as it was in the project that it leaves; nil: it stays where it is
	relies      []Meta    // objects that have to stay where they are
	warranty    *warranty // nil: the change stands for itself

	ctx  context.Context //nolint:containedctx // the caller's, carried to the worker that writes its batch
	done chan error
}

// prepare computes what needs no transaction.
func (s *Store) prepare(c *change) error {
	spec, sealed, err := s.seal(c.def, c.object.ID, c.object.Spec)
	if err != nil {
		return err
	}
	open := *c.object
	open.Spec = spec
	if c.row, err = s.toRow(open, sealed); err != nil {
		return err
	}
	op := ""
	if c.operation != nil {
		op = c.operation.ID
	}
	before, _, err := s.seal(c.def, c.object.ID, orEmpty(c.before))
	if err != nil {
		return err
	}
	if c.before == nil {
		before = nil
	}
	after := spec
	if c.remove || c.verb == "delete" {
		after = nil
	}
	note := ""
	if c.warranty != nil {
		note = c.warranty.note
	}
	c.auditRow = s.audit(c.actor, c.verb, c.object.Meta, op, before, after, note)
	return nil
}

func idempotency(req Request, id string, at time.Time) *idempotencyRow {
	if req.IdempotencyKey == "" || req.DryRun {
		return nil
	}
	return &idempotencyRow{Actor: req.Actor.ID, Key: req.IdempotencyKey, Hash: req.IdempotencyHash, ObjectID: id, At: at}
}

// replay answers a request whose idempotency key was used before with what it did then.
func (s *Store) replay(ctx context.Context, req Request) (Applied, bool, error) {
	if req.IdempotencyKey == "" || req.DryRun {
		return Applied{}, false, nil
	}
	k := &idempotencyRow{}
	err := s.db.Read.NewSelect().Model(k).Where("actor = ? AND key = ?", req.Actor.ID, req.IdempotencyKey).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return Applied{}, false, nil
	}
	if err != nil {
		return Applied{}, false, err
	}
	if k.Hash != req.IdempotencyHash {
		return Applied{}, true, Problemf(ReasonInvalid, req.Kind, "use a new key for a new request", "idempotency key %q was used for another request", req.IdempotencyKey)
	}
	a := Applied{Replayed: true, Created: true}
	if a.Object, err = s.View(req.Actor.Scope).Get(ctx, req.Kind, "", k.ObjectID); err != nil {
		return a, true, err
	}
	if k.OperationID != "" {
		op, err := s.View(req.Actor.Scope).Operation(ctx, k.OperationID)
		if err != nil {
			return a, true, err
		}
		a.Operation = &op
	}
	return a, true, nil
}

// write puts changes into the database. The order of locks is fixed: objects by arrival, then quota rows by name.
func (s *Store) write(ctx context.Context, tx bun.Tx, changes []*change) error {
	rev, err := s.revision(ctx, tx)
	if err != nil {
		return err
	}
	for _, c := range changes {
		if err := s.hold(ctx, tx, c.relies...); err != nil {
			return err
		}
	}
	if err := s.writeObjects(ctx, tx, changes, rev); err != nil {
		return err
	}
	if err := s.writeVersions(ctx, tx, changes); err != nil {
		return err
	}
	if err := s.writeQuota(ctx, tx, changes); err != nil {
		return err
	}
	return s.writeRecords(ctx, tx, changes, rev)
}

func (s *Store) writeObjects(ctx context.Context, tx bun.Tx, changes []*change, rev int64) error {
	var inserts []*row
	var index []indexRow
	for _, c := range changes {
		c.row.Revision = rev
		switch {
		case c.insert:
			inserts = append(inserts, c.row)
		case c.remove:
			if err := expectOne(tx.NewDelete().Model(c.row).WherePK().Where("version = ?", c.expect).Exec(ctx))(c); err != nil {
				return err
			}
			continue
		default:
			columns := []string{"labels", "phase", "generation", "version", "revision", "updated_at", "deleting_at"}
			if c.from != nil {
				columns = append(columns, "project", "name")
			}
			if !c.def.Reconciles {
				columns = append(columns, "status") // what Default computed
			}
			if !c.keepSpec {
				columns = append(columns, "spec", "sealed", "observed_generation")
			}
			if err := expectOne(tx.NewUpdate().Model(c.row).Column(columns...).WherePK().Where("version = ?", c.expect).Exec(ctx))(c); err != nil {
				return err
			}
			if c.keepSpec {
				continue
			}
			if _, err := tx.NewDelete().Table("object_index").Where("object_id = ?", c.row.ID).Exec(ctx); err != nil {
				return err
			}
		}
		index = append(index, indexRows(c.def, *c.object)...)
	}
	if len(inserts) > 0 {
		if _, err := tx.NewInsert().Model(&inserts).Exec(ctx); err != nil {
			return err
		}
	}
	return insertAll(ctx, tx, index)
}

// expectOne turns an update that found nothing into the refusal of a stale version.
func expectOne(res sql.Result, err error) func(c *change) error {
	return func(c *change) error {
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 1 {
			return err
		}
		return &Problem{Reason: ReasonStale, Kind: c.object.Kind, Hint: "read it again, then repeat the change", Err: errMoved,
			Detail: fmt.Sprintf("%s %s was changed by someone else in the same moment", c.object.Kind, c.object.Name)}
	}
}

func (s *Store) writeRecords(ctx context.Context, tx bun.Tx, changes []*change, rev int64) error {
	var (
		events []eventRow
		audits []*Audit
		usages []*Usage
		ops    []*Operation
		keys   []*idempotencyRow
		jobs   []Job
	)
	for _, c := range changes {
		m := c.object.Meta
		what := "put"
		if c.remove {
			what = "delete"
		}
		if c.from != nil { // it goes before it comes: whoever sees both projects has it in the end
			event, audit := s.leaving(c, rev)
			events, audits = append(events, event), append(audits, audit)
		}
		events = append(events, eventRow{Revision: rev, Kind: m.Kind, ObjectID: m.ID, Project: m.Project, Name: m.Name, Change: what, At: s.now()})
		audits = append(audits, c.auditRow)
		if c.usage != nil {
			usages = append(usages, c.usage)
		}
		if c.operation != nil {
			ops = append(ops, c.operation)
			jobs = append(jobs, Job{Kind: m.Kind, ID: m.ID, Generation: m.Generation})
		}
		if c.idempotency != nil {
			if c.operation != nil {
				c.idempotency.OperationID = c.operation.ID
			}
			keys = append(keys, c.idempotency)
		}
	}
	queries := append(append(append(append(insertion(tx, keys), insertion(tx, events)...), insertion(tx, audits)...), insertion(tx, usages)...), insertion(tx, ops)...)
	if err := s.execute(ctx, tx, queries); err != nil {
		return err
	}
	woken, err := wakened(ctx, tx, changes)
	if err != nil {
		return err
	}
	jobs = append(jobs, woken...)
	if len(jobs) == 0 {
		return nil
	}
	return s.jobs.Insert(ctx, tx, jobs)
}

func insertAll[T any](ctx context.Context, tx bun.Tx, rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.NewInsert().Model(&rows).Exec(ctx)
	return err
}

// insertion is the statement that insertAll runs; none for no rows.
func insertion[T any](tx bun.Tx, rows []T) []string {
	if len(rows) == 0 {
		return nil
	}
	return []string{tx.NewInsert().Model(&rows).Returning("NULL").String()}
}

// execute runs statements without arguments; on PostgreSQL they share one round trip.
func (s *Store) execute(ctx context.Context, tx bun.Tx, queries []string) error {
	if s.db.Dialect == store.Postgres {
		queries = []string{strings.Join(queries, ";")}
	}
	for _, q := range queries {
		if _, err := tx.Tx.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) writeEvent(ctx context.Context, tx bun.Tx, m Meta, what string, rev int64) error {
	return insertAll(ctx, tx, []eventRow{{Revision: rev, Kind: m.Kind, ObjectID: m.ID, Project: m.Project, Name: m.Name, Change: what, At: s.now()}})
}

func taken(m Meta) *Problem {
	return &Problem{Reason: ReasonAlreadyExists, Kind: m.Kind, Hint: "choose another name, or update that one", Err: errMoved,
		Detail: fmt.Sprintf("there is a %s named %q already", m.Kind, m.Name)}
}

// away turns the error of a database that can not be reached into a refusal, and leaves others as they are.
func away(err error) error {
	if p := (*Problem)(nil); err == nil || errors.As(err, &p) || !store.Unreachable(err) {
		return err
	}
	return &Problem{Reason: ReasonUnavailable, Detail: "the database does not answer", Hint: "try again in a moment, with the same idempotency key if there is one", Err: err}
}

// explain turns an engine's error into a refusal that a user understands.
func explain(c *change, err error) error {
	if p := (*Problem)(nil); errors.As(err, &p) {
		return err
	}
	if _, dup := store.UniqueViolation(err); dup {
		return taken(c.object.Meta)
	}
	if store.Full(err) {
		return &Problem{Reason: ReasonStorageFull, Detail: "the disk under the database is full; nothing was changed", Hint: "free space, then repeat the request", Err: err}
	}
	if err := away(err); ReasonOf(err) == ReasonUnavailable {
		return err
	}
	return fmt.Errorf("write %s %s: %w", c.object.Kind, c.object.Name, err)
}
