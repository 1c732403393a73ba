package tenancy

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
)

// made are the kinds that the roles of these tests are about.
var made = []KindVerbs{
	{Kind: "server", Verbs: slices.Concat(reads, writes, []string{"start", "stop"})}, {Kind: "volume", Verbs: slices.Concat(reads, writes)},
	{Kind: "host", Global: true, Verbs: slices.Concat(reads, writes)}, {Kind: "quota", Verbs: slices.Concat(reads, writes)},
	{Kind: "binding", Verbs: slices.Concat(reads, writes)}, {Kind: "audit", Verbs: reads},
}

// holder is somebody new with a role on a node.
func (s *site) holder(t *testing.T, name string, role Role, node string) (resource.Actor, Binding) {
	u, err := s.CreateUser(t.Context(), s.admin, NewUser{Name: name, Password: password})
	require.NoError(t, err)
	b, err := s.Bind(t.Context(), s.admin, name, role, node)
	require.NoError(t, err)
	s.pass[name] = password
	return resource.Actor{ID: u.ID, Name: name}, b
}

func (s *site) may(t *testing.T, who resource.Actor, verb, kind, project string) bool {
	err := s.Authorize(t.Context(), who, verb, kind, project)
	if err != nil {
		require.Contains(t, []resource.Reason{resource.ReasonForbidden, resource.ReasonNotFound}, resource.ReasonOf(err))
	}
	return err == nil
}

func TestAuditorsReadAndBillingReadersReadBills(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		shop, other := s.id(t, own), s.id(t, foreign)
		auditor, _ := s.holder(t, "audra", Auditor, "freshfoods/north")
		biller, _ := s.holder(t, "bill", Billing, "freshfoods/north")
		kinds := []string{"server", "quota", "usage", "price", "node", "audit", "binding", "role", "token", "session", "user"}
		for _, verb := range slices.Concat(reads, writes, acts, []string{"ack", "console"}) {
			for _, kind := range kinds {
				read := slices.Contains(reads, verb)
				require.Equal(t, read && !slices.Contains([]string{"token", "session", "user"}, kind), s.may(t, auditor, verb, kind, shop), "auditor %s %s", verb, kind)
				require.Equal(t, read && slices.Contains([]string{"quota", "usage", "price"}, kind), s.may(t, biller, verb, kind, shop), "billing-reader %s %s", verb, kind)
				for _, who := range []resource.Actor{auditor, biller} {
					requireReason(t, resource.ReasonNotFound, s.Authorize(t.Context(), who, verb, kind, other))
				}
				require.False(t, s.may(t, biller, verb, kind, ""), "across projects it would be more than bills")
			}
		}
		require.False(t, s.may(t, auditor, "list", "user", ""))
		require.True(t, s.may(t, auditor, "list", "flavor", ""))
		require.False(t, s.login(t, "bill").Actor.Scope.Sees(shop), "what is in a project is not seen")
		require.True(t, s.login(t, "audra").Actor.Scope.Sees(shop))
	})
}

