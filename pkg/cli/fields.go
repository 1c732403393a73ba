package cli

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

// specFlags are flags made from a schema, and what was given of them.
type specFlags struct {
	*app
	given []assignment
}

// assignment is a value for a path.
type assignment struct {
	path  []string
	prop  client.Property
	value any
}

// bind adds a flag for every field that can be written on a command line.
func (s *specFlags) bind(cmd *cobra.Command, list []client.Property) { s.bindAt(cmd, list, nil) }

func (s *specFlags) bindAt(cmd *cobra.Command, list []client.Property, path []string) {
	for _, p := range list {
		at := append(append([]string(nil), path...), p.Name)
		switch {
		case p.ReadOnly:
		case p.Type == "object" && len(p.Properties) > 0:
			s.bindAt(cmd, needed(p), at)
		default:
			s.bindField(cmd, p, at)
		}
	}
}

// needed are the fields of an object; they are only required when it is.
func needed(p client.Property) []client.Property {
	out := append([]client.Property(nil), p.Properties...)
	for i := range out {
		out[i].Required = out[i].Required && p.Required
	}
	return out
}

func (s *specFlags) bindField(cmd *cobra.Command, p client.Property, path []string) {
	name := flagOf(path)
	if cmd.Flags().Lookup(name) != nil {
		name = "spec-" + name
	}
	v := &fieldValue{specFlags: s, prop: p, path: path}
	f := cmd.Flags().VarPF(v, name, "", usage(p, path))
	if p.Type == "boolean" {
		f.NoOptDefVal = "true"
	}
	switch {
	case len(p.Enum) > 0:
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(p.Enum, cobra.ShellCompDirectiveNoFileComp))
	default:
		if n, ok := client.FindNoun(strings.ToLower(p.Name)); ok {
			_ = cmd.RegisterFlagCompletionFunc(name, (&kindCommand{app: s.app, noun: n}).completeAnyName)
		}
	}
}

// reserved are the flags that every command has.
var reserved = map[string]bool{"server": true, "token": true, "context": true, "ca": true, "insecure": true, "project": true, "output": true, "debug": true,
	"timeout": true, "help": true, "version": true, "file": true, "label": true, "set": true, "spec": true, "wait": true, "dry-run": true, "name": true}

// fieldValue is one flag; it is checked as it is parsed.
type fieldValue struct {
	*specFlags
	prop client.Property
	path []string
}

func (v *fieldValue) String() string { return "" }

func (v *fieldValue) Type() string {
	switch v.prop.Type {
	case "integer":
		return "int"
	case "number":
		return "float"
	case "boolean":
		return "bool"
	case "object", "array":
		return "value"
	}
	return "string"
}

func (v *fieldValue) Set(text string) error {
	val, err := v.parse(v.prop, text)
	if err != nil {
		return err
	}
	v.given = append(v.given, assignment{v.path, v.prop, val})
	return nil
}

// parse reads a value of a property from the command line.
func (a *app) parse(p client.Property, text string) (any, error) {
	switch p.Type {
	case "array":
		return a.parseList(p, text)
	case "object":
		if strings.HasPrefix(text, "{") {
			return fromJSON(text)
		}
		key, v, ok := strings.Cut(text, "=")
		if !ok {
			return nil, fmt.Errorf("has the form key=value")
		}
		val, err := a.scalar(p.Items, v)
		return map[string]any{key: val}, err
	case "":
		return guess(text), nil
	}
	return a.scalar(p.Type, text)
}

