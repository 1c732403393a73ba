package tenancy

import (
	"context"
	"database/sql"
	"errors"
	"net/mail"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
)

// User is an account of a person or a machine.
type User struct {
	bun.BaseModel `bun:"table:users" json:"-"`

	ID           string     `bun:",pk" json:"id" format:"uuid"`
	Name         string     `json:"name"`
	Email        string     `json:"email,omitempty"`
	PasswordHash string     `json:"-"`
	PasswordAt   time.Time  `json:"-"`
	Disabled     bool       `json:"disabled"`
	Failures     int        `json:"-"`
	LockedUntil  *time.Time `json:"lockedUntil,omitempty" doc:"Set after repeated failures to sign in"`
	LastLoginAt  *time.Time `json:"lastLoginAt,omitempty"`
	CreatedAt    time.Time  `json:"createdAt"`
	ProviderID   string     `bun:",nullzero" json:"providerId,omitempty" doc:"Who knows this user; empty for one with a password here"`
	Subject      string     `json:"subject,omitempty" doc:"Who this is to the provider"`
}

// NewUser is what CreateUser takes.
type NewUser struct {
	Name     string `json:"name" minLength:"1" maxLength:"63" pattern:"^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$"`
	Email    string `json:"email,omitempty" maxLength:"254"`
	Password string `json:"password,omitempty" doc:"Without one the user cannot sign in and acts by tokens only"`
	Provider string `json:"provider,omitempty" doc:"Id or name of an identity provider by which the user signs in instead"`
	Subject  string `json:"subject,omitempty" maxLength:"255" doc:"Who the user is to the provider"`
}

var userName = regexp.MustCompile(`^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$`)

func (in NewUser) validate() error {
	if len(in.Name) > 63 || !userName.MatchString(in.Name) || uuid.Validate(in.Name) == nil {
		return resource.Invalid("user", "name", in.Name, "must be 1 to 63 lower-case letters, digits, dots, dashes and underscores")
	}
	if in.Email != "" {
		if a, err := mail.ParseAddress(in.Email); err != nil || a.Address != in.Email || len(in.Email) > 254 {
			return resource.Invalid("user", "email", in.Email, "is no e-mail address")
		}
	}
	switch {
	case (in.Provider == "") != (in.Subject == "") || len(in.Subject) > 255 || !textual(in.Subject):
		return resource.Invalid("user", "subject", in.Subject, "goes with a provider, in one line of at most 255 bytes")
	case in.Provider != "" && in.Password != "":
		return resource.Invalid("user", "password", nil, "is the provider's to keep")
	case in.Password != "":
		return validatePassword(in.Name, in.Password)
	}
	return nil
}

// CreateUser adds a user, who may do nothing until a role is bound.
func (s *Service) CreateUser(ctx context.Context, actor resource.Actor, in NewUser) (User, error) {
	if err := resource.Admit(ctx, s, &actor, "create", "user", ""); err != nil {
		return User{}, err
	}
	u, err := s.newUser(ctx, in)
	if err != nil {
		return User{}, err
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error { return s.insertUser(ctx, tx, actor, u) })
	return u, err
}

// newUser hashes the password outside any transaction, as that takes tens of milliseconds.
func (s *Service) newUser(ctx context.Context, in NewUser) (User, error) {
	if err := in.validate(); err != nil {
		return User{}, err
	}
	now := s.time()
	u := User{ID: resource.NewID(), Name: in.Name, Email: in.Email, PasswordAt: now, CreatedAt: now, Subject: in.Subject}
	var err error
	if in.Password != "" {
		u.PasswordHash, err = s.hasher.hash(ctx, in.Password)
	}
	if in.Provider != "" {
		var p IdentityProvider
		p, err = s.IdentityProvider(ctx, in.Provider)
		u.ProviderID = p.ID
	}
	return u, err
}

