// Package bundle deploys blueprints: declarative descriptions of a whole service as resources that refer to each
// other. References make the graph, expressions are CEL, sizes are named sets of values.
package bundle

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"sort"

	"github.com/goccy/go-yaml"

	"github.com/plazacloud/plaza/pkg/resource"
)

// Blueprint describes a service.
type Blueprint struct {
	Name        string               `yaml:"name" json:"name"`
	Version     string               `yaml:"version" json:"version"`
	Title       string               `yaml:"title" json:"title"`
	Description string               `yaml:"description" json:"description,omitempty"`
	Parameters  map[string]Parameter `yaml:"parameters" json:"parameters,omitempty"`
	Sizes       map[string]Size      `yaml:"sizes" json:"sizes"`
	Locals      []Local              `yaml:"locals" json:"-"`
	Resources   map[string]Template  `yaml:"resources" json:"-"`
	Outputs     map[string]string    `yaml:"outputs" json:"-"`
	Health      *Health              `yaml:"health" json:"-"`
	Dpath       *Dpath               `yaml:"dpath" json:"-"`

	Digest string `yaml:"-" json:"digest"`
	order  []string
	deps   map[string][]string
}

// Parameter is what a user may choose.
type Parameter struct {
	Type        string `yaml:"type" json:"type" enum:"string,integer,boolean"`
	Description string `yaml:"description" json:"description,omitempty"`
	Default     any    `yaml:"default" json:"default,omitempty"`
	Secret      bool   `yaml:"secret" json:"secret,omitempty"`
	Generate    int    `yaml:"generate" json:"generate,omitempty"` // bytes of a random secret, when none is given
	Pattern     string `yaml:"pattern" json:"pattern,omitempty"`
}

// Size is a named set of values for expressions.
type Size struct {
	Description string         `yaml:"description" json:"description"`
	Values      map[string]any `yaml:"values" json:"values"`
}

// Local is a value computed once and used in several places, as local.NAME.
type Local struct {
	Name  string `yaml:"name"`
	Value any    `yaml:"value"`
}

// Template is one resource; strings within Spec, Labels and When may hold ${expressions}.
type Template struct {
	Kind   string            `yaml:"kind" json:"kind"`
	Name   string            `yaml:"name" json:"name,omitempty"` // default: bundle name and key
	When   string            `yaml:"when" json:"when,omitempty"` // made only when this is true
	Labels map[string]string `yaml:"labels" json:"labels,omitempty"`
	Spec   map[string]any    `yaml:"spec" json:"spec"`
}

// Health is what the workload itself answers: GET URL gives 200 and a JSON object whose field status is ok.
type Health struct {
	URL string `yaml:"url"`
}

// Dpath says how the dedicated paths of the deployed service are probed. Every field may hold expressions.
type Dpath struct {
	Entry string   `yaml:"entry"` // URL of the entry
	KeyID string   `yaml:"keyId"`
	Key   string   `yaml:"key"` // hex
	Envs  []string `yaml:"envs"`
	Paths []string `yaml:"paths"`
}

var identifier = regexp.MustCompile(`^[a-z][a-zA-Z0-9_]{0,47}$`)

// Parse reads a blueprint strictly and checks every expression and reference in it.
func Parse(text []byte, reg *resource.Registry) (*Blueprint, error) {
	b := &Blueprint{}
	if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(b); err != nil {
		return nil, resource.Problemf(resource.ReasonInvalid, "blueprint", "", "not a blueprint: %w", err)
	}
	sum := sha256.Sum256(text)
	b.Digest = hex.EncodeToString(sum[:])
	if err := b.check(reg); err != nil {
		return nil, err
	}
	if err := b.checkExpressions(); err != nil {
		return nil, err
	}
	return b, b.sort()
}

func (b *Blueprint) check(reg *resource.Registry) error {
	var fields []resource.Field
	wrong := func(path, format string, args ...any) {
		fields = append(fields, resource.Field{Path: path, Message: fmt.Sprintf(format, args...)})
	}
	if b.Name == "" || b.Version == "" {
		wrong("name", "name and version are needed")
	}
	if len(b.Resources) == 0 || len(b.Sizes) == 0 {
		wrong("resources", "at least one resource and one size are needed")
	}
	for name, p := range b.Parameters {
		if !slices.Contains([]string{"string", "integer", "boolean"}, p.Type) {
			wrong("parameters."+name+".type", "is string, integer or boolean")
		}
		if _, err := regexp.Compile(p.Pattern); err != nil {
			wrong("parameters."+name+".pattern", "%v", err)
		} else if p.Default != nil && p.mismatch(p.Default) != "" {
			wrong("parameters."+name+".default", "%s", p.mismatch(p.Default))
		}
	}
	for key, t := range b.Resources {
		if !identifier.MatchString(key) {
			wrong("resources."+key, "keys begin with a lower-case letter; letters, digits and _ follow")
		}
		if reg != nil {
			if _, err := reg.Kind(t.Kind); err != nil {
				wrong("resources."+key+".kind", "%v", err)
			}
		}
	}
	if fields != nil {
		return &resource.Problem{Reason: resource.ReasonInvalid, Kind: "blueprint", Detail: "the blueprint is not valid", Fields: fields}
	}
	return nil
}

