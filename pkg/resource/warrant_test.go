package resource_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/operation/operationtest"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

// court is a forest with people in it, who are asked what they may.
type court struct {
	*forest
	boss  *tenancy.Service
	bench *operationtest.Plant // that asks
}

func eachCourt(t *testing.T, f func(t *testing.T, c *court)) {
	t.Helper()
	eachForest(t, func(t *testing.T, tree *forest) {
		boss := tenancy.New(tree.DB(), nil)
		c := &court{forest: tree, boss: boss}
		c.bench = operationtest.New(t, tree.DB(), operationtest.Options{Idle: true, Node: "n2", Tree: boss, Authorizer: boss})
		f(t, c)
	})
}

func (c *court) asks(who resource.Actor, r resource.Request, word *resource.Warrant) (resource.Applied, error) {
	r.Actor, r.Warrant = who, word
	return c.bench.Apply(context.Background(), r)
}

func word(by resource.Actor) *resource.Warrant {
	return &resource.Warrant{By: by, Note: "request r1"}
}

// A word of somebody who may helps who may not, but sees the project.
func TestAWordForWhatOneMayNot(t *testing.T) {
	eachCourt(t, func(t *testing.T, c *court) {
		reads, writes := person(t, c.boss, tenancy.Reader, "group/north/a"), person(t, c.boss, tenancy.Member, "group/north")
		too := person(t, c.boss, tenancy.Reader, "group")
		box := c.box("group/north/a", "one", 3)
		_, err := c.asks(reads, box, nil)
		reason(t, resource.ReasonForbidden, err)
		_, err = c.asks(reads, box, word(too))
		require.Contains(t, reason(t, resource.ReasonForbidden, err).Detail, too.Name, "neither may the other")
		_, err = c.asks(reads, c.box("group/south/a", "one", 3), word(resource.System("x")))
		reason(t, resource.ReasonNotFound, err)
		page, err := c.View.List(t.Context(), resource.Query{Kind: "box"})
		require.NoError(t, err)
		require.Empty(t, page.Items)

		a, err := c.asks(reads, box, word(writes))
		require.NoError(t, err)
		require.Equal(t, reads.Name, a.Object.CreatedBy)
		granted := "member on group/north of " + writes.Name
		last := func(verb string) {
			t.Helper()
			rows, err := c.View.History(t.Context(), a.Object.ID, "", 1)
			require.NoError(t, err)
			require.Equal(t, []string{verb, reads.Name, granted, "request r1"}, []string{rows[0].Verb, rows[0].Actor, rows[0].Granted, rows[0].Note})
		}
		last("create")
		own := resource.Request{Kind: "box", ID: a.Object.ID, Actor: reads}
		_, err = c.bench.Act(t.Context(), own, "grow", operationtest.Spec(`{"by":1}`))
		reason(t, resource.ReasonForbidden, err)
		_, err = c.bench.Delete(t.Context(), own)
		reason(t, resource.ReasonForbidden, err)
		own.Warrant = word(writes)
		_, err = c.bench.Act(t.Context(), own, "grow", operationtest.Spec(`{"by":1}`))
		require.NoError(t, err)
		last("grow")
		_, err = c.bench.Delete(t.Context(), own)
		require.NoError(t, err)
		last("delete")

		// Who may do it alone did it alone.
		a, err = c.asks(writes, c.box("group/north/a", "two", 1), word(resource.System("x")))
		require.NoError(t, err)
		rows, err := c.View.History(t.Context(), a.Object.ID, "", 1)
		require.NoError(t, err)
		require.Equal(t, "member on group/north", rows[0].Granted)
	})
}

func TestMayLimit(t *testing.T) {
	eachCourt(t, func(t *testing.T, c *court) {
		north, south := person(t, c.boss, tenancy.Admin, "group/north"), person(t, c.boss, tenancy.Member, "group/south")
		for _, x := range []struct {
			who  resource.Actor
			node string
			want resource.Reason
		}{
			{north, "group/north/a", ""},
			{north, "group/north", resource.ReasonForbidden}, // what it was given
			{north, "group", resource.ReasonNotFound},
			{north, "group/south/a", resource.ReasonNotFound},
			{south, "group/south/a", resource.ReasonForbidden},
			{operationtest.Admin, "group", ""},
		} {
			require.Equal(t, x.want, resource.ReasonOf(c.bench.MayLimit(t.Context(), x.who, c.id[x.node])), "%s on %s", x.who.Name, x.node)
		}
	})
}

func (c *court) hard(t *testing.T, nodes ...string) (out []int64) {
	t.Helper()
	for _, node := range nodes {
		out = append(out, c.volume(t, node).Hard)
	}
	return out
}

var toTheTop = []string{"group", "group/north", "group/north/a"}