func (s *Service) insertUser(ctx context.Context, tx bun.Tx, actor resource.Actor, u User) error {
	if err := s.holdProvider(ctx, tx, u.ProviderID); err != nil {
		return err
	}
	if _, err := tx.NewInsert().Model(&u).Exec(ctx); err != nil {
		if by, dup := store.UniqueViolation(err); dup && strings.Contains(by, "subject") {
			return resource.Problemf(resource.ReasonAlreadyExists, "user", "see: plaza user list -o json", "the provider's user %q is here under another name already: %w", u.Subject, err)
		} else if dup {
			return resource.Problemf(resource.ReasonAlreadyExists, "user", "choose another name", "there is already a user %q: %w", u.Name, err)
		}
		return err
	}
	return s.audit(ctx, tx, actor, entry{verb: "create", kind: "user", id: u.ID, name: u.Name, after: u})
}

// User finds a user by id or name. It does not authorise: handlers ask Authorize(get, user, "") first.
func (s *Service) User(ctx context.Context, idOrName string) (User, error) {
	return s.user(ctx, s.db.Read, idOrName)
}

// Users returns all users by name. It does not authorise: handlers ask Authorize(list, user, "") first.
func (s *Service) Users(ctx context.Context) ([]User, error) {
	return rows[User](ctx, s.db.Read.NewSelect().OrderExpr("name"))
}

func (s *Service) user(ctx context.Context, db bun.IDB, idOrName string) (User, error) {
	if !textual(idOrName) {
		return User{}, noUser(idOrName)
	}
	q := db.NewSelect().Where("name = ?", idOrName)
	if id, err := uuid.Parse(idOrName); err == nil {
		q = db.NewSelect().Where("id = ?", id.String())
	}
	u, err := row[User](ctx, q)
	if errors.Is(err, sql.ErrNoRows) {
		return u, noUser(idOrName)
	}
	return u, err
}

func noUser(idOrName string) error {
	return resource.Problemf(resource.ReasonNotFound, "user", "see: plaza user list", "there is no user %q", idOrName)
}

// ChangePassword changes the actor's own password, when old is the present one, and ends the user's other sessions.
func (s *Service) ChangePassword(ctx context.Context, p Principal, old, password string) error {
	if p.SessionID == "" {
		return resource.Problemf(resource.ReasonForbidden, "user", "sign in with: plaza login", "a token may not change its owner's password")
	}
	u, err := s.User(ctx, p.UserID)
	if err != nil {
		return err
	}
	if err := s.recheck(ctx, p.Actor, u, "old", old); err != nil {
		return err
	}
	return s.setPassword(ctx, p.Actor, u, password, p.SessionID)
}

// recheck asks somebody who is signed in for the password, given as the named field. It counts as a login does, so that a
// stolen session can not be used to try passwords without end.
func (s *Service) recheck(ctx context.Context, actor resource.Actor, u User, field, password string) error {
	_, err := s.entrant(ctx, actor, u, Credentials{Name: u.Name, Password: password})
	if resource.ReasonOf(err) == resource.ReasonUnauthenticated {
		return resource.Invalid("user", field, nil, "is not the present password, or the account is locked")
	}
	return err
}

// ResetPassword gives a user a password without knowing the old one, unlocks the account and ends all its sessions.
func (s *Service) ResetPassword(ctx context.Context, actor resource.Actor, idOrName, password string) error {
	if err := resource.Admit(ctx, s, &actor, "update", "user", ""); err != nil {
		return err
	}
	u, err := s.User(ctx, idOrName)
	if err != nil {
		return err
	}
	return s.setPassword(ctx, actor, u, password, "")
}

