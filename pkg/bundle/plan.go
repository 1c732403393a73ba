package bundle

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"sort"

	"github.com/plazacloud/plaza/pkg/resource"
)

// Order is what a user wants to deploy.
type Order struct {
	Project    string         `json:"project" doc:"Project id"`
	Name       string         `json:"name" minLength:"1" maxLength:"40"`
	Blueprint  string         `json:"blueprint"`
	Size       string         `json:"size"`
	Parameters map[string]any `json:"parameters,omitempty"`
}

// Plan tells what applying an order would do. Its ID stands for exactly this: the order, the blueprint, and the state
// of what is there.
type Plan struct {
	ID      string              `json:"id"`
	Order   Order               `json:"order"`
	Version string              `json:"version"`
	Changes []Change            `json:"changes"`
	Quota   []QuotaLine         `json:"quota"`
	Refused []*resource.Problem `json:"refused,omitempty" doc:"Why it could not be applied as things stand"`
	Summary Summary             `json:"summary"`
}

// Summary counts changes.
type Summary struct {
	Create int `json:"create"`
	Update int `json:"update"`
	Delete int `json:"delete"`
	Keep   int `json:"keep"`
}

// Change is what happens to one resource.
type Change struct {
	Key       string   `json:"key"`
	Kind      string   `json:"kind"`
	Name      string   `json:"name"`
	Action    string   `json:"action" enum:"create,update,delete,keep"`
	Fields    []Diff   `json:"fields,omitempty"`
	DependsOn []string `json:"dependsOn,omitempty"`
	state     string
}

// Diff is one field that changes; secrets are not shown.
type Diff struct {
	Path   string `json:"path"`
	Before any    `json:"before,omitempty"`
	After  any    `json:"after,omitempty"`
}

// QuotaLine is a quota metric of the project before and after.
type QuotaLine struct {
	Metric string `json:"metric"`
	Before int64  `json:"before"`
	After  int64  `json:"after"`
	Hard   int64  `json:"hard" doc:"Limit; -1 for none"`
}

// Planner plans and applies orders in the name of an actor.
type Planner struct {
	Deployer *Deployer
	Objects  *resource.Store
}

// Plan computes a plan; it changes nothing.
func (p *Planner) Plan(ctx context.Context, actor resource.Actor, order Order) (*Plan, error) {
	b, err := p.Deployer.Catalogue.Blueprint(order.Blueprint)
	if err != nil {
		return nil, err
	}
	spec, err := json.Marshal(Spec{Blueprint: order.Blueprint, Size: order.Size, Parameters: order.Parameters})
	if err != nil {
		return nil, err
	}
	a, err := p.Objects.Apply(ctx, resource.Request{Kind: "bundle", Project: order.Project, Name: order.Name, Spec: spec, Actor: actor, DryRun: true})
	if err != nil {
		return nil, err
	}
	o, err := resource.As[Spec, Status](a.Object)
	if err != nil {
		return nil, err
	}
	if err := p.secrets(ctx, actor, order, b, &o, a.Created); err != nil {
		return nil, err
	}
	pass := &planning{Planner: p, actor: actor, order: order, blueprint: b, bundle: &o, plan: &Plan{Order: order.shown(b), Version: b.Version, Changes: []Change{}, Quota: []QuotaLine{}},
		add: resource.Charges{}}
	if a.Created {
		o.ID = ""
		pass.add["bundles"] = 1
	}
	if err := pass.run(ctx); err != nil {
		return nil, err
	}
	pass.plan.ID = pass.digest()
	return pass.plan, nil
}

// madeLater stands in a plan for a secret that is made when the order is applied.
const madeLater = "(made when applied)"

// secrets fills in what the resources are rendered with; nothing of it is shown in a plan.
func (p *Planner) secrets(ctx context.Context, actor resource.Actor, order Order, b *Blueprint, o *Bundle, created bool) error {
	o.Spec.Secrets = map[string]string{}
	if !created {
		raw, err := p.Objects.Unsealed(ctx, actor.Scope, "bundle", order.Project, order.Name)
		if err != nil {
			return err
		}
		have, err := resource.As[Spec, Status](raw)
		if err != nil {
			return err
		}
		maps.Copy(o.Spec.Secrets, have.Spec.Secrets)
	}
	for name, param := range b.Parameters {
		if !param.Secret {
			continue
		}
		if v, given := order.Parameters[name]; given {
			o.Spec.Secrets[name] = fmt.Sprint(v)
		} else if o.Spec.Secrets[name] == "" {
			o.Spec.Secrets[name] = madeLater
		}
	}
	return nil
}

// shown is the order without its secrets.
func (o Order) shown(b *Blueprint) Order {
	o.Parameters = maps.Clone(o.Parameters)
	for name := range o.Parameters {
		if b.Parameters[name].Secret {
			o.Parameters[name] = "(secret)"
		}
	}
	return o
}