// checkExpressions looks at those outside of resources, whose mistakes would show only once everything is deployed.
func (b *Blueprint) checkExpressions() error {
	var fields []resource.Field
	look := func(path string, value any, resources bool) {
		refs, err := referred(value)
		if err != nil {
			fields = append(fields, resource.Field{Path: path, Message: err.Error()})
		}
		for _, r := range refs {
			if _, ok := b.Resources[r]; !ok {
				fields = append(fields, resource.Field{Path: path, Value: r, Message: "refers to resources." + r + ", which is not there"})
			} else if !resources {
				fields = append(fields, resource.Field{Path: path, Value: r, Message: "is computed before there are resources"})
			}
		}
	}
	for _, l := range b.Locals {
		look("locals."+l.Name, l.Value, false)
	}
	for name, text := range b.Outputs {
		look("outputs."+name, text, true)
	}
	if b.Health != nil {
		look("health.url", b.Health.URL, true)
	}
	if b.Dpath != nil {
		look("dpath.entry", b.Dpath.Entry, true)
		look("dpath.key", b.Dpath.Key, true)
	}
	if fields != nil {
		return &resource.Problem{Reason: resource.ReasonInvalid, Kind: "blueprint", Detail: "the blueprint is not valid", Fields: fields}
	}
	return nil
}

// sort finds what each resource refers to, and an order in which no resource comes before what it refers to.
func (b *Blueprint) sort() error {
	b.deps = map[string][]string{}
	for key, t := range b.Resources {
		refs, err := references(t)
		if err != nil {
			return resource.Invalid("blueprint", "resources."+key, nil, "%v", err)
		}
		for _, r := range refs {
			if _, ok := b.Resources[r]; !ok || r == key {
				return resource.Invalid("blueprint", "resources."+key, r, "refers to resources.%s, which is not there", r)
			}
		}
		b.deps[key] = refs
	}
	state := map[string]int{}
	var visit func(key string) error
	visit = func(key string) error {
		switch state[key] {
		case 1:
			return resource.Invalid("blueprint", "resources."+key, nil, "refers to itself through others")
		case 2:
			return nil
		}
		state[key] = 1
		for _, d := range b.deps[key] {
			if err := visit(d); err != nil {
				return err
			}
		}
		state[key] = 2
		b.order = append(b.order, key)
		return nil
	}
	keys := make([]string, 0, len(b.Resources))
	for k := range b.Resources {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		if err := visit(k); err != nil {
			return err
		}
	}
	return nil
}

// Catalogue holds the blueprints of this installation by name.
type Catalogue struct{ blueprints map[string]*Blueprint }

// Load reads every blueprint.yaml below the top folders of files.
func Load(files fs.FS, reg *resource.Registry) (*Catalogue, error) {
	c := &Catalogue{blueprints: map[string]*Blueprint{}}
	paths, err := fs.Glob(files, "*/blueprint.yaml")
	if err != nil {
		return nil, err
	}
	var failed error
	for _, p := range paths {
		text, err := fs.ReadFile(files, p)
		if err != nil {
			return nil, err
		}
		b, err := Parse(text, reg)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", p, err))
			continue
		}
		c.blueprints[b.Name] = b
	}
	return c, failed
}

// Blueprint returns a blueprint by name.
func (c *Catalogue) Blueprint(name string) (*Blueprint, error) {
	if b, ok := c.blueprints[name]; ok {
		return b, nil
	}
	return nil, &resource.Problem{Reason: resource.ReasonInvalid, Kind: "bundle", Detail: "the bundle is not valid", Hint: "list them with: plaza blueprint list",
		Fields: []resource.Field{{Path: "spec.blueprint", Value: name, Message: "there is no such blueprint"}}}
}

// List returns every blueprint, sorted by name.
func (c *Catalogue) List() []*Blueprint {
	out := make([]*Blueprint, 0, len(c.blueprints))
	for _, b := range c.blueprints {
		out = append(out, b)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

func canonical(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(text)
}