// Limits that are too tight are raised by what is missing, the highest first: a strict one would refuse those below.
func TestAWordRaisesLimits(t *testing.T) {
	eachCourt(t, func(t *testing.T, c *court) {
		asker, above := person(t, c.boss, tenancy.Member, "group/north/a"), person(t, c.boss, tenancy.Admin, "")
		require.NoError(t, c.limit(t, "group", resource.Limit{Hard: 10, Soft: 7, Strict: true}))
		require.NoError(t, c.limit(t, "group/north", resource.Hard(10)))
		require.NoError(t, c.limit(t, "group/north/a", resource.Hard(5)))
		c.Must(t, c.box("group/north/b", "others", 2))
		c.Must(t, c.box("group/north/a", "own", 1))
		more := c.box("group/north/a", "more", 12)
		_, err := c.asks(asker, more, nil)
		reason(t, resource.ReasonQuotaExceeded, err)

		rows := census(t, c.DB())
		dry := more
		dry.DryRun = true
		a, err := c.asks(asker, dry, word(above))
		require.NoError(t, err)
		require.Equal(t, []resource.Raise{{Node: c.id["group/north/a"], Metric: "volume", Missing: 8}, {Node: c.id["group/north"], Metric: "volume", Missing: 5},
			{Node: c.id["group"], Metric: "volume", Missing: 5}}, a.Raises)
		require.Equal(t, rows, census(t, c.DB()))

		a, err = c.asks(asker, more, word(above))
		require.NoError(t, err)
		require.Equal(t, []int64{15, 15, 13}, c.hard(t, toTheTop...))
		require.True(t, c.volume(t, "group").Strict)
		require.EqualValues(t, 7, c.volume(t, "group").Soft, "only what stands in its way is changed")
		history, err := c.View.History(t.Context(), "", "", 5) // with the soft limit that is told of
		require.NoError(t, err)
		set := map[string]resource.Audit{}
		for _, h := range history {
			set[h.Project+" "+h.Verb] = h
		}
		require.Len(t, set, 5)
		for node, note := range map[string]string{"group": "hard limit of volume is 15, soft 7, not to be overcommitted; request r1", "group/north": "hard limit of volume is 15; request r1",
			"group/north/a": "hard limit of volume is 13; request r1"} {
			h := set[c.id[node]+" quota.set"]
			require.Equal(t, []string{above.Name, "admin on the root", note}, []string{h.Actor, h.Granted, h.Note}, node)
		}
		made := set[c.id["group/north/a"]+" create"]
		require.Equal(t, []string{asker.Name, "member on group/north/a", "request r1", a.Object.ID}, []string{made.Actor, made.Granted, made.Note, made.ObjectID})
		c.sound(t)

		// What fits raises nothing.
		_, err = c.asks(asker, c.box("group/north/a", "more", 2), word(above))
		require.NoError(t, err)
		require.Equal(t, []int64{15, 15, 13}, c.hard(t, toTheTop...))
	})
}

// Limits that whoever gave the word may not set stay, and a change that they refuse raises none of the others.
func TestAWordGoesAsFarAsWhoGaveIt(t *testing.T) {
	eachCourt(t, func(t *testing.T, c *court) {
		asker := person(t, c.boss, tenancy.Member, "group/north/a")
		north, nobody := person(t, c.boss, tenancy.Admin, "group/north"), person(t, c.boss, tenancy.Member, "group/north")
		require.NoError(t, c.limit(t, "group/north/a", resource.Hard(5)))
		box, dry := c.box("group/north/a", "one", 8), c.box("group/north/a", "one", 8)
		dry.DryRun = true
		for _, by := range []resource.Actor{nobody, asker} {
			for _, r := range []resource.Request{box, dry} {
				_, err := c.asks(asker, r, word(by))
				reason(t, resource.ReasonQuotaExceeded, err)
			}
		}
		require.NoError(t, c.limit(t, "group/north", resource.Hard(7)))
		rows := census(t, c.DB())
		for _, r := range []resource.Request{box, dry} {
			_, err := c.asks(asker, r, word(north))
			p := reason(t, resource.ReasonQuotaExceeded, err)
			require.Contains(t, p.Detail, "of group/north: 7 are left")
		}
		require.Equal(t, []int64{-1, 7, 5}, c.hard(t, toTheTop...))
		require.Equal(t, rows, census(t, c.DB()))

		// Nor does a promise that a strict limit above has given.
		require.NoError(t, c.limit(t, "group/north", resource.Limit{Hard: 20, Soft: -1, Strict: true}))
		require.NoError(t, c.limit(t, "group/north/b", resource.Hard(13)))
		_, err := c.asks(asker, box, word(north))
		require.Contains(t, reason(t, resource.ReasonConflict, err).Detail, "would add up to 21, but it has 20")
		require.Equal(t, []int64{-1, 20, 5}, c.hard(t, toTheTop...))
		require.NoError(t, c.limit(t, "group/north/b", resource.Hard(12)))
		_, err = c.asks(asker, box, word(north))
		require.NoError(t, err)
		require.Equal(t, []int64{-1, 20, 8}, c.hard(t, toTheTop...))
		c.sound(t)
	})
}

// Many words at once: each is good for what it was given for, and the limit is what is used in the end.
func TestManyWordsAtOnce(t *testing.T) {
	eachCourt(t, func(t *testing.T, c *court) {
		require.NoError(t, c.limit(t, "group/north/a", resource.Hard(0)))
		require.NoError(t, c.limit(t, "group", resource.Hard(0)))
		errs := make([]error, 30)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() {
				r := c.box("group/north/a", fmt.Sprint("b", i), 1)
				r.Warrant = word(operationtest.Admin)
				_, errs[i] = []*operationtest.Plant{c.Plant, c.bench}[i%2].Apply(context.Background(), r)
			})
		}
		wg.Wait()
		require.NoError(t, errors.Join(errs...))
		require.Equal(t, []int64{30, 30}, c.hard(t, "group", "group/north/a"))
		require.EqualValues(t, 30, c.volume(t, "group").Reserved)
		c.sound(t)
	})
}

// person is somebody new with one role.
func person(t *testing.T, s *tenancy.Service, role tenancy.Role, node string) resource.Actor {
	t.Helper()
	name := strings.Trim(strings.ReplaceAll("one-"+string(role)+"-"+node, "/", "-"), "-")
	u, err := s.CreateUser(t.Context(), operationtest.Admin, tenancy.NewUser{Name: name, Password: "correct horse battery"})
	require.NoError(t, err)
	_, err = s.Bind(t.Context(), operationtest.Admin, name, role, node)
	require.NoError(t, err)
	p, err := s.PrincipalOf(t.Context(), u.ID)
	require.NoError(t, err)
	return p.Actor
}
