package tenancy

import (
	"context"
	"errors"
	"strings"

	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/resource"
)

// VisibleNodes returns the nodes that the actor has a role on, itself or from above, ordered by full name.
func (s *Service) VisibleNodes(ctx context.Context, actor resource.Actor) ([]Node, error) {
	if actor.System {
		return s.Subtree(ctx, "")
	}
	a, err := s.accessOf(ctx, actor.ID)
	if err != nil {
		return nil, err
	}
	if len(a.grants) == 0 {
		return []Node{}, nil
	}
	q := s.db.Read.NewSelect().WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		for _, g := range a.grants {
			q = q.WhereGroup(" OR ", func(q *bun.SelectQuery) *bun.SelectQuery { return below(q, g.path) })
		}
		return q
	})
	return rows[Node](ctx, q.OrderExpr("full_name"))
}

// VisibleNode finds a node that the actor has a role on; a foreign one is answered as an absent one.
func (s *Service) VisibleNode(ctx context.Context, actor resource.Actor, idOrPath string) (Node, error) {
	n, err := s.Node(ctx, idOrPath)
	if err != nil || actor.System {
		return n, err
	}
	a, err := s.accessOf(ctx, actor.ID)
	if err != nil {
		return Node{}, err
	}
	if !a.sees(&lineage{node: n}) {
		return Node{}, noNode(idOrPath)
	}
	return n, nil
}

// ProjectID finds a project that the actor has a role on, by id or full name; a node of another sort is Invalid.
func (s *Service) ProjectID(ctx context.Context, actor resource.Actor, idOrPath string) (string, error) {
	n, err := s.VisibleNode(ctx, actor, idOrPath)
	if err != nil {
		return "", err
	}
	if n.Type != Project {
		return "", resource.Invalid("project", "project", idOrPath, "is a %s, not a project", n.Type)
	}
	return n.ID, nil
}

// UpdateNode renames, retitles, relabels, suspends or resumes a node.
func (s *Service) UpdateNode(ctx context.Context, actor resource.Actor, idOrPath string, c NodeChange) (Node, error) {
	n, err := s.Node(ctx, idOrPath)
	if err != nil {
		return Node{}, err
	}
	if err := s.authorizeNode(ctx, &actor, "update", "node", n, idOrPath); err != nil {
		return Node{}, err
	}
	if err := c.validate(n); err != nil {
		return Node{}, err
	}
	err = s.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if c.Name != nil {
			if err := s.lockRoot(ctx, tx); err != nil {
				return err
			}
		}
		if n, err = s.lockNode(ctx, tx, n.ID, idOrPath); err != nil {
			return err
		}
		before := n
		c.apply(&n)
		if n.Name != before.Name {
			n.FullName = strings.TrimSuffix(before.FullName, before.Name) + n.Name
			if err := s.rebase(ctx, tx, before, n); err != nil {
				return err
			}
		}
		if _, err := tx.NewUpdate().Model(&n).Column("name", "title", "labels", "suspended").WherePK().Exec(ctx); err != nil {
			return err
		}
		return s.audit(ctx, tx, actor, n.entry("update", before, n))
	})
	return n, err
}

// Rename changes a node's name.
func (s *Service) Rename(ctx context.Context, actor resource.Actor, idOrPath, name string) (Node, error) {
	return s.UpdateNode(ctx, actor, idOrPath, NodeChange{Name: &name})
}

func (c NodeChange) validate(n Node) error {
	p := resource.Problem{Reason: resource.ReasonInvalid, Kind: "node", Detail: "the node is not valid"}
	if c.Name != nil && *c.Name != n.Name {
		p.Fields = nameFields(*c.Name)
		if n.ParentID == "" {
			p.Fields = append(p.Fields, resource.Field{Path: "name", Message: "the root keeps its name; give it a title", Value: *c.Name})
		}
	}
	if c.Title != nil {
		p.Fields = append(p.Fields, titleFields(*c.Title)...)
	}
	if c.Labels != nil {
		p.Fields = append(p.Fields, labelFields(*c.Labels)...)
	}
	if c.Suspended != nil && *c.Suspended && n.ParentID == "" {
		p.Fields = append(p.Fields, resource.Field{Path: "suspended", Message: "the root can not be suspended", Value: true})
	}
	return problemOf(p)
}

func (c NodeChange) apply(n *Node) {
	if c.Name != nil {
		n.Name = *c.Name
	}
	if c.Title != nil {
		n.Title = *c.Title
	}
	if c.Labels != nil {
		n.Labels = *c.Labels
	}
	if c.Suspended != nil {
		n.Suspended = *c.Suspended
	}
	if n.Labels == nil {
		n.Labels = map[string]string{}
	}
}

