package tenancy

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/plazacloud/plaza/pkg/resource"
)

// Principal is who a request comes from. Actor.ID is the user's id for a session and the token's id for a token, since
// a token may hold fewer roles than its owner; Actor.Name is the user's name, or user/token.
type Principal struct {
	Actor     resource.Actor
	UserID    string
	UserName  string
	SessionID string     // empty for a token
	TokenID   string     // empty for a session
	ExpiresAt *time.Time // nil for a token without end

	LacksFactor bool // a second factor is demanded of this session's user, who may do nothing but make one
}

// Authenticate finds out who sent a credential: the secret of a session or of an API token, as the client sends it in
// the Authorization header after "Bearer ", or in a cookie. Any other answers Unauthenticated. Answers are kept for
// some seconds; a revocation in this process counts at once, one in another within 5 s.
func (s *Service) Authenticate(ctx context.Context, credential, remote string) (Principal, error) {
	prefix, ok := parseCredential(credential)
	if !ok {
		return Principal{}, unauthenticated()
	}
	hash := digest(credential)
	p, err := s.principals.get(s, hash, func() (Principal, error) {
		if prefix == tokenPrefix {
			return s.byToken(ctx, hash)
		}
		return s.bySession(ctx, hash)
	})
	if errors.Is(err, sql.ErrNoRows) || err == nil && p.ExpiresAt != nil && !s.now().Before(*p.ExpiresAt) {
		return Principal{}, unauthenticated()
	}
	if err != nil {
		return Principal{}, err
	}
	p.Actor.Remote = remote
	return p, nil
}

func (s *Service) bySession(ctx context.Context, hash string) (Principal, error) {
	session, err := row[Session](ctx, s.db.Read.NewSelect().Where("hash = ?", hash))
	if err != nil {
		return Principal{}, err
	}
	now := s.time()
	if now.Before(session.ExpiresAt) && now.Sub(session.SeenAt) >= touchEvery {
		session.SeenAt, session.ExpiresAt = now, earlier(now.Add(sessionIdle), session.CreatedAt.Add(sessionMax))
		// A database that takes no writes at the moment should still answer reads, so the outcome does not matter here.
		_, _ = s.db.Write.NewUpdate().Model(&session).Column("seen_at", "expires_at").WherePK().Exec(ctx)
	}
	p, err := s.principal(ctx, session.UserID, session.UserID)
	p.SessionID, p.ExpiresAt = session.ID, &session.ExpiresAt
	if err == nil {
		p.LacksFactor, err = s.lacksFactor(ctx, p.UserID)
	}
	return p, err
}

func (s *Service) byToken(ctx context.Context, hash string) (Principal, error) {
	t, err := row[Token](ctx, s.db.Read.NewSelect().Where("hash = ?", hash))
	if err != nil {
		return Principal{}, err
	}
	now := s.time()
	if t.UsedAt == nil || now.Sub(*t.UsedAt) >= touchEvery {
		_, _ = s.db.Write.NewUpdate().Model((*Token)(nil)).Set("used_at = ?", now).Where("id = ?", t.ID).Exec(ctx)
	}
	p, err := s.principal(ctx, t.UserID, t.ID)
	p.TokenID, p.ExpiresAt = t.ID, t.ExpiresAt
	p.Actor.Name += "/" + t.Name
	return p, err
}

// principal reads the user, of whom a disabled one is nobody, and what the subject (the user or its token) sees.
func (s *Service) principal(ctx context.Context, userID, subject string) (Principal, error) {
	u, err := row[User](ctx, s.db.Read.NewSelect().Where("id = ? AND NOT disabled", userID))
	if err != nil {
		return Principal{}, err
	}
	a, err := s.accessOf(ctx, subject)
	if err != nil {
		return Principal{}, err
	}
	return Principal{Actor: resource.Actor{ID: subject, Name: u.Name, Scope: a.scope}, UserID: u.ID, UserName: u.Name}, nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
