package tenancy

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
)

// AdminName is the name of the first user.
const AdminName = "admin"

// Bootstrapped is what Bootstrap returns.
type Bootstrapped struct {
	Root     Node
	Created  bool   // whether this call made the tree
	User     string // name of the first administrator; empty unless Created
	Password string // shown this once; empty unless Created
}

// Bootstrap gives an empty database its root node and an administrator with a generated password. On any other it
// changes nothing. Several processes may call it at once: one of them creates.
func (s *Service) Bootstrap(ctx context.Context) (Bootstrapped, error) {
	root, err := s.Root(ctx)
	if err == nil {
		return Bootstrapped{Root: root}, nil
	}
	if resource.ReasonOf(err) != resource.ReasonNotFound {
		return Bootstrapped{}, err
	}
	password := newPassword()
	u, err := s.newUser(ctx, NewUser{Name: AdminName, Password: password})
	if err != nil {
		return Bootstrapped{}, err
	}
	actor := resource.System("bootstrap")
	root = s.newNode(NewNode{Type: Group, Name: RootName}, nil)
	err = s.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(&root).Exec(ctx); err != nil {
			return err
		}
		if err := s.audit(ctx, tx, actor, root.entry("create", nil, root)); err != nil {
			return err
		}
		if err := s.insertUser(ctx, tx, actor, u); err != nil {
			return err
		}
		_, err := s.bind(ctx, tx, actor, u, Admin, root)
		return err
	})
	if _, dup := store.UniqueViolation(err); dup {
		root, err = s.Root(ctx)
		return Bootstrapped{Root: root}, err
	}
	if err != nil {
		return Bootstrapped{}, err
	}
	return Bootstrapped{Root: root, Created: true, User: u.Name, Password: password}, nil
}

// SeedAccount is a user that Seed made; Password is empty when the user was there before.
type SeedAccount struct {
	Name     string
	Role     Role
	Node     string // full name; empty for the root
	Password string
}

// Seeded is what Seed returns.
type Seeded struct {
	Nodes    []Node // of the group, ordered by full name
	Accounts []SeedAccount
	Changed  bool // whether anything was missing
}

var seedNodes = []NewNode{
	{Type: Group, Name: "freshfoods", Title: "鲜食集团 Fresh Foods Group"},
	{Parent: "freshfoods", Type: Subsidiary, Name: "north", Title: "北区公司 North"},
	{Parent: "freshfoods", Type: Subsidiary, Name: "south", Title: "南区公司 South"},
	{Parent: "freshfoods/north", Type: Brand, Name: "dailymart", Title: "每日便利 DailyMart"},
	{Parent: "freshfoods/south", Type: Brand, Name: "tealeaf", Title: "一叶茶 TeaLeaf"},
	{Parent: "freshfoods/north/dailymart", Type: Project, Name: "shop", Title: "线上商城 Online shop"},
	{Parent: "freshfoods/north/dailymart", Type: Project, Name: "pos", Title: "门店收银 Points of sale"},
	{Parent: "freshfoods/south/tealeaf", Type: Project, Name: "shop", Title: "小程序商城 Mini-program shop"},
}

var seedAccounts = []SeedAccount{
	{Name: "cloud-operator", Role: Operator},
	{Name: "dailymart-member", Role: Member, Node: "freshfoods/north/dailymart"},
	{Name: "dailymart-reader", Role: Reader, Node: "freshfoods/north/dailymart"},
	{Name: "tealeaf-member", Role: Member, Node: "freshfoods/south/tealeaf"},
}

// Seed adds a small retail group to try things out with: two subsidiaries, a brand each, their projects, and accounts
// named after their roles. passwords gives the accounts' passwords by name; missing ones are generated. What exists is
// left as it is. It needs a bootstrapped database.
func (s *Service) Seed(ctx context.Context, passwords map[string]string) (Seeded, error) {
	actor := resource.System("seed")
	var out Seeded
	for _, n := range seedNodes {
		_, err := s.Node(ctx, join(n.Parent, n.Name))
		if resource.ReasonOf(err) == resource.ReasonNotFound {
			out.Changed = true
			_, err = s.CreateNode(ctx, actor, n)
		}
		// Another process may be seeding, too.
		if err != nil && resource.ReasonOf(err) != resource.ReasonAlreadyExists {
			return out, err
		}
	}
	for _, a := range seedAccounts {
		made, err := s.seedAccount(ctx, actor, &a, passwords[a.Name])
		if err != nil && resource.ReasonOf(err) != resource.ReasonAlreadyExists {
			return out, err
		}
		out.Changed = out.Changed || made
		out.Accounts = append(out.Accounts, a)
	}
	var err error
	out.Nodes, err = s.Subtree(ctx, seedNodes[0].Name)
	return out, err
}

// seedAccount makes the user and its binding together, so that a half-made one never stays.
func (s *Service) seedAccount(ctx context.Context, actor resource.Actor, a *SeedAccount, password string) (made bool, err error) {
	_, err = row[User](ctx, s.db.Read.NewSelect().Where("name = ?", a.Name))
	if !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	if password == "" {
		password = newPassword()
	}
	u, err := s.newUser(ctx, NewUser{Name: a.Name, Password: password})
	if err != nil {
		return false, err
	}
	err = s.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		n, err := s.node(ctx, tx, a.Node)
		if err != nil {
			return err
		}
		if err := s.insertUser(ctx, tx, actor, u); err != nil {
			return err
		}
		_, err = s.bind(ctx, tx, actor, u, a.Role, n)
		return err
	})
	if err == nil {
		a.Password = password
	}
	return err == nil, err
}
