// Command gen writes nouns.gen.go: for each kind of the server's document its description and the calls of the
// generated client that belong to it; and calls.gen.go: the document's operations.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"os"
	"sort"
	"strings"
	"text/template"
	"unicode"

	"github.com/goccy/go-yaml"
)

func main() {
	in := flag.String("in", "../api/openapi.yaml", "the server's document")
	flag.Parse()
	if err := run(*in); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// document is what is read of the OpenAPI document.
type document struct {
	Tags []struct {
		Kind *kind `yaml:"x-plaza-kind"`
	} `yaml:"tags"`
	Paths      map[string]map[string]operation `yaml:"paths"`
	Components struct {
		Schemas map[string]schema `yaml:"schemas"`
	} `yaml:"components"`
}

type operation struct {
	ID         string `yaml:"operationId"`
	Summary    string `yaml:"summary"`
	Parameters []struct {
		Name string `yaml:"name"`
		In   string `yaml:"in"`
	} `yaml:"parameters"`
	Body      content            `yaml:"requestBody"`
	Responses map[string]content `yaml:"responses"`
	Kind      struct {
		Name string `yaml:"name"`
		Verb string `yaml:"verb"`
	} `yaml:"x-plaza-kind"`
}

// content is a body's forms, by media type.
type content struct {
	Content map[string]any `yaml:"content"`
}

type schema struct {
	Ref         string            `yaml:"$ref"`
	Type        any               `yaml:"type"`
	Description string            `yaml:"description"`
	Enum        []any             `yaml:"enum"`
	Required    []string          `yaml:"required"`
	ReadOnly    bool              `yaml:"readOnly"`
	WriteOnly   bool              `yaml:"writeOnly"`
	Items       *schema           `yaml:"items"`
	Properties  map[string]schema `yaml:"properties"`
	Additional  any               `yaml:"additionalProperties"`
}

type kind struct {
	Name    string                              `yaml:"name"`
	Plural  string                              `yaml:"plural"`
	Doc     string                              `yaml:"doc"`
	Scoping string                              `yaml:"scoping"`
	Columns []struct{ Header, Path string }     `yaml:"columns"`
	Indexed []string                            `yaml:"indexed"`
	Fields  map[string]string                   `yaml:"fields"`
	Secrets []string                            `yaml:"secrets"`
	Actions []struct{ Name, Doc, Input string } `yaml:"actions"`
	Async   bool                                `yaml:"async"`

	Calls map[string]string // Go name of the call, by verb
	Spec  string
	Takes map[string]string // schema of an action's input, as Go
}

func run(in string) error {
	text, err := os.ReadFile(in) // #nosec G304 -- the developer names the file
	if err != nil {
		return err
	}
	var doc document
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return err
	}
	kinds, err := doc.kinds()
	if err != nil {
		return err
	}
	if err := write("nouns.gen.go", page, kinds); err != nil {
		return err
	}
	return write("calls.gen.go", callTable, doc.calls())
}

func write(file string, form *template.Template, data any) error {
	var b bytes.Buffer
	if err := form.Execute(&b, data); err != nil {
		return err
	}
	source, err := format.Source(b.Bytes())
	if err != nil {
		return fmt.Errorf("%w in\n%s", err, b.Bytes())
	}
	return os.WriteFile(file, source, 0o644) // #nosec G306 -- a source file
}

