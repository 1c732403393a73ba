package bundle

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
)

// use puts a blueprint into the catalogue.
func (r *rig) use(text string) {
	r.t.Helper()
	b, err := Parse([]byte(strings.ReplaceAll(text, "WORKLOAD", r.workload.URL)), r.Objects.Registry())
	require.NoError(r.t, err)
	r.Deployer.Catalogue.blueprints[b.Name] = b
}

func TestDeployAndDestroy(t *testing.T) {
	r := newRig(t)
	p := r.plan(order("S", nil))
	require.Equal(t, Summary{Create: 2}, p.Summary)
	require.Empty(t, r.things(), "a plan changes nothing")
	a, _, err := r.Apply(t.Context(), operator, order("S", nil), p.ID)
	require.NoError(t, err)
	require.True(t, a.Created)
	r.eventually("it is healthy", func() bool { return r.bundle().Settled() })
	b := r.bundle()
	require.Equal(t, "http://shop-top.local:80", b.Status.Outputs["entry"])
	require.True(t, b.Status.Health.OK)
	require.Equal(t, "north", b.Spec.Parameters["region"])
	require.Len(t, b.Status.Resources, 2)
	require.Equal(t, []string{"base"}, b.Status.Resources[1].DependsOn)

	p = r.plan(order("S", nil))
	require.Equal(t, Summary{Keep: 2}, p.Summary)
	again := r.apply(order("S", nil))
	require.False(t, again.Changed, "the same twice changes nothing")

	_, err = r.Objects.Delete(t.Context(), resource.Request{Kind: "bundle", Project: "p", ID: "shop", Actor: operator})
	require.NoError(t, err)
	r.eventually("all of it is gone", func() bool {
		_, err := r.Objects.View(resource.Everything).Get(t.Context(), "bundle", "p", "shop")
		return resource.ReasonOf(err) == resource.ReasonNotFound
	})
	require.Empty(t, r.things())
	diff, err := r.Objects.Recount(t.Context())
	require.NoError(t, err)
	require.Empty(t, diff)
}

// TestWhatTheBlueprintDoesNotStateIsTheUsers: it is kept through every pass, and a plan does not speak of it; what the blueprint
// states is put right again, and what it no longer states becomes as if it never had.
func TestWhatTheBlueprintDoesNotStateIsTheUsers(t *testing.T) {
	r := newRig(t)
	r.apply(order("S", nil))
	r.eventually("it is healthy", func() bool { return r.bundle().Settled() })
	change := func(name, spec string, labels map[string]string) {
		_, err := r.Objects.Apply(t.Context(), resource.Request{Kind: "thing", Project: "p", Name: name, Spec: json.RawMessage(spec), Labels: labels, Partial: true, Actor: operator})
		require.NoError(t, err)
	}
	look := func() {
		require.NoError(t, r.Objects.Touch(t.Context(), "bundle", r.bundle().ID, "look"))
	}
	of := func(name string) (s thingSpec) {
		require.NoError(t, json.Unmarshal(r.things()[name].Spec, &s))
		return s
	}
	change("shop-base", `{"ref":"mine"}`, map[string]string{"team": "mine"})
	change("shop-top", `{"size":3}`, nil)
	require.Equal(t, Summary{Keep: 2}, r.plan(order("S", nil)).Summary)
	change("shop-base", `{"size":7}`, nil)
	require.Equal(t, Summary{Keep: 1, Update: 1}, r.plan(order("S", nil)).Summary)
	look()
	r.eventually("what is stated is put right", func() bool { return of("shop-base").Size == 2 })
	require.Equal(t, "mine", of("shop-base").Ref)
	require.Equal(t, "mine", r.things()["shop-base"].Labels["team"])
	require.Equal(t, "shop", r.things()["shop-base"].Labels["bundle"])
	require.EqualValues(t, 3, of("shop-top").Size)

	r.use(strings.Replace(blueprintText, `spec: {size: "${size.n}"}`, "spec: {}", 1))
	r.apply(order("S", nil))
	r.eventually("what is no longer stated is gone", func() bool { return of("shop-base").Size == 0 && r.bundle().Settled() })
	require.Equal(t, "mine", of("shop-base").Ref)
	change("shop-base", `{"size":9}`, nil)
	look()
	r.eventually("it is looked at", func() bool { return r.bundle().Settled() })
	require.EqualValues(t, 9, of("shop-base").Size, "it is the user's from now on")
}

