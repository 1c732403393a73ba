package resource

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"sort"
	"strings"
	"time"
)

// Scoping says whether objects of a kind belong to a project or to the whole installation.
type Scoping string

const (
	Projected Scoping = "project"
	Global    Scoping = "global"
	Shared    Scoping = "shared" // either, as each says for itself; a project may use its own and everybody's
)

// Column is what tables of a kind show: a header and a path into the object such as status.address.
type Column struct {
	Header string `json:"header"`
	Path   string `json:"path"`
}

// Charges are quota amounts by metric, e.g. {"servers": 1, "vcpus": 2, "ram_mib": 512}.
type Charges map[string]int64

// Measures are what usage is metered by while the object stays as it is; same shape as Charges.
type Measures map[string]int64

// Kind describes a kind of resource with its own types: S is its spec, T its status. It is all that there is to write
// for a new one; routes, CLI noun, quota, audit, watch and pages follow from it.
type Kind[S, T any] struct {
	Name    string // singular, lower case: server
	Plural  string // servers
	Doc     string // one sentence
	Scoping Scoping
	Columns []Column
	// Indexed are paths whose values lists can be filtered by, e.g. spec.flavor. Labels always can.
	Indexed []string
	// Lent is the indexed path of a field of the spec with ids of nodes of the tree: projects at and below those may use an
	// object of another project. It is for kinds that are shared.
	Lent string
	// Secrets are top-level fields of the spec that are encrypted at rest and never returned.
	Secrets []string
	// Wakes are the kinds whose objects look again when the spec changes, each with the indexed path by which they name
	// the object: server → spec.flavor.
	Wakes map[string]string
	// HeedsLimits makes all objects look again when a limit of anybody's is set.
	HeedsLimits bool
	// Versions keeps earlier specs and lets subscribers follow them; nil: the audit alone tells of them.
	Versions *Versions[S, T]

	// Default fills in what the request left out.
	Default func(ctx context.Context, a *Admission, o *Object[S, T]) error
	// Validate refuses what can not be; old is nil on creation.
	Validate func(ctx context.Context, a *Admission, old, o *Object[S, T]) error
	// ValidateDelete refuses the deletion of what is in use.
	ValidateDelete func(ctx context.Context, a *Admission, o *Object[S, T]) error
	// Charge tells what the object takes from its project's quota.
	Charge func(o *Object[S, T]) Charges
	// Forecast tells what the object and those it will make are going to take; nil: what Charge tells.
	Forecast func(ctx context.Context, r Reader, o *Object[S, T]) (Charges, error)
	// Meter tells what usage is metered by.
	Meter func(o *Object[S, T]) Measures
	// Reconcile brings the world nearer to the spec and writes what it sees into the status. It is called again until
	// it answers Done for the current generation, and whenever something may have changed. Nil: nothing to do.
	Reconcile func(ctx context.Context, r *Reconciliation, o *Object[S, T]) (Result, error)
	// Retire is called on deletion before anything that the object made goes; Done lets it go. Nil: it goes at once.
	Retire func(ctx context.Context, r *Reconciliation, o *Object[S, T]) (Result, error)
	// Delete removes what Reconcile made; Done means that nothing is left. Nil: nothing to remove.
	Delete func(ctx context.Context, r *Reconciliation, o *Object[S, T]) (Result, error)
	// Actions are further verbs by name.
	Actions map[string]Action[S, T]
	// Verbs are those that are allowed by themselves and change nothing of the object, such as working at its console.
	Verbs []string
}

// Action is a verb beyond create, update and delete. It changes the desired state; Reconcile does the rest.
type Action[S, T any] struct {
	Doc string
	// Input is a pointer to a zero value of the action's input, nil when it takes none.
	Input any
	// Apply changes o's spec; input is what Input pointed to, filled in.
	Apply func(ctx context.Context, a *Admission, o *Object[S, T], input any) error
}

// Result is the outcome of one reconciliation.
type Result struct {
	Done     bool          // desired and observed agree, or, on deletion, nothing is left
	Again    time.Duration // how soon to look again; zero means the engine's own pace, and never when done
	Progress int           // percent
	Message  string        // what is going on, for the operation
	Degraded bool          // it was Ready before and is not now
}

// Admission is what Default and Validate may look at.
type Admission struct {
	Reader
	Actor  Actor
	Verb   string // create, update, or the action that is performed
	DryRun bool
	// Pool reads a pool's capacity and claims by metric.
	Pool func(ctx context.Context, pool string) (map[string]QuotaUsage, error)
	// Around tells placement what it has to know of others.
	Around Surroundings
	// Node is the id of a node of the tree that the actor sees, by its full name or id.
	Node func(ctx context.Context, idOrName string) (string, error)
	// Plan is where the object would go, for who only asks.
	Plan *PlacementPlan
	// Version reads an earlier spec of an object of a versioned kind.
	Version func(ctx context.Context, m Meta, version int64) (Version, error)

	relies []Meta
}

