package resource_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/operation/operationtest"
	"github.com/plazacloud/plaza/pkg/resource"
)

func names(t *testing.T, v resource.View, q resource.Query) []string {
	t.Helper()
	out := []string{}
	require.NoError(t, resource.All(context.Background(), v, q, func(o resource.Raw) error {
		out = append(out, o.Name)
		return nil
	}))
	slices.Sort(out)
	return out
}

func TestFilters(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		for i := range 6 {
			r := operationtest.Box(fmt.Sprint("b", i), i%2+1)
			r.Labels = map[string]string{"tier": []string{"gold", "iron", "wood"}[i%3], "all": "yes"}
			r.Spec = operationtest.Spec(`{"size":%d,"shelf":"s%d"}`, i%2+1, i%3)
			p.Must(t, r)
		}
		list := func(q resource.Query) []string { q.Kind = "boxes"; return names(t, p.View, q) }
		require.Len(t, list(resource.Query{}), 6)
		require.Len(t, list(resource.Query{Labels: map[string]string{"all": "yes"}}), 6)
		require.Equal(t, []string{"b0", "b3"}, list(resource.Query{Labels: map[string]string{"tier": "gold", "all": "yes"}}))
		require.Empty(t, list(resource.Query{Labels: map[string]string{"tier": "gold", "all": "no"}}))
		require.Equal(t, []string{"b1", "b3", "b5"}, list(resource.Query{Fields: map[string]string{"spec.size": "2"}}))
		require.Equal(t, []string{"b3"}, list(resource.Query{Fields: map[string]string{"spec.size": "2"}, Labels: map[string]string{"tier": "gold"}}))
		require.Equal(t, []string{"b4"}, list(resource.Query{Fields: map[string]string{"name": "b4", "phase": "Pending"}}))
		require.Empty(t, list(resource.Query{Fields: map[string]string{"owner": resource.NewID()}}))
		require.Empty(t, list(resource.Query{Project: "q"}))
		for _, q := range []resource.Query{{Fields: map[string]string{"spec.secret": "x"}}, {Limit: 1001}, {Limit: -1}, {After: "b1"}} {
			q.Kind = "box"
			_, err := p.View.List(t.Context(), q)
			reason(t, resource.ReasonInvalid, err)
		}
		_, err := p.View.List(t.Context(), resource.Query{Kind: "moon"})
		reason(t, resource.ReasonNotFound, err)

		// The index follows changes of labels, spec and status.
		r := operationtest.Box("b0", 9)
		r.Labels = map[string]string{"tier": "lead"}
		a := p.Must(t, r)
		p.OnReconcile(func(o *operationtest.BoxObject) (resource.Result, error, bool) {
			o.Status.Bay = "north"
			return resource.Result{}, nil, false
		})
		p.Pass(t, "box", a.Object.ID)
		require.Equal(t, []string{"b0"}, list(resource.Query{Labels: map[string]string{"tier": "lead"}, Fields: map[string]string{"spec.size": "9", "status.bay": "north"}}))
		require.Equal(t, []string{"b3"}, list(resource.Query{Labels: map[string]string{"tier": "gold"}}))
		require.Equal(t, []string{"b0"}, list(resource.Query{Fields: map[string]string{"phase": "Ready"}}))
		p.Drop(t, "box", a.Object.ID)
		p.Pass(t, "box", a.Object.ID)
		require.Empty(t, list(resource.Query{Labels: map[string]string{"tier": "lead"}}))
	})
}