func TestPlanTellsWhatWillHappen(t *testing.T) {
	r := newRig(t)
	require.NoError(t, r.Objects.SetQuota(t.Context(), resource.System("test"), "p", "litres", resource.Hard(4)))
	p := r.plan(order("S", nil))
	// The second thing's spec depends on what the first becomes, so it can not be counted yet.
	require.Equal(t, QuotaLine{Metric: "things", After: 1, Hard: -1}, line(p, "things"))
	require.Equal(t, QuotaLine{Metric: "litres", After: 2, Hard: 4}, line(p, "litres"))
	big := r.plan(order("M", nil))
	require.Len(t, big.Refused, 1)
	require.Equal(t, resource.ReasonQuotaExceeded, big.Refused[0].Reason)
	_, _, err := r.Apply(t.Context(), operator, order("M", nil), big.ID)
	require.Equal(t, resource.ReasonQuotaExceeded, resource.ReasonOf(err))
	require.Empty(t, r.things())

	r.apply(order("S", nil))
	r.eventually("it is healthy", func() bool { return r.bundle().Settled() })
	require.NoError(t, r.Objects.SetQuota(t.Context(), resource.System("test"), "p", "litres", resource.Hard(100)))
	p = r.plan(order("M", map[string]any{"extra": true}))
	require.Equal(t, Summary{Create: 1, Update: 1, Keep: 1}, p.Summary)
	require.Equal(t, []Diff{{Path: "spec.size", Before: float64(2), After: float64(5)}}, p.Changes[0].Fields)
	require.Equal(t, QuotaLine{Metric: "litres", Before: 2, After: 6, Hard: 100}, line(p, "litres"))

	stale := p.ID
	r.apply(order("S", map[string]any{"extra": true}))
	r.eventually("there are three", func() bool { return len(r.things()) == 3 && r.bundle().Settled() })
	_, fresh, err := r.Apply(t.Context(), operator, order("M", map[string]any{"extra": true}), stale)
	require.Equal(t, resource.ReasonStale, resource.ReasonOf(err))
	require.NotEqual(t, stale, fresh.ID)
	p = r.plan(order("S", nil))
	require.Equal(t, Summary{Delete: 1, Keep: 2}, p.Summary)
	require.EqualValues(t, -1, line(p, "things").After-line(p, "things").Before)
	r.apply(order("S", nil))
	r.eventually("what is no longer wanted is removed", func() bool { return len(r.things()) == 2 && r.bundle().Settled() })
}

func line(p *Plan, metric string) QuotaLine {
	for _, l := range p.Quota {
		if l.Metric == metric {
			return l
		}
	}
	return QuotaLine{}
}

func TestPlanRefusesWhatBelongsToOthers(t *testing.T) {
	r := newRig(t)
	_, err := r.Objects.Apply(t.Context(), resource.Request{Kind: "thing", Project: "p", Name: "shop-base", Spec: json.RawMessage(`{}`), Actor: operator})
	require.NoError(t, err)
	p := r.plan(order("S", nil))
	require.Equal(t, resource.ReasonAlreadyExists, p.Refused[0].Reason)
	for _, c := range []struct {
		o    Order
		path string
	}{
		{Order{Project: "p", Name: "x", Blueprint: "none", Size: "S"}, "spec.blueprint"},
		{Order{Project: "p", Name: "x", Blueprint: "shop", Size: "XXL"}, "spec.size"},
		{order("S", map[string]any{"region": "NORTH"}), "spec.parameters.region"},
		{order("S", map[string]any{"region": 7.0}), "spec.parameters.region"},
		{order("S", map[string]any{"unknown": "x"}), "spec.parameters.unknown"},
	} {
		_, err := r.Plan(t.Context(), operator, c.o)
		var problem *resource.Problem
		require.ErrorAs(t, err, &problem)
		require.Equal(t, c.path, problem.Fields[0].Path)
	}
}

