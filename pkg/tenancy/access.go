package tenancy

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go"
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/resource"
)

// access is what a subject (a user or a token) holds.
type access struct {
	grants    []Grant
	scope     resource.Scope
	principal cedar.Entity
	policies  *cedar.PolicySet
}

// accessOf returns what a user or token holds; an unknown or disabled one holds nothing.
func (s *Service) accessOf(ctx context.Context, subject string) (*access, error) {
	return s.accesses.get(s, subject, func() (*access, error) { return s.loadAccess(ctx, subject) })
}

func (s *Service) loadAccess(ctx context.Context, subject string) (*access, error) {
	if uuid.Validate(subject) != nil {
		return newAccess(subject, nil, resource.Scope{}), nil //nolint:nilerr // nobody has such an id
	}
	grants, err := s.grants(ctx, s.db.Read, subject)
	if err != nil {
		return nil, err
	}
	scope, err := s.scope(ctx, grants)
	if err != nil {
		return nil, err
	}
	return newAccess(subject, grants, scope), nil
}

// grants reads the bindings of a user, or those of a token's owner narrowed to the token's limits.
func (s *Service) grants(ctx context.Context, db bun.IDB, subject string) ([]Grant, error) {
	user, role, node, custom := subject, Role(""), Node{}, (*CustomRole)(nil)
	t, err := s.tokenByID(ctx, db, subject)
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return nil, err
	default:
		if user, role = t.UserID, t.Role; t.RoleID != "" {
			if custom, err = s.limitOf(ctx, db, t.RoleID); err != nil {
				return nil, err
			}
			role = ""
		}
		if t.NodeID != "" {
			if node, err = s.node(ctx, db, t.NodeID); err != nil {
				return nil, err
			}
		}
	}
	var bound []struct {
		Role                      Role
		ID, FullName, Title, Path string
		Type                      NodeType
		RoleID, RolePath          string
		Permissions               []Permission `bun:"type:json"`
	}
	err = db.NewSelect().TableExpr("bindings AS b").Join("JOIN nodes AS n ON n.id = b.node_id").Join("JOIN users AS u ON u.id = b.user_id").
		Join("LEFT JOIN roles AS r ON r.id = b.role_id").Join("LEFT JOIN nodes AS o ON o.id = r.node_id").
		ColumnExpr("b.role, b.role_id, o.path AS role_path, r.permissions, n.id, n.full_name, n.title, n.path, n.type").Where("b.user_id = ? AND NOT u.disabled", user).
		OrderExpr("n.full_name, b.role").Scan(ctx, &bound)
	if err != nil {
		return nil, err
	}
	grants := make([]Grant, 0, len(bound))
	for _, r := range bound {
		g := Grant{Role: r.Role, NodeID: r.ID, Node: r.FullName, Title: r.Title, NodeType: r.Type, path: r.Path}
		if !strings.HasPrefix(r.Path, r.RolePath) {
			continue // the node was moved to where those who make the role have no say
		}
		if r.RoleID != "" {
			g.custom = &CustomRole{ID: r.RoleID, Name: string(r.Role), Permissions: r.Permissions}
		}
		grants = append(grants, g)
	}
	return within(narrow(grants, role, node), custom), nil
}

// scope is everything for a grant at the root, else the projects below the grants. Who reads but the bills of a project
// sees nothing that is in it.
func (s *Service) scope(ctx context.Context, grants []Grant) (resource.Scope, error) {
	grants = slices.DeleteFunc(slices.Clone(grants), func(g Grant) bool { return g.Role == Billing })
	if len(grants) == 0 {
		return resource.Scope{}, nil
	}
	projects := []string{}
	for _, g := range grants {
		if g.Node == "" {
			return resource.Everything, nil
		}
		ids, err := projectsUnder(ctx, s.db.Read, g.path)
		if err != nil {
			return resource.Scope{}, err
		}
		projects = append(projects, ids...)
	}
	slices.Sort(projects)
	return resource.Within(slices.Compact(projects)...), nil
}

func newAccess(subject string, grants []Grant, scope resource.Scope) *access {
	// Neither a subscriber is, nor who reads bills: lists across projects would show them more than is theirs.
	bound := slices.ContainsFunc(grants, func(g Grant) bool { return g.Role != Subscriber && g.Role != Billing })
	held := map[string][]cedar.Value{}
	var custom []*CustomRole
	for _, g := range grants {
		as := string(g.Role)
		if g.custom != nil { // what is allowed beyond reading goes by the role itself
			as, custom = string(Reader), append(custom, g.custom)
			held[g.custom.attribute()] = append(held[g.custom.attribute()], nodeUID(g.NodeID))
		}
		held[as] = append(held[as], nodeUID(g.NodeID))
	}
	attrs := cedar.RecordMap{"bound": cedar.Boolean(bound)}
	for _, role := range Roles {
		attrs[cedar.String(role)] = cedar.NewSet()
	}
	for role, nodes := range held {
		attrs[cedar.String(role)] = cedar.NewSet(nodes...)
	}
	return &access{grants: grants, scope: scope, policies: policiesWith(custom),
		principal: cedar.Entity{UID: cedar.NewEntityUID("User", cedar.String(subject)), Attributes: cedar.NewRecord(attrs)}}
}

// sees tells whether any grant covers the node of a lineage.
func (a *access) sees(l *lineage) bool {
	return slices.ContainsFunc(a.grants, func(g Grant) bool { return strings.HasPrefix(l.node.Path, g.path) })
}

// lineage is a node with what authorisation asks about its ancestors.
type lineage struct {
	node      Node
	root      cedar.EntityUID
	ancestors cedar.EntityUIDSet // the node itself among them
	suspended bool               // or being deleted: nothing changes
	deleting  bool
}

// lineageOf returns the lineage of a node by id, "" being the root.
func (s *Service) lineageOf(ctx context.Context, id string) (*lineage, error) {
	if id != "" && uuid.Validate(id) != nil {
		return nil, noProject(id)
	}
	return s.lineages.get(s, id, func() (*lineage, error) { return s.loadLineage(ctx, id) })
}

func (s *Service) loadLineage(ctx context.Context, id string) (*lineage, error) {
	n, err := s.Node(ctx, id)
	if resource.ReasonOf(err) == resource.ReasonNotFound {
		return nil, noProject(id)
	}
	if err != nil {
		return nil, err
	}
	ids := n.ids()
	closed, err := rows[Node](ctx, s.db.Read.NewSelect().Where("id IN (?)", bun.List(ids)).Where("suspended OR deleting_at IS NOT NULL"))
	if err != nil {
		return nil, err
	}
	deleting := slices.ContainsFunc(closed, func(n Node) bool { return n.DeletingAt != nil })
	return &lineage{node: n, root: nodeUID(ids[0]), ancestors: nodeUIDs(ids), suspended: len(closed) > 0, deleting: deleting}, nil
}

func nodeUIDs(ids []string) cedar.EntityUIDSet {
	uids := make([]cedar.EntityUID, len(ids))
	for i, id := range ids {
		uids[i] = nodeUID(id)
	}
	return cedar.NewEntityUIDSet(uids...)
}

func nodeUID(id string) cedar.EntityUID { return cedar.NewEntityUID("Node", cedar.String(id)) }

// noProject is said of absent and of foreign projects alike.
func noProject(id string) error {
	return resource.Problemf(resource.ReasonNotFound, "project", "see: plaza project list", "there is no project %q", id)
}
