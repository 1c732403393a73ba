package tenancy

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/resource"
)

// Binding gives a user a role on a node and everything below it.
type Binding struct {
	bun.BaseModel `bun:"table:bindings" json:"-"`

	ID        string    `bun:",pk" json:"id" format:"uuid"`
	UserID    string    `json:"userId"`
	UserName  string    `bun:",scanonly" json:"user"`
	Role      Role      `json:"role" doc:"Built in, or the name of a custom role"`
	RoleID    string    `bun:",nullzero" json:"roleId,omitempty" doc:"Of a custom role"`
	NodeID    string    `json:"nodeId"`
	NodeName  string    `bun:",scanonly" json:"node" doc:"Full name; empty for the root"`
	CreatedBy string    `json:"createdBy"`
	CreatedAt time.Time `json:"createdAt"`

	ProviderID string `bun:",nullzero" json:"providerId,omitempty" doc:"The identity provider whose groups gave it, and may take it away at a login"`
}

// BindingFilter limits Bindings; empty fields match all.
type BindingFilter struct {
	User  string // id or name
	Node  string // id or full name; "/" is the root
	Below bool   // also on the nodes below Node
}

// Bind gives a user (id or name) a role on a node (id or full name); doing it again returns the same binding. An
// administrator of a node binds roles at and below it.
func (s *Service) Bind(ctx context.Context, actor resource.Actor, user string, role Role, node string) (Binding, error) {
	n, err := s.Node(ctx, node)
	if err != nil {
		return Binding{}, err
	}
	if err := s.authorizeNode(ctx, &actor, "create", "binding", n, node); err != nil {
		return Binding{}, err
	}
	u, err := s.User(ctx, user)
	if err != nil {
		return Binding{}, err
	}
	var b Binding
	err = s.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if n, err = s.lockNode(ctx, tx, n.ID, node); err != nil {
			return err
		}
		b, err = s.bind(ctx, tx, actor, u, role, n)
		return err
	})
	return b, err
}

// bind expects the node's row to be held.
func (s *Service) bind(ctx context.Context, tx bun.Tx, actor resource.Actor, u User, role Role, n Node) (Binding, error) {
	b, err := row[Binding](ctx, tx.NewSelect().Where("user_id = ? AND node_id = ? AND role = ?", u.ID, n.ID, role))
	b.UserName, b.NodeName = u.Name, n.FullName
	if err == nil && b.ProviderID != "" { // it was asked for here, and stays whatever the provider says
		b.ProviderID = ""
		_, err = tx.NewUpdate().Model(&b).Column("provider_id").WherePK().Exec(ctx)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return b, err
	}
	return s.give(ctx, tx, actor, u, role, n, "")
}

// give adds a binding that is not there yet; provider is the one whose groups say so, if any.
func (s *Service) give(ctx context.Context, tx bun.Tx, actor resource.Actor, u User, role Role, n Node, provider string) (Binding, error) {
	custom, err := s.roleID(ctx, tx, role, n)
	if err != nil {
		return Binding{}, err
	}
	b := Binding{ID: resource.NewID(), UserID: u.ID, UserName: u.Name, Role: role, RoleID: custom, NodeID: n.ID, NodeName: n.FullName,
		CreatedBy: actor.Name, CreatedAt: s.time(), ProviderID: provider}
	if _, err := tx.NewInsert().Model(&b).Exec(ctx); err != nil {
		return b, err
	}
	return b, s.audit(ctx, tx, actor, b.entry("create", n))
}

func (b Binding) entry(verb string, n Node) entry {
	e := entry{verb: verb, kind: "binding", id: b.ID, name: b.UserName + " " + string(b.Role) + " " + n.display()}
	if n.Type == Project {
		e.project = n.ID
	}
	if verb == "delete" {
		e.before = b
	} else {
		e.after = b
	}
	return e
}

// Unbind takes a role away. The last administrator of the root keeps the role.
func (s *Service) Unbind(ctx context.Context, actor resource.Actor, id string) error {
	absent := resource.Problemf(resource.ReasonNotFound, "binding", "see: plaza binding list", "there is no binding %q", id)
	if uuid.Validate(id) != nil {
		return absent
	}
	found, err := s.bindings(ctx, s.db.Read, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("b.id = ?", id) })
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return absent
	}
	b := found[0]
	if err := s.mayUnbind(ctx, &actor, b.NodeID, absent); err != nil {
		return err
	}
	return s.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.lockRoot(ctx, tx); err != nil {
			return err
		}
		n, err := s.node(ctx, tx, b.NodeID)
		if err != nil {
			return absent
		}
		if err := removed(ctx, tx.NewDelete().Model(&b).WherePK(), absent); err != nil {
			return err
		}
		if err := s.keepAdmin(ctx, tx); err != nil {
			return err
		}
		return s.audit(ctx, tx, actor, b.entry("delete", n))
	})
}

// mayUnbind tells why an actor may not take roles away on a node: absent, when nothing of it is to be known.
func (s *Service) mayUnbind(ctx context.Context, actor *resource.Actor, node string, absent error) error {
	err := resource.Admit(ctx, s, actor, "delete", "binding", node)
	if resource.ReasonOf(err) == resource.ReasonNotFound {
		return absent
	}
	return err
}

// Bindings lists bindings by node and user. It does not authorise: handlers ask Authorize(list, binding, node) first.
func (s *Service) Bindings(ctx context.Context, f BindingFilter) ([]Binding, error) {
	var where []func(*bun.SelectQuery) *bun.SelectQuery
	if f.User != "" {
		u, err := s.User(ctx, f.User)
		if err != nil {
			return nil, err
		}
		where = append(where, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("b.user_id = ?", u.ID) })
	}
	if f.Node != "" {
		n, err := s.Node(ctx, f.Node)
		if err != nil {
			return nil, err
		}
		where = append(where, func(q *bun.SelectQuery) *bun.SelectQuery {
			if f.Below {
				return below(q, n.Path)
			}
			return q.Where("b.node_id = ?", n.ID)
		})
	}
	return s.bindings(ctx, s.db.Read, where...)
}

func (s *Service) bindings(ctx context.Context, db bun.IDB, where ...func(*bun.SelectQuery) *bun.SelectQuery) ([]Binding, error) {
	q := db.NewSelect().ModelTableExpr("bindings AS b").
		Join("JOIN nodes AS n ON n.id = b.node_id").Join("JOIN users AS u ON u.id = b.user_id").
		ColumnExpr("b.*, u.name AS user_name, n.full_name AS node_name").OrderExpr("n.full_name, u.name, b.role")
	return rows[Binding](ctx, q.Apply(where...))
}