func (s *Service) setPassword(ctx context.Context, actor resource.Actor, u User, password, keepSession string) error {
	if u.ProviderID != "" {
		return resource.Problemf(resource.ReasonConflict, "user", "change it there", "the password of %s is its identity provider's to keep", u.Name)
	}
	if err := validatePassword(u.Name, password); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		now, err := s.lockUser(ctx, tx, u.ID)
		if err != nil {
			return err
		}
		if keepSession != "" && (s.shut(now) || !now.PasswordAt.Equal(u.PasswordAt)) {
			return resource.Problemf(resource.ReasonConflict, "user", "sign in anew", "the account was locked or changed meanwhile")
		}
		_, err = tx.NewUpdate().Model((*User)(nil)).Set("password_hash = ?, password_at = ?, failures = 0, locked_until = NULL", hash, s.time()).Where("id = ?", u.ID).Exec(ctx)
		if err != nil {
			return err
		}
		q := tx.NewDelete().Model((*Session)(nil)).Where("user_id = ?", u.ID)
		if keepSession != "" {
			q = q.Where("id <> ?", keepSession)
		}
		if _, err := q.Exec(ctx); err != nil {
			return err
		}
		return s.audit(ctx, tx, actor, entry{verb: "set-password", kind: "user", id: u.ID, name: u.Name})
	})
}

// SetDisabled shuts an account out, ending its sessions, or lets it in again and unlocks it. Its tokens stay and work
// again once it is enabled.
func (s *Service) SetDisabled(ctx context.Context, actor resource.Actor, idOrName string, disabled bool) (User, error) {
	verb := "enable"
	if disabled {
		verb = "disable"
	}
	return s.changeUser(ctx, actor, idOrName, verb, func(ctx context.Context, tx bun.Tx, u *User) error {
		u.Disabled, u.Failures, u.LockedUntil = disabled, 0, nil
		if _, err := tx.NewUpdate().Model(u).Column("disabled", "failures", "locked_until").WherePK().Exec(ctx); err != nil || !disabled {
			return err
		}
		_, err := tx.NewDelete().Model((*Session)(nil)).Where("user_id = ?", u.ID).Exec(ctx)
		return err
	})
}

// DeleteUser removes a user with its sessions, tokens and bindings.
func (s *Service) DeleteUser(ctx context.Context, actor resource.Actor, idOrName string) error {
	_, err := s.changeUser(ctx, actor, idOrName, "delete", func(ctx context.Context, tx bun.Tx, u *User) error {
		_, err := tx.NewDelete().Model(u).WherePK().Exec(ctx)
		return err
	})
	return err
}

// changeUser runs f on the user; what would leave the root without an administrator is undone and refused.
func (s *Service) changeUser(ctx context.Context, actor resource.Actor, idOrName, verb string,
	f func(ctx context.Context, tx bun.Tx, u *User) error) (User, error) {
	authVerb := "update"
	if verb == "delete" {
		authVerb = verb
	}
	if err := resource.Admit(ctx, s, &actor, authVerb, "user", ""); err != nil {
		return User{}, err
	}
	var u User
	err := s.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.lockRoot(ctx, tx); err != nil {
			return err
		}
		var err error
		if u, err = s.user(ctx, tx, idOrName); err != nil {
			return err
		}
		before := u
		if err := f(ctx, tx, &u); err != nil {
			return err
		}
		if err := s.keepAdmin(ctx, tx); err != nil {
			return err
		}
		e := entry{verb: verb, kind: "user", id: u.ID, name: u.Name, before: before}
		if verb != "delete" {
			e.after = u
		}
		return s.audit(ctx, tx, actor, e)
	})
	return u, err
}

// lockRoot makes the changes that could take away the last administrator wait for one another.
func (s *Service) lockRoot(ctx context.Context, tx bun.Tx) error {
	_, err := row[Node](ctx, s.lock(tx.NewSelect().Where("parent_id IS NULL")))
	return err
}

func (s *Service) keepAdmin(ctx context.Context, tx bun.Tx) error {
	left, err := tx.NewSelect().TableExpr("bindings AS b").Join("JOIN nodes AS n ON n.id = b.node_id").Join("JOIN users AS u ON u.id = b.user_id").
		Where("n.parent_id IS NULL AND b.role = ? AND NOT u.disabled", Admin).Exists(ctx)
	if err != nil || left {
		return err
	}
	return resource.Problemf(resource.ReasonConflict, "user", "bind the role admin on the root to another enabled user first",
		"this would leave the installation without an administrator")
}
