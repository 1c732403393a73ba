package bundle

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/resource"
)

// Spec is a deployed blueprint.
type Spec struct {
	Blueprint  string            `json:"blueprint"`
	Size       string            `json:"size"`
	Parameters map[string]any    `json:"parameters,omitempty"`
	Secrets    map[string]string `json:"secrets,omitempty" doc:"Secret parameters; made when not given, encrypted, never returned"`
	Digest     string            `json:"digest,omitempty" readOnly:"true" doc:"Of the blueprint that was applied"`
	Version    string            `json:"version,omitempty" readOnly:"true"`
}

// Status is how far the deployment is.
type Status struct {
	Resources []Member       `json:"resources,omitempty"`
	Outputs   map[string]any `json:"outputs,omitempty"`
	Health    *HealthReport  `json:"health,omitempty"`
}

// Member is one resource of the deployment's graph.
type Member struct {
	Key       string         `json:"key"`
	Kind      string         `json:"kind"`
	Name      string         `json:"name"`
	ID        string         `json:"id,omitempty"`
	Phase     resource.Phase `json:"phase,omitempty"`
	Message   string         `json:"message,omitempty"`
	DependsOn []string       `json:"dependsOn,omitempty"`
	Stated    []string       `json:"stated,omitempty" doc:"Fields of its spec that the blueprint states; the others are whoever's who may change it"`
}

// HealthReport is what the workload answered.
type HealthReport struct {
	OK      bool            `json:"ok"`
	URL     string          `json:"url"`
	Message string          `json:"message,omitempty"`
	Answer  json.RawMessage `json:"answer,omitempty" doc:"What the workload says of its parts"`
	Since   time.Time       `json:"since"`
}

// Bundle is a deployed blueprint.
type Bundle = resource.Object[Spec, Status]

const (
	healthEvery = 10 * time.Second
	healthLimit = 64 << 10
)

// Deployer deploys the blueprints of a catalogue.
type Deployer struct {
	Catalogue *Catalogue
	HTTP      *http.Client
}

// Register adds the kind bundle.
func (d *Deployer) Register(reg *resource.Registry) {
	resource.Register(reg, resource.Kind[Spec, Status]{
		Name: "bundle", Plural: "bundles", Doc: "A deployed blueprint: a whole service as one object.",
		Columns: []resource.Column{{Header: "BLUEPRINT", Path: "spec.blueprint"}, {Header: "SIZE", Path: "spec.size"}, {Header: "VERSION", Path: "spec.version"},
			{Header: "HEALTHY", Path: "status.health.ok"}, {Header: "ENTRY", Path: "status.outputs.entry"}},
		Indexed:   []string{"spec.blueprint"},
		Secrets:   []string{"secrets"},
		Charge:    func(*Bundle) resource.Charges { return resource.Charges{"bundles": 1} },
		Default:   d.defaults,
		Validate:  d.validate,
		Reconcile: d.reconcile,
		// What it made belongs to it and goes before it.
		Delete: func(context.Context, *resource.Reconciliation, *Bundle) (resource.Result, error) {
			return resource.Result{Done: true}, nil
		},
	})
}

// defaults fills in parameters and makes secrets that are missing; secrets given as parameters are moved away from them.
func (d *Deployer) defaults(_ context.Context, a *resource.Admission, o *Bundle) error {
	b, err := d.Catalogue.Blueprint(o.Spec.Blueprint)
	if err != nil {
		return err
	}
	if o.Spec.Parameters == nil {
		o.Spec.Parameters = map[string]any{}
	}
	if o.Spec.Secrets == nil {
		o.Spec.Secrets = map[string]string{}
	}
	for name, p := range b.Parameters {
		v, given := o.Spec.Parameters[name]
		switch {
		case p.Secret && given:
			o.Spec.Secrets[name] = fmt.Sprint(v)
			delete(o.Spec.Parameters, name)
		case p.Secret && o.Spec.Secrets[name] == "" && p.Generate > 0 && !a.DryRun:
			if o.Spec.Secrets[name], err = secret(p.Generate); err != nil {
				return err
			}
		case !p.Secret && !given && p.Default != nil:
			o.Spec.Parameters[name] = p.Default
		}
	}
	o.Spec.Digest, o.Spec.Version = b.Digest, b.Version
	return nil
}

func secret(n int) (string, error) {
	random := make([]byte, n)
	_, err := rand.Read(random)
	return base64.RawURLEncoding.EncodeToString(random), err
}

