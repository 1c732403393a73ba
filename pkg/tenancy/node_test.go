package tenancy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

func fullNames(nodes []Node) []string {
	out := []string{}
	for _, n := range nodes {
		out = append(out, n.FullName)
	}
	return out
}

func TestTree(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		n, err := s.Node(t.Context(), "/freshfoods/north/dailymart/shop/")
		require.NoError(t, err)
		byID, err := s.Node(t.Context(), n.ID)
		require.NoError(t, err)
		require.Equal(t, n, byID)
		require.Equal(t, 5, strings.Count(n.Path, "/"))
		root, err := s.Root(t.Context())
		require.NoError(t, err)
		require.Equal(t, RootName, root.Name)
		require.Empty(t, root.FullName)
		children, err := s.Children(t.Context(), "freshfoods")
		require.NoError(t, err)
		require.Equal(t, []string{"freshfoods/north", "freshfoods/south"}, fullNames(children))
		sub, err := s.Subtree(t.Context(), "freshfoods/north")
		require.NoError(t, err)
		require.Equal(t, []string{"freshfoods/north", "freshfoods/north/dailymart", "freshfoods/north/dailymart/pos", own}, fullNames(sub))
		ids, err := s.ProjectsUnder(t.Context(), "")
		require.NoError(t, err)
		require.Len(t, ids, 3)
		ids, err = s.ProjectsUnder(t.Context(), own)
		require.NoError(t, err)
		require.Equal(t, []string{n.ID}, ids)
		for _, name := range []string{"nowhere", absent, "a\x00", "\xff", "freshfoods/north'"} {
			_, err := s.Node(t.Context(), name)
			requireReason(t, resource.ReasonNotFound, err)
			_, err = s.Children(t.Context(), name)
			requireReason(t, resource.ReasonNotFound, err)
			_, err = s.Subtree(t.Context(), name)
			requireReason(t, resource.ReasonNotFound, err)
			_, err = s.ProjectsUnder(t.Context(), name)
			requireReason(t, resource.ReasonNotFound, err)
		}
	})
}

func TestCreateNode(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		n, err := s.CreateNode(t.Context(), s.admin, NewNode{Parent: "freshfoods/north/dailymart", Type: Store, Name: "store-0001", Title: "人民路店",
			Labels: map[string]string{"city": "上海"}})
		require.NoError(t, err)
		read, err := s.Node(t.Context(), n.ID)
		require.NoError(t, err)
		require.Equal(t, "人民路店", read.Title)
		require.Equal(t, map[string]string{"city": "上海"}, read.Labels)
		_, err = s.CreateNode(t.Context(), s.admin, NewNode{Parent: n.ID, Type: Project, Name: "edge"})
		require.NoError(t, err, "a project hangs on any node")
		_, err = s.CreateNode(t.Context(), s.admin, NewNode{Parent: "freshfoods/north/dailymart", Type: Store, Name: "store-0001"})
		requireReason(t, resource.ReasonAlreadyExists, err)
		for field, in := range map[string]NewNode{
			"name": {Name: "Shop", Type: Brand}, "type": {Name: "x", Type: "city"}, "parent": {Name: "x", Type: Project, Parent: own},
			"title": {Name: "x", Type: Brand, Title: "a\nb"}, "labels.a b": {Name: "x", Type: Brand, Labels: map[string]string{"a b": ""}},
			"labels.k": {Name: "x", Type: Brand, Labels: map[string]string{"k": "\x00"}},
		} {
			_, err := s.CreateNode(t.Context(), s.admin, in)
			requireReason(t, resource.ReasonInvalid, err)
			require.Equal(t, field, problem(t, err).Fields[0].Path)
		}
		_, err = s.CreateNode(t.Context(), s.admin, NewNode{Name: absent, Type: Brand})
		requireReason(t, resource.ReasonInvalid, err)
		_, err = s.CreateNode(t.Context(), s.admin, NewNode{Name: "g", Type: Group, Parent: "freshfoods/north"})
		requireReason(t, resource.ReasonInvalid, err)
		_, err = s.CreateNode(t.Context(), s.admin, NewNode{Name: "x", Type: Brand, Parent: "nowhere"})
		requireReason(t, resource.ReasonNotFound, err)
		member := s.login(t, "dailymart-member").Actor
		_, err = s.CreateNode(t.Context(), member, NewNode{Name: "x", Type: Project, Parent: "freshfoods/north/dailymart"})
		requireReason(t, resource.ReasonForbidden, err)
		_, err = s.CreateNode(t.Context(), member, NewNode{Name: "x", Type: Project, Parent: "freshfoods/south"})
		requireReason(t, resource.ReasonNotFound, err)
		require.Equal(t, noNode("freshfoods/south").Error(), err.Error())
	})
}