// Apply deploys an order if the plan that the user saw is still what would happen; an empty planID asks for no such proof.
func (p *Planner) Apply(ctx context.Context, actor resource.Actor, order Order, planID string) (resource.Applied, *Plan, error) {
	plan, err := p.Plan(ctx, actor, order)
	if err != nil {
		return resource.Applied{}, nil, err
	}
	if planID != "" && planID != plan.ID {
		return resource.Applied{}, plan, resource.Problemf(resource.ReasonStale, "bundle", "plan again and look at the new plan", "plan %s is stale: what it was made from has changed", planID)
	}
	if len(plan.Refused) > 0 {
		return resource.Applied{}, plan, plan.Refused[0]
	}
	spec, err := json.Marshal(Spec{Blueprint: order.Blueprint, Size: order.Size, Parameters: order.Parameters})
	if err != nil {
		return resource.Applied{}, plan, err
	}
	a, err := p.Objects.Apply(ctx, resource.Request{Kind: "bundle", Project: order.Project, Name: order.Name, Spec: spec, Actor: actor})
	return a, plan, err
}

// planning is one computation of a plan.
type planning struct {
	*Planner
	actor     resource.Actor
	order     Order
	blueprint *Blueprint
	bundle    *Bundle
	plan      *Plan
	add       resource.Charges
	own       map[string]resource.Raw // what the bundle has made, by kind/name: read at once, as it may be hundreds
}

func (p *planning) run(ctx context.Context) error {
	g, err := newGraph(p.blueprint, p.bundle)
	if err != nil {
		return err
	}
	if err := p.read(ctx); err != nil {
		return err
	}
	wanted := map[string]bool{}
	for _, key := range p.blueprint.order {
		c, err := p.change(ctx, g, key)
		if err != nil {
			return err
		}
		if c == nil {
			continue
		}
		wanted[c.Kind+"/"+c.Name] = true
		p.count(*c)
	}
	if err := p.surplus(ctx, wanted); err != nil {
		return err
	}
	return p.quota(ctx)
}

