package tenancy

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/cedar-policy/cedar-go"
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
)

// CustomRole is a role that an administrator of a node made. It reads as reader does and may besides what its
// permissions say. It can be bound at and below its node, where its maker may everything, so that nobody passes on what
// he does not have.
type CustomRole struct {
	bun.BaseModel `bun:"table:roles" json:"-"`

	ID          string       `bun:",pk" json:"id" format:"uuid"`
	NodeID      string       `json:"nodeId"`
	NodeName    string       `bun:",scanonly" json:"node" doc:"Full name of the node at and below which it can be bound; empty for the root"`
	Name        string       `json:"name" doc:"Unique on its node"`
	Description string       `json:"description,omitempty"`
	Permissions []Permission `bun:"type:jsonb" json:"permissions" nullable:"false"`
	CreatedBy   string       `json:"createdBy"`
	CreatedAt   time.Time    `json:"createdAt"`
	UpdatedAt   time.Time    `json:"updatedAt"`

	path  string // of its node
	class string // the only class of kinds that it is about; empty: those of its permissions
}

// Permission allows verbs on a kind, or on every kind of a class.
type Permission struct {
	Kind  string   `json:"kind,omitempty" maxLength:"63" doc:"Such as server; this or class"`
	Class string   `json:"class,omitempty" enum:"project,catalogue,infrastructure" doc:"Every kind of objects in projects, of those everybody chooses from, or of what the installation runs on"`
	Verbs []string `json:"verbs" minItems:"1" maxItems:"64" nullable:"false" doc:"create, update, delete, actions of the kind, or * for all"`
}

func (p Permission) String() string {
	return first(p.Kind, p.Class+" kinds") + ": " + strings.Join(p.Verbs, ", ")
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// NewRole is what CreateRole takes.
type NewRole struct {
	Node        string       `json:"node" doc:"Id or full name; empty for the root"`
	Name        string       `json:"name" minLength:"1" maxLength:"63" pattern:"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"`
	Description string       `json:"description,omitempty" maxLength:"256"`
	Permissions []Permission `json:"permissions" minItems:"1" maxItems:"64" nullable:"false"`
}

// RoleChange is what UpdateRole takes; nil leaves a field as it is.
type RoleChange struct {
	Description *string       `json:"description,omitempty" maxLength:"256"`
	Permissions *[]Permission `json:"permissions,omitempty" minItems:"1" maxItems:"64"`
}

// attribute is what a principal has the nodes under that the role is bound on.
func (r *CustomRole) attribute() string { return "role/" + r.ID + r.class }

// BuiltIn describes the roles that are always there.
var BuiltIn = []struct {
	Role        Role
	Description string
}{
	{Admin, "everything"},
	{Operator, "run hosts, flavors and images; read projects and act on what is in them"},
	{Member, "read, and create, change and delete objects in projects"},
	{Reader, "read, but not who has which role"},
	{Auditor, "read, the audit and who has which role among it, and change nothing"},
	{Billing, "read quotas, usage and prices, and nothing else"},
}

// CreateRole makes a role on a node; kinds are those that there are, see VerbsOf.
func (s *Service) CreateRole(ctx context.Context, actor resource.Actor, in NewRole, kinds []KindVerbs) (CustomRole, error) {
	n, err := s.Node(ctx, in.Node)
	if err != nil {
		return CustomRole{}, err
	}
	if err := s.authorizeNode(ctx, &actor, "create", "role", n, in.Node); err != nil {
		return CustomRole{}, err
	}
	r := CustomRole{ID: resource.NewID(), NodeID: n.ID, NodeName: n.FullName, Name: in.Name, Description: in.Description, Permissions: in.Permissions,
		CreatedBy: actor.Name, CreatedAt: s.time()}
	r.UpdatedAt = r.CreatedAt
	if err := r.check(kinds); err != nil {
		return CustomRole{}, err
	}
	err = s.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if n, err = s.lockNode(ctx, tx, n.ID, in.Node); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&r).Exec(ctx); err != nil {
			if _, dup := store.UniqueViolation(err); dup {
				return resource.Problemf(resource.ReasonAlreadyExists, "role", "choose another name, or update that one", "%s has a role %q already: %w", n.display(), r.Name, err)
			}
			return err
		}
		return s.audit(ctx, tx, actor, r.entry("create", n, nil, r))
	})
	return r, err
}

