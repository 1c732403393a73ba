package tenancy

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

var (
	reads  = []string{"get", "list", "watch"}
	writes = []string{"create", "update", "delete"}
	acts   = []string{"stop", "retry"}
)

const (
	own     = "freshfoods/north/dailymart/shop"
	foreign = "freshfoods/south/tealeaf/shop"
	absent  = "01980000-0000-7000-8000-000000000000"
)

// TestMatrix walks role x kind x verb x place; what is not named as allowed must be refused.
func TestMatrix(t *testing.T) {
	all := slices.Concat(reads, writes, acts)
	kinds := map[string][]string{ // by place
		"own":     {"server", "volume", "operation", "node", "quota", "audit", "binding"},
		"foreign": {"server", "volume", "operation", "node", "quota", "audit", "binding"},
		"absent":  {"server", "node", "quota"},
		"global":  {"server", "flavor", "image", "host", "site", "user", "token", "session", "binding", "audit", "quota", "node"},
	}
	// allowed maps account, place and kind to verbs; "*" stands for every other kind of the place.
	allowed := map[string]map[string]map[string][]string{
		"admin": {"own": {"*": all}, "foreign": {"*": all}, "global": {"*": all}},
		"cloud-operator": {
			"own":     {"*": slices.Concat(reads, acts), "node": reads, "quota": reads, "audit": reads, "binding": nil},
			"foreign": {"*": slices.Concat(reads, acts), "node": reads, "quota": reads, "audit": reads, "binding": nil},
			"global": {"server": all, "flavor": all, "image": all, "host": all, "site": all, "audit": reads, "quota": reads, "node": reads,
				"*": nil},
		},
		"dailymart-member": {
			"own":    {"*": all, "node": reads, "quota": reads, "audit": reads, "binding": nil},
			"global": {"server": reads, "flavor": reads, "image": reads, "node": reads},
		},
		"dailymart-reader": {
			"own":    {"*": reads, "binding": nil},
			"global": {"server": reads, "flavor": reads, "image": reads, "node": reads},
		},
	}
	eachSite(t, func(t *testing.T, s *site) {
		place := map[string]string{"own": s.id(t, own), "foreign": s.id(t, foreign), "absent": absent, "global": ""}
		asked := 0
		for account, may := range allowed {
			actor := s.login(t, account).Actor
			for where, project := range place {
				for _, kind := range kinds[where] {
					want, ok := may[where][kind]
					if !ok {
						want = may[where]["*"]
					}
					for _, verb := range all {
						asked++
						err := s.Authorize(t.Context(), actor, verb, kind, project)
						at := fmt.Sprintf("%s %s %s %s: %v", account, verb, kind, where, err)
						switch {
						case slices.Contains(want, verb):
							require.NoError(t, err, at)
						case where == "absent" || where == "foreign" && may["foreign"] == nil:
							require.Equal(t, resource.ReasonNotFound, resource.ReasonOf(err), at)
							require.Equal(t, fmt.Sprintf("there is no project %q", project), err.Error())
						default:
							require.Equal(t, resource.ReasonForbidden, resource.ReasonOf(err), at)
						}
					}
				}
			}
		}
		t.Logf("%d questions", asked)
	})
}

func TestNobodyMayAnything(t *testing.T) {
	s := newSite(t, storetest.Open(t, store.SQLite))
	requireReason(t, resource.ReasonUnauthenticated, s.Authorize(t.Context(), resource.Actor{}, "get", "flavor", ""))
	stranger := resource.Actor{ID: absent, Name: "stranger", Scope: resource.Everything}
	requireReason(t, resource.ReasonForbidden, s.Authorize(t.Context(), stranger, "get", "flavor", ""))
	requireReason(t, resource.ReasonForbidden, s.Authorize(t.Context(), resource.Actor{ID: "system:x", Name: "x"}, "get", "flavor", ""))
	requireReason(t, resource.ReasonNotFound, s.Authorize(t.Context(), stranger, "get", "server", s.id(t, own)))
	requireReason(t, resource.ReasonNotFound, s.Authorize(t.Context(), s.admin, "get", "server", "not-an-id"))
	requireReason(t, resource.ReasonNotFound, s.Authorize(t.Context(), s.admin, "create", "server", s.id(t, "freshfoods/north")))
	require.NoError(t, s.Authorize(t.Context(), resource.System("test"), "delete", "user", ""))
}