func TestRenameAndMove(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		shop := s.id(t, own)
		member := s.login(t, "dailymart-member").Actor
		n, err := s.Rename(t.Context(), s.admin, "freshfoods/north", "north-east")
		require.NoError(t, err)
		require.Equal(t, "freshfoods/north-east", n.FullName)
		require.Equal(t, shop, s.id(t, "freshfoods/north-east/dailymart/shop"))
		_, err = s.Rename(t.Context(), s.admin, "freshfoods/north-east", "south")
		requireReason(t, resource.ReasonAlreadyExists, err)
		_, err = s.Rename(t.Context(), s.admin, "/", "top")
		requireReason(t, resource.ReasonInvalid, err)
		_, err = s.Rename(t.Context(), member, "freshfoods/south", "x")
		requireReason(t, resource.ReasonNotFound, err)
		_, err = s.Rename(t.Context(), s.admin, "nowhere", "x")
		requireReason(t, resource.ReasonNotFound, err)

		_, err = s.Bind(t.Context(), s.admin, "tealeaf-member", Reader, "freshfoods/south")
		require.NoError(t, err)
		tealeaf := s.login(t, "tealeaf-member").Actor
		requireReason(t, resource.ReasonNotFound, s.Authorize(t.Context(), tealeaf, "get", "server", shop))
		n, err = s.MoveNode(t.Context(), s.admin, "freshfoods/north-east/dailymart", "freshfoods/south")
		require.NoError(t, err)
		require.Equal(t, "freshfoods/south/dailymart", n.FullName)
		require.Equal(t, shop, s.id(t, "freshfoods/south/dailymart/shop"))
		require.NoError(t, s.Authorize(t.Context(), tealeaf, "get", "server", shop))
		require.NoError(t, s.Authorize(t.Context(), member, "create", "server", shop), "the brand's own role goes with it")
		for to, reason := range map[string]resource.Reason{"freshfoods/south/dailymart/pos": resource.ReasonInvalid, "nowhere": resource.ReasonNotFound,
			"freshfoods/south/dailymart": resource.ReasonInvalid} {
			_, err = s.MoveNode(t.Context(), s.admin, "freshfoods/south/dailymart", to)
			requireReason(t, reason, err)
		}
		_, err = s.MoveNode(t.Context(), s.admin, "freshfoods/south/tealeaf/shop", "freshfoods/south/dailymart")
		requireReason(t, resource.ReasonAlreadyExists, err)
		_, err = s.MoveNode(t.Context(), member, "freshfoods/south/dailymart", "freshfoods")
		requireReason(t, resource.ReasonForbidden, err)
		_, err = s.MoveNode(t.Context(), s.admin, "nowhere", "freshfoods")
		requireReason(t, resource.ReasonNotFound, err)
		requireSound(t, s)
	})
}

// requireSound checks that every node's path and full name follow from its parent's.
func requireSound(t *testing.T, s *site) {
	t.Helper()
	nodes, err := s.Subtree(t.Context(), "")
	require.NoError(t, err)
	byID := map[string]Node{}
	for _, n := range nodes {
		byID[n.ID] = n
	}
	for _, n := range nodes {
		if n.ParentID != "" {
			p := byID[n.ParentID]
			require.Equal(t, p.Path+n.ID+"/", n.Path)
			require.Equal(t, join(p.FullName, n.Name), n.FullName)
		}
	}
}

func TestRenamesAndCreationsInParallel(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		north, brand := s.id(t, "freshfoods/north"), s.id(t, "freshfoods/north/dailymart")
		var wg sync.WaitGroup
		errs := make([]error, 24)
		for i := range errs {
			wg.Go(func() {
				if i%3 == 0 {
					_, errs[i] = s.Rename(t.Context(), s.admin, north, fmt.Sprintf("north-%d", i))
				} else {
					_, errs[i] = s.CreateNode(t.Context(), s.admin, NewNode{Parent: brand, Type: Store, Name: fmt.Sprintf("store-%d", i)})
				}
			})
		}
		wg.Wait()
		require.NoError(t, errors.Join(errs...))
		requireSound(t, s)
	})
}

