package kinds_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/resource"
)

const chainSpec = `{"entry":["trade"],"apps":[{"name":"trade","port":8080,"nodegroups":["trade"]},{"name":"stock","port":8081,"nodegroups":["stock"],"addresses":["192.0.2.7:8081"]}]}`

// chain makes two apps of two servers each, and their call chain.
func (r *rig) chain() {
	r.t.Helper()
	for _, app := range []string{"trade", "stock"} {
		r.make("nodegroup", "p", app, groupSpec(2, ""))
	}
	for _, app := range []string{"trade", "stock"} {
		r.eventually(app+" has its servers", func() bool { return r.group(app).Settled() })
	}
	r.ready(r.make("dpathchain", "p", "shop", chainSpec))
}

func (r *rig) env(name string) *kinds.DpathEnv {
	r.t.Helper()
	e, err := resource.As[kinds.DpathEnvSpec, kinds.DpathEnvStatus](r.get("dpathenv", "p", name))
	require.NoError(r.t, err)
	return &e
}

func envSpec(apps string) string {
	return `{"chain":"shop","failoverPolicy":"strict","drainSeconds":1,"identify":[{"conditions":[{"type":"header","key":"X-Lane","op":"equal","value":["a"]}]}],"apps":[` + apps + `]}`
}

// follower takes versions over as dpathd does, and keeps what each of them told.
type follower struct {
	r     *rig
	store *dpath.Store
	mu    sync.Mutex
	seen  []*dpath.Config
	stop  context.CancelFunc
	done  chan struct{}
}

func (r *rig) follow(name string) *follower {
	r.t.Helper()
	store, err := dpath.NewStore(dpath.StoreOptions{})
	require.NoError(r.t, err)
	ctx, stop := context.WithCancel(context.Background())
	f := &follower{r: r, store: store, stop: stop, done: make(chan struct{})}
	go func() {
		defer close(f.done)
		for ctx.Err() == nil {
			f.take(ctx, name)
			time.Sleep(5 * time.Millisecond)
		}
	}()
	r.t.Cleanup(func() { stop(); <-f.done })
	return f
}

func (f *follower) take(ctx context.Context, name string) {
	raw, err := f.r.View(resource.Everything).Get(ctx, "config", "p", "shop")
	if err != nil {
		return
	}
	c, err := resource.As[kinds.ConfigSpec, kinds.ConfigStatus](raw)
	if err != nil || f.store.Current() != nil && f.store.Current().Version() >= uint64(c.Generation) {
		return
	}
	release, err := dpath.ParseRelease(strings.NewReader(c.Spec.Document))
	if err != nil {
		return
	}
	release.Document.Version = uint64(c.Generation)
	if f.store.Take(release) != nil {
		return
	}
	f.mu.Lock()
	f.seen = append(f.seen, f.store.Current())
	f.mu.Unlock()
	_ = f.r.Acknowledge(ctx, admin, "config", raw.ID, resource.Ack{Subscriber: name, Version: c.Generation, State: resource.AckApplied})
}

func (f *follower) versions() []*dpath.Config {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.seen)
}

// lane tells how a version treats the environment's node at addr: public, kept (from common calls), dedicated, or absent.
func lane(c *dpath.Config, app, addr string) string {
	for _, n := range c.All(app) {
		if n.Addr != addr {
			continue
		}
		env, guarded := c.Lane(app, addr)
		switch {
		case env == "":
			return "public"
		case guarded:
			return "dedicated"
		default:
			return "kept"
		}
	}
	return "absent"
}

func course(versions []*dpath.Config, app, addr string) (out []string) {
	for _, c := range versions {
		out = append(out, lane(c, app, addr))
	}
	return slices.Compact(out)
}

func identifies(c *dpath.Config) bool {
	return c.Identify(&dpath.Facts{Header: map[string][]string{"X-Lane": {"a"}}}) != ""
}

