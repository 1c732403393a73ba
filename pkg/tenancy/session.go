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

// Session is a sign-in of a user. It expires 12 h after its last use, and 7 days after it began.
type Session struct {
	bun.BaseModel `bun:"table:sessions" json:"-"`

	ID        string    `bun:",pk" json:"id" format:"uuid"`
	Hash      string    `json:"-"`
	UserID    string    `json:"userId"`
	Remote    string    `json:"remote,omitempty"`
	UserAgent string    `json:"userAgent,omitempty"`
	CreatedAt time.Time `json:"createdAt"`
	SeenAt    time.Time `json:"seenAt" doc:"Last use, to the minute"`
	ExpiresAt time.Time `json:"expiresAt"`
	Current   bool      `bun:"-" json:"current,omitempty" doc:"The one that asks"`
}

// Credentials are what Login takes.
type Credentials struct {
	Name      string
	Password  string
	Code      string // of the second factor, or a recovery code; for accounts that have one
	Remote    string // address the request came from
	UserAgent string
}

// Login checks a name and password, and a code where the account has a second factor, and begins a session. secret is
// what the client sends back as a bearer token or in a cookie; it is kept nowhere. After 5 failures in a row an account is
// locked for 15 min. All refusals read the same, but for ReasonSecondFactor: the password is right, and a code is needed.
func (s *Service) Login(ctx context.Context, c Credentials) (session Session, secret string, err error) {
	actor := resource.Actor{Name: printable(c.Name, 63), Remote: printable(c.Remote, 64)}
	u, err := s.User(ctx, c.Name)
	if err != nil && resource.ReasonOf(err) != resource.ReasonNotFound {
		return Session{}, "", err
	}
	if err != nil || u.Name != c.Name {
		u = User{} // absent, or named by its id: not a way to sign in
	}
	if u, err = s.entrant(ctx, actor, u, c); err != nil {
		return Session{}, "", err
	}
	return s.enter(ctx, u, c, "")
}

// enter begins the session of a user who was recognised; how is said in the audit.
func (s *Service) enter(ctx context.Context, u User, c Credentials, how string) (session Session, secret string, err error) {
	actor := resource.Actor{ID: u.ID, Name: u.Name, Remote: printable(c.Remote, 64)}
	secret = newSecret(sessionPrefix)
	now := s.time()
	session = Session{ID: resource.NewID(), Hash: digest(secret), UserID: u.ID, Remote: actor.Remote, UserAgent: printable(c.UserAgent, 256),
		CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(sessionIdle)}
	var refusal error
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		refusal, err = s.begin(ctx, tx, actor, u, session, c.Code, how)
		return err
	})
	if err == nil {
		err = refusal
	}
	if err != nil {
		return Session{}, "", err
	}
	return session, secret, nil
}

// begin records the success unless the account was locked, disabled or changed since the password was checked, or the
// code is wrong. A refusal stays written, as the code's failures count like the password's, also when many try at once.
func (s *Service) begin(ctx context.Context, tx bun.Tx, actor resource.Actor, checked User, session Session, code, how string) (refusal, err error) {
	u, err := s.lockUser(ctx, tx, checked.ID)
	if err != nil {
		return nil, err
	}
	if s.shut(u) || !u.PasswordAt.Equal(checked.PasswordAt) {
		return wrongPassword(), nil
	}
	by, refusal, err := s.checkFactor(ctx, tx, actor, u, code)
	if err != nil || refusal != nil {
		return refusal, err
	}
	_, err = tx.NewUpdate().Model((*User)(nil)).Set("failures = 0, locked_until = NULL, last_login_at = ?", session.CreatedAt).
		Where("id = ?", u.ID).Exec(ctx)
	if err != nil {
		return nil, err
	}
	// Every login sweeps, so that expired sessions need no worker of their own.
	if _, err := tx.NewDelete().Model((*Session)(nil)).Where("expires_at <= ?", session.CreatedAt).Exec(ctx); err != nil {
		return nil, err
	}
	if _, err := tx.NewInsert().Model(&session).Exec(ctx); err != nil {
		return nil, err
	}
	return nil, s.audit(ctx, tx, actor, entry{verb: "login", kind: "user", id: u.ID, name: u.Name, after: session, note: how + by})
}

func (s *Service) lockUser(ctx context.Context, tx bun.Tx, id string) (User, error) {
	u, err := row[User](ctx, s.lock(tx.NewSelect().Where("id = ?", id)))
	if errors.Is(err, sql.ErrNoRows) {
		return u, wrongPassword() // removed while the password was checked
	}
	return u, err
}

