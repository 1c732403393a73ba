package kinds

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/resource"
)

// DpathChainSpec names the applications of a call chain and where their public nodes are.
type DpathChainSpec struct {
	Apps     []ChainApp `json:"apps" minItems:"1" maxItems:"200" doc:"In the order that calls go through them"`
	Entry    []string   `json:"entry,omitempty" maxItems:"16" doc:"Apps at which outside traffic comes in"`
	Trusted  []string   `json:"trusted,omitempty" maxItems:"64" doc:"Hosts outside the chain that may see the label"`
	Disabled bool       `json:"disabled,omitempty" doc:"Gives every node back to all traffic, and keeps the environments"`
	// Rehearsals stay recognised while they are off, as their calls must not become real.
	Rehearsal *ChainRehearsal `json:"rehearsal,omitempty" doc:"Requests of which nothing real may come"`
}

// ChainRehearsal recognises the requests of rehearsals.
type ChainRehearsal struct {
	Enabled    bool           `json:"enabled,omitempty" doc:"Off, they are refused"`
	Logic      string         `json:"logic,omitempty" enum:"all,any" doc:"Whether all conditions must hold, or any; default all"`
	Conditions []EnvCondition `json:"conditions" minItems:"1" maxItems:"32" doc:"All of which a call has to meet"`
	Simulators []string       `json:"simulators,omitempty" maxItems:"64" doc:"Hosts outside the chain that rehearsals may call"`
}

func (c ChainRehearsal) rules() *dpath.Rehearsal {
	r := &dpath.Rehearsal{Enable: c.Enabled, Logic: c.Logic, Simulators: c.Simulators}
	for _, one := range c.Conditions {
		r.Conditions = append(r.Conditions, dpath.Condition(one))
	}
	return r
}

// ChainApp is one application of a chain.
type ChainApp struct {
	Name       string   `json:"name" minLength:"1" maxLength:"63" pattern:"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$" doc:"By which others call it, as a host name"`
	Port       int      `json:"port" minimum:"1" maximum:"65535" doc:"At which its nodes serve"`
	NodeGroups []string `json:"nodegroups,omitempty" maxItems:"16" doc:"Node groups of the project whose servers run it"`
	Addresses  []string `json:"addresses,omitempty" maxItems:"500" doc:"ip:port of nodes that are no servers of a node group"`
}

// app finds one of the chain's apps.
func (s DpathChainSpec) app(name string) (ChainApp, bool) {
	i := slices.IndexFunc(s.Apps, func(a ChainApp) bool { return a.Name == name })
	if i < 0 {
		return ChainApp{}, false
	}
	return s.Apps[i], true
}

// DpathChainStatus tells what was published.
type DpathChainStatus struct {
	Config       string         `json:"config,omitempty" doc:"Config of the project that gateways, side-cars and services follow"`
	Version      int64          `json:"version,omitempty" doc:"Of the config"`
	Nodes        int            `json:"nodes"`
	Apps         []ChainLanes   `json:"apps,omitempty"`
	Environments []PublishedEnv `json:"environments,omitempty"`
	Warnings     []string       `json:"warnings,omitempty" doc:"What is legal but probably not meant"`
}

// ChainLanes counts the nodes of an app: public, and by environment.
type ChainLanes struct {
	App    string         `json:"app"`
	Public int            `json:"public"`
	Lanes  map[string]int `json:"lanes,omitempty" doc:"By environment"`
}

// PublishedEnv is how far an environment has got in what is published.
type PublishedEnv struct {
	ID    string   `json:"id"`
	Env   string   `json:"env"`
	Stage EnvStage `json:"stage"`
	// Generation and stage together are what a version is waited for of.
	Generation int64     `json:"generation"`
	Version    int64     `json:"version" doc:"Of the config, in which both first were"`
	At         time.Time `json:"at"`
}

// DpathChain is a call chain.
type DpathChain = resource.Object[DpathChainSpec, DpathChainStatus]