func TestUpdateNode(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		title, labels, yes := "新名", map[string]string{"tier": "gold"}, true
		n, err := s.UpdateNode(t.Context(), s.admin, own, NodeChange{Title: &title, Labels: &labels})
		require.NoError(t, err)
		read, err := s.Node(t.Context(), n.ID)
		require.NoError(t, err)
		require.Equal(t, title, read.Title)
		require.Equal(t, labels, read.Labels)
		var none map[string]string
		n, err = s.UpdateNode(t.Context(), s.admin, own, NodeChange{Labels: &none})
		require.NoError(t, err)
		require.Equal(t, map[string]string{}, n.Labels)
		long, many := strings.Repeat("新", 129), map[string]string{}
		for i := range 65 {
			many[fmt.Sprint(i)] = ""
		}
		for _, c := range []NodeChange{{Title: &long}, {Labels: &many}, {Name: &title}} {
			_, err = s.UpdateNode(t.Context(), s.admin, own, c)
			requireReason(t, resource.ReasonInvalid, err)
		}
		_, err = s.UpdateNode(t.Context(), s.admin, "", NodeChange{Suspended: &yes})
		requireReason(t, resource.ReasonInvalid, err)
		_, err = s.UpdateNode(t.Context(), s.admin, "", NodeChange{Title: &title})
		require.NoError(t, err)
		audit := s.notes(t, "update")
		require.Equal(t, n.ID, audit[0].Project)
		require.Contains(t, string(audit[0].After), "gold")
	})
}

// attached keeps a record of what it is told.
type attached struct {
	held, told []string
	err        error
}

func (a *attached) Held(context.Context, bun.IDB, string) ([]string, error) { return a.held, a.err }

func (a *attached) Moved(_ context.Context, _ bun.Tx, node string, from, to []string) error {
	a.told = append(a.told, fmt.Sprint("moved ", node, from, to))
	return a.err
}

func (a *attached) Deleted(_ context.Context, _ bun.Tx, node string) error {
	a.told = append(a.told, "deleted "+node)
	return a.err
}

func (a *attached) Clear(_ context.Context, node string) error {
	a.told = append(a.told, "clear "+node)
	return a.err
}

// What is kept by node moves with it, or keeps it where it is.
func TestWhatIsAttachedFollowsANode(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		keeps := &attached{}
		s.Attach(keeps)
		root, group, north, south, brand := s.id(t, ""), s.id(t, "freshfoods"), s.id(t, "freshfoods/north"), s.id(t, "freshfoods/south"), s.id(t, "freshfoods/north/dailymart")
		_, err := s.MoveNode(t.Context(), s.admin, brand, south)
		require.NoError(t, err)
		require.Equal(t, []string{fmt.Sprint("moved ", brand, []string{root, group, north}, []string{root, group, south})}, keeps.told)
		keeps.err = errors.New("too much")
		_, err = s.MoveNode(t.Context(), s.admin, brand, north)
		require.ErrorIs(t, err, keeps.err)
		require.Equal(t, brand, s.id(t, "freshfoods/south/dailymart"))
		above, err := s.Above(t.Context(), s.db.Read, brand, root, "host:x", resource.NewID())
		require.NoError(t, err)
		require.Equal(t, map[string][]string{brand: {root, group, south}, root: {}}, above)
		projects, branch, err := s.Below(t.Context(), s.db.Read, brand)
		require.NoError(t, err)
		require.True(t, branch)
		require.Len(t, projects, 2)
		for _, id := range []string{projects[0], "host:x", resource.NewID()} {
			_, branch, err = s.Below(t.Context(), s.db.Read, id)
			require.NoError(t, err)
			require.False(t, branch)
		}
	})
}

