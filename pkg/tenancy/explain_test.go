package tenancy

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
)

func TestExplain(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		server := KindVerbs{Kind: "server", Verbs: []string{"get", "create", "reboot"}}
		host := KindVerbs{Kind: "host", Global: true, Verbs: []string{"get", "update"}}
		ask := func(actor resource.Actor, user, verb string, kind KindVerbs, node string) (Explanation, error) {
			return s.Explain(t.Context(), actor, Question{User: user, Verb: verb, Kind: kind, Node: node})
		}
		e, err := ask(s.admin, "dailymart-member", "create", server, own)
		require.NoError(t, err)
		require.True(t, e.Allowed)
		require.Equal(t, []string{"member"}, e.Because[0].Rules)
		require.Equal(t, "freshfoods/north/dailymart", e.Because[0].Node)
		for _, q := range []struct {
			user, verb   string
			kind         KindVerbs
			node, denied string
		}{
			{"dailymart-member", "create", server, foreign, "dailymart-member has no role on " + foreign + " or a node above it"},
			{"dailymart-reader", "reboot", server, own, "no role that dailymart-reader has on " + own + " or a node above it allows it"},
			{"dailymart-reader", "update", host, "", "no role that dailymart-reader has on the installation allows it"},
		} {
			e, err := ask(s.admin, q.user, q.verb, q.kind, q.node)
			require.NoError(t, err)
			require.False(t, e.Allowed)
			require.Equal(t, q.denied, e.Denied)
			require.Contains(t, e.Hint, "the role ")
		}

		reader := s.login(t, "dailymart-reader").Actor
		e, err = ask(reader, "dailymart-reader", "create", server, own)
		require.NoError(t, err, "about oneself")
		require.Contains(t, e.Hint, "the role member on "+own)
		_, err = ask(reader, "dailymart-member", "create", server, own)
		requireReason(t, resource.ReasonForbidden, err)
		_, err = ask(reader, "dailymart-reader", "create", server, foreign)
		requireReason(t, resource.ReasonNotFound, err)
		for _, q := range []struct {
			verb string
			kind KindVerbs
			node string
		}{{"fly", server, own}, {"get", host, own}, {"get", server, "freshfoods"}} {
			_, err = ask(s.admin, "dailymart-member", q.verb, q.kind, q.node)
			requireReason(t, resource.ReasonInvalid, err)
		}

		yes := true
		_, err = s.UpdateNode(t.Context(), s.admin, own, NodeChange{Suspended: &yes})
		require.NoError(t, err)
		e, err = ask(s.admin, "dailymart-member", "create", server, own)
		require.NoError(t, err)
		require.Equal(t, own+" is suspended", e.Denied)
	})
}

// What is written of a change names the grant that allowed it, and that of the root by its name.
func TestGrounds(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		_, err := s.CreateNode(t.Context(), s.admin, NewNode{Type: Brand, Parent: "freshfoods", Name: "grounds"})
		require.NoError(t, err)
		notes, err := rows[resource.Audit](t.Context(), s.db.Read.NewSelect().Where("object_name = 'freshfoods/grounds'"))
		require.NoError(t, err)
		require.Len(t, notes, 1)
		require.Equal(t, "admin on the root", notes[0].Granted)
		member := s.login(t, "dailymart-member").Actor
		id := s.id(t, own)
		require.Equal(t, "member on freshfoods/north/dailymart", s.Grounds(t.Context(), member, "create", "server", id))
		require.Empty(t, s.Grounds(t.Context(), member, "create", "quota", id), "it may not")
		require.Empty(t, s.Grounds(t.Context(), member, "create", "server", s.id(t, foreign)))
		require.Empty(t, s.Grounds(t.Context(), resource.System("test"), "create", "server", id))
	})
}

// What is explained is what is decided.
func TestExplanationsAreDecisions(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		kinds := VerbsOf()
		kinds = append(kinds, KindVerbs{Kind: "server", Verbs: []string{"get", "create", "update", "delete", "reboot"}}, KindVerbs{Kind: "flavor", Global: true, Verbs: []string{"list", "create"}})
		asked := 0
		for _, name := range []string{"admin", "cloud-operator", "dailymart-member", "dailymart-reader", "tealeaf-member"} {
			user, err := s.User(t.Context(), name)
			require.NoError(t, err)
			for _, kind := range kinds {
				for _, node := range []string{"", own, foreign} {
					if kind.Global != (node == "") {
						continue
					}
					for _, verb := range kind.Verbs {
						e, err := s.Explain(t.Context(), s.admin, Question{User: name, Verb: verb, Kind: kind, Node: node})
						require.NoError(t, err)
						id := ""
						if node != "" {
							id = s.id(t, node)
						}
						err = s.Authorize(t.Context(), resource.Actor{ID: user.ID, Name: name}, verb, kind.Kind, id)
						require.Equal(t, err == nil, e.Allowed, "%s %s %s in %q: %v", name, verb, kind.Kind, node, err)
						asked++
					}
				}
			}
		}
		require.Greater(t, asked, 200)
	})
}
