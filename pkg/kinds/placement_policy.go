package kinds

import (
	"context"
	"slices"

	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/resource"
)

// PlacementPolicySpec says where the servers of a set may be, and where they had better be.
type PlacementPolicySpec struct {
	Node        string            `json:"node" minLength:"1" maxLength:"1024" doc:"Project, or node above projects, whose servers it is for: full name or id, kept as its id; / is the root"`
	Labels      map[string]string `json:"labels,omitempty" maxProperties:"16" doc:"Only servers with these labels"`
	ServerGroup string            `json:"serverGroup,omitempty" maxLength:"36" doc:"Only servers of this group, by its id"`
	By          string            `json:"by,omitempty" maxLength:"63" doc:"Label that parts them: servers with each of its values are counted by themselves, e.g. role"`
	Prefer      string            `json:"prefer,omitempty" enum:"spread,pack" doc:"Where the fewest of them are, or where the least is free"`
	Over        string            `json:"over,omitempty" enum:"host,rack,site" doc:"What they are counted on; default host"`
	Most        int64             `json:"most,omitempty" minimum:"1" maximum:"1000000" doc:"At most so many of them on one; 1 keeps each by itself"`
	Percent     int64             `json:"percent,omitempty" minimum:"1" maximum:"100" doc:"At most this part of them on one, rounded up: the blast radius"`
	Near        *NearSpec         `json:"near,omitempty" doc:"The nearest sites first"`
	Only        *OnlySpec         `json:"only,omitempty" doc:"Only on these hosts"`
}

// NearSpec is what servers had better be near to.
type NearSpec struct {
	City      string   `json:"city,omitempty" maxLength:"100" doc:"Sites in it come first, then by their distance from it"`
	Latitude  *float64 `json:"latitude,omitempty" minimum:"-90" maximum:"90" doc:"Degrees, north is positive; those of a site in the city when left out"`
	Longitude *float64 `json:"longitude,omitempty" minimum:"-180" maximum:"180" doc:"Degrees, east is positive"`
	Within    float64  `json:"within,omitempty" minimum:"0" maximum:"20040" doc:"Farther ones are refused, km; any distance when left out"`
}

// OnlySpec are hosts that servers keep to.
type OnlySpec struct {
	Hosts     []string          `json:"hosts,omitempty" maxItems:"256" doc:"Names of hosts, sites or regions"`
	Traits    map[string]string `json:"traits,omitempty" maxProperties:"16" doc:"What a host or region carries"`
	Exclusive bool              `json:"exclusive,omitempty" doc:"And nobody else may be placed on them"`
}

// PlacementPolicyStatus is empty: a policy is only looked at.
type PlacementPolicyStatus struct{}

// PlacementPolicy says where the servers of a set may be.
type PlacementPolicy = resource.Object[PlacementPolicySpec, PlacementPolicyStatus]

func placementPolicyKind() resource.Kind[PlacementPolicySpec, PlacementPolicyStatus] {
	return resource.Kind[PlacementPolicySpec, PlacementPolicyStatus]{
		Name: "placementpolicy", Plural: "placementpolicies", Doc: "Where the servers below a node of the tree, or of a group, may be and had better be.", Scoping: resource.Global,
		Columns: []resource.Column{{Header: "NODE", Path: "spec.node"}, {Header: "PREFER", Path: "spec.prefer"}, {Header: "OVER", Path: "spec.over"}, {Header: "MOST", Path: "spec.most"},
			{Header: "PERCENT", Path: "spec.percent"}, {Header: "NEAR", Path: "spec.near.city"}, {Header: "ONLY", Path: "spec.only.hosts"}, {Header: "EXCLUSIVE", Path: "spec.only.exclusive"}},
		Indexed: []string{"spec.node", "spec.serverGroup"},
		Default: func(ctx context.Context, a *resource.Admission, o *PlacementPolicy) error {
			node, err := a.Around.Node(ctx, o.Spec.Node)
			if resource.ReasonOf(err) == resource.ReasonNotFound {
				return resource.Invalid("placementpolicy", "spec.node", o.Spec.Node, "is no node; see: plaza node list")
			}
			if o.Spec.Node = node; o.Spec.Over == "" {
				o.Spec.Over = pool.OverHost
			}
			return err
		},
		Validate: validatePolicy,
	}
}