func TestRefusalSaysWhatIsMissing(t *testing.T) {
	s := newSite(t, storetest.Open(t, store.SQLite))
	reader := s.login(t, "dailymart-reader").Actor
	err := s.Authorize(t.Context(), reader, "create", "server", s.id(t, own))
	require.Equal(t, &resource.Problem{Reason: resource.ReasonForbidden, Kind: "server",
		Detail: "dailymart-reader may not create server in freshfoods/north/dailymart/shop",
		Hint:   "the role member on freshfoods/north/dailymart/shop or a node above it allows it"}, err)
	err = s.Authorize(t.Context(), reader, "create", "flavor", "")
	require.Equal(t, "the role operator on root allows it", problem(t, err).Hint)
	err = s.Authorize(t.Context(), reader, "list", "user", "")
	require.Equal(t, "the role admin on root allows it", problem(t, err).Hint)
}

func TestSuspendedIsReadOnly(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		_, err := s.Bind(t.Context(), s.admin, "dailymart-reader", Admin, "freshfoods/north")
		require.NoError(t, err)
		yes, no := true, false
		_, err = s.UpdateNode(t.Context(), s.admin, "freshfoods/north", NodeChange{Suspended: &yes})
		require.NoError(t, err)
		shop := s.id(t, own)
		for _, account := range []string{"dailymart-member", "dailymart-reader", "cloud-operator"} {
			actor := s.login(t, account).Actor
			require.NoError(t, s.Authorize(t.Context(), actor, "list", "server", shop))
			err := s.Authorize(t.Context(), actor, "stop", "server", shop)
			requireReason(t, resource.ReasonForbidden, err)
			require.ErrorContains(t, err, "suspended")
		}
		_, err = s.UpdateNode(t.Context(), s.login(t, "dailymart-reader").Actor, "freshfoods/north", NodeChange{Suspended: &no})
		requireReason(t, resource.ReasonForbidden, err)
		require.NoError(t, s.Authorize(t.Context(), s.admin, "create", "server", shop))
		_, err = s.UpdateNode(t.Context(), s.admin, "freshfoods/north", NodeChange{Suspended: &no})
		require.NoError(t, err)
		require.NoError(t, s.Authorize(t.Context(), s.login(t, "dailymart-member").Actor, "stop", "server", shop))
	})
}

// TestNarrowNeverWidens checks, on random grants and limits, that a token may only what its owner may and its limits allow.
func TestNarrowNeverWidens(t *testing.T) {
	nodes := []Node{{ID: "r", Path: "r/"}, {ID: "a", Path: "r/a/"}, {ID: "b", Path: "r/b/"}, {ID: "c", Path: "r/a/c/", Type: Project}, {ID: "d", Path: "r/b/d/", Type: Project}}
	grant := func(role Role, n Node) Grant { return Grant{Role: role, NodeID: n.ID, path: n.Path} }
	rapid.Check(t, func(t *rapid.T) {
		role, node := rapid.SampledFrom(Roles), rapid.SampledFrom(nodes)
		var grants []Grant
		for range rapid.IntRange(0, 4).Draw(t, "grants") {
			grants = append(grants, grant(role.Draw(t, "role"), node.Draw(t, "node")))
		}
		limit, at := role.Draw(t, "limit"), node.Draw(t, "at")
		owner := newAccess("u", grants, resource.Scope{})
		limits := newAccess("u", []Grant{grant(limit, at)}, resource.Scope{})
		token := newAccess("t", narrow(grants, limit, at), resource.Scope{})

		target := node.Draw(t, "target")
		q := question{lineage: testLineage(target, nodes), kind: rapid.SampledFrom([]string{"server", "flavor", "host", "user", "node", "quota", "binding", "config"}).Draw(t, "kind"),
			verb: rapid.SampledFrom([]string{"get", "create", "stop", "ack"}).Draw(t, "verb"), global: target.ID == "r"}
		if q.allows(token) && (!q.allows(owner) || !q.allows(limits)) {
			t.Fatalf("the token may %s %s at %s", q.verb, q.kind, target.ID)
		}
		if token.sees(q.lineage) && (!owner.sees(q.lineage) || !limits.sees(q.lineage)) {
			t.Fatalf("the token sees %s", target.ID)
		}
	})
}