func (r CustomRole) entry(verb string, n Node, before, after any) entry {
	e := entry{verb: verb, kind: "role", id: r.ID, name: r.Name + " " + n.display(), before: before, after: after}
	if n.Type == Project {
		e.project = n.ID
	}
	return e
}

// plain are the kinds and verbs that a policy may name.
var plain = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)

// check refuses roles that would not be what they seem: by the name of another, or about what there is not. What makes
// administrators, among it roles and bindings, is theirs alone.
func (r CustomRole) check(kinds []KindVerbs) error {
	p := resource.Problem{Reason: resource.ReasonInvalid, Kind: "role", Detail: "the role is not valid", Fields: nameFields(r.Name)}
	wrong := func(path string, value any, format string, args ...any) {
		p.Fields = append(p.Fields, resource.Field{Path: path, Value: value, Message: fmt.Sprintf(format, args...)})
	}
	if slices.Contains(Roles, Role(r.Name)) {
		wrong("name", r.Name, "is built in")
	}
	for i, perm := range r.Permissions {
		at := fmt.Sprintf("permissions[%d].", i)
		if (perm.Kind == "") == (perm.Class == "") {
			wrong(at+"kind", nil, "either a kind or a class")
			continue
		}
		known := verbsOf(perm, kinds)
		if known == nil {
			wrong(at+"kind", perm.Kind, "is no kind that roles can be about")
		}
		for _, v := range perm.Verbs {
			if known != nil && v != "*" && (!plain.MatchString(v) || !slices.Contains(known, v)) {
				wrong(at+"verbs", v, "is none of *, %s", strings.Join(known, ", "))
			}
		}
	}
	return problemOf(p)
}

// verbsOf are the verbs of what a permission is about; nil when roles are not made about it.
func verbsOf(p Permission, kinds []KindVerbs) (out []string) {
	for _, k := range kinds {
		class := classOf(k.Kind, k.Global)
		if class == "identity" || k.Kind == "audit" || !plain.MatchString(k.Kind) || k.Kind != p.Kind && class != p.Class {
			continue
		}
		for _, v := range k.Verbs {
			if !slices.Contains(out, v) {
				out = append(out, v)
			}
		}
	}
	return out
}

// Role finds a custom role by id. It is absent for those who may not read roles on its node.
func (s *Service) Role(ctx context.Context, actor resource.Actor, id string) (CustomRole, error) {
	return s.roleFor(ctx, &actor, "get", id)
}

func (s *Service) roleFor(ctx context.Context, actor *resource.Actor, verb, id string) (CustomRole, error) {
	absent := resource.Problemf(resource.ReasonNotFound, "role", "see: plaza role list", "there is no role %q", id)
	if uuid.Validate(id) != nil {
		return CustomRole{}, absent
	}
	found, err := s.customRoles(ctx, s.db.Read, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("r.id = ?", strings.ToLower(id)) })
	if err != nil {
		return CustomRole{}, err
	}
	if len(found) == 0 {
		return CustomRole{}, absent
	}
	err = resource.Admit(ctx, s, actor, verb, "role", found[0].NodeID)
	if resource.ReasonOf(err) == resource.ReasonNotFound {
		return CustomRole{}, absent
	}
	return found[0], err
}

func (s *Service) customRoles(ctx context.Context, db bun.IDB, where func(*bun.SelectQuery) *bun.SelectQuery) ([]CustomRole, error) {
	return rows[CustomRole](ctx, where(db.NewSelect().ModelTableExpr("roles AS r").Join("JOIN nodes AS n ON n.id = r.node_id").
		ColumnExpr("r.*, n.full_name AS node_name").OrderExpr("n.full_name, r.name")))
}

