package tenancy

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/resource"
)

// Identity is what a provider says of somebody it recognised.
type Identity struct {
	Subject  string // never changes, and is never given to another
	Name     string
	Email    string
	Verified bool // the provider vouches for the address
	Groups   []string
}

// Directory asks a server for names and passwords.
type Directory interface {
	// Check refuses settings that can not work.
	Check(settings LDAPSettings) error
	// Identify tells who name is, when password is theirs; Unauthenticated otherwise. secret is that of BindDN.
	Identify(ctx context.Context, settings LDAPSettings, secret, name, password string) (Identity, error)
}

// UseDirectory sets what speaks LDAP; without one nobody signs in by such a provider.
func (s *Service) UseDirectory(d Directory) { s.directory = d }

// entrant checks a name and a password where they are kept: here, or by the provider of the user, or, for a name that is
// nobody's yet, by any.
func (s *Service) entrant(ctx context.Context, actor resource.Actor, u User, c Credentials) (User, error) {
	local := s.directory == nil || u.ID != "" && u.ProviderID == ""
	if local || u.ID != "" && s.shut(u) || c.Password == "" || len(c.Password) > maxPassword || c.Name == "" || len(c.Name) > 63 || !textual(c.Name) {
		return u, s.checkPassword(ctx, actor, u, c.Password)
	}
	p, id, err := s.inquire(ctx, u.ProviderID, c.Name, c.Password)
	if resource.ReasonOf(err) == resource.ReasonUnauthenticated {
		return u, s.checkPassword(ctx, actor, u, c.Password) // counts, and takes as long as any refusal
	}
	if err != nil {
		return u, err
	}
	return s.Admit(ctx, p, id, actor.Remote)
}

// inquire asks the directories, or only the provider that is given.
func (s *Service) inquire(ctx context.Context, provider, name, password string) (IdentityProvider, Identity, error) {
	list, err := s.IdentityProviders(ctx, LDAP)
	if err != nil {
		return IdentityProvider{}, Identity{}, err
	}
	var away error
	for _, p := range list {
		if p.Disabled || provider != "" && p.ID != provider {
			continue
		}
		secret, err := s.secretOf(p)
		if err != nil {
			return p, Identity{}, err
		}
		id, err := s.directory.Identify(ctx, *p.LDAP, secret, name, password)
		if err == nil {
			return p, id, nil
		}
		if resource.ReasonOf(err) != resource.ReasonUnauthenticated {
			away = resource.Problemf(resource.ReasonUnavailable, "identityprovider", "try again later", "the directory %s can not be asked: %w", p.Name, err)
		}
	}
	if away != nil {
		return IdentityProvider{}, Identity{}, away
	}
	return IdentityProvider{}, Identity{}, wrongPassword()
}

// Admit finds the user whom a provider recognised, or makes it where the provider may, and gives it the roles of its groups.
func (s *Service) Admit(ctx context.Context, p IdentityProvider, id Identity, remote string) (User, error) {
	if err := p.accepts(id); err != nil {
		return User{}, err
	}
	for again := true; ; again = false {
		u, err := row[User](ctx, s.db.Read.NewSelect().Where("provider_id = ? AND subject = ?", p.ID, id.Subject))
		fresh := errors.Is(err, sql.ErrNoRows)
		if err != nil && !fresh {
			return User{}, err
		}
		if fresh {
			if u, err = s.stranger(p, id); err != nil {
				return User{}, err
			}
		}
		actor := resource.Actor{ID: u.ID, Name: u.Name, Remote: printable(remote, 64), Granted: "identity provider " + p.Name}
		err = s.change(ctx, func(ctx context.Context, tx bun.Tx) error { return s.admit(ctx, tx, actor, p, id, u, fresh) })
		// Somebody who comes twice at once for the first time is made once.
		if fresh && again && resource.ReasonOf(err) == resource.ReasonAlreadyExists {
			continue
		}
		return u, err
	}
}

// accepts refuses whom a provider's settings keep out.
func (p IdentityProvider) accepts(id Identity) error {
	refused := func(why string) error {
		return resource.Problemf(resource.ReasonForbidden, "user", "ask an administrator", "%s lets nobody in %s", p.Name, why)
	}
	_, host, _ := strings.Cut(strings.ToLower(id.Email), "@")
	switch {
	case p.Disabled:
		return refused("at present")
	case id.Subject == "" || len(id.Subject) > 255 || !textual(id.Subject):
		return refused("whom it has no lasting name for")
	case len(p.Domains) > 0 && (!id.Verified || !slices.Contains(p.Domains, host)):
		return refused("without a verified address in " + strings.Join(p.Domains, ", "))
	}
	return nil
}

