package kinds

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/resource"
)

// EnvStage is how far an environment has got.
type EnvStage string

// Stages of an environment. The next one comes once all who send calls were told of this one, so that no call is refused
// by a node that knows of it earlier than its caller.
const (
	StageWaiting   EnvStage = "waiting"   // its nodes are being made; nobody knows of it
	StagePreparing EnvStage = "preparing" // common calls are kept from its nodes, which refuse nothing yet
	StageActive    EnvStage = "active"    // its traffic goes to its nodes, and no other does
	StageDraining  EnvStage = "draining"  // no more requests are taken for its own; those that were end on its nodes
	StageReleasing EnvStage = "releasing" // its nodes get nothing, and refuse nothing
	StageWithdrawn EnvStage = "withdrawn" // nobody knows of it any more
)

// states are what a stage makes of the rules of an environment's apps; of others nobody knows.
var states = map[EnvStage]dpath.State{StagePreparing: dpath.StatePreparing, StageActive: dpath.StateActive, StageDraining: dpath.StateActive, StageReleasing: dpath.StateDraining}

// FailoverPolicy names what calls do when their dedicated nodes can not serve.
type FailoverPolicy string

func (f FailoverPolicy) policy() dpath.Policy {
	return map[FailoverPolicy]dpath.Policy{"strict": dpath.PolicyStrict, "spill": dpath.PolicySpill}[f]
}

// DpathEnvSpec is a dedicated environment: whose traffic it takes, and what it has of its own.
type DpathEnvSpec struct {
	Chain          string         `json:"chain" doc:"Call chain, by name or id; kept as its id"`
	Env            string         `json:"env,omitempty" maxLength:"32" pattern:"^([A-Za-z][A-Za-z0-9_-]*)?$" doc:"Name on the label; the object's name when left out. It can not be changed"`
	FailoverPolicy FailoverPolicy `json:"failoverPolicy,omitempty" enum:"failover,strict,spill" doc:"Where its traffic goes when too few of its nodes are well: failover to public ones, strict nowhere, spill to public ones already when each of its nodes has spillAt calls; default failover"`
	MinHealthy     string         `json:"minHealthy,omitempty" maxLength:"4" pattern:"^([1-9][0-9]{0,2}%?)?$" doc:"A count of nodes of an app, or a share such as 50%; default 1"`
	SpillAt        int            `json:"spillAt,omitempty" minimum:"0" maximum:"100000" doc:"Calls in flight at a node, for the policy spill"`
	NotBefore      *time.Time     `json:"notBefore,omitempty" doc:"Before it the environment's traffic is common"`
	NotAfter       *time.Time     `json:"notAfter,omitempty" doc:"After it the environment's traffic is common, and its nodes are public"`
	Identify       []EnvIdentify  `json:"identify,omitempty" maxItems:"64" doc:"Which requests are its own, at the entry"`
	Apps           []EnvApp       `json:"apps,omitempty" maxItems:"200" doc:"What it has nodes of; other apps of the chain are shared"`
	DrainSeconds   int            `json:"drainSeconds,omitempty" minimum:"0" maximum:"3600" doc:"How long calls in flight have at nodes that are to go; default 10"`
	Drained        bool           `json:"drained,omitempty" doc:"Takes no more requests for its own, which are common then, and keeps its nodes"`
}

// EnvIdentify recognises requests.
type EnvIdentify struct {
	EnvName    string         `json:"-"`
	Priority   int            `json:"priority,omitempty" minimum:"0" maximum:"10000" doc:"Over all environments of a chain the lowest is tried first"`
	Logic      string         `json:"logic,omitempty" enum:"all,any" doc:"Whether all conditions must hold, or any; default all"`
	Conditions []EnvCondition `json:"conditions" minItems:"1" maxItems:"32" doc:"All of which a call has to meet"`
}

// EnvCondition is one test of a request.
type EnvCondition struct {
	Type  string   `json:"type" enum:"header,cookie,query,path,storeId,memberId,channel,sourceCIDR,tlsClient" doc:"What of a call is looked at"`
	Key   string   `json:"key,omitempty" maxLength:"128" doc:"Name of the header, cookie or query parameter"`
	Op    string   `json:"op" enum:"equal,not_equal,prefix,in,not_in,regex,percentage,present" doc:"How it is compared"`
	Value []string `json:"value,omitempty" maxItems:"1000" doc:"With what; present takes none"`
}

func (i EnvIdentify) rule() dpath.IdentifyRule {
	r := dpath.IdentifyRule{EnvName: i.EnvName, Priority: i.Priority, Logic: i.Logic}
	for _, c := range i.Conditions {
		r.Conditions = append(r.Conditions, dpath.Condition(c))
	}
	return r
}

