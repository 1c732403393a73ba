package tenancy

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
)

const brand = "freshfoods/north/dailymart"

// local makes a user with a role on a node.
func (s *site) local(t testing.TB, name string, role Role, node string) Principal {
	t.Helper()
	_, err := s.CreateUser(t.Context(), s.admin, NewUser{Name: name, Password: password})
	require.NoError(t, err)
	_, err = s.Bind(t.Context(), s.admin, name, role, node)
	require.NoError(t, err)
	s.pass[name] = password
	return s.login(t, name)
}

func TestInvitation(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		boss := s.local(t, "boss", Admin, brand)
		i, secret, err := s.Invite(t.Context(), boss.Actor, NewInvitation{Email: "kim@example.net", Role: Member, Node: brand})
		require.NoError(t, err)
		require.Equal(t, s.time().Add(defaultInvitation), i.ExpiresAt)
		require.Regexp(t, `^pli_[0-9A-Za-z]{43}$`, secret)
		list, err := s.Invitations(t.Context(), s.id(t, "freshfoods"), true)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, brand, list[0].NodeName)

		for name, in := range map[string]Acceptance{
			"no name":        {Token: secret, Password: password},
			"a bad name":     {Token: secret, Name: "Kim", Password: password},
			"a bad password": {Token: secret, Name: "kim", Password: "short"},
			"no password":    {Token: secret, Name: "kim"},
		} {
			_, err := s.Accept(t.Context(), in, "")
			requireReason(t, resource.ReasonInvalid, err)
			require.NotEmpty(t, name)
		}
		_, err = s.Accept(t.Context(), Acceptance{Token: secret, Name: "boss", Password: password}, "")
		requireReason(t, resource.ReasonAlreadyExists, err) // and it is still good
		u, err := s.Accept(t.Context(), Acceptance{Token: secret, Name: "kim", Password: password}, "192.0.2.9")
		require.NoError(t, err)
		require.Equal(t, "kim@example.net", u.Email)
		_, err = s.Accept(t.Context(), Acceptance{Token: secret, Name: "kim2", Password: password}, "")
		requireReason(t, resource.ReasonNotFound, err)
		s.pass["kim"] = password
		kim := s.login(t, "kim")
		require.True(t, kim.Actor.Scope.Sees(s.id(t, brand+"/shop")))
		require.False(t, kim.Actor.Scope.Sees(s.id(t, "freshfoods/south/tealeaf/shop")))
		told := s.notes(t, "accept")
		require.Len(t, told, 1)
		require.Equal(t, []string{"kim", "192.0.2.9", "an invitation by boss"}, []string{told[0].Actor, told[0].Remote, told[0].Granted})
	})
}

// TestNobodyInvitesToMore than they may bind themselves, nor once they may not any more.
func TestNobodyInvitesToMore(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		boss := s.local(t, "boss", Admin, brand)
		invite := func(who resource.Actor, node string) error {
			_, _, err := s.Invite(t.Context(), who, NewInvitation{Role: Admin, Node: node})
			return err
		}
		require.NoError(t, invite(boss.Actor, brand+"/shop"))
		requireReason(t, resource.ReasonNotFound, invite(boss.Actor, ""))
		requireReason(t, resource.ReasonNotFound, invite(boss.Actor, "freshfoods/south"))
		requireReason(t, resource.ReasonNotFound, invite(boss.Actor, "nowhere"))
		requireReason(t, resource.ReasonForbidden, invite(s.login(t, member).Actor, brand))
		requireReason(t, resource.ReasonUnauthenticated, invite(resource.Actor{}, brand))
		_, limited, err := s.CreateToken(t.Context(), boss.Actor, NewToken{Name: "ci", Role: Reader})
		require.NoError(t, err)
		token, err := s.Authenticate(t.Context(), limited, "")
		require.NoError(t, err)
		requireReason(t, resource.ReasonForbidden, invite(token.Actor, brand))

		_, secret, err := s.Invite(t.Context(), boss.Actor, NewInvitation{Role: Admin, Node: brand, Name: "kim"})
		require.NoError(t, err)
		_, err = s.Accept(t.Context(), Acceptance{Token: secret, Name: "lee", Password: password}, "")
		requireReason(t, resource.ReasonInvalid, err)
		_, err = s.SetDisabled(t.Context(), s.admin, "boss", true)
		require.NoError(t, err)
		_, err = s.Accept(t.Context(), Acceptance{Token: secret, Password: password}, "")
		requireReason(t, resource.ReasonNotFound, err)
		_, err = s.SetDisabled(t.Context(), s.admin, "boss", false)
		require.NoError(t, err)
		_, err = s.Accept(t.Context(), Acceptance{Token: secret, Password: password}, "")
		require.NoError(t, err)
	})
}

func TestInvitationEnds(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		invite := func(after time.Duration) (Invitation, string, error) {
			at := s.clock.Now().Add(after)
			return s.Invite(t.Context(), s.admin, NewInvitation{Role: Reader, Node: brand, ExpiresAt: &at})
		}
		for _, after := range []time.Duration{0, -time.Hour, maxInvitation + time.Second} {
			_, _, err := invite(after)
			requireReason(t, resource.ReasonInvalid, err)
		}
		_, _, err := s.Invite(t.Context(), s.admin, NewInvitation{Role: Subscriber, Node: brand})
		requireReason(t, resource.ReasonInvalid, err)
		gone := func(secret string) {
			t.Helper()
			_, err := s.Accept(t.Context(), Acceptance{Token: secret, Name: "kim", Password: password}, "")
			requireReason(t, resource.ReasonNotFound, err)
		}
		_, secret, err := invite(time.Hour)
		require.NoError(t, err)
		s.clock.Advance(time.Hour)
		gone(secret)
		i, secret, err := invite(maxInvitation)
		require.NoError(t, err)
		left, err := s.Invitations(t.Context(), "", false)
		require.NoError(t, err)
		require.Len(t, left, 1, "the one that ran out was swept")
		requireReason(t, resource.ReasonForbidden, s.RevokeInvitation(t.Context(), s.login(t, member).Actor, i.ID))
		requireReason(t, resource.ReasonNotFound, s.RevokeInvitation(t.Context(), s.login(t, "tealeaf-member").Actor, i.ID))
		require.NoError(t, s.RevokeInvitation(t.Context(), s.admin, i.ID))
		requireReason(t, resource.ReasonNotFound, s.RevokeInvitation(t.Context(), s.admin, i.ID))
		gone(secret)
		gone("")
		gone("pli_nonsense")
	})
}

// TestInvitationIsGoodOnce, also for many who come at once.
func TestInvitationIsGoodOnce(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		_, secret, err := s.Invite(t.Context(), s.admin, NewInvitation{Role: Reader, Node: brand})
		require.NoError(t, err)
		var in atomic.Int32
		var wg sync.WaitGroup
		for i := range 5 {
			wg.Go(func() {
				if _, err := s.Accept(t.Context(), Acceptance{Token: secret, Name: fmt.Sprintf("kim%d", i), Password: password}, ""); err == nil {
					in.Add(1)
				}
			})
		}
		wg.Wait()
		require.EqualValues(t, 1, in.Load())
	})
}
