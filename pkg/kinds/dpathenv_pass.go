package kinds

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/plazacloud/plaza/pkg/resource"
)

// ackPatience is how long subscribers have to take a stage over before the next one comes all the same: one that is gone
// can not hold an environment up, and the guard of each node makes up for one that is late.
const ackPatience = 10 * time.Second

// subscriberLasts is how long a subscriber counts that says nothing: they acknowledge anew every five minutes or so.
const subscriberLasts = 15 * time.Minute

// healthPatience is how long an environment waits for those who send calls to find its nodes well, where they tell.
const healthPatience = 2 * time.Minute

// envPass is one reconciliation of an environment. It says at which stage it ought to be; the chain publishes that, and the
// next stage comes once those who send calls have heard of it.
type envPass struct {
	r           *resource.Reconciliation
	o           *DpathEnv
	publishedAt time.Time // of the stage, once it was told
}

func (p *envPass) reconcile(ctx context.Context) (resource.Result, error) {
	chain, err := find[DpathChainSpec, DpathChainStatus](ctx, p.r, "dpathchain", p.o.Project, p.o.Spec.Chain, "spec.chain", "dpathenv")
	if err != nil {
		return resource.Result{}, err
	}
	if err := p.rivals(ctx, &chain); err != nil {
		return resource.Result{}, err
	}
	waits, err := p.tend(ctx, &chain)
	if err != nil {
		return resource.Result{}, err
	}
	if p.o.ObservedGeneration != p.o.Generation {
		p.r.Touch("dpathchain", chain.ID, "dpathenv "+p.o.Name+" was changed")
	}
	told, message, err := p.told(ctx, &chain)
	if err != nil {
		return resource.Result{}, err
	}
	if told {
		if err := p.release(ctx); err != nil {
			return resource.Result{}, err
		}
	}
	if next := p.next(waits == "", told); next != p.o.Status.Stage {
		p.enter(next)
		return resource.Result{Again: soon, Progress: 70, Message: string(next)}, nil
	}
	switch {
	case p.o.Status.Stage == StageWaiting:
		return resource.Result{Again: time.Second, Progress: 30, Message: waits}, nil
	case !told:
		return resource.Result{Again: 500 * time.Millisecond, Progress: 80, Message: message}, nil
	case waits != "":
		return resource.Result{Again: time.Second, Progress: 90, Message: waits}, nil
	}
	return resource.Result{Done: true, Again: chainEvery}, nil
}

// next is the stage after this one, once that is known to all.
func (p *envPass) next(ready, told bool) EnvStage {
	switch stage := p.o.Status.Stage; {
	case stage == StageWaiting && ready:
		return StagePreparing
	case stage == StagePreparing && told, stage == StageActive, stage == StageDraining:
		if p.o.Spec.Drained {
			return StageDraining
		}
		return StageActive
	default:
		return stage
	}
}

func (p *envPass) enter(stage EnvStage) {
	now := time.Now().UTC()
	p.o.Status.Stage, p.o.Status.Since, p.o.Status.Version, p.o.Status.Acknowledged = stage, &now, 0, 0
	p.r.Note("dpathenv."+string(stage), "environment "+p.o.Spec.Env)
	p.r.Touch("dpathchain", p.o.Spec.Chain, "environment "+p.o.Name+" is "+string(stage))
}

// told tells whether the stage was published and taken over by those who follow the chain, or had time to be.
func (p *envPass) told(ctx context.Context, chain *DpathChain) (bool, string, error) {
	i := slices.IndexFunc(chain.Status.Environments, func(e PublishedEnv) bool {
		return e.ID == p.o.ID && e.Stage == p.o.Status.Stage && e.Generation == p.o.Generation
	})
	if i < 0 {
		return false, "waiting for dpathchain " + chain.Name + " to publish it", nil
	}
	published := chain.Status.Environments[i]
	config, err := p.r.Get(ctx, "config", p.o.Project, chain.Status.Config)
	if err != nil {
		return false, "", err
	}
	list, err := p.r.Subscribers(ctx, "config", config.ID)
	if err != nil {
		return false, "", err
	}
	p.publishedAt = published.At
	p.o.Status.Version, p.o.Status.Acknowledged = published.Version, 0
	list = slices.DeleteFunc(list, func(s resource.Subscriber) bool { return time.Since(s.SeenAt) > subscriberLasts })
	for _, s := range list {
		if s.Version >= published.Version {
			p.o.Status.Acknowledged++
		}
	}
	p.o.Status.Subscribers = len(list)
	waited := time.Since(published.At)
	if p.o.Status.Acknowledged == len(list) || waited > ackPatience {
		sick := p.sick(list, published.Version)
		return sick == "" || waited > healthPatience, sick, nil
	}
	return false, fmt.Sprintf("%s at version %d: %d of %d subscribers took it over", published.Stage, published.Version, p.o.Status.Acknowledged, len(list)), nil
}