// EnvApp is what an environment has of one app: a node group that is there, or one made like the app's first public one.
type EnvApp struct {
	App            string         `json:"app" minLength:"1" maxLength:"63" doc:"Of the chain, by name"`
	NodeGroup      string         `json:"nodegroup,omitempty" doc:"Node group that is there, of which a public one becomes dedicated; without it one is made and goes with the environment"`
	Count          int            `json:"count,omitempty" minimum:"0" maximum:"200" doc:"Servers of the node group that is made"`
	Flavor         string         `json:"flavor,omitempty" doc:"Theirs; that of the public ones when left out"`
	AntiAffinity   string         `json:"antiAffinity,omitempty" enum:"none,soft,hard" doc:"How strongly they avoid each other's host; as the public ones when left out"`
	FailoverPolicy FailoverPolicy `json:"failoverPolicy,omitempty" enum:"failover,strict,spill" doc:"Of this app; the environment's when left out"`
	AllowNoPublic  bool           `json:"allowNoPublic,omitempty" doc:"Accepts that the app has no public nodes left"`
}

// DpathEnvStatus tells how far it is.
type DpathEnvStatus struct {
	Stage        EnvStage   `json:"stage,omitempty"`
	Since        *time.Time `json:"since,omitempty" doc:"Of the stage"`
	Version      int64      `json:"version,omitempty" doc:"Of the chain's config, in which the stage was published"`
	Acknowledged int        `json:"acknowledged" doc:"Subscribers that took that version over"`
	Subscribers  int        `json:"subscribers"`
	Nodes        []EnvNodes `json:"nodes,omitempty"`
}

// EnvNodes counts the nodes that the environment has of an app.
type EnvNodes struct {
	App       string `json:"app"`
	NodeGroup string `json:"nodegroup"`
	Nodes     int    `json:"nodes"`
	Ready     int    `json:"ready"`
	Joined    bool   `json:"joined,omitempty" doc:"All were ready once; before that, the app is shared"`
}

// DpathEnv is a dedicated environment.
type DpathEnv = resource.Object[DpathEnvSpec, DpathEnvStatus]

// groupOf names the node group of one of an environment's apps.
func groupOf(e *DpathEnv, a EnvApp) string {
	if a.NodeGroup != "" {
		return a.NodeGroup
	}
	return e.Name + "-" + a.App
}

func dpathEnvKind() resource.Kind[DpathEnvSpec, DpathEnvStatus] {
	return resource.Kind[DpathEnvSpec, DpathEnvStatus]{
		Name: "dpathenv", Plural: "dpathenvs", Doc: "A dedicated environment of a call chain: traffic of one kind, on nodes of its own all the way.",
		Columns: []resource.Column{{Header: "ENV", Path: "spec.env"}, {Header: "STAGE", Path: "status.stage"}, {Header: "APPS", Path: "status.nodes.app"}, {Header: "NODES", Path: "status.nodes.ready"},
			{Header: "POLICY", Path: "spec.failoverPolicy"}, {Header: "VERSION", Path: "status.version"}},
		Indexed: []string{"spec.chain", "spec.apps.nodegroup"},
		Charge:  func(*DpathEnv) resource.Charges { return resource.Charges{"dpath_environments": 1} },
		Meter: func(e *DpathEnv) resource.Measures {
			return resource.Measures{"dpath_environments": 1, "dpath_nodes": envNodes(e)}
		},
		Forecast: forecastEnv,
		Default:  defaultEnv,
		Validate: validateEnv,
		Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *DpathEnv) (resource.Result, error) {
			return (&envPass{r: r, o: o}).reconcile(ctx)
		},
		Retire: func(ctx context.Context, r *resource.Reconciliation, o *DpathEnv) (resource.Result, error) {
			return (&envPass{r: r, o: o}).retire(ctx)
		},
		Delete: func(_ context.Context, r *resource.Reconciliation, o *DpathEnv) (resource.Result, error) {
			r.Touch("dpathchain", o.Spec.Chain, "dpathenv "+o.Name+" is gone")
			return resource.Result{Done: true}, nil
		},
	}
}

// forecastEnv adds up the node groups that the environment is going to make.
func forecastEnv(ctx context.Context, r resource.Reader, o *DpathEnv) (resource.Charges, error) {
	sum := resource.Charges{"dpath_environments": 1}
	chain, err := find[DpathChainSpec, DpathChainStatus](ctx, r, "dpathchain", o.Project, o.Spec.Chain, "spec.chain", "dpathenv")
	if err != nil {
		return nil, err
	}
	for _, a := range o.Spec.Apps {
		if a.NodeGroup != "" {
			continue
		}
		spec, err := groupSpec(ctx, r, &chain, o, a)
		if err != nil {
			return nil, err
		}
		c, err := forecastGroup(ctx, r, spec)
		if err != nil {
			return nil, err
		}
		for metric, n := range c {
			sum[metric] += n
		}
	}
	return sum, nil
}