// RolesOn lists the custom roles that can be bound on a node: its own and those of the nodes above it. It does not
// authorise: handlers ask Authorize(list, role, node) first.
func (s *Service) RolesOn(ctx context.Context, n Node) ([]CustomRole, error) {
	return s.customRoles(ctx, s.db.Read, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("r.node_id IN (?)", bun.List(n.ids())) })
}

// UpdateRole changes a role; who holds it may from then on what it says.
func (s *Service) UpdateRole(ctx context.Context, actor resource.Actor, id string, c RoleChange, kinds []KindVerbs) (CustomRole, error) {
	return s.changeRole(ctx, actor, "update", id, func(ctx context.Context, tx bun.Tx, r CustomRole, n Node) (CustomRole, error) {
		before := r
		if c.Description != nil {
			r.Description = *c.Description
		}
		if c.Permissions != nil {
			r.Permissions = *c.Permissions
		}
		r.UpdatedAt = s.time()
		if err := r.check(kinds); err != nil {
			return r, err
		}
		if _, err := tx.NewUpdate().Model(&r).Column("description", "permissions", "updated_at").WherePK().Exec(ctx); err != nil {
			return r, err
		}
		return r, s.audit(ctx, tx, actor, r.entry("update", n, before, r))
	})
}

// DeleteRole deletes a role that nobody holds.
func (s *Service) DeleteRole(ctx context.Context, actor resource.Actor, id string) error {
	_, err := s.changeRole(ctx, actor, "delete", id, func(ctx context.Context, tx bun.Tx, r CustomRole, n Node) (CustomRole, error) {
		held, err := s.bindings(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("b.role_id = ?", r.ID).Limit(20) })
		if err != nil {
			return r, err
		}
		if len(held) > 0 {
			p := resource.Problemf(resource.ReasonInUse, "role", "take it away first, with: plaza binding delete ID", "the role %s is bound", r.Name)
			for _, b := range held {
				p.Candidates = append(p.Candidates, resource.Candidate{Name: b.ID, Reason: "Bound", Detail: b.UserName + " has it on " + first(b.NodeName, "the root")})
			}
			return r, p
		}
		if err := r.unlimiting(ctx, tx); err != nil {
			return r, err
		}
		if _, err := tx.NewDelete().Model(&r).WherePK().Exec(ctx); err != nil {
			return r, err
		}
		return r, s.audit(ctx, tx, actor, r.entry("delete", n, r, nil))
	})
	return err
}

// unlimiting refuses to let a role go that tokens are limited to: they would go with it.
func (r *CustomRole) unlimiting(ctx context.Context, tx bun.Tx) error {
	n, err := tx.NewSelect().Model((*Token)(nil)).Where("role_id = ?", r.ID).Count(ctx)
	if err != nil || n == 0 {
		return err
	}
	return resource.Problemf(resource.ReasonInUse, "role", "have their owners delete them first, with: plaza token delete", "%d tokens are limited to the role %s", n, r.Name)
}

// limitOf is the custom role that a token is limited to.
func (s *Service) limitOf(ctx context.Context, db bun.IDB, id string) (*CustomRole, error) {
	r, err := row[CustomRole](ctx, db.NewSelect().Where("id = ?", id))
	if err != nil {
		return nil, err
	}
	n, err := s.node(ctx, db, r.NodeID)
	r.path = n.Path
	return &r, err
}