// chainEvery is how often a chain looks at its node groups, besides whenever one tells it to.
const chainEvery = 15 * time.Second

func dpathChainKind() resource.Kind[DpathChainSpec, DpathChainStatus] {
	return resource.Kind[DpathChainSpec, DpathChainStatus]{
		Name: "dpathchain", Plural: "dpathchains", Doc: "The applications of a call chain and their nodes, published with the rules of its dedicated environments to whoever sends calls along it.",
		Columns: []resource.Column{{Header: "APPS", Path: "spec.apps.name"}, {Header: "NODES", Path: "status.nodes"}, {Header: "ENVIRONMENTS", Path: "status.environments.env"},
			{Header: "VERSION", Path: "status.version"}, {Header: "DISABLED", Path: "spec.disabled"}},
		Indexed:  []string{"spec.apps.nodegroups"},
		Charge:   func(*DpathChain) resource.Charges { return resource.Charges{"dpath_chains": 1} },
		Validate: validateChain,
		ValidateDelete: func(ctx context.Context, a *resource.Admission, o *DpathChain) error {
			return refuseInUse(ctx, a, o.Meta, "dpathenv", "spec.chain")
		},
		Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *DpathChain) (resource.Result, error) {
			return chainPass{r, o}.reconcile(ctx)
		},
		// The config belongs to the chain and goes before it.
		Delete: func(context.Context, *resource.Reconciliation, *DpathChain) (resource.Result, error) {
			return resource.Result{Done: true}, nil
		},
	}
}

func validateChain(ctx context.Context, a *resource.Admission, old, o *DpathChain) error {
	seen := map[string]bool{}
	for _, app := range o.Spec.Apps {
		if seen[app.Name] {
			return resource.Invalid("dpathchain", "spec.apps", app.Name, "is there twice")
		}
		seen[app.Name] = true
		for _, g := range app.NodeGroups {
			if _, err := find[NodeGroupSpec, NodeGroupStatus](ctx, a, "nodegroup", o.Project, g, "spec.apps.nodegroups", "dpathchain"); err != nil {
				return err
			}
		}
	}
	for _, app := range o.Spec.Entry {
		if !seen[app] {
			return resource.Invalid("dpathchain", "spec.entry", app, "is none of the chain's apps")
		}
	}
	if old == nil {
		o.Status = DpathChainStatus{}
	}
	envs, err := chainEnvs(ctx, a, o)
	if err != nil {
		return err
	}
	for _, e := range envs {
		for _, app := range e.Spec.Apps {
			if !seen[app.App] {
				return resource.Problemf(resource.ReasonInUse, "dpathchain", "take it out of the environment first", "dpathenv %s has nodes for app %s", e.Name, app.App)
			}
		}
	}
	_, err = chainRelease(ctx, a, o, planned(envs))
	return refuseRelease("dpathchain", err)
}

// chainEnvs lists the environments of a chain by name.
func chainEnvs(ctx context.Context, r resource.Reader, o *DpathChain) ([]DpathEnv, error) {
	list, err := usersIn(ctx, r, "dpathenv", "spec.chain", o.Project, o.ID)
	if err != nil {
		return nil, err
	}
	out := make([]DpathEnv, 0, len(list))
	for _, raw := range list {
		e, err := resource.As[DpathEnvSpec, DpathEnvStatus](raw)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b DpathEnv) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

// chainRelease is what is to be published of a chain with these environments.
func chainRelease(ctx context.Context, r resource.Reader, o *DpathChain, envs []DpathEnv) (*dpath.Release, error) {
	b := releaseBuilder{r: r, chain: o, there: map[[2]string]bool{}, out: &dpath.Release{
		Document: &dpath.Document{Enable: !o.Spec.Disabled, EntryApps: o.Spec.Entry},
		Registry: &dpath.Registry{Apps: map[string][]dpath.Endpoint{}, Groups: map[string][]string{}},
	}}
	return b.build(ctx, envs)
}
