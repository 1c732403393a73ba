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

// Versions makes a kind keep every spec that was accepted. The version is the object's generation: it grows by one with
// each change of the spec and is never used again. What is versioned can be followed by subscribers; see Acknowledge.
type Versions[S, T any] struct {
	// Keep is how many versions are kept, the newest.
	Keep int
	// Describe tells the hash of what subscribers take over, and why it was changed.
	Describe func(spec S) (hash, comment string)
	// Tally writes into the status how far subscribers are; it is called for reads and never stored.
	Tally func(o *Object[S, T], t Tally)
}

// Version is an accepted spec of an object.
type Version struct {
	Version int64           `json:"version" doc:"Grows by one with each change; never used again"`
	Hash    string          `json:"hash"`
	Comment string          `json:"comment,omitempty"`
	Verb    string          `json:"verb,omitempty" doc:"create, update, or the action that made it"`
	Author  string          `json:"author,omitempty"`
	At      *time.Time      `json:"at,omitempty"`
	Spec    json.RawMessage `json:"spec,omitempty"`
}

// Tally counts an object's subscribers.
type Tally struct {
	Subscribers int // all that ever acknowledged
	Applied     int // that apply the newest version
	Refused     int // that refused the newest version
}

type versionRow struct {
	bun.BaseModel `bun:"table:object_versions"`

	ObjectID string `bun:",pk"`
	Version  int64  `bun:",pk"`
	Hash     string
	Comment  string
	Verb     string
	Author   string
	At       time.Time
	Spec     json.RawMessage
}

func (r *versionRow) version() Version {
	at := r.At.UTC()
	return Version{Version: r.Version, Hash: r.Hash, Comment: r.Comment, Verb: r.Verb, Author: r.Author, At: &at, Spec: r.Spec}
}

// writeVersions keeps the changed specs and forgets the oldest ones.
func (s *Store) writeVersions(ctx context.Context, tx bun.Tx, changes []*change) error {
	var rows []*versionRow
	for _, c := range changes {
		if c.def.Versions == 0 || !c.respec {
			continue
		}
		v, err := c.def.Describe(*c.object)
		if err != nil {
			return err
		}
		rows = append(rows, &versionRow{ObjectID: c.row.ID, Version: c.row.Generation, Hash: v.Hash, Comment: v.Comment, Verb: c.verb, Author: c.actor.Name,
			At: c.row.UpdatedAt, Spec: c.row.Spec})
	}
	if err := insertAll(ctx, tx, rows); err != nil {
		return err
	}
	for _, c := range changes {
		old := c.row.Generation - int64(c.def.Versions)
		if c.def.Versions == 0 || !c.respec || old < 1 {
			continue
		}
		if _, err := tx.NewDelete().Table("object_versions").Where("object_id = ? AND version <= ?", c.row.ID, old).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Describe tells the version that an object of a versioned kind is at; who made it and when is only in what is kept.
func (d *Definition) Describe(o Raw) (Version, error) {
	if d.describe == nil {
		return Version{}, fmt.Errorf("a %s has no versions", d.Name)
	}
	hash, comment, err := d.describe(o)
	return Version{Version: o.Generation, Hash: hash, Comment: comment, Spec: o.Spec}, err
}

// Versions returns what is kept of an object's versions, newest first, without their specs.
func (v View) Versions(ctx context.Context, kind, id string) ([]Version, error) {
	var rows []versionRow
	q := v.store.db.Read.NewSelect().Model(&rows).ExcludeColumn("spec").Where("object_id IN (?)", v.one(kind, id)).Order("version DESC").Limit(1000)
	if err := q.Scan(ctx); err != nil {
		return nil, away(fmt.Errorf("versions of %s %s: %w", kind, id, err))
	}
	out := make([]Version, len(rows))
	for i := range rows {
		out[i] = rows[i].version()
	}
	return out, nil
}

// Version returns one of an object's versions; 0 is the newest.
func (v View) Version(ctx context.Context, kind, id string, version int64) (Version, error) {
	r := &versionRow{}
	q := v.store.db.Read.NewSelect().Model(r).Where("object_id IN (?)", v.one(kind, id)).Order("version DESC").Limit(1)
	if version != 0 {
		q = q.Where("version = ?", version)
	}
	switch err := q.Scan(ctx); {
	case errors.Is(err, sql.ErrNoRows):
		return Version{}, Problemf(ReasonNotFound, kind, "see what is kept with: plaza "+kind+" history", "version %d is not kept", version)
	case err != nil:
		return Version{}, away(fmt.Errorf("version %d of %s %s: %w", version, kind, id, err))
	}
	return r.version(), nil
}

// one selects the id of an object within the scope.
func (v View) one(kind, id string) *bun.SelectQuery {
	q := v.store.db.Read.NewSelect().Table("objects").Column("id").Where("kind = ?", kind)
	if !isID(id) {
		return q.Where("1 = 0")
	}
	return v.limit(q.Where("id = ?", id))
}

// Tally fills in how far the subscribers of objects of one kind are; kinds without versions stay as they are.
func (v View) Tally(ctx context.Context, kind string, items ...*Raw) error {
	def, err := v.store.registry.Kind(kind)
	if err != nil || def.tally == nil || len(items) == 0 {
		return nil //nolint:nilerr // a kind that is registered no longer has nobody who follows it
	}
	ids := make([]string, len(items))
	for i, o := range items {
		ids[i] = o.ID
	}
	var rows []struct {
		ObjectID                      string
		Subscribers, Applied, Refused int
	}
	err = v.store.db.Read.NewSelect().TableExpr("subscribers AS s").Join("JOIN objects AS o ON o.id = s.object_id").
		ColumnExpr("s.object_id, COUNT(*) AS subscribers").
		ColumnExpr("SUM(CASE WHEN s.version = o.generation AND s.state = ? THEN 1 ELSE 0 END) AS applied", AckApplied).
		ColumnExpr("SUM(CASE WHEN s.version = o.generation AND s.state = ? THEN 1 ELSE 0 END) AS refused", AckRefused).
		Where("s.object_id IN (?)", bun.List(ids)).GroupExpr("s.object_id").Scan(ctx, &rows)
	if err != nil {
		return away(fmt.Errorf("subscribers of %s: %w", def.Plural, err))
	}
	counts := map[string]Tally{}
	for _, r := range rows {
		counts[r.ObjectID] = Tally{r.Subscribers, r.Applied, r.Refused}
	}
	for _, o := range items {
		if err := def.tally(o, counts[o.ID]); err != nil {
			return err
		}
	}
	return nil
}