func TestSecretsAreNeverShown(t *testing.T) {
	const secret = "correct-horse-battery"
	r := newRig(t)
	o := order("S", map[string]any{"password": secret})
	first := r.plan(o)
	r.apply(o)
	r.eventually("it is healthy", func() bool { return r.bundle().Settled() })
	r.with(func() { require.Equal(t, secret+"-north", r.seen["shop-top"], "the thing itself has it") })
	changed := order("S", map[string]any{"password": secret + "-2"})
	second := r.plan(changed)
	require.Equal(t, Summary{Update: 1, Keep: 1}, second.Summary)
	require.NotEqual(t, first.ID, second.ID)
	r.apply(changed)
	r.eventually("the new one is taken over", func() bool {
		done := false
		r.with(func() { done = r.seen["shop-top"] == secret+"-2-north" })
		return done
	})
	plans, err := json.Marshal([]*Plan{first, second})
	require.NoError(t, err)
	require.NotContains(t, string(plans), secret)
	require.NotContains(t, r.everything(), secret)
	require.Empty(t, r.bundle().Spec.Secrets)

	keep := r.plan(order("S", nil))
	require.Equal(t, Summary{Keep: 2}, keep.Summary, "a secret that the order leaves out stays")
}

func TestFailureHalfWayResumes(t *testing.T) {
	r := newRig(t)
	r.with(func() {
		r.failing["shop-top"] = &resource.Problem{Reason: resource.ReasonUnavailable, Detail: "the backend is away"}
	})
	r.apply(order("S", nil))
	r.eventually("it tells what it waits for", func() bool {
		return strings.Contains(r.bundle().Condition("Ready").Message, "thing shop-top (the backend is away)")
	})
	require.Len(t, r.things(), 2)
	base := r.things()["shop-base"].ID
	r.with(func() { delete(r.failing, "shop-top") })
	r.eventually("it goes on", func() bool { return r.bundle().Settled() })
	require.Equal(t, base, r.things()["shop-base"].ID, "what was made is kept")
}

func TestWorkloadThatFallsIll(t *testing.T) {
	r := newRig(t)
	r.apply(order("S", nil))
	r.eventually("it is healthy", func() bool { return r.bundle().Settled() })
	r.with(func() { r.healthy = false })
	require.NoError(t, r.Objects.Touch(t.Context(), "bundle", r.bundle().ID, "test"))
	r.eventually("it is degraded", func() bool { return r.bundle().Phase == resource.PhaseDegraded })
	require.Contains(t, r.bundle().Status.Health.Message, "trade on n1 (public): no database")
	r.with(func() { r.healthy = true })
	r.eventually("it is well again", func() bool { return r.bundle().Phase == resource.PhaseReady })
}

func TestUpgrade(t *testing.T) {
	r := newRig(t)
	r.apply(order("S", map[string]any{"extra": true}))
	r.eventually("it is healthy", func() bool { return r.bundle().Settled() })
	var password string
	r.with(func() { password = r.seen["shop-top"] })
	next := strings.Replace(blueprintText, "version: 1.0.0", "version: 1.1.0", 1)
	next = strings.Replace(next, `  more: {kind: thing, when: params.extra, spec: {size: 1, ref: "${resources.top.name}"}}`, `  side: {kind: thing, spec: {size: 3}}`, 1)
	r.use(next)
	require.NoError(t, r.Objects.Touch(t.Context(), "bundle", r.bundle().ID, "test"))
	r.eventually("it says that there is a newer version", func() bool { return r.bundle().Condition("Upgrade").Status == resource.True })
	require.Contains(t, r.things(), "shop-more", "nothing changes by itself")
	p := r.plan(order("S", map[string]any{"extra": true}))
	require.Equal(t, Summary{Create: 1, Delete: 1, Keep: 2}, p.Summary)
	r.apply(order("S", map[string]any{"extra": true}))
	r.eventually("it is upgraded", func() bool { return r.bundle().Settled() && r.bundle().Spec.Version == "1.1.0" && len(r.things()) == 3 })
	require.Contains(t, r.things(), "shop-side")
	require.Equal(t, resource.False, r.bundle().Condition("Upgrade").Status)
	r.with(func() { require.Equal(t, password, r.seen["shop-top"], "generated secrets outlive an upgrade") })
}