func envNodes(e *DpathEnv) (n int64) {
	for _, a := range e.Status.Nodes {
		n += int64(a.Nodes)
	}
	return n
}

func defaultEnv(ctx context.Context, a *resource.Admission, o *DpathEnv) error {
	if o.Spec.Env == "" {
		o.Spec.Env = o.Name
	}
	if o.Spec.FailoverPolicy == "" {
		o.Spec.FailoverPolicy = "failover"
	}
	if o.Spec.DrainSeconds == 0 {
		o.Spec.DrainSeconds = 10
	}
	c, err := find[DpathChainSpec, DpathChainStatus](ctx, a, "dpathchain", o.Project, o.Spec.Chain, "spec.chain", "dpathenv")
	if err == nil {
		o.Spec.Chain = c.ID
	}
	return err
}

func validateEnv(ctx context.Context, a *resource.Admission, old, o *DpathEnv) error {
	if old != nil && (old.Spec.Env != o.Spec.Env || old.Spec.Chain != o.Spec.Chain) {
		return resource.Invalid("dpathenv", "spec.env", o.Spec.Env, "can not be changed, nor can spec.chain: make a new environment")
	}
	if old == nil {
		o.Status = DpathEnvStatus{Stage: StageWaiting}
	}
	chain, err := find[DpathChainSpec, DpathChainStatus](ctx, a, "dpathchain", o.Project, o.Spec.Chain, "spec.chain", "dpathenv")
	if err != nil {
		return err
	}
	for i := range o.Spec.Apps {
		if err := validateEnvApp(ctx, a, &chain, o, i); err != nil {
			return err
		}
	}
	envs, err := chainEnvs(ctx, a, &chain)
	if err != nil {
		return err
	}
	others := slices.DeleteFunc(envs, func(e DpathEnv) bool { return e.ID == o.ID })
	_, err = chainRelease(ctx, a, &chain, planned(append(others, *o)))
	return refuseRelease("dpathenv", err)
}

func validateEnvApp(ctx context.Context, a *resource.Admission, chain *DpathChain, o *DpathEnv, i int) error {
	app := o.Spec.Apps[i]
	of, known := chain.Spec.app(app.App)
	switch {
	case !known:
		return resource.Invalid("dpathenv", "spec.apps.app", app.App, "is none of the apps of dpathchain %s", chain.Name)
	case app.NodeGroup != "" && (app.Count > 0 || app.Flavor != "" || app.AntiAffinity != ""):
		return resource.Invalid("dpathenv", "spec.apps.nodegroup", app.NodeGroup, "is there already, so count, flavor and antiAffinity are its own")
	case app.NodeGroup != "":
		_, err := find[NodeGroupSpec, NodeGroupStatus](ctx, a, "nodegroup", o.Project, app.NodeGroup, "spec.apps.nodegroup", "dpathenv")
		return err
	case app.Count < 1:
		return resource.Invalid("dpathenv", "spec.apps.count", app.Count, "app %s has neither a nodegroup nor a count of servers; leave it out when it is to be shared", app.App)
	case len(of.NodeGroups) == 0:
		return resource.Invalid("dpathenv", "spec.apps.nodegroup", nil, "app %s has no public node group that one could be made like: name one", app.App)
	case len(groupOf(o, app)) > 56:
		return resource.Invalid("dpathenv", "name", o.Name, "with that of app %s it is longer than 56 characters, which a node group may have", app.App)
	}
	if app.Flavor == "" {
		return nil
	}
	_, err := find[json.RawMessage, json.RawMessage](ctx, a, "flavor", "", app.Flavor, "spec.apps.flavor", "dpathenv")
	return err
}

// planned are environments as they are to be, however far they are.
func planned(envs []DpathEnv) []DpathEnv {
	for i := range envs {
		envs[i].Status = DpathEnvStatus{Stage: StageActive}
		for _, a := range envs[i].Spec.Apps {
			envs[i].Status.Nodes = append(envs[i].Status.Nodes, EnvNodes{App: a.App, Joined: true})
		}
	}
	return envs
}

// quorum reads a count or a share.
func quorum(text string) (q dpath.Quorum, err error) {
	raw := text
	if text != "" && text[len(text)-1] == '%' {
		raw = fmt.Sprintf("%q", text)
	}
	err = json.Unmarshal([]byte(raw), &q)
	return q, err
}
