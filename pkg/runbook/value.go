package runbook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/plazacloud/plaza/pkg/resource"
)

const (
	typeString  = "string"
	typeInteger = "integer"
	typeBoolean = "boolean"
	typeHost    = "host"
)

var (
	placeholder = regexp.MustCompile(`\$\{([a-z][a-z0-9-]*)\}`)
	// tame is what a string is made of when its parameter says nothing about it: nothing that a shell reads more into.
	tame = regexp.MustCompile(`\A[A-Za-z0-9._:/@-]*\z`)
)

// takes refuses a value that is not of the parameter's type; hosts are looked up elsewhere.
func (p RunParameter) takes(value string) error {
	if len(p.Values) > 0 && !slices.Contains(p.Values, value) {
		return fmt.Errorf("is none of %s", strings.Join(p.Values, ", "))
	}
	switch p.Type {
	case typeInteger:
		if _, err := strconv.ParseInt(value, 10, 64); err != nil {
			return errors.New("is not a whole number")
		}
		return nil
	case typeBoolean:
		if value != "true" && value != "false" {
			return errors.New("is neither true nor false")
		}
		return nil
	}
	if len(value) > 256 || strings.ContainsRune(value, 0) {
		return errors.New("is longer than 256 bytes, or no text")
	}
	allowed := tame
	if p.Pattern != "" {
		var err error
		if allowed, err = regexp.Compile(`\A(?:` + p.Pattern + `)\z`); err != nil {
			return err
		}
	}
	if len(p.Values) == 0 && !allowed.MatchString(value) {
		return fmt.Errorf("does not match %s", allowed)
	}
	return nil
}

// values takes what a run is told, and tells the ids of the hosts among it.
func (k *Keeper) values(ctx context.Context, r resource.Reader, s Spec, given map[string]string) (values map[string]string, hosts []string, err error) {
	c := &checker{}
	values = map[string]string{}
	for _, p := range s.Parameters {
		at := "spec.parameters." + p.Name
		value, told := given[p.Name]
		switch {
		case !told && p.Default == nil:
			c.fault(at, "is missing%s", said(p.Doc))
			continue
		case !told:
			value = *p.Default
		}
		if p.Type == typeHost {
			h, err := r.Get(ctx, "host", "", value)
			switch resource.ReasonOf(err) {
			case "":
				value, hosts = h.Name, append(hosts, h.ID)
			case resource.ReasonNotFound:
				c.fault(at, "there is no host %q", value)
			default:
				return nil, nil, err
			}
		} else if err := p.takes(value); err != nil {
			c.fault(at, "%v", err)
		}
		values[p.Name] = value
	}
	for name := range given {
		if !slices.ContainsFunc(s.Parameters, func(p RunParameter) bool { return p.Name == name }) {
			c.fault("spec.parameters."+name, "the runbook does not ask for it")
		}
	}
	return values, hosts, c.problem("run")
}

func said(doc string) string {
	if doc == "" {
		return ""
	}
	return ": " + doc
}

// expand puts values in the places of parameters. It goes through every text of the steps but their names.
func expand(steps []Step, values map[string]string) ([]Step, error) {
	var out []Step
	blob, err := json.Marshal(steps)
	if err != nil {
		return nil, err
	}
	var tree any
	if err := json.Unmarshal(blob, &tree); err != nil {
		return nil, err
	}
	if blob, err = json.Marshal(replace(tree, values)); err != nil {
		return nil, err
	}
	return out, json.Unmarshal(blob, &out)
}

func replace(v any, values map[string]string) any {
	switch v := v.(type) {
	case string:
		return placeholder.ReplaceAllStringFunc(v, func(m string) string { return values[m[2:len(m)-1]] })
	case []any:
		for i := range v {
			v[i] = replace(v[i], values)
		}
	case map[string]any:
		for key := range v {
			v[key] = replace(v[key], values)
		}
	}
	return v
}

// placeholders are the parameters that an act takes.
func placeholders(a Act) []string {
	blob, err := json.Marshal(a)
	if err != nil {
		return nil
	}
	var out []string
	for _, m := range placeholder.FindAllSubmatch(blob, -1) {
		out = append(out, string(m[1]))
	}
	return out
}
