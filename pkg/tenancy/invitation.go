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

const (
	defaultInvitation = 7 * 24 * time.Hour
	maxInvitation     = 30 * 24 * time.Hour
)

// Invitation lets somebody make an account that holds a role on a node. Its secret is kept nowhere.
type Invitation struct {
	bun.BaseModel `bun:"table:invitations" json:"-"`

	ID        string    `bun:",pk" json:"id" format:"uuid"`
	Hash      string    `json:"-"`
	Name      string    `json:"name,omitempty" doc:"Name the user will have; empty: the invited choose theirs"`
	Email     string    `json:"email,omitempty"`
	Role      Role      `json:"role" doc:"Built in, or the name of a custom role"`
	NodeID    string    `json:"nodeId"`
	NodeName  string    `bun:",scanonly" json:"node" doc:"Full name; empty for the root"`
	InviterID string    `json:"-"` // a user or a token
	CreatedBy string    `json:"createdBy"`
	CreatedAt time.Time `json:"createdAt"`
	ExpiresAt time.Time `json:"expiresAt"`
}

// NewInvitation is what Invite takes.
type NewInvitation struct {
	Name      string     `json:"name,omitempty" maxLength:"63" doc:"Name the user is to have; without it the invited choose theirs"`
	Email     string     `json:"email,omitempty" maxLength:"254" doc:"Whom it is for; nothing is sent"`
	Role      Role       `json:"role" minLength:"1" maxLength:"63" doc:"admin, operator, member, reader, auditor, billing-reader, or the name of a custom role"`
	Node      string     `json:"node" doc:"Id or full name; empty for the root"`
	ExpiresAt *time.Time `json:"expiresAt,omitempty" doc:"At most 30 days ahead; 7 days without it"`
}

// Acceptance is what Accept takes.
type Acceptance struct {
	Token    string `json:"token" minLength:"1" maxLength:"128" doc:"What the invitation was handed over as"`
	Name     string `json:"name,omitempty" maxLength:"63" doc:"Needed unless the invitation says it"`
	Password string `json:"password" minLength:"1" maxLength:"1024" doc:"At least 10 characters"`
}

// Invite makes an invitation, whose secret is shown this once. Whoever may bind the role on the node may invite to it.
func (s *Service) Invite(ctx context.Context, actor resource.Actor, in NewInvitation) (i Invitation, secret string, err error) {
	expires := s.time().Add(defaultInvitation)
	if in.ExpiresAt != nil {
		expires = in.ExpiresAt.UTC().Truncate(time.Microsecond)
	}
	if err := s.validInvitation(in, expires); err != nil {
		return Invitation{}, "", err
	}
	n, err := s.Node(ctx, in.Node)
	if err != nil {
		return Invitation{}, "", err
	}
	if err := s.authorizeNode(ctx, &actor, "create", "binding", n, in.Node); err != nil {
		return Invitation{}, "", err
	}
	secret = newSecret(invitationPrefix)
	i = Invitation{ID: resource.NewID(), Hash: digest(secret), Name: in.Name, Email: in.Email, Role: in.Role, NodeID: n.ID, NodeName: n.FullName,
		InviterID: userOf(actor), CreatedBy: actor.Name, CreatedAt: s.time(), ExpiresAt: expires}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if n, err = s.lockNode(ctx, tx, n.ID, in.Node); err != nil {
			return err
		}
		if err := n.alive(); err != nil {
			return err
		}
		if _, err := s.roleID(ctx, tx, in.Role, n); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model((*Invitation)(nil)).Where("expires_at <= ?", s.time()).Exec(ctx); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&i).Exec(ctx); err != nil {
			return err
		}
		return s.audit(ctx, tx, actor, i.entry("create", n))
	})
	if err != nil {
		return Invitation{}, "", err
	}
	return i, secret, nil
}

func (s *Service) validInvitation(in NewInvitation, expires time.Time) error {
	who := NewUser{Name: in.Name, Email: in.Email}
	if who.Name == "" {
		who.Name = "nobody"
	}
	if err := who.validate(); err != nil {
		return err
	}
	if now := s.time(); !expires.After(now) || expires.After(now.Add(maxInvitation)) {
		return resource.Invalid("invitation", "expiresAt", expires, "must lie ahead, by 30 days at most")
	}
	return nil
}

func (i Invitation) entry(verb string, n Node) entry {
	e := entry{verb: verb, kind: "invitation", id: i.ID, name: string(i.Role) + " " + n.display(), note: i.Email}
	if n.Type == Project {
		e.project = n.ID
	}
	if verb == "create" {
		e.after = i
	} else {
		e.before = i
	}
	return e
}

