package tenancy

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/resource"
)

// SweepEvery is how often Sweep is due.
const SweepEvery = 5 * time.Second

// DeleteBranch has a node deleted with all nodes below it and all that hangs on them. Nothing is made there from then on;
// Sweep does the rest, and what stands in its way, such as what somebody elsewhere uses, DeleteNode lists.
func (s *Service) DeleteBranch(ctx context.Context, actor resource.Actor, idOrPath string) error {
	n, err := s.deletable(ctx, &actor, idOrPath)
	if err != nil {
		return err
	}
	return s.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if n, err = s.lockNode(ctx, tx, n.ID, idOrPath); err != nil || n.DeletingAt != nil {
			return err
		}
		_, err := tx.NewUpdate().Model((*Node)(nil)).Set("deleting_at = ?", s.time()).
			Where("path >= ? AND path < ?", n.Path, strings.TrimSuffix(n.Path, "/")+"0").Where("deleting_at IS NULL").Exec(ctx)
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, actor, n.entry("delete-branch", n, nil))
	})
}

// late marks what was made below a branch in the moment of its marking.
func (s *Service) late(ctx context.Context) error {
	doomed := s.db.Write.NewSelect().Model((*Node)(nil)).Column("id").Where("deleting_at IS NOT NULL")
	_, err := s.db.Write.NewUpdate().Model((*Node)(nil)).Set("deleting_at = ?", s.time()).Where("deleting_at IS NULL AND parent_id IN (?)", doomed).Exec(ctx)
	return err
}

// Sweep goes on with the deletion of branches, from the leaves up.
func (s *Service) Sweep(ctx context.Context) error {
	going, err := rows[Node](ctx, s.db.Read.NewSelect().Where("deleting_at IS NOT NULL").OrderExpr("length(path) DESC, path"))
	if err != nil || len(going) == 0 {
		return err
	}
	failed := []error{s.late(ctx)}
	for _, n := range going {
		if err := s.sweep(ctx, n); err != nil && resource.ReasonOf(err) != resource.ReasonInUse {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// sweep asks for the end of all that hangs on a node, and removes it when nothing does any more.
func (s *Service) sweep(ctx context.Context, n Node) error {
	for _, a := range s.attached {
		if err := a.Clear(ctx, n.ID); err != nil {
			return err
		}
	}
	return s.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		n, err := s.lockNode(ctx, tx, n.ID, n.ID)
		if resource.ReasonOf(err) == resource.ReasonNotFound {
			return nil
		}
		if err != nil {
			return err
		}
		return s.drop(ctx, tx, resource.System("node deletion"), n)
	})
}

// alive refuses to hang anything below a node that is on its way out.
func (n Node) alive() error {
	if n.DeletingAt == nil {
		return nil
	}
	return resource.Problemf(resource.ReasonConflict, "node", "choose another one", "%s is being deleted", n.display())
}