func TestDeleteNode(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		shop, broken := s.id(t, own), errors.New("broken")
		keeps := &attached{held: []string{"server web-1"}}
		s.Attach(keeps)
		err := s.DeleteNode(t.Context(), s.admin, "freshfoods/north/dailymart")
		requireReason(t, resource.ReasonInUse, err)
		require.Equal(t, []resource.Candidate{
			{Name: "freshfoods/north/dailymart/pos", Reason: "Child", Detail: "is a project below it"},
			{Name: own, Reason: "Child", Detail: "is a project below it"},
			{Name: "server web-1", Reason: "Dependent", Detail: "belongs to it"}}, problem(t, err).Candidates)
		keeps.held, keeps.err = nil, broken
		require.ErrorIs(t, s.DeleteNode(t.Context(), s.admin, own), broken)
		keeps.err = nil
		requireReason(t, resource.ReasonInUse, s.DeleteNode(t.Context(), s.admin, ""))
		requireReason(t, resource.ReasonNotFound, s.DeleteNode(t.Context(), s.admin, "nowhere"))
		member := s.login(t, "dailymart-member").Actor
		requireReason(t, resource.ReasonForbidden, s.DeleteNode(t.Context(), member, own))
		requireReason(t, resource.ReasonNotFound, s.DeleteNode(t.Context(), member, foreign))

		_, secret, err := s.CreateToken(t.Context(), member, NewToken{Name: "ci", Node: own})
		require.NoError(t, err)
		_, err = s.Bind(t.Context(), s.admin, "dailymart-reader", Member, own)
		require.NoError(t, err)
		require.Empty(t, keeps.told)
		require.NoError(t, s.DeleteNode(t.Context(), s.admin, own))
		require.Equal(t, []string{"deleted " + shop}, keeps.told)
		requireReason(t, resource.ReasonNotFound, s.Authorize(t.Context(), s.admin, "get", "server", shop))
		_, err = s.Authenticate(t.Context(), secret, "")
		requireReason(t, resource.ReasonUnauthenticated, err)
		left, err := s.Bindings(t.Context(), BindingFilter{User: "dailymart-reader"})
		require.NoError(t, err)
		require.Len(t, left, 1)
	})
}

func TestVisibleNodes(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		reader := s.login(t, "dailymart-reader").Actor
		nodes, err := s.VisibleNodes(t.Context(), reader)
		require.NoError(t, err)
		require.Equal(t, []string{"freshfoods/north/dailymart", "freshfoods/north/dailymart/pos", own}, fullNames(nodes))
		_, err = s.Bind(t.Context(), s.admin, "dailymart-reader", Reader, "freshfoods/south/tealeaf")
		require.NoError(t, err)
		nodes, err = s.VisibleNodes(t.Context(), reader)
		require.NoError(t, err)
		require.Len(t, nodes, 5)
		for _, actor := range []resource.Actor{s.admin, resource.System("test")} {
			nodes, err = s.VisibleNodes(t.Context(), actor)
			require.NoError(t, err)
			require.Len(t, nodes, 9)
		}
		nodes, err = s.VisibleNodes(t.Context(), resource.Actor{})
		require.NoError(t, err)
		require.Empty(t, nodes)
		_, err = s.VisibleNode(t.Context(), reader, own)
		require.NoError(t, err)
		_, err = s.VisibleNode(t.Context(), reader, "freshfoods/north")
		require.Equal(t, noNode("freshfoods/north"), err)
		_, err = s.VisibleNode(t.Context(), resource.System("test"), "freshfoods")
		require.NoError(t, err)
	})
}

func TestBootstrapInParallel(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var wg sync.WaitGroup
		out, errs := make([]Bootstrapped, 4), make([]error, 4)
		for i := range out {
			s := New(db, nil)
			s.hasher.params = cheap
			wg.Go(func() { out[i], errs[i] = s.Bootstrap(t.Context()) })
		}
		wg.Wait()
		require.NoError(t, errors.Join(errs...))
		created := slices.DeleteFunc(slices.Clone(out), func(b Bootstrapped) bool { return !b.Created })
		require.Len(t, created, 1)
		for _, b := range out {
			require.Equal(t, created[0].Root.ID, b.Root.ID)
			require.Equal(t, b.Created, b.Password != "")
		}
		s := New(db, nil)
		s.hasher.params = cheap
		_, _, err := s.Login(t.Context(), Credentials{Name: created[0].User, Password: created[0].Password})
		require.NoError(t, err)
	})
}

func TestSeedTwice(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		again, err := s.Seed(t.Context(), nil)
		require.NoError(t, err)
		require.False(t, again.Changed)
		require.Len(t, again.Nodes, 8)
		for _, a := range again.Accounts {
			require.Empty(t, a.Password)
		}
		require.NoError(t, s.DeleteUser(t.Context(), s.admin, "tealeaf-member"))
		again, err = s.Seed(t.Context(), nil)
		require.NoError(t, err)
		require.True(t, again.Changed)
		made := again.Accounts[len(again.Accounts)-1]
		require.Len(t, made.Password, 20)
		require.NoError(t, s.try(t, made.Name, made.Password))
		_, err = s.Seed(t.Context(), map[string]string{})
		require.NoError(t, err)
	})
}

func TestSeedNeedsBootstrap(t *testing.T) {
	s := New(storetest.Open(t, store.SQLite), nil)
	_, err := s.Seed(t.Context(), nil)
	requireReason(t, resource.ReasonNotFound, err)
}