// Reconciliation is what Reconcile and Delete may use besides their own object.
type Reconciliation struct {
	Reader
	Writer
	Claims
	// Cause tells what made the engine look again, when it was a report from a backend.
	Cause string
	// Note writes an audit row about the object, e.g. about a change made behind Plaza's back.
	Note func(verb, note string)
	// Touch makes the engine look at another object as soon as what this pass found is written; a pass that fails to write it
	// touches nothing.
	Touch func(kind, id, cause string)
	// Pool reads a pool's capacity and claims by metric.
	Pool func(ctx context.Context, pool string) (map[string]QuotaUsage, error)
	// Ceilings lists by project what it may have in a region at most, of these metrics: the least limit on its way up the
	// tree. Projects are those that have or had something there; a metric that nothing limits is absent.
	Ceilings func(ctx context.Context, region string, metrics []string) (map[string]Charges, error)
	// Around tells placement what it has to know of others.
	Around Surroundings
	// Subscribers are the last heard of all that follow an object of a versioned kind.
	Subscribers func(ctx context.Context, kind, id string) ([]Subscriber, error)
}

// Reader reads objects within a scope.
type Reader interface {
	// Get finds an object by id, or by name within a project.
	Get(ctx context.Context, kind, project, nameOrID string) (Raw, error)
	List(ctx context.Context, q Query) (Page, error)
}

// Writer changes objects in the name of the system; it is idempotent by name.
type Writer interface {
	Apply(ctx context.Context, r Request) (Applied, error)
	Remove(ctx context.Context, kind, id string) (Applied, error)
	// Leave is Apply for what stays when the object goes. Nothing tells later that it is this object's: idempotent it is by the
	// key, which is this object's own.
	Leave(ctx context.Context, key string, r Request) (Applied, error)
}

// Definition is a kind with its types erased.
type Definition struct {
	Name, Plural, Doc string
	Scoping           Scoping
	Columns           []Column
	Indexed           []string
	Lent              string // "" for kinds that are not lent
	Secrets           []string
	Wakes             map[string]string // path by kind
	HeedsLimits       bool
	ObjectType        reflect.Type // Object[S, T]
	SpecType          reflect.Type
	StatusType        reflect.Type
	Actions           []ActionDefinition
	Verbs             []string
	Reconciles        bool
	Versions          int // how many specs are kept; 0: the kind is not versioned
	Fields            []ListField
	metered           bool

	admit          func(ctx context.Context, a *Admission, old, o *Raw) (Charges, Measures, error)
	validateDelete func(ctx context.Context, a *Admission, o Raw) error
	reconcile      func(ctx context.Context, r *Reconciliation, o *Raw) (Result, error)
	retire         func(ctx context.Context, r *Reconciliation, o *Raw) (Result, error)
	remove         func(ctx context.Context, r *Reconciliation, o *Raw) (Result, error)
	act            func(ctx context.Context, a *Admission, o *Raw, action string, input json.RawMessage) error
	meter          func(o Raw) (Measures, error)
	charges        func(o Raw) (Charges, error)
	forecast       func(ctx context.Context, r Reader, o Raw) (Charges, error)
	describe       func(o Raw) (hash, comment string, err error) // nil: not versioned
	tally          func(o *Raw, t Tally) error                   // nil: there is nothing to count
}

// ActionDefinition is an action with its types erased.
type ActionDefinition struct {
	Name, Doc string
	Input     reflect.Type // nil: none
}

// Registry holds the kinds of an installation.
type Registry struct {
	kinds  map[string]*Definition
	locate Locator // nil: there are no regions
}

// NewRegistry returns an empty registry.
func NewRegistry() *Registry { return &Registry{kinds: map[string]*Definition{}} }

// Kind returns a kind by its name or plural.
func (r *Registry) Kind(name string) (*Definition, error) {
	if d, ok := r.kinds[name]; ok {
		return d, nil
	}
	for _, d := range r.kinds {
		if d.Plural == name {
			return d, nil
		}
	}
	return nil, Problemf(ReasonNotFound, "", "kinds are: "+strings.Join(r.names(), ", "), "there is no kind %q", name)
}

// Kinds returns every kind, sorted by name.
func (r *Registry) Kinds() []*Definition {
	out := make([]*Definition, 0, len(r.kinds))
	for _, n := range r.names() {
		out = append(out, r.kinds[n])
	}
	return out
}

func (r *Registry) names() []string {
	names := make([]string, 0, len(r.kinds))
	for n := range r.kinds {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// Register adds a kind; a name used twice is a programming error and panics.
func Register[S, T any](r *Registry, k Kind[S, T]) {
	if _, dup := r.kinds[k.Name]; dup || k.Name == "" || k.Plural == "" {
		panic(fmt.Sprintf("resource: kind %q registered twice or without a name", k.Name))
	}
	if k.Scoping == "" {
		k.Scoping = Projected
	}
	d := &Definition{Name: k.Name, Plural: k.Plural, Doc: k.Doc, Scoping: k.Scoping, Columns: k.Columns, Indexed: k.Indexed, Lent: k.Lent, Secrets: k.Secrets, Wakes: k.Wakes, HeedsLimits: k.HeedsLimits, Verbs: k.Verbs,
		ObjectType: reflect.TypeFor[Object[S, T]](), SpecType: reflect.TypeFor[S](), StatusType: reflect.TypeFor[T](), Reconciles: k.Reconcile != nil || k.Delete != nil, metered: k.Meter != nil}
	for name, a := range k.Actions {
		def := ActionDefinition{Name: name, Doc: a.Doc}
		if a.Input != nil {
			def.Input = reflect.TypeOf(a.Input).Elem()
		}
		d.Actions = append(d.Actions, def)
	}
	sort.Slice(d.Actions, func(i, j int) bool { return d.Actions[i].Name < d.Actions[j].Name })
	d.Fields = listFields(d)
	d.erase(eraser[S, T]{k})
	eraser[S, T]{k}.versions(d)
	r.kinds[k.Name] = d
}