// shut tells whether the account takes no password at the moment.
func (s *Service) shut(u User) bool {
	return u.ID == "" || u.Disabled || u.LockedUntil != nil && s.now().Before(*u.LockedUntil)
}

// checkPassword verifies, counts a failure, and brings an outdated hash up to date.
func (s *Service) checkPassword(ctx context.Context, actor resource.Actor, u User, password string) error {
	if len(password) > maxPassword {
		password = "" // too long to be any user's
	}
	ok, outdated, err := s.hasher.verify(ctx, u.PasswordHash, password)
	if err != nil {
		return err
	}
	if !ok || s.shut(u) {
		return s.refuse(ctx, actor, u)
	}
	if outdated {
		return s.rehash(ctx, u, password)
	}
	return nil
}

// refuse counts a failure of the password.
func (s *Service) refuse(ctx context.Context, actor resource.Actor, u User) error {
	err := s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error { return s.fail(ctx, tx, actor, u, "wrong password") })
	if err != nil {
		return err
	}
	return wrongPassword()
}

// fail counts a failure and locks the account at the limit; failures while it is locked do not prolong that.
func (s *Service) fail(ctx context.Context, tx bun.Tx, actor resource.Actor, u User, what string) error {
	e := entry{verb: "login-failed", kind: "user", name: actor.Name, note: "no such user"}
	if u.ID == "" {
		return s.audit(ctx, tx, actor, e)
	}
	u, err := s.lockUser(ctx, tx, u.ID)
	if err != nil {
		return err
	}
	e.id, e.name = u.ID, u.Name
	if e.note, err = s.count(ctx, tx, u, what); err != nil {
		return err
	}
	return s.audit(ctx, tx, actor, e)
}

func (s *Service) count(ctx context.Context, tx bun.Tx, u User, what string) (note string, err error) {
	now := s.time()
	switch {
	case u.Disabled:
		return "the account is disabled", nil
	case s.shut(u):
		return "the account is locked", nil
	case u.LockedUntil != nil: // a lock that has run out
		u.Failures, u.LockedUntil = 0, nil
	}
	u.Failures++
	note = what
	if u.Failures >= maxFailures {
		until := now.Add(lockFor)
		u.LockedUntil = &until
		note += "; locked until " + until.Format(time.RFC3339)
	}
	_, err = tx.NewUpdate().Model(&u).Column("failures", "locked_until").WherePK().Exec(ctx)
	return note, err
}

// rehash replaces the hash the password was checked against, unless it has changed meanwhile.
func (s *Service) rehash(ctx context.Context, u User, password string) error {
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	_, err = s.db.Write.NewUpdate().Model((*User)(nil)).Set("password_hash = ?", hash).
		Where("id = ? AND password_hash = ?", u.ID, u.PasswordHash).Exec(ctx)
	return err
}

func wrongPassword() error {
	return resource.Problemf(resource.ReasonUnauthenticated, "user", "after 5 failures in a row an account is locked for 15 minutes",
		"the name or the password is wrong, or the account is locked")
}

// Logout ends the principal's own session.
func (s *Service) Logout(ctx context.Context, p Principal) error {
	if p.SessionID == "" {
		return nil
	}
	return s.RevokeSession(ctx, p.Actor, p.SessionID)
}

// Sessions returns a user's live sessions, newest first. It does not authorise: a user's own are always theirs to see,
// for others' handlers ask Authorize(list, session, "") first.
func (s *Service) Sessions(ctx context.Context, userID string) ([]Session, error) {
	return rows[Session](ctx, s.db.Read.NewSelect().Where("user_id = ? AND expires_at > ?", userID, s.time()).OrderExpr("id DESC"))
}

// RevokeSession ends a session: one's own, or anybody's for an administrator of the root.
func (s *Service) RevokeSession(ctx context.Context, actor resource.Actor, id string) error {
	absent := resource.Problemf(resource.ReasonNotFound, "session", "see: plaza session list", "there is no session %q", id)
	if uuid.Validate(id) != nil {
		return absent
	}
	foreign := resource.Admit(ctx, s, &actor, "delete", "session", "") == nil
	return s.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		q := tx.NewDelete().Model((*Session)(nil)).Where("id = ?", id)
		if !foreign {
			q = q.Where("user_id = ?", userOf(actor))
		}
		if err := removed(ctx, q, absent); err != nil {
			return err
		}
		return s.audit(ctx, tx, actor, entry{verb: "revoke", kind: "session", id: id, name: actor.Name})
	})
}

// userOf is the user behind an actor that may be nobody; tokens are not users.
func userOf(actor resource.Actor) string {
	if uuid.Validate(actor.ID) != nil {
		return uuid.Nil.String()
	}
	return actor.ID
}