// sick tells what of an environment that is prepared does not answer those who will send to it, as far as they tell.
func (p *envPass) sick(list []resource.Subscriber, version int64) string {
	if p.o.Status.Stage != StagePreparing {
		return ""
	}
	for _, s := range list {
		f, tells := flowOf(s, time.Now())
		if !tells || s.Applied < version {
			continue
		}
		for _, l := range f.Lanes {
			if l.Env == p.o.Spec.Env && l.Nodes > 0 && l.Usable == 0 {
				return fmt.Sprintf("%s reaches none of the %d nodes of app %s", s.Name, l.Nodes, l.App)
			}
		}
	}
	return ""
}

// rivals refuses what an older environment of the chain has, as two that were made at once could.
func (p *envPass) rivals(ctx context.Context, chain *DpathChain) error {
	envs, err := chainEnvs(ctx, p.r, chain)
	if err != nil || p.o.Status.Stage != StageWaiting {
		return err
	}
	for i := range envs {
		e := &envs[i]
		if e.ID >= p.o.ID {
			continue
		}
		if e.Spec.Env == p.o.Spec.Env {
			return resource.Problemf(resource.ReasonConflict, "dpathenv", "delete one of them", "dpathenv %s is environment %s of the chain already", e.Name, e.Spec.Env)
		}
		for _, a := range p.o.Spec.Apps {
			if slices.ContainsFunc(e.Spec.Apps, func(b EnvApp) bool { return a.App == b.App && groupOf(p.o, a) == groupOf(e, b) }) {
				return resource.Problemf(resource.ReasonConflict, "dpathenv", "take another node group", "nodegroup %s serves app %s for dpathenv %s", groupOf(p.o, a), a.App, e.Name)
			}
		}
	}
	return nil
}

// tend makes the node groups that are missing, counts their servers, and tells what of them is waited for.
func (p *envPass) tend(ctx context.Context, chain *DpathChain) (waits string, err error) {
	var nodes []EnvNodes
	for _, a := range p.o.Spec.Apps {
		g, err := p.group(ctx, chain, a)
		if err != nil {
			return "", err
		}
		joined := g.Settled() || slices.ContainsFunc(p.o.Status.Nodes, func(n EnvNodes) bool { return n.NodeGroup == g.Name && n.Joined })
		nodes = append(nodes, EnvNodes{App: a.App, NodeGroup: g.Name, Nodes: g.Spec.Count, Ready: g.Status.Ready, Joined: joined})
		if waits == "" && !g.Settled() {
			waits = fmt.Sprintf("nodegroup %s: %d of %d servers are ready", g.Name, g.Status.Ready, g.Spec.Count)
		}
	}
	if !slices.Equal(nodes, p.o.Status.Nodes) {
		p.r.Touch("dpathchain", chain.ID, "dpathenv "+p.o.Name+" has other nodes")
	}
	p.o.Status.Nodes = nodes
	return waits, nil
}

// group gives the node group of an app, made like the app's first public one unless the spec names one.
func (p *envPass) group(ctx context.Context, chain *DpathChain, a EnvApp) (NodeGroup, error) {
	if a.NodeGroup != "" {
		return find[NodeGroupSpec, NodeGroupStatus](ctx, p.r, "nodegroup", p.o.Project, a.NodeGroup, "spec.apps.nodegroup", "dpathenv")
	}
	s, err := groupSpec(ctx, p.r, chain, p.o, a)
	if err != nil {
		return NodeGroup{}, err
	}
	spec, err := json.Marshal(s)
	if err != nil {
		return NodeGroup{}, err
	}
	made, err := p.r.Apply(ctx, resource.Request{Kind: "nodegroup", Project: p.o.Project, Name: groupOf(p.o, a), Labels: p.o.Labels, Spec: spec})
	if err != nil {
		return NodeGroup{}, err
	}
	return resource.As[NodeGroupSpec, NodeGroupStatus](made.Object)
}

