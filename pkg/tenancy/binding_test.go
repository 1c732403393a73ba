package tenancy

import (
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
)

func TestBind(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		reader := s.login(t, "dailymart-reader").Actor
		require.Error(t, s.Authorize(t.Context(), reader, "create", "server", s.id(t, own)))
		b, err := s.Bind(t.Context(), s.admin, "dailymart-reader", Member, own)
		require.NoError(t, err)
		require.Equal(t, own, b.NodeName)
		require.NoError(t, s.Authorize(t.Context(), reader, "create", "server", s.id(t, own)), "at once")
		same, err := s.Bind(t.Context(), s.admin, "dailymart-reader", Member, own)
		require.NoError(t, err)
		require.Equal(t, b.ID, same.ID)
		require.NoError(t, s.Unbind(t.Context(), s.admin, b.ID))
		require.Error(t, s.Authorize(t.Context(), reader, "create", "server", s.id(t, own)))
		requireReason(t, resource.ReasonNotFound, s.Unbind(t.Context(), s.admin, b.ID))
		requireReason(t, resource.ReasonNotFound, s.Unbind(t.Context(), s.admin, "x"))
		audit := s.notes(t, "delete")
		require.Len(t, audit, 1)
		require.Equal(t, "dailymart-reader member "+own, audit[0].ObjectName)
		require.Equal(t, s.id(t, own), audit[0].Project)

		_, err = s.Bind(t.Context(), s.admin, "dailymart-reader", "owner", own)
		requireReason(t, resource.ReasonInvalid, err)
		_, err = s.Bind(t.Context(), s.admin, "nobody", Reader, own)
		requireReason(t, resource.ReasonNotFound, err)
		_, err = s.Bind(t.Context(), s.admin, "dailymart-reader", Reader, "nowhere")
		requireReason(t, resource.ReasonNotFound, err)
	})
}

// TestNobodyRaisesThemselves: an administrator of a node hands out roles there and nowhere else.
func TestNobodyRaisesThemselves(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		_, err := s.Bind(t.Context(), s.admin, "dailymart-member", Admin, "freshfoods/north")
		require.NoError(t, err)
		lead := s.login(t, "dailymart-member").Actor
		_, err = s.Bind(t.Context(), lead, "dailymart-reader", Admin, own)
		require.NoError(t, err)
		_, err = s.Bind(t.Context(), lead, "dailymart-member", Admin, "freshfoods")
		requireReason(t, resource.ReasonNotFound, err)
		_, err = s.Bind(t.Context(), lead, "dailymart-member", Admin, "/")
		requireReason(t, resource.ReasonNotFound, err)
		_, err = s.Bind(t.Context(), s.login(t, "cloud-operator").Actor, "cloud-operator", Admin, "/")
		requireReason(t, resource.ReasonForbidden, err)
		_, err = s.CreateUser(t.Context(), lead, NewUser{Name: "extra"})
		requireReason(t, resource.ReasonForbidden, err)
		foreignOnes, err := s.Bindings(t.Context(), BindingFilter{Node: "freshfoods/south", Below: true})
		require.NoError(t, err)
		require.Len(t, foreignOnes, 1)
		requireReason(t, resource.ReasonNotFound, s.Unbind(t.Context(), lead, foreignOnes[0].ID))
		reader := s.login(t, "tealeaf-member").Actor
		requireReason(t, resource.ReasonForbidden, s.Unbind(t.Context(), reader, foreignOnes[0].ID))
	})
}

func TestBindings(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		all, err := s.Bindings(t.Context(), BindingFilter{})
		require.NoError(t, err)
		require.Len(t, all, 5)
		root, err := s.Bindings(t.Context(), BindingFilter{Node: "/"})
		require.NoError(t, err)
		require.Len(t, root, 2)
		require.Equal(t, "admin", root[0].UserName)
		for _, f := range []BindingFilter{{User: "nobody"}, {Node: "nowhere"}} {
			_, err = s.Bindings(t.Context(), f)
			requireReason(t, resource.ReasonNotFound, err)
		}
	})
}

func TestLastAdministratorStays(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		mine, err := s.Bindings(t.Context(), BindingFilter{User: AdminName})
		require.NoError(t, err)
		requireReason(t, resource.ReasonConflict, s.Unbind(t.Context(), s.admin, mine[0].ID))
		requireReason(t, resource.ReasonConflict, s.DeleteUser(t.Context(), s.admin, AdminName))
		_, err = s.SetDisabled(t.Context(), s.admin, AdminName, true)
		requireReason(t, resource.ReasonConflict, err)
		require.NoError(t, s.try(t, AdminName, s.pass[AdminName]), "what was refused left no trace")

		// Two administrators who take the role from each other at once: one of them stays.
		other, err := s.Bind(t.Context(), s.admin, "cloud-operator", Admin, "/")
		require.NoError(t, err)
		second := s.login(t, "cloud-operator").Actor
		var wg sync.WaitGroup
		wg.Go(func() { _ = s.Unbind(t.Context(), s.admin, other.ID) })
		wg.Go(func() { _ = s.Unbind(t.Context(), second, mine[0].ID) })
		wg.Wait()
		left, err := s.Bindings(t.Context(), BindingFilter{Node: "/"})
		require.NoError(t, err)
		admins := 0
		for _, b := range left {
			if b.Role == Admin {
				admins++
			}
		}
		require.Equal(t, 1, admins)
	})
}

func TestUsers(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		u, err := s.CreateUser(t.Context(), s.admin, NewUser{Name: "auditor", Email: "auditor@example.com", Password: password})
		require.NoError(t, err)
		read, err := s.User(t.Context(), u.ID)
		require.NoError(t, err)
		require.Equal(t, "auditor@example.com", read.Email)
		s.pass["auditor"] = password
		p := s.login(t, "auditor")
		require.False(t, p.Actor.Scope.Sees(""), "without a role nothing is seen")
		requireReason(t, resource.ReasonForbidden, s.Authorize(t.Context(), p.Actor, "list", "flavor", ""))
		_, err = s.CreateUser(t.Context(), s.admin, NewUser{Name: "auditor"})
		requireReason(t, resource.ReasonAlreadyExists, err)
		for _, in := range []NewUser{{Name: ""}, {Name: "A"}, {Name: absent}, {Name: strings.Repeat("a", 64)}, {Name: "x", Email: "no"},
			{Name: "x", Password: "short"}, {Name: "long-enough-name", Password: "Long-Enough-Name"}} {
			_, err = s.CreateUser(t.Context(), s.admin, in)
			requireReason(t, resource.ReasonInvalid, err)
		}
		all, err := s.Users(t.Context())
		require.NoError(t, err)
		require.Len(t, all, 6)
		requireReason(t, resource.ReasonForbidden, s.DeleteUser(t.Context(), p.Actor, "admin"))
		require.NoError(t, s.DeleteUser(t.Context(), s.admin, "auditor"))
		requireReason(t, resource.ReasonNotFound, s.DeleteUser(t.Context(), s.admin, "auditor"))
		_, err = s.SetDisabled(t.Context(), s.admin, "a\x00", true)
		requireReason(t, resource.ReasonNotFound, err)
	})
}