// within limits grants to what a custom role allows, nil being no limit. With an administrator's that is the role itself, with a
// member's what it allows in projects, and with others' no more than their reading, as what else they have in common is not known.
func within(grants []Grant, r *CustomRole) []Grant {
	if r == nil {
		return grants
	}
	out := []Grant{}
	for _, g := range grants {
		switch {
		case !strings.HasPrefix(g.path, r.path): // the node was moved to where those who make the role have no say
			continue
		case g.custom != nil && g.custom.ID == r.ID:
		case g.custom == nil && g.Role == Admin:
			g.Role, g.custom = Role(r.Name), r
		case g.custom == nil && g.Role == Member:
			inProjects := *r
			inProjects.class = "project"
			g.Role, g.custom = Role(r.Name), &inProjects
		case g.custom != nil, g.Role == Reader, g.Role == Operator:
			g.Role, g.custom = Reader, nil
		default:
			continue
		}
		out = append(out, g)
	}
	return out
}

// changeRole authorises a change and makes it with the role's row held, so that nobody is given it meanwhile.
func (s *Service) changeRole(ctx context.Context, actor resource.Actor, verb, id string, f func(context.Context, bun.Tx, CustomRole, Node) (CustomRole, error)) (CustomRole, error) {
	r, err := s.roleFor(ctx, &actor, verb, id)
	if err != nil {
		return r, err
	}
	name := r.NodeName
	err = s.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		now, err := row[CustomRole](ctx, s.lock(tx.NewSelect().Where("id = ?", r.ID)))
		if errors.Is(err, sql.ErrNoRows) {
			return resource.Problemf(resource.ReasonNotFound, "role", "see: plaza role list", "there is no role %q", id)
		}
		if err != nil {
			return err
		}
		n, err := s.node(ctx, tx, r.NodeID)
		if err != nil {
			return err
		}
		now.NodeName = name
		r, err = f(ctx, tx, now, n)
		return err
	})
	return r, err
}

// roleID is the custom role that a name stands for on a node, the nearest from the node up; "" for built-in ones. The
// role's row is kept from going until the transaction ends.
func (s *Service) roleID(ctx context.Context, tx bun.Tx, name Role, n Node) (string, error) {
	if name.bindable() {
		return "", nil
	}
	var found CustomRole
	q := tx.NewSelect().Model(&found).ModelTableExpr("roles AS custom_role").Where("name = ? AND node_id IN (?)", name, bun.List(n.ids()))
	err := s.share(q).OrderExpr("(SELECT LENGTH(path) FROM nodes WHERE nodes.id = node_id) DESC").Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return "", resource.Problemf(resource.ReasonInvalid, "binding", "roles are "+bindableRoles+", and those that plaza role list shows", "%s knows no role %q", n.display(), name)
	}
	return found.ID, err
}

// policiesWith adds to the built-in rules those of custom roles.
func policiesWith(custom []*CustomRole) *cedar.PolicySet {
	if len(custom) == 0 {
		return policies()
	}
	set := cedar.NewPolicySet()
	for id, p := range policies().All() {
		set.Add(id, p)
	}
	for _, r := range custom {
		for i, perm := range r.Permissions {
			var p cedar.Policy
			if err := p.UnmarshalCedar([]byte(r.rule(perm))); err != nil {
				continue // nothing is allowed by what can not be read
			}
			set.Add(cedar.PolicyID(strings.TrimSpace(fmt.Sprintf("role %s, %d %s", r.Name, i+1, r.class))), &p)
		}
	}
	return set
}

// rule is a permission as a policy. Kinds and verbs were checked, and are quoted all the same.
func (r *CustomRole) rule(p Permission) string {
	action := "action"
	if !slices.Contains(p.Verbs, "*") {
		verbs := make([]string, len(p.Verbs))
		for i, v := range p.Verbs {
			verbs[i] = fmt.Sprintf("Action::%q", v)
		}
		action = "action in [" + strings.Join(verbs, ", ") + "]"
	}
	about := fmt.Sprintf("resource.kind == %q", p.Kind)
	if p.Kind == "" {
		about = fmt.Sprintf("resource.class == %q", p.Class)
	}
	if r.class != "" {
		about += fmt.Sprintf(" && resource.class == %q", r.class)
	}
	return fmt.Sprintf("permit (principal, %s, resource) when { resource in principal[%q] && %s };", action, r.attribute(), about)
}
