package kinds

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/resource"
)

// scene is what an order is placed in.
type scene struct {
	resource.Reader
	claims func(context.Context, string) (map[string]resource.QuotaUsage, error)
	around resource.Surroundings
}

// survey reads the places that an order could go to, and completes the order with the policies that bear on it.
func (s scene) survey(ctx context.Context, o *pool.Order) ([]pool.Host, error) {
	hosts, err := Places(ctx, s, s.claims)
	if err != nil {
		return nil, err
	}
	if err := countGroup(ctx, s, hosts, *o); err != nil {
		return nil, err
	}
	if err := s.limit(ctx, hosts, *o); err != nil {
		return nil, err
	}
	if o.Flavors, err = s.flavors(ctx, *o); err != nil {
		return nil, err
	}
	return hosts, s.rule(ctx, hosts, o)
}

// limit tells the hosts of sites where the project's quota has no room for the order.
func (s scene) limit(ctx context.Context, hosts []pool.Host, o pool.Order) error {
	more := resource.Charges{"volumes": 1, "volume_gib": o.VolumeGiB}
	if o.VCPUs > 0 {
		more = resource.Charges{"servers": 1, "vcpus": o.VCPUs, "memory_mib": o.MemoryMiB}
	}
	short, err := s.around.Short(ctx, o.Project, more)
	if err != nil || len(short) == 0 {
		return err
	}
	for i, h := range hosts {
		if p := short[h.Site]; p != nil {
			hosts[i].Short = p.Detail
		}
	}
	return nil
}

// flavors are what could be ordered instead of a server that finds no room.
func (s scene) flavors(ctx context.Context, o pool.Order) ([]pool.Size, error) {
	var out []pool.Size
	if o.VCPUs == 0 {
		return nil, nil
	}
	err := resource.All(ctx, s, resource.Query{Kind: "flavor", Limit: 500}, func(raw resource.Raw) error {
		f, err := resource.As[FlavorSpec, FlavorStatus](raw)
		out = append(out, pool.Size{Name: f.Name, VCPUs: int64(f.Spec.VCPUs), MemoryMiB: int64(f.Spec.MemoryMiB), DiskGiB: int64(f.Spec.DiskGiB), Labels: f.Spec.Traits})
		return err
	})
	return out, err
}

// bearing is a policy that an order is of, by how near to it in the tree the policy was given.
type bearing struct {
	*PlacementPolicy
	depth int
}

// rule gathers the policies: those that the order is of rule it, and hosts that others keep are told.
func (s scene) rule(ctx context.Context, hosts []pool.Host, o *pool.Order) error {
	o.Rules = nil
	line, err := s.around.Line(ctx, o.Project)
	if err != nil {
		return err
	}
	var mine []bearing
	err = eachPolicy(ctx, s, func(p *PlacementPolicy) error {
		depth := slices.Index(line, p.Spec.Node)
		if depth >= 0 && p.Spec.of(*o) {
			if p.Spec.ServerGroup != "" {
				depth = len(line) // nearer than any node
			}
			mine = append(mine, bearing{p, depth})
		} else if p.Spec.Only != nil && p.Spec.Only.Exclusive && (depth < 0 || o.VCPUs > 0) { // volumes have no labels to tell by
			keep(hosts, p)
		}
		return nil
	})
	if err != nil || len(mine) == 0 {
		return err
	}
	slices.SortFunc(mine, func(a, b bearing) int { return cmp.Or(cmp.Compare(a.depth, b.depth), cmp.Compare(a.Name, b.Name)) })
	if err := s.situate(ctx, hosts, mine); err != nil {
		return err
	}
	for _, p := range mine {
		r, err := s.ruleOf(ctx, hosts, *o, p.PlacementPolicy)
		if err != nil {
			return err
		}
		o.Rules = append(o.Rules, r)
	}
	return nil
}

// of tells whether an order is of the servers that a policy is for, its node apart. Of volumes only those policies rule
// that are for everything below their node, and only where they may lie.
func (s PlacementPolicySpec) of(o pool.Order) bool {
	if o.VCPUs == 0 {
		return len(s.Labels) == 0 && s.ServerGroup == "" && s.By == ""
	}
	if s.ServerGroup != "" && s.ServerGroup != o.Group {
		return false
	}
	if _, labelled := o.Tags[s.By]; s.By != "" && !labelled {
		return false
	}
	for k, v := range s.Labels {
		if o.Tags[k] != v {
			return false
		}
	}
	return true
}

func keep(hosts []pool.Host, p *PlacementPolicy) {
	for i, h := range hosts {
		if p.Spec.rule().Takes(h) {
			hosts[i].Kept = true
		}
	}
}

