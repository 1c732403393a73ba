package bundle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/plazacloud/plaza/pkg/resource"
)

// graph is a blueprint with a bundle's values.
type graph struct {
	blueprint *Blueprint
	bundle    *Bundle
	values    values
	stated    map[string][]string // by resource, what the blueprint stated the last time
}

func newGraph(b *Blueprint, o *Bundle) (*graph, error) {
	g := &graph{blueprint: b, bundle: o, values: values{Params: maps.Clone(o.Spec.Parameters), Size: numbers(b.Sizes[o.Spec.Size].Values), Local: map[string]any{},
		Bundle: map[string]any{"name": o.Name, "project": o.Project, "id": o.ID, "version": b.Version, "size": o.Spec.Size}, Resources: map[string]any{}}, stated: map[string][]string{}}
	for _, m := range o.Status.Resources {
		g.stated[m.Key] = m.Stated
	}
	if g.values.Params == nil {
		g.values.Params = map[string]any{}
	}
	for name, v := range o.Spec.Secrets {
		g.values.Params[name] = v
	}
	for name, v := range g.values.Params {
		if f, ok := v.(float64); ok && f == float64(int64(f)) {
			g.values.Params[name] = int64(f)
		}
	}
	for _, l := range b.Locals {
		v, err := fill(l.Value, g.values)
		if err != nil && !errors.Is(err, errUnknown) {
			return nil, resource.Invalid("blueprint", "locals."+l.Name, nil, "%v", err)
		}
		if err == nil {
			g.values.Local[l.Name] = v
		}
	}
	return g, nil
}

// numbers gives CEL integers where YAML made other sorts of them.
func numbers(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		if u, ok := v.(uint64); ok {
			v = int64(u) //nolint:gosec // counts in a blueprint are small
		}
		out[k] = v
	}
	return out
}

// request renders a resource, with nothing of its spec but what the blueprint states: who stops a server of a bundle finds it
// stopped. It is nil when its condition is false, errUnknown when it refers to what is not known yet.
func (g *graph) request(key string) (*resource.Request, error) {
	t := g.blueprint.Resources[key]
	if t.When != "" {
		on, err := fillString(condition(t.When), g.values)
		if err != nil {
			return nil, err
		}
		if yes, ok := on.(bool); !ok || !yes {
			return nil, nil
		}
	}
	spec, err := fill(t.Spec, g.values)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(spec)
	if err != nil {
		return nil, err
	}
	labels := map[string]string{"bundle": g.bundle.Name, "bundle-resource": key}
	for k, l := range t.Labels {
		v, err := fillString(l, g.values)
		if err != nil {
			return nil, err
		}
		labels[k] = fmt.Sprint(v)
	}
	name, err := g.name(key)
	return &resource.Request{Kind: t.Kind, Project: g.bundle.Project, Name: name, Labels: labels, Spec: text,
		Partial: true, Unstated: missing(g.stated[key], t.fields())}, err
}

// fields are the names of what a resource's spec states, in order.
func (t Template) fields() []string { return slices.Sorted(maps.Keys(t.Spec)) }

// missing are those of before that are not in now.
func missing(before, now []string) (out []string) {
	for _, f := range before {
		if !slices.Contains(now, f) {
			out = append(out, f)
		}
	}
	return out
}

func (g *graph) name(key string) (string, error) {
	t := g.blueprint.Resources[key]
	if t.Name == "" {
		return g.bundle.Name + "-" + kebab(key), nil
	}
	v, err := fillString(t.Name, g.values)
	return fmt.Sprint(v), err
}

// kebab turns a key such as appLane into app-lane.
func kebab(key string) string {
	var out []byte
	for i := range len(key) {
		c := key[i]
		switch {
		case c == '_':
			c = '-'
		case c >= 'A' && c <= 'Z':
			out = append(out, '-')
			c += 'a' - 'A'
		}
		out = append(out, c)
	}
	return string(out)
}

// apply makes or changes one resource and takes what it became into the values of those that refer to it.
func (g *graph) apply(ctx context.Context, r *resource.Reconciliation, key string) (*Member, error) {
	t := g.blueprint.Resources[key]
	name, err := g.name(key)
	if err != nil {
		return nil, err
	}
	m := &Member{Key: key, Kind: t.Kind, Name: name, DependsOn: g.blueprint.deps[key], Stated: g.stated[key]}
	req, err := g.request(key)
	if errors.Is(err, errUnknown) {
		m.Phase, m.Message = resource.PhasePending, "waits for what it refers to"
		return m, nil
	}
	if err != nil || req == nil {
		return nil, err
	}
	a, err := r.Apply(ctx, *req)
	if resource.ReasonOf(err) == resource.ReasonConflict {
		m.Phase, m.Message = resource.PhasePending, err.Error() // one of the same name is on its way out
		return m, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", t.Kind, name, err)
	}
	m.ID, m.Phase, m.Stated = a.Object.ID, a.Object.Phase, g.blueprint.Resources[key].fields()
	if c := a.Object.Condition("Ready"); c.Status == resource.False {
		m.Message = c.Message
	}
	return m, g.learn(key, a.Object)
}

// learn makes an object known to expressions as resources.KEY.
func (g *graph) learn(key string, o resource.Raw) error {
	var spec, status any
	if err := errors.Join(json.Unmarshal(o.Spec, &spec), json.Unmarshal(o.Status, &status)); err != nil {
		return err
	}
	g.values.Resources[key] = map[string]any{"id": o.ID, "name": o.Name, "spec": spec, "status": status}
	return nil
}

// removeSurplus removes what the bundle made before and its blueprint no longer has; it counts what is still there.
func (g *graph) removeSurplus(ctx context.Context, r *resource.Reconciliation, before, now []Member) (int, error) {
	kindsOf := map[string]bool{}
	wanted := map[string]bool{}
	for _, m := range before {
		kindsOf[m.Kind] = true
	}
	for _, m := range now {
		kindsOf[m.Kind] = true
		wanted[m.Kind+"/"+m.Name] = true
	}
	left := 0
	for kind := range kindsOf {
		err := resource.All(ctx, r, resource.Query{Kind: kind, Fields: map[string]string{"owner": g.bundle.ID}}, func(o resource.Raw) error {
			if wanted[kind+"/"+o.Name] {
				return nil
			}
			left++
			if o.DeletingAt != nil {
				return nil
			}
			_, err := r.Remove(ctx, kind, o.ID)
			if resource.ReasonOf(err) == resource.ReasonInUse {
				return nil // by another surplus one, which goes first
			}
			return err
		})
		if err != nil {
			return left, err
		}
	}
	return left, nil
}

func (g *graph) outputs(o *Bundle) error {
	o.Status.Outputs = map[string]any{}
	for name, text := range g.blueprint.Outputs {
		v, err := fillString(text, g.values)
		if errors.Is(err, errUnknown) {
			continue
		}
		if err != nil {
			return resource.Invalid("blueprint", "outputs."+name, nil, "%v", err)
		}
		o.Status.Outputs[name] = v
	}
	if g.blueprint.Health != nil {
		url, err := fillString(g.blueprint.Health.URL, g.values)
		if err != nil {
			return resource.Invalid("blueprint", "health.url", nil, "%v", err)
		}
		o.Status.Outputs["health"] = fmt.Sprint(url)
	}
	return nil
}
