package tenancy

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

func (s *site) try(t testing.TB, name, password string) error {
	_, _, err := s.Login(t.Context(), Credentials{Name: name, Password: password, Remote: "198.51.100.7"})
	return err
}

func TestLoginRefusalsReadTheSame(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		u, err := s.User(t.Context(), "dailymart-member")
		require.NoError(t, err)
		_, err = s.CreateUser(t.Context(), s.admin, NewUser{Name: "robot"})
		require.NoError(t, err)
		_, err = s.SetDisabled(t.Context(), s.admin, "dailymart-reader", true)
		require.NoError(t, err)
		for _, c := range [][2]string{{"dailymart-member", "wrong"}, {"nobody", password}, {u.ID, password}, {"robot", ""}, {"robot", password},
			{"", ""}, {"a\x00b", password}, {"\xff", "\xff"}, {"dailymart-reader", password}, {"dailymart-member", strings.Repeat("x", 5000)}} {
			require.Equal(t, wrongPassword().Error(), s.try(t, c[0], c[1]).Error(), "%q", c)
		}
		failed := s.notes(t, "login-failed")
		require.Len(t, failed, 10)
		require.Equal(t, "198.51.100.7", failed[0].Remote)
		require.Equal(t, "wrong password", failed[0].Note)
		require.Equal(t, u.ID, failed[0].ObjectID)
		require.Equal(t, "no such user", failed[1].Note)
		require.Equal(t, "the account is disabled", failed[8].Note)
	})
}

func TestLockOut(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		const name = "dailymart-member"
		for range maxFailures - 1 {
			requireReason(t, resource.ReasonUnauthenticated, s.try(t, name, "wrong"))
		}
		require.NoError(t, s.try(t, name, password), "a success starts the count anew")
		for range maxFailures {
			requireReason(t, resource.ReasonUnauthenticated, s.try(t, name, "wrong"))
		}
		requireReason(t, resource.ReasonUnauthenticated, s.try(t, name, password))
		s.clock.Advance(lockFor - time.Second)
		requireReason(t, resource.ReasonUnauthenticated, s.try(t, name, password))
		s.clock.Advance(time.Second)
		requireReason(t, resource.ReasonUnauthenticated, s.try(t, name, "wrong"))
		require.NoError(t, s.try(t, name, password), "one failure after the lock ran out locks nothing")
		for range maxFailures {
			requireReason(t, resource.ReasonUnauthenticated, s.try(t, name, "wrong"))
		}
		u, err := s.SetDisabled(t.Context(), s.admin, name, false)
		require.NoError(t, err)
		require.Nil(t, u.LockedUntil)
		require.NoError(t, s.try(t, name, password), "an administrator unlocks")
	})
}

// TestGuessesInParallel: of many guesses at once, the right one counts only if it comes before the fifth failure.
func TestGuessesInParallel(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		var wg sync.WaitGroup
		for range 12 {
			wg.Go(func() { _ = s.try(t, "dailymart-member", "wrong") })
		}
		wg.Wait()
		requireReason(t, resource.ReasonUnauthenticated, s.try(t, "dailymart-member", password))
		u, err := s.User(t.Context(), "dailymart-member")
		require.NoError(t, err)
		require.Equal(t, maxFailures, u.Failures)

		checked := u
		s.clock.Advance(lockFor)
		for range maxFailures {
			_ = s.try(t, "dailymart-member", "wrong")
		}
		_, _, err = s.enter(t.Context(), checked, Credentials{}, "")
		requireReason(t, resource.ReasonUnauthenticated, err)
	})
}

func TestLoginsInParallel(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		s.hasher.params = params{memory: 128, time: 1, lanes: 1} // both will bring the hash up to date
		var wg sync.WaitGroup
		secrets, errs := make([]string, 6), make([]error, 6)
		for i := range secrets {
			wg.Go(func() {
				_, secrets[i], errs[i] = s.Login(t.Context(), Credentials{Name: "dailymart-member", Password: password})
			})
		}
		wg.Wait()
		require.NoError(t, errors.Join(errs...))
		for _, secret := range secrets {
			p, err := s.Authenticate(t.Context(), secret, "")
			require.NoError(t, err)
			require.Equal(t, "dailymart-member", p.UserName)
		}
		live, err := s.Sessions(t.Context(), s.login(t, "dailymart-member").UserID)
		require.NoError(t, err)
		require.Len(t, live, 7)
	})
}

func TestHashUpgrade(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		before, err := s.User(t.Context(), "dailymart-member")
		require.NoError(t, err)
		require.Contains(t, before.PasswordHash, "$argon2id$v=19$m=64,t=1,p=1$")
		s.hasher.params = params{memory: 128, time: 2, lanes: 1}
		requireReason(t, resource.ReasonUnauthenticated, s.try(t, "dailymart-member", "wrong"))
		require.NoError(t, s.try(t, "dailymart-member", password))
		after, err := s.User(t.Context(), "dailymart-member")
		require.NoError(t, err)
		require.Contains(t, after.PasswordHash, "$m=128,t=2,p=1$")
		require.NoError(t, s.try(t, "dailymart-member", password))
		same, err := s.User(t.Context(), "dailymart-member")
		require.NoError(t, err)
		require.Equal(t, after.PasswordHash, same.PasswordHash)
	})
}