func TestCustomRoles(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx, shop := t.Context(), s.id(t, own)
		r, err := s.CreateRole(ctx, s.admin, NewRole{Node: "freshfoods/north", Name: "power", Permissions: []Permission{{Kind: "server", Verbs: []string{"stop"}}}}, made)
		require.NoError(t, err)
		ann, b := s.holder(t, "ann", "power", "freshfoods/north/dailymart")
		require.Equal(t, r.ID, b.RoleID)
		require.True(t, s.may(t, ann, "stop", "server", shop))
		require.True(t, s.may(t, ann, "list", "volume", shop), "it reads")
		for _, no := range [][2]string{{"start", "server"}, {"create", "server"}, {"stop", "volume"}, {"list", "binding"}, {"create", "binding"}, {"create", "role"}} {
			require.False(t, s.may(t, ann, no[0], no[1], shop), "%v", no)
		}
		requireReason(t, resource.ReasonNotFound, s.Authorize(ctx, ann, "stop", "server", s.id(t, foreign)))

		e, err := s.Explain(ctx, s.admin, Question{User: "ann", Verb: "stop", Kind: made[0], Node: own})
		require.NoError(t, err)
		require.Equal(t, []string{"role power, 1"}, e.Because[0].Rules)
		require.Equal(t, Role("power"), e.Because[0].Role)
		p, err := s.Permissions(ctx, ann, made)
		require.NoError(t, err)
		require.Contains(t, p.Grants[0].Kinds, KindPermissions{Kind: "server", Verbs: slices.Concat(reads, []string{"stop"})})
		require.Equal(t, "power on freshfoods/north/dailymart", s.Grounds(ctx, ann, "stop", "server", shop))

		token, _, err := s.CreateToken(ctx, s.login(t, "ann").Actor, NewToken{Name: "reads", Role: Reader})
		require.NoError(t, err)
		require.True(t, s.may(t, resource.Actor{ID: token.ID}, "get", "server", shop))
		require.False(t, s.may(t, resource.Actor{ID: token.ID}, "stop", "server", shop))

		all := []Permission{{Class: "project", Verbs: []string{"*"}}}
		changed, err := s.UpdateRole(ctx, s.admin, r.ID, RoleChange{Permissions: &all}, made)
		require.NoError(t, err)
		require.Equal(t, all, changed.Permissions)
		require.True(t, s.may(t, ann, "create", "volume", shop), "at once")
		require.False(t, s.may(t, ann, "create", "quota", shop))
		require.Equal(t, "power freshfoods/north", s.notes(t, "update")[0].ObjectName)

		used := problem(t, s.DeleteRole(ctx, s.admin, r.ID))
		require.Equal(t, resource.ReasonInUse, used.Reason)
		require.Equal(t, "ann has it on freshfoods/north/dailymart", used.Candidates[0].Detail)
		require.NoError(t, s.Unbind(ctx, s.admin, b.ID))
		require.NoError(t, s.DeleteRole(ctx, s.admin, r.ID))
		requireReason(t, resource.ReasonNotFound, s.DeleteRole(ctx, s.admin, r.ID))
		_, err = s.Bind(ctx, s.admin, "ann", "power", own)
		requireReason(t, resource.ReasonInvalid, err)
	})
}

// TestTokensOfCustomRoles limits tokens of an administrator, a member, a reader and of whoever holds the role to what it allows.
func TestTokensOfCustomRoles(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx, shop := t.Context(), s.id(t, own)
		perms := []Permission{{Kind: "server", Verbs: []string{"stop"}}, {Class: "infrastructure", Verbs: []string{"update"}}}
		r, err := s.CreateRole(ctx, s.admin, NewRole{Node: "freshfoods/north", Name: "power", Permissions: perms}, made)
		require.NoError(t, err)
		s.holder(t, "ann", "power", "freshfoods/north/dailymart")
		s.holder(t, "rob", Reader, "freshfoods/north")
		s.holder(t, "meg", Member, "freshfoods/north")
		for _, c := range []struct {
			who    string
			actor  resource.Actor
			stops  bool
			grants Role
		}{{"admin", s.admin, true, "power"}, {"meg", s.login(t, "meg").Actor, true, "power"}, {"ann", s.login(t, "ann").Actor, true, "power"}, {"rob", s.login(t, "rob").Actor, false, Reader}} {
			token, secret, err := s.CreateToken(ctx, c.actor, NewToken{Name: "ci", Role: "power", Node: own})
			require.NoError(t, err, c.who)
			require.Equal(t, r.ID, token.RoleID)
			p, err := s.Authenticate(ctx, secret, "")
			require.NoError(t, err)
			require.Equal(t, c.stops, s.may(t, p.Actor, "stop", "server", shop), c.who)
			require.True(t, s.may(t, p.Actor, "list", "volume", shop), "%s reads", c.who)
			for _, no := range [][2]string{{"start", "server"}, {"create", "server"}, {"create", "volume"}, {"create", "binding"}, {"update", "quota"}} {
				require.False(t, s.may(t, p.Actor, no[0], no[1], shop), "%s %v", c.who, no)
			}
			require.False(t, s.may(t, p.Actor, "stop", "server", s.id(t, foreign)), c.who)
			held, err := s.Permissions(ctx, p.Actor, made)
			require.NoError(t, err)
			require.Equal(t, c.grants, held.Grants[0].Role, c.who)
		}
		_, _, err = s.CreateToken(ctx, s.admin, NewToken{Name: "south", Role: "power", Node: "freshfoods/south"})
		requireReason(t, resource.ReasonInvalid, err)
		_, _, err = s.CreateToken(ctx, s.admin, NewToken{Name: "everywhere", Role: "power"})
		requireReason(t, resource.ReasonInvalid, err)

		bound, err := s.Bindings(ctx, BindingFilter{})
		require.NoError(t, err)
		for _, b := range bound {
			if b.Role == "power" {
				require.NoError(t, s.Unbind(ctx, s.admin, b.ID))
			}
		}
		used := problem(t, s.DeleteRole(ctx, s.admin, r.ID))
		require.Equal(t, resource.ReasonInUse, used.Reason)
		require.Contains(t, used.Detail, "4 tokens are limited")
	})
}