// kinds puts together what stands in several places of the document.
func (d *document) kinds() ([]*kind, error) {
	calls := map[string]map[string]string{}
	for _, path := range d.Paths {
		for _, op := range path {
			if op.Kind.Verb == "" {
				continue
			}
			if calls[op.Kind.Name] == nil {
				calls[op.Kind.Name] = map[string]string{}
			}
			calls[op.Kind.Name][op.Kind.Verb] = pascal(op.ID)
		}
	}
	var out []*kind
	for _, t := range d.Tags {
		k := t.Kind
		if k == nil {
			continue
		}
		k.Calls, k.Takes = calls[k.Name], map[string]string{}
		k.Spec = d.properties("#/components/schemas/"+pascal(k.Name)+"Spec", 0)
		for _, a := range k.Actions {
			if a.Input != "" {
				k.Takes[a.Name] = d.properties("#/components/schemas/"+a.Input, 0)
			}
		}
		for _, verb := range []string{"list", "get", "create", "update", "patch", "delete", "listOperations", "listHistory"} {
			if k.Calls[verb] == "" {
				return nil, fmt.Errorf("kind %s has no %s", k.Name, verb)
			}
		}
		out = append(out, k)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out, nil
}

// deepest bounds schemas that contain themselves.
const deepest = 4

// properties writes the fields of a schema as Go.
func (d *document) properties(ref string, depth int) string {
	s := d.resolve(schema{Ref: ref})
	if len(s.Properties) == 0 || depth > deepest {
		return "nil"
	}
	required := map[string]bool{}
	for _, name := range s.Required {
		required[name] = true
	}
	names := make([]string, 0, len(s.Properties))
	for name := range s.Properties {
		if !strings.HasPrefix(name, "$") {
			names = append(names, name)
		}
	}
	sort.Slice(names, func(i, j int) bool {
		if required[names[i]] != required[names[j]] {
			return required[names[i]]
		}
		return names[i] < names[j]
	})
	var b strings.Builder
	b.WriteString("[]Property{\n")
	for _, name := range names {
		b.WriteString(d.property(name, s.Properties[name], required[name], depth) + ",\n")
	}
	b.WriteString("}")
	return b.String()
}

func (d *document) property(name string, p schema, required bool, depth int) string {
	full := d.resolve(p)
	if p.Description != "" {
		full.Description = p.Description
	}
	parts := []string{fmt.Sprintf("Name: %q, Type: %q", name, typeOf(full))}
	add := func(cond bool, format string, args ...any) {
		if cond {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	enum := full.Enum
	if full.Items != nil && len(enum) == 0 {
		enum = d.resolve(*full.Items).Enum
	}
	add(full.Description != "", "Doc: %q", full.Description)
	add(len(enum) > 0, "Enum: %s", literal(words(enum)))
	add(required, "Required: true")
	add(full.ReadOnly || p.ReadOnly, "ReadOnly: true") // beside a reference it stands with the property
	add(full.WriteOnly, "Secret: true")
	switch {
	case full.Items != nil:
		items := d.resolve(*full.Items)
		add(true, "Items: %q", typeOf(items))
		add(len(items.Properties) > 0, "Properties: %s", d.properties(full.Items.Ref, depth+1))
	case len(full.Properties) > 0 && p.Ref != "":
		add(true, "Properties: %s", d.properties(p.Ref, depth+1))
	case typeOf(full) == "object":
		add(true, "Items: %q", valuesOf(full.Additional))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func (d *document) resolve(s schema) schema {
	for s.Ref != "" {
		s = d.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
	}
	return s
}

// typeOf reads a type, which may be a list with null in it.
func typeOf(s schema) string {
	list, ok := s.Type.([]any)
	if !ok {
		list = []any{s.Type}
	}
	for _, t := range list {
		if name, ok := t.(string); ok && name != "null" {
			return name
		}
	}
	return ""
}

// valuesOf tells the type of a map's values.
func valuesOf(additional any) string {
	if m, ok := additional.(map[string]any); ok {
		return typeOf(schema{Type: m["type"]})
	}
	return ""
}

func words(list []any) []string {
	out := make([]string, 0, len(list))
	for _, v := range list {
		out = append(out, fmt.Sprint(v))
	}
	return out
}

func literal(list []string) string { return fmt.Sprintf("%#v", list) }

// pascal turns baremetal-node and powerOffServer into BaremetalNode and PowerOffServer.
func pascal(name string) string {
	up := true
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == '.' {
			up = true
			return -1
		}
		if up {
			up = false
			return unicode.ToUpper(r)
		}
		return r
	}, name)
}

var page = template.Must(template.New("nouns").Funcs(template.FuncMap{"literal": literal}).Parse(`// Code generated by gen from the server's document. DO NOT EDIT.

package client

import (
	"context"
	"io"
	"net/http"
)

// Nouns are all kinds of resources, by name.
var Nouns = []Noun{
{{- range .}}
{{- $k := .}}
	{
		Name: {{printf "%q" .Name}}, Plural: {{printf "%q" .Plural}}, Doc: {{printf "%q" .Doc}}, Global: {{eq .Scoping "global"}}, Shared: {{eq .Scoping "shared"}}, Async: {{.Async}},
		Columns: []Column{ {{- range .Columns}}{ {{- printf "%q, %q" .Header .Path -}} }, {{end -}} },
		{{with .Indexed}}Indexed: {{literal .}},{{end}}
		{{with .Fields}}Fields: []Filterable{ {{- range $path, $type := .}}{ {{- printf "%q, %q" $path $type -}} }, {{end -}} },{{end}}
		{{with .Secrets}}Secrets: {{literal .}},{{end}}
		Spec: {{.Spec}},
		{{- if .Actions}}
		Actions: []Action{
			{{- range .Actions}}{{$call := index $k.Calls .Name}}{{$input := index $k.Takes .Name}}
			{Name: {{printf "%q" .Name}}, Doc: {{printf "%q" .Doc}}, {{if $input}}Input: {{$input}}, {{end}}Do: func(ctx context.Context, c *Client, t Target, w Write, body io.Reader) (*http.Response, error) {
				p := &{{$call}}Params{Project: opt(t.Project), IdempotencyKey: opt(w.Key), IfMatch: opt(w.IfMatch)}
				{{if $input}}return c.{{$call}}WithBody(ctx, t.ID, p, "application/json", body){{else}}return c.{{$call}}(ctx, t.ID, p){{end}}
			}},
			{{- end}}
		},
		{{- end}}
		List: func(ctx context.Context, c *Client, q ListQuery) (*http.Response, error) {
			return c.{{.Calls.list}}(ctx, &{{.Calls.list}}Params{Project: opt(q.Project), Limit: number(q.Limit), After: opt(q.After), Name: opt(q.Name),
				Phase: opt({{.Calls.list}}ParamsPhase(q.Phase)), Owner: opt(q.Owner), Label: optList(q.Labels), Field: optList(q.Fields), Filter: optList(q.Filters), Search: opt(q.Search),
				Sort: opt({{.Calls.list}}ParamsSort(q.Sort)), Fields: optList(q.Select), Count: opt({{.Calls.list}}ParamsCount(q.Count))})
		},
		Get: func(ctx context.Context, c *Client, t Target) (*http.Response, error) {
			return c.{{.Calls.get}}(ctx, t.ID, &{{.Calls.get}}Params{Project: opt(t.Project)})
		},
		Create: func(ctx context.Context, c *Client, w Write, body io.Reader) (*http.Response, error) {
			return c.{{.Calls.create}}WithBody(ctx, &{{.Calls.create}}Params{DryRun: opt(w.DryRun), IdempotencyKey: opt(w.Key)}, "application/json", body)
		},
		Update: func(ctx context.Context, c *Client, t Target, w Write, body io.Reader) (*http.Response, error) {
			return c.{{.Calls.update}}WithBody(ctx, t.ID, &{{.Calls.update}}Params{Project: opt(t.Project), DryRun: opt(w.DryRun), IdempotencyKey: opt(w.Key), IfMatch: opt(w.IfMatch)}, "application/json", body)
		},
		Patch: func(ctx context.Context, c *Client, t Target, w Write, body io.Reader) (*http.Response, error) {
			return c.{{.Calls.patch}}WithBody(ctx, t.ID, &{{.Calls.patch}}Params{Project: opt(t.Project), DryRun: opt(w.DryRun), IdempotencyKey: opt(w.Key), IfMatch: opt(w.IfMatch)}, "application/merge-patch+json", body)
		},
		Delete: func(ctx context.Context, c *Client, t Target, w Write) (*http.Response, error) {
			return c.{{.Calls.delete}}(ctx, t.ID, &{{.Calls.delete}}Params{Project: opt(t.Project), DryRun: opt(w.DryRun), IdempotencyKey: opt(w.Key), IfMatch: opt(w.IfMatch)})
		},
		Operations: func(ctx context.Context, c *Client, t Target, q BackQuery) (*http.Response, error) {
			return c.{{.Calls.listOperations}}(ctx, t.ID, &{{.Calls.listOperations}}Params{Project: opt(t.Project), Limit: number(q.Limit), Before: before(q)})
		},
		History: func(ctx context.Context, c *Client, t Target, q BackQuery) (*http.Response, error) {
			return c.{{.Calls.listHistory}}(ctx, t.ID, &{{.Calls.listHistory}}Params{Project: opt(t.Project), Limit: number(q.Limit), Before: before(q)})
		},
	},
{{- end}}
}
`))
