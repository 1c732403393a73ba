package tenancy

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/resource"
)

var _ resource.Tree = (*Service)(nil)

// Attached is what other parts keep by node. It follows the tree in the same transaction.
type Attached interface {
	// Held lists, in words such as "server web-1", what keeps a node from being deleted.
	Held(ctx context.Context, tx bun.IDB, node string) ([]string, error)
	// Moved is told of a node's new place; from and to are the nodes above it, the root first.
	Moved(ctx context.Context, tx bun.Tx, node string, from, to []string) error
	Deleted(ctx context.Context, tx bun.Tx, node string) error
	// Clear asks for the end of what Held lists; it may take a while, and be asked again.
	Clear(ctx context.Context, node string) error
}

// Attach makes a part follow the tree; it is called before the first change.
func (s *Service) Attach(a Attached) { s.attached = append(s.attached, a) }

// Above implements resource.Tree.
func (s *Service) Above(ctx context.Context, db bun.IDB, ids ...string) (map[string][]string, error) {
	var asked []string
	for _, id := range ids {
		if uuid.Validate(id) == nil {
			asked = append(asked, id)
		}
	}
	if len(asked) == 0 {
		return nil, nil
	}
	nodes, err := rows[Node](ctx, db.NewSelect().Column("id", "path").Where("id IN (?)", bun.List(asked)))
	if err != nil {
		return nil, err
	}
	out := make(map[string][]string, len(nodes))
	for _, n := range nodes {
		out[n.ID] = n.above()
	}
	return out, nil
}

// Below implements resource.Tree.
func (s *Service) Below(ctx context.Context, db bun.IDB, id string) (projects []string, branch bool, err error) {
	if uuid.Validate(id) != nil {
		return []string{id}, false, nil //nolint:nilerr // no node has such an id
	}
	n, err := s.node(ctx, db, id)
	switch {
	case resource.ReasonOf(err) == resource.ReasonNotFound, err == nil && n.Type == Project:
		return []string{id}, false, nil
	case err != nil:
		return nil, false, err
	}
	projects, err = projectsUnder(ctx, db, n.Path)
	return projects, true, err
}

// Find implements resource.Tree.
func (s *Service) Find(ctx context.Context, db bun.IDB, idOrName string) (string, error) {
	n, err := s.node(ctx, db, idOrName)
	return n.ID, err
}

// FullName implements resource.Tree.
func (s *Service) FullName(ctx context.Context, db bun.IDB, id string) (string, error) {
	n, err := s.node(ctx, db, id)
	return n.display(), err
}

// ids are those of the nodes from the root to this one.
func (n Node) ids() []string { return strings.Split(strings.TrimSuffix(n.Path, "/"), "/") }

// above are the ids of the nodes above this one, the root first.
func (n Node) above() []string {
	ids := n.ids()
	return ids[:len(ids)-1]
}