// groupSpec is that of a node group made for an app: like the app's first public one.
func groupSpec(ctx context.Context, r resource.Reader, chain *DpathChain, o *DpathEnv, a EnvApp) (NodeGroupSpec, error) {
	app, ok := chain.Spec.app(a.App)
	if !ok || len(app.NodeGroups) == 0 {
		return NodeGroupSpec{}, resource.Invalid("dpathenv", "spec.apps.app", a.App, "has no public node group in dpathchain %s", chain.Name)
	}
	like, err := find[NodeGroupSpec, NodeGroupStatus](ctx, r, "nodegroup", o.Project, app.NodeGroups[0], "spec.apps.app", "dpathenv")
	if err != nil {
		return NodeGroupSpec{}, err
	}
	s := like.Spec
	s.Count, s.Addresses, s.Publish, s.DrainSeconds = a.Count, nil, nil, o.Spec.DrainSeconds
	if a.Flavor != "" {
		s.Flavor = a.Flavor
	}
	if a.AntiAffinity != "" {
		s.AntiAffinity = a.AntiAffinity
	}
	return s, nil
}

// release removes node groups of apps that the environment has no longer, once the rules without them are known and calls
// in flight had their time.
func (p *envPass) release(ctx context.Context) error {
	return resource.All(ctx, p.r, resource.Query{Kind: "nodegroup", Project: p.o.Project, Fields: map[string]string{"owner": p.o.ID}}, func(raw resource.Raw) error {
		if raw.DeletingAt != nil || slices.ContainsFunc(p.o.Spec.Apps, func(a EnvApp) bool { return groupOf(p.o, a) == raw.Name }) {
			return nil
		}
		if time.Since(p.publishedAt) < time.Duration(p.o.Spec.DrainSeconds)*time.Second {
			return nil
		}
		_, err := p.r.Remove(ctx, "nodegroup", raw.ID)
		return err
	})
}

// retire takes the environment out of what is published, in steps: its nodes get nothing new, calls in flight end, nobody
// knows of it any more. Then its node groups may go.
func (p *envPass) retire(ctx context.Context) (resource.Result, error) {
	raw, err := p.r.Get(ctx, "dpathchain", p.o.Project, p.o.Spec.Chain)
	if resource.ReasonOf(err) == resource.ReasonNotFound {
		return resource.Result{Done: true}, nil
	}
	if err != nil {
		return resource.Result{}, err
	}
	chain, err := resource.As[DpathChainSpec, DpathChainStatus](raw)
	if err != nil {
		return resource.Result{}, err
	}
	if stage := p.o.Status.Stage; stage == StageWaiting || stage == "" {
		return resource.Result{Done: true}, nil
	} else if stage == StageActive {
		return p.leaveFor(StageDraining), nil
	}
	told, message, err := p.told(ctx, &chain)
	if err != nil || !told {
		return resource.Result{Again: 500 * time.Millisecond, Progress: 20, Message: message}, err
	}
	switch p.o.Status.Stage {
	case StageDraining:
		if left := time.Duration(p.o.Spec.DrainSeconds)*time.Second - time.Since(*p.o.Status.Since); left > 0 {
			return resource.Result{Again: min(left, time.Second), Progress: 40, Message: "calls in flight end"}, nil
		}
		return p.leaveFor(StageReleasing), nil
	case StagePreparing:
		return p.leaveFor(StageReleasing), nil
	case StageReleasing:
		return p.leaveFor(StageWithdrawn), nil
	}
	return resource.Result{Done: true}, nil
}

func (p *envPass) leaveFor(stage EnvStage) resource.Result {
	p.enter(stage)
	return resource.Result{Again: soon, Progress: 10, Message: string(stage)}
}