// Accept makes the user of an invitation and binds its role, when the secret is an invitation's that is still good: not
// used, revoked or expired, and made by somebody who may still bind that role there.
func (s *Service) Accept(ctx context.Context, in Acceptance, remote string) (User, error) {
	i, err := row[Invitation](ctx, s.db.Read.NewSelect().Where("hash = ? AND expires_at > ?", digest(in.Token), s.time()))
	if errors.Is(err, sql.ErrNoRows) {
		return User{}, noSuchInvitation()
	}
	if err != nil {
		return User{}, err
	}
	switch {
	case i.Name == "":
		i.Name = in.Name
	case in.Name != "" && in.Name != i.Name:
		return User{}, resource.Invalid("invitation", "name", in.Name, "is not the one it is for, %q", i.Name)
	}
	if in.Password == "" {
		return User{}, resource.Invalid("user", "password", nil, "must have at least %d characters", minPassword)
	}
	inviter, err := s.PrincipalOf(ctx, i.InviterID)
	if err == nil {
		err = s.Authorize(ctx, inviter.Actor, "create", "binding", i.NodeID)
	}
	switch resource.ReasonOf(err) {
	case "":
	case resource.ReasonForbidden, resource.ReasonNotFound, resource.ReasonUnauthenticated:
		return User{}, noSuchInvitation()
	default:
		return User{}, err
	}
	u, err := s.newUser(ctx, NewUser{Name: i.Name, Email: i.Email, Password: in.Password})
	if err != nil {
		return User{}, err
	}
	actor := resource.Actor{ID: u.ID, Name: u.Name, Remote: printable(remote, 64), Granted: "an invitation by " + i.CreatedBy}
	return u, s.change(ctx, func(ctx context.Context, tx bun.Tx) error { return s.accept(ctx, tx, actor, i, u) })
}

// accept uses an invitation up. The node's row comes first, as it does for whoever binds.
func (s *Service) accept(ctx context.Context, tx bun.Tx, actor resource.Actor, i Invitation, u User) error {
	n, err := s.lockNode(ctx, tx, i.NodeID, i.NodeID)
	if resource.ReasonOf(err) == resource.ReasonNotFound {
		return noSuchInvitation()
	}
	if err != nil {
		return err
	}
	if err := n.alive(); err != nil {
		return err
	}
	if err := removed(ctx, tx.NewDelete().Model(&i).WherePK(), noSuchInvitation()); err != nil {
		return err
	}
	if err := s.insertUser(ctx, tx, actor, u); err != nil {
		return err
	}
	if _, err := s.bind(ctx, tx, actor, u, i.Role, n); err != nil {
		return err
	}
	return s.audit(ctx, tx, actor, i.entry("accept", n))
}

// noSuchInvitation is said of all that are of no use, whatever the cause.
func noSuchInvitation() error {
	return resource.Problemf(resource.ReasonNotFound, "invitation", "ask for a new one", "the invitation is unknown, used, revoked or expired")
}

// Invitations lists those that are open on a node (id), and on the nodes below it when asked for; all without one. It does
// not authorise: handlers ask Authorize(list, binding, node) first.
func (s *Service) Invitations(ctx context.Context, node string, under bool) ([]Invitation, error) {
	q := s.invitations().Where("i.expires_at > ?", s.time())
	if node != "" {
		n, err := s.Node(ctx, node)
		if err != nil {
			return nil, err
		}
		if under {
			q = below(q, n.Path)
		} else {
			q = q.Where("i.node_id = ?", n.ID)
		}
	}
	return rows[Invitation](ctx, q)
}

func (s *Service) invitations() *bun.SelectQuery {
	return s.db.Read.NewSelect().ModelTableExpr("invitations AS i").Join("JOIN nodes AS n ON n.id = i.node_id").
		ColumnExpr("i.*, n.full_name AS node_name").OrderExpr("n.full_name, i.id")
}

// RevokeInvitation takes an invitation back; whoever may unbind on its node may.
func (s *Service) RevokeInvitation(ctx context.Context, actor resource.Actor, id string) error {
	absent := resource.Problemf(resource.ReasonNotFound, "invitation", "see: plaza user invitations", "there is no invitation %q", id)
	if uuid.Validate(id) != nil {
		return absent
	}
	found, err := rows[Invitation](ctx, s.invitations().Where("i.id = ?", id))
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return absent
	}
	i := found[0]
	if err := s.mayUnbind(ctx, &actor, i.NodeID, absent); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		n, err := s.node(ctx, tx, i.NodeID)
		if err != nil {
			return absent
		}
		if err := removed(ctx, tx.NewDelete().Model(&i).WherePK(), absent); err != nil {
			return err
		}
		return s.audit(ctx, tx, actor, i.entry("revoke", n))
	})
}