func TestCustomRolesStayWhereTheyWereMade(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx := t.Context()
		lead, _ := s.holder(t, "lead", Admin, "freshfoods/north")
		power := []Permission{{Kind: "server", Verbs: []string{"stop"}}}
		r, err := s.CreateRole(ctx, lead, NewRole{Node: "freshfoods/north", Name: "power", Permissions: power}, made)
		require.NoError(t, err)
		_, err = s.CreateRole(ctx, lead, NewRole{Node: "freshfoods/north", Name: "power", Permissions: power}, made)
		requireReason(t, resource.ReasonAlreadyExists, err)
		for node, reason := range map[string]resource.Reason{"freshfoods": resource.ReasonNotFound, "freshfoods/south": resource.ReasonNotFound, "": resource.ReasonForbidden} {
			_, err = s.CreateRole(ctx, lead, NewRole{Node: node, Name: "more", Permissions: power}, made)
			requireReason(t, reason, err)
		}
		_, err = s.Bind(ctx, s.admin, "lead", "power", "freshfoods/south")
		requireReason(t, resource.ReasonInvalid, err)

		stranger, _ := s.holder(t, "stranger", Admin, "freshfoods/south")
		absent := s.DeleteRole(ctx, stranger, "01980000-0000-7000-8000-000000000000")
		for _, id := range []string{r.ID, "x"} {
			err := s.DeleteRole(ctx, stranger, id)
			requireReason(t, resource.ReasonNotFound, err)
			_, err = s.Role(ctx, stranger, id)
			requireReason(t, resource.ReasonNotFound, err)
		}
		requireReason(t, resource.ReasonNotFound, absent)
		reader := s.login(t, "dailymart-reader").Actor
		_, err = s.CreateRole(ctx, reader, NewRole{Node: "freshfoods/north/dailymart", Name: "mine", Permissions: power}, made)
		requireReason(t, resource.ReasonForbidden, err)

		for what, wrong := range map[string]NewRole{
			"built in":        {Name: "admin", Permissions: power},
			"no name":         {Name: "Power!", Permissions: power},
			"makes admins":    {Name: "x", Permissions: []Permission{{Kind: "binding", Verbs: []string{"create"}}}},
			"no kind":         {Name: "x", Permissions: []Permission{{Kind: "moon", Verbs: []string{"*"}}}},
			"no verb":         {Name: "x", Permissions: []Permission{{Kind: "server", Verbs: []string{"fly"}}}},
			"a policy":        {Name: "x", Permissions: []Permission{{Kind: `server" || true || "`, Verbs: []string{"*"}}}},
			"kind and class":  {Name: "x", Permissions: []Permission{{Kind: "server", Class: "project", Verbs: []string{"*"}}}},
			"another class":   {Name: "x", Permissions: []Permission{{Class: "identity", Verbs: []string{"*"}}}},
			"neither of them": {Name: "x", Permissions: []Permission{{Verbs: []string{"*"}}}},
		} {
			wrong.Node = "freshfoods/north"
			_, err := s.CreateRole(ctx, lead, wrong, made)
			require.Equal(t, resource.ReasonInvalid, resource.ReasonOf(err), "%s: %v", what, err)
		}

		// Who makes the role has no say over a node that was moved away, so the role has none either.
		ann, _ := s.holder(t, "ann", "power", "freshfoods/north/dailymart")
		shop := s.id(t, own)
		require.True(t, s.may(t, ann, "stop", "server", shop))
		_, err = s.MoveNode(ctx, s.admin, "freshfoods/north/dailymart", "freshfoods/south")
		require.NoError(t, err)
		require.False(t, s.may(t, ann, "stop", "server", shop))
		require.False(t, s.may(t, ann, "get", "server", shop))
	})
}
