package tenancy

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"database/sql"
	"encoding/base32"
	"errors"
	"strings"
	"time"

	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/resource"
)

// ReasonSecondFactor says that a name and password are right and that a code is needed as well.
const ReasonSecondFactor resource.Reason = "SecondFactorRequired"

const (
	totpPeriod    = 30 // seconds, as RFC 6238 recommends and every authenticator does
	totpSkew      = 1  // periods that clocks may be apart
	recoveryCodes = 10
	recoveryBytes = 10 // 80 random bits need no slow hash
)

// SecondFactor is a user's TOTP key (RFC 6238): 6 digits, SHA-1, 30 s.
type SecondFactor struct {
	bun.BaseModel `bun:"table:second_factors" json:"-"`

	UserID      string     `bun:",pk" json:"-"`
	Sealed      []byte     `json:"-"`
	LastStep    int64      `json:"-"` // no code of this period or one before it is taken any more
	CreatedAt   time.Time  `json:"createdAt"`
	ConfirmedAt *time.Time `json:"confirmedAt,omitempty" doc:"Without it the factor is not in force yet"`
}

type recoveryCode struct {
	bun.BaseModel `bun:"table:recovery_codes"`

	UserID string `bun:",pk"`
	Hash   string `bun:",pk"`
}

// FactorStatus is what a user may know of its second factor.
type FactorStatus struct {
	Enabled       bool       `json:"enabled"`
	ConfirmedAt   *time.Time `json:"confirmedAt,omitempty"`
	RecoveryCodes int64      `json:"recoveryCodes" doc:"How many are left"`
}

// Enrolment is a new TOTP key, which is shown this once.
type Enrolment struct {
	Secret string `json:"secret" doc:"Base32, to be typed into an authenticator"`
	URL    string `json:"url" format:"uri" doc:"otpauth://, to be scanned as a QR code"`
}

// UseSealer sets what seals second factors and providers' secrets; without one there are neither.
func (s *Service) UseSealer(sealer *resource.Sealer) { s.sealer = sealer }

func (s *Service) sealed() error {
	if s.sealer == nil {
		return resource.Problemf(resource.ReasonUnavailable, "user", "give the service its sealing key", "nothing can be kept secret here")
	}
	return nil
}

// SecondFactor tells what there is of a user's second factor.
func (s *Service) SecondFactor(ctx context.Context, userID string) (FactorStatus, error) {
	f, err := row[SecondFactor](ctx, s.db.Read.NewSelect().Where("user_id = ? AND confirmed_at IS NOT NULL", userID))
	if errors.Is(err, sql.ErrNoRows) {
		return FactorStatus{}, nil
	}
	if err != nil {
		return FactorStatus{}, err
	}
	left, err := s.db.Read.NewSelect().Model((*recoveryCode)(nil)).Where("user_id = ?", userID).Count(ctx)
	return FactorStatus{Enabled: true, ConfirmedAt: f.ConfirmedAt, RecoveryCodes: left}, err
}

// EnrolFactor makes a TOTP key for whoever is signed in and knows the password. It is in force once ConfirmFactor has seen
// a code by it; until then it may be made anew.
func (s *Service) EnrolFactor(ctx context.Context, p Principal, password string) (Enrolment, error) {
	u, err := s.signedIn(ctx, p)
	if err != nil {
		return Enrolment{}, err
	}
	if err := s.recheck(ctx, p.Actor, u, "password", password); err != nil {
		return Enrolment{}, err
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Plaza", AccountName: u.Name, Period: totpPeriod})
	if err != nil {
		return Enrolment{}, err
	}
	sealed, err := s.sealer.Seal(u.ID, []byte(key.Secret()))
	if err != nil {
		return Enrolment{}, err
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		f, err := s.factor(ctx, tx, u.ID)
		if err != nil {
			return err
		}
		if f.ConfirmedAt != nil {
			return resource.Problemf(resource.ReasonConflict, "user", "remove it first", "%s has a second factor", u.Name)
		}
		if _, err := tx.NewDelete().Model((*SecondFactor)(nil)).Where("user_id = ?", u.ID).Exec(ctx); err != nil {
			return err
		}
		_, err = tx.NewInsert().Model(&SecondFactor{UserID: u.ID, Sealed: sealed, CreatedAt: s.time()}).Exec(ctx)
		return err
	})
	return Enrolment{Secret: key.Secret(), URL: key.URL()}, err
}