// situate tells the racks and positions of hosts, if a policy asks for them.
func (s scene) situate(ctx context.Context, hosts []pool.Host, mine []bearing) error {
	asks := func(f func(PlacementPolicySpec) bool) bool {
		return slices.ContainsFunc(mine, func(p bearing) bool { return f(p.Spec) })
	}
	racks, sites := map[string]string{}, map[string]*pool.Position{}
	var err error
	if asks(func(p PlacementPolicySpec) bool { return p.Over == pool.OverRack }) {
		if racks, err = bookedRacks(ctx, s); err != nil {
			return err
		}
	}
	if asks(func(p PlacementPolicySpec) bool { return p.Near != nil }) {
		if sites, err = positions(ctx, s); err != nil {
			return err
		}
	}
	for i, h := range hosts {
		hosts[i].Rack, hosts[i].Position = cmp.Or(h.Labels["rack"], racks[h.Name]), sites[h.Site]
	}
	return nil
}

// bookedRacks are the racks of hosts by the books.
func bookedRacks(ctx context.Context, r resource.Reader) (map[string]string, error) {
	out := map[string]string{}
	err := resource.All(ctx, r, resource.Query{Kind: "asset", Limit: 500, Fields: map[string]string{"spec.type": "server"}}, func(raw resource.Raw) error {
		a, err := resource.As[AssetSpec, AssetStatus](raw)
		if host, ok := strings.CutPrefix(a.Spec.Pooled, "host/"); ok && a.Spec.Rack != "" {
			out[host] = a.Spec.Rack
		}
		return err
	})
	return out, err
}

// ruleOf is a policy as it bears on an order, with how many of its servers are where.
func (s scene) ruleOf(ctx context.Context, hosts []pool.Host, o pool.Order, p *PlacementPolicy) (pool.Rule, error) {
	r := p.Spec.rule()
	r.Policy, r.Set, r.Count, r.Unheld = p.Name, "policy:"+p.ID, map[string]int64{}, map[string]int64{}
	if r.Near != nil && !r.Near.Known {
		locate(r.Near, hosts)
	}
	if o.VCPUs == 0 || !p.Spec.counts() {
		r.Most, r.Prefer = 0, p.Spec.Prefer
		return r, nil
	}
	set := resource.Gathering{Kind: "server", Node: p.Spec.Node, Index: map[string]string{}, At: "status.host", Except: o.ID}
	for k, v := range p.Spec.Labels {
		set.Index["labels."+k] = v
	}
	if p.Spec.ServerGroup != "" {
		set.Index["spec.serverGroup"] = p.Spec.ServerGroup
	}
	if p.Spec.By != "" {
		set.Index["labels."+p.Spec.By] = o.Tags[p.Spec.By]
		r.Set += ":" + url.QueryEscape(o.Tags[p.Spec.By])
	}
	set.Pool = r.Set
	err := s.count(ctx, hosts, set, &r, p.Spec)
	return r, err
}

// count tells how many of a set are on each host, rack or site: those that claimed a place there, placed or about to be, and
// those that were there before the policy.
func (s scene) count(ctx context.Context, hosts []pool.Host, set resource.Gathering, r *pool.Rule, spec PlacementPolicySpec) error {
	rows, err := s.around.Gather(ctx, set)
	if err != nil {
		return err
	}
	total := int64(1)
	for _, g := range rows {
		total += g.Objects
		if i := slices.IndexFunc(hosts, func(h pool.Host) bool { return h.ID == g.At }); i >= 0 && g.Unheld > 0 {
			r.Unheld[hosts[i].Domain(r.Over)] += g.Unheld
		}
	}
	used, err := s.claims(ctx, r.Set)
	if err != nil {
		return err
	}
	for _, h := range hosts {
		d := h.Domain(r.Over)
		r.Count[d] = used[d].Committed + r.Unheld[d]
	}
	r.Most = spec.most(total)
	return nil
}

// locate gives a city the coordinates of a site in it.
func locate(p *pool.Position, hosts []pool.Host) {
	for _, h := range hosts {
		if km, known := h.Position.Away(p); known && km == 0 && h.Position.Known {
			p.Latitude, p.Longitude, p.Known = h.Position.Latitude, h.Position.Longitude, true
			return
		}
	}
}

// claimRules takes a place for the server on what each policy counts by: of two that are placed in the same moment, only
// as many get one as there are.
func claimRules(ctx context.Context, r *resource.Reconciliation, h pool.Host, o pool.Order) error {
	for _, rule := range o.Rules {
		if rule.Most == 0 && (rule.Prefer != pool.Spread || o.VCPUs == 0) {
			continue
		}
		d := h.Domain(rule.Over)
		capacity := int64(-1) // a policy that only prefers counts, and refuses nobody
		if rule.Most > 0 {
			capacity = max(rule.Most-rule.Unheld[d], 0)
		}
		if err := r.SetCapacity(ctx, rule.Set, resource.Charges{d: capacity}); err != nil {
			return err
		}
		if err := r.Claim(ctx, rule.Set, resource.Charges{d: 1}); err != nil {
			return err
		}
	}
	return nil
}
