package tenancy

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
)

// Token lets a program act for a user, with the user's roles or fewer.
type Token struct {
	bun.BaseModel `bun:"table:tokens" json:"-"`

	ID        string     `bun:",pk" json:"id" format:"uuid"`
	Hash      string     `json:"-"`
	UserID    string     `json:"userId"`
	Name      string     `json:"name"`
	Hint      string     `json:"hint" doc:"First characters of the secret, to tell tokens apart"`
	Role      Role       `json:"role,omitempty" doc:"Limits the token to this role at most: built in, or the name of a custom role"`
	RoleID    string     `bun:",nullzero" json:"roleId,omitempty" doc:"Of a custom role; the token goes with it"`
	NodeID    string     `bun:",nullzero" json:"nodeId,omitempty" doc:"Limits the token to what lies at or below this node"`
	CreatedAt time.Time  `json:"createdAt"`
	ExpiresAt *time.Time `json:"expiresAt,omitempty"`
	UsedAt    *time.Time `json:"usedAt,omitempty" doc:"Last use, to the minute"`
}

// NewToken is what CreateToken takes.
type NewToken struct {
	Name      string     `json:"name" minLength:"1" maxLength:"63" pattern:"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"`
	User      string     `json:"user,omitempty" doc:"Id or name of the user the token is for; empty for oneself"`
	Role      Role       `json:"role,omitempty" maxLength:"63" doc:"Limits the token to this role at most: admin, operator, member, reader, auditor, billing-reader, subscriber, or the name of a custom role, looked for from the token's node up"`
	Node      string     `json:"node,omitempty" doc:"Id or full name; limits the token to what lies at or below it"`
	ExpiresAt *time.Time `json:"expiresAt,omitempty" doc:"Without it the token is valid until it is deleted"`
}

// CreateToken makes a token; secret is shown this once. A signed-in user makes tokens for itself, an administrator of
// the root for anybody. A token makes none for its owner, so that a limited one can not shed its limits.
func (s *Service) CreateToken(ctx context.Context, actor resource.Actor, in NewToken) (t Token, secret string, err error) {
	u, err := s.tokenOwner(ctx, &actor, in.User)
	if err != nil {
		return Token{}, "", err
	}
	secret = newSecret(tokenPrefix)
	t = Token{ID: resource.NewID(), Hash: digest(secret), UserID: u.ID, Name: in.Name, Hint: secret[:len(tokenPrefix)+4],
		Role: in.Role, CreatedAt: s.time(), ExpiresAt: in.ExpiresAt}
	if err := s.completeToken(ctx, actor, &t, in); err != nil {
		return Token{}, "", err
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.limitToken(ctx, tx, &t); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&t).Exec(ctx); err != nil {
			if _, dup := store.UniqueViolation(err); dup {
				return resource.Problemf(resource.ReasonAlreadyExists, "token", "choose another name", "%s already has a token %q: %w", u.Name, t.Name, err)
			}
			return err
		}
		return s.audit(ctx, tx, actor, entry{verb: "create", kind: "token", id: t.ID, name: u.Name + "/" + t.Name, after: t})
	})
	if err != nil {
		return Token{}, "", err
	}
	return t, secret, nil
}

// tokenOwner finds the user the token is for and checks that the actor may make it.
func (s *Service) tokenOwner(ctx context.Context, actor *resource.Actor, asked string) (User, error) {
	u, err := s.User(ctx, userOf(*actor))
	switch self := err == nil && u.Name == actor.Name; {
	case self && (asked == "" || asked == u.ID || asked == u.Name):
		return u, nil
	case err != nil && resource.ReasonOf(err) != resource.ReasonNotFound:
		return User{}, err
	case !self && asked == "":
		return User{}, resource.Problemf(resource.ReasonForbidden, "token", "sign in, or name the user the token is for",
			"a token makes no tokens for its owner")
	}
	if err := resource.Admit(ctx, s, actor, "create", "token", ""); err != nil {
		return User{}, err
	}
	return s.User(ctx, asked)
}

func (s *Service) completeToken(ctx context.Context, actor resource.Actor, t *Token, in NewToken) error {
	p := resource.Problem{Reason: resource.ReasonInvalid, Kind: "token", Detail: "the token is not valid", Fields: nameFields(in.Name)}
	if in.ExpiresAt != nil && !in.ExpiresAt.After(s.now()) {
		p.Fields = append(p.Fields, resource.Field{Path: "expiresAt", Message: "is in the past", Value: in.ExpiresAt})
	}
	if err := problemOf(p); err != nil || in.Node == "" {
		return err
	}
	n, err := s.Node(ctx, in.Node)
	if err != nil {
		return err
	}
	t.NodeID = n.ID
	return s.authorizeNode(ctx, &actor, "get", "node", n, in.Node)
}

// limitToken finds the custom role that a token is limited to, and keeps it from going before the transaction ends.
func (s *Service) limitToken(ctx context.Context, tx bun.Tx, t *Token) error {
	if t.Role == "" || slices.Contains(Roles, t.Role) {
		return nil
	}
	n, err := s.node(ctx, tx, t.NodeID) // the root, without one
	if err != nil {
		return err
	}
	t.RoleID, err = s.roleID(ctx, tx, t.Role, n)
	if resource.ReasonOf(err) == resource.ReasonInvalid {
		return resource.Invalid("token", "role", printable(string(t.Role), 63), "is none of %s, subscriber, nor a custom role of the token's node or above", bindableRoles)
	}
	return err
}

// Tokens returns a user's tokens by name. It does not authorise: a user's own are always theirs to see, for others'
// handlers ask Authorize(list, token, "") first.
func (s *Service) Tokens(ctx context.Context, userID string) ([]Token, error) {
	return rows[Token](ctx, s.db.Read.NewSelect().Where("user_id = ?", userID).OrderExpr("name"))
}

// DeleteToken revokes a token: one's own, or anybody's for an administrator of the root. A token may delete itself.
func (s *Service) DeleteToken(ctx context.Context, actor resource.Actor, id string) error {
	absent := resource.Problemf(resource.ReasonNotFound, "token", "see: plaza token list", "there is no token %q", id)
	if uuid.Validate(id) != nil {
		return absent
	}
	foreign := resource.Admit(ctx, s, &actor, "delete", "token", "") == nil
	return s.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		t, err := s.tokenByID(ctx, tx, id)
		if err != nil || !foreign && t.UserID != actor.ID && t.ID != actor.ID {
			return absent
		}
		if _, err := tx.NewDelete().Model(&t).WherePK().Exec(ctx); err != nil {
			return err
		}
		return s.audit(ctx, tx, actor, entry{verb: "delete", kind: "token", id: t.ID, name: t.Name, before: t})
	})
}

func (s *Service) tokenByID(ctx context.Context, db bun.IDB, id string) (Token, error) {
	return row[Token](ctx, db.NewSelect().Where("id = ?", strings.ToLower(id)))
}
