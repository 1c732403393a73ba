package tenancy

import (
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/plazacloud/plaza/pkg/resource"
)

// enrolled gives a user a second factor, and returns its key and recovery codes.
func (s *site) enrolled(t testing.TB, name string) (secret string, recovery []string) {
	t.Helper()
	p := s.login(t, name)
	e, err := s.EnrolFactor(t.Context(), p, s.pass[name])
	require.NoError(t, err)
	recovery, err = s.ConfirmFactor(t.Context(), p, s.code(t, e.Secret))
	require.NoError(t, err)
	s.clock.Advance(totpPeriod * time.Second)
	return e.Secret, recovery
}

func (s *site) code(t testing.TB, secret string) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, s.clock.Now())
	require.NoError(t, err)
	return code
}

func (s *site) enterWith(t testing.TB, name, code string) error {
	t.Helper()
	_, _, err := s.Login(t.Context(), Credentials{Name: name, Password: s.pass[name], Code: code})
	return err
}

const member = "dailymart-member"

func TestSecondFactor(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		p := s.login(t, member)
		_, err := s.EnrolFactor(t.Context(), p, "wrong")
		requireReason(t, resource.ReasonInvalid, err)
		_, err = s.EnrolFactor(t.Context(), Principal{Actor: p.Actor, UserID: p.UserID, TokenID: absent}, password)
		requireReason(t, resource.ReasonForbidden, err)
		_, err = s.ConfirmFactor(t.Context(), p, "123456")
		requireReason(t, resource.ReasonConflict, err)
		e, err := s.EnrolFactor(t.Context(), p, password)
		require.NoError(t, err)
		u, err := url.Parse(e.URL)
		require.NoError(t, err)
		require.Equal(t, []string{"otpauth", "totp", "/Plaza:" + member, e.Secret}, []string{u.Scheme, u.Host, u.Path, u.Query().Get("secret")})
		require.NoError(t, s.enterWith(t, member, ""), "it is not in force before it is confirmed")
		_, err = s.ConfirmFactor(t.Context(), p, "00000x")
		requireReason(t, resource.ReasonInvalid, err)
		code := s.code(t, e.Secret)
		recovery, err := s.ConfirmFactor(t.Context(), p, code)
		require.NoError(t, err)
		require.Len(t, recovery, recoveryCodes)

		requireReason(t, ReasonSecondFactor, s.enterWith(t, member, ""))
		require.Equal(t, wrongPassword().Error(), s.try(t, member, "wrong").Error(), "without the password nothing is said of a code")
		requireReason(t, resource.ReasonUnauthenticated, s.enterWith(t, member, code)) // it was used to confirm
		s.clock.Advance(totpPeriod * time.Second)
		code = s.code(t, e.Secret)
		require.NoError(t, s.enterWith(t, member, code[:3]+" "+code[3:]))
		requireReason(t, resource.ReasonUnauthenticated, s.enterWith(t, member, code))
		s.clock.Advance(3 * totpPeriod * time.Second)
		requireReason(t, resource.ReasonUnauthenticated, s.enterWith(t, member, code))

		require.NoError(t, s.enterWith(t, member, recovery[3]))
		requireReason(t, resource.ReasonUnauthenticated, s.enterWith(t, member, recovery[3]))
		status, err := s.SecondFactor(t.Context(), p.UserID)
		require.NoError(t, err)
		require.True(t, status.Enabled)
		require.EqualValues(t, recoveryCodes-1, status.RecoveryCodes)
		_, err = s.EnrolFactor(t.Context(), p, password)
		requireReason(t, resource.ReasonConflict, err)

		requireReason(t, resource.ReasonInvalid, s.RemoveFactor(t.Context(), p, "000000"))
		s.clock.Advance(totpPeriod * time.Second)
		require.NoError(t, s.RemoveFactor(t.Context(), p, s.code(t, e.Secret)))
		require.NoError(t, s.enterWith(t, member, ""))
		for verb, rows := range map[string]int{"enrol-totp": 1, "remove-totp": 1} {
			require.Len(t, s.notes(t, verb), rows, verb)
		}
	})
}

