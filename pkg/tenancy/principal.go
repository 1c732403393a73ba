package tenancy

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"
)

// PrincipalOf is who a subject, the id of a user or of a token, stands for now, without a credential: for what is done
// later in somebody's name. A disabled user, and a token that is gone or has ended, is nobody: Unauthenticated.
func (s *Service) PrincipalOf(ctx context.Context, subject string) (Principal, error) {
	if uuid.Validate(subject) != nil {
		return Principal{}, unauthenticated()
	}
	user := subject
	t, err := s.tokenByID(ctx, s.db.Read, subject)
	switch {
	case err == nil:
		user = t.UserID
	case !errors.Is(err, sql.ErrNoRows):
		return Principal{}, err
	}
	if t.ExpiresAt != nil && !s.now().Before(*t.ExpiresAt) {
		return Principal{}, unauthenticated()
	}
	p, err := s.principal(ctx, user, subject)
	if errors.Is(err, sql.ErrNoRows) {
		return Principal{}, unauthenticated()
	}
	p.TokenID, p.ExpiresAt = t.ID, t.ExpiresAt
	if t.ID != "" {
		p.Actor.Name += "/" + t.Name
	}
	return p, err
}
