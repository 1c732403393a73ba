package tenancy

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/base64"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/resource"
)

const (
	// attemptFor bounds how long somebody may take at the provider.
	attemptFor = 10 * time.Minute
	// ticketFor bounds how long a command may take to fetch its session.
	ticketFor = time.Minute
	// maxAttempts bounds how many may be under way, as anybody can begin one.
	maxAttempts = 10_000
)

// Attempt is a sign-in by a browser that was sent to a provider. It is bound to the browser by a cookie, and good once.
type Attempt struct {
	bun.BaseModel `bun:"table:login_attempts"`

	Hash       string `bun:",pk"`
	ProviderID string
	Browser    string // digest of what the cookie holds
	Nonce      string
	Verifier   string // of PKCE with the provider
	Port       int    // where on the browser's machine a command waits; 0: the portal signs in
	Challenge  string // of PKCE with that command
	UserID     string `bun:",nullzero"`
	ExpiresAt  time.Time
}

// Errand is what a browser is sent to a provider with.
type Errand struct {
	Provider        IdentityProvider
	Secret          string // of the client
	State           string
	Nonce, Verifier string
}

// NewAttempt is what BeginAttempt takes.
type NewAttempt struct {
	Provider  string // name
	Browser   string // what the browser's cookie holds
	Port      int    // where on the browser's machine a command waits; 0 for the portal
	Challenge string // base64url of the SHA-256 of that command's verifier
}

// NewBrowser is what a browser's cookie holds.
func NewBrowser() string { return newSecret("") }

// BeginAttempt notes that a browser goes to an OIDC provider.
func (s *Service) BeginAttempt(ctx context.Context, in NewAttempt) (Errand, error) {
	p, err := s.IdentityProvider(ctx, in.Provider)
	if err != nil {
		return Errand{}, err
	}
	if p.Type != OIDC || p.Disabled {
		return Errand{}, noProvider(in.Provider)
	}
	if in.Port != 0 && (in.Port < 1024 || in.Port > 65535 || len(in.Challenge) != challengeChars) {
		return Errand{}, resource.Invalid("login", "port", in.Port, "must be one above 1023, and go with a challenge")
	}
	e := Errand{Provider: p, State: newSecret(""), Nonce: newSecret(""), Verifier: newSecret("")}
	if e.Secret, err = s.secretOf(p); err != nil {
		return Errand{}, err
	}
	now := s.time()
	a := Attempt{Hash: digest(e.State), ProviderID: p.ID, Browser: digest(in.Browser), Nonce: e.Nonce, Verifier: e.Verifier, Port: in.Port, Challenge: in.Challenge,
		ExpiresAt: now.Add(attemptFor)}
	return e, s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewDelete().Model((*Attempt)(nil)).Where("expires_at <= ?", now).Exec(ctx); err != nil {
			return err
		}
		n, err := tx.NewSelect().Model((*Attempt)(nil)).Count(ctx)
		if err == nil && n >= maxAttempts {
			err = resource.Problemf(resource.ReasonUnavailable, "login", "try again in some minutes", "too many sign-ins are under way")
		}
		if err != nil {
			return err
		}
		_, err = tx.NewInsert().Model(&a).Exec(ctx)
		return err
	})
}

// ResumeAttempt uses an attempt up when its browser comes back. A state that is unknown, used, expired or another browser's
// answers Unauthenticated.
func (s *Service) ResumeAttempt(ctx context.Context, state, browser string) (Attempt, Errand, error) {
	a, err := s.useAttempt(ctx, digest(state), func(a Attempt) bool {
		return a.UserID == "" && subtle.ConstantTimeCompare([]byte(a.Browser), []byte(digest(browser))) == 1
	})
	if err != nil {
		return a, Errand{}, err
	}
	p, err := s.IdentityProvider(ctx, a.ProviderID)
	if err != nil {
		return a, Errand{}, err
	}
	secret, err := s.secretOf(p)
	return a, Errand{Provider: p, Secret: secret, State: state, Nonce: a.Nonce, Verifier: a.Verifier}, err
}

// useAttempt takes an attempt out when it is good; one that is not is left to whom it belongs.
func (s *Service) useAttempt(ctx context.Context, hash string, good func(Attempt) bool) (a Attempt, err error) {
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		a, err = row[Attempt](ctx, s.lock(tx.NewSelect().Where("hash = ? AND expires_at > ?", hash, s.time())))
		if errors.Is(err, sql.ErrNoRows) || err == nil && !good(a) {
			return resource.Problemf(resource.ReasonUnauthenticated, "login", "begin anew", "this sign-in is unknown, over, or another browser's")
		}
		if err != nil {
			return err
		}
		_, err := tx.NewDelete().Model(&a).WherePK().Exec(ctx)
		return err
	})
	return a, err
}

// EnterBy begins a session of a user whom a provider recognised.
func (s *Service) EnterBy(ctx context.Context, p IdentityProvider, u User, remote, agent string) (Session, string, error) {
	return s.enter(ctx, u, Credentials{Remote: remote, UserAgent: agent}, "by "+p.Name)
}

// Ticket lets the command that began an attempt fetch the session of the user who came back, within a minute.
func (s *Service) Ticket(ctx context.Context, a Attempt, u User) (string, error) {
	ticket := newSecret("")
	next := Attempt{Hash: digest(ticket), ProviderID: a.ProviderID, Challenge: a.Challenge, UserID: u.ID, ExpiresAt: s.time().Add(ticketFor)}
	_, err := s.db.Write.NewInsert().Model(&next).Exec(ctx)
	return ticket, err
}

// Redeem begins the session that a ticket is for, when verifier is that of the command's challenge.
func (s *Service) Redeem(ctx context.Context, ticket, verifier, remote, agent string) (Session, string, error) {
	a, err := s.useAttempt(ctx, digest(ticket), func(a Attempt) bool {
		return a.UserID != "" && subtle.ConstantTimeCompare([]byte(a.Challenge), []byte(Challenge(verifier))) == 1
	})
	if err != nil {
		return Session{}, "", err
	}
	p, err := s.IdentityProvider(ctx, a.ProviderID)
	if err != nil {
		return Session{}, "", err
	}
	if p.Disabled {
		return Session{}, "", noProvider(p.Name)
	}
	u, err := s.User(ctx, a.UserID)
	if err != nil {
		return Session{}, "", err
	}
	return s.EnterBy(ctx, p, u, remote, agent)
}

const challengeChars = 43

// Challenge is what shows who holds a verifier without telling it (S256 of RFC 7636).
func Challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
