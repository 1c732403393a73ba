package resource

import (
	"context"
	"errors"
	"slices"

	"github.com/uptrace/bun"
)

// Tree tells how nodes hang together, so that a limit can hold for a whole branch. All of it reads through db.
type Tree interface {
	// Above lists, for each of the ids that is a node's, the nodes above it, the root first.
	Above(ctx context.Context, db bun.IDB, ids ...string) (map[string][]string, error)
	// Below lists the projects at and below a node; what is no node stands for itself, as a project does, and is no branch.
	Below(ctx context.Context, db bun.IDB, id string) (projects []string, branch bool, err error)
	// Find is the id of a node by its id or full name; / is the root.
	Find(ctx context.Context, db bun.IDB, idOrName string) (string, error)
	// FullName is a node's name for people.
	FullName(ctx context.Context, db bun.IDB, id string) (string, error)
}

// lone is the tree of a store without one: projects with nothing above them.
type lone struct{}

func (lone) Above(context.Context, bun.IDB, ...string) (map[string][]string, error) { return nil, nil }

func (lone) Below(_ context.Context, _ bun.IDB, id string) ([]string, bool, error) {
	return []string{id}, false, nil
}

func (lone) Find(_ context.Context, _ bun.IDB, idOrName string) (string, error) { return idOrName, nil }

func (lone) FullName(_ context.Context, _ bun.IDB, id string) (string, error) { return id, nil }

// Held lists, as "server web-1", up to twenty objects of a project.
func (s *Store) Held(ctx context.Context, tx bun.IDB, project string) ([]string, error) {
	var rows []struct{ Kind, Name string }
	err := tx.NewSelect().Table("objects").Column("kind", "name").Where("project = ?", project).OrderExpr("kind, name").Limit(20).Scan(ctx, &rows)
	names := make([]string, 0, len(rows))
	for _, r := range rows {
		names = append(names, r.Kind+" "+r.Name)
	}
	return names, err
}

// Clear asks for the deletion of what Held lists, but for what belongs to another object, which goes with that one. What
// others still use, or is changed in the moment, is left for the next time.
func (s *Store) Clear(ctx context.Context, project string) error {
	var rows []struct{ ID, Kind string }
	err := s.db.Read.NewSelect().Table("objects").Column("id", "kind").Where("project = ? AND owner_id = '' AND deleting_at IS NULL", project).OrderExpr("id").Limit(500).Scan(ctx, &rows)
	if err != nil {
		return err
	}
	var failed []error
	for _, r := range rows {
		_, err := s.Delete(ctx, Request{Kind: r.Kind, ID: r.ID, Actor: System("node deletion")})
		switch reason := ReasonOf(err); {
		case err == nil, reason == ReasonInUse, reason == ReasonNotFound, reason == ReasonStale, reason == ReasonConflict:
		default:
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// Deleted forgets the limits of a node that goes.
func (s *Store) Deleted(ctx context.Context, tx bun.Tx, node string) error {
	_, err := tx.NewDelete().Table("quota_usage").Where("node = ?", node).Exec(ctx)
	return err
}

// Moved takes what is used below a node from the nodes that it hung below, and gives it to those that it hangs below
// now, if their limits allow.
func (s *Store) Moved(ctx context.Context, tx bun.Tx, node string, from, to []string) error {
	if err := s.holdQuota(ctx, tx); err != nil {
		return err
	}
	used, err := s.usedBelow(ctx, tx, node)
	if err != nil {
		return err
	}
	left := slices.DeleteFunc(slices.Clone(from), func(id string) bool { return slices.Contains(to, id) })
	joined := slices.DeleteFunc(slices.Clone(to), func(id string) bool { return slices.Contains(from, id) })
	limits, err := limitsOf(ctx, tx, slices.Concat(left, joined), nil)
	if err != nil {
		return err
	}
	for _, l := range limits {
		d := quotaDelta{node: l.Node, metric: l.Metric, reserve: used[l.Metric].Reserved, commit: used[l.Metric].Committed}
		if slices.Contains(left, l.Node) {
			d.reserve, d.commit = -d.reserve, -d.commit
		}
		if d.reserve == 0 && d.commit == 0 {
			continue
		}
		if err := s.moveTotal(ctx, tx, d); err != nil {
			return err
		}
	}
	return s.keepPromises(ctx, tx, to...)
}