func validatePolicy(ctx context.Context, a *resource.Admission, old, o *PlacementPolicy) error {
	s := o.Spec
	bad := func(path string, value any, why string) error {
		return resource.Invalid("placementpolicy", path, value, "%s", why)
	}
	switch {
	case s.Prefer == "" && s.Most == 0 && s.Percent == 0 && s.Near == nil && s.Only == nil:
		return bad("spec", nil, "says nothing: give prefer, most, percent, near or only")
	case !slices.Contains([]string{"", pool.Spread, pool.Pack}, s.Prefer):
		return bad("spec.prefer", s.Prefer, "is spread or pack")
	case !slices.Contains([]string{pool.OverHost, pool.OverRack, pool.OverSite}, s.Over):
		return bad("spec.over", s.Over, "is host, rack or site")
	case s.Most < 0 || s.Percent < 0 || s.Percent > 100:
		return bad("spec.percent", s.Percent, "is 1 to 100, and most is at least 1")
	case s.Only != nil && len(s.Only.Hosts)+len(s.Only.Traits) == 0:
		return bad("spec.only", nil, "names hosts, traits or both")
	case old != nil && !s.sameSet(old.Spec):
		return bad("spec.node", s.Node, "a policy stays with its servers, and counts them as it did; make a new one")
	}
	if s.Near != nil {
		if s.Near.City == "" && s.Near.Latitude == nil {
			return bad("spec.near", nil, "names a city, coordinates or both")
		}
		if err := coordinates("placementpolicy", "spec.near", s.Near.Latitude, s.Near.Longitude); err != nil {
			return err
		}
	}
	return checkOnly(ctx, a, o)
}

// sameSet tells whether two policies count the same servers alike: places are claimed by that.
func (s PlacementPolicySpec) sameSet(o PlacementPolicySpec) bool {
	if len(s.Labels) != len(o.Labels) || s.Node != o.Node || s.ServerGroup != o.ServerGroup || s.By != o.By || s.Over != o.Over {
		return false
	}
	for k, v := range s.Labels {
		if o.Labels[k] != v {
			return false
		}
	}
	return true
}

// checkOnly refuses names that nothing has, and to keep for one set of servers what is kept for another.
func checkOnly(ctx context.Context, a *resource.Admission, o *PlacementPolicy) error {
	if o.Spec.Only == nil || len(o.Spec.Only.Hosts) == 0 {
		return nil
	}
	places, err := Places(ctx, a, a.Pool)
	if err != nil {
		return err
	}
	for _, name := range o.Spec.Only.Hosts {
		if !slices.ContainsFunc(places, func(h pool.Host) bool { return h.Name == name || h.Site == name }) {
			return resource.Invalid("placementpolicy", "spec.only.hosts", name, "is no host, site or region")
		}
	}
	if !o.Spec.Only.Exclusive {
		return nil
	}
	return eachPolicy(ctx, a, func(p *PlacementPolicy) error {
		if p.ID == o.ID || p.Spec.Only == nil || !p.Spec.Only.Exclusive || p.Spec.Node == o.Spec.Node {
			return nil
		}
		for _, h := range places {
			if o.Spec.rule().Takes(h) && p.Spec.rule().Takes(h) {
				return resource.Problemf(resource.ReasonConflict, "placementpolicy", "take it out of that one first, or make both of the same node",
					"policy %s keeps %s for others already", p.Name, h.Name)
			}
		}
		return nil
	})
}

func eachPolicy(ctx context.Context, r resource.Reader, f func(*PlacementPolicy) error) error {
	return resource.All(ctx, r, resource.Query{Kind: "placementpolicy", Limit: 500}, func(raw resource.Raw) error {
		p, err := resource.As[PlacementPolicySpec, PlacementPolicyStatus](raw)
		if err != nil {
			return err
		}
		return f(&p)
	})
}

// rule is the part of a policy that does not depend on what is where.
func (s PlacementPolicySpec) rule() pool.Rule {
	r := pool.Rule{Over: s.Over, Prefer: s.Prefer, Most: s.Most}
	if s.Only != nil {
		r.Hosts, r.Labels = s.Only.Hosts, s.Only.Traits
	}
	if s.Near != nil {
		r.Near, r.Within = position(s.Near.City, s.Near.Latitude, s.Near.Longitude), s.Near.Within
	}
	return r
}

// counts tells whether it matters how many of its servers are where.
func (s PlacementPolicySpec) counts() bool {
	return s.Most > 0 || s.Percent > 0 || s.Prefer == pool.Spread
}

// most is how many of so many servers may be on one host, rack or site; 0 for any number.
func (s PlacementPolicySpec) most(total int64) int64 {
	if s.Percent == 0 {
		return s.Most
	}
	part := (total*s.Percent + 99) / 100
	if s.Most > 0 {
		return min(s.Most, part)
	}
	return part
}