func TestEnvironmentComesAndGoesWithoutARefusal(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.chain()
	f := r.follow("gateway")
	r.ready(r.make("dpathenv", "p", "lane", envSpec(`{"app":"trade","count":2}`)))
	e := r.env("lane")
	require.Equal(t, kinds.StageActive, e.Status.Stage)
	require.Equal(t, []kinds.EnvNodes{{App: "trade", NodeGroup: "lane-trade", Nodes: 2, Ready: 2, Joined: true}}, e.Status.Nodes)
	require.Equal(t, 1, e.Status.Acknowledged)
	own := r.group("lane-trade")
	require.Equal(t, "dpathenv", own.Owner.Kind)
	require.Equal(t, int64(1), own.Generation, "passes change nothing")
	addr := own.Status.Members[0].Address + ":8080"
	r.eventually("the gateway sends its traffic there", func() bool { return identifies(f.store.Current()) })
	require.Len(t, f.store.Current().Dedicated("lane", "trade"), 2)
	require.Len(t, f.store.Current().Public("trade"), 2)
	require.Len(t, f.store.Current().Public("stock"), 3)
	require.Equal(t, []string{"absent", "kept", "dedicated"}, course(f.versions(), "trade", addr))

	r.remove("dpathenv", "p", "lane")
	r.gone("dpathenv", "p", "lane")
	r.gone("nodegroup", "p", "lane-trade")
	r.eventually("nobody knows of it", func() bool { return len(f.store.Current().Envs()) == 0 })
	require.Equal(t, []string{"absent", "kept", "dedicated", "kept", "absent"}, course(f.versions(), "trade", addr))
	drained := false
	for _, c := range f.versions() {
		if identifies(c) {
			require.Equal(t, "dedicated", lane(c, "trade", addr), "its traffic has nowhere else to go")
		}
		drained = drained || !identifies(c) && lane(c, "trade", addr) == "dedicated"
	}
	require.True(t, drained, "what was begun ends on its nodes")
	r.exact()
}

func TestPublicNodesBecomeDedicatedAndComeBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.chain()
	r.make("nodegroup", "p", "extra", groupSpec(1, ""))
	r.eventually("it has its server", func() bool { return r.group("extra").Settled() })
	r.ready(r.make("dpathchain", "p", "shop", strings.Replace(chainSpec, `["trade"]}`, `["trade","extra"]}`, 1)))
	f := r.follow("gateway")
	r.eventually("it is public", func() bool { return f.store.Current() != nil && len(f.store.Current().Public("trade")) == 3 })
	addr := r.group("extra").Status.Members[0].Address + ":8080"
	r.ready(r.make("dpathenv", "p", "lane", envSpec(`{"app":"trade","nodegroup":"extra"}`)))
	r.eventually("it is dedicated", func() bool { return lane(f.store.Current(), "trade", addr) == "dedicated" })
	require.Equal(t, []string{"public", "kept", "dedicated"}, course(f.versions(), "trade", addr))
	r.remove("dpathenv", "p", "lane")
	r.gone("dpathenv", "p", "lane")
	r.eventually("it is public again", func() bool { return lane(f.store.Current(), "trade", addr) == "public" })
	require.Equal(t, []string{"public", "kept", "dedicated", "kept", "public"}, course(f.versions(), "trade", addr))
	require.True(t, r.group("extra").Settled())
}

func TestServersOfAnEnvironmentJoinReadyAndLeaveDrained(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.chain()
	f := r.follow("gateway")
	r.ready(r.make("dpathenv", "p", "lane", envSpec(`{"app":"trade","count":1}`)))
	r.ready(r.make("dpathenv", "p", "lane", envSpec(`{"app":"trade","count":3}`)))
	r.eventually("all three take calls", func() bool { return len(f.store.Current().Dedicated("lane", "trade")) == 3 })
	last := r.group("lane-trade").Status.Members[2]
	require.Equal(t, []string{"absent", "dedicated"}, course(f.versions(), "trade", last.Address+":8080"))
	r.make("dpathenv", "p", "lane", envSpec(`{"app":"trade","count":2}`))
	r.eventually("it gets nothing new", func() bool { return len(f.store.Current().Dedicated("lane", "trade")) == 2 })
	require.Equal(t, last.ID, r.get("server", "p", last.Name).ID, "it still runs")
	r.gone("server", "p", last.Name)
	r.eventually("two are left", func() bool { e := r.env("lane"); return e.Settled() && e.Status.Nodes[0].Ready == 2 })

	// An app more, while the environment is active, is shared until its nodes are there.
	r.ready(r.make("dpathenv", "p", "lane", envSpec(`{"app":"trade","count":2},{"app":"stock","count":1}`)))
	r.eventually("both apps are dedicated", func() bool { return len(f.store.Current().Dedicated("lane", "stock")) == 1 })
	for _, c := range f.versions() {
		if identifies(c) {
			d, err := dpath.Pick(c, "lane", "stock", well{}, nil, one{})
			require.NoError(t, err)
			require.Contains(t, []string{dpath.Shared, dpath.Dedicated}, d.Label)
		}
	}
	r.ready(r.make("dpathenv", "p", "lane", envSpec(`{"app":"trade","count":2}`)))
	r.gone("nodegroup", "p", "lane-stock")
	require.Equal(t, "absent", lane(f.store.Current(), "stock", "10.1.0.99:8081"))
	require.Empty(t, f.store.Current().Dedicated("lane", "stock"))
}