// stranger is the account of whoever comes for the first time.
func (s *Service) stranger(p IdentityProvider, id Identity) (User, error) {
	name := accountName(id.Name)
	if !p.Provision {
		return User{}, resource.Problemf(resource.ReasonForbidden, "user",
			"ask an administrator for: plaza user create "+name+" --provider "+p.Name+" --subject "+id.Subject, "%s makes no accounts, and there is none for you", p.Name)
	}
	in := NewUser{Name: name}
	if err := in.validate(); err != nil {
		return User{}, err
	}
	in.Email = id.Email
	if in.validate() != nil {
		in.Email = ""
	}
	now := s.time()
	return User{ID: resource.NewID(), Name: name, Email: in.Email, PasswordAt: now, CreatedAt: now, ProviderID: p.ID, Subject: id.Subject}, nil
}

// accountName makes a user's name of what a provider calls somebody, such as Ann.Lee@example.net.
func accountName(text string) string {
	text, _, _ = strings.Cut(strings.ToLower(text), "@")
	text = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '_', r == '-':
			return r
		}
		return '-'
	}, text)
	return strings.Trim(text[:min(len(text), 63)], "._-")
}

func (s *Service) admit(ctx context.Context, tx bun.Tx, actor resource.Actor, p IdentityProvider, id Identity, u User, fresh bool) error {
	if fresh {
		if err := s.insertUser(ctx, tx, actor, u); err != nil {
			return err
		}
	} else if err := s.holdProvider(ctx, tx, p.ID); err != nil {
		return err
	}
	lost, gained, err := s.remap(ctx, tx, p, u, id.Groups)
	if err != nil || len(lost)+len(gained) == 0 {
		return err
	}
	if err := s.lockRoot(ctx, tx); err != nil {
		return err
	}
	if lost, gained, err = s.remap(ctx, tx, p, u, id.Groups); err != nil { // another login may have done it meanwhile
		return err
	}
	for _, b := range lost {
		if err := s.take(ctx, tx, actor, b); err != nil {
			return err
		}
	}
	if len(lost) > 0 {
		if err := s.keepAdmin(ctx, tx); err != nil {
			return err
		}
	}
	for _, g := range gained {
		n, err := s.lockNode(ctx, tx, g.NodeID, g.NodeID)
		if err != nil {
			return err
		}
		_, err = s.give(ctx, tx, actor, u, g.Role, n, p.ID)
		if err != nil && resource.ReasonOf(err) != resource.ReasonInvalid { // a custom role that is gone by now gives nothing
			return err
		}
	}
	return nil
}

func (s *Service) take(ctx context.Context, tx bun.Tx, actor resource.Actor, b Binding) error {
	n, err := s.node(ctx, tx, b.NodeID)
	if err != nil {
		return err
	}
	if _, err := tx.NewDelete().Model(&b).WherePK().Exec(ctx); err != nil {
		return err
	}
	b.UserName, b.NodeName = actor.Name, n.FullName
	return s.audit(ctx, tx, actor, b.entry("delete", n))
}

// remap compares the roles that a user's groups give with those that they gave so far. What was bound here is left alone.
func (s *Service) remap(ctx context.Context, tx bun.Tx, p IdentityProvider, u User, groups []string) (lost []Binding, gained []GroupRole, err error) {
	wanted := []GroupRole{}
	if len(groups) > 0 {
		if wanted, err = rows[GroupRole](ctx, tx.NewSelect().Where("provider_id = ? AND group_name IN (?)", p.ID, bun.List(groups)).OrderExpr("node_id, role")); err != nil {
			return nil, nil, err
		}
	}
	have, err := rows[Binding](ctx, tx.NewSelect().Where("user_id = ?", u.ID))
	if err != nil {
		return nil, nil, err
	}
	for _, b := range have {
		if b.ProviderID != "" && !slices.ContainsFunc(wanted, func(g GroupRole) bool { return g.Role == b.Role && g.NodeID == b.NodeID }) {
			lost = append(lost, b)
		}
	}
	for _, g := range wanted {
		held := slices.ContainsFunc(have, func(b Binding) bool { return g.Role == b.Role && g.NodeID == b.NodeID })
		twice := slices.ContainsFunc(gained, func(o GroupRole) bool { return o.Role == g.Role && o.NodeID == g.NodeID })
		if !held && !twice {
			gained = append(gained, g)
		}
	}
	return lost, gained, nil
}