// DemandFactor makes sessions of whoever signs in by a password good for nothing but making a second factor, until there is
// one. Tokens, and users whom a browser's provider vouches for, need none.
func (s *Service) DemandFactor() { s.demanding = true }

func (s *Service) lacksFactor(ctx context.Context, userID string) (bool, error) {
	if !s.demanding {
		return false, nil
	}
	status, err := s.SecondFactor(ctx, userID)
	if err != nil || status.Enabled {
		return false, err
	}
	u, err := s.User(ctx, userID)
	if err != nil || u.ProviderID == "" {
		return true, err
	}
	p, err := s.IdentityProvider(ctx, u.ProviderID)
	return p.Type == LDAP, err
}

// signedIn is the user of a session: tokens have no hand in how their owner signs in.
func (s *Service) signedIn(ctx context.Context, p Principal) (User, error) {
	if p.SessionID == "" {
		return User{}, resource.Problemf(resource.ReasonForbidden, "user", "sign in with: plaza login", "a token may not change how its owner signs in")
	}
	if err := s.sealed(); err != nil {
		return User{}, err
	}
	u, err := s.User(ctx, p.UserID)
	if err != nil || u.PasswordHash != "" {
		return u, err
	}
	provider, err := s.IdentityProvider(ctx, u.ProviderID)
	if err == nil && provider.Type != LDAP {
		err = resource.Problemf(resource.ReasonConflict, "user", "ask for a second factor there", "%s signs in by %s", u.Name, provider.Name)
	}
	return u, err
}

// factor reads a user's second factor and holds the user's row; it is empty where there is none.
func (s *Service) factor(ctx context.Context, tx bun.Tx, userID string) (SecondFactor, error) {
	if _, err := s.lockUser(ctx, tx, userID); err != nil {
		return SecondFactor{}, err
	}
	f, err := row[SecondFactor](ctx, tx.NewSelect().Where("user_id = ?", userID))
	if errors.Is(err, sql.ErrNoRows) {
		return SecondFactor{}, nil
	}
	return f, err
}

// ConfirmFactor puts the key of the signed-in user in force when code is by it. The recovery codes it returns stand in for
// a code once each, and are shown this once.
func (s *Service) ConfirmFactor(ctx context.Context, p Principal, code string) ([]string, error) {
	u, err := s.signedIn(ctx, p)
	if err != nil {
		return nil, err
	}
	codes, kept := newRecoveryCodes(u.ID)
	err = s.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		f, err := s.factor(ctx, tx, u.ID)
		if err != nil {
			return err
		}
		if f.UserID == "" || f.ConfirmedAt != nil {
			return resource.Problemf(resource.ReasonConflict, "user", "make one with: plaza totp enrol", "there is no second factor to confirm")
		}
		ok, err := s.spend(ctx, tx, &f, code)
		if err != nil {
			return err
		}
		if !ok {
			return resource.Invalid("user", "code", nil, "is not the authenticator's present code; see that both clocks are right")
		}
		if _, err := tx.NewUpdate().Model(&f).Set("confirmed_at = ?", s.time()).WherePK().Exec(ctx); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&kept).Exec(ctx); err != nil {
			return err
		}
		return s.audit(ctx, tx, p.Actor, entry{verb: "enrol-totp", kind: "user", id: u.ID, name: u.Name})
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// RemoveFactor takes the signed-in user's second factor away, for a code or a recovery code.
func (s *Service) RemoveFactor(ctx context.Context, p Principal, code string) error {
	u, err := s.signedIn(ctx, p)
	if err != nil {
		return err
	}
	var refusal error
	err = s.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		refusal = nil
		now, err := s.lockUser(ctx, tx, u.ID)
		if err != nil {
			return err
		}
		if s.shut(now) {
			return resource.Problemf(resource.ReasonConflict, "user", "wait, or ask an administrator", "the account is locked")
		}
		if _, refusal, err = s.checkFactor(ctx, tx, p.Actor, now, code); err != nil || refusal != nil {
			return err
		}
		return s.dropFactor(ctx, tx, p.Actor, u, "remove-totp")
	})
	if refusal != nil && err == nil {
		return resource.Invalid("user", "code", nil, "is wrong or was used already")
	}
	return err
}