type well struct{}

func (well) Usable(*dpath.Node) bool  { return true }
func (well) InFlight(*dpath.Node) int { return 0 }

type one struct{}

func (one) Uint64() uint64 { return 1 }

func TestEnvironmentRestsAndTakesItsTrafficAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.chain()
	f := r.follow("gateway")
	r.ready(r.make("dpathenv", "p", "lane", envSpec(`{"app":"trade","count":1}`)))
	r.ready(r.make("dpathenv", "p", "lane", strings.Replace(envSpec(`{"app":"trade","count":1}`), `"drainSeconds"`, `"drained":true,"drainSeconds"`, 1)))
	require.Equal(t, kinds.StageDraining, r.env("lane").Status.Stage)
	r.eventually("its requests are common", func() bool { return !identifies(f.store.Current()) })
	require.Len(t, f.store.Current().Dedicated("lane", "trade"), 1, "and its node is kept")
	r.ready(r.make("dpathenv", "p", "lane", envSpec(`{"app":"trade","count":1}`)))
	r.eventually("its requests are its own again", func() bool { return identifies(f.store.Current()) })
}

func TestASubscriberThatIsGoneHoldsNothingUp(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.chain()
	require.NoError(t, r.Acknowledge(t.Context(), admin, "config", r.get("config", "p", "shop").ID, resource.Ack{Subscriber: "gone", Version: 1, State: resource.AckApplied}))
	began := time.Now()
	r.ready(r.make("dpathenv", "p", "lane", envSpec(`{"app":"trade","count":1}`)))
	require.Greater(t, time.Since(began), 9*time.Second, "it was waited for")
	e := r.env("lane")
	require.Equal(t, []int{0, 1}, []int{e.Status.Acknowledged, e.Status.Subscribers})
}