func (a *app) parseList(p client.Property, text string) (any, error) {
	if strings.HasPrefix(text, "[") {
		return fromJSON(text)
	}
	if p.Items == "object" {
		if strings.HasPrefix(text, "{") {
			v, err := fromJSON(text)
			return []any{v}, err
		}
		one, err := a.parseMembers(p.Properties, text)
		return []any{one}, err
	}
	words, err := csv.NewReader(strings.NewReader(text)).Read()
	if err != nil {
		return nil, err
	}
	out := make([]any, 0, len(words))
	for _, w := range words {
		v, err := a.scalar(p.Items, w)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// parseMembers reads port=80,listen=127.0.0.1:0 as an object; members.port=8080 is a field of an object within it, and a
// list is given by naming it again.
func (a *app) parseMembers(list []client.Property, text string) (map[string]any, error) {
	out := map[string]any{}
	for _, pair := range strings.Split(text, ",") {
		name, v, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, fmt.Errorf("%q is not one of its fields with a value", pair)
		}
		if err := a.parseMember(list, out, strings.Split(name, "."), v); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return out, nil
}

func (a *app) parseMember(list []client.Property, into map[string]any, path []string, v string) error {
	prop, known := find(list, path[0])
	if !known || len(path) > 1 && len(prop.Properties) == 0 {
		return fmt.Errorf("%q is not one of its fields with a value", path[0])
	}
	if len(path) > 1 {
		within, _ := into[path[0]].(map[string]any)
		if within == nil {
			within = map[string]any{}
		}
		into[path[0]] = within
		return a.parseMember(prop.Properties, within, path[1:], v)
	}
	val, err := a.parse(prop, v)
	if err != nil {
		return err
	}
	if before, more := into[path[0]].([]any); more {
		if these, ok := val.([]any); ok {
			val = append(before, these...)
		}
	}
	into[path[0]] = val
	return nil
}

func (a *app) scalar(typ, text string) (any, error) {
	switch typ {
	case "integer":
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is not a whole number", text)
		}
		return n, nil
	case "number":
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is not a number", text)
		}
		return n, nil
	case "boolean":
		b, err := strconv.ParseBool(text)
		if err != nil {
			return nil, fmt.Errorf("%q is not true or false", text)
		}
		return b, nil
	}
	if path, ok := strings.CutPrefix(text, "@"); ok && path != "" && path[0] != '@' {
		content, err := a.readFile(path)
		return trimmed(content), err
	}
	return strings.TrimPrefix(text, "@"), nil
}

func fromJSON(text string) (any, error) {
	var v any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("is not JSON: %w", err)
	}
	return v, nil
}

// guess takes JSON for what it is, and anything else as text.
func guess(text string) any {
	if v, err := fromJSON(text); err == nil {
		return v
	}
	return text
}

// fill puts what was given into a spec; lists and maps given several times add up.
func (s *specFlags) fill(spec map[string]any) error {
	began := map[string]bool{}
	for _, g := range s.given {
		at := spec
		for _, name := range g.path[:len(g.path)-1] {
			next, ok := at[name].(map[string]any)
			if !ok {
				next = map[string]any{}
				at[name] = next
			}
			at = next
		}
		last, key := g.path[len(g.path)-1], strings.Join(g.path, ".")
		switch v := g.value.(type) {
		case []any:
			if have, ok := at[last].([]any); ok && began[key] {
				v = append(have, v...)
			}
			at[last] = v
		case map[string]any:
			have, ok := at[last].(map[string]any)
			if !ok || !began[key] {
				have = map[string]any{}
			}
			for name, val := range v {
				have[name] = val
			}
			at[last] = have
		default:
			at[last] = g.value
		}
		began[key] = true
	}
	return nil
}

var step = regexp.MustCompile(`^([^\[\]]+)((?:\[\d+\])*)$`)

// set puts a value at a path such as rules[0].cidr of a spec, read by the schema where it tells.
func (a *app) set(n *client.Noun, spec map[string]any, text string) error {
	path, v, ok := strings.Cut(text, "=")
	path = strings.TrimPrefix(path, "spec.")
	if !ok || path == "" {
		return usagef("--set %s: has the form path=value", text)
	}
	prop := client.Property{Type: "object", Properties: n.Spec}
	var steps []any
	for _, part := range strings.Split(path, ".") {
		m := step.FindStringSubmatch(part)
		if m == nil {
			return usagef("--set %s: %q is not a step of a path", text, part)
		}
		prop, _ = find(prop.Properties, m[1])
		steps = append(steps, m[1])
		for _, i := range strings.FieldsFunc(m[2], func(r rune) bool { return r == '[' || r == ']' }) {
			n, err := strconv.Atoi(i)
			if err != nil || n > 1000 {
				return usagef("--set %s: %s is too large", text, i)
			}
			steps = append(steps, n)
			prop.Type = prop.Items
		}
	}
	val, err := a.parse(prop, v)
	if err != nil {
		return usagef("--set %s: %w", text, err)
	}
	_, err = place(spec, steps, val)
	if err != nil {
		return usagef("--set %s: %w", text, err)
	}
	return nil
}

// place returns node with the value at the steps below it.
func place(node any, steps []any, v any) (any, error) {
	if len(steps) == 0 {
		return v, nil
	}
	var err error
	switch s := steps[0].(type) {
	case string:
		m, ok := node.(map[string]any)
		if !ok && node != nil {
			return nil, fmt.Errorf("%s is not within an object", s)
		}
		if m == nil {
			m = map[string]any{}
		}
		m[s], err = place(m[s], steps[1:], v)
		return m, err
	case int:
		list, ok := node.([]any)
		if !ok && node != nil {
			return nil, fmt.Errorf("[%d] is not within a list", s)
		}
		for len(list) <= s {
			list = append(list, nil)
		}
		list[s], err = place(list[s], steps[1:], v)
		return list, err
	}
	return nil, nil
}