// ResetFactor takes a user's second factor away without a code, for whoever lost both authenticator and recovery codes.
func (s *Service) ResetFactor(ctx context.Context, actor resource.Actor, idOrName string) error {
	if err := resource.Admit(ctx, s, &actor, "update", "user", ""); err != nil {
		return err
	}
	u, err := s.User(ctx, idOrName)
	if err != nil {
		return err
	}
	return s.change(ctx, func(ctx context.Context, tx bun.Tx) error { return s.dropFactor(ctx, tx, actor, u, "reset-totp") })
}

func (s *Service) dropFactor(ctx context.Context, tx bun.Tx, actor resource.Actor, u User, verb string) error {
	none := resource.Problemf(resource.ReasonConflict, "user", "make one with: plaza totp enrol", "%s has no second factor", u.Name)
	if err := removed(ctx, tx.NewDelete().Model((*SecondFactor)(nil)).Where("user_id = ?", u.ID), none); err != nil {
		return err
	}
	if _, err := tx.NewDelete().Model((*recoveryCode)(nil)).Where("user_id = ?", u.ID).Exec(ctx); err != nil {
		return err
	}
	return s.audit(ctx, tx, actor, entry{verb: verb, kind: "user", id: u.ID, name: u.Name})
}

// checkFactor takes the code of a user who has a second factor, and counts one that is wrong. The user's row is held.
func (s *Service) checkFactor(ctx context.Context, tx bun.Tx, actor resource.Actor, u User, code string) (how string, refusal, err error) {
	f, err := row[SecondFactor](ctx, tx.NewSelect().Where("user_id = ? AND confirmed_at IS NOT NULL", u.ID))
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	if code == "" {
		return "", resource.Problemf(ReasonSecondFactor, "user", "give the authenticator's code with --otp, or a recovery code", "a code is needed as well"), nil
	}
	if err := s.sealed(); err != nil {
		return "", nil, err
	}
	ok, err := s.spend(ctx, tx, &f, code)
	if err != nil || ok {
		return "with a code", nil, err
	}
	r, err := tx.NewDelete().Model((*recoveryCode)(nil)).Where("user_id = ? AND hash = ?", u.ID, digest(plainCode(code))).Exec(ctx)
	if err != nil {
		return "", nil, err
	}
	if n, err := r.RowsAffected(); err != nil || n > 0 {
		return "with a recovery code", nil, err
	}
	return "", wrongCode(), s.fail(ctx, tx, actor, u, "wrong code")
}

func wrongCode() error {
	return resource.Problemf(resource.ReasonUnauthenticated, "user", "wait for the next code; after 5 failures in a row an account is locked for 15 minutes",
		"the code is wrong or was used already, or the account is locked")
}

// spend tells whether a code is the key's, of now or a period beside it, and after the last one that was taken.
func (s *Service) spend(ctx context.Context, tx bun.Tx, f *SecondFactor, code string) (bool, error) {
	secret, err := s.sealer.Open(f.UserID, f.Sealed)
	if err != nil {
		return false, err
	}
	step, ok := stepOf(string(secret), plainCode(code), s.now(), f.LastStep)
	if !ok {
		return false, nil
	}
	f.LastStep = step
	_, err = tx.NewUpdate().Model(f).Column("last_step").WherePK().Exec(ctx)
	return err == nil, err
}

// stepOf finds the period that a code is of.
func stepOf(secret, code string, now time.Time, after int64) (step int64, ok bool) {
	here := now.Unix() / totpPeriod
	for step = max(here-totpSkew, after+1, 0); step <= here+totpSkew; step++ {
		want, err := hotp.GenerateCode(secret, uint64(step)) // #nosec G115 -- not negative
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return step, true
		}
	}
	return 0, false
}

// plainCode drops what people write for legibility.
func plainCode(code string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(code))
}

func newRecoveryCodes(userID string) (codes []string, kept []recoveryCode) {
	for range recoveryCodes {
		b := make([]byte, recoveryBytes)
		_, _ = rand.Read(b) // never fails
		plain := base32.StdEncoding.EncodeToString(b)
		codes = append(codes, plain[:4]+"-"+plain[4:8]+"-"+plain[8:12]+"-"+plain[12:])
		kept = append(kept, recoveryCode{UserID: userID, Hash: digest(plain)})
	}
	return codes, kept
}