func TestWhatAChainOrEnvironmentCanNotBe(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.chain()
	r.ready(r.make("dpathenv", "p", "lane", envSpec(`{"app":"trade","count":1}`)))
	for want, spec := range map[string]string{
		"none of the apps":       envSpec(`{"app":"member","count":1}`),
		"neither a nodegroup":    envSpec(`{"app":"trade"}`),
		"count, flavor":          envSpec(`{"app":"trade","nodegroup":"stock","count":1}`),
		"no nodegroup by":        envSpec(`{"app":"trade","nodegroup":"nothing"}`),
		"appears twice":          envSpec(`{"app":"trade","count":1},{"app":"trade","count":2}`),
		"already belongs":        envSpec(`{"app":"trade","nodegroup":"lane-trade"}`),
		"no spillAt":             strings.Replace(envSpec(`{"app":"trade","count":1}`), "strict", "spill", 1),
		"window ends before":     strings.Replace(envSpec(`{"app":"trade","count":1}`), `"drainSeconds"`, `"notBefore":"2026-11-12T00:00:00Z","notAfter":"2026-11-11T00:00:00Z","drainSeconds"`, 1),
		"is out of range":        strings.Replace(envSpec(`{"app":"trade","count":1}`), `"op":"equal","value":["a"]`, `"op":"percentage","value":["140"]`, 1),
		"no dpathchain by":       strings.Replace(envSpec(`{"app":"trade","count":1}`), `"shop"`, `"nothing"`, 1),
		"environment \"lane\" a": strings.Replace(envSpec(`{"app":"stock","count":1}`), `"drainSeconds"`, `"env":"lane","drainSeconds"`, 1),
	} {
		p := r.refused(resource.ReasonInvalid, "dpathenv", "p", "other", spec)
		require.Contains(t, fmt.Sprint(p.Error(), p.Fields), want)
	}
	require.Contains(t, r.refused(resource.ReasonInvalid, "dpathchain", "p", "c2", `{"apps":[{"name":"a","port":1},{"name":"a","port":2}]}`).Error(), "twice")
	for _, address := range []string{"nowhere", "192.0.2.7", "192.0.2.7:0", "0.0.0.0:80"} {
		p := r.refused(resource.ReasonInvalid, "dpathchain", "p", "c2", fmt.Sprintf(`{"apps":[{"name":"a","port":1,"addresses":[%q]}]}`, address))
		require.Contains(t, fmt.Sprint(p.Fields), "is not ip:port")
	}
	p := r.refused(resource.ReasonInvalid, "dpathchain", "p", "c2", `{"apps":[{"name":"a","port":1,"addresses":["192.0.2.7:80","192.0.2.7:80"]}]}`)
	require.Contains(t, fmt.Sprint(p.Fields), "registered twice")
	require.Contains(t, r.refused(resource.ReasonInvalid, "dpathchain", "p", "c2", `{"entry":["b"],"apps":[{"name":"a","port":1}]}`).Error(), "none of the chain's apps")
	require.Contains(t, r.refused(resource.ReasonInUse, "dpathchain", "p", "shop", `{"apps":[{"name":"stock","port":8081,"nodegroups":["stock"]}]}`).Error(), "has nodes for app trade")
	_, err := r.Delete(t.Context(), resource.Request{Kind: "dpathchain", Project: "p", ID: "shop", Actor: admin})
	r.problem(resource.ReasonInUse, err)
	_, err = r.apply("dpathenv", "p", "lane", strings.Replace(envSpec(`{"app":"trade","count":1}`), `"drainSeconds"`, `"env":"b","drainSeconds"`, 1))
	require.Contains(t, r.problem(resource.ReasonInvalid, err).Error(), "can not be changed")
}

// TestWhatSomebodyWritesOverAReleaseIsPublishedAnew: and until then the map says so, instead of failing.
func TestWhatSomebodyWritesOverAReleaseIsPublishedAnew(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("dpathchain", "p", "shop", `{"apps":[{"name":"trade","port":8080,"addresses":["192.0.2.7:8080"]}]}`))
	r.make("config", "p", "shop", `{"format":"text","document":"mine"}`)
	_, err := kinds.MapLanes(t.Context(), r.View(resource.Everything), r.get("dpathchain", "p", "shop"), time.Now())
	if err != nil { // it may be there again already
		r.problem(resource.ReasonConflict, err)
	}
	require.NoError(t, r.Touch(t.Context(), "dpathchain", r.get("dpathchain", "p", "shop").ID, "a look"))
	r.eventually("it is published anew", func() bool {
		m, err := kinds.MapLanes(t.Context(), r.View(resource.Everything), r.get("dpathchain", "p", "shop"), time.Now())
		return err == nil && m.Version == 3 && len(m.Apps[0].Pools[0].Nodes) == 1
	})
}

func TestAChainPublishesItsRehearsals(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	f := r.follow("gateway")
	spec := `{"apps":[{"name":"trade","port":8080,"addresses":["192.0.2.7:8080"]}],"rehearsal":{"enabled":%t,"conditions":[{"type":"header","key":"X-Rehearsal","op":"present"}],"simulators":["bank.example.net"]}}`
	facts := &dpath.Facts{Header: map[string][]string{"X-Rehearsal": {"1"}}}
	for _, on := range []bool{true, false, true} {
		r.ready(r.make("dpathchain", "p", "shop", fmt.Sprintf(spec, on)))
		r.eventually("it is followed", func() bool { c := f.store.Current(); return c != nil && c.Rehearsal() == on && c.Rehearses(facts) })
		require.True(t, f.store.Current().Simulates("bank.example.net"))
	}
	p := r.refused(resource.ReasonInvalid, "dpathchain", "p", "c2", `{"apps":[{"name":"a","port":1}],"rehearsal":{"conditions":[{"type":"header","op":"present"}]}}`)
	require.Contains(t, fmt.Sprint(p.Fields), "$.rehearsal.conditions[0].key")
}