// A pass that was under way while the object changed must not put back what it had read.
func TestIndexOfAnObjectChangedDuringAPass(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		a := p.Must(t, operationtest.Box("one", 1))
		p.OnReconcile(func(o *operationtest.BoxObject) (resource.Result, error, bool) {
			r := operationtest.Box("one", 2)
			r.Labels = map[string]string{"tier": "new"}
			if o.Generation == 1 {
				p.Must(t, r)
			}
			o.Status.Bay = "south"
			return resource.Result{}, nil, false
		})
		p.Pass(t, "box", a.Object.ID)
		require.Equal(t, resource.PhaseWorking, p.Object(t, "box", a.Object.ID).Phase)
		q := resource.Query{Kind: "box", Labels: map[string]string{"tier": "new"}, Fields: map[string]string{"spec.size": "2", "status.bay": "south"}}
		require.Equal(t, []string{"one"}, names(t, p.View, q))
		p.Pass(t, "box", a.Object.ID)
		require.Equal(t, []string{"one"}, names(t, p.View, q))
		q.Fields = map[string]string{"spec.size": "1"}
		require.Empty(t, names(t, p.View, q))
	})
}

// Pages are exact: every object that was there when the walk began comes once, in order, whatever is added or removed.
func TestPagesUnderConcurrentWrites(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		label := func(name string) resource.Request {
			return resource.Request{Kind: "label", Project: "p", Name: name, Actor: operationtest.Admin}
		}
		var there []string
		for i := range 60 {
			there = append(there, p.Must(t, label(fmt.Sprint("old-", i))).Object.ID)
		}
		doomed := map[string]bool{}
		for i := range 20 {
			doomed[p.Must(t, label(fmt.Sprint("doomed-", i))).Object.ID] = true
		}
		ctx, cancel := context.WithCancel(t.Context())
		var writers sync.WaitGroup
		for w := range 4 {
			writers.Go(func() {
				for i := 0; ctx.Err() == nil; i++ {
					_, _ = p.Apply(context.Background(), label(fmt.Sprintf("new-%d-%d", w, i)))
				}
			})
		}
		writers.Go(func() {
			for id := range doomed {
				_, _ = p.Delete(context.Background(), resource.Request{Kind: "label", ID: id, Actor: operationtest.Admin})
			}
		})
		for range 3 {
			seen, last := map[string]int{}, ""
			q := resource.Query{Kind: "label", Limit: 7}
			for range 60 {
				page, err := p.View.List(t.Context(), q)
				require.NoError(t, err)
				for _, o := range page.Items {
					require.Greater(t, o.ID, last)
					last = o.ID
					seen[o.ID]++
				}
				if q.After = page.Next; q.After == "" {
					break
				}
			}
			for _, id := range there {
				require.Equal(t, 1, seen[id])
			}
		}
		cancel()
		writers.Wait()
	})
}