// TestCodesAreCounted like passwords: the account is locked after five, also for the right one.
func TestCodesAreCounted(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		secret, recovery := s.enrolled(t, member)
		for range 3 { // that a code is asked for is no failure
			requireReason(t, ReasonSecondFactor, s.enterWith(t, member, ""))
		}
		var wg sync.WaitGroup
		for range 12 {
			wg.Go(func() { _ = s.enterWith(t, member, "000000") })
		}
		wg.Wait()
		u, err := s.User(t.Context(), member)
		require.NoError(t, err)
		require.Equal(t, maxFailures, u.Failures)
		require.NotNil(t, u.LockedUntil)
		requireReason(t, resource.ReasonUnauthenticated, s.enterWith(t, member, s.code(t, secret)))
		requireReason(t, resource.ReasonUnauthenticated, s.enterWith(t, member, recovery[0]))
		s.clock.Advance(lockFor)
		require.NoError(t, s.enterWith(t, member, s.code(t, secret)))
		require.Equal(t, "wrong code", s.notes(t, "login-failed")[0].Note)
	})
}

// TestOneCodeOneSession: of many who come with the same code at once, one gets in; the same with a recovery code.
func TestOneCodeOneSession(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		secret, recovery := s.enrolled(t, member)
		for _, code := range []string{s.code(t, secret), recovery[0]} {
			var in atomic.Int32
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					if s.enterWith(t, member, code) == nil {
						in.Add(1)
					}
				})
			}
			wg.Wait()
			require.EqualValues(t, 1, in.Load())
			_, err := s.SetDisabled(t.Context(), s.admin, member, false) // counts anew
			require.NoError(t, err)
		}
	})
}

func TestResetSecondFactor(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		s.enrolled(t, member)
		reader := s.login(t, "dailymart-reader")
		requireReason(t, resource.ReasonForbidden, s.ResetFactor(t.Context(), reader.Actor, member))
		requireReason(t, resource.ReasonNotFound, s.ResetFactor(t.Context(), s.admin, "nobody"))
		require.NoError(t, s.ResetFactor(t.Context(), s.admin, member))
		requireReason(t, resource.ReasonConflict, s.ResetFactor(t.Context(), s.admin, member))
		require.NoError(t, s.enterWith(t, member, ""))
		rows := s.notes(t, "reset-totp")
		require.Len(t, rows, 1)
		require.Equal(t, AdminName, rows[0].Actor)
		require.Equal(t, "admin on the root", rows[0].Granted)
		s.enrolled(t, member)
		require.NoError(t, s.DeleteUser(t.Context(), s.admin, member))
		left, err := s.db.Read.NewSelect().Table("recovery_codes").Count(t.Context())
		require.NoError(t, err)
		require.Zero(t, left)
	})
}

// TestStepOf compares with the library's own generator, at any time and with clocks that differ.
func TestStepOf(t *testing.T) {
	const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" // that of RFC 6238
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 2000000000: "279037"} {
		step, ok := stepOf(secret, want, time.Unix(at, 0), 0)
		require.True(t, ok, at)
		require.Equal(t, at/totpPeriod, step)
	}
	rapid.Check(t, func(t *rapid.T) {
		theirs := time.Unix(rapid.Int64Range(120, 1<<33).Draw(t, "theirs"), 0)
		ours := theirs.Add(time.Duration(rapid.Int64Range(-100, 100).Draw(t, "drift")) * time.Second)
		code, err := totp.GenerateCode(secret, theirs)
		require.NoError(t, err)
		apart := ours.Unix()/totpPeriod - theirs.Unix()/totpPeriod
		step, ok := stepOf(secret, code, ours, 0)
		if apart >= -totpSkew && apart <= totpSkew {
			require.True(t, ok)
			_, again := stepOf(secret, code, ours, step)
			later, _ := totp.GenerateCode(secret, theirs.Add(totpPeriod*time.Second))
			require.True(t, !again || later == code)
		} else if ok {
			require.NotEqual(t, theirs.Unix()/totpPeriod, step, "a code by chance")
		}
	})
}

// TestResealIdentity: what an older key has sealed works on under the new one alone.
func TestResealIdentity(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		secret, _ := s.enrolled(t, member)
		s.corp(t)
		use := func(keys ...[]byte) {
			sealer, err := resource.NewSealer(keys...)
			require.NoError(t, err)
			s.UseSealer(sealer)
		}
		older, newer := make([]byte, 32), append(make([]byte, 31), 1)
		use(newer, older)
		for _, want := range []int{2, 0} {
			left, err := s.Resealed(t.Context())
			require.NoError(t, err)
			require.Equal(t, want, left)
			n, err := s.Reseal(t.Context(), resource.System("test"))
			require.NoError(t, err)
			require.Equal(t, want, n)
		}
		use(newer)
		require.NoError(t, s.enterWith(t, member, s.code(t, secret)))
		_, err := s.BeginAttempt(t.Context(), NewAttempt{Provider: "corp"})
		require.NoError(t, err)
	})
}