// read fills own.
func (p *planning) read(ctx context.Context) error {
	p.own = map[string]resource.Raw{}
	if p.bundle.ID == "" {
		return nil
	}
	kinds := map[string]bool{}
	for _, t := range p.blueprint.Resources {
		kinds[t.Kind] = true
	}
	for kind := range kinds {
		q := resource.Query{Kind: kind, Project: p.bundle.Project, Fields: map[string]string{"owner": p.bundle.ID}, Limit: 1000}
		if err := resource.All(ctx, p.Objects.View(p.actor.Scope), q, func(o resource.Raw) error {
			p.own[kind+"/"+o.Name] = o
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// find is what is there of that name, the bundle's own or not.
func (p *planning) find(ctx context.Context, kind, name string) (resource.Raw, error) {
	if o, ok := p.own[kind+"/"+name]; ok {
		return o, nil
	}
	return p.Objects.View(p.actor.Scope).Get(ctx, kind, p.bundle.Project, name)
}

func (p *planning) count(c Change) {
	p.plan.Changes = append(p.plan.Changes, c)
	switch c.Action {
	case "create":
		p.plan.Summary.Create++
	case "update":
		p.plan.Summary.Update++
	case "delete":
		p.plan.Summary.Delete++
	default:
		p.plan.Summary.Keep++
	}
}

// change compares one resource with what is there.
func (p *planning) change(ctx context.Context, g *graph, key string) (*Change, error) {
	t := p.blueprint.Resources[key]
	name, err := g.name(key)
	if err != nil {
		return nil, err
	}
	c := &Change{Key: key, Kind: t.Kind, Name: name, Action: "create", DependsOn: p.blueprint.deps[key]}
	req, err := g.request(key)
	if req == nil && err == nil {
		return nil, nil
	}
	have, geterr := p.find(ctx, t.Kind, name)
	exists := geterr == nil
	if geterr != nil && resource.ReasonOf(geterr) != resource.ReasonNotFound {
		return nil, geterr
	}
	if exists {
		c.Action, c.state = "keep", fmt.Sprintf("%s@%d", have.ID, have.Generation)
		if have.Owner == nil || have.Owner.ID != p.bundle.ID {
			p.plan.Refused = append(p.plan.Refused, resource.Problemf(resource.ReasonAlreadyExists, t.Kind, "choose another bundle name, or delete that one", "%s %s is there already and is not the bundle's", t.Kind, name))
		}
		if err := g.learn(key, have); err != nil {
			return nil, err
		}
	}
	if errors.Is(err, errUnknown) {
		return c, nil
	}
	if err != nil {
		return nil, err
	}
	if exists {
		return c, p.compare(ctx, c, have, *req)
	}
	// What is going to be there has a name and a spec already, for those that refer to it.
	if err := g.learn(key, resource.Raw{Meta: resource.Meta{Name: name}, Spec: req.Spec, Status: json.RawMessage("{}")}); err != nil {
		return nil, err
	}
	return c, p.forecast(ctx, resource.Raw{Meta: resource.Meta{Kind: req.Kind, Project: req.Project, Name: req.Name}, Spec: req.Spec}, 1)
}

// compare asks the kernel whether applying would change anything, and lists what.
func (p *planning) compare(ctx context.Context, c *Change, have resource.Raw, req resource.Request) error {
	req.Actor, req.DryRun, req.Owner = resource.System("plan"), true, have.Owner
	a, err := p.Objects.Apply(ctx, req)
	if pr := (*resource.Problem)(nil); errors.As(err, &pr) {
		p.plan.Refused = append(p.plan.Refused, pr)
		return nil
	}
	if err != nil || !a.Changed {
		return err
	}
	c.Action = "update"
	if err := errors.Join(p.forecast(ctx, a.Object, 1), p.forecast(ctx, have, -1)); err != nil {
		return err
	}
	var before, after map[string]any
	if err := errors.Join(json.Unmarshal(have.Spec, &before), json.Unmarshal(a.Object.Spec, &after)); err != nil {
		return err
	}
	c.Fields = diff("spec", before, after)
	if len(c.Fields) == 0 {
		c.Fields = []Diff{{Path: "spec", Before: "(secret)", After: "(another secret, or labels)"}}
	}
	return nil
}

// forecast adds, or with sign -1 takes away, what an object and those it makes are going to take.
func (p *planning) forecast(ctx context.Context, o resource.Raw, sign int64) error {
	def, err := p.Objects.Registry().Kind(o.Kind)
	if err != nil {
		return err
	}
	charges, err := def.Forecast(ctx, p.Objects.View(resource.Everything), o)
	if pr := (*resource.Problem)(nil); errors.As(err, &pr) {
		p.plan.Refused = append(p.plan.Refused, pr)
		return nil
	}
	for metric, n := range charges {
		p.add[metric] += sign * n
	}
	return err
}

func (p *planning) surplus(ctx context.Context, wanted map[string]bool) error {
	for _, m := range p.bundle.Status.Resources {
		if wanted[m.Kind+"/"+m.Name] || m.ID == "" {
			continue
		}
		have, err := p.Objects.View(p.actor.Scope).Get(ctx, m.Kind, p.bundle.Project, m.ID)
		if resource.ReasonOf(err) == resource.ReasonNotFound {
			continue
		}
		if err := errors.Join(err, p.forecast(ctx, have, -1)); err != nil {
			return err
		}
		p.count(Change{Key: m.Key, Kind: m.Kind, Name: m.Name, Action: "delete", state: m.ID})
	}
	return nil
}

// quota shows the project's totals before and after, and refuses what would not fit.
func (p *planning) quota(ctx context.Context) error {
	usage, err := p.Objects.View(p.actor.Scope).Quota(ctx, p.bundle.Project)
	if err != nil {
		return err
	}
	lines := map[string]QuotaLine{}
	for _, u := range usage {
		if u.Region != "" {
			continue // where it will be, placement decides
		}
		lines[u.Metric] = QuotaLine{Metric: u.Metric, Before: u.Reserved + u.Committed, After: u.Reserved + u.Committed, Hard: u.Hard}
	}
	for metric, n := range p.add {
		l, ok := lines[metric]
		if !ok {
			l = QuotaLine{Metric: metric, Hard: -1}
		}
		l.After += n
		lines[metric] = l
	}
	for _, l := range lines {
		p.plan.Quota = append(p.plan.Quota, l)
		if l.Hard >= 0 && l.After > l.Hard && l.After > l.Before {
			p.plan.Refused = append(p.plan.Refused, resource.Problemf(resource.ReasonQuotaExceeded, "quota", fmt.Sprintf("raise the limit to %d, or choose a smaller size", l.After),
				"quota %s: %d are in use, the bundle needs %d more, the limit is %d", l.Metric, l.Before, l.After-l.Before, l.Hard))
		}
	}
	sort.Slice(p.plan.Quota, func(i, j int) bool { return p.plan.Quota[i].Metric < p.plan.Quota[j].Metric })
	tight, err := p.Objects.View(p.actor.Scope).Tight(ctx, p.bundle.Project, p.add)
	p.plan.Refused = append(p.plan.Refused, tight...)
	return err
}

// digest stands for the order, the blueprint and the generations of everything the plan was made from.
func (p *planning) digest() string {
	h := sha256.New()
	fmt.Fprintln(h, canonical(p.order), p.blueprint.Digest, p.bundle.ID)
	for _, c := range p.plan.Changes {
		fmt.Fprintln(h, c.Key, c.Kind, c.Name, c.Action, c.state, canonical(c.Fields))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// diff lists the leaves that differ.
func diff(path string, before, after any) []Diff {
	b, bok := before.(map[string]any)
	a, aok := after.(map[string]any)
	if !bok || !aok {
		if canonical(before) == canonical(after) {
			return nil
		}
		return []Diff{{Path: path, Before: before, After: after}}
	}
	keys := map[string]bool{}
	for k := range b {
		keys[k] = true
	}
	for k := range a {
		keys[k] = true
	}
	sorted := make([]string, 0, len(keys))
	for k := range keys {
		sorted = append(sorted, k)
	}
	sort.Strings(sorted)
	var out []Diff
	for _, k := range sorted {
		out = append(out, diff(path+"."+k, b[k], a[k])...)
	}
	return out
}