func TestScopesIsolateProjects(t *testing.T) {
	each(t, func(t *testing.T, p *operationtest.Plant) {
		ctx := t.Context()
		mine, none := p.Store.View(resource.Within("p1")), p.Store.View(resource.Scope{})
		watch, err := mine.Watch(ctx, 0)
		require.NoError(t, err)
		blind, err := none.Watch(ctx, 0)
		require.NoError(t, err)
		ids := map[string]string{}
		for _, project := range []string{"p2", "p1"} {
			r := operationtest.Box("same", 1)
			r.Project = project
			a := p.Must(t, r)
			p.Wait(t, a.Operation)
			ids[project] = a.Object.ID
		}
		p.Must(t, resource.Request{Kind: "shelf", Name: "everyone", Actor: operationtest.Admin})
		for _, key := range []string{ids["p2"], "same"} {
			_, err := mine.Get(ctx, "box", "p2", key)
			reason(t, resource.ReasonNotFound, err)
		}
		_, err = mine.Get(ctx, "box", "", ids["p2"])
		reason(t, resource.ReasonNotFound, err)
		_, err = mine.Get(ctx, "shelf", "", "everyone")
		require.NoError(t, err, "what belongs to the installation is seen by all")
		require.Equal(t, []string{"same"}, names(t, mine, resource.Query{Kind: "box"}))
		require.Empty(t, names(t, mine, resource.Query{Kind: "box", Project: "p2"}))
		ops, err := mine.Operations(ctx, resource.OperationQuery{})
		require.NoError(t, err)
		require.Len(t, ops, 1)
		require.Equal(t, "p1", ops[0].Project)
		ops, err = mine.Operations(ctx, resource.OperationQuery{ObjectID: ids["p2"]})
		require.NoError(t, err)
		require.Empty(t, ops)
		history, err := mine.History(ctx, "", "", 0)
		require.NoError(t, err)
		require.Len(t, history, 1, "neither of others nor of the installation")
		require.Equal(t, "p1", history[0].Project)
		for _, project := range []string{"p2", ""} {
			q, err := mine.Quota(ctx, project)
			require.NoError(t, err)
			require.Empty(t, q)
			h, err := mine.Holdings(ctx, resource.HoldingQuery{Node: project})
			require.NoError(t, err)
			require.Empty(t, h.Items)
		}
		h, err := mine.Holdings(ctx, resource.HoldingQuery{Node: "p1"})
		require.NoError(t, err)
		require.Len(t, h.Items, 2)

		actor := resource.Actor{ID: "u", Name: "u", Scope: resource.Within("p1")}
		theirs := resource.Request{Kind: "box", ID: ids["p2"], Actor: actor, Spec: operationtest.Spec(`{"size":9}`)}
		_, err = p.Apply(ctx, theirs)
		reason(t, resource.ReasonNotFound, err)
		_, err = p.Delete(ctx, theirs)
		reason(t, resource.ReasonNotFound, err)
		_, err = p.Act(ctx, theirs, "grow", nil)
		reason(t, resource.ReasonNotFound, err)
		all, err := p.View.Operations(ctx, resource.OperationQuery{ObjectID: ids["p2"]})
		require.NoError(t, err)
		_, err = p.Retry(ctx, actor, all[0].ID)
		reason(t, resource.ReasonNotFound, err)
		foreign := operationtest.Box("intruder", 1)
		foreign.Project, foreign.Actor = "p2", actor
		_, err = p.Apply(ctx, foreign)
		require.Error(t, err, "nobody writes where he can not see")

		for _, v := range []resource.View{none} {
			_, err = v.Get(ctx, "shelf", "", "everyone")
			reason(t, resource.ReasonNotFound, err)
			require.Empty(t, names(t, v, resource.Query{Kind: "box"}))
			require.Empty(t, names(t, v, resource.Query{Kind: "shelf"}))
			ops, err := v.Operations(ctx, resource.OperationQuery{})
			require.NoError(t, err)
			require.Empty(t, ops)
		}
		for e := range watch.Events {
			require.NotEqual(t, "p2", e.Project)
			if e.Name == "everyone" {
				break
			}
		}
		require.Empty(t, blind.Events)

		s := resource.Within("p1", "p3")
		require.True(t, s.Narrow("p3").Sees("p3"))
		require.False(t, s.Narrow("p3").Sees("p1"))
		require.False(t, s.Narrow("p2").Sees("p2"))
		require.False(t, s.All())
		require.Equal(t, []string{"p1", "p3"}, s.Projects())
		require.Equal(t, actor, resource.ActorFrom(resource.WithActor(ctx, actor)))
		require.False(t, resource.ActorFrom(ctx).Scope.Sees(""))
	})
}

func TestLookup(t *testing.T) {
	o := resource.Raw{Spec: operationtest.Spec(`{"a":[{"b":"x"},{"b":"y"},{"b":"x"}],"n":2,"f":1.5,"t":true,"z":null}`), Status: operationtest.Spec(`{"ip":["10.0.0.1"]}`)}
	require.Equal(t, []string{"x", "y"}, resource.Lookup(o, "spec.a.b"))
	require.Equal(t, []string{"2"}, resource.Lookup(o, "spec.n"))
	require.Equal(t, []string{"1.500"}, resource.Lookup(o, "spec.f"))
	require.Equal(t, []string{"true"}, resource.Lookup(o, "spec.t"))
	require.Equal(t, []string{"10.0.0.1"}, resource.Lookup(o, "status.ip"))
	for _, none := range []string{"spec.z", "spec.a", "spec.n.x", "meta.name", "status.x.y"} {
		require.Empty(t, resource.Lookup(o, none))
	}
	require.Empty(t, resource.Lookup(resource.Raw{Spec: operationtest.Spec(`{`)}, "spec.a"))
}