func TestSessionExpiry(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		secret := s.secret(t, "dailymart-member")
		use := func() error {
			_, err := s.Authenticate(t.Context(), secret, "")
			return err
		}
		s.clock.Advance(sessionIdle - time.Second)
		require.NoError(t, use())
		s.clock.Advance(sessionIdle - time.Second)
		require.NoError(t, use(), "use prolongs it")
		s.clock.Advance(sessionIdle)
		requireReason(t, resource.ReasonUnauthenticated, use())

		secret = s.secret(t, "dailymart-member")
		began := s.clock.Now()
		for s.clock.Now().Before(began.Add(sessionMax - time.Hour)) {
			s.clock.Advance(time.Hour)
			require.NoError(t, use())
		}
		s.clock.Advance(time.Hour)
		requireReason(t, resource.ReasonUnauthenticated, use())

		_ = s.secret(t, "dailymart-reader") // sweeps
		n, err := s.db.Read.NewSelect().Model((*Session)(nil)).Count(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
	})
}

func TestCachedSessionEndsOnTime(t *testing.T) {
	s := newSite(t, storetest.Open(t, store.SQLite))
	secret := s.secret(t, "dailymart-member")
	s.clock.Advance(time.Second)
	p, err := s.Authenticate(t.Context(), secret, "")
	require.NoError(t, err)
	left := p.ExpiresAt.Sub(s.clock.Now())
	_, err = s.db.Write.NewUpdate().Model((*Session)(nil)).Set("seen_at = ?, expires_at = ?", s.clock.Now(), s.clock.Now().Add(time.Second)).
		Where("id = ?", p.SessionID).Exec(t.Context())
	require.NoError(t, err)
	s.forget()
	_, err = s.Authenticate(t.Context(), secret, "")
	require.NoError(t, err)
	s.clock.Advance(time.Second)
	_, err = s.Authenticate(t.Context(), secret, "")
	requireReason(t, resource.ReasonUnauthenticated, err)
	require.Equal(t, sessionIdle-time.Second, left)
}

func TestRevokeSession(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		secret := s.secret(t, "dailymart-member")
		member, err := s.Authenticate(t.Context(), secret, "")
		require.NoError(t, err)
		reader := s.login(t, "dailymart-reader")
		requireReason(t, resource.ReasonNotFound, s.RevokeSession(t.Context(), reader.Actor, member.SessionID))
		requireReason(t, resource.ReasonNotFound, s.RevokeSession(t.Context(), reader.Actor, "x"))
		requireReason(t, resource.ReasonNotFound, s.RevokeSession(t.Context(), resource.Actor{}, member.SessionID))
		require.NoError(t, s.RevokeSession(t.Context(), s.admin, member.SessionID))
		_, err = s.Authenticate(t.Context(), secret, "")
		requireReason(t, resource.ReasonUnauthenticated, err)
		requireReason(t, resource.ReasonNotFound, s.Logout(t.Context(), member))
		require.NoError(t, s.Logout(t.Context(), reader))
		require.NoError(t, s.Logout(t.Context(), Principal{TokenID: absent}), "a token has no session to end")
		require.Len(t, s.notes(t, "revoke"), 2)
	})
}

func TestChangePassword(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		here, there := s.secret(t, "dailymart-member"), s.secret(t, "dailymart-member")
		p, err := s.Authenticate(t.Context(), here, "")
		require.NoError(t, err)
		const next = "a quite different one"
		requireReason(t, resource.ReasonInvalid, s.ChangePassword(t.Context(), p, "wrong", next))
		requireReason(t, resource.ReasonInvalid, s.ChangePassword(t.Context(), p, password, "short"))
		requireReason(t, resource.ReasonInvalid, s.ChangePassword(t.Context(), p, password, strings.Repeat("x", maxPassword+1)))
		require.NoError(t, s.ChangePassword(t.Context(), p, password, next))
		_, err = s.Authenticate(t.Context(), here, "")
		require.NoError(t, err)
		_, err = s.Authenticate(t.Context(), there, "")
		requireReason(t, resource.ReasonUnauthenticated, err)
		requireReason(t, resource.ReasonUnauthenticated, s.try(t, "dailymart-member", password))
		require.NoError(t, s.try(t, "dailymart-member", next))
		requireReason(t, resource.ReasonForbidden, s.ChangePassword(t.Context(), Principal{UserID: p.UserID, TokenID: absent}, next, password))

		stale, err := s.User(t.Context(), "dailymart-member")
		require.NoError(t, err)
		s.clock.Advance(time.Second)
		require.NoError(t, s.ChangePassword(t.Context(), p, next, password))
		requireReason(t, resource.ReasonConflict, s.setPassword(t.Context(), p.Actor, stale, next, p.SessionID))

		requireReason(t, resource.ReasonForbidden, s.ResetPassword(t.Context(), p.Actor, "admin", next))
		require.NoError(t, s.ResetPassword(t.Context(), s.admin, "dailymart-member", next))
		_, err = s.Authenticate(t.Context(), here, "")
		requireReason(t, resource.ReasonUnauthenticated, err)
		requireReason(t, resource.ReasonNotFound, s.ResetPassword(t.Context(), s.admin, "nobody", next))
		rows := s.notes(t, "set-password")
		require.Len(t, rows, 3)
		require.Nil(t, rows[0].After)
	})
}

func TestNoSecretIsKept(t *testing.T) {
	s := newSite(t, storetest.Open(t, store.SQLite))
	secret := s.secret(t, AdminName)
	_, token, err := s.CreateToken(t.Context(), s.admin, NewToken{Name: "ci"})
	require.NoError(t, err)
	for _, table := range []string{"users", "sessions", "tokens", "audit"} {
		var dump []map[string]any
		require.NoError(t, s.db.Read.NewSelect().Table(table).Scan(t.Context(), &dump))
		for _, row := range dump {
			for _, v := range row {
				for _, hidden := range []string{secret, token, password, s.pass[AdminName]} {
					text, _ := v.(string)
					require.NotContains(t, text, hidden, table)
				}
				if table == "audit" {
					text, _ := v.(string)
					require.NotContains(t, text, "argon2id")
				}
			}
		}
	}
}