func testLineage(n Node, nodes []Node) *lineage {
	l := &lineage{node: n, root: nodeUID("r")}
	var ids []string
	for _, m := range nodes {
		if len(m.Path) <= len(n.Path) && n.Path[:len(m.Path)] == m.Path {
			ids = append(ids, m.ID)
		}
	}
	l.ancestors = nodeUIDs(ids)
	return l
}

func TestPermissions(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		kinds := []KindVerbs{{Kind: "server", Verbs: slices.Concat(reads, writes, []string{"stop"})}, {Kind: "flavor", Global: true, Verbs: slices.Concat(reads, writes)},
			{Kind: "user", Global: true, Verbs: slices.Concat(reads, writes)}}
		p, err := s.Permissions(t.Context(), s.login(t, "dailymart-reader").Actor, kinds)
		require.NoError(t, err)
		require.Len(t, p.Grants, 1)
		require.Equal(t, Reader, p.Grants[0].Role)
		require.Equal(t, "freshfoods/north/dailymart", p.Grants[0].Node)
		require.Equal(t, "每日便利 DailyMart", p.Grants[0].Title)
		require.Equal(t, []KindPermissions{{"server", reads}}, p.Grants[0].Kinds)
		require.Equal(t, []KindPermissions{{"server", reads}, {"flavor", reads}}, p.Global)
		p, err = s.Permissions(t.Context(), s.admin, kinds)
		require.NoError(t, err)
		require.Len(t, p.Global, 3)
		p, err = s.Permissions(t.Context(), resource.Actor{}, kinds)
		require.NoError(t, err)
		require.Empty(t, p.Grants)
		require.Empty(t, p.Global)
	})
}

func TestVerbsOf(t *testing.T) {
	r := resource.NewRegistry()
	resource.Register(r, resource.Kind[struct{}, struct{}]{Name: "server", Plural: "servers",
		Actions: map[string]resource.Action[struct{}, struct{}]{"stop": {}}})
	v := VerbsOf(r.Kinds()...)
	require.Equal(t, KindVerbs{Kind: "server", Verbs: []string{"get", "list", "watch", "create", "update", "delete", "stop"}}, v[0])
	require.Contains(t, v, KindVerbs{Kind: "user", Global: true, Verbs: v[1].Verbs})
}

func TestOtherProcessSeesChangesWithinSeconds(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		other := New(s.db, s.clock.Now)
		secret := s.secret(t, "dailymart-member")
		p, err := other.Authenticate(t.Context(), secret, "")
		require.NoError(t, err)
		require.NoError(t, s.Logout(t.Context(), p))
		_, err = s.Authenticate(t.Context(), secret, "")
		requireReason(t, resource.ReasonUnauthenticated, err)
		_, err = other.Authenticate(t.Context(), secret, "")
		require.NoError(t, err, "kept for some seconds")
		s.clock.Advance(cacheTTL)
		_, err = other.Authenticate(t.Context(), secret, "")
		requireReason(t, resource.ReasonUnauthenticated, err)
	})
}

func TestServiceKeepsNoGoroutine(t *testing.T) {
	s := newSite(t, storetest.Open(t, store.SQLite))
	before := goleak.IgnoreCurrent()
	other := New(s.db, s.clock.Now)
	_, err := other.Authenticate(t.Context(), s.secret(t, AdminName), "")
	require.NoError(t, err)
	require.NoError(t, other.Authorize(t.Context(), s.admin, "get", "flavor", ""))
	goleak.VerifyNone(t, before)
}

func BenchmarkAuthenticateAndAuthorize(b *testing.B) {
	s := newSite(b, storetest.Open(b, store.SQLite))
	s.now = time.Now
	s.clock.now = time.Now().UTC()
	secret := s.secret(b, "dailymart-member")
	shop := s.id(b, own)
	b.ReportAllocs()
	for b.Loop() {
		p, err := s.Authenticate(b.Context(), secret, "192.0.2.1")
		if err == nil {
			err = s.Authorize(b.Context(), p.Actor, "list", "server", shop)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