// MoveNode hangs a node, with all below it, under another parent. Roles inherited from above change with the place.
func (s *Service) MoveNode(ctx context.Context, actor resource.Actor, idOrPath, parentIDOrPath string) (Node, error) {
	n, err := s.Node(ctx, idOrPath)
	if err != nil {
		return Node{}, err
	}
	parent, err := s.Node(ctx, parentIDOrPath)
	if err != nil {
		return Node{}, err
	}
	if err := s.authorizeNode(ctx, &actor, "update", "node", n, idOrPath); err != nil {
		return Node{}, err
	}
	if err := s.authorizeNode(ctx, &actor, "create", "node", parent, parentIDOrPath); err != nil {
		return Node{}, err
	}
	err = s.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.lockRoot(ctx, tx); err != nil {
			return err
		}
		if n, err = s.lockNode(ctx, tx, n.ID, idOrPath); err != nil {
			return err
		}
		if parent, err = s.lockNode(ctx, tx, parent.ID, parentIDOrPath); err != nil {
			return err
		}
		if err := errors.Join(n.alive(), parent.alive()); err != nil {
			return err
		}
		before := n
		p := resource.Problem{Reason: resource.ReasonInvalid, Kind: "node", Detail: "the node can not be moved there", Fields: placeFields(n.Type, parent)}
		if strings.HasPrefix(parent.Path, n.Path) {
			p.Fields = append(p.Fields, resource.Field{Path: "parent", Message: "is the node itself or lies below it", Value: parent.FullName})
		}
		if err := problemOf(p); err != nil {
			return err
		}
		n.ParentID, n.Path, n.FullName = parent.ID, parent.Path+n.ID+"/", join(parent.FullName, n.Name)
		if err := s.rebase(ctx, tx, before, n); err != nil {
			return err
		}
		for _, a := range s.attached {
			if err := a.Moved(ctx, tx, n.ID, before.above(), n.above()); err != nil {
				return err
			}
		}
		return s.audit(ctx, tx, actor, n.entry("move", before, n))
	})
	return n, err
}

// rebase gives a node and all below it the place that after has instead of before's. It expects the root to be locked,
// as a node made meanwhile below would keep the old names.
func (s *Service) rebase(ctx context.Context, tx bun.Tx, before, after Node) error {
	if _, err := tx.NewUpdate().Model(&after).Column("parent_id").WherePK().Exec(ctx); err != nil {
		return s.nodeError(err, after.Name)
	}
	_, err := tx.NewUpdate().Model((*Node)(nil)).
		Set("path = ? || substr(path, ?)", after.Path, len(before.Path)+1).
		Set("full_name = ? || substr(full_name, ?)", after.FullName, len(before.FullName)+1).
		Where("path >= ? AND path < ?", before.Path, strings.TrimSuffix(before.Path, "/")+"0").Exec(ctx)
	if err != nil {
		return s.nodeError(err, after.Name)
	}
	return nil
}

// DeleteNode removes an empty node, with the bindings and limits on it and the tokens limited to it. What hangs on it,
// child nodes and objects, refuses the deletion and is listed in the problem's candidates.
func (s *Service) DeleteNode(ctx context.Context, actor resource.Actor, idOrPath string) error {
	n, err := s.deletable(ctx, &actor, idOrPath)
	if err != nil {
		return err
	}
	return s.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if n, err = s.lockNode(ctx, tx, n.ID, idOrPath); err != nil {
			return err
		}
		return s.drop(ctx, tx, actor, n)
	})
}

// deletable is the node, if the actor may delete it.
func (s *Service) deletable(ctx context.Context, actor *resource.Actor, idOrPath string) (Node, error) {
	n, err := s.Node(ctx, idOrPath)
	if err != nil {
		return n, err
	}
	if err := s.authorizeNode(ctx, actor, "delete", "node", n, idOrPath); err != nil {
		return n, err
	}
	if n.ParentID == "" {
		return n, resource.Problemf(resource.ReasonInUse, "node", "delete what lies below it", "the root can not be deleted")
	}
	return n, nil
}

// drop removes a node on which nothing hangs.
func (s *Service) drop(ctx context.Context, tx bun.Tx, actor resource.Actor, n Node) error {
	if err := s.empty(ctx, tx, n); err != nil {
		return err
	}
	for _, a := range s.attached {
		if err := a.Deleted(ctx, tx, n.ID); err != nil {
			return err
		}
	}
	if _, err := tx.NewDelete().Model(&n).WherePK().Exec(ctx); err != nil {
		return err
	}
	return s.audit(ctx, tx, actor, n.entry("delete", n, nil))
}

func (s *Service) empty(ctx context.Context, tx bun.Tx, n Node) error {
	p := resource.Problem{Reason: resource.ReasonInUse, Kind: "node", Detail: n.display() + " is not empty", Hint: "delete what hangs on it first, or all of it: plaza node delete --cascade"}
	children, err := rows[Node](ctx, tx.NewSelect().Where("parent_id = ?", n.ID).OrderExpr("name"))
	if err != nil {
		return err
	}
	for _, c := range children {
		p.Candidates = append(p.Candidates, resource.Candidate{Name: c.FullName, Reason: "Child", Detail: "is a " + string(c.Type) + " below it"})
	}
	for _, a := range s.attached {
		names, err := a.Held(ctx, tx, n.ID)
		if err != nil {
			return err
		}
		for _, name := range names {
			p.Candidates = append(p.Candidates, resource.Candidate{Name: name, Reason: "Dependent", Detail: "belongs to it"})
		}
	}
	if len(p.Candidates) > 0 {
		return &p
	}
	return nil
}