func (d *Deployer) validate(_ context.Context, a *resource.Admission, old, o *Bundle) error {
	b, err := d.Catalogue.Blueprint(o.Spec.Blueprint)
	if err != nil {
		return err
	}
	var fields []resource.Field
	if _, ok := b.Sizes[o.Spec.Size]; !ok {
		sizes := make([]string, 0, len(b.Sizes))
		for s := range b.Sizes {
			sizes = append(sizes, s)
		}
		fields = append(fields, resource.Field{Path: "spec.size", Value: o.Spec.Size, Message: fmt.Sprintf("sizes are %v", sizes)})
	}
	if old != nil && old.Spec.Blueprint != o.Spec.Blueprint {
		fields = append(fields, resource.Field{Path: "spec.blueprint", Message: "can not be changed; make another bundle"})
	}
	for name, v := range o.Spec.Parameters {
		p, ok := b.Parameters[name]
		if !ok {
			fields = append(fields, resource.Field{Path: "spec.parameters." + name, Message: "there is no such parameter"})
			continue
		}
		if msg := p.mismatch(v); msg != "" {
			fields = append(fields, resource.Field{Path: "spec.parameters." + name, Value: v, Message: msg})
		}
	}
	for name, p := range b.Parameters {
		_, given := o.Spec.Parameters[name]
		if !given && o.Spec.Secrets[name] == "" && (p.Generate == 0 || !a.DryRun) {
			fields = append(fields, resource.Field{Path: "spec.parameters." + name, Message: "is needed: " + p.Description})
		}
	}
	if fields != nil {
		return &resource.Problem{Reason: resource.ReasonInvalid, Kind: "bundle", Detail: "the bundle is not valid", Fields: fields}
	}
	return nil
}

func (p Parameter) mismatch(v any) string {
	switch x := v.(type) {
	case string:
		if p.Type != "string" {
			return "is " + p.Type
		}
		if ok, err := regexp.MatchString(p.Pattern, x); p.Pattern != "" && (err != nil || !ok) {
			return "does not match " + p.Pattern
		}
	case float64:
		if p.Type != "integer" || x != float64(int64(x)) {
			return "is " + p.Type
		}
	case int, int64, uint64:
		if p.Type != "integer" {
			return "is " + p.Type
		}
	case bool:
		if p.Type != "boolean" {
			return "is " + p.Type
		}
	default:
		return "is " + p.Type
	}
	return ""
}

// reconcile makes the resources whose references are known, removes those the blueprint no longer has, and asks the
// workload how it is.
func (d *Deployer) reconcile(ctx context.Context, r *resource.Reconciliation, o *Bundle) (resource.Result, error) {
	b, err := d.Catalogue.Blueprint(o.Spec.Blueprint)
	if err != nil {
		return resource.Result{}, err
	}
	if o.Spec.Digest != b.Digest {
		o.SetCondition(resource.Condition{Type: "Upgrade", Status: resource.True, Reason: "BlueprintChanged", Message: "version " + b.Version + " is at hand; apply the bundle again to take it"})
		return d.checkHealth(ctx, o)
	}
	o.SetCondition(resource.Condition{Type: "Upgrade", Status: resource.False, Reason: "UpToDate"})
	g, err := newGraph(b, o)
	if err != nil {
		return resource.Result{}, err
	}
	before := o.Status.Resources
	o.Status.Resources = nil
	ready := 0
	for _, key := range b.order {
		m, err := g.apply(ctx, r, key)
		if err != nil {
			keep(o, before)
			return resource.Result{}, err
		}
		if m == nil {
			continue
		}
		o.Status.Resources = append(o.Status.Resources, *m)
		if m.Phase == resource.PhaseReady {
			ready++
		}
	}
	surplus, err := g.removeSurplus(ctx, r, before, o.Status.Resources)
	if err != nil {
		return resource.Result{}, err
	}
	if ready < len(o.Status.Resources) || surplus > 0 {
		return resource.Result{Again: 500 * time.Millisecond, Progress: 90 * ready / len(o.Status.Resources), Degraded: o.ObservedGeneration == o.Generation,
			Message: fmt.Sprintf("%d of %d resources are ready; %s", ready, len(o.Status.Resources), waiting(o.Status.Resources))}, nil
	}
	if err := g.outputs(o); err != nil {
		return resource.Result{}, err
	}
	return d.checkHealth(ctx, o)
}

// keep leaves the members that this pass did not reach as they were known before.
func keep(o *Bundle, before []Member) {
	known := map[string]bool{}
	for _, m := range o.Status.Resources {
		known[m.Key] = true
	}
	for _, m := range before {
		if !known[m.Key] {
			o.Status.Resources = append(o.Status.Resources, m)
		}
	}
}

func waiting(members []Member) string {
	var names []string
	for _, m := range members {
		if m.Phase != resource.PhaseReady && len(names) < 4 {
			text := m.Kind + " " + m.Name
			if m.Message != "" {
				text += " (" + m.Message + ")"
			}
			names = append(names, text)
		}
	}
	return "waiting for " + strings.Join(names, ", ")
}
